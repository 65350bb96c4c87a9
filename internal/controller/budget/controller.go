// Package budget keeps Budgets and finds what calls count towards.
package budget

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/dispatch"
	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/reconcile"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// Kind names the resource in logs and metrics.
const Kind = "Budget"

// usageRecheck is how often the usage is read without a reason, so that what
// other replicas spent and the turn of the month show.
const usageRecheck = 10 * time.Minute

// Wakes are the Budgets of a namespace, for the spent channel.
func Wakes(ctx context.Context, cached client.Reader, namespace string) []dispatch.Wake {
	var budgets v1alpha1.BudgetList
	// They are read for their status only, and again before long.
	if cached.List(ctx, &budgets, client.InNamespace(namespace)) != nil {
		return nil
	}
	wakes := make([]dispatch.Wake, len(budgets.Items))
	for i := range budgets.Items {
		wakes[i] = dispatch.Wake{Object: client.ObjectKeyFromObject(&budgets.Items[i])}
	}
	return wakes
}

// usageDelay gathers the calls of a moment into one status write.
const usageDelay = 2 * time.Second

// concurrentReconciles is enough for steps that only take milliseconds.
const concurrentReconciles = 2

// Usage reads what an account has cost.
type Usage interface {
	Usage(ctx context.Context, a store.Account) (store.Usage, error)
}

// Reconciler keeps Budgets.
type Reconciler struct {
	Client   client.Client
	Usage    Usage
	Finisher *reconcile.Finisher
	// Waiting is how many questions wait for an account.
	Waiting func(store.Account) int
	// Changed is told that a budget is another than before, for those who wait.
	Changed func()
	Now     func() time.Time
}

// +kubebuilder:rbac:groups=algoitny.dev,resources=budgets,verbs=list;watch
// +kubebuilder:rbac:groups=algoitny.dev,resources=budgets/status,verbs=patch

// SetupWithManager watches Budgets. What arrives on spent names budgets that
// calls have just been counted in.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager, spent chan dispatch.Wake) error {
	return ctrl.NewControllerManagedBy(mgr).
		For(&v1alpha1.Budget{}, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		WatchesRawSource(source.TypedChannel(spent, dispatch.Enqueue(usageDelay))).
		WithOptions(dispatch.Options(concurrentReconciles)).
		Complete(r)
}

// Reconcile reports what a budget has been used for.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	before := &v1alpha1.Budget{}
	if err := r.Client.Get(ctx, req.NamespacedName, before); err != nil {
		// One that is gone keeps nobody waiting any more.
		r.Changed()
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if before.Status.ObservedGeneration != before.Generation {
		r.Changed()
	}
	budget := before.DeepCopy()
	return r.Finisher.Finish(ctx, before, budget, Kind, r.report(ctx, budget))
}

func (r *Reconciler) report(ctx context.Context, b *v1alpha1.Budget) reconcile.Outcome {
	limit, err := llm.ParseAmount(string(b.Spec.Amount))
	if err != nil {
		return reconcile.Stalled(v1alpha1.ReasonInvalidSpec, "spec.amount: "+err.Error())
	}
	if _, err := isFor(b, &v1alpha1.Problem{}); err != nil {
		return reconcile.Stalled(v1alpha1.ReasonInvalidSpec, fmt.Sprintf("spec.problemSelector: %v; calls in this namespace wait until it is right", err))
	}
	account := accountOf(b, r.Now())
	used, err := r.Usage.Usage(ctx, account)
	if err != nil {
		return reconcile.FromError(err)
	}
	left, waiting := limit-used.CommittedNano, int64(r.Waiting(account))
	b.Status.Waiting = &waiting
	b.Status.Period, b.Status.Calls = account.Period, &used.Requests
	b.Status.Spent, b.Status.Reserved = llm.FormatAmount(used.SpentNano), llm.FormatAmount(used.CommittedNano-used.SpentNano)
	b.Status.Remaining = llm.FormatAmount(max(0, left))
	exceeded := metav1.Condition{
		Type: v1alpha1.ConditionExceeded, Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonWithinBudget,
		Message: "calls that fit into what is left go on", ObservedGeneration: b.Generation,
	}
	if left <= 0 || waiting > 0 {
		exceeded.Status, exceeded.Reason = metav1.ConditionTrue, v1alpha1.ReasonBudgetExceeded
		exceeded.Message = "what is left does not do for the next call; " + until(account, r.Now())
	}
	meta.SetStatusCondition(&b.Status.Conditions, exceeded)
	return reconcile.Finished("calls are counted; " + exceeded.Message).Recheck(usageRecheck)
}

func until(a store.Account, now time.Time) string {
	if a.Period == store.PeriodTotal {
		return "calls wait until spec.amount is raised"
	}
	next := time.Date(now.UTC().Year(), now.UTC().Month()+1, 1, 0, 0, 0, 0, time.UTC)
	return fmt.Sprintf("calls wait until %s or until spec.amount is raised", next.Format(time.DateOnly))
}
