package operator_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/controller/testsuite"
	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/ledger"
	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/operator"
	"github.com/algoitny/algoitny-operator/internal/pipeline"
	"github.com/algoitny/algoitny-operator/internal/pipeline/testgen"
	domain "github.com/algoitny/algoitny-operator/internal/problem"
)

// workshopScript is a maker of suites that does what a test says. It pays for
// its answers through the ledger as the real one does.
type workshopScript struct {
	// steps are those that it pays an answer for.
	steps []string
	// make gives the tests beside the samples, or an error.
	make func(ctx context.Context, in testgen.Input, progress func(testgen.Report)) ([]domain.Test, error)

	mu    sync.Mutex
	asked []testgen.Input
}

func (s *workshopScript) inputs() []testgen.Input {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

// scripted is a configuration whose suites the script makes.
func (w *world) scripted(s *workshopScript) operator.Config {
	config := w.config()
	config.Maker = func(asker pipeline.Asker, _ execution.Workshop) testsuite.Maker { return &scriptedMaker{s, asker} }
	for _, step := range s.steps {
		w.script("inline", "sums", step, []map[string]any{{"attempt": 1, "json": "an answer"}})
	}
	return config
}

type scriptedMaker struct {
	*workshopScript
	asker pipeline.Asker
}

func (m *scriptedMaker) Make(ctx context.Context, in testgen.Input, progress func(testgen.Output)) (*testgen.Output, error) {
	m.mu.Lock()
	m.asked = append(m.asked, in)
	m.mu.Unlock()
	out := &testgen.Output{Solutions: []domain.Program{{Name: "solution-1", Language: "python", Source: addition}}}
	for _, step := range m.steps {
		out.Report.Stage = "asking for " + step
		progress(*out)
		answer, err := m.asker.Ask(ctx, in.Provider, question(in.Problem, step))
		if err != nil {
			return out, err
		}
		out.Spent.Add(answer)
	}
	tests, err := m.make(ctx, in, func(r testgen.Report) {
		out.Report = r
		progress(*out)
	})
	if err != nil {
		return out, err
	}
	out.Suite = suiteOf(in.Problem, tests...)
	out.Report = testgen.Report{
		Validator: testgen.Proof{Accepted: 2, Rejected: 9}, Made: map[domain.TestKind]int{domain.TestSample: 2, domain.TestSmall: 40},
		BruteForced: 40, Solutions: []testgen.Solution{{Name: "solution-1", Language: "python", MaxCPU: 20 * time.Millisecond}},
		Mutants: testgen.Mutants{Made: 80, Killed: 75, Equivalent: 2, Survived: 3, Survivors: []string{"solution-1, line 2: + becomes -"}},
		LeftOut: []string{"a command that takes too long"},
	}
	return out, nil
}

func question(p *domain.Problem, step string) ledger.Question {
	return ledger.Question{
		Content: p.TaskDigest(), Step: step, PromptVersion: "1", Attempt: 1, Problem: p.String(),
		Request: llm.Request{User: fmt.Sprintf("Reference: step=%s problem=%s attempt=1\n", step, p.Key), MaxOutputTokens: 100},
	}
}

// suiteOf is the samples of a problem and more.
func suiteOf(p *domain.Problem, more ...domain.Test) domain.Suite {
	suite := domain.Suite{Problem: p.Key, TaskDigest: p.TaskDigest(), Limits: p.Limits}
	for i, s := range p.Samples {
		suite.Tests = append(suite.Tests, domain.Test{
			Name: pipeline.SampleName(i), Kind: domain.TestSample, Input: domain.TextData(s.Input), Answer: domain.TextData(s.Output),
		})
	}
	suite.Tests = append(suite.Tests, more...)
	return suite
}

func smallTest(n int, input, answer string) domain.Test {
	return domain.Test{
		Name: fmt.Sprint("small ", n), Kind: domain.TestSmall, Purpose: "negative sums",
		Input: domain.TextData(input), Answer: domain.TextData(answer),
	}
}

// negative has the tests that tell a sum from its magnitude.
func negative(context.Context, testgen.Input, func(testgen.Report)) ([]domain.Test, error) {
	return []domain.Test{smallTest(1, "-5 2\n", "-3\n"), smallTest(2, "-123457 123450\n", "-7\n")}, nil
}

// unsigned is a program that passes both samples.
const unsigned = "a, b = map(int, input().split())\nprint(abs(a + b))\n"

// solves records the programs that a model writes for the sums.
func (w *world) solves(programs ...string) {
	var attempts []map[string]any
	for i, code := range programs {
		attempts = append(attempts, map[string]any{"attempt": i + 1, "json": program(code)})
	}
	w.script("inline", "sums", "solve-python", attempts)
}

// sumsWith is the problem of the sums with a suite and solutions; it is not
// created.
func (w *world) sumsWith(template *v1alpha1.SuiteTemplate, languages ...v1alpha1.Language) *v1alpha1.Problem {
	p := inlineProblem(w, "sums")
	p.Spec.TestSuite = template
	for _, language := range languages {
		p.Spec.Solutions = append(p.Spec.Solutions, v1alpha1.SolutionTemplate{Language: language})
	}
	return p
}

// testSuite is a TestSuite for the sums.
func (w *world) testSuite(name string) *v1alpha1.TestSuite {
	return &v1alpha1.TestSuite{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name},
		Spec:       v1alpha1.TestSuiteSpec{ProblemRef: v1alpha1.LocalReference{Name: "sums"}},
	}
}

