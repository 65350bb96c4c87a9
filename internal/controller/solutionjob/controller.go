// Package solutionjob keeps SolutionJobs: wait for the problem and its suite,
// have a program written, judged and repaired, and store the one that passed.
package solutionjob

import (
	"context"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/controller/budget"
	"github.com/algoitny/algoitny-operator/internal/controller/modelprovider"
	"github.com/algoitny/algoitny-operator/internal/controller/problem"
	"github.com/algoitny/algoitny-operator/internal/dispatch"
	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/pipeline/solve"
	domain "github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/reconcile"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// Kind names the resource in logs and metrics.
const Kind = "SolutionJob"

// Table is the part of the store that holds problems and their solutions.
type Table interface {
	problem.Reader
	SolutionStamp(ctx context.Context, key domain.Key, language, name string) (*store.Stamp, error)
	ReleaseSolution(ctx context.Context, key domain.Key, language, name, ownerUID string) error
	Solution(ctx context.Context, key domain.Key, language, name string) (*store.SolutionRecord, error)
	PutSolution(ctx context.Context, rec store.SolutionRecord) (int64, error)
	DeleteSolution(ctx context.Context, key domain.Key, language, name, ownerUID string) error
}

// Solver writes and judges programs.
type Solver interface {
	Solve(ctx context.Context, in solve.Input, progress func(solve.Output)) (*solve.Output, error)
}

// Forgetter removes judgings whose results are recorded.
type Forgetter interface {
	Forget(ctx context.Context, owner execution.Owner) error
}

// Reconciler keeps SolutionJobs.
type Reconciler struct {
	Client   client.Client
	Table    Table
	Solver   Solver
	Runner   Forgetter
	Resolver *modelprovider.Resolver
	Accounts *budget.Accounts
	Finisher *reconcile.Finisher
	Work     *dispatch.Pool[*solved]
}

// solved is what the work hands out: the attempts so far, and why the judging
// of the next one waits, if it does.
type solved struct {
	output *solve.Output
	// suite is what they were judged with, nil for the samples.
	suite    *domain.Suite
	currency string
	held     *reconcile.Hold
}

// scope is one reconcile of one object.
type scope struct {
	*Reconciler
	job, before *v1alpha1.SolutionJob
	// problem is the published Problem, inputs a digest of all that goes in.
	problem *v1alpha1.Problem
	inputs  string
	// result is what was accepted, nil when nothing new was.
	result *solved
}

// +kubebuilder:rbac:groups=algoitny.dev,resources=solutionjobs,verbs=list;watch;patch
// +kubebuilder:rbac:groups=algoitny.dev,resources=solutionjobs/status,verbs=patch

// Reconcile takes one SolutionJob a step further.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	before := &v1alpha1.SolutionJob{}
	if err := r.Client.Get(ctx, req.NamespacedName, before); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	s := &scope{Reconciler: r, before: before, job: before.DeepCopy()}
	if !before.DeletionTimestamp.IsZero() {
		return s.delete(ctx)
	}
	outcome := reconcile.Run(ctx, s.finalizer, s.awaitProblem, s.solve, s.store)
	return r.Finisher.Finish(ctx, s.before, s.job, Kind, outcome, s.forget)
}

// forget lets the judgings go. Until then a crash finds them done.
func (s *scope) forget(ctx context.Context) error { return s.Runner.Forget(ctx, s.owner()) }

func (s *scope) owner() execution.Owner {
	return execution.Owner{
		APIVersion: v1alpha1.GroupVersion.String(), Kind: Kind,
		Namespace: s.job.Namespace, Name: s.job.Name, UID: string(s.job.UID),
	}
}

// finalizer guards what will be stored.
func (s *scope) finalizer(ctx context.Context) reconcile.Outcome {
	if err := reconcile.Guard(ctx, s.Client, s.job); err != nil {
		return reconcile.FromError(err)
	}
	s.before = s.job.DeepCopy()
	return reconcile.Done()
}

// delete removes the stored solution, or leaves it to whoever comes next, and
// lets the object go.
func (s *scope) delete(ctx context.Context) (ctrl.Result, error) {
	s.Work.Forget(s.job.UID)
	return s.Finisher.Delete(ctx, s.before, s.job, Kind, s.leave)
}

// leave deletes or releases what is stored, as the policy says.
func (s *scope) leave(ctx context.Context) error {
	stored := s.job.Status.Stored
	for _, key := range problem.Places(ctx, s.Client, s.problemName(), domain.Key{Platform: stored.Platform, ID: stored.ID}) {
		if err := s.drop(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

// drop deletes or releases the solution of one problem.
func (s *scope) drop(ctx context.Context, key domain.Key) error {
	language, uid := string(s.job.Spec.Language), string(s.job.UID)
	if s.job.Spec.DeletionPolicy == v1alpha1.DeletionRetain {
		return s.Table.ReleaseSolution(ctx, key, language, s.storedName(), uid)
	}
	return s.Table.DeleteSolution(ctx, key, language, s.storedName(), uid)
}

// storedName keeps jobs of equal names in two namespaces apart.
func (s *scope) storedName() string { return s.job.Namespace + "." + s.job.Name }
