package testsuite

import (
	"context"
	"fmt"
	"time"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/dispatch"
)

// Fields of the cache that objects are found by.
const (
	indexProblem  = "testsuite.problem"
	indexProvider = "testsuite.provider"
	// indexDisputes finds the SolutionJobs of a problem that disagree with its
	// suite.
	indexDisputes = "solutionjob.disputes"
)

// concurrentSuites bounds the suites that are worked on at a time. Each runs
// two batches of programs at a time and waits for a model in between.
const concurrentSuites = 100

// concurrentReconciles is enough for steps that only take milliseconds.
const concurrentReconciles = 8

// tellEvery is how often the status follows work that advances: a stage may
// take milliseconds.
const tellEvery = 2 * time.Second

// SetupWithManager watches TestSuites and everything they wait for.
func (r *Reconciler) SetupWithManager(ctx context.Context, mgr ctrl.Manager) error {
	wakes, wake := dispatch.NewWakes()
	r.Work = dispatch.NewPool[*made](concurrentSuites, wake, time.Now)
	if err := mgr.Add(r.Work); err != nil {
		return fmt.Errorf("add the pool of suites: %w", err)
	}
	if err := index(ctx, mgr.GetFieldIndexer()); err != nil {
		return err
	}
	changed := predicate.Or(predicate.GenerationChangedPredicate{}, predicate.AnnotationChangedPredicate{})
	return ctrl.NewControllerManagedBy(mgr).
		For(&v1alpha1.TestSuite{}, builder.WithPredicates(changed)).
		Watches(&v1alpha1.Problem{}, handler.EnqueueRequestsFromMapFunc(r.named(indexProblem))).
		Watches(&v1alpha1.ModelProvider{}, handler.EnqueueRequestsFromMapFunc(r.named(indexProvider)), builder.WithPredicates(dispatch.ReadyChanged)).
		Watches(&v1alpha1.SolutionJob{}, handler.EnqueueRequestsFromMapFunc(r.disputed)).
		WatchesRawSource(source.TypedChannel(wakes, dispatch.Enqueue(tellEvery))).
		WithOptions(dispatch.Options(concurrentReconciles)).
		Complete(r)
}

func index(ctx context.Context, indexer client.FieldIndexer) error {
	fields := map[string]func(*v1alpha1.TestSuite) string{
		indexProblem:  func(t *v1alpha1.TestSuite) string { return t.Spec.ProblemRef.Name },
		indexProvider: func(t *v1alpha1.TestSuite) string { return t.Spec.ProviderRef.Name },
	}
	for name, value := range fields {
		err := indexer.IndexField(ctx, &v1alpha1.TestSuite{}, name, func(o client.Object) []string {
			return []string{value(o.(*v1alpha1.TestSuite))}
		})
		if err != nil {
			return fmt.Errorf("index TestSuites by %s: %w", name, err)
		}
	}
	err := indexer.IndexField(ctx, &v1alpha1.SolutionJob{}, indexDisputes, func(o client.Object) []string {
		job := o.(*v1alpha1.SolutionJob)
		if job.Status.Dispute == nil {
			return nil
		}
		return []string{job.Spec.ProblemRef.Name}
	})
	if err != nil {
		return fmt.Errorf("index SolutionJobs by their disputes: %w", err)
	}
	return nil
}

// named wakes the suites of a namespace that name an object.
func (r *Reconciler) named(field string) handler.MapFunc {
	return func(ctx context.Context, o client.Object) []reconcile.Request {
		return r.find(ctx, o.GetNamespace(), client.MatchingFields{field: o.GetName()})
	}
}

// disputed wakes the suites of a problem when a program disagrees with one.
func (r *Reconciler) disputed(ctx context.Context, o client.Object) []reconcile.Request {
	job := o.(*v1alpha1.SolutionJob)
	if job.Status.Dispute == nil {
		return nil
	}
	return r.find(ctx, job.Namespace, client.MatchingFields{indexProblem: job.Spec.ProblemRef.Name})
}

func (r *Reconciler) find(ctx context.Context, namespace string, of client.MatchingFields) []reconcile.Request {
	var found v1alpha1.TestSuiteList
	err := r.Client.List(ctx, &found, client.InNamespace(namespace), of, client.DisableReadYourWritesConsistency)
	if err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "list TestSuites from the cache")
		return nil
	}
	var requests []reconcile.Request
	for i := range found.Items {
		requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&found.Items[i])})
	}
	return requests
}
