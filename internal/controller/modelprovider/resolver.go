// Package modelprovider keeps ModelProviders and turns them into models that
// the other controllers may pay for.
package modelprovider

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
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
	// digest covers everything that the model is made of.
	digest string
	model  llm.Model
	// gate names what all share that use the same key for the same model, in
	// whichever namespace.
	gate string
}

// Resolved is a provider that may be asked.
type Resolved struct{ ledger.Provider }

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
	made, outcome := r.model(ctx, &provider)
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
	spec := &provider.Spec
	return &Resolved{Provider: ledger.Provider{
		Name: name.String(), Identity: identity(spec), Gate: made.gate,
		Model: made.model, ModelName: spec.Model, Isolated: spec.Answers == v1alpha1.ShareNamespace,
		Currency: spec.Pricing.Currency, Price: price, PriceVersion: spec.Pricing.Version, BatchPercent: int64(spec.Pricing.BatchPercent),
		Budget: budget, Timeout: timeout(spec), Limits: limits(spec.Limits),
	}}, reconcile.Done()
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

// model returns the model with everything that is known of it.
func (r *Resolver) model(ctx context.Context, provider *v1alpha1.ModelProvider) (built, reconcile.Outcome) {
	ref := provider.Spec.CredentialsSecretRef
	var secret corev1.Secret
	err := r.Uncached.Get(ctx, client.ObjectKey{Namespace: provider.Namespace, Name: ref.Name}, &secret)
	if apierrors.IsNotFound(err) {
		return built{}, reconcile.Stalled(v1alpha1.ReasonSecretNotFound, fmt.Sprintf("Secret %q does not exist in this namespace; create it with the entry %q", ref.Name, ref.Key)).Recheck(secretRecheck)
	}
	if err != nil {
		return built{}, reconcile.FromError(err)
	}
	if len(secret.Data[ref.Key]) == 0 {
		return built{}, reconcile.Stalled(v1alpha1.ReasonSecretNotFound, fmt.Sprintf("Secret %q has no entry %q; add it or change credentialsSecretRef.key", ref.Name, ref.Key)).Recheck(secretRecheck)
	}
	digest := digest(&provider.Spec, secret.UID, secret.ResourceVersion)
	made, err := r.build(provider, digest, llm.Secret(secret.Data[ref.Key]))
	if err != nil {
		return built{}, reconcile.FromError(err)
	}
	return made, reconcile.Done()
}

// build keeps one model a provider, so that its connections are used again.
func (r *Resolver) build(provider *v1alpha1.ModelProvider, digest string, key llm.Secret) (built, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	name := client.ObjectKeyFromObject(provider)
	if got, ok := r.models[name]; ok && got.digest == digest {
		return got, nil
	}
	model, err := r.Factory(&provider.Spec, key)
	if err != nil {
		return built{}, err
	}
	if r.models == nil {
		r.models = map[client.ObjectKey]built{}
	}
	r.models[name] = built{digest: digest, model: model, gate: gate(&provider.Spec, key)}
	return r.models[name], nil
}

// identity is equal for providers whose answers are each other's: nobody else
// can put an answer under the name of a vendor's model.
func identity(spec *v1alpha1.ModelProviderSpec) string {
	return string(spec.Type) + " " + strings.TrimRight(spec.Endpoint, "/") + " " + spec.Model
}

// gate does not give the key away: keys are long and random, so nobody finds
// one by its digest.
func gate(spec *v1alpha1.ModelProviderSpec, key llm.Secret) string {
	sum := sha256.Sum256([]byte(identity(spec) + "\n" + strings.TrimSpace(key.Reveal())))
	return hex.EncodeToString(sum[:16])
}

func digest(spec *v1alpha1.ModelProviderSpec, secret ...any) string {
	raw, _ := json.Marshal([]any{spec.Type, spec.Model, spec.Endpoint, spec.API, spec.Timeout, secret})
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
func money(spec *v1alpha1.ModelProviderSpec) (price llm.Price, budget ledger.Limit, err error) {
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
	parse("budget.monthly", spec.Budget.Monthly, &budget.Nano)
	budget.Set = spec.Budget.Monthly != ""
	return price, budget, err
}
