package reconcile_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"github.com/prometheus/client_golang/prometheus"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/reconcile"
)

// bench holds a finisher, one stored object, and what reaches the server.
type bench struct {
	t        *testing.T
	client   client.Client
	finisher *reconcile.Finisher
	events   *events.FakeRecorder
	writes   int
	// fail is what the next write gets.
	fail error
}

func newBench(t *testing.T) *bench {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, events: events.NewFakeRecorder(16)}
	b.client = fake.NewClientBuilder().WithScheme(scheme).
		WithStatusSubresource(&v1alpha1.Problem{}).
		WithObjects(&v1alpha1.Problem{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "it", Generation: 3}}).
		WithInterceptorFuncs(interceptor.Funcs{
			SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, patch client.Patch, opts ...client.SubResourcePatchOption) error {
				b.writes++
				if b.fail != nil {
					return b.fail
				}
				return c.SubResource(sub).Patch(ctx, o, patch, opts...)
			},
		}).Build()
	var err error
	if b.finisher, err = reconcile.NewFinisher(b.client, b.events, prometheus.NewRegistry()); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) read() *v1alpha1.Problem {
	b.t.Helper()
	p := &v1alpha1.Problem{}
	if err := b.client.Get(b.t.Context(), client.ObjectKey{Namespace: "default", Name: "it"}, p); err != nil {
		b.t.Fatal(err)
	}
	return p
}

// finish ends one reconcile of the stored object.
func (b *bench) finish(outcome reconcile.Outcome, recorded ...func(context.Context) error) (ctrl.Result, error) {
	before := b.read()
	return b.finisher.Finish(b.t.Context(), before, before.DeepCopy(), "Problem", outcome, recorded...)
}

func (b *bench) told() int {
	n := len(b.events.Events)
	for range n {
		<-b.events.Events
	}
	return n
}

var outcomes = map[string]struct {
	outcome reconcile.Outcome
	want    status.Status
	events  int
}{
	"done":     {reconcile.Finished("published"), status.CurrentStatus, 1},
	"waiting":  {reconcile.Wait(time.Minute, "Waiting", "for it"), status.InProgressStatus, 0},
	"retrying": {reconcile.Retry("Retrying", "again", errors.New("no")), status.InProgressStatus, 0},
	"stalled":  {reconcile.Stalled("ListPage", "give another url"), status.FailedStatus, 1},
}

func TestEveryOutcomeIsOneWriteThatKstatusReads(t *testing.T) {
	for name, tt := range outcomes {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			for range 3 {
				_, _ = b.finish(tt.outcome)
			}
			if b.writes != 1 {
				t.Errorf("%d writes for three equal outcomes, want 1", b.writes)
			}
			if got := b.told(); got != tt.events {
				t.Errorf("%d events, want %d", got, tt.events)
			}
			p := b.read()
			raw, err := runtime.DefaultUnstructuredConverter.ToUnstructured(p)
			if err != nil {
				t.Fatal(err)
			}
			got, err := status.Compute(&unstructured.Unstructured{Object: raw})
			if err != nil || got.Status != tt.want {
				t.Errorf("kstatus reads %v, %v; want %s", got, err, tt.want)
			}
			if p.Status.ObservedGeneration != 3 {
				t.Errorf("observed generation %d, want 3", p.Status.ObservedGeneration)
			}
		})
	}
}

func TestAnyOutcomeCanFollowAnyOther(t *testing.T) {
	for first, a := range outcomes {
		for second, z := range outcomes {
			b := newBench(t)
			_, _ = b.finish(a.outcome)
			_, _ = b.finish(z.outcome)
			conditions := b.read().Status.Conditions
			stalled, working := meta.IsStatusConditionTrue(conditions, "Stalled"), meta.IsStatusConditionTrue(conditions, "Reconciling")
			if stalled != (z.want == status.FailedStatus) || working != (z.want == status.InProgressStatus) {
				t.Errorf("%s after %s: %+v", second, first, conditions)
			}
		}
	}
}

