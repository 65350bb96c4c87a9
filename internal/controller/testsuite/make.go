package testsuite

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/controller/budget"
	"github.com/algoitny/algoitny-operator/internal/controller/problem"
	"github.com/algoitny/algoitny-operator/internal/dispatch"
	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/ledger"
	"github.com/algoitny/algoitny-operator/internal/pipeline"
	"github.com/algoitny/algoitny-operator/internal/pipeline/testgen"
	"github.com/algoitny/algoitny-operator/internal/reconcile"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// made is what the work hands out: what is known so far, why it waits, if it
// does, and in the end the suite.
type made struct {
	report   testgen.Report
	spent    pipeline.Spending
	currency string
	held     *reconcile.Hold
	// record is what to store but for owner and version; nil while the work
	// runs.
	record *store.SuiteRecord
}

// awaitProblem waits until the problem is published.
func (s *scope) awaitProblem(ctx context.Context) reconcile.Outcome {
	found, outcome := problem.Published(ctx, s.Client, s.problemName())
	if outcome.IsDone() {
		s.problem = found
		s.inputs = s.digest()
	}
	reconcile.SetStage(s.suite, v1alpha1.ConditionProblemReady, outcome)
	return outcome
}

func (s *scope) problemName() client.ObjectKey {
	return client.ObjectKey{Namespace: s.suite.Namespace, Name: s.suite.Spec.ProblemRef.Name}
}

func (s *scope) provider() client.ObjectKey {
	return client.ObjectKey{Namespace: s.suite.Namespace, Name: s.suite.Spec.ProviderRef.Name}
}

// digest covers what a verified suite was made for. The number of attempts is
// not in it: raising it must not have a finished suite made again.
func (s *scope) digest() string {
	published, spec := &s.problem.Status.Published, &s.suite.Spec
	if s.isImported() {
		return digestOf(published.Key, published.TaskDigest, spec.Imported.Digest)
	}
	values := []any{published.Key, published.TaskDigest, spec.ProviderRef, s.rounds(), s.mutants()}
	if spec.Refresh != "" {
		values = append(values, spec.Refresh)
	}
	return digestOf(values...)
}

// stallInputs is what a stall depends on besides: more attempts, another model
// or key, a person's word or a program's voice may do better.
func (s *scope) stallInputs(ctx context.Context) string {
	voices := []string{}
	for _, c := range s.challengers() {
		voices = append(voices, c.Program)
	}
	values := []any{s.inputs, voices, s.suite.Annotations[v1alpha1.RetryAnnotation]}
	if !s.isImported() {
		values = append(values, s.attempts(), s.Resolver.Fingerprint(ctx, s.provider()))
		if urgency := budget.Urgency(s.suite.Spec.CallTerms); urgency != "" {
			values = append(values, urgency)
		}
	}
	return digestOf(values...)
}

func digestOf(values ...any) string {
	// Strings, numbers and references always marshal.
	raw, _ := json.Marshal(values)
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:8])
}

func (s *scope) isImported() bool { return s.suite.Spec.Imported.Digest != "" }

// The defaults hold where an object was stored without them.
func (s *scope) attempts() int {
	if s.suite.Spec.MaxAttempts == 0 {
		return int(v1alpha1.DefaultSuiteAttempts)
	}
	return int(s.suite.Spec.MaxAttempts)
}

func (s *scope) rounds() int { return int(ptr.Deref(s.suite.Spec.Rounds, v1alpha1.DefaultSuiteRounds)) }

func (s *scope) mutants() int {
	return int(ptr.Deref(s.suite.Spec.Mutants, v1alpha1.DefaultSuiteMutants))
}

// make has the suite made or taken over, unless the same inputs were worked on
// before and nobody has anything against what came of it.
func (s *scope) make(ctx context.Context) reconcile.Outcome {
	status := &s.suite.Status
	if status.Inputs == s.stallInputs(ctx) {
		if outcome, stalled := reconcile.SameStall(s.suite); stalled {
			return outcome
		}
	}
	if status.Inputs == s.inputs && (len(s.disputes) == 0 || s.isImported()) {
		intact, err := s.intact(ctx)
		if err != nil {
			return reconcile.FromError(err)
		}
		if intact {
			s.Work.Forget(s.suite.UID)
			// What a person has brought along stands against every program.
			s.hear()
			return reconcile.Done()
		}
	}
	outcome := s.dispatch(ctx)
	if outcome.Lasts() {
		status.Inputs = s.stallInputs(ctx)
	}
	if !outcome.IsDone() {
		reconcile.SetStage(s.suite, v1alpha1.ConditionVerified, outcome)
	}
	return outcome
}

