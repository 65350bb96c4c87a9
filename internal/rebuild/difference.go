package rebuild

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// maxShownText bounds what is shown of a value that differs.
const maxShownText = 60

// firstDifference says where two values differ first as JSON, and how; empty
// when they do not.
func firstDifference(stored, made any) (string, error) {
	a, rawA, err := asJSON(stored)
	if err != nil {
		return "", err
	}
	b, rawB, err := asJSON(made)
	if err != nil || bytes.Equal(rawA, rawB) {
		return "", err
	}
	if where := differs("", a, b); where != "" {
		return where, nil
	}
	return "the bytes", nil
}

func asJSON(value any) (any, []byte, error) {
	raw, err := json.Marshal(value)
	if err != nil {
		return nil, nil, fmt.Errorf("write a replayed value down: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var plain any
	err = decoder.Decode(&plain)
	return plain, raw, err
}

func differs(path string, stored, made any) string {
	switch a := stored.(type) {
	case map[string]any:
		if b, ok := made.(map[string]any); ok {
			return fieldsDiffer(path, a, b)
		}
	case []any:
		if b, ok := made.([]any); ok {
			return listsDiffer(path, a, b)
		}
	case string:
		if b, ok := made.(string); ok {
			return textsDiffer(path, a, b)
		}
	}
	if shown(stored) == shown(made) {
		return ""
	}
	return fmt.Sprintf("%s: stored is %s, made %s", strings.TrimPrefix(path, "."), shown(stored), shown(made))
}

func fieldsDiffer(path string, stored, made map[string]any) string {
	names := slices.AppendSeq(slices.Collect(maps.Keys(stored)), maps.Keys(made))
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if where := differs(path+"."+name, stored[name], made[name]); where != "" {
			return where
		}
	}
	return ""
}

func listsDiffer(path string, stored, made []any) string {
	for i := range min(len(stored), len(made)) {
		if where := differs(fmt.Sprintf("%s[%d]", path, i), stored[i], made[i]); where != "" {
			return where
		}
	}
	if len(stored) == len(made) {
		return ""
	}
	return fmt.Sprintf("%s: stored are %d, made %d", strings.TrimPrefix(path, "."), len(stored), len(made))
}

// textsDiffer names the line, where there are several.
func textsDiffer(path, stored, made string) string {
	if stored == made {
		return ""
	}
	path = strings.TrimPrefix(path, ".")
	a, b := strings.SplitAfter(stored, "\n"), strings.SplitAfter(made, "\n")
	line := 0
	for line < min(len(a), len(b))-1 && a[line] == b[line] {
		line++
	}
	if len(a) > 1 || len(b) > 1 {
		path += fmt.Sprintf(", line %d", line+1)
	}
	return fmt.Sprintf("%s: stored is %s, made %s", path, shown(a[line]), shown(b[line]))
}

func shown(value any) string {
	if value == nil {
		return "nothing"
	}
	// What was decoded from JSON can be written as JSON.
	raw, _ := json.Marshal(value)
	if runes := []rune(string(raw)); len(runes) > maxShownText {
		return string(runes[:maxShownText]) + "…"
	}
	return string(raw)
}
