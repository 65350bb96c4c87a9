package operator_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/operator"
	"github.com/algoitny/algoitny-operator/internal/pipeline"
	"github.com/algoitny/algoitny-operator/internal/pipeline/testgen"
	domain "github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/store"
)

func (w *world) hasSuite(name string) bool {
	w.t.Helper()
	_, err := w.table.Suite(w.t.Context(), sumsKey, w.namespace+"."+name)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		w.t.Fatal(err)
	}
	return err == nil
}

// withSuites runs an operator whose suites are made at once and cost one answer.
func (w *world) withSuites() *workshopScript {
	script := &workshopScript{steps: []string{"suite-plan"}, make: negative}
	w.startWith(w.scripted(script))
	return script
}

func TestASuiteGoesWithItsTemplateAndWithItsProblem(t *testing.T) {
	w := newWorld(t)
	w.withSuites()
	w.providers()
	p := w.sumsWith(&v1alpha1.SuiteTemplate{Mutants: ptr.To[int32](7)})
	w.create(p)
	w.awaitReady(p)
	suite := w.testSuite("sums-suite")
	w.get(suite)
	if *suite.Spec.Mutants != 7 || *suite.Spec.Rounds != 2 || suite.Spec.DeletionPolicy != v1alpha1.DeletionDelete || !w.hasSuite("sums-suite") {
		t.Errorf("made %+v, stored %v", suite.Spec, w.hasSuite("sums-suite"))
	}
	update(w, p, func(p *v1alpha1.Problem) { p.Spec.TestSuite = nil })
	w.awaitGone(suite)
	w.awaitReady(p)
	if w.hasSuite("sums-suite") || p.Status.Suite.Name != "" {
		t.Errorf("the suite is stored: %v; status %+v", w.hasSuite("sums-suite"), p.Status.Suite)
	}
	update(w, p, func(p *v1alpha1.Problem) { p.Spec.TestSuite = &v1alpha1.SuiteTemplate{} })
	w.await(p, metav1.ConditionTrue, "")
	w.remove(p)
	w.awaitGone(w.testSuite("sums-suite"))
	if w.hasSuite("sums-suite") || w.paid() != 1 {
		t.Errorf("the suite is stored: %v; %d paid calls", w.hasSuite("sums-suite"), w.paid())
	}
}

func TestARetainedSuiteStaysAndItsSuccessorTakesItOver(t *testing.T) {
	w := newWorld(t)
	script := w.withSuites()
	w.providers()
	w.create(inlineProblem(w, "sums"))
	for range 2 {
		suite := w.testSuite("sums-tests")
		suite.Spec.DeletionPolicy = v1alpha1.DeletionRetain
		w.create(suite)
		w.awaitReady(suite)
		if rec, err := w.table.Suite(t.Context(), sumsKey, w.namespace+".sums-tests"); err != nil || rec.Owner.UID != string(suite.UID) {
			t.Errorf("it does not own what is stored: %v", err)
		}
		w.remove(suite)
		if !w.hasSuite("sums-tests") {
			t.Error("it was not retained")
		}
	}
	if w.paid() != 1 || len(script.inputs()) != 2 {
		t.Errorf("%d calls to take over what is recorded", w.paid())
	}
}

func TestASuiteOfAnotherClusterIsNotTaken(t *testing.T) {
	w := newWorld(t)
	w.withSuites()
	w.providers()
	p := inlineProblem(w, "sums")
	w.create(p)
	w.awaitReady(p)
	theirs := store.SuiteRecord{Key: sumsKey, Name: w.namespace + ".sums-tests", Owner: store.Owner{Namespace: "far", Name: "away", UID: "another"}}
	if _, err := w.table.PutSuite(t.Context(), theirs); err != nil {
		t.Fatal(err)
	}
	suite := w.testSuite("sums-tests")
	w.create(suite)
	if stalled := w.await(suite, metav1.ConditionFalse, v1alpha1.ReasonStoredByAnother); !strings.Contains(stalled.Message, "far/away") {
		t.Errorf("the message does not name the owner: %q", stalled.Message)
	}
	w.remove(suite)
	if !w.hasSuite("sums-tests") {
		t.Error("another cluster's suite was deleted")
	}
}

func TestANamedSuiteIsWaitedForAndStaysItsOwn(t *testing.T) {
	w := newWorld(t)
	w.withSuites()
	w.providers()
	p := w.sumsWith(&v1alpha1.SuiteTemplate{SuiteRef: v1alpha1.LocalReference{Name: "shared"}})
	w.create(p)
	if got := w.await(p, metav1.ConditionUnknown, v1alpha1.ReasonSuitePending); !strings.Contains(got.Message, `"shared" does not exist`) {
		t.Errorf("it says %q", got.Message)
	}
	suite := w.testSuite("shared")
	w.create(suite)
	w.awaitReady(p, suite)
	if p.Status.Suite.Name != "shared" || p.Status.Suite.Digest != suite.Status.Digest {
		t.Errorf("status %+v", p.Status.Suite)
	}
	other := w.testSuite("other")
	other.Spec.ProblemRef.Name = "products"
	w.create(other)
	update(w, p, func(p *v1alpha1.Problem) { p.Spec.TestSuite.SuiteRef.Name = "other" })
	w.await(p, metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec)
	if p.Status.Suite.Name != "" {
		t.Errorf("it is judged with a suite it does not name: %+v", p.Status.Suite)
	}
	w.remove(p)
	w.get(suite)
	w.await(suite, metav1.ConditionUnknown, v1alpha1.ReasonProblemNotFound)
}

