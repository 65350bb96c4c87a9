package problem

import (
	"context"
	"errors"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	domain "github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/reconcile"
)

// finalizer guards what will be stored.
func (s *scope) finalizer(ctx context.Context) reconcile.Outcome {
	if err := reconcile.Guard(ctx, s.Client, s.problem); err != nil {
		return reconcile.FromError(err)
	}
	s.before = s.problem.DeepCopy()
	return reconcile.Done()
}

// delete removes what was published, or leaves it to whoever comes next, and
// lets the object go.
func (s *scope) delete(ctx context.Context) (ctrl.Result, error) {
	s.Work.Forget(s.problem.UID)
	return s.Finisher.Delete(ctx, s.before, s.problem, Kind, func(ctx context.Context) error {
		return errors.Join(s.deleteChildren(ctx), s.unpublish(ctx))
	})
}

// deleteChildren takes TestSuite and SolutionJobs along, as the cluster's garbage
// collector would: the embedded control plane has none.
func (s *scope) deleteChildren(ctx context.Context) error {
	if controllerutil.ContainsFinalizer(s.problem, metav1.FinalizerOrphanDependents) {
		return nil
	}
	jobs, err := s.jobs(ctx)
	suites, err2 := s.suites(ctx)
	children := make([]client.Object, 0, len(jobs)+len(suites))
	for _, job := range jobs {
		children = append(children, job)
	}
	for _, suite := range suites {
		children = append(children, suite)
	}
	err = errors.Join(err, err2)
	for _, child := range children {
		if child.GetDeletionTimestamp().IsZero() {
			err = errors.Join(err, client.IgnoreNotFound(s.Client.Delete(ctx, child)))
		}
	}
	return err
}

// unpublish goes by both names the problem may be stored under: the one in
// the status and, when a crash came before the status, the one of the spec.
// The table lets only the owner's own items go.
func (s *scope) unpublish(ctx context.Context) error {
	keys := map[domain.Key]bool{}
	if s.problem.Status.Published.Key != "" {
		keys[s.publishedKey()] = true
	}
	if key, _, err := identify(&s.problem.Spec.Source); err == nil {
		keys[key] = true
	}
	for key := range keys {
		if err := s.leave(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

// leave deletes or releases one stored problem, as the policy says.
func (s *scope) leave(ctx context.Context, key domain.Key) error {
	if s.problem.Spec.DeletionPolicy == v1alpha1.DeletionRetain {
		return s.Table.ReleaseProblem(ctx, key, string(s.problem.UID))
	}
	return s.Table.DeleteProblem(ctx, key, string(s.problem.UID))
}

func (s *scope) publishedKey() domain.Key { return KeyOf(s.problem) }
