package offline

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/execution/agent/agenttest"
	"github.com/algoitny/algoitny-operator/internal/execution/local"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/problempackage"
	"github.com/algoitny/algoitny-operator/internal/problempackage/formats"
)

func TestMain(m *testing.M) { agenttest.Run(m) }

func engine(t testing.TB) Engine {
	t.Helper()
	runner, err := local.New(local.Options{AgentCommand: agenttest.Command(t), Dir: t.TempDir(), Speed: 1, Log: logr.Discard()})
	if err != nil {
		t.Fatal(err)
	}
	return runner
}

func open(t testing.TB, name string) *problempackage.Package {
	t.Helper()
	p, done, err := formats.Open("../../test/packages/" + name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = done() })
	return p
}

func TestEverySubmissionDoesWhatItsFolderDeclares(t *testing.T) {
	for _, name := range []string{"lanternwire", "twotides", "strangers"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := &Judge{Engine: engine(t), Package: open(t, name), Parallel: 2}
			if limits, err := j.Prepare(t.Context()); err != nil || limits.Measured {
				t.Fatal(limits, err)
			}
			if err := j.CheckInputs(t.Context()); err != nil {
				t.Fatal(err)
			}
			judged, err := j.All(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, one := range judged {
				if one.Skipped != "" || one.Differs != "" {
					t.Errorf("%s: skipped %q, differs %q, report %+v", one.Name, one.Skipped, one.Differs, one.Report)
				}
			}
		})
	}
}

func python(name, source string) problem.Program {
	return problem.Program{Name: name, Language: "python", Source: source}
}

func test(name, input, answer string) problempackage.Test {
	return problempackage.Test{Name: name, Input: execution.Text(input), Answer: execution.Text(answer)}
}

// doubling is a package that wants a number doubled.
func doubling() *problempackage.Package {
	return &problempackage.Package{
		Name: "double", Timing: problempackage.DefaultTiming, Limits: problem.Limits{Time: time.Second, MemoryBytes: 256 << 20},
		Tests:       []problempackage.Test{test("sample/1", "1\n", "2\n"), test("secret/1", "4\n", "8\n"), test("secret/2", "5\n", "10\n")},
		Validators:  []problempackage.Validator{{Program: python("v", "raise SystemExit(42 if int(input()) > 0 else 1)\n"), Accepts: []int{42}}},
		Submissions: []problempackage.Submission{{Folder: "accepted", Program: python("a", "print(2 * int(input()))\n")}},
	}
}

func judgeOf(t *testing.T, p *problempackage.Package) *Judge {
	t.Helper()
	j := &Judge{Engine: engine(t), Package: p}
	if _, err := j.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	return j
}

func TestPackagesThatAreWrong(t *testing.T) {
	tests := []struct {
		name   string
		change func(*problempackage.Package)
		want   string
	}{
		{"an input that the validator rejects", func(p *problempackage.Package) { p.Tests[1] = test("secret/1", "-1\n", "-2\n") }, "secret/1: the input validator v rejects it: it says nothing (exit code 1)"},
		{"an input that makes it crash", func(p *problempackage.Package) { p.Tests[1] = test("secret/1", "x\n", "x\n") }, "ValueError"},
		{"an invalid input that it accepts", func(p *problempackage.Package) {
			p.InvalidInputs = []problempackage.Test{test("invalid_input/1", "1\n", "")}
		}, "invalid_input/1: the package has it as an invalid input"},
		{"a validator with another exit code", func(p *problempackage.Package) { p.Validators[0].Program.Source = "raise SystemExit(0)\n" }, "rejects it"},
		{"a validator that does not compile", func(p *problempackage.Package) { p.Validators[0].Program.Source = "def\n" }, "does not compile"},
		{"no time limit and no accepted submission", func(p *problempackage.Package) { p.Limits.Time, p.Submissions = 0, nil }, "no accepted submission to measure"},
		{"no time limit and an accepted submission that is wrong", func(p *problempackage.Package) {
			p.Limits.Time = 0
			p.Submissions[0].Program.Source = "print(2)\n"
		}, "accepted/a: the package states no time limit, and its accepted submission is not accepted: WA on secret/1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := doubling()
			tt.change(p)
			j := &Judge{Engine: engine(t), Package: p}
			err := j.CheckInputs(t.Context())
			if err == nil {
				_, err = j.Prepare(t.Context())
			}
			var wrong *problempackage.Error
			if !errors.As(err, &wrong) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want it to say %q", err, tt.want)
			}
		})
	}
}

