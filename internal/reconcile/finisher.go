package reconcile

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/pipeline"
)

// maxMessage bounds the message of a condition, in bytes.
const maxMessage = 256

// conflictDelay lets the cache catch up after somebody else changed the object.
const conflictDelay = 100 * time.Millisecond

// Object is a kind of ours.
type Object interface {
	client.Object
	StatusConditions() *[]metav1.Condition
	SetObservedGeneration(generation int64)
}

// Finisher is the only writer of status.
type Finisher struct {
	client   client.Client
	events   events.EventRecorder
	outcomes *prometheus.CounterVec
}

// NewFinisher returns a finisher that counts its outcomes in the registry.
func NewFinisher(c client.Client, recorder events.EventRecorder, registry prometheus.Registerer) (*Finisher, error) {
	outcomes := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "algoitny_reconcile_outcomes_total",
		Help: "Reconciles by kind of object, outcome and reason.",
	}, []string{"kind", "outcome", "reason"})
	if err := registry.Register(outcomes); err != nil {
		return nil, fmt.Errorf("register the outcome counter: %w", err)
	}
	return &Finisher{client: c, events: recorder, outcomes: outcomes}, nil
}

// Finish derives the summary conditions, writes the status once if it
// changed, then tells of it, and maps the outcome to a result. before is the
// object as it was read. recorded is called once the status of an object that
// is done or stalled stands in the cluster: what it was made from may go then.
func (f *Finisher) Finish(ctx context.Context, before, after Object, kind string, outcome Outcome, recorded ...func(context.Context) error) (ctrl.Result, error) {
	f.outcomes.WithLabelValues(kind, string(outcome.Kind()), outcome.reason).Inc()
	// A conflict is no failure, the cache is behind: a summary that swings to
	// Retrying and back would only wake everybody.
	behind := apierrors.IsConflict(outcome.err)
	if !behind {
		summarize(after, outcome)
		after.SetObservedGeneration(after.GetGeneration())
	}
	switch err := f.write(ctx, before, after); {
	case apierrors.IsNotFound(err):
		return ctrl.Result{}, nil
	case apierrors.IsConflict(err):
		return again(ctx), nil
	case err != nil:
		return ctrl.Result{}, fmt.Errorf("write the status: %w", err)
	case behind:
		return again(ctx), nil
	}
	f.tell(before, after)
	if outcome.IsDone() || outcome.Kind() == KindStalled {
		for _, then := range recorded {
			if err := then(ctx); err != nil {
				return ctrl.Result{}, err
			}
		}
	}
	return result(outcome)
}

// write patches the status when it differs. The patch holds only for the
// version that was read: a replica that was paused past its lease must not
// write what it knew then over what is true now.
func (f *Finisher) write(ctx context.Context, before, after Object) error {
	changes, err := client.MergeFrom(before).Data(after)
	if err != nil {
		return fmt.Errorf("compare the status: %w", err)
	}
	if string(changes) == "{}" {
		return nil
	}
	// The copy keeps the server's answer from changing what is told next.
	target := after.DeepCopyObject().(Object)
	return f.client.Status().Patch(ctx, target, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
}

// tell emits one event when the object became Ready or Stalled.
func (f *Finisher) tell(before, after Object) {
	was := meta.FindStatusCondition(*before.StatusConditions(), v1alpha1.ConditionReady)
	is := meta.FindStatusCondition(*after.StatusConditions(), v1alpha1.ConditionReady)
	if is.Status == metav1.ConditionUnknown {
		return
	}
	if was != nil && was.Status == is.Status && was.Reason == is.Reason {
		return
	}
	level := corev1.EventTypeNormal
	if is.Status == metav1.ConditionFalse {
		level = corev1.EventTypeWarning
	}
	f.events.Eventf(after, nil, level, is.Reason, "Reconcile", "%s", is.Message)
}

func result(outcome Outcome) (ctrl.Result, error) {
	if outcome.Kind() == KindRetry {
		return ctrl.Result{}, fmt.Errorf("%s: %w", outcome.reason, outcome.err)
	}
	return ctrl.Result{RequeueAfter: outcome.after}, nil
}

func again(ctx context.Context) ctrl.Result {
	log.FromContext(ctx).V(1).Info("the object changed meanwhile; reading it again")
	return ctrl.Result{RequeueAfter: conflictDelay}
}

// summarize sets Ready, Reconciling and Stalled as kstatus reads them.
func summarize(o Object, outcome Outcome) {
	conditions := o.StatusConditions()
	set := func(kind string, status metav1.ConditionStatus, reason, message string) {
		meta.SetStatusCondition(conditions, metav1.Condition{
			Type: kind, Status: status, Reason: reason, Message: pipeline.Excerpt(message, maxMessage),
			ObservedGeneration: o.GetGeneration(),
		})
	}
	switch outcome.Kind() {
	case KindDone:
		set(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonSucceeded, outcome.message)
		meta.RemoveStatusCondition(conditions, v1alpha1.ConditionReconciling)
		meta.RemoveStatusCondition(conditions, v1alpha1.ConditionStalled)
	case KindStalled:
		set(v1alpha1.ConditionReady, metav1.ConditionFalse, outcome.reason, outcome.message)
		set(v1alpha1.ConditionStalled, metav1.ConditionTrue, outcome.reason, outcome.message)
		meta.RemoveStatusCondition(conditions, v1alpha1.ConditionReconciling)
	default:
		set(v1alpha1.ConditionReady, metav1.ConditionUnknown, outcome.reason, outcome.message)
		set(v1alpha1.ConditionReconciling, metav1.ConditionTrue, outcome.reason, outcome.message)
		meta.RemoveStatusCondition(conditions, v1alpha1.ConditionStalled)
	}
}

// SetStage records the state of one stage.
func SetStage(o Object, stage string, outcome Outcome) {
	status, reason := metav1.ConditionUnknown, outcome.reason
	switch outcome.Kind() {
	case KindDone:
		status = metav1.ConditionTrue
	case KindStalled:
		status = metav1.ConditionFalse
	}
	if reason == "" {
		reason = v1alpha1.ReasonSucceeded
	}
	meta.SetStatusCondition(o.StatusConditions(), metav1.Condition{
		Type: stage, Status: status, Reason: reason, Message: pipeline.Excerpt(outcome.message, maxMessage),
		ObservedGeneration: o.GetGeneration(),
	})
}

// SameStall returns the outcome that the object stalled with before, so that a
// restart neither fetches nor asks again what cannot have changed.
func SameStall(o Object) (Outcome, bool) {
	stalled := meta.FindStatusCondition(*o.StatusConditions(), v1alpha1.ConditionStalled)
	if stalled == nil || stalled.Status != metav1.ConditionTrue {
		return Outcome{}, false
	}
	return Stalled(stalled.Reason, stalled.Message), true
}
