package jobs

import (
	"context"
	"fmt"
	"sync"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/kubernetes"
	toolscache "k8s.io/client-go/tools/cache"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Cached says what of the cluster's Jobs and pods a manager's cache holds:
// judgings only.
func Cached() map[client.Object]cache.ByObject {
	judgings := cache.ByObject{Label: labels.SelectorFromSet(labels.Set{LabelJudging: "true"})}
	return map[client.Object]cache.ByObject{&batchv1.Job{}: judgings, &corev1.Pod{}: judgings}
}

// New returns a Runner that works once the manager has started. The manager's
// cache must be restricted by Cached.
func New(ctx context.Context, mgr ctrl.Manager, c Config) (*Runner, error) {
	config, err := c.complete()
	if err != nil {
		return nil, err
	}
	set, err := kubernetes.NewForConfigAndClient(mgr.GetConfig(), mgr.GetHTTPClient())
	if err != nil {
		return nil, fmt.Errorf("make a client for logs: %w", err)
	}
	r := &Runner{
		config: config, client: mgr.GetClient(), uncached: mgr.GetAPIReader(), logs: clusterLogs{set},
		watches: newWatches(), now: time.Now, log: mgr.GetLogger().WithName("judgings"),
	}
	for _, kind := range []client.Object{&batchv1.Job{}, &corev1.Pod{}} {
		informer, err := mgr.GetCache().GetInformer(ctx, kind, cache.BlockUntilSynced(false))
		if err != nil {
			return nil, fmt.Errorf("watch judgings: %w", err)
		}
		if _, err := informer.AddEventHandler(r.watches); err != nil {
			return nil, fmt.Errorf("watch judgings: %w", err)
		}
	}
	return r, nil
}

// watches tells whoever waits for a Job that it or its pod has changed.
type watches struct {
	mu      sync.Mutex
	waiting map[client.ObjectKey]map[chan struct{}]bool
}

func newWatches() *watches {
	return &watches{waiting: map[client.ObjectKey]map[chan struct{}]bool{}}
}

// of returns a channel that is sent to after a change, until stop.
func (w *watches) of(job client.ObjectKey) (changed <-chan struct{}, stop func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	// One change that is not looked at yet stands for all.
	c := make(chan struct{}, 1)
	if w.waiting[job] == nil {
		w.waiting[job] = map[chan struct{}]bool{}
	}
	w.waiting[job][c] = true
	return c, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.waiting[job], c)
		if len(w.waiting[job]) == 0 {
			delete(w.waiting, job)
		}
	}
}

// OnAdd implements cache.ResourceEventHandler.
func (w *watches) OnAdd(o any, _ bool) { w.tell(o) }

// OnUpdate implements cache.ResourceEventHandler.
func (w *watches) OnUpdate(_, o any) { w.tell(o) }

// OnDelete implements cache.ResourceEventHandler.
func (w *watches) OnDelete(o any) {
	if unknown, ok := o.(toolscache.DeletedFinalStateUnknown); ok {
		o = unknown.Obj
	}
	w.tell(o)
}

func (w *watches) tell(o any) {
	object, ok := o.(client.Object)
	if !ok {
		return
	}
	key := client.ObjectKeyFromObject(object)
	if pod, ok := o.(*corev1.Pod); ok {
		key.Name = pod.Labels[batchv1.JobNameLabel]
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.waiting[key] {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}
