package solutionjob

import (
	"context"
	"errors"
	"fmt"
	"math"

	"k8s.io/utils/ptr"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/controller/problem"
	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/pipeline"
	"github.com/algoitny/algoitny-operator/internal/pipeline/solve"
	domain "github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/reconcile"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// store writes the accepted program and says where it is.
func (s *scope) store(ctx context.Context) reconcile.Outcome {
	if s.result == nil {
		return s.finished()
	}
	if outcome := s.put(ctx, s.result); !outcome.IsDone() {
		return outcome
	}
	s.job.Status.Inputs = s.inputs
	return s.finished()
}

// put stores the best program, whatever its verdict is.
func (s *scope) put(ctx context.Context, so *solved) reconcile.Outcome {
	record := s.record(so)
	had, err := s.Table.SolutionStamp(ctx, record.Key, record.Language, record.Name)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return reconcile.FromError(err)
	}
	if had != nil && (had.Owner.UID == record.Owner.UID || had.Owner.UID == "") {
		record.Version = had.Version
	}
	_, err = s.Table.PutSolution(ctx, record)
	if outcome, waits := problem.AwaitTable(err); waits {
		return outcome
	}
	if err == nil {
		err = s.retire(ctx, record.Key)
	}
	if err != nil {
		return reconcile.FromError(err)
	}
	s.job.Status.Stored = v1alpha1.StoredSolution{
		Platform: record.Key.Platform, ID: record.Key.ID, Name: record.Name,
		TaskDigest: record.ProblemDigest, Suite: record.SuiteDigest,
	}
	return reconcile.Done()
}

// retire takes back what was stored for the problem before its url changed.
func (s *scope) retire(ctx context.Context, now domain.Key) error {
	stored := s.job.Status.Stored
	before := domain.Key{Platform: stored.Platform, ID: stored.ID}
	if stored.Name == "" || before == now {
		return nil
	}
	return s.drop(ctx, before)
}

// forgetOutdated clears what is told of another task's programs as soon as
// work on this one begins.
func (s *scope) forgetOutdated() {
	status := &s.job.Status
	if status.Stored.Name == "" || status.Stored.TaskDigest == s.problem.Status.Published.TaskDigest {
		return
	}
	status.Attempts, status.BestAttempt, status.Verdict, status.Dispute = nil, nil, "", nil
	status.TimeMillis, status.TimeLimitMillis, status.MemoryMiB = nil, nil, nil
	status.Spending = v1alpha1.Spending{}
}

func (s *scope) finished() reconcile.Outcome {
	passed := int32(0)
	for i := range s.job.Status.Attempts {
		passed = ptr.Deref(s.job.Status.Attempts[i].Passed, 0)
	}
	return reconcile.Finished(fmt.Sprintf("attempt %d passed every test (%d)", len(s.job.Status.Attempts), passed))
}

func (s *scope) record(so *solved) store.SolutionRecord {
	output, tests := so.output, s.tests()
	best := &output.Attempts[output.Best]
	return store.SolutionRecord{
		Key: tests.Key, Name: s.storedName(), Language: string(s.job.Spec.Language), Source: best.Source,
		Verdict: best.Verdict, Report: best.Report, Attempts: len(output.Attempts), Tried: output.Tried(),
		Owner:         store.Owner{Namespace: s.job.Namespace, Name: s.job.Name, UID: string(s.job.UID)},
		Provenance:    output.Provenance,
		ProblemDigest: tests.TaskDigest, SuiteDigest: tests.SuiteDigest,
	}
}

// report puts the attempts so far into the status.
func (s *scope) report(so *solved) {
	if so == nil || so.output == nil {
		return
	}
	status, output := &s.job.Status, so.output
	status.Attempts = nil
	for i := range output.Attempts {
		status.Attempts = append(status.Attempts, attempt(&output.Attempts[i]))
	}
	calls := count(output.Spent.Calls)
	status.Spending = v1alpha1.Spending{
		Calls: &calls, Tokens: &output.Spent.Tokens, Amount: llm.FormatAmount(output.Spent.CostNano), Currency: so.currency,
	}
	if output.Best < 0 {
		return
	}
	best := &output.Attempts[output.Best]
	number, millis := count(best.Number), best.Report.MaxCPU().Milliseconds()
	mebibytes := best.Report.MaxMemory() >> 20
	status.BestAttempt, status.Verdict = &number, string(best.Verdict)
	status.TimeMillis, status.MemoryMiB = &millis, &mebibytes
	if best.Report.Limits.Time > 0 {
		limit := best.Report.Limits.Time.Milliseconds()
		status.TimeLimitMillis = &limit
	}
}

func attempt(a *solve.Attempt) v1alpha1.Attempt {
	passed, total, tokens := count(a.Report.Passed), count(a.Report.Total), a.Tokens
	out := v1alpha1.Attempt{
		Number: count(a.Number), Verdict: string(a.Verdict), Passed: &passed, Total: &total,
		Detail: pipeline.Excerpt(a.Detail, 256), Tokens: &tokens, Amount: llm.FormatAmount(a.CostNano),
	}
	if failed := a.Report.FirstFailure(); failed != nil {
		out.FailedTest = failed.Name
	}
	return out
}

// count is a number as the API has it.
func count(n int) int32 { return int32(min(max(n, 0), math.MaxInt32)) }
