package problem

import (
	"context"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/reconcile"
)

// nameRecheck is how often a name that somebody else has is tried again.
const nameRecheck = time.Minute

// children keeps what the templates ask for and waits for all of it. Solutions
// wait for their suite themselves, so neither is in the other's way here.
func (s *scope) children(ctx context.Context) reconcile.Outcome {
	suite, solutions := s.suite(ctx), s.solutions(ctx)
	for _, worst := range []reconcile.Kind{reconcile.KindRetry, reconcile.KindStalled, reconcile.KindWait} {
		for _, outcome := range []reconcile.Outcome{suite, solutions} {
			if outcome.Kind() == worst {
				return outcome
			}
		}
	}
	return reconcile.Finished("published with " + s.published()).Recheck(tableRecheck)
}

// published says what there is, for people.
func (s *scope) published() string {
	parts := []string{count(int(ptr.Deref(s.problem.Status.Samples, 0)), "sample")}
	if s.problem.Spec.TestSuite != nil {
		parts = append(parts, "a verified suite of "+count(int(ptr.Deref(s.problem.Status.Suite.Tests, 0)), "test"))
	}
	if n := len(s.problem.Spec.Solutions); n > 0 {
		parts = append(parts, count(n, "verified solution"))
	}
	if len(parts) < 3 {
		return strings.Join(parts, " and ")
	}
	return parts[0] + ", " + parts[1] + " and " + parts[2]
}

// solutions keeps one SolutionJob a template and waits for all of them.
func (s *scope) solutions(ctx context.Context) reconcile.Outcome {
	jobs, err := s.jobs(ctx)
	if err != nil {
		return reconcile.FromError(err)
	}
	wanted, err := s.keepJobs(ctx, jobs)
	if apierrors.IsAlreadyExists(err) {
		return reconcile.Stalled(v1alpha1.ReasonNameTaken, "a SolutionJob of a template's name exists that is not this Problem's; delete it or the template").Recheck(nameRecheck)
	}
	if err != nil {
		return reconcile.FromError(err)
	}
	if len(wanted) == 0 {
		meta.RemoveStatusCondition(&s.problem.Status.Conditions, v1alpha1.ConditionSolved)
		return reconcile.Done()
	}
	outcome := solved(wanted, jobs)
	reconcile.SetStage(s.problem, v1alpha1.ConditionSolved, outcome)
	return outcome
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// jobs are the Problem's own, by name.
func (s *scope) jobs(ctx context.Context) (map[string]*v1alpha1.SolutionJob, error) {
	var list v1alpha1.SolutionJobList
	if err := s.Client.List(ctx, &list, client.InNamespace(s.problem.Namespace), ownedJobs(s.problem)); err != nil {
		return nil, err
	}
	jobs := map[string]*v1alpha1.SolutionJob{}
	for i := range list.Items {
		jobs[list.Items[i].Name] = &list.Items[i]
	}
	return jobs, nil
}

// keepJobs makes, changes and deletes jobs until they are those of the
// templates, and returns these.
func (s *scope) keepJobs(ctx context.Context, jobs map[string]*v1alpha1.SolutionJob) (map[string]*v1alpha1.SolutionJob, error) {
	wanted := map[string]*v1alpha1.SolutionJob{}
	for i := range s.problem.Spec.Solutions {
		job, err := s.wantedJob(&s.problem.Spec.Solutions[i])
		if err != nil {
			return nil, err
		}
		wanted[job.Name] = job
		if jobs[job.Name], err = s.apply(ctx, jobs[job.Name], job); err != nil {
			return nil, err
		}
	}
	for name, job := range jobs {
		if wanted[name] == nil {
			if err := s.Client.Delete(ctx, job); client.IgnoreNotFound(err) != nil {
				return nil, err
			}
		}
	}
	return wanted, nil
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
			CallTerms: s.problem.Spec.CallTerms, DeletionPolicy: s.problem.Spec.DeletionPolicy,
		},
	}
	if err := controllerutil.SetControllerReference(s.problem, job, s.Client.Scheme()); err != nil {
		return nil, fmt.Errorf("own the SolutionJob: %w", err)
	}
	return job, nil
}

// apply creates a job or brings its specification in line, and returns it as
// it is then.
func (s *scope) apply(ctx context.Context, have, want *v1alpha1.SolutionJob) (*v1alpha1.SolutionJob, error) {
	if have == nil {
		made := want.DeepCopy()
		return made, s.Client.Create(ctx, made)
	}
	if equality.Semantic.DeepEqual(have.Spec, want.Spec) {
		return have, nil
	}
	patched := have.DeepCopy()
	patched.Spec = want.Spec
	return patched, s.Client.Patch(ctx, patched, client.MergeFrom(have))
}
