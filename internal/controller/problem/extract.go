package problem

import (
	"context"
	"errors"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/dispatch"
	"github.com/algoitny/algoitny-operator/internal/pipeline"
	"github.com/algoitny/algoitny-operator/internal/pipeline/extract"
	domain "github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/reconcile"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// extract has the page read, unless what is published was made of the same
// inputs and is still there.
func (s *scope) extract(ctx context.Context) reconcile.Outcome {
	if s.problem.Status.Inputs == s.input.digest {
		if outcome, stalled := reconcile.SameStall(s.problem, v1alpha1.ConditionExtracted); stalled {
			return outcome
		}
		intact, err := s.intact(ctx)
		if err != nil {
			return reconcile.FromError(err)
		}
		if intact {
			s.Work.Forget(s.problem.UID)
			return reconcile.Done()
		}
	}
	if s.problem.Spec.Source.Inline != nil {
		s.result = &extracted{output: inline(s.problem.Spec.Source.Inline)}
		return reconcile.Done()
	}
	outcome := s.dispatch(ctx)
	if outcome.Kind() == reconcile.KindStalled {
		s.problem.Status.Inputs = s.input.digest
	}
	reconcile.SetStage(s.problem, v1alpha1.ConditionExtracted, outcome)
	return outcome
}

// intact tells whether the table still holds what the status says. A lost or
// foreign item is published again; the recorded answer makes that free.
func (s *scope) intact(ctx context.Context) (bool, error) {
	published := &s.problem.Status.Published
	if published.Key == "" {
		return false, nil
	}
	rec, err := s.Table.Problem(ctx, s.publishedKey())
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return rec.Owner.UID == string(s.problem.UID) && rec.ContentDigest == published.Digest, nil
}

// dispatch starts the reading or takes its result.
func (s *scope) dispatch(ctx context.Context) reconcile.Outcome {
	name := client.ObjectKey{Namespace: s.problem.Namespace, Name: s.problem.Spec.ProviderRef.Name}
	provider, outcome := s.Resolver.Resolve(ctx, name)
	if !outcome.IsDone() {
		return outcome
	}
	in := extract.Input{Provider: provider.Provider, URL: s.address(), Saved: s.input.saved}
	key := s.input.key
	state := s.Work.Do(
		dispatch.Key{UID: s.problem.UID, Inputs: s.input.digest},
		client.ObjectKeyFromObject(s.problem),
		func(ctx context.Context, _ func(*extracted)) (*extracted, error) {
			known(ctx, s.Table, key, &in)
			output, err := s.Extractor.Extract(ctx, in)
			return &extracted{output: output, currency: provider.Currency}, err
		})
	if state.Running {
		return reconcile.Wait(0, v1alpha1.ReasonProgressing, "fetching the page and extracting the problem")
	}
	if bad, ok := errors.AsType[*pipeline.Error](state.Err); ok {
		s.spend(bad.Spent, provider.Currency)
	}
	if state.Err != nil {
		return reconcile.FromError(state.Err)
	}
	s.result = state.Result
	return reconcile.Done()
}

// known lets an unchanged page be recognised by its ETag. Without a stored
// problem the page is simply read.
func known(ctx context.Context, table Table, key domain.Key, in *extract.Input) {
	if in.Saved != nil {
		return
	}
	if rec, err := table.Problem(ctx, key); err == nil {
		in.Known, in.ETag = &rec.Problem, rec.Source.ETag
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

// inline turns a problem that a person wrote into a checked one.
func inline(p *v1alpha1.InlineProblem) *extract.Output {
	out := domain.Problem{
		Key:   domain.Key{Platform: p.Platform, ID: p.ID},
		Title: p.Title, Tags: p.Tags,
		Statement: domain.Statement{Description: p.Description, Input: p.Input, Output: p.Output, Constraints: p.Constraints},
	}
	if p.TimeLimit != nil {
		out.Limits.Time = p.TimeLimit.Duration
	}
	if p.MemoryLimitMiB != nil {
		out.Limits.MemoryBytes = int64(*p.MemoryLimitMiB) << 20
	}
	for _, sample := range p.Samples {
		out.Samples = append(out.Samples, domain.Sample{Input: ended(sample.Input), Output: ended(sample.Output)})
	}
	return &extract.Output{Problem: out, Adapter: "inline"}
}

func ended(text string) string {
	if text = strings.TrimRight(text, "\n"); text == "" {
		return ""
	}
	return text + "\n"
}
