package modelprovider

import (
	"context"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/dispatch"
	"github.com/algoitny/algoitny-operator/internal/ledger"
	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/reconcile"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// Kind names the resource in logs and metrics.
const Kind = "ModelProvider"

// usageRecheck is how often the month's usage is read without a reason, so
// that what other replicas spent and the turn of the month show.
const usageRecheck = 10 * time.Minute

// Usage reads what a provider has cost.
type Usage interface {
	Usage(ctx context.Context, a store.Account) (store.Usage, error)
}

// Reconciler keeps ModelProviders.
type Reconciler struct {
	Client   client.Client
	Resolver *Resolver
	Usage    Usage
	Finisher *reconcile.Finisher
	Checks   *dispatch.Pool[struct{}]
	Now      func() time.Time
}

// +kubebuilder:rbac:groups=algoitny.dev,resources=modelproviders,verbs=list;watch
// +kubebuilder:rbac:groups=algoitny.dev,resources=modelproviders/status,verbs=patch
// +kubebuilder:rbac:groups="",resources=secrets,verbs=get
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create

// Reconcile checks a provider for free and reports what it has cost.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	var before v1alpha1.ModelProvider
	err := r.Client.Get(ctx, req.NamespacedName, &before)
	if apierrors.IsNotFound(err) || err == nil && !before.DeletionTimestamp.IsZero() {
		r.Resolver.forget(req.NamespacedName)
		r.Checks.Forget(before.UID)
		return ctrl.Result{}, nil
	}
	if err != nil {
		return ctrl.Result{}, err
	}
	provider := before.DeepCopy()
	outcome := reconcile.Run(ctx,
		func(ctx context.Context) reconcile.Outcome { return r.check(ctx, provider) },
		func(ctx context.Context) reconcile.Outcome { return r.usage(ctx, provider) },
	)
	return r.Finisher.Finish(ctx, &before, provider, Kind, outcome)
}

// check asks the provider whether the key may use the model, once for every
// specification and key, and after a call was refused.
func (r *Reconciler) check(ctx context.Context, provider *v1alpha1.ModelProvider) reconcile.Outcome {
	if _, _, err := money(&provider.Spec); err != nil {
		return reconcile.Stalled(v1alpha1.ReasonInvalidSpec, err.Error())
	}
	made, outcome := r.Resolver.model(ctx, provider)
	if !outcome.IsDone() {
		return outcome
	}
	name := client.ObjectKeyFromObject(provider)
	if provider.Status.Checked == made.digest && !r.Resolver.isDoubted(name) {
		if outcome, stalled := reconcile.SameStall(provider); stalled {
			return outcome.Recheck(secretRecheck)
		}
		return reconcile.Done()
	}
	state := r.Checks.Do(dispatch.Key{UID: provider.UID, Inputs: made.digest}, name, probe(made.model))
	if state.Running && state.Err == nil {
		return reconcile.Wait(0, v1alpha1.ReasonProgressing, "asking the provider whether the key may use the model")
	}
	if state.Err != nil {
		outcome = reconcile.FromWork(ctx, state)
	}
	switch outcome.Kind() {
	case reconcile.KindStalled:
		outcome = outcome.Recheck(secretRecheck)
	case reconcile.KindDone:
		r.Checks.Forget(provider.UID)
	default:
		return outcome
	}
	r.Resolver.trust(name)
	provider.Status.Checked = made.digest
	return outcome
}

func probe(model llm.Model) dispatch.Work[struct{}] {
	return func(ctx context.Context, _ func(struct{})) (struct{}, error) {
		return struct{}{}, model.Check(ctx)
	}
}

// usage reports the month.
func (r *Reconciler) usage(ctx context.Context, provider *v1alpha1.ModelProvider) reconcile.Outcome {
	account := ledger.ProviderAccount(client.ObjectKeyFromObject(provider).String(), provider.Spec.Pricing.Currency, r.Now())
	used, err := r.Usage.Usage(ctx, account)
	if err != nil {
		return reconcile.FromError(err)
	}
	tokens := used.Prompt + used.Cached + used.Output + used.Thinking
	provider.Status.Usage = v1alpha1.MonthlyUsage{
		Month: account.Period, Requests: &used.Requests, Tokens: &tokens,
		Spent: llm.FormatAmount(used.SpentNano), Reserved: llm.FormatAmount(used.CommittedNano - used.SpentNano),
	}
	if _, budget, _ := money(&provider.Spec); budget.Set {
		provider.Status.Usage.Remaining = llm.FormatAmount(max(0, budget.Nano-used.CommittedNano))
	}
	return reconcile.Finished("the provider answers and the key may use the model").Recheck(usageRecheck)
}
