package operator_test

import (
	"strings"
	"testing"

	"k8s.io/utils/ptr"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	domain "github.com/algoitny/algoitny-operator/internal/problem"
)

// What a model writes for a suite of the sums.
const (
	sumsValidator = `import re, sys
text = sys.stdin.read()
match = re.fullmatch(r"(-?\d+) (-?\d+)\n", text)
sys.exit(0 if match and all(abs(int(n)) <= 10**6 for n in match.groups()) else 1)
`
	sumsGenerator = `import random, sys
bound, seed = int(sys.argv[1]), int(sys.argv[2])
r = random.Random(seed * 1000003 + bound)
print(r.randint(-bound, bound), r.randint(-bound, bound))
`
	sumsBrute = `a, b = map(int, input().split())
step = 1 if b > 0 else -1
for _ in range(abs(b)):
    a += step
print(a)
`
	sumsReads = "import sys\nprint(sum(map(int, sys.stdin.read().split())))\n"
)

// answersSuite records what a model answers when a suite of the sums is made.
func (w *world) answersSuite() {
	w.t.Helper()
	answer := func(fields map[string]any) map[string]any {
		fields["mistake"] = ""
		return fields
	}
	written := func(code string, more map[string]any) map[string]any {
		fields := map[string]any{"plan": "As the statement says.", "language": "python", "code": code}
		for name, value := range more {
			fields[name] = value
		}
		return answer(fields)
	}
	reject := func(input string) map[string]any {
		return map[string]any{"input": input, "why": "not two numbers in range"}
	}
	command := func(kind, bound string, count int) map[string]any {
		return map[string]any{"kind": kind, "args": []string{bound}, "count": count, "purpose": "sums up to " + bound}
	}
	for step, fields := range map[string]map[string]any{
		"suite-plan": answer(map[string]any{
			"kind": "batch", "checker": "tokens", "abs_tolerance": 0, "rel_tolerance": 0,
			"pitfalls": []string{"the sum may be negative"}, "edges": []any{map[string]any{"input": "0 0\n", "purpose": "nothing"}},
		}),
		"suite-validator":  written(sumsValidator, map[string]any{"rejects": []any{reject("1\n"), reject("1 2 3\n"), reject("a b\n"), reject("1000001 0\n")}}),
		"suite-generator":  written(sumsGenerator, map[string]any{"commands": []any{command("small", "50", 5), command("large", "1000000", 2), command("adversarial", "100000", 2), command("worst-case", "999999", 1)}}),
		"suite-brute":      written(sumsBrute, nil),
		"suite-solution-1": written(addition, nil),
		"suite-solution-2": written(sumsReads, nil),
	} {
		w.script("inline", "sums", step, []map[string]any{{"attempt": 1, "json": fields}})
	}
}

// The whole way with nothing scripted but the model's answers.
func TestASuiteIsMadeByAModelProvedInTheSandboxAndCatchesAWrongProgram(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.providers()
	w.answersSuite()
	w.solves(unsigned, addition)
	p := w.sumsWith(&v1alpha1.SuiteTemplate{Mutants: ptr.To[int32](3), Rounds: ptr.To[int32](0)}, "python")
	wrong := w.submission("wrong", "sums", unsigned)
	w.create(p, wrong)
	suite, job := w.testSuite("sums-suite"), w.job("sums-python", "sums")
	w.awaitThere(suite)
	w.awaitReady(suite)
	w.awaitReady(p, job, wrong)
	is := &suite.Status
	if *is.Tests < 3 || is.TPR != "2/2" || is.Checker != "tokens" || len(is.Solutions) != 2 || *is.BruteForced < 3 || *is.Mutants.Killed < 1 || *is.Spending.Calls != 6 {
		t.Errorf("status %+v", is)
	}
	if len(job.Status.Attempts) != 2 || job.Status.Attempts[0].Verdict != "WA" || strings.HasPrefix(job.Status.Attempts[0].FailedTest, "sample") {
		t.Errorf("attempts %+v", job.Status.Attempts)
	}
	if failed := wrong.Status.FirstFailure; wrong.Status.Verdict != "WA" || strings.HasPrefix(failed.Name, "sample") || failed.Input != "" {
		t.Errorf("the wrong program: %+v", wrong.Status)
	}
	stored, err := w.table.Suite(t.Context(), sumsKey, w.namespace+".sums-suite")
	if err != nil || stored.Suite.Validator == "" || len(stored.Solutions) != 2 || stored.Brute.Source != sumsBrute || stored.Suite.Counts()[domain.TestSample] != 2 {
		t.Errorf("stored %+v, %v", stored, err)
	}
}
