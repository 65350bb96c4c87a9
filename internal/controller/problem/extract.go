package problem

import (
	"context"
	"errors"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/controller/budget"
	"github.com/algoitny/algoitny-operator/internal/dispatch"
	"github.com/algoitny/algoitny-operator/internal/ledger"
	"github.com/algoitny/algoitny-operator/internal/manifest"
	"github.com/algoitny/algoitny-operator/internal/pipeline"
	"github.com/algoitny/algoitny-operator/internal/pipeline/extract"
	domain "github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/reconcile"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// extract has the page read, unless what is published was made of the same
// inputs and is still there, or the same inputs led nowhere before.
func (s *scope) extract(ctx context.Context) reconcile.Outcome {
	status := &s.problem.Status
	if status.Inputs == s.stallInputs(ctx) {
		if outcome, stalled := reconcile.SameStall(s.problem); stalled {
			return outcome
		}
	}
	if status.Inputs == s.input.digest {
		intact, err := s.intact(ctx)
		if err != nil {
			return reconcile.FromError(err)
		}
		if intact {
			s.Work.Forget(s.problem.UID)
			return reconcile.Done()
		}
	}
	if status.Published.Key != "" && s.publishedKey() != s.input.key {
		reconcile.SetStage(s.problem, v1alpha1.ConditionPublished, reconcile.Wait(0, v1alpha1.ReasonProgressing, "another page is to be published"))
	}
	if inline := s.problem.Spec.Source.Inline; inline != nil {
		s.result = &extracted{output: &extract.Output{Problem: manifest.Read(inline), Adapter: "inline"}}
		return reconcile.Done()
	}
	outcome := s.dispatch(ctx)
	if outcome.Lasts() {
		status.Inputs = s.stallInputs(ctx)
	}
	reconcile.SetStage(s.problem, v1alpha1.ConditionExtracted, outcome)
	return outcome
}

// stallInputs is what a stall depends on: another model or key may do better.
func (s *scope) stallInputs(ctx context.Context) string {
	return s.input.digest + "@" + s.Resolver.Fingerprint(ctx, s.provider()) + budget.Urgency(s.problem.Spec.CallTerms)
}

func (s *scope) provider() client.ObjectKey {
	return client.ObjectKey{Namespace: s.problem.Namespace, Name: s.problem.Spec.ProviderRef.Name}
}

// intact tells whether the table still holds what the status says. A lost or
// foreign item is published again; the recorded answer makes that free.
func (s *scope) intact(ctx context.Context) (bool, error) {
	published := &s.problem.Status.Published
	if published.Key == "" {
		return false, nil
	}
	return s.holdsOwn(ctx, s.publishedKey(), published.Digest)
}

// holdsOwn tells whether the table has this object's problem, whole and with
// this digest.
func (s *scope) holdsOwn(ctx context.Context, key domain.Key, digest string) (bool, error) {
	rec, err := s.own(ctx, key, digest)
	return rec != nil, err
}

// own is this object's problem with this digest; nil where the table has none
// or a damaged one.
func (s *scope) own(ctx context.Context, key domain.Key, digest string) (*store.ProblemRecord, error) {
	rec, err := s.Table.Problem(ctx, key)
	if e, ok := errors.AsType[*store.Error](err); ok && e.Reason == store.ReasonRecordDamaged || errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil || rec.Owner.UID != string(s.problem.UID) || rec.Problem.Digest() != digest {
		return nil, err
	}
	return rec, nil
}

// dispatch starts the reading or takes its result.
func (s *scope) dispatch(ctx context.Context) reconcile.Outcome {
	provider, outcome := s.Resolver.Resolve(ctx, s.provider())
	if !outcome.IsDone() {
		return outcome
	}
	in := extract.Input{
		Provider: provider.Provider, URL: s.address(), Saved: s.input.saved,
		Payer: s.Accounts.Payer(Kind, s.problem, client.ObjectKeyFromObject(s.problem), s.problem.Spec.CallTerms),
	}
	known := s.known()
	state := s.Work.Do(
		dispatch.Key{UID: s.problem.UID, Inputs: s.stallInputs(ctx)},
		client.ObjectKeyFromObject(s.problem),
		func(ctx context.Context, progress func(*extracted)) (*extracted, error) {
			in.Payer.Held = func(why *ledger.Error) { progress(&extracted{held: reconcile.HeldByLedger(why)}) }
			before := known(ctx, &in)
			output, err := s.Extractor.Extract(ctx, in)
			return &extracted{output: output, known: before, currency: provider.Currency}, err
		})
	if state.Running && state.Result != nil && state.Result.held != nil {
		return state.Result.held.Outcome()
	}
	if state.Running && state.Err == nil {
		return reconcile.Wait(0, v1alpha1.ReasonProgressing, "fetching the page and extracting the problem")
	}
	if bad, ok := errors.AsType[*pipeline.Error](state.Err); ok {
		s.spend(bad.Spent, provider.Currency)
	}
	if state.Err != nil {
		return reconcile.FromWork(ctx, state)
	}
	s.result = state.Result
	return reconcile.Done()
}

// known lets an unchanged page be recognised by its ETag. Only what this very
// object published counts, and only while it is what was published.
func (s *scope) known() func(ctx context.Context, in *extract.Input) *store.ProblemRecord {
	table, key, published, uid := s.Table, s.input.key, s.problem.Status.Published.Digest, string(s.problem.UID)
	return func(ctx context.Context, in *extract.Input) *store.ProblemRecord {
		if in.Saved != nil || published == "" || in.Payer.Refresh != "" {
			return nil
		}
		rec, err := table.Problem(ctx, key)
		if err != nil || rec.Owner.UID != uid || rec.Problem.Digest() != published {
			return nil
		}
		in.Known, in.ETag = &rec.Problem, rec.Source.ETag
		return rec
	}
}

// address is the URL as the person wrote it: mirrors and the demo's own pages
// are fetched from there.
func (s *scope) address() string {
	if ref := s.problem.Spec.Source.PageConfigMapRef; ref != nil {
		return ref.URL
	}
	return s.problem.Spec.Source.URL
}
