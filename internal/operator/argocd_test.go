package operator_test

import (
	"testing"

	lua "github.com/yuin/gopher-lua"

	"github.com/algoitny/algoitny-operator/config/argocd"
)

// argoHealth runs the health check as Argo CD does: obj in, a table out.
func argoHealth(t testing.TB, object map[string]any) string {
	state := lua.NewState()
	defer state.Close()
	state.SetGlobal("obj", toLua(state, object))
	if err := state.DoString(argocd.HealthLua); err != nil {
		t.Errorf("health.lua: %v", err)
		return ""
	}
	health, ok := state.Get(-1).(*lua.LTable)
	if !ok {
		t.Errorf("health.lua returned %s", state.Get(-1).Type())
		return ""
	}
	return health.RawGetString("status").String()
}

func toLua(state *lua.LState, value any) lua.LValue {
	switch v := value.(type) {
	case map[string]any:
		table := state.NewTable()
		for name, field := range v {
			table.RawSetString(name, toLua(state, field))
		}
		return table
	case []any:
		table := state.NewTable()
		for _, element := range v {
			table.Append(toLua(state, element))
		}
		return table
	case string:
		return lua.LString(v)
	case bool:
		return lua.LBool(v)
	case int64:
		return lua.LNumber(v)
	case float64:
		return lua.LNumber(v)
	}
	return lua.LNil
}
