package solve_test

import (
	"strings"
	"testing"

	"github.com/algoitny/algoitny-operator/internal/ledger"
	"github.com/algoitny/algoitny-operator/internal/pipeline/pipelinetest"
	"github.com/algoitny/algoitny-operator/internal/pipeline/solve"
)

// A model that answered was paid, whatever the answer is good for: it is one
// attempt, the next one is asked to do better, and nothing of it is lost.
func TestAnAnswerThatIsNoUseIsAnAttempt(t *testing.T) {
	const inCPP = "#include <iostream>\nint main() { int a, b; std::cin >> a >> b; std::cout << a + b; }\n"
	vendors := map[string]func(*bench) ledger.Provider{
		"OpenAI": func(b *bench) ledger.Provider { return b.Provider() },
		"Gemini": func(b *bench) ledger.Provider { return b.Gemini() },
	}
	for name, c := range map[string]struct {
		answer  pipelinetest.Answer
		verdict string
		detail  string
	}{
		"the model refuses":              {pipelinetest.Answer{"text": "I can't.", "finish": "refusal"}, "-", "the model refused to answer"},
		"the answer is cut off":          {pipelinetest.Answer{"text": `{"plan": "Ad`, "finish": "length"}, "-", "cut off at the model's output limit"},
		"the answer is empty":            {pipelinetest.Text(""), "-", "the answer is empty"},
		"the answer is no JSON":          {pipelinetest.Text("Sure! Here it is."), "-", "the answer is not the JSON object"},
		"the answer is another JSON":     {pipelinetest.JSON(map[string]any{"program": right}), "-", "the answer is not the JSON object"},
		"the code is no text":            {pipelinetest.JSON(map[string]any{"plan": "Add.", "code": 5}), "-", "the answer is not the JSON object"},
		"the code is missing":            {pipelinetest.JSON(map[string]any{"plan": "Add."}), "-", "the code is empty"},
		"the code is in another tongue":  {program(inCPP), "CE", "SyntaxError"},
		"the program reads another task": {program(wrong), "WA", ""},
	} {
		for vendor, provider := range vendors {
			t.Run(vendor+", "+name, func(t *testing.T) {
				b := newBench(t, c.answer, program(right))
				in := b.input(2)
				in.Provider = provider(b)
				out, err := b.solver.Solve(t.Context(), in, func(solve.Output) {})
				if err != nil {
					t.Fatal(err)
				}
				if got := verdicts(out); got != c.verdict+" AC" || b.Calls() != 2 || out.Spent.Calls != 2 {
					t.Errorf("attempts %s after %d calls, counted as %+v", got, b.Calls(), out.Spent)
				}
				first := out.Attempts[0]
				if said := first.Detail + first.Report.CompileLog; !strings.Contains(said, c.detail) {
					t.Errorf("it says %q, not %q", said, c.detail)
				}
			})
		}
	}
}
