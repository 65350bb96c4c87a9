package problem

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
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
	indexKey       = "problem.key"
	indexProvider  = "problem.provider"
	indexConfigMap = "problem.configMap"
	indexOwner     = "solutionjob.owner"
	indexSuite     = "testsuite.owner"
	indexSuiteRef  = "problem.suite"
)

// concurrentReads bounds the pages that are worked on at a time; most of that
// time is spent waiting for a model.
const concurrentReads = 200

// concurrentReconciles is enough for steps that only take milliseconds.
const concurrentReconciles = 8

// SetupWithManager watches Problems and everything they wait for.
func (r *Reconciler) SetupWithManager(ctx context.Context, mgr ctrl.Manager) error {
	wakes, wake := dispatch.NewWakes()
	r.Work = dispatch.NewPool[*extracted](concurrentReads, wake, time.Now)
	if err := mgr.Add(r.Work); err != nil {
		return fmt.Errorf("add the pool of readings: %w", err)
	}
	if err := index(ctx, mgr.GetFieldIndexer()); err != nil {
		return err
	}
	changed := predicate.Or(predicate.GenerationChangedPredicate{}, predicate.AnnotationChangedPredicate{})
	return ctrl.NewControllerManagedBy(mgr).
		For(&v1alpha1.Problem{}, builder.WithPredicates(changed)).
		Owns(&v1alpha1.SolutionJob{}).
		Owns(&v1alpha1.TestSuite{}, builder.WithPredicates(dispatch.SuiteDecided)).
		Watches(&v1alpha1.TestSuite{}, handler.EnqueueRequestsFromMapFunc(r.named(indexSuiteRef)), builder.WithPredicates(dispatch.SuiteDecided)).
		Watches(&v1alpha1.Problem{}, handler.EnqueueRequestsFromMapFunc(r.samePage), builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Watches(&v1alpha1.ModelProvider{}, handler.EnqueueRequestsFromMapFunc(r.named(indexProvider)), builder.WithPredicates(dispatch.ReadyChanged)).
		WatchesMetadata(&corev1.ConfigMap{}, handler.EnqueueRequestsFromMapFunc(r.named(indexConfigMap))).
		WatchesRawSource(source.TypedChannel(wakes, dispatch.Enqueue(0))).
		WithOptions(dispatch.Options(concurrentReconciles)).
		Complete(r)
}

func index(ctx context.Context, indexer client.FieldIndexer) error {
	fields := map[string]func(*v1alpha1.Problem) []string{
		indexKey: func(p *v1alpha1.Problem) []string {
			key, _, err := identify(&p.Spec.Source)
			if err != nil {
				return nil
			}
			return []string{key.String()}
		},
		indexProvider: func(p *v1alpha1.Problem) []string { return []string{p.Spec.ProviderRef.Name} },
		indexConfigMap: func(p *v1alpha1.Problem) []string {
			if ref := p.Spec.Source.PageConfigMapRef; ref != nil {
				return []string{ref.Name}
			}
			return nil
		},
		indexSuiteRef: func(p *v1alpha1.Problem) []string {
			if template := p.Spec.TestSuite; template != nil && template.SuiteRef.Name != "" {
				return []string{template.SuiteRef.Name}
			}
			return nil
		},
	}
	for name, values := range fields {
		err := indexer.IndexField(ctx, &v1alpha1.Problem{}, name, func(o client.Object) []string { return values(o.(*v1alpha1.Problem)) })
		if err != nil {
			return fmt.Errorf("index Problems by %s: %w", name, err)
		}
	}
	if err := indexer.IndexField(ctx, &v1alpha1.SolutionJob{}, indexOwner, ownerUID); err != nil {
		return fmt.Errorf("index SolutionJobs by owner: %w", err)
	}
	if err := indexer.IndexField(ctx, &v1alpha1.TestSuite{}, indexSuite, ownerUID); err != nil {
		return fmt.Errorf("index TestSuites by owner: %w", err)
	}
	return nil
}

func ownerUID(o client.Object) []string {
	if owner := metav1.GetControllerOf(o); owner != nil {
		return []string{string(owner.UID)}
	}
	return nil
}

// ownedJobs selects the SolutionJobs that belong to a Problem, ownedSuites the
// TestSuites.
func ownedJobs(p *v1alpha1.Problem) client.MatchingFields {
	return client.MatchingFields{indexOwner: string(p.UID)}
}

func ownedSuites(p *v1alpha1.Problem) client.MatchingFields {
	return client.MatchingFields{indexSuite: string(p.UID)}
}

// samePage wakes the Problems that wait for another one's page.
func (r *Reconciler) samePage(ctx context.Context, o client.Object) []reconcile.Request {
	key, _, err := identify(&o.(*v1alpha1.Problem).Spec.Source)
	if err != nil {
		return nil
	}
	var requests []reconcile.Request
	for _, request := range r.find(ctx, client.MatchingFields{indexKey: key.String()}) {
		if request.NamespacedName != client.ObjectKeyFromObject(o) {
			requests = append(requests, request)
		}
	}
	return requests
}

// named wakes the Problems of a namespace that name an object.
func (r *Reconciler) named(field string) handler.MapFunc {
	return func(ctx context.Context, o client.Object) []reconcile.Request {
		return r.find(ctx, client.InNamespace(o.GetNamespace()), client.MatchingFields{field: o.GetName()})
	}
}

func (r *Reconciler) find(ctx context.Context, options ...client.ListOption) []reconcile.Request {
	var found v1alpha1.ProblemList
	if err := r.Client.List(ctx, &found, append(options, client.DisableReadYourWritesConsistency)...); err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "list Problems from the cache")
		return nil
	}
	var requests []reconcile.Request
	for i := range found.Items {
		requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&found.Items[i])})
	}
	return requests
}
