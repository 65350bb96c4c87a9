// Package modelprovider keeps ModelProviders and turns them into models that
// the other controllers may pay for.
package modelprovider

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/ledger"
	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/reconcile"
)

// secretRecheck is how often a Secret that is missing or refused is read again.
const secretRecheck = 30 * time.Second

// defaultTimeout bounds a call where the specification does not.
const defaultTimeout = 2 * time.Minute

// Factory builds a model from a specification and its key.
type Factory func(spec *v1alpha1.ModelProviderSpec, key llm.Secret) (llm.Model, error)

// Resolver turns the name of a ModelProvider into a model with its limits.
type Resolver struct {
	// Cached reads ModelProviders; Uncached reads Secrets by name, because a
	// cache of them would need the right to list them all.
	Cached   client.Reader
	Uncached client.Reader
	Factory  Factory

	mu     sync.Mutex
	models map[client.ObjectKey]built
	// doubted are providers that refused a call since they were checked.
	doubted map[client.ObjectKey]bool
}

type built struct {
	digest string
	model  llm.Model
}

// Resolved is a provider that may be asked.
type Resolved struct {
	ledger.Provider
	// Currency of the price list.
	Currency string
}

// Resolve returns the provider, or why it cannot be asked now.
func (r *Resolver) Resolve(ctx context.Context, name client.ObjectKey) (*Resolved, reconcile.Outcome) {
	var provider v1alpha1.ModelProvider
	err := r.Cached.Get(ctx, name, &provider)
	if apierrors.IsNotFound(err) {
		return nil, reconcile.Wait(0, v1alpha1.ReasonProviderNotFound, fmt.Sprintf("ModelProvider %q does not exist in this namespace; create it or change providerRef", name.Name))
	}
	if err != nil {
		return nil, reconcile.FromError(err)
	}
	if !provider.IsReady() {
		return nil, reconcile.Wait(0, v1alpha1.ReasonProviderNotReady, fmt.Sprintf("ModelProvider %q is not Ready; see its conditions", name.Name))
	}
	model, _, outcome := r.model(ctx, &provider)
	if outcome.Kind() == reconcile.KindStalled {
		return nil, reconcile.Wait(secretRecheck, outcome.Reason(), outcome.Message())
	}
	if !outcome.IsDone() {
		return nil, outcome
	}
	price, budget, err := money(&provider.Spec)
	if err != nil {
		return nil, reconcile.Stalled(v1alpha1.ReasonInvalidSpec, err.Error())
	}
	return &Resolved{
		Currency: provider.Spec.Pricing.Currency,
		Provider: ledger.Provider{
			Name: name.String(), Model: model, ModelName: provider.Spec.Model,
			Price: price, BudgetNano: budget, Timeout: timeout(&provider.Spec),
			Limits: limits(provider.Spec.Limits),
		},
	}, reconcile.Done()
}

// Fingerprint changes with a provider's specification and key. Work that
// stalled, or rests after a failure, is worth another try then.
func (r *Resolver) Fingerprint(ctx context.Context, name client.ObjectKey) string {
	var provider v1alpha1.ModelProvider
	if err := r.Cached.Get(ctx, name, &provider); err != nil {
		return ""
	}
	return fmt.Sprintf("%d.%s", provider.Generation, provider.Status.Checked)
}

// Doubt has a provider checked again although nothing of it changed.
func (r *Resolver) Doubt(name client.ObjectKey) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.doubted == nil {
		r.doubted = map[client.ObjectKey]bool{}
	}
	r.doubted[name] = true
}

func (r *Resolver) isDoubted(name client.ObjectKey) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.doubted[name]
}

func (r *Resolver) trust(name client.ObjectKey) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.doubted, name)
}

// forget drops what is kept of a provider that is gone.
func (r *Resolver) forget(name client.ObjectKey) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.doubted, name)
	delete(r.models, name)
}

// model returns the model and a digest of everything it is made of.
func (r *Resolver) model(ctx context.Context, provider *v1alpha1.ModelProvider) (llm.Model, string, reconcile.Outcome) {
	ref := provider.Spec.CredentialsSecretRef
	var secret corev1.Secret
	err := r.Uncached.Get(ctx, client.ObjectKey{Namespace: provider.Namespace, Name: ref.Name}, &secret)
	if apierrors.IsNotFound(err) {
		return nil, "", reconcile.Stalled(v1alpha1.ReasonSecretNotFound, fmt.Sprintf("Secret %q does not exist in this namespace; create it with the entry %q", ref.Name, ref.Key)).Recheck(secretRecheck)
	}
	if err != nil {
		return nil, "", reconcile.FromError(err)
	}
	if len(secret.Data[ref.Key]) == 0 {
		return nil, "", reconcile.Stalled(v1alpha1.ReasonSecretNotFound, fmt.Sprintf("Secret %q has no entry %q; add it or change credentialsSecretRef.key", ref.Name, ref.Key)).Recheck(secretRecheck)
	}
	digest := digest(&provider.Spec, secret.UID, secret.ResourceVersion)
	model, err := r.build(provider, digest, llm.Secret(secret.Data[ref.Key]))
	if err != nil {
		return nil, "", reconcile.FromError(err)
	}
	return model, digest, reconcile.Done()
}

// build keeps one model a provider, so that its connections are used again.
func (r *Resolver) build(provider *v1alpha1.ModelProvider, digest string, key llm.Secret) (llm.Model, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	name := client.ObjectKeyFromObject(provider)
	if got, ok := r.models[name]; ok && got.digest == digest {
		return got.model, nil
	}
	model, err := r.Factory(&provider.Spec, key)
	if err != nil {
		return nil, err
	}
	if r.models == nil {
		r.models = map[client.ObjectKey]built{}
	}
	r.models[name] = built{digest: digest, model: model}
	return model, nil
}

func digest(spec *v1alpha1.ModelProviderSpec, secret ...any) string {
	raw, _ := json.Marshal([]any{spec.Type, spec.Model, spec.Endpoint, spec.Timeout, secret})
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:8])
}

func timeout(spec *v1alpha1.ModelProviderSpec) time.Duration {
	if spec.Timeout == nil {
		return defaultTimeout
	}
	return spec.Timeout.Duration
}

func limits(l v1alpha1.ProviderLimits) ledger.Limits {
	return ledger.Limits{
		RequestsPerMinute: int(l.RequestsPerMinute),
		TokensPerMinute:   int(l.TokensPerMinute),
		Concurrent:        int(l.Concurrent),
	}
}

// money reads the price list and the budget.
func money(spec *v1alpha1.ModelProviderSpec) (price llm.Price, budget int64, err error) {
	parse := func(field string, amount v1alpha1.Amount, into *int64) {
		if err != nil || amount == "" {
			return
		}
		if *into, err = llm.ParseAmount(string(amount)); err != nil {
			err = fmt.Errorf("%s: %w", field, err)
		}
	}
	parse("pricing.inputPerMillionTokens", spec.Pricing.InputPerMillionTokens, &price.InputNanoPerMillion)
	parse("pricing.outputPerMillionTokens", spec.Pricing.OutputPerMillionTokens, &price.OutputNanoPerMillion)
	price.CachedInputNanoPerMillion = price.InputNanoPerMillion
	parse("pricing.cachedInputPerMillionTokens", spec.Pricing.CachedInputPerMillionTokens, &price.CachedInputNanoPerMillion)
	parse("budget.monthly", spec.Budget.Monthly, &budget)
	return price, budget, err
}
