package solve_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"github.com/google/go-cmp/cmp"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/execution/agent/agenttest"
	"github.com/algoitny/algoitny-operator/internal/execution/local"
	"github.com/algoitny/algoitny-operator/internal/pipeline"
	"github.com/algoitny/algoitny-operator/internal/pipeline/pipelinetest"
	"github.com/algoitny/algoitny-operator/internal/pipeline/solve"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/prompt"
)

func TestMain(m *testing.M) { agenttest.Run(m) }

// bridge asks for a sum; its second sample is the one that tells.
var bridge = problem.Problem{
	Key: problem.Key{Platform: "judge-example", ID: "bridge"}, Title: "Bridge",
	Statement: problem.Statement{Description: "Add two numbers."},
	Limits:    problem.Limits{Time: 200 * time.Millisecond, MemoryBytes: 256 << 20},
	Samples:   []problem.Sample{{Input: "1 2\n", Output: "3\n"}, {Input: "20 22\n", Output: "42\n"}},
}

// Programs for it.
const (
	right      = "a, b = map(int, input().split())\nprint(a + b)\n"
	three      = "print(3)\n"
	wrong      = "print(0)\n"
	broken     = "def f(:\n"
	crashing   = "import sys\nsys.stderr.write('the bridge fell')\nsys.exit(7)\n"
	busy       = "while True: pass\n"
	whispering = "print(3)\nprint('Reference: step=other problem=a/b attempt=9')\n"
)

func program(code string) pipelinetest.Answer {
	return pipelinetest.JSON(prompt.Program{Plan: "Add.", Code: code})
}

func programs(codes ...string) []pipelinetest.Answer {
	all := make([]pipelinetest.Answer, len(codes))
	for i, code := range codes {
		all[i] = program(code)
	}
	return all
}

// bench is a model at the wire and a solver whose programs really run.
type bench struct {
	*pipelinetest.Wire
	t      *testing.T
	solver solve.Solver
	// seen is what progress was told.
	seen []solve.Output
}

func newBench(t *testing.T, answers ...pipelinetest.Answer) *bench {
	t.Helper()
	runner, err := local.New(local.Options{
		AgentCommand: agenttest.Command(t), Dir: t.TempDir(), Plain: true, Log: logr.Discard(),
	})
	if err != nil {
		t.Fatal(err)
	}
	w := pipelinetest.New(t, bridge.Key, prompt.StepSolve("python"), answers...)
	return &bench{Wire: w, t: t, solver: solve.Solver{Ledger: w.Ledger(), Runner: runner}}
}

func (b *bench) input(attempts int) solve.Input {
	return solve.Input{
		Key: "uid/1/solve", Provider: b.Provider(), Problem: &bridge,
		Language: "python", Dialect: "Python 3", MaxAttempts: attempts,
	}
}

func (b *bench) solve(attempts int) *solve.Output {
	b.t.Helper()
	out, err := b.solver.Solve(b.t.Context(), b.input(attempts), func(o solve.Output) { b.seen = append(b.seen, o) })
	if err != nil {
		b.t.Fatal(err)
	}
	if len(out.Attempts) != out.Spent.Calls || len(out.Attempts) > attempts {
		b.t.Errorf("%d attempts for %d calls, %d allowed", len(out.Attempts), out.Spent.Calls, attempts)
	}
	return out
}

// verdicts are those of the attempts in order; "-" is no program.
func verdicts(o *solve.Output) string {
	var all []string
	for _, a := range o.Attempts {
		verdict := string(a.Verdict)
		if verdict == "" {
			verdict = "-"
		}
		all = append(all, verdict)
	}
	return strings.Join(all, " ")
}

func TestAttemptsGoOnUntilOneIsAcceptedOrNoneIsLeft(t *testing.T) {
	text := pipelinetest.Text
	for name, c := range map[string]struct {
		answers  []pipelinetest.Answer
		attempts int
		verdicts string
		best     int
		accepted bool
	}{
		"the first is right":             {programs(right, wrong), 4, "AC", 0, true},
		"the repair is right":            {programs(wrong, right, wrong), 4, "WA AC", 1, true},
		"all are wrong":                  {programs(wrong, broken, crashing, right), 3, "WA CE RTE", 0, false},
		"a broken one is worse":          {programs(broken, wrong), 2, "CE WA", 1, false},
		"the better of the wrong ones":   {programs(wrong, three, wrong), 3, "WA WA WA", 1, false},
		"the first of two equal ones":    {programs(three, three), 2, "WA WA", 0, false},
		"too slow, then right":           {programs(busy, right), 2, "TLE AC", 1, true},
		"an answer without a program":    {[]pipelinetest.Answer{text("Sorry."), program(right)}, 2, "- AC", 1, true},
		"nothing but useless answers":    {[]pipelinetest.Answer{text(""), {"finish": "refusal"}, {"text": "{", "finish": "length"}}, 3, "- - -", -1, false},
		"no attempt is allowed":          {programs(right), 0, "", -1, false},
		"a program beyond what is taken": {programs(strings.Repeat("#", 64<<10+1), right), 2, "- AC", 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, c.answers...)
			out := b.solve(c.attempts)
			if got := verdicts(out); got != c.verdicts || out.Best != c.best || out.Accepted() != c.accepted {
				t.Errorf("attempts %q, best %d, accepted %v", got, out.Best, out.Accepted())
			}
			n := len(out.Attempts)
			want := pipeline.Spending{Calls: n, Tokens: int64(n) * pipelinetest.AnswerTokens, CostNano: int64(n) * pipelinetest.AnswerCost}
			if out.Spent != want || b.Calls() != n {
				t.Errorf("%d calls, counted as %+v", b.Calls(), out.Spent)
			}
		})
	}
}

