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
	"github.com/algoitny/algoitny-operator/internal/controller/budget"
	"github.com/algoitny/algoitny-operator/internal/controller/problem"
	"github.com/algoitny/algoitny-operator/internal/dispatch"
	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/execution/toolchain"
	"github.com/algoitny/algoitny-operator/internal/ledger"
	"github.com/algoitny/algoitny-operator/internal/pipeline/solve"
	domain "github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/reconcile"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// defaultAttempts is the bound where an object was stored without one.
const defaultAttempts = 4

// awaitProblem waits until the problem is published and its suite is verified,
// where it asks for one.
func (s *scope) awaitProblem(ctx context.Context) reconcile.Outcome {
	found, outcome := problem.Judgeable(ctx, s.Client, s.problemName())
	if outcome.IsDone() {
		s.problem = found
		s.inputs = s.digest()
	}
	reconcile.SetStage(s.job, v1alpha1.ConditionProblemReady, outcome)
	return outcome
}

func (s *scope) problemName() client.ObjectKey {
	return client.ObjectKey{Namespace: s.job.Namespace, Name: s.job.Spec.ProblemRef.Name}
}

// digest covers what a verified solution was made for. The number of attempts
// is not in it: raising it must not have a finished job done again.
func (s *scope) digest() string {
	published := &s.problem.Status.Published
	values := []any{published.Key, published.TaskDigest, s.job.Spec.Language, s.job.Spec.ProviderRef}
	if suite := s.tests().SuiteDigest; suite != "" {
		values = append(values, suite)
	}
	if refresh := s.job.Spec.Refresh; refresh != "" {
		values = append(values, "refresh "+refresh)
	}
	return digestOf(values...)
}

func digestOf(values ...any) string {
	// Strings, numbers and references always marshal.
	raw, _ := json.Marshal(values)
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:8])
}

func (s *scope) tests() problem.Tests { return problem.TestsOf(s.problem) }

// stallInputs is what a stall depends on besides: more attempts, another model
// or key, or a person's word may do better.
func (s *scope) stallInputs(ctx context.Context) string {
	values := []any{s.inputs, s.attempts(), s.Resolver.Fingerprint(ctx, s.provider()), s.job.Annotations[v1alpha1.RetryAnnotation]}
	if urgency := budget.Urgency(s.job.Spec.CallTerms); urgency != "" {
		values = append(values, urgency)
	}
	return digestOf(values...)
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
	if status.Inputs == s.inputs || s.isDisputing(ctx) {
		intact, err := s.intact(ctx)
		if err != nil {
			return reconcile.FromError(err)
		}
		if intact {
			s.Work.Forget(s.job.UID)
			return s.disputed(ctx)
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
	stored := &s.job.Status.Stored
	return rec.Owner.UID == string(s.job.UID) && rec.ProblemDigest == stored.TaskDigest && rec.SuiteDigest == stored.Suite, nil
}

func (s *scope) key() domain.Key { return problem.KeyOf(s.problem) }

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
		Payer: s.Accounts.Payer(Kind, s.job, s.problemName(), s.job.Spec.CallTerms),
	}
	state := s.Work.Do(
		dispatch.Key{UID: s.job.UID, Inputs: s.stallInputs(ctx)},
		client.ObjectKeyFromObject(s.job), s.work(in, provider.Currency))
	s.forgetOutdated()
	s.report(state.Result)
	if state.Running && state.Result != nil && state.Result.held != nil {
		return state.Result.held.Outcome()
	}
	if state.Running && state.Err == nil {
		return reconcile.Wait(0, v1alpha1.ReasonProgressing, progressMessage(state.Result))
	}
	if outcome, waits := problem.AwaitTable(state.Err); waits {
		return outcome
	}
	if state.Err != nil {
		return reconcile.FromWork(ctx, state)
	}
	if !state.Result.output.Accepted() {
		return s.exhausted(ctx, state.Result)
	}
	s.job.Status.Dispute = nil
	s.result = state.Result
	return reconcile.Done()
}

// work loads the problem and its suite from the table and solves it.
func (s *scope) work(in solve.Input, currency string) dispatch.Work[*solved] {
	table, solver, tests := s.Table, s.Solver, s.tests()
	return func(ctx context.Context, progress func(*solved)) (*solved, error) {
		task, suite, err := tests.Load(ctx, table)
		if err != nil {
			return nil, err
		}
		in.Problem, in.Suite = task, suite
		var soFar *solve.Output
		held := func(why *reconcile.Hold) { progress(&solved{output: soFar, currency: currency, held: why}) }
		in.Held = func(why *execution.Error) { held(reconcile.HeldByRunner(why)) }
		in.Payer.Held = func(why *ledger.Error) { held(reconcile.HeldByLedger(why)) }
		output, err := solver.Solve(ctx, in, func(o solve.Output) {
			soFar = &o
			progress(&solved{output: soFar, currency: currency})
		})
		return &solved{output: output, suite: suite, currency: currency}, err
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
