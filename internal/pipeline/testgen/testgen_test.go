package testgen_test

import (
	"context"
	"errors"
	"maps"
	"reflect"
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
	"github.com/algoitny/algoitny-operator/internal/pipeline/testgen"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/prompt"
)

func TestMain(m *testing.M) { agenttest.Run(m) }

// larger asks for the larger of two numbers; its one sample tells little.
func larger() *problem.Problem {
	return &problem.Problem{
		Key: problem.Key{Platform: "judge-example", ID: "larger"}, Title: "Larger",
		Statement: problem.Statement{Description: "Print the larger of two numbers.", Constraints: "-50 <= a, b <= 50"},
		Limits:    problem.Limits{Time: time.Second, MemoryBytes: 256 << 20},
		Samples:   []problem.Sample{{Input: "1 2\n", Output: "2\n"}},
	}
}

// Programs for it.
const (
	validatorCode = `import re, sys
text = sys.stdin.read()
found = re.fullmatch(r'(-?[0-9]+) (-?[0-9]+)\n', text)
if not found or not all(-50 <= int(x) <= 50 for x in found.groups()):
    sys.exit('line 1: not two numbers from -50 to 50')
`
	laxValidator    = "import sys\nif not sys.stdin.read().strip(): sys.exit('empty')\n"
	strictValidator = "import sys\nsys.exit('nothing is good enough')\n"
	generatorCode   = `import random, sys
top, seed = int(sys.argv[1]), int(sys.argv[2])
r = random.Random(seed * 1000 + top)
print(r.randint(-top, top), r.randint(-top, top))
`
	wildGenerator    = "import os, sys\nprint(os.urandom(1)[0] % 40, os.urandom(1)[0] % 40)\n"
	invalidGenerator = "import sys\nprint(99, sys.argv[1])\n"
	maxCode          = "print(max(map(int, input().split())))\n"
	ifCode           = "a, b = map(int, input().split())\nif a > b:\n    print(a)\nelse:\n    print(b)\n"
	sortCode         = "values = sorted(map(int, input().split()))\nprint(values[1])\n"
	secondCode       = "a, b = map(int, input().split())\nprint(b)\n"
	absCode          = "a, b = map(int, input().split())\nprint(max(a, b) if a + b > -40 else min(a, b))\n"
	crashingCode     = "a, b = map(int, input().split())\nprint(max(a, b) // (a - b) * (a - b) + max(a, b) % (a - b))\n"
)

func written(code string) prompt.SuiteProgram {
	return prompt.SuiteProgram{Plan: "Think.", Language: "python", Code: code}
}

func programAnswer(code string) pipelinetest.Answer { return pipelinetest.JSON(written(code)) }

func validatorAnswer(code string) pipelinetest.Answer {
	return pipelinetest.JSON(prompt.Validator{SuiteProgram: written(code), Rejects: []prompt.Rejected{
		{Input: "51 0\n", Why: "too large"}, {Input: "1\n", Why: "one is missing"},
	}})
}

func generatorAnswer(code string) pipelinetest.Answer {
	return pipelinetest.JSON(prompt.Generator{SuiteProgram: written(code), Commands: []prompt.Command{
		{Kind: problem.TestSmall, Args: []string{"3"}, Count: 5, Purpose: "ties"},
		{Kind: problem.TestSmall, Args: []string{"50"}, Count: 5, Purpose: "any"},
		{Kind: problem.TestLarge, Args: []string{"49"}, Count: 1, Purpose: "large"},
		{Kind: problem.TestAdversarial, Args: []string{"48"}, Count: 1, Purpose: "signs"},
		{Kind: problem.TestWorstCase, Args: []string{"47"}, Count: 1, Purpose: "slow"},
	}})
}

func planAnswer(change func(*prompt.Plan)) pipelinetest.Answer {
	plan := prompt.Plan{Kind: prompt.KindBatch, Checker: prompt.CheckerTokens, Pitfalls: []string{"signs"}, Edges: []prompt.HandTest{
		{Input: "2 1", Purpose: "the first is larger"}, {Input: "-50 -50\n", Purpose: "the smallest"}, {Input: "60 1\n", Purpose: "too much"},
	}}
	if change != nil {
		change(&plan)
	}
	return pipelinetest.JSON(plan)
}

