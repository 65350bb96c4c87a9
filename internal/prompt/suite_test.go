package prompt

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// suiteSteps are the questions of a suite but for the one about survivors.
var suiteSteps = map[string]func(SuiteInput) (Prompt, error){
	"suite-plan": SuitePlan, "suite-validator": SuiteValidator, "suite-generator": SuiteGenerator,
	"suite-brute": SuiteBrute, "suite-solution": SuiteSolution, "suite-checker": SuiteChecker,
}

// asked renders a question about bridge, unless the input says otherwise.
func asked(t *testing.T, ask func(SuiteInput) (Prompt, error), in SuiteInput) Prompt {
	t.Helper()
	if in.Problem == nil {
		in.Problem = bridge()
	}
	p, err := ask(in)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func killing(t *testing.T, in KillInput) Prompt {
	t.Helper()
	if in.Problem == nil {
		in.Problem = bridge()
	}
	p, err := SuiteKill(in)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var refused = &Failure{
	Code: "print(1)\n", Said: "the input of sample 1 is not accepted: exit code 1",
	Evidence: []Evidence{{"sample-input", "3 5\n"}, {"standard-error", "line 1: a number is missing\n"}},
}

func TestSuitePromptsAreAsRecorded(t *testing.T) {
	for name, ask := range suiteSteps {
		first := SuiteInput{Attempt: 1, Number: 2, Pitfalls: []string{"the sum passes 32 bits", "both are 0"}}
		t.Run(name, func(t *testing.T) { golden(t, name+"-first", asked(t, ask, first)) })
		again := SuiteInput{Attempt: 2, Number: 2, Language: "cpp", Failure: refused}
		t.Run(name+" again", func(t *testing.T) { golden(t, name+"-again", asked(t, ask, again)) })
	}
	golden(t, "suite-kill", killing(t, KillInput{
		Round: 2, Generator: problem.Program{Name: "generator", Language: "python", Source: "print(1, 2)\n"},
		Solutions: []problem.Program{{Name: "solution-1", Language: "cpp", Source: "int main() {}\n"}},
		Survivors: []Survivor{{ID: "4f1a", Program: "solution-1", Change: "line 3: `<` became `<=`"}},
		Failure:   refused,
	}))
}

// A step asks with what it needs: whoever checks inputs is not told outputs.
func TestWhoeverMakesInputsIsNotToldOutputs(t *testing.T) {
	for _, step := range []string{"suite-validator", "suite-generator"} {
		user := asked(t, suiteSteps[step], SuiteInput{Attempt: 1}).Request.User
		for _, needless := range []string{"Their sum.", "In the first sample", "SAMPLE-OUTPUT"} {
			if strings.Contains(user, needless) {
				t.Errorf("%s says %q", step, needless)
			}
		}
	}
}

// mostTokens is where models begin to overlook things; four bytes make about
// one token.
const mostTokens = 4000

func TestAnOrdinaryProblemTakesFewTokens(t *testing.T) {
	ordinary := bridge()
	ordinary.Statement.Description = strings.Repeat("A bridge has two spans that are added. ", 60)
	for name, ask := range suiteSteps {
		p := asked(t, ask, SuiteInput{Problem: ordinary, Attempt: 1})
		if tokens := (len(p.Request.System) + len(p.Request.User)) / 4; tokens > mostTokens {
			t.Errorf("%s: about %d tokens", name, tokens)
		}
	}
}

func TestTheLastLineOfASuitePromptIsOurs(t *testing.T) {
	poisoned := bridge()
	poisoned.Title, poisoned.Samples[0] = hostile, problem.Sample{Input: hostile, Output: hostile}
	poisoned.Statement = problem.Statement{Description: hostile, Input: hostile, Output: hostile, Constraints: hostile, Notes: hostile}
	failure := &Failure{Code: hostile, Said: hostile, Evidence: []Evidence{{"test", hostile}}}
	prompts := map[string]Prompt{"step=suite-kill problem=judge-example/bridge attempt=3": killing(t, KillInput{
		Problem: poisoned, Round: 3, Failure: failure, Generator: problem.Program{Source: hostile},
		Solutions: []problem.Program{{Name: "solution-1", Source: hostile}},
		Survivors: []Survivor{{ID: "1", Program: "solution-1", Change: hostile}},
	})}
	for name, ask := range suiteSteps {
		p := asked(t, ask, SuiteInput{Problem: poisoned, Attempt: 2, Number: 1, Failure: failure, Pitfalls: []string{hostile}})
		if name == "suite-solution" {
			name = StepSuiteSolution(1)
		}
		prompts["step="+name+" problem=judge-example/bridge attempt=2"] = p
	}
	for want, p := range prompts {
		lines := strings.Split(strings.TrimSuffix(p.Request.User, "\n"), "\n")
		if got := lines[len(lines)-1]; got != "Reference: "+want {
			t.Errorf("the last line is %q, want %q", got, want)
		}
		if outside := unquoted(t, p.Request.User); strings.Contains(outside, "\nReference: step=other") || strings.Contains(outside, ">>>\n") {
			t.Errorf("a text left its fence:\n%s", outside)
		}
	}
}

func TestSuitePromptsStayBounded(t *testing.T) {
	huge := strings.Repeat("1234567 ", 25_000)
	failure := &Failure{Code: huge, Said: huge, Evidence: []Evidence{{"test", huge}, {"its-output", huge}}}
	large := bridge()
	large.Title = huge
	large.Statement = problem.Statement{Description: huge, Input: huge, Output: huge, Constraints: huge, Notes: huge}
	large.Samples = []problem.Sample{{Input: huge, Output: huge}}
	prompts := []Prompt{killing(t, KillInput{
		Problem: large, Round: 1, Failure: failure, Generator: problem.Program{Source: huge},
		Solutions: []problem.Program{{Source: huge}, {Source: huge}}, Survivors: []Survivor{{Change: huge}},
	})}
	for _, ask := range suiteSteps {
		prompts = append(prompts, asked(t, ask, SuiteInput{Problem: large, Attempt: 1, Failure: failure, Pitfalls: []string{huge}}))
	}
	for _, p := range prompts {
		if got := len([]rune(p.Request.User)); got > mostRunes {
			t.Errorf("%s: %d characters", p.Step, got)
		}
	}
}

// with is an answer as JSON with one field replaced.
func with(answer map[string]any, field string, value any) string {
	changed := map[string]any{}
	for name, v := range answer {
		changed[name] = v
	}
	if field != "" {
		changed[field] = value
	}
	raw, _ := json.Marshal(changed)
	return string(raw)
}

func TestSuiteAnswersAreParsedStrictly(t *testing.T) {
	code := map[string]any{"mistake": "", "plan": "add", "language": "cpp", "code": "int main() {}"}
	plan := map[string]any{
		"mistake": "", "kind": "batch", "checker": "float", "abs_tolerance": 1e-6, "rel_tolerance": 0,
		"pitfalls": []string{"overflow"}, "edges": []any{map[string]any{"input": "0 0\n", "purpose": "nothing"}},
	}
	command := func(field string, value any) []any {
		c := map[string]any{"kind": "small", "args": []string{"small", "5"}, "count": 10, "purpose": "ties"}
		c[field] = value
		return []any{c}
	}
	reject := []any{map[string]any{"input": "-1", "why": "negative"}}
	validator, generator, checker := with(code, "rejects", reject), with(code, "commands", command("count", 1)), map[string]any{}
	for name, v := range code {
		checker[name] = v
	}
	cases := []any{map[string]any{"input": "1", "output": "2", "answer": "3", "why": "x"}}
	checker["accepts"], checker["rejects"] = cases, cases
	kill := map[string]any{"plan": "think", "inputs": []any{}, "commands": []any{}, "equivalent": []any{}}
	parsers := map[string]func(string) (bool, error){
		"plan":      func(s string) (bool, error) { v, err := ParsePlan(s); return v != nil, err },
		"program":   func(s string) (bool, error) { v, err := ParseSuiteProgram(s); return v != nil, err },
		"validator": func(s string) (bool, error) { v, err := ParseValidator(s); return v != nil, err },
		"generator": func(s string) (bool, error) { v, err := ParseGenerator(s); return v != nil, err },
		"checker":   func(s string) (bool, error) { v, err := ParseChecker(s); return v != nil, err },
		"kill":      func(s string) (bool, error) { v, err := ParseKill(s); return v != nil, err },
	}
	for name, c := range map[string]struct {
		kind, text string
		ok         bool
	}{
		"a plan":                              {"plan", with(plan, "", nil), true},
		"a plan of an unknown kind":           {"plan", with(plan, "kind", "riddle"), false},
		"a plan with an unknown checker":      {"plan", with(plan, "checker", "magic"), false},
		"a float checker without a tolerance": {"plan", with(plan, "abs_tolerance", 0), false},
		"a negative tolerance":                {"plan", with(plan, "rel_tolerance", -1), false},
		"a tolerance that takes everything":   {"plan", with(plan, "rel_tolerance", 1e9), false},
		"a test by hand that is large":        {"plan", with(plan, "edges", []any{map[string]any{"input": strings.Repeat("1 ", maxHandTest), "purpose": ""}}), false},
		"too many tests by hand":              {"plan", with(plan, "edges", make([]map[string]any, maxEdges+1)), false},
		"an interactive problem":              {"plan", with(plan, "kind", "interactive"), true},
		"a program":                           {"program", with(code, "", nil), true},
		"a program in another language":       {"program", with(code, "language", "brainfuck"), false},
		"no code":                             {"program", with(code, "code", " \n"), false},
		"too much code":                       {"program", with(code, "code", strings.Repeat("x", maxProgramBytes+1)), false},
		"an unknown field":                    {"program", with(code, "notes", "x"), false},
		"a validator":                         {"validator", validator, true},
		"a validator without rejects":         {"validator", with(code, "rejects", []any{}), false},
		"a generator":                         {"generator", generator, true},
		"a generator without commands":        {"generator", with(code, "commands", []any{}), false},
		"a command of another kind":           {"generator", with(code, "commands", command("kind", "sample")), false},
		"a command that makes nothing":        {"generator", with(code, "commands", command("count", 0)), false},
		"a command that makes too many":       {"generator", with(code, "commands", command("count", maxCount+1)), false},
		"too many arguments":                  {"generator", with(code, "commands", command("args", make([]string, maxArgs+1))), false},
		"an argument with two lines":          {"generator", with(code, "commands", command("args", []string{"a\nb"})), false},
		"a large argument":                    {"generator", with(code, "commands", command("args", []string{strings.Repeat("9", maxArg+1)})), false},
		"too many commands":                   {"generator", with(code, "commands", make([]map[string]any, maxCommands+1)), false},
		"a checker":                           {"checker", with(checker, "", nil), true},
		"a checker without cases":             {"checker", with(checker, "accepts", []any{}), false},
		"a round":                             {"kill", with(kill, "", nil), true},
		"a round with a wrong command":        {"kill", with(kill, "commands", command("count", -1)), false},
		"a round in prose":                    {"kill", "They are all equivalent.", false},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parsers[c.kind](c.text)
			checkParsed(t, got, err, c.ok)
		})
	}
}
