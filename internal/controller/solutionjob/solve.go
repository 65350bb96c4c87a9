package solutionjob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/controller/problem"
	"github.com/algoitny/algoitny-operator/internal/dispatch"
	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/execution/toolchain"
	"github.com/algoitny/algoitny-operator/internal/pipeline/solve"
	domain "github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/reconcile"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// defaultAttempts is the bound where an object was stored without one.
const defaultAttempts = 4

// awaitProblem waits until the problem is published.
func (s *scope) awaitProblem(ctx context.Context) reconcile.Outcome {
	outcome := s.findProblem(ctx)
	reconcile.SetStage(s.job, v1alpha1.ConditionProblemReady, outcome)
	return outcome
}

func (s *scope) findProblem(ctx context.Context) reconcile.Outcome {
	name := client.ObjectKey{Namespace: s.job.Namespace, Name: s.job.Spec.ProblemRef.Name}
	published, outcome := problem.Published(ctx, s.Client, name)
	if outcome.IsDone() {
		s.problem = published
		s.inputs = s.digest()
	}
	return outcome
}

// digest covers what a verified solution was made for. The number of attempts
// is not in it: raising it must not have a finished job done again.
func (s *scope) digest() string {
	published := &s.problem.Status.Published
	raw, _ := json.Marshal([]any{published.Key, published.TaskDigest, s.job.Spec.Language, s.job.Spec.ProviderRef})
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:8])
}

// stallInputs is what a stall depends on besides: more attempts, another model
// or key, or a person's word may do better.
func (s *scope) stallInputs(ctx context.Context) string {
	raw, _ := json.Marshal([]any{
		s.inputs, s.attempts(), s.Resolver.Fingerprint(ctx, s.provider()), s.job.Annotations[v1alpha1.RetryAnnotation],
	})
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:8])
}

func (s *scope) provider() client.ObjectKey {
	return client.ObjectKey{Namespace: s.job.Namespace, Name: s.job.Spec.ProviderRef.Name}
}

// solve has programs written, unless the same inputs were worked on before.
func (s *scope) solve(ctx context.Context) reconcile.Outcome {
	status := &s.job.Status
	if status.Inputs == s.stallInputs(ctx) {
		if outcome, stalled := reconcile.SameStall(s.job); stalled {
			return outcome
		}
	}
	if status.Inputs == s.inputs {
		intact, err := s.intact(ctx)
		if err != nil {
			return reconcile.FromError(err)
		}
		if intact {
			s.Work.Forget(s.job.UID)
			return reconcile.Done()
		}
	}
	outcome := s.dispatch(ctx)
	if outcome.Lasts() {
		status.Inputs = s.stallInputs(ctx)
	}
	reconcile.SetStage(s.job, v1alpha1.ConditionVerified, outcome)
	return outcome
}

// intact tells whether the table still holds the solution. A lost one is
// stored again from the recorded answers, for free.
func (s *scope) intact(ctx context.Context) (bool, error) {
	if s.job.Status.Stored.Name == "" {
		return false, nil
	}
	rec, err := s.Table.Solution(ctx, s.key(), string(s.job.Spec.Language), s.storedName())
	if e, ok := errors.AsType[*store.Error](err); ok && e.Reason == store.ReasonRecordDamaged || errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return rec.Owner.UID == string(s.job.UID) && rec.ProblemDigest == s.job.Status.Stored.TaskDigest, nil
}

func (s *scope) key() domain.Key {
	return domain.Key{Platform: s.problem.Status.Platform, ID: s.problem.Status.ID}
}

// dispatch starts the work or takes what it has so far.
func (s *scope) dispatch(ctx context.Context) reconcile.Outcome {
	tools, ok := toolchain.Lookup(string(s.job.Spec.Language))
	if !ok {
		return reconcile.Stalled(v1alpha1.ReasonLanguageUnavailable, fmt.Sprintf("language %q is not in the toolchain table", s.job.Spec.Language))
	}
	provider, outcome := s.Resolver.Resolve(ctx, s.provider())
	if !outcome.IsDone() {
		return outcome
	}
	in := solve.Input{
		Owner: s.owner(), Key: fmt.Sprintf("%s/%d/solve", s.job.UID, s.job.Generation), Provider: provider.Provider,
		Language: tools.Name, Dialect: tools.Dialect, MaxAttempts: s.attempts(),
		Renewal: s.job.Annotations[v1alpha1.RetryAnnotation],
	}
	state := s.Work.Do(
		dispatch.Key{UID: s.job.UID, Inputs: s.stallInputs(ctx)},
		client.ObjectKeyFromObject(s.job), s.work(in, provider.Currency))
	s.forgetOutdated()
	s.report(state.Result)
	if state.Running && state.Err == nil {
		if state.Result != nil && state.Result.held != nil {
			return reconcile.Wait(0, state.Result.held.Reason, state.Result.held.Message)
		}
		return reconcile.Wait(0, v1alpha1.ReasonProgressing, progressMessage(state.Result))
	}
	if outcome, waits := problem.AwaitTable(state.Err); waits {
		return outcome
	}
	if state.Err != nil {
		return reconcile.FromWork(ctx, state)
	}
	s.result = state.Result
	if !s.result.output.Accepted() {
		return reconcile.Stalled(v1alpha1.ReasonAttemptsExhausted, fmt.Sprintf(
			"no program passed every sample in %d attempts; raise maxAttempts or choose another model", s.attempts()))
	}
	return reconcile.Done()
}

// work loads the problem from the table and solves it.
func (s *scope) work(in solve.Input, currency string) dispatch.Work[*solved] {
	table, solver, key, digest := s.Table, s.Solver, s.key(), s.problem.Status.Published.TaskDigest
	return func(ctx context.Context, progress func(*solved)) (*solved, error) {
		task, err := problem.Task(ctx, table, key, digest)
		if err != nil {
			return nil, err
		}
		in.Problem = task
		var soFar *solve.Output
		in.Held = func(why *execution.Error) { progress(&solved{output: soFar, currency: currency, held: why}) }
		output, err := solver.Solve(ctx, in, func(o solve.Output) {
			soFar = &o
			progress(&solved{output: soFar, currency: currency})
		})
		return &solved{output: output, currency: currency}, err
	}
}

func (s *scope) attempts() int {
	if s.job.Spec.MaxAttempts == 0 {
		return defaultAttempts
	}
	return int(s.job.Spec.MaxAttempts)
}

func progressMessage(so *solved) string {
	if so == nil || so.output == nil || len(so.output.Attempts) == 0 {
		return "writing and judging the first program"
	}
	last := so.output.Attempts[len(so.output.Attempts)-1]
	return fmt.Sprintf("attempt %d got %s; repairing it", last.Number, orNoProgram(last.Verdict))
}

func orNoProgram(v domain.Verdict) string {
	if v == "" {
		return "no program"
	}
	return string(v)
}