// answers is what the model says when nothing goes wrong.
func answers() map[string][]pipelinetest.Answer {
	kill := pipelinetest.JSON(prompt.Kill{Plan: "Both signs.", Inputs: []prompt.HandTest{{Input: "-1 1\n", Purpose: "signs"}},
		Commands: []prompt.Command{}, Equivalent: []prompt.Equivalent{}})
	return map[string][]pipelinetest.Answer{
		prompt.StepSuitePlan:        {planAnswer(nil)},
		prompt.StepSuiteValidator:   {validatorAnswer(validatorCode)},
		prompt.StepSuiteGenerator:   {generatorAnswer(generatorCode)},
		prompt.StepSuiteBrute:       {programAnswer(maxCode)},
		prompt.StepSuiteSolution(1): {programAnswer(ifCode)},
		prompt.StepSuiteSolution(2): {programAnswer(sortCode)},
		prompt.StepSuiteKill:        {kill, kill, kill},
	}
}

// bench is a model at the wire and a maker whose programs really run.
type bench struct {
	*pipelinetest.Wire
	t        *testing.T
	workshop execution.Workshop
	problem  *problem.Problem
	stages   []string
	change   func(*testgen.Input)
	// until ends the work when this stage begins, where the rest is not looked
	// at; empty means never.
	until string
}

// mutating has mutants made too, which most tests need not wait for.
func mutating(in *testgen.Input) { in.Mutants = 6 }

// newBench takes what the model says otherwise than when nothing goes wrong.
func newBench(t *testing.T, otherwise map[string][]pipelinetest.Answer) *bench {
	t.Helper()
	runner, err := local.New(local.Options{
		AgentCommand: agenttest.Command(t), Dir: t.TempDir(), Plain: true, Log: logr.Discard(),
	})
	if err != nil {
		t.Fatal(err)
	}
	said := answers()
	maps.Copy(said, otherwise)
	return &bench{Wire: pipelinetest.NewSteps(t, larger().Key, said), t: t, workshop: runner, problem: larger()}
}

func (b *bench) try(ctx context.Context) (*testgen.Output, error) {
	maker := testgen.Maker{Ledger: b.Ledger(), Workshop: b.workshop}
	in := testgen.Input{
		Key: "uid/1/suite", Provider: b.Provider(), Problem: b.problem, MaxAttempts: 2, Rounds: 2,
	}
	if b.change != nil {
		b.change(&in)
	}
	b.stages = nil
	ctx, end := context.WithCancel(ctx)
	defer end()
	return maker.Make(ctx, in, func(o testgen.Output) {
		if o.Report.Stage == b.until && b.until != "" {
			end()
		}
		if !slices.Contains(b.stages, o.Report.Stage) {
			b.stages = append(b.stages, o.Report.Stage)
		}
	})
}

func (b *bench) make() *testgen.Output {
	b.t.Helper()
	out, err := b.try(b.t.Context())
	if err != nil && (b.until == "" || !errors.Is(err, context.Canceled)) {
		b.t.Fatalf("%v\n%+v", err, out.Report)
	}
	return out
}

func TestASuiteIsMade(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.change = mutating
	out := b.make()
	suite, r := &out.Suite, &out.Report
	if suite.TaskDigest != larger().TaskDigest() || suite.Limits != larger().Limits || suite.Measured || suite.Validator == "" {
		t.Errorf("the suite is %+v", suite)
	}
	counts := suite.Counts()
	if counts[problem.TestSample] != 1 || len(suite.Tests) < 5 || len(suite.Tests) > 12 {
		t.Errorf("kept %v", counts)
	}
	// Of three edges one is not valid; equal tests are made once.
	if r.Made[problem.TestEdge] < 2 || r.Made[problem.TestSmall] < 6 || r.Made[problem.TestWorstCase] == 0 || len(r.LeftOut) != 1 {
		t.Errorf("made %v, left out %q", r.Made, r.LeftOut)
	}
	if r.Mutants.Killed < 6 || r.Mutants.Score() < 0.9 || len(r.Solutions) != 2 || r.BruteForced == 0 {
		t.Errorf("report %+v", r)
	}
	if r.Validator.Accepted != 1 || r.Validator.Rejected < 4 || r.Checker.Rejected == 0 {
		t.Errorf("proofs %+v and %+v", r.Validator, r.Checker)
	}
	if out.Spent.Calls != b.Calls() || out.Spent.Tokens == 0 {
		t.Errorf("spent %+v for %d calls", out.Spent, b.Calls())
	}
	for step := range answers() {
		if step != prompt.StepSuiteKill && (r.PromptVersions[step] == "" || r.Calls[step] == "") {
			t.Errorf("nobody knows where the answer to %s is from", step)
		}
	}
	if len(b.stages) != 11 || b.stages[0] != "planning" {
		t.Errorf("told of %q", b.stages)
	}
	b.rejectsWhatTheSampleLetsPass(suite)
}