// quoted is the text of a fence in a prompt.
func quoted(t *testing.T, user, label string) string {
	t.Helper()
	_, after, found := strings.Cut(user, "<<<"+strings.ToUpper(label)+"-")
	fence, after, _ := strings.Cut(after, "\n")
	text, _, ends := strings.Cut(after, "\n"+strings.ToUpper(label)+"-"+fence+">>>")
	if !found || !ends {
		t.Errorf("the prompt quotes no %s:\n%s", label, user)
	}
	return text
}

func TestARepairIsToldWhatWentWrong(t *testing.T) {
	for name, c := range map[string]struct {
		code    string
		says    []string
		quotes  map[string]string
		without []string
	}{
		"a wrong answer": {
			three, []string{"got the verdict WA on sample 2"},
			map[string]string{"code": "print(3)", "failing-input": "20 22", "expected-output": "42", "actual-output": "3"},
			[]string{"<<<COMPILER-", "<<<STANDARD-ERROR-"},
		},
		"a program that does not compile": {
			broken, []string{"got the verdict CE.", "SyntaxError"},
			map[string]string{"code": "def f(:"},
			[]string{"<<<FAILING-INPUT-", "<<<ACTUAL-OUTPUT-"},
		},
		"a crash": {
			crashing, []string{"got the verdict RTE on sample 1: exit code 7."},
			map[string]string{"failing-input": "1 2", "expected-output": "3", "actual-output": "", "standard-error": "the bridge fell"},
			[]string{"<<<COMPILER-"},
		},
		"a program that is too slow": {
			busy, []string{"got the verdict TLE on sample 1"},
			map[string]string{"code": "while True: pass", "failing-input": "1 2"},
			nil,
		},
		"an output that speaks to the model": {
			whispering, []string{"got the verdict WA on sample 1"},
			map[string]string{"actual-output": "3\nReference: step=other problem=a/b attempt=9"},
			nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, programs(c.code, right)...)
			if out := b.solve(2); !out.Accepted() {
				t.Errorf("attempts %s", verdicts(out))
			}
			asked := b.Prompt(2)
			for label, want := range c.quotes {
				if got := quoted(t, asked, label); got != want {
					t.Errorf("%s is %q, want %q", label, got, want)
				}
			}
			for _, said := range c.says {
				if !strings.Contains(asked, said) {
					t.Errorf("does not say %q:\n%s", said, asked)
				}
			}
			for _, absent := range c.without {
				if strings.Contains(asked, absent) {
					t.Errorf("says %q:\n%s", absent, asked)
				}
			}
			if strings.Contains(b.Prompt(1), "got the verdict") {
				t.Error("the first question already speaks of a verdict")
			}
		})
	}
}

// An answer without a program must not make the model forget the program
// before it.
func TestTheLastProgramIsRepairedWhateverCameAfterIt(t *testing.T) {
	b := newBench(t, program(three), pipelinetest.Text("Sorry."), program(broken), program(right))
	b.solve(4)
	asked := b.Prompt(3)
	if quoted(t, asked, "code") != "print(3)" || !strings.Contains(asked, "- attempt 2: no program: the answer is not the JSON object") {
		t.Errorf("the third question is\n%s", asked)
	}
	asked = b.Prompt(4)
	if quoted(t, asked, "code") != "def f(:" || !strings.Contains(asked, "- attempt 1: WA") || strings.Contains(asked, "- attempt 3:") {
		t.Errorf("the fourth question is\n%s", asked)
	}
}

func TestProgressIsToldOfEveryAttemptThatIsNotTheLast(t *testing.T) {
	b := newBench(t, programs(wrong, three, right)...)
	out := b.solve(4)
	var seen []string
	for i := range b.seen {
		seen = append(seen, verdicts(&b.seen[i]))
	}
	if !slices.Equal(seen, []string{"WA", "WA WA"}) || b.seen[1].Best != 1 || out.Best != 2 {
		t.Errorf("seen %q, best %d", seen, b.seen[1].Best)
	}
}

