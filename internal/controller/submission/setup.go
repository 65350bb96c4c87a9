package submission

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
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
	indexProblem   = "submission.problem"
	indexConfigMap = "submission.configMap"
)

// concurrentJudgings bounds the judgings that the runner is asked for at a
// time. The pool is this kind's own: a person waits for a submission, so none
// queues behind work that nobody waits for.
const concurrentJudgings = 200

// concurrentReconciles is enough for steps that only take milliseconds.
const concurrentReconciles = 8

// SetupWithManager watches Submissions and everything they wait for.
func (r *Reconciler) SetupWithManager(ctx context.Context, mgr ctrl.Manager) error {
	wakes, wake := dispatch.NewWakes()
	r.Work = dispatch.NewPool[*judged](concurrentJudgings, wake, time.Now)
	if err := mgr.Add(r.Work); err != nil {
		return fmt.Errorf("add the pool of judgings: %w", err)
	}
	if err := index(ctx, mgr.GetFieldIndexer()); err != nil {
		return err
	}
	changed := predicate.Or(predicate.GenerationChangedPredicate{}, predicate.AnnotationChangedPredicate{})
	return ctrl.NewControllerManagedBy(mgr).
		For(&v1alpha1.Submission{}, builder.WithPredicates(changed)).
		Watches(&v1alpha1.Problem{}, handler.EnqueueRequestsFromMapFunc(r.waiting(indexProblem))).
		WatchesMetadata(&corev1.ConfigMap{}, handler.EnqueueRequestsFromMapFunc(r.waiting(indexConfigMap))).
		WatchesRawSource(source.TypedChannel(wakes, dispatch.Enqueue(0))).
		WithOptions(dispatch.Options(concurrentReconciles)).
		Complete(r)
}

func index(ctx context.Context, indexer client.FieldIndexer) error {
	fields := map[string]func(*v1alpha1.SubmissionSpec) []string{
		indexProblem: func(spec *v1alpha1.SubmissionSpec) []string { return []string{spec.ProblemRef.Name} },
		indexConfigMap: func(spec *v1alpha1.SubmissionSpec) []string {
			if ref := spec.Source.ConfigMapRef; ref != nil {
				return []string{ref.Name}
			}
			return nil
		},
	}
	for name, values := range fields {
		err := indexer.IndexField(ctx, &v1alpha1.Submission{}, name, func(o client.Object) []string {
			return values(&o.(*v1alpha1.Submission).Spec)
		})
		if err != nil {
			return fmt.Errorf("index Submissions by %s: %w", name, err)
		}
	}
	return nil
}

// waiting wakes the Submissions of a namespace that name an object and are not
// judged. The others may be many, and nothing changes them.
func (r *Reconciler) waiting(field string) handler.MapFunc {
	return func(ctx context.Context, o client.Object) []reconcile.Request {
		var found v1alpha1.SubmissionList
		err := r.Client.List(ctx, &found, client.InNamespace(o.GetNamespace()), client.MatchingFields{field: o.GetName()}, client.DisableReadYourWritesConsistency)
		if err != nil {
			ctrl.LoggerFrom(ctx).Error(err, "list Submissions from the cache")
			return nil
		}
		var requests []reconcile.Request
		for i := range found.Items {
			if !found.Items[i].IsJudged() {
				requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&found.Items[i])})
			}
		}
		return requests
	}
}
