// Package problem keeps Problems: extract the page, check every claim,
// publish, and keep a TestSuite and SolutionJobs for the templates.
package problem

import (
	"context"
	"time"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/controller/budget"
	"github.com/algoitny/algoitny-operator/internal/controller/modelprovider"
	"github.com/algoitny/algoitny-operator/internal/dispatch"
	"github.com/algoitny/algoitny-operator/internal/pipeline/extract"
	domain "github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/reconcile"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// Kind names the resource in logs and metrics.
const Kind = "Problem"

// Table is the part of the store that holds problems.
type Table interface {
	PutProblem(ctx context.Context, rec store.ProblemRecord) (int64, error)
	Problem(ctx context.Context, key domain.Key) (*store.ProblemRecord, error)
	ProblemStamp(ctx context.Context, key domain.Key) (*store.ProblemStamp, error)
	DeleteProblem(ctx context.Context, key domain.Key, ownerUID string) error
	Usage(ctx context.Context, a store.Account) (store.Usage, error)
	ReleaseProblem(ctx context.Context, key domain.Key, ownerUID string) error
}

// Extractor reads a page.
type Extractor interface {
	Extract(ctx context.Context, in extract.Input) (*extract.Output, error)
}

// Reconciler keeps Problems.
type Reconciler struct {
	Client client.Client
	// Pages reads ConfigMaps without a cache.
	Pages     client.Reader
	Table     Table
	Extractor Extractor
	Resolver  *modelprovider.Resolver
	Accounts  *budget.Accounts
	Finisher  *reconcile.Finisher
	// Changed is told of a specification that is new: its budget may be.
	Changed func()
	Work    *dispatch.Pool[*extracted]
}

// extracted is what the work hands back: a problem that is published.
type extracted struct {
	output *extract.Output
	// known is what was stored before, for a page that has not changed.
	known    *store.ProblemRecord
	currency string
	// held is why the work waits, nil when it does not.
	held *reconcile.Hold
}

// scope is one reconcile of one object.
type scope struct {
	*Reconciler
	problem *v1alpha1.Problem
	// before is the object as it was read.
	before *v1alpha1.Problem
	input  input
	result *extracted
}

// +kubebuilder:rbac:groups=algoitny.dev,resources=problems,verbs=list;watch;patch
// +kubebuilder:rbac:groups=algoitny.dev,resources=problems/status,verbs=patch
// +kubebuilder:rbac:groups=algoitny.dev,resources=testsuites;solutionjobs,verbs=list;watch;create;patch;delete
// +kubebuilder:rbac:groups="",resources=configmaps,verbs=get;list;watch

// Reconcile takes one Problem a step further.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	before := &v1alpha1.Problem{}
	if err := r.Client.Get(ctx, req.NamespacedName, before); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	s := &scope{Reconciler: r, before: before, problem: before.DeepCopy()}
	if before.Spec.Budget.Amount != "" && before.Status.ObservedGeneration != before.Generation {
		r.Changed()
	}
	if !before.DeletionTimestamp.IsZero() {
		return s.delete(ctx)
	}
	outcome := reconcile.Run(ctx, s.finalizer, s.identify, s.unique, s.extract, s.publish, s.children)
	s.total(ctx)
	return r.Finisher.Finish(ctx, s.before, s.problem, Kind, outcome)
}

// tableRecheck is how often a published problem is looked for in the table.
const tableRecheck = 30 * time.Minute