func TestAFailedWriteIsNotTold(t *testing.T) {
	gone := apierrors.NewNotFound(schema.GroupResource{Resource: "problems"}, "it")
	moved := apierrors.NewConflict(schema.GroupResource{Resource: "problems"}, "it", errors.New("moved"))
	for name, tt := range map[string]struct {
		fail    error
		isError bool
		again   bool
	}{
		"the object is gone":   {gone, false, false},
		"the object has moved": {moved, false, true},
		"the server is away":   {apierrors.NewServiceUnavailable("away"), true, false},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.fail = tt.fail
			result, err := b.finish(reconcile.Finished("published"))
			if (err != nil) != tt.isError || (result.RequeueAfter > 0) != tt.again {
				t.Errorf("got %+v, %v", result, err)
			}
			if b.told() != 0 {
				t.Error("an event tells of a status that nobody can read")
			}
		})
	}
}

func TestAnErrorIsRetriedAfterItsStatusIsWritten(t *testing.T) {
	b := newBench(t)
	cause := errors.New("no")
	if _, err := b.finish(reconcile.Retry("Retrying", "again", cause)); !errors.Is(err, cause) || b.writes != 1 {
		t.Errorf("got %v after %d writes", err, b.writes)
	}
}

func TestWhatAResultWasMadeFromGoesOnlyOnceTheResultStandsInTheCluster(t *testing.T) {
	moved := apierrors.NewConflict(schema.GroupResource{Resource: "problems"}, "it", errors.New("moved"))
	for name, tt := range map[string]struct {
		outcome reconcile.Outcome
		fail    error
		want    bool
	}{
		"done":                 {reconcile.Finished("published"), nil, true},
		"stalled":              {reconcile.Stalled("ListPage", "give another url"), nil, true},
		"waiting":              {reconcile.Wait(0, "Waiting", "for it"), nil, false},
		"retrying":             {reconcile.Retry("Retrying", "again", errors.New("no")), nil, false},
		"the cache was behind": {reconcile.Retry("Retrying", "again", moved), nil, false},
		"the object has moved": {reconcile.Finished("published"), moved, false},
		"the server is away":   {reconcile.Finished("published"), apierrors.NewServiceUnavailable("away"), false},
		"the object is gone":   {reconcile.Finished("published"), apierrors.NewNotFound(schema.GroupResource{}, "it"), false},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.fail = tt.fail
			refused := errors.New("refused")
			gone := false
			_, err := b.finish(tt.outcome, func(context.Context) error { gone = true; return refused })
			if gone != tt.want || gone != errors.Is(err, refused) {
				t.Errorf("gone: %t, %v; want %t", gone, err, tt.want)
			}
		})
	}
}

func TestMessagesAreCutBetweenCharacters(t *testing.T) {
	b := newBench(t)
	_, _ = b.finish(reconcile.Stalled("ListPage", strings.Repeat("문", 200)))
	ready := meta.FindStatusCondition(b.read().Status.Conditions, "Ready")
	if len(ready.Message) > 256 || !utf8.ValidString(ready.Message) || !strings.HasSuffix(ready.Message, "…") {
		t.Errorf("%d bytes: %q", len(ready.Message), ready.Message)
	}
}

func TestAStallIsRememberedAndWorkInBetweenForgetsIt(t *testing.T) {
	b := newBench(t)
	_, _ = b.finish(reconcile.Stalled("ListPage", "give another url"))
	if got, ok := reconcile.SameStall(b.read()); !ok || got.Reason() != "ListPage" || !got.Lasts() {
		t.Errorf("got %+v, %v", got, ok)
	}
	_, _ = b.finish(reconcile.Wait(0, "Progressing", "on it"))
	if got, ok := reconcile.SameStall(b.read()); ok {
		t.Errorf("got %+v after work went on", got)
	}
}
