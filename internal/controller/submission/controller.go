// Package submission keeps Submissions: wait for the problem, have the program
// judged once, record the verdict, and delete what has had its time.
package submission

import (
	"context"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/controller/problem"
	"github.com/algoitny/algoitny-operator/internal/dispatch"
	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/reconcile"
)

// Kind names the resource in logs and metrics.
const Kind = "Submission"

// Reconciler keeps Submissions.
type Reconciler struct {
	Client client.Client
	// Sources reads ConfigMaps without a cache.
	Sources  client.Reader
	Table    problem.Reader
	Runner   execution.Runner
	Finisher *reconcile.Finisher
	// Now is the clock that ttlAfterFinished goes by.
	Now  func() time.Time
	Work *dispatch.Pool[*judged]
}

// scope is one reconcile of one object.
type scope struct {
	*Reconciler
	sub, before *v1alpha1.Submission
	// problem is the published Problem, program what is to be judged, inputs a
	// digest of all that goes in.
	problem *v1alpha1.Problem
	program string
	inputs  string
	result  *judged
}

// +kubebuilder:rbac:groups=algoitny.dev,resources=submissions,verbs=list;watch;delete
// +kubebuilder:rbac:groups=algoitny.dev,resources=submissions/status,verbs=patch
// +kubebuilder:rbac:groups="",resources=configmaps,verbs=get;list;watch

// Reconcile takes one Submission a step further. There is no finalizer: what a
// judging leaves in the cluster is owned by the object and goes with it.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	before := &v1alpha1.Submission{}
	if err := r.Client.Get(ctx, req.NamespacedName, before); err != nil {
		if apierrors.IsNotFound(err) {
			r.Work.ForgetName(req.NamespacedName)
		}
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !before.DeletionTimestamp.IsZero() {
		r.Work.Forget(before.UID)
		return ctrl.Result{}, nil
	}
	s := &scope{Reconciler: r, before: before, sub: before.DeepCopy()}
	outcome := s.run(ctx)
	if left := s.quietFor(outcome); left > 0 {
		return ctrl.Result{RequeueAfter: left}, nil
	}
	return r.Finisher.Finish(ctx, s.before, s.sub, Kind, s.expire(ctx, outcome), s.forget)
}

// run takes the steps. A verdict is final, whatever becomes of the problem or
// the ConfigMap.
func (s *scope) run(ctx context.Context) reconcile.Outcome {
	if s.sub.IsJudged() {
		return s.finished()
	}
	outcome := reconcile.Run(ctx, s.awaitProblem, s.source, s.judge, s.record)
	s.stamp(outcome)
	return outcome
}

// forget lets the judging go once its result is recorded. Until then a crash
// finds it done.
func (s *scope) forget(ctx context.Context) error {
	if s.sub.IsJudged() {
		s.Work.Forget(s.sub.UID)
	}
	return s.Runner.Forget(ctx, s.owner())
}

func (s *scope) owner() execution.Owner {
	return execution.Owner{
		APIVersion: v1alpha1.GroupVersion.String(), Kind: Kind,
		Namespace: s.sub.Namespace, Name: s.sub.Name, UID: string(s.sub.UID),
	}
}
