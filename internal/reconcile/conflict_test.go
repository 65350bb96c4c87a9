package reconcile_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/reconcile"
)

// errMoved is what a step gets whose cache is behind.
var errMoved = fmt.Errorf("create the job: %w", apierrors.NewConflict(schema.GroupResource{Resource: "solutionjobs"}, "it", errors.New("moved")))

// A cache that is behind is no news: the summary stays, nobody is woken, and
// the object is read again soon.
func TestAConflictOfAStepChangesNothing(t *testing.T) {
	b := newBench(t)
	_, _ = b.finish(reconcile.Finished("published"))
	before, events := b.read(), b.told()
	result, err := b.finish(reconcile.FromError(errMoved))
	if err != nil || result.RequeueAfter <= 0 || result.RequeueAfter > time.Second {
		t.Errorf("got %+v, %v", result, err)
	}
	if diff := cmp.Diff(before.Status, b.read().Status); diff != "" || b.writes != 1 || events != 1 || b.told() != 0 {
		t.Errorf("%d writes; the status changed:\n%s", b.writes, diff)
	}
}

// What the steps before the conflict found out is kept nevertheless.
func TestAConflictOfAStepKeepsWhatIsKnown(t *testing.T) {
	b := newBench(t)
	before := b.read()
	after := before.DeepCopy()
	after.Status.Title = "Ships"
	result, err := b.finisher.Finish(t.Context(), before, after, "Problem", reconcile.FromError(errMoved))
	if err != nil || result.RequeueAfter <= 0 || b.writes != 1 || b.told() != 0 {
		t.Errorf("got %+v, %v after %d writes", result, err, b.writes)
	}
	p := b.read()
	if p.Status.Title != "Ships" || len(p.Status.Conditions) != 0 || p.Status.ObservedGeneration == p.Generation {
		t.Errorf("status %+v", p.Status)
	}
}

// A replica that was paused past its lease knows an old version only.
func TestAWriterOfTheOldVersionWritesNothing(t *testing.T) {
	b := newBench(t)
	old := b.read()
	_, _ = b.finish(reconcile.Stalled("ListPage", "give another url"))
	b.told()
	result, err := b.finisher.Finish(t.Context(), old, old.DeepCopy(), "Problem", reconcile.Finished("published"))
	if err != nil || result.RequeueAfter <= 0 || b.told() != 0 {
		t.Errorf("got %+v, %v", result, err)
	}
	if _, stalled := reconcile.SameStall(b.read()); !stalled {
		t.Errorf("the old version was written over the new one: %+v", b.read().Status.Conditions)
	}
}

func TestAnotherMessageIsAWriteAndNoEvent(t *testing.T) {
	b := newBench(t)
	for _, message := range []string{"1 of 2", "2 of 2"} {
		_, _ = b.finish(reconcile.Finished(message))
	}
	if told := b.told(); b.writes != 2 || told != 1 {
		t.Errorf("%d writes and %d events, want 2 and 1", b.writes, told)
	}
}

func TestANewGenerationIsOneWrite(t *testing.T) {
	b := newBench(t)
	_, _ = b.finish(reconcile.Finished("published"))
	p := b.read()
	p.Generation = 4
	if err := b.client.Update(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		_, _ = b.finish(reconcile.Finished("published"))
	}
	ready := b.read().Status.Conditions[0]
	if b.writes != 2 || b.read().Status.ObservedGeneration != 4 || ready.ObservedGeneration != 4 {
		t.Errorf("%d writes, status %+v", b.writes, b.read().Status)
	}
}

func TestOutcomesComeBackWhenTheySay(t *testing.T) {
	for name, c := range map[string]struct {
		outcome reconcile.Outcome
		want    time.Duration
	}{
		"done":                       {reconcile.Finished("m"), 0},
		"done and looked at again":   {reconcile.Finished("m").Recheck(time.Hour), time.Hour},
		"waiting for an event":       {reconcile.Wait(0, "Waiting", "m"), 0},
		"waiting for a while":        {reconcile.Wait(time.Minute, "Waiting", "m"), time.Minute},
		"a provider names its pause": {reconcile.FromError(&llm.Error{Class: llm.ClassWait, Reason: llm.ReasonRateLimited, RetryAfter: time.Minute}), time.Minute},
		"a provider names none":      {reconcile.FromError(&llm.Error{Class: llm.ClassWait, Reason: llm.ReasonRateLimited}), time.Second},
		"stalled":                    {reconcile.Stalled("ListPage", "m"), 0},
	} {
		t.Run(name, func(t *testing.T) {
			result, err := newBench(t).finish(c.outcome)
			if err != nil || result.RequeueAfter != c.want {
				t.Errorf("got %+v, %v; want %s", result, err, c.want)
			}
		})
	}
}

func TestAStageHasItsOwnCondition(t *testing.T) {
	for name, c := range map[string]struct {
		outcome reconcile.Outcome
		status  metav1.ConditionStatus
		reason  string
	}{
		"done":     {reconcile.Done(), metav1.ConditionTrue, "Succeeded"},
		"waiting":  {reconcile.Wait(0, "Waiting", "m"), metav1.ConditionUnknown, "Waiting"},
		"retrying": {reconcile.Retry("Retrying", "m", errors.New("no")), metav1.ConditionUnknown, "Retrying"},
		"stalled":  {reconcile.Stalled("ListPage", "m"), metav1.ConditionFalse, "ListPage"},
	} {
		t.Run(name, func(t *testing.T) {
			p := &v1alpha1.Problem{ObjectMeta: metav1.ObjectMeta{Generation: 3}}
			reconcile.SetStage(p, v1alpha1.ConditionExtracted, c.outcome)
			got := p.Status.Conditions[0]
			if got.Status != c.status || got.Reason != c.reason || got.ObservedGeneration != 3 || len(p.Status.Conditions) != 1 {
				t.Errorf("got %+v", p.Status.Conditions)
			}
		})
	}
}