// The suite is worth what it rejects.
func (b *bench) rejectsWhatTheSampleLetsPass(suite *problem.Suite) {
	b.t.Helper()
	for code, want := range map[string]problem.Verdict{
		maxCode: problem.Accepted, sortCode: problem.Accepted,
		secondCode: problem.WrongAnswer, absCode: problem.WrongAnswer, crashingCode: problem.RuntimeError,
	} {
		req := execution.Request{Key: "uid/1/judge/1", Language: "python", Source: code}
		req.Use(suite)
		report, err := b.workshop.(execution.Runner).Run(b.t.Context(), req)
		if err != nil || report.Verdict != want {
			b.t.Errorf("%q got %v, %v; want %s", code, report, err, want)
		}
	}
}

func TestTheSameAnswersGiveTheSameSuite(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	first := b.make()
	calls := b.Calls()
	second := b.make()
	if first.Suite.Digest() != second.Suite.Digest() || b.Calls() != calls {
		t.Errorf("%d calls more, other suite: %s", b.Calls()-calls, cmp.Diff(first.Suite, second.Suite))
	}
}

func TestWhatIsNotRightIsAskedForAgainWithWhatWentWrong(t *testing.T) {
	t.Parallel()
	early := map[string]bool{prompt.StepSuitePlan: true, prompt.StepSuiteValidator: true}
	for name, c := range map[string]struct {
		step    string
		answers []pipelinetest.Answer
		// again is in the second question.
		again string
	}{
		"a validator that refuses the sample":        {prompt.StepSuiteValidator, []pipelinetest.Answer{validatorAnswer(strictValidator), validatorAnswer(validatorCode)}, "the input of sample 1 is not accepted"},
		"a validator that lets everything pass":      {prompt.StepSuiteValidator, []pipelinetest.Answer{validatorAnswer(laxValidator), validatorAnswer(validatorCode)}, "an input is not refused"},
		"a validator that does not compile":          {prompt.StepSuiteValidator, []pipelinetest.Answer{validatorAnswer("def f(:\n"), validatorAnswer(validatorCode)}, "does not compile"},
		"an answer that is no JSON":                  {prompt.StepSuiteValidator, []pipelinetest.Answer{pipelinetest.Text("Sorry."), validatorAnswer(validatorCode)}, "not the JSON object"},
		"a generator that is not reproducible":       {prompt.StepSuiteGenerator, []pipelinetest.Answer{generatorAnswer(wildGenerator), generatorAnswer(generatorCode)}, "two different tests"},
		"a generator of invalid tests":               {prompt.StepSuiteGenerator, []pipelinetest.Answer{generatorAnswer(invalidGenerator), generatorAnswer(generatorCode)}, "refused by the validator"},
		"a generator that fails":                     {prompt.StepSuiteGenerator, []pipelinetest.Answer{generatorAnswer("import sys\nsys.exit(3)\n"), generatorAnswer(generatorCode)}, "the generator failed"},
		"a brute force that is wrong on the sample":  {prompt.StepSuiteBrute, []pipelinetest.Answer{programAnswer("print(7)\n"), programAnswer(maxCode)}, "verdict WA on sample 1"},
		"a brute force that is wrong elsewhere":      {prompt.StepSuiteBrute, []pipelinetest.Answer{programAnswer(secondCode), programAnswer(maxCode)}, "several solutions agree"},
		"a brute force that crashes on a small test": {prompt.StepSuiteBrute, []pipelinetest.Answer{programAnswer(crashingCode), programAnswer(maxCode)}, "fails on a small test"},
		"a solution that is wrong on a small test":   {prompt.StepSuiteSolution(2), []pipelinetest.Answer{programAnswer(secondCode), programAnswer(sortCode)}, "verdict WA on a test"},
		"a solution that crashes":                    {prompt.StepSuiteSolution(1), []pipelinetest.Answer{programAnswer(crashingCode), programAnswer(ifCode)}, "verdict RTE on a test"},
		"a plan by which nothing is compared":        {prompt.StepSuitePlan, []pipelinetest.Answer{planAnswer(func(p *prompt.Plan) { p.Checker = prompt.CheckerFloat }), planAnswer(nil)}, "both tolerances are 0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, map[string][]pipelinetest.Answer{c.step: c.answers})
			b.until = "measuring the time limit"
			if early[c.step] {
				b.until = "generating tests"
			}
			out := b.make()
			if out.Report.Attempts[c.step] != 2 {
				t.Errorf("attempts %v", out.Report.Attempts)
			}
			if asked := b.prompt(c.step, 2); !strings.Contains(asked, c.again) {
				t.Errorf("the second question does not say %q:\n%s", c.again, asked)
			}
		})
	}
}

