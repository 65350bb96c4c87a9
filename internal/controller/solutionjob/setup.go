package solutionjob

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
	indexProblem  = "solutionjob.problem"
	indexProvider = "solutionjob.provider"
)

// concurrentSolves bounds the jobs that are worked on at a time; most of that
// time is spent waiting for a model, whose own limits come on top.
const concurrentSolves = 400

// concurrentReconciles is enough for steps that only take milliseconds.
const concurrentReconciles = 8

// SetupWithManager watches SolutionJobs and everything they wait for.
func (r *Reconciler) SetupWithManager(ctx context.Context, mgr ctrl.Manager) error {
	wakes, wake := dispatch.NewWakes()
	r.Work = dispatch.NewPool[*solved](concurrentSolves, wake, time.Now)
	if err := mgr.Add(r.Work); err != nil {
		return fmt.Errorf("add the pool of solvers: %w", err)
	}
	fields := map[string]func(*v1alpha1.SolutionJob) string{
		indexProblem:  func(j *v1alpha1.SolutionJob) string { return j.Spec.ProblemRef.Name },
		indexProvider: func(j *v1alpha1.SolutionJob) string { return j.Spec.ProviderRef.Name },
	}
	for name, value := range fields {
		err := mgr.GetFieldIndexer().IndexField(ctx, &v1alpha1.SolutionJob{}, name, func(o client.Object) []string {
			return []string{value(o.(*v1alpha1.SolutionJob))}
		})
		if err != nil {
			return fmt.Errorf("index SolutionJobs by %s: %w", name, err)
		}
	}
	changed := predicate.Or(predicate.GenerationChangedPredicate{}, predicate.AnnotationChangedPredicate{})
	return ctrl.NewControllerManagedBy(mgr).
		For(&v1alpha1.SolutionJob{}, builder.WithPredicates(changed)).
		Watches(&v1alpha1.Problem{}, handler.EnqueueRequestsFromMapFunc(r.naming(indexProblem))).
		Watches(&v1alpha1.TestSuite{}, handler.EnqueueRequestsFromMapFunc(r.disputing), builder.WithPredicates(dispatch.SuiteDecided)).
		Watches(&v1alpha1.ModelProvider{}, handler.EnqueueRequestsFromMapFunc(r.naming(indexProvider)), builder.WithPredicates(dispatch.ReadyChanged)).
		WatchesRawSource(source.TypedChannel(wakes, dispatch.Enqueue(0))).
		WithOptions(dispatch.Options(concurrentReconciles)).
		Complete(r)
}

// naming wakes the jobs of a namespace that name an object.
func (r *Reconciler) naming(field string) handler.MapFunc {
	return func(ctx context.Context, o client.Object) []reconcile.Request {
		return r.find(ctx, o.GetNamespace(), client.MatchingFields{field: o.GetName()}, func(*v1alpha1.SolutionJob) bool { return true })
	}
}

// disputing wakes the jobs that wait for a suite to be looked at again.
func (r *Reconciler) disputing(ctx context.Context, o client.Object) []reconcile.Request {
	of := client.MatchingFields{indexProblem: o.(*v1alpha1.TestSuite).Spec.ProblemRef.Name}
	return r.find(ctx, o.GetNamespace(), of, func(j *v1alpha1.SolutionJob) bool { return j.Status.Dispute != nil })
}

func (r *Reconciler) find(ctx context.Context, namespace string, of client.MatchingFields, concerned func(*v1alpha1.SolutionJob) bool) []reconcile.Request {
	var found v1alpha1.SolutionJobList
	err := r.Client.List(ctx, &found, client.InNamespace(namespace), of, client.DisableReadYourWritesConsistency)
	if err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "list SolutionJobs from the cache")
		return nil
	}
	var requests []reconcile.Request
	for i := range found.Items {
		if job := &found.Items[i]; concerned(job) {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(job)})
		}
	}
	return requests
}