func TestASuiteThatSomebodyElseMadeIsNotTaken(t *testing.T) {
	w := newWorld(t)
	w.withSuites()
	w.providers()
	taken := w.testSuite("sums-suite")
	taken.Spec.ProblemRef.Name = "products"
	w.create(taken)
	p := w.sumsWith(&v1alpha1.SuiteTemplate{})
	w.create(p)
	w.await(p, metav1.ConditionFalse, v1alpha1.ReasonNameTaken)
}

func TestAStalledSuiteStallsItsProblemUntilAPersonActs(t *testing.T) {
	for _, reason := range []pipeline.Reason{
		pipeline.ReasonValidatorUnproved, pipeline.ReasonGeneratorUnproved, pipeline.ReasonBruteUnproved,
		pipeline.ReasonCheckerUnproved, pipeline.ReasonUnverified, pipeline.ReasonInteractive,
	} {
		t.Run(string(reason), func(t *testing.T) {
			w := newWorld(t)
			var fails atomic.Bool
			fails.Store(true)
			script := &workshopScript{steps: []string{"suite-plan"}, make: func(ctx context.Context, in testgen.Input, progress func(testgen.Report)) ([]domain.Test, error) {
				if fails.Load() {
					progress(testgen.Report{Stage: "proving", LeftOut: []string{"nothing agreed"}})
					return nil, &pipeline.Error{Reason: reason, Message: "try another model"}
				}
				return negative(ctx, in, progress)
			}}
			stop := w.startWith(w.scripted(script))
			w.providers()
			p, suite := w.sumsWith(&v1alpha1.SuiteTemplate{}), w.testSuite("sums-suite")
			w.create(p)
			if got := w.await(p, metav1.ConditionFalse, v1alpha1.ReasonSuiteStalled); !strings.Contains(got.Message, `"sums-suite"`) {
				t.Errorf("the Problem says %q", got.Message)
			}
			w.await(suite, metav1.ConditionFalse, string(reason))
			if suite.Status.Stage != "" || len(suite.Status.LeftOut) != 1 || *suite.Status.Spending.Calls != 1 {
				t.Errorf("status %+v", suite.Status)
			}
			stop()
			stop = w.startWith(w.scripted(script))
			marker := inlineProblem(w, "marker")
			w.create(marker)
			w.awaitReady(marker)
			if len(script.inputs()) != 1 {
				t.Errorf("a restart tried the stall again")
			}
			fails.Store(false)
			update(w, suite, func(s *v1alpha1.TestSuite) { s.Annotations = map[string]string{v1alpha1.RetryAnnotation: "1"} })
			w.awaitReady(p)
			stop()
			if w.paid() != 1 {
				t.Errorf("%d paid calls, want 1", w.paid())
			}
		})
	}
}

// More attempts are wanted where the last ones were not enough, and make
// nothing again that is done.
func TestMoreAttemptsHelpAStalledSuiteOnly(t *testing.T) {
	w := newWorld(t)
	script := &workshopScript{make: func(ctx context.Context, in testgen.Input, progress func(testgen.Report)) ([]domain.Test, error) {
		if in.MaxAttempts < 5 {
			return nil, &pipeline.Error{Reason: pipeline.ReasonValidatorUnproved, Message: "raise maxAttempts"}
		}
		return negative(ctx, in, progress)
	}}
	w.startWith(w.scripted(script))
	w.providers()
	suite := w.testSuite("sums-tests")
	w.create(inlineProblem(w, "sums"), suite)
	w.await(suite, metav1.ConditionFalse, "ValidatorUnproved")
	for _, attempts := range []int32{5, 6} {
		update(w, suite, func(s *v1alpha1.TestSuite) { s.Spec.MaxAttempts = attempts })
		w.awaitReady(suite)
	}
	if n := len(script.inputs()); n != 2 {
		t.Errorf("made %d times, want 2", n)
	}
	update(w, suite, func(s *v1alpha1.TestSuite) { s.Spec.Mutants = ptr.To[int32](80) })
	w.eventually("a larger suite is made", func() bool { return len(script.inputs()) == 3 })
	w.awaitReady(suite)
}