// prompt is the question of a step and attempt.
func (b *bench) prompt(step string, attempt int) string {
	b.t.Helper()
	for n, call := range b.Model.Calls() {
		if call.Step == step && call.Attempt == attempt {
			return b.Prompt(n + 1)
		}
	}
	b.t.Fatalf("%s was not asked for the %d. time", step, attempt)
	return ""
}

func TestWhatCannotBeMadeToWorkEndsWithAReason(t *testing.T) {
	t.Parallel()
	twice := func(a pipelinetest.Answer) []pipelinetest.Answer { return []pipelinetest.Answer{a, a} }
	kind := func(k prompt.Kind) []pipelinetest.Answer {
		return []pipelinetest.Answer{planAnswer(func(p *prompt.Plan) { p.Kind = k })}
	}
	for name, c := range map[string]struct {
		step    string
		answers []pipelinetest.Answer
		reason  pipeline.Reason
	}{
		"no validator":           {prompt.StepSuiteValidator, twice(validatorAnswer(laxValidator)), pipeline.ReasonValidatorUnproved},
		"no generator":           {prompt.StepSuiteGenerator, twice(generatorAnswer(wildGenerator)), pipeline.ReasonGeneratorUnproved},
		"no brute force":         {prompt.StepSuiteBrute, twice(programAnswer(crashingCode)), pipeline.ReasonBruteUnproved},
		"no solution":            {prompt.StepSuiteSolution(1), twice(programAnswer("print(0)\n")), pipeline.ReasonUnverified},
		"no plan":                {prompt.StepSuitePlan, twice(pipelinetest.Text("Sorry.")), pipeline.ReasonAnswerInvalid},
		"a refusal":              {prompt.StepSuitePlan, twice(pipelinetest.Answer{"finish": "refusal"}), pipeline.ReasonAnswerInvalid},
		"an interactive problem": {prompt.StepSuitePlan, kind(prompt.KindInteractive), pipeline.ReasonInteractive},
		"a function to write":    {prompt.StepSuitePlan, kind(prompt.KindFunction), pipeline.ReasonFunction},
		"a picture":              {prompt.StepSuitePlan, kind(prompt.KindImageOnly), pipeline.ReasonImageOnly},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, map[string][]pipelinetest.Answer{c.step: c.answers})
			out, err := b.try(t.Context())
			ended, ok := errors.AsType[*pipeline.Error](err)
			if !ok || ended.Reason != c.reason || len(ended.Message) > 256 {
				t.Fatalf("got %v, want %s", err, c.reason)
			}
			if out.Spent.Calls != b.Calls() || ended.Spent.Calls != b.Calls() {
				t.Errorf("spent %+v for %d calls", out.Spent, b.Calls())
			}
		})
	}
}