var sumsKey = domain.Key{Platform: "inline", ID: "sums"}

func (w *world) awaitThere(o object) {
	w.t.Helper()
	w.eventually(o.GetName()+" is made", func() bool { return w.client.Get(w.t.Context(), nameOf(o), o) == nil })
}

func TestAProblemIsReadyOnlyWithItsSuiteAndProgramsAreJudgedWithIt(t *testing.T) {
	w := newWorld(t)
	ready := make(chan struct{})
	script := &workshopScript{steps: []string{"suite-plan"}, make: func(ctx context.Context, in testgen.Input, progress func(testgen.Report)) ([]domain.Test, error) {
		select {
		case <-ready:
			return negative(ctx, in, progress)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}}
	w.startWith(w.scripted(script))
	w.providers()
	w.solves(unsigned, addition)
	p, sub := w.sumsWith(&v1alpha1.SuiteTemplate{}, "python"), w.submission("early", "sums", unsigned)
	w.create(p, sub)
	job, suite := w.job("sums-python", "sums"), w.testSuite("sums-suite")
	w.awaitThere(job)
	w.awaitThere(suite)
	w.await(p, metav1.ConditionUnknown, v1alpha1.ReasonSuitePending)
	w.await(job, metav1.ConditionUnknown, v1alpha1.ReasonSuitePending)
	w.await(sub, metav1.ConditionUnknown, v1alpha1.ReasonSuitePending)
	w.eventually("the stage is told", func() bool { w.get(suite); return suite.Status.Stage == "asking for suite-plan" })
	close(ready)
	w.awaitReady(p, job, sub, suite)
	if got := w.await(p, metav1.ConditionTrue, ""); got.Message != "published with 2 samples, a verified suite of 4 tests and 1 verified solution" {
		t.Errorf("the Problem says %q", got.Message)
	}
	stored, err := w.table.Suite(t.Context(), sumsKey, w.namespace+".sums-suite")
	if err != nil {
		t.Fatal(err)
	}
	digest, task := stored.Suite.Digest(), p.Status.Published.TaskDigest
	want := v1alpha1.VerifiedSuite{Name: "sums-suite", StoredName: stored.Name, Digest: digest, TaskDigest: task, Tests: p.Status.Suite.Tests, Score: "0.96"}
	if p.Status.Suite != want || *p.Status.Suite.Tests != 4 {
		t.Errorf("the Problem's suite is %+v, want %+v", p.Status.Suite, want)
	}
	if len(job.Status.Attempts) != 2 || job.Status.Attempts[0].Verdict != "WA" || job.Status.Attempts[0].FailedTest != "small 1" || job.Status.Stored.Suite != digest {
		t.Errorf("the SolutionJob was not judged with it: %+v", job.Status)
	}
	failed := v1alpha1.FailedTest{Name: "small 1", Verdict: "WA"}
	if sub.Status.Verdict != "WA" || *sub.Status.FirstFailure != failed || sub.Status.JudgedAgainst.Suite != digest || sub.Status.Score != "2/4" {
		t.Errorf("the Submission was not judged with it, or shows what it must not: %+v", sub.Status)
	}
	if in := script.inputs(); len(in) != 1 || in[0].MaxAttempts != 3 || in[0].Rounds != 2 || in[0].Mutants != 40 || in[0].Problem.TaskDigest() != task {
		t.Errorf("the maker was asked for %+v", in)
	}
}

func TestASuiteTellsHowGoodItIs(t *testing.T) {
	w := newWorld(t)
	w.startWith(w.scripted(&workshopScript{steps: []string{"suite-plan", "suite-solution-1"}, make: negative}))
	w.providers()
	suite := w.testSuite("sums-tests")
	w.create(inlineProblem(w, "sums"), suite)
	got := w.await(suite, metav1.ConditionTrue, "")
	if got.Message != "4 tests reject 75/78 wrong programs; 1/1 solutions agree" {
		t.Errorf("it says %q", got.Message)
	}
	is := &suite.Status
	if *is.Tests != 4 || is.Checker != "tokens" || is.MutationScore != "0.96" || is.TPR != "1/1" || is.TNR != "75/78" || *is.Mutants.Survived != 3 ||
		*is.Validator.Rejected != 9 || *is.BruteForced != 40 || *is.TimeLimitMillis != 2000 || is.NearTheLimit || is.TimeLimitMeasured ||
		len(is.Survivors) != 1 || len(is.LeftOut) != 1 || *is.Solutions[0].TimeMillis != 20 || is.Stage != "" || is.Spending.Amount == "" || *is.Spending.Calls != 2 {
		t.Errorf("status %+v", is)
	}
	kinds := ""
	for _, kind := range is.Kinds {
		kinds += fmt.Sprintf("%s %d/%d ", kind.Kind, *kind.Kept, *kind.Made)
	}
	if kinds != "sample 2/2 small 2/40 " {
		t.Errorf("kinds %q", kinds)
	}
	for _, stage := range []string{v1alpha1.ConditionProblemReady, v1alpha1.ConditionVerified} {
		if !meta.IsStatusConditionTrue(is.Conditions, stage) {
			t.Errorf("%s is not True: %+v", stage, is.Conditions)
		}
	}
	w.eventually("it went from in progress to current", func() bool { return w.seen.history("sums-tests") == "InProgress Current" })
}

// A stage may take milliseconds; the status follows at its own pace.
func TestASuiteCostsFewWritesHoweverOftenItsWorkAdvances(t *testing.T) {
	w := newWorld(t)
	script := &workshopScript{steps: []string{"suite-plan"}, make: func(ctx context.Context, in testgen.Input, progress func(testgen.Report)) ([]domain.Test, error) {
		for i := range 300 {
			progress(testgen.Report{Stage: fmt.Sprint("round ", i), Made: map[domain.TestKind]int{domain.TestSmall: i}})
			time.Sleep(10 * time.Millisecond)
		}
		return negative(ctx, in, progress)
	}}
	config, runner := w.oversee(nil)
	config.Maker = w.scripted(script).Maker
	w.startWith(config)
	w.providers()
	p := inlineProblem(w, "sums")
	w.create(p)
	w.awaitReady(p, w.provider("openai", ""))
	w.apiWrites.reset()
	w.tableWrites.reset()
	suite := w.testSuite("sums-tests")
	started := time.Now()
	w.create(suite)
	w.awaitReady(suite)
	// The finalizer, the first status and the last one; in between one in 2 s.
	most := 3 + int(time.Since(started)/(2*time.Second))
	w.eventually("the event is written", func() bool { return w.apiWrites.total("of TestSuite/sums-tests") > 0 })
	if got := w.apiWrites.total("/testsuites/"); got > most {
		t.Errorf("%d writes to the API server, want at most %d: %s", got, most, &w.apiWrites)
	}
	if got := w.apiWrites.total("of TestSuite/"); got != 1 {
		t.Errorf("%d events, want 1: %s", got, &w.apiWrites)
	}
	// Claim, name and record of the answer, and the suite.
	if got := w.tableWrites.total(); got > 4 || w.paid() != 1 {
		t.Errorf("%d paid calls and %d writes to the table: %s", w.paid(), got, &w.tableWrites)
	}
	w.eventually("its runs are forgotten", func() bool {
		runner.mu.Lock()
		defer runner.mu.Unlock()
		return slices.ContainsFunc(runner.forgotten, func(o execution.Owner) bool { return o.Kind == "TestSuite" && o.UID == string(suite.UID) })
	})
}

func TestSuitesInSteadyStateCostNothing(t *testing.T) {
	w := newWorld(t)
	script := &workshopScript{steps: []string{"suite-plan"}, make: negative}
	config := w.scripted(script)
	stop := w.startWith(config)
	w.providers()
	w.solves(addition)
	p, suite := w.sumsWith(&v1alpha1.SuiteTemplate{}, "python"), w.testSuite("sums-suite")
	w.create(p)
	w.awaitReady(p, w.job("sums-python", "sums"), suite)
	stalled := w.testSuite("stalled")
	stalled.Spec.ProviderRef.Name, stalled.Spec.Imported.Digest = "openai", strings.Repeat("0", 64)
	w.create(stalled)
	w.await(stalled, metav1.ConditionUnknown, v1alpha1.ReasonSuiteNotImported)
	w.eventually("the providers' usage is written", func() bool {
		openai := w.provider("openai", "")
		w.get(openai)
		return openai.Status.Usage.Requests != nil && *openai.Status.Usage.Requests == 2
	})
	stop()
	w.apiWrites.reset()
	w.tableWrites.reset()
	paid := w.paid()
	config, runner := w.oversee(nil)
	config.Maker = w.scripted(script).Maker
	stop = w.startWith(config)
	marker := w.submission("marker", "sums", addition)
	w.create(marker)
	w.awaitReady(marker)
	stop()
	if got := w.apiWrites.total("/problems/", "/testsuites/", "/solutionjobs/", "of Problem", "of TestSuite", "of SolutionJob"); got != 0 {
		t.Errorf("writes to the API server: %s", &w.apiWrites)
	}
	if w.tableWrites.total() != 0 || w.paid() != paid || len(script.inputs()) != 1 || len(runner.requests()) != 1 {
		t.Errorf("%s, %d paid calls, %d suites, %d judgings", &w.tableWrites, w.paid()-paid, len(script.inputs()), len(runner.requests()))
	}
}

func TestALostOrDamagedSuiteIsMadeAgainForFree(t *testing.T) {
	for name, spoil := range map[string]func(w *world, owner string) error{
		"lost": func(w *world, owner string) error {
			return w.table.DeleteSuite(w.t.Context(), sumsKey, w.namespace+".sums-tests", owner)
		},
		"changed": func(w *world, _ string) error {
			rec, err := w.table.Suite(w.t.Context(), sumsKey, w.namespace+".sums-tests")
			if err != nil {
				return err
			}
			rec.Suite.Tests = rec.Suite.Tests[:1]
			_, err = w.table.PutSuite(w.t.Context(), *rec)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			config := w.scripted(&workshopScript{steps: []string{"suite-plan"}, make: negative})
			stop := w.startWith(config)
			w.providers()
			suite := w.testSuite("sums-tests")
			w.create(inlineProblem(w, "sums"), suite)
			w.awaitReady(suite)
			digest := suite.Status.Digest
			stop()
			if err := spoil(w, string(suite.UID)); err != nil {
				t.Fatal(err)
			}
			w.startWith(config)
			w.eventually("the suite is whole again", func() bool {
				rec, err := w.table.Suite(t.Context(), sumsKey, w.namespace+".sums-tests")
				return err == nil && rec.Owner.UID == string(suite.UID) && rec.Suite.Digest() == digest
			})
			w.awaitReady(suite)
			if w.paid() != 1 || suite.Status.Digest != digest {
				t.Errorf("%d calls, want the first one only; digest %s, then %s", w.paid(), digest, suite.Status.Digest)
			}
		})
	}
}