func TestAnotherTaskHasTheSuiteMadeAnewAndTheOldOneIsNotUsedForIt(t *testing.T) {
	w := newWorld(t)
	release := make(chan struct{})
	script := &workshopScript{make: func(ctx context.Context, in testgen.Input, progress func(testgen.Report)) ([]domain.Test, error) {
		if len(in.Problem.Samples) == 1 {
			select {
			case <-release:
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		return negative(ctx, in, progress)
	}}
	w.startWith(w.scripted(script))
	w.providers()
	w.solves(addition)
	p := w.sumsWith(&v1alpha1.SuiteTemplate{}, "python")
	w.create(p)
	w.awaitReady(p)
	before := p.Status.Suite
	update(w, p, func(p *v1alpha1.Problem) { p.Spec.Source.Inline.Samples = p.Spec.Source.Inline.Samples[:1] })
	w.eventually("the new suite is being made", func() bool { return len(script.inputs()) == 2 })
	sub := w.submission("between", "sums", addition)
	w.create(sub)
	w.await(sub, metav1.ConditionUnknown, v1alpha1.ReasonSuitePending)
	w.await(p, metav1.ConditionUnknown, v1alpha1.ReasonSuitePending)
	close(release)
	job, suite := w.job("sums-python", "sums"), w.testSuite("sums-suite")
	w.awaitReady(p, suite, job, sub)
	if p.Status.Suite.Digest == before.Digest || *p.Status.Suite.Tests != 3 || sub.Status.JudgedAgainst.Suite != p.Status.Suite.Digest || job.Status.Stored.Suite != p.Status.Suite.Digest {
		t.Errorf("%+v, then %+v; the Submission was judged with %s", before, p.Status.Suite, sub.Status.JudgedAgainst.Suite)
	}
}

func TestWhatHoldsASuiteUpIsTold(t *testing.T) {
	w := newWorld(t)
	release := make(chan struct{})
	script := &workshopScript{make: func(ctx context.Context, in testgen.Input, progress func(testgen.Report)) ([]domain.Test, error) {
		in.Held(&execution.Error{Class: execution.ClassRetry, Reason: execution.ReasonUnschedulable, Message: "no node takes the pod"})
		select {
		case <-release:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		in.Held(nil)
		return negative(ctx, in, progress)
	}}
	w.startWith(w.scripted(script))
	w.providers()
	suite := w.testSuite("sums-tests")
	w.create(inlineProblem(w, "sums"), suite)
	w.await(suite, metav1.ConditionUnknown, execution.ReasonUnschedulable)
	close(release)
	w.awaitReady(suite)
}

func TestASuiteWaitsForItsProviderAndItsProblem(t *testing.T) {
	w := newWorld(t)
	w.withSuites()
	suite := w.testSuite("sums-tests")
	w.create(suite)
	w.await(suite, metav1.ConditionUnknown, v1alpha1.ReasonProblemNotFound)
	w.create(inlineProblem(w, "sums"))
	w.await(suite, metav1.ConditionUnknown, v1alpha1.ReasonProviderNotFound)
	w.providers()
	w.awaitReady(suite)
}

func TestADeletedSuiteIsNotMadeOn(t *testing.T) {
	w := newWorld(t)
	cancelled := make(chan struct{})
	script := &workshopScript{make: func(ctx context.Context, _ testgen.Input, _ func(testgen.Report)) ([]domain.Test, error) {
		<-ctx.Done()
		close(cancelled)
		return nil, ctx.Err()
	}}
	w.startWith(w.scripted(script))
	w.providers()
	suite := w.testSuite("sums-tests")
	w.create(inlineProblem(w, "sums"), suite)
	w.eventually("the suite is being made", func() bool { return len(script.inputs()) == 1 })
	w.remove(suite)
	select {
	case <-cancelled:
	case <-time.After(patience):
		t.Error("the work goes on")
	}
}

// The operator of each run is killed at one of its writes to the table, and a
// second one goes on an hour later. In one world the suite is right at once, in
// the other a solution has it put right.
func TestAKillWhileASuiteIsMadeCostsAtMostTheCallInFlight(t *testing.T) {
	const calls = 2
	for name, tests := range map[string]func(context.Context, testgen.Input, func(testgen.Report)) ([]domain.Test, error){
		"at once": negative, "after a dispute": yielding,
	} {
		begin := func(w *world) (*v1alpha1.Problem, operator.Config) {
			w.providers()
			w.solves(addition)
			config := w.scripted(&workshopScript{steps: []string{"suite-plan"}, make: tests})
			p := w.sumsWith(&v1alpha1.SuiteTemplate{}, "python")
			p.Spec.Solutions[0].MaxAttempts = 1
			w.create(p)
			return p, config
		}
		w := newWorld(t)
		p, config := begin(w)
		stop := w.startWith(config)
		w.awaitReady(p)
		stop()
		if w.paid() != calls {
			t.Fatalf("%d paid calls, want %d", w.paid(), calls)
		}
		writes := w.tableWrites.total()
		for at := 1; at <= writes; at++ {
			for _, applied := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, write %d, applied %v", name, at, applied), func(t *testing.T) {
					t.Parallel()
					w := newWorld(t)
					p, config := begin(w)
					life := w.startUntilWith(config, at, applied)
					<-life.over
					w.startAtWith(config, time.Now().Add(time.Hour))
					w.awaitReady(p)
					if got := w.paid(); got > calls+1 {
						t.Errorf("%d paid calls, want at most one more than %d", got, calls)
					}
					w.assertNothingReserved()
				})
			}
		}
	}
}
