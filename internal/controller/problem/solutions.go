package problem

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/reconcile"
)

// solutions keeps one SolutionJob a template and waits for all of them.
func (s *scope) solutions(ctx context.Context) reconcile.Outcome {
	recheck := reconcile.Done().Recheck(tableRecheck)
	var existing v1alpha1.SolutionJobList
	if err := s.Client.List(ctx, &existing, client.InNamespace(s.problem.Namespace), owned(s.problem)); err != nil {
		return reconcile.FromError(err)
	}
	jobs := map[string]*v1alpha1.SolutionJob{}
	for i := range existing.Items {
		jobs[existing.Items[i].Name] = &existing.Items[i]
	}
	wanted := map[string]*v1alpha1.SolutionJob{}
	for i := range s.problem.Spec.Solutions {
		job, err := s.wantedJob(&s.problem.Spec.Solutions[i])
		if err != nil {
			return reconcile.FromError(err)
		}
		wanted[job.Name] = job
		if err := s.apply(ctx, jobs[job.Name], job); err != nil {
			return reconcile.FromError(err)
		}
	}
	for name, job := range jobs {
		if wanted[name] == nil {
			if err := s.Client.Delete(ctx, job); client.IgnoreNotFound(err) != nil {
				return reconcile.FromError(err)
			}
		}
	}
	if len(wanted) == 0 {
		meta.RemoveStatusCondition(&s.problem.Status.Conditions, v1alpha1.ConditionSolved)
		return recheck
	}
	outcome := solved(wanted, jobs)
	reconcile.SetStage(s.problem, v1alpha1.ConditionSolved, outcome)
	if !outcome.IsDone() {
		return outcome
	}
	return recheck
}

// solved sums the jobs up: stalled as soon as one is, done when all are.
func solved(wanted, jobs map[string]*v1alpha1.SolutionJob) reconcile.Outcome {
	ready := 0
	stalled := ""
	for name := range wanted {
		job := jobs[name]
		if job == nil || job.Status.ObservedGeneration != job.Generation {
			continue
		}
		if meta.IsStatusConditionTrue(job.Status.Conditions, v1alpha1.ConditionReady) {
			ready++
		}
		if meta.IsStatusConditionTrue(job.Status.Conditions, v1alpha1.ConditionStalled) && (stalled == "" || name < stalled) {
			stalled = name
		}
	}
	if stalled != "" {
		return reconcile.Stalled(v1alpha1.ReasonSolutionStalled, fmt.Sprintf("SolutionJob %q is stalled; see its conditions", stalled))
	}
	if ready < len(wanted) {
		return reconcile.Wait(0, v1alpha1.ReasonSolutionsPending, "published; waiting for the solutions")
	}
	return reconcile.Done()
}

func (s *scope) wantedJob(template *v1alpha1.SolutionTemplate) (*v1alpha1.SolutionJob, error) {
	job := &v1alpha1.SolutionJob{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: s.problem.Namespace,
			Name:      fmt.Sprintf("%s-%s", s.problem.Name, template.Language),
		},
		Spec: v1alpha1.SolutionJobSpec{
			ProblemRef: v1alpha1.LocalReference{Name: s.problem.Name}, Language: template.Language,
			ProviderRef: template.ProviderRef, MaxAttempts: template.MaxAttempts,
			DeletionPolicy: s.problem.Spec.DeletionPolicy,
		},
	}
	if err := controllerutil.SetControllerReference(s.problem, job, s.Client.Scheme()); err != nil {
		return nil, fmt.Errorf("own the SolutionJob: %w", err)
	}
	return job, nil
}

// apply creates a job or brings its specification in line.
func (s *scope) apply(ctx context.Context, have, want *v1alpha1.SolutionJob) error {
	if have == nil {
		err := s.Client.Create(ctx, want)
		// The cache may not have seen the job that the last reconcile made.
		if apierrors.IsAlreadyExists(err) {
			return nil
		}
		return err
	}
	if equality.Semantic.DeepEqual(have.Spec, want.Spec) {
		return nil
	}
	patched := have.DeepCopy()
	patched.Spec = want.Spec
	return s.Client.Patch(ctx, patched, client.MergeFrom(have))
}