// On tests that the brute force does not decide, here because it prints more
// than is kept, two have to agree.
func TestTheMinorityIsLeftOut(t *testing.T) {
	t.Parallel()
	wordy := programAnswer("a, b = map(int, input().split())\nprint(' ' * 10000 * (max(abs(a), abs(b)) > 3), max(a, b))\n")
	wrong := "a, b = map(int, input().split())\nprint(max(a, b) if a < 40 or b > 0 else b)\n"
	for name, otherwise := range map[string]map[string][]pipelinetest.Answer{
		"the second": {prompt.StepSuiteSolution(2): {programAnswer(wrong)}},
		"the first":  {prompt.StepSuiteSolution(1): {programAnswer(wrong)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			otherwise[prompt.StepSuiteBrute] = []pipelinetest.Answer{wordy}
			otherwise[prompt.StepSuiteSolution(3)] = []pipelinetest.Answer{programAnswer(maxCode)}
			b := newBench(t, otherwise)
			b.until = "measuring the time limit"
			out := b.make()
			if len(out.Solutions) != 2 || slices.ContainsFunc(out.Solutions, func(p problem.Program) bool { return p.Source == wrong }) {
				t.Errorf("agreed: %+v, left out %q", out.Solutions, out.Report.LeftOut)
			}
		})
	}
}

// Somebody's doubt brings a further solution in, and is outvoted or believed.
func TestAChallengerTakesPartInTheAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		code string
		stay bool
	}{"one that is right": {maxCode, true}, "one that is wrong": {absCode, false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, map[string][]pipelinetest.Answer{prompt.StepSuiteSolution(3): {programAnswer(maxCode)}})
			b.until = "measuring the time limit"
			b.change = func(in *testgen.Input) {
				in.Challengers = []problem.Program{{Language: "python", Source: c.code}}
			}
			out := b.make()
			if stays := slices.ContainsFunc(out.Solutions, func(p problem.Program) bool { return p.Name == "challenger-1" }); stays != c.stay {
				t.Errorf("agreed: %+v, left out %q", out.Solutions, out.Report.LeftOut)
			}
		})
	}
}

func TestALimitIsMeasuredWhereThePageStatesNone(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.problem.Limits = problem.Limits{}
	out := b.make()
	if !out.Suite.Measured || out.Suite.Limits.Time%(500*time.Millisecond) != 0 || out.Suite.Limits.Time <= 2*out.Report.Slowest ||
		out.Suite.Limits.Time > 2*out.Report.Slowest+500*time.Millisecond || out.Suite.Limits.MemoryBytes == 0 {
		t.Errorf("limits %+v, slowest %s", out.Suite.Limits, out.Report.Slowest)
	}
}

// dying ends the operator before its nth batch. As a cluster does, it has the
// batches of those who died: by their keys, so that a key must always stand for
// the same work.
type dying struct {
	execution.Workshop
	t    *testing.T
	left int
	die  func()
	done map[string]finished
}

type finished struct {
	batch  execution.Batch
	report *execution.BatchReport
}

func (d *dying) Work(ctx context.Context, b execution.Batch) (*execution.BatchReport, error) {
	if was, ok := d.done[b.Key]; ok {
		if !reflect.DeepEqual(was.batch, b) {
			d.t.Errorf("%s is other work now", b.Key)
		}
		return was.report, nil
	}
	if d.left--; d.left < 0 {
		d.die()
		return nil, ctx.Err()
	}
	report, err := d.Workshop.Work(ctx, b)
	if err == nil {
		d.done[b.Key] = finished{b, report}
	}
	return report, err
}

// The operator dies before each batch in turn; its successor asks for nothing
// that was answered and runs nothing that was run.
func TestACrashAnywhereCostsNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	d := &dying{Workshop: b.workshop, t: t, done: map[string]finished{}}
	b.workshop = d
	for deaths := 0; ; deaths++ {
		ctx, die := context.WithCancel(t.Context())
		d.left, d.die = 1, die
		out, err := b.try(ctx)
		die()
		if err == nil {
			if b.Calls() != out.Spent.Calls || deaths < 8 {
				t.Errorf("%d calls for %+v, after %d deaths", b.Calls(), out.Spent, deaths)
			}
			return
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
}

func TestAFailureOfTheWorkshopIsNobodysFault(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	gone := errors.New("the sandbox is gone")
	b.workshop = failing{gone}
	out, err := b.try(t.Context())
	if !errors.Is(err, gone) || len(out.Report.LeftOut) > 0 {
		t.Errorf("%v, left out %q", err, out.Report.LeftOut)
	}
}

type failing struct{ err error }

func (f failing) Work(context.Context, execution.Batch) (*execution.BatchReport, error) {
	return nil, f.err
}

func (failing) Forget(context.Context, execution.Owner) error { return nil }
