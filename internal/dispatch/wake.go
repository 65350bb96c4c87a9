package dispatch

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
)

// wakeBuffer holds wakes while a controller is starting.
const wakeBuffer = 1024

// Wake is an event that names an object.
type Wake = event.TypedGenericEvent[client.ObjectKey]

// NewWakes returns a channel for a controller to watch and a function that
// sends to it. A send waits when the controller is far behind.
func NewWakes() (wakes chan Wake, wake func(client.ObjectKey)) {
	wakes = make(chan Wake, wakeBuffer)
	return wakes, func(key client.ObjectKey) { wakes <- Wake{Object: key} }
}

// Enqueue is the handler for wakes: it reconciles the object after a delay,
// once for all wakes that come meanwhile.
func Enqueue(delay time.Duration) handler.TypedEventHandler[client.ObjectKey, reconcile.Request] {
	return handler.TypedFuncs[client.ObjectKey, reconcile.Request]{
		GenericFunc: func(_ context.Context, wake Wake, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			queue.AddAfter(reconcile.Request{NamespacedName: wake.Object}, delay)
		},
	}
}

// maxBackoff bounds the pause between retries of one object.
const maxBackoff = time.Minute

// Options are the controllers' own: so many objects at a time, and retries
// that start soon and stay under a minute apart.
func Options(concurrent int) controller.Options {
	return controller.Options{
		MaxConcurrentReconciles: concurrent,
		RateLimiter:             workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](500*time.Millisecond, maxBackoff),
	}
}

// ReadyChanged lets only those changes of a ModelProvider through that matter
// to objects that use it: its usage changes all the time.
var ReadyChanged = predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
	was, ok := e.ObjectOld.(*v1alpha1.ModelProvider)
	is, ok2 := e.ObjectNew.(*v1alpha1.ModelProvider)
	return !ok || !ok2 || was.Generation != is.Generation || was.Status.Checked != is.Status.Checked || was.IsReady() != is.IsReady()
}}

// SuiteDecided lets only those changes of a TestSuite through that matter to
// who waits for it: while it is made it tells of every stage.
var SuiteDecided = predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
	was, ok := e.ObjectOld.(*v1alpha1.TestSuite)
	is, ok2 := e.ObjectNew.(*v1alpha1.TestSuite)
	return !ok || !ok2 || was.Generation != is.Generation || was.Status.ObservedGeneration != is.Status.ObservedGeneration ||
		was.DeletionTimestamp.IsZero() != is.DeletionTimestamp.IsZero() || readiness(was) != readiness(is) ||
		was.Status.Digest != is.Status.Digest || was.Status.Stored.TaskDigest != is.Status.Stored.TaskDigest ||
		len(was.Status.Disputes) != len(is.Status.Disputes)
}}

func readiness(t *v1alpha1.TestSuite) string {
	ready := meta.FindStatusCondition(t.Status.Conditions, v1alpha1.ConditionReady)
	if ready == nil {
		return ""
	}
	return string(ready.Status) + ready.Reason
}

var _ manager.Runnable = (*Pool[int])(nil)
