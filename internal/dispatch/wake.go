package dispatch

import (
	"context"
	"time"

	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
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

var _ manager.Runnable = (*Pool[int])(nil)