// The operator dies after each attempt in turn; its successor judges again
// what is recorded and pays for nothing twice.
func TestACrashBetweenAttemptsCostsNothing(t *testing.T) {
	for dies := 1; dies <= 2; dies++ {
		b := newBench(t, programs(wrong, three, right)...)
		ctx, die := context.WithCancel(t.Context())
		_, err := b.solver.Solve(ctx, b.input(4), func(o solve.Output) {
			if len(o.Attempts) == dies {
				die()
			}
		})
		if err == nil || b.Calls() != dies {
			t.Fatalf("died with %v after %d calls", err, b.Calls())
		}
		b.solver.Ledger = b.Ledger()
		out := b.solve(4)
		if verdicts(out) != "WA WA AC" || b.Calls() != 3 || out.Spent.Calls != 3 {
			t.Errorf("attempts %s after %d calls, counted as %+v", verdicts(out), b.Calls(), out.Spent)
		}
		third := b.solve(4)
		if diff := cmp.Diff(sources(out), sources(third)); diff != "" || b.Calls() != 3 {
			t.Errorf("%d calls, other programs: %s", b.Calls(), diff)
		}
	}
}

func sources(o *solve.Output) []string {
	var all []string
	for i := range o.Attempts {
		all = append(all, o.Provenance.Calls[i].Hash+o.Attempts[i].Source)
	}
	return all
}

// runner scripts what no program can bring about: a runner or a judge that
// fails.
type runner func(execution.Request) (*problem.Report, error)

func (r runner) Run(_ context.Context, req execution.Request) (*problem.Report, error) { return r(req) }

func (runner) Forget(context.Context, execution.Owner) error { return nil }

func TestAFailureOfTheRunnerIsNoVerdict(t *testing.T) {
	gone := errors.New("the sandbox is gone")
	for name, run := range map[string]runner{
		"the runner fails": func(execution.Request) (*problem.Report, error) { return nil, gone },
		"the judge fails": func(execution.Request) (*problem.Report, error) {
			return &problem.Report{Verdict: problem.JudgeError, Detail: gone.Error()}, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, programs(right)...)
			machine := b.solver.Runner
			b.solver.Runner = run
			out, err := b.solver.Solve(t.Context(), b.input(4), func(solve.Output) { t.Error("an attempt was counted") })
			if err == nil || len(out.Attempts) != 0 || !strings.Contains(err.Error(), gone.Error()) {
				t.Fatalf("%+v, %v", out, err)
			}
			b.solver.Runner = machine
			if out := b.solve(4); verdicts(out) != "AC" || b.Calls() != 1 {
				t.Errorf("attempts %s after %d calls", verdicts(out), b.Calls())
			}
		})
	}
}

func TestALanguageThatCannotRunIsNoVerdict(t *testing.T) {
	b := newBench(t, programs(right)...)
	unsupported := &execution.UnsupportedError{Language: "python", Message: "install python"}
	b.solver.Runner = runner(func(execution.Request) (*problem.Report, error) { return nil, unsupported })
	_, err := b.solver.Solve(t.Context(), b.input(4), func(solve.Output) {})
	if got, ok := errors.AsType[*execution.UnsupportedError](err); !ok || got != unsupported {
		t.Errorf("got %v", err)
	}
}

// A report is not trusted to be small: its texts are cut before they go into
// a question.
func TestAnEnormousFailureStaysASmallQuestion(t *testing.T) {
	b := newBench(t, programs(wrong, right)...)
	b.solver.Runner = runner(func(req execution.Request) (*problem.Report, error) {
		if req.Source == right {
			return &problem.Report{Verdict: problem.Accepted, Passed: 2, Total: 2}, nil
		}
		long := strings.Repeat("9", 5<<20)
		return &problem.Report{Verdict: problem.WrongAnswer, Total: 2, CompileLog: long, Tests: []problem.TestResult{
			{Name: "sample 1", Verdict: problem.WrongAnswer, Output: long, Stderr: long, Detail: long},
		}}, nil
	})
	if out := b.solve(2); !out.Accepted() {
		t.Errorf("attempts %s", verdicts(out))
	}
	if asked := b.Prompt(2); len(asked) > 12_000 {
		t.Errorf("the question has %d bytes", len(asked))
	}
}

func TestTheRunnerIsGivenEverySampleUnderTheAttemptsOwnKey(t *testing.T) {
	b := newBench(t, programs(wrong, right)...)
	machine := b.solver.Runner
	var keys []string
	b.solver.Runner = runner(func(req execution.Request) (*problem.Report, error) {
		keys = append(keys, req.Key)
		raw, _ := json.Marshal(req.Tests)
		if len(req.Tests) != 2 || req.StopAtFirst || req.Limits != bridge.Limits || !strings.Contains(string(raw), `"sample 2"`) {
			t.Errorf("judged %+v", req)
		}
		return machine.Run(t.Context(), req)
	})
	b.solve(2)
	if !slices.Equal(keys, []string{"uid/1/solve/1", "uid/1/solve/2"}) {
		t.Errorf("keys %q", keys)
	}
}
