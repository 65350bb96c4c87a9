// Package testsuite keeps TestSuites: wait for the problem, have a suite made
// and proved, or take an imported one over, store it, and look at it again when
// a right-looking program disagrees.
package testsuite

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
	"github.com/algoitny/algoitny-operator/internal/pipeline/testgen"
	domain "github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/reconcile"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// Kind names the resource in logs and metrics.
const Kind = "TestSuite"

// Table is the part of the store that holds suites and what they are made of.
type Table interface {
	problem.Reader
	Solution(ctx context.Context, key domain.Key, language, name string) (*store.SolutionRecord, error)
	SuiteStamp(ctx context.Context, key domain.Key, name string) (*store.Stamp, error)
	PutSuite(ctx context.Context, rec store.SuiteRecord) (int64, error)
	DeleteSuite(ctx context.Context, key domain.Key, name, ownerUID string) error
	ReleaseSuite(ctx context.Context, key domain.Key, name, ownerUID string) error
}

// Maker makes suites.
type Maker interface {
	Make(ctx context.Context, in testgen.Input, progress func(testgen.Output)) (*testgen.Output, error)
}

// Reconciler keeps TestSuites.
type Reconciler struct {
	Client client.Client
	Table  Table
	Maker  Maker
	// Runner judges the solutions of imported suites.
	Runner   execution.Runner
	Resolver *modelprovider.Resolver
	Accounts *budget.Accounts
	Finisher *reconcile.Finisher
	Work     *dispatch.Pool[*made]
}

// scope is one reconcile of one object.
type scope struct {
	*Reconciler
	suite, before *v1alpha1.TestSuite
	// problem is the published Problem, inputs a digest of all that decides
	// which suite is wanted.
	problem *v1alpha1.Problem
	inputs  string
	// heard are the programs that took part in the suite before, disputes those
	// that it is to be looked at for.
	heard, disputes []challenger
	// result is a suite that is to be stored, nil when there is no new one.
	result *made
}

// +kubebuilder:rbac:groups=algoitny.dev,resources=testsuites,verbs=list;watch;patch
// +kubebuilder:rbac:groups=algoitny.dev,resources=testsuites/status,verbs=patch

// Reconcile takes one TestSuite a step further.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	before := &v1alpha1.TestSuite{}
	if err := r.Client.Get(ctx, req.NamespacedName, before); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	s := &scope{Reconciler: r, before: before, suite: before.DeepCopy()}
	if !before.DeletionTimestamp.IsZero() {
		return s.delete(ctx)
	}
	outcome := reconcile.Run(ctx, s.finalizer, s.awaitProblem, s.listen, s.make, s.store)
	return r.Finisher.Finish(ctx, s.before, s.suite, Kind, outcome, s.forget)
}

// forget lets the runs go, and the suite that is stored. Until then a crash
// finds them done.
func (s *scope) forget(ctx context.Context) error {
	if s.suite.Status.Inputs == s.inputs {
		s.Work.Forget(s.suite.UID)
	}
	return s.Runner.Forget(ctx, s.owner())
}

func (s *scope) owner() execution.Owner {
	return execution.Owner{
		APIVersion: v1alpha1.GroupVersion.String(), Kind: Kind,
		Namespace: s.suite.Namespace, Name: s.suite.Name, UID: string(s.suite.UID),
	}
}

// finalizer guards what will be stored.
func (s *scope) finalizer(ctx context.Context) reconcile.Outcome {
	if err := reconcile.Guard(ctx, s.Client, s.suite); err != nil {
		return reconcile.FromError(err)
	}
	s.before = s.suite.DeepCopy()
	return reconcile.Done()
}

// delete removes the stored suite, or leaves it to whoever comes next, and lets
// the object go.
func (s *scope) delete(ctx context.Context) (ctrl.Result, error) {
	s.Work.Forget(s.suite.UID)
	return s.Finisher.Delete(ctx, s.before, s.suite, Kind, s.leave)
}

// leave deletes or releases what is stored, as the policy says.
func (s *scope) leave(ctx context.Context) error {
	stored := s.suite.Status.Stored
	for _, key := range problem.Places(ctx, s.Client, s.problemName(), domain.Key{Platform: stored.Platform, ID: stored.ID}) {
		if err := s.drop(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

// drop deletes or releases the suite of one problem.
func (s *scope) drop(ctx context.Context, key domain.Key) error {
	if s.suite.Spec.DeletionPolicy == v1alpha1.DeletionRetain {
		return s.Table.ReleaseSuite(ctx, key, s.storedName(), string(s.suite.UID))
	}
	return s.Table.DeleteSuite(ctx, key, s.storedName(), string(s.suite.UID))
}

// storedName keeps suites of equal names in two namespaces apart. An import
// stores under it too.
func (s *scope) storedName() string { return s.suite.Namespace + "." + s.suite.Name }