// intact tells whether the table still holds the suite. A lost one is made
// again from the recorded answers, for free.
func (s *scope) intact(ctx context.Context) (bool, error) {
	if s.suite.Status.Stored.Name == "" {
		return false, nil
	}
	rec, err := s.Table.Suite(ctx, problem.KeyOf(s.problem), s.storedName())
	if e, ok := errors.AsType[*store.Error](err); ok && e.Reason == store.ReasonRecordDamaged || errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return rec.Owner.UID == string(s.suite.UID) && rec.Suite.Digest() == s.suite.Status.Digest, nil
}

// dispatch starts the work or takes what it has so far.
func (s *scope) dispatch(ctx context.Context) reconcile.Outcome {
	work, outcome := s.work(ctx)
	if !outcome.IsDone() {
		return outcome
	}
	state := s.Work.Do(
		dispatch.Key{UID: s.suite.UID, Inputs: s.stallInputs(ctx)},
		client.ObjectKeyFromObject(s.suite), work)
	s.forgetOutdated()
	s.tell(state.Result, state.Running)
	if state.Running && state.Result != nil && state.Result.held != nil {
		return state.Result.held.Outcome()
	}
	if state.Running && state.Err == nil {
		return reconcile.Wait(0, v1alpha1.ReasonProgressing, s.progressing(state.Result))
	}
	if outcome, waits := problem.AwaitTable(state.Err); waits {
		return outcome
	}
	if state.Err != nil {
		return reconcile.FromWork(ctx, state)
	}
	s.result = state.Result
	return reconcile.Done()
}

func (s *scope) work(ctx context.Context) (dispatch.Work[*made], reconcile.Outcome) {
	if s.isImported() {
		return s.adopting(ctx)
	}
	provider, outcome := s.Resolver.Resolve(ctx, s.provider())
	if !outcome.IsDone() {
		return nil, outcome
	}
	return s.making(testgen.Input{
		Owner: s.owner(), Key: fmt.Sprintf("%s/%d/suite-%s", s.suite.UID, s.suite.Generation, s.stallInputs(ctx)),
		Provider: provider.Provider, MaxAttempts: s.attempts(), Rounds: s.rounds(), Mutants: s.mutants(),
		Payer: s.Accounts.Payer(Kind, s.suite, s.problemName(), s.suite.Spec.CallTerms),
	}, provider.Currency), reconcile.Done()
}

// making loads the problem and the programs that disagree from the table and
// has the suite made.
func (s *scope) making(in testgen.Input, currency string) dispatch.Work[*made] {
	table, maker, heard, disputes := s.Table, s.Maker, s.heard, s.disputes
	key, taskDigest := problem.KeyOf(s.problem), s.problem.Status.Published.TaskDigest
	return func(ctx context.Context, progress func(*made)) (*made, error) {
		task, err := problem.Task(ctx, table, key, taskDigest)
		if err != nil {
			return nil, err
		}
		in.Problem = task
		if in.Challengers, err = voices(ctx, table, key, heard, disputes); err != nil {
			return nil, err
		}
		t := &teller{tell: progress, known: made{currency: currency}}
		in.Held = func(why *execution.Error) { t.held(reconcile.HeldByRunner(why)) }
		in.Payer.Held = func(why *ledger.Error) { t.held(reconcile.HeldByLedger(why)) }
		output, err := maker.Make(ctx, in, t.advanced)
		result := &made{report: output.Report, spent: output.Spent, currency: currency}
		if err != nil {
			return result, err
		}
		result.record, err = output.Record()
		return result, err
	}
}

// teller hands on what work tells from several goroutines.
type teller struct {
	mu    sync.Mutex
	tell  func(*made)
	known made
}

// advanced takes what is known; the suite itself still changes then.
func (t *teller) advanced(o testgen.Output) {
	t.change(func(m *made) { m.report, m.spent = o.Report, o.Spent })
}

func (t *teller) held(why *reconcile.Hold) { t.change(func(m *made) { m.held = why }) }

func (t *teller) change(change func(*made)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	change(&t.known)
	told := t.known
	t.tell(&told)
}

// progressing says what is being done.
func (s *scope) progressing(so *made) string {
	what := "making the suite"
	switch {
	case s.isImported():
		what = "judging the solutions that came with the suite"
	case len(s.disputes) > 0:
		what = fmt.Sprintf("looking at the suite again, for the program of SolutionJob %q disagrees with it", s.disputes[0].Job)
	}
	if so == nil || so.report.Stage == "" {
		return what
	}
	return what + ": " + so.report.Stage
}