// An invalid input has to be rejected by one validator, not by all.
func TestOneValidatorIsEnoughToRejectAnInvalidInput(t *testing.T) {
	p := doubling()
	p.Validators = append(p.Validators, problempackage.Validator{Program: python("small", "raise SystemExit(42 if int(input()) < 100 else 1)\n"), Accepts: []int{42}})
	p.InvalidInputs = []problempackage.Test{test("invalid_input/1", "1000\n", ""), test("invalid_input/2", "-1\n", "")}
	if err := judgeOf(t, p).CheckInputs(t.Context()); err != nil {
		t.Error(err)
	}
}

// Tests with checkers of their own are judged apart and told in order.
func TestTestsWithCheckersOfTheirOwn(t *testing.T) {
	p := doubling()
	p.Tests[1].Checker = &problem.Checker{Rules: problem.CompareRules{AbsTolerance: 0.5}}
	report, err := judgeOf(t, p).Run(t.Context(), python("p", "print(2 * int(input()) + 0.25)\n"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, result := range report.Tests {
		got = append(got, result.Name+" "+string(result.Verdict))
	}
	if want := []string{"sample/1 WA", "secret/1 AC", "secret/2 WA"}; !slices.Equal(got, want) || report.Passed != 1 || report.Verdict != problem.WrongAnswer {
		t.Errorf("got %v, %+v", got, report)
	}
}

func TestProgramsOfSeveralFiles(t *testing.T) {
	tests := []struct {
		name, main, file string
		want             problem.Verdict
		passed           int
	}{
		{"accepted", "from lib import f\nprint(f(int(input())))\n", "f = lambda n: 2 * n\n", problem.Accepted, 3},
		{"wrong", "from lib import f\nprint(f(int(input())))\n", "f = lambda n: 2\n", problem.WrongAnswer, 1},
		{"crashing", "import lib\nprint(2)\n", "raise SystemExit(7)\n", problem.RuntimeError, 0},
		{"not compiling", "def\n", "", problem.CompileError, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := doubling()
			p.Includes = map[string]map[string]string{"python": {"lib.py": tt.file}}
			report, err := judgeOf(t, p).Run(t.Context(), python("p", tt.main))
			if err != nil {
				t.Fatal(err)
			}
			if report.Verdict != tt.want || report.Passed != tt.passed || report.Total != 3 || report.Limits.Time != 3*time.Second {
				t.Errorf("got %+v", report)
			}
		})
	}
}

// A checker that fails is nobody's wrong answer.
func TestACheckerThatFailsIsAnError(t *testing.T) {
	for name, program := range map[string]problem.Program{
		"one file":      python("p", "print(1)\n"),
		"several files": {Name: "p", Language: "python", Source: "print(1)\n", Files: map[string]string{"a.py": ""}},
	} {
		p := doubling()
		checker := python("c", "raise SystemExit(9)\n")
		p.CheckerProgram, p.Checker = &checker, problem.Checker{Program: "c", Protocol: problem.ProtocolTestlib}
		_, err := judgeOf(t, p).Run(t.Context(), program)
		var failed *execution.Error
		if !errors.As(err, &failed) || failed.Reason != execution.ReasonCheckerFailed {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestALanguagesFactorComesOnTopUnlessNotWanted(t *testing.T) {
	for sameTime, want := range map[bool]time.Duration{false: 3 * time.Second, true: time.Second} {
		j := judgeOf(t, doubling())
		j.SameTime = sameTime
		report, err := j.Run(t.Context(), python("p", "print(2 * int(input()))\n"))
		if err != nil || report.Limits.Time.Round(time.Millisecond) != want || report.Verdict != problem.Accepted {
			t.Errorf("got %+v, %v, want a limit of %v", report, err, want)
		}
	}
}

func TestSubmissionsThatCannotBeJudgedAreSkipped(t *testing.T) {
	p := doubling()
	p.Submissions = []problempackage.Submission{
		{Folder: "accepted", Program: problem.Program{Name: "x"}, Unsupported: "it is a poem"},
		{Folder: "accepted", Program: problem.Program{Name: "y", Language: "cobol", Source: "x"}},
	}
	judged, err := judgeOf(t, p).All(t.Context())
	if err != nil || judged[0].Skipped != "it is a poem" || !strings.Contains(judged[1].Skipped, "languages are") {
		t.Errorf("got %+v, %v", judged, err)
	}
}

func TestNearTheLimit(t *testing.T) {
	report := &problem.Report{Limits: problem.Limits{Time: 3 * time.Second}, Tests: []problem.TestResult{
		{Name: "far", Verdict: problem.Accepted, CPU: 1990 * time.Millisecond},
		{Name: "near", Verdict: problem.Accepted, CPU: 2 * time.Second},
		{Name: "beyond", Verdict: problem.TimeLimitExceeded, CPU: 3 * time.Second},
	}}
	if got := Near(report); !slices.Equal(got, []string{"near"}) {
		t.Errorf("got %v", got)
	}
}

func recipe(text, program string, readsInput bool, args ...string) problem.Data {
	data := problem.TextData(text)
	data.Text, data.Recipe = "", &problem.Recipe{Program: program, Args: args, ReadsInput: readsInput}
	return data
}

// makeable has tests that only exist as recipes.
func makeable() *problem.Suite {
	return &problem.Suite{
		Programs: []problem.Program{
			python("gen", "import sys\nprint('x' * int(sys.argv[1]))\n"), python("count", "print(len(input()))\n"),
		},
		Tests: []problem.Test{
			// More than the report of a pod has room for.
			{Name: "a", Input: recipe(strings.Repeat("x", 5<<20)+"\n", "gen", false, "5242880"), Answer: recipe("5242880\n", "count", true)},
			{Name: "b", Input: recipe(strings.Repeat("x", 1_000_000)+"\n", "gen", false, "1000000"), Answer: problem.TextData("1000000\n")},
			{Name: "c", Input: problem.TextData("xx\n"), Answer: recipe("2\n", "count", true)},
		},
	}
}

func starting(t *testing.T) func() (Engine, error) {
	return func() (Engine, error) { return engine(t), nil }
}

func TestMakingTheTextsOfASuite(t *testing.T) {
	suite := makeable()
	made, err := Make(t.Context(), starting(t), suite)
	if err != nil {
		t.Fatal(err)
	}
	for _, data := range []problem.Data{suite.Tests[0].Input, suite.Tests[0].Answer, suite.Tests[1].Input, suite.Tests[2].Answer} {
		text, err := problempackage.Text(made[data.Digest], data.Size)
		if err != nil || problem.TextData(text).Digest != data.Digest {
			t.Errorf("made %d bytes, %v, want those of %s", len(text), err, data.Recipe.Program)
		}
	}
}

func TestTextsThatCannotBeMadeAreSaid(t *testing.T) {
	suite := makeable()
	suite.Tests = suite.Tests[2:]
	suite.Tests[0].Answer.Digest = strings.Repeat("0", 64)
	if _, err := Make(t.Context(), starting(t), suite); err == nil || !strings.Contains(err.Error(), "answer 1 of the suite cannot be made again by count") {
		t.Errorf("got %v", err)
	}
	suite = makeable()
	suite.Tests[0].Input.Size = execution.MaxKeptHere + 1
	if _, err := Make(t.Context(), starting(t), suite); err == nil || !strings.Contains(err.Error(), "up to 64 MiB") {
		t.Errorf("got %v", err)
	}
}

// counted is an engine that counts the batches.
type counted struct {
	Engine
	batches int
}

func (c *counted) Work(ctx context.Context, batch execution.Batch) (*execution.BatchReport, error) {
	c.batches++
	return c.Engine.Work(ctx, batch)
}

// What does not fit into one batch comes in several, and an answer after the
// input that it is made from. The sizes are only claimed.
func TestTextsThatFillABatchComeInTheNext(t *testing.T) {
	suite := makeable()
	suite.Tests = suite.Tests[:2]
	for i, text := range []string{"x\n", "xx\n"} {
		n := strconv.Itoa(len(text) - 1)
		suite.Tests[i].Input, suite.Tests[i].Answer = recipe(text, "gen", false, n), recipe(n+"\n", "count", true)
		suite.Tests[i].Input.Size = execution.MaxKeptHere - 100
	}
	c := &counted{Engine: engine(t)}
	made, err := Make(t.Context(), func() (Engine, error) { return c, nil }, suite)
	if err != nil || c.batches != 3 {
		t.Fatalf("%d batches, %v", c.batches, err)
	}
	if got, err := problempackage.Text(made[suite.Tests[1].Answer.Digest], 100); err != nil || got != "2\n" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestASuiteOfTextsNeedsNoEngine(t *testing.T) {
	suite := makeable()
	suite.Tests = []problem.Test{{Name: "a", Input: problem.TextData("1\n"), Answer: problem.TextData("1\n")}}
	made, err := Make(t.Context(), func() (Engine, error) { return nil, errors.New("nobody needs it") }, suite)
	if err != nil || len(made) != 0 {
		t.Errorf("got %v, %v", made, err)
	}
	if _, err := Make(t.Context(), func() (Engine, error) { return nil, errors.New("no sandbox") }, makeable()); err == nil || err.Error() != "no sandbox" {
		t.Errorf("got %v", err)
	}
}
