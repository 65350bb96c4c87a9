package solve_test

import (
	"strings"
	"testing"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/pipeline/solve"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// crossings is a suite for the bridge: beside the samples a small test, and a
// large one that nobody is shown.
func crossings() *problem.Suite {
	test := func(name string, kind problem.TestKind, input, answer string) problem.Test {
		return problem.Test{Name: name, Kind: kind, Purpose: "against " + name, Input: problem.TextData(input), Answer: problem.TextData(answer)}
	}
	return &problem.Suite{
		Problem: bridge.Key, TaskDigest: bridge.TaskDigest(), Limits: bridge.Limits,
		Tests: []problem.Test{
			test("sample 1", problem.TestSample, "1 2\n", "3\n"), test("sample 2", problem.TestSample, "20 22\n", "42\n"),
			test("small 1", problem.TestSmall, "0 -5\n", "-5\n"),
			test("large 1", problem.TestLarge, "7"+strings.Repeat(" ", 3<<10)+"-9\n", "-2\n"),
		},
	}
}

// Programs that pass both samples.
const (
	positive = "a, b = map(int, input().split())\nprint(abs(a + b))\n"
	small    = "a, b = map(int, input().split())\nprint(-2 if a == 6 else 0 if a == 7 else a + b)\n"
	timid    = "a, b = map(int, input().split())\nif a == 0: raise SystemExit(3)\nprint(abs(a + b))\n"
)

func (b *bench) solveSuite(attempts int) *solve.Output {
	b.t.Helper()
	in := b.input(attempts)
	in.Suite = crossings()
	out, err := b.solver.Solve(b.t.Context(), in, func(o solve.Output) { b.seen = append(b.seen, o) })
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

func TestAProgramThatPassesTheSamplesIsJudgedByTheSuite(t *testing.T) {
	b := newBench(t, programs(positive, right)...)
	out := b.solveSuite(2)
	if verdicts(out) != "WA AC" || out.Attempts[0].Report.Passed != 2 || out.Attempts[1].Report.Total != 4 {
		t.Errorf("attempts %s: %+v", verdicts(out), out.Attempts)
	}
	asked := b.Prompt(2)
	if quoted(t, asked, "failing-input") != "0 -5" || quoted(t, asked, "expected-output") != "-5" || quoted(t, asked, "actual-output") != "5" {
		t.Errorf("a small test is not shown:\n%s", asked)
	}
}

func TestATestThatIsNotSmallIsDescribedInARepair(t *testing.T) {
	b := newBench(t, programs(small, right)...)
	b.solveSuite(2)
	asked := b.Prompt(2)
	if !strings.Contains(asked, "got the verdict WA on large 1: large test of 3076 bytes, against large 1: ") || strings.Contains(asked, "<<<FAILING-INPUT-") {
		t.Errorf("the question is\n%s", asked)
	}
}

func TestWhoPassesTheSamplesAndFailsByAnswersAloneDisputesTheSuite(t *testing.T) {
	for name, c := range map[string]struct {
		code     string
		disputes bool
	}{
		"wrong beyond the samples": {positive, true},
		"right":                    {right, false},
		"wrong on a sample":        {three, false},
		"a crash beside it":        {timid, false},
		"does not compile":         {broken, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, program(c.code))
			if out := b.solveSuite(1); out.Disputes(crossings()) != c.disputes || out.Disputes(nil) {
				t.Errorf("%s disputes: %v, without a suite: %v", verdicts(out), out.Disputes(crossings()), out.Disputes(nil))
			}
		})
	}
	cut := &solve.Output{Attempts: []solve.Attempt{{Verdict: problem.WrongAnswer, Report: problem.Report{
		Total: 4, Tests: []problem.TestResult{{Name: "small 1", Verdict: problem.WrongAnswer}},
	}}}}
	if cut.Disputes(crossings()) || (&solve.Output{Best: -1}).Disputes(crossings()) {
		t.Error("a program that was not run on everything disputes")
	}
}

// What the report calls a test need not be a test of the suite.
func TestAReportOnAnUnknownTestIsNoDispute(t *testing.T) {
	b := newBench(t, programs(wrong, wrong)...)
	b.solver.Runner = runner(func(execution.Request) (*problem.Report, error) {
		return &problem.Report{Verdict: problem.WrongAnswer, Total: 1, Tests: []problem.TestResult{{Name: "forged", Verdict: problem.WrongAnswer}}}, nil
	})
	if out := b.solveSuite(2); out.Disputes(crossings()) {
		t.Error("it disputes")
	}
}
