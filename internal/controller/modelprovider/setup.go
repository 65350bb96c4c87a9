package modelprovider

import (
	"fmt"
	"time"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/dispatch"
)

// usageDelay gathers the calls of a moment into one status write.
const usageDelay = 2 * time.Second

// concurrentReconciles is enough for steps that only take milliseconds.
const concurrentReconciles = 2

// concurrentChecks bounds the free requests to providers.
const concurrentChecks = 8

// SetupWithManager watches ModelProviders. What arrives on spent names
// providers that have just been paid.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager, spent chan dispatch.Wake) error {
	wakes, wake := dispatch.NewWakes()
	r.Checks = dispatch.NewPool[struct{}](concurrentChecks, wake, time.Now)
	if err := mgr.Add(r.Checks); err != nil {
		return fmt.Errorf("add the pool of checks: %w", err)
	}
	return ctrl.NewControllerManagedBy(mgr).
		For(&v1alpha1.ModelProvider{}, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		WatchesRawSource(source.TypedChannel(wakes, dispatch.Enqueue(0))).
		WatchesRawSource(source.TypedChannel(spent, dispatch.Enqueue(usageDelay))).
		WithOptions(dispatch.Options(concurrentReconciles)).
		Complete(r)
}
