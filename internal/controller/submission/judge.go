package submission

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/controller/problem"
	"github.com/algoitny/algoitny-operator/internal/dispatch"
	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/pipeline"
	domain "github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/reconcile"
)

// judged is what the work hands back: in the end the report, and before why it
// waits, if it does.
type judged struct {
	task *domain.Problem
	// suite is nil where the samples are the tests.
	suite  *domain.Suite
	report *domain.Report
	held   *reconcile.Hold
}

// judge has the program judged on the task as it is now, unless the same
// inputs stalled before.
func (s *scope) judge(ctx context.Context) reconcile.Outcome {
	s.inputs = s.digest()
	status := &s.sub.Status
	if status.Inputs == s.stallInputs() {
		if outcome, stalled := reconcile.SameStall(s.sub); stalled {
			return outcome
		}
	}
	outcome := s.dispatch(ctx)
	if outcome.Lasts() {
		status.Inputs = s.stallInputs()
	}
	reconcile.SetStage(s.sub, v1alpha1.ConditionJudged, outcome)
	return outcome
}

// digest covers what decides the verdict.
func (s *scope) digest() string {
	published := &s.problem.Status.Published
	values := []any{published.Key, published.TaskDigest, s.sub.Spec.Language, s.sub.Spec.StopAtFirst, []byte(s.program)}
	if suite := s.tests().SuiteDigest; suite != "" {
		values = append(values, suite)
	}
	return digestOf(values...)
}

// stallInputs is what a stall depends on besides: a person's word may do better.
func (s *scope) stallInputs() string {
	return digestOf(s.inputs, s.sub.Annotations[v1alpha1.RetryAnnotation])
}

func digestOf(values ...any) string {
	// Strings, booleans and bytes always marshal.
	raw, _ := json.Marshal(values)
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:8])
}

// dispatch starts the judging or takes its result.
func (s *scope) dispatch(ctx context.Context) reconcile.Outcome {
	state := s.Work.Do(
		dispatch.Key{UID: s.sub.UID, Inputs: s.stallInputs()}, client.ObjectKeyFromObject(s.sub), s.work())
	if state.Running && state.Err == nil {
		if state.Result != nil && state.Result.held != nil {
			return state.Result.held.Outcome()
		}
		return reconcile.Wait(0, v1alpha1.ReasonProgressing, "compiling the program and running it on every test")
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

// work loads the task from the table and judges the program. An error is no
// verdict.
func (s *scope) work() dispatch.Work[*judged] {
	table, runner, req, tests := s.Table, s.Runner, s.request(), s.tests()
	return func(ctx context.Context, progress func(*judged)) (*judged, error) {
		task, suite, err := tests.Load(ctx, table)
		if err != nil {
			return nil, err
		}
		pipeline.Use(&req, task, suite)
		req.Held = func(why *execution.Error) { progress(&judged{held: reconcile.HeldByRunner(why)}) }
		report, err := runner.Run(ctx, req)
		if err != nil {
			return nil, err
		}
		if report.Verdict == domain.JudgeError {
			return nil, fmt.Errorf("judge %s: the judge failed, not the program: %s", req.Key, report.Detail)
		}
		return &judged{task: task, suite: suite, report: report}, nil
	}
}

// request is the judging but for what the table holds. Its key has the digest
// of what goes in: a report that a crash left behind must not be taken for one
// on another task, or of another program from the ConfigMap.
func (s *scope) request() execution.Request {
	return execution.Request{
		Owner: s.owner(), Key: fmt.Sprintf("%s/%d/judge-%s/1", s.sub.UID, s.sub.Generation, s.inputs),
		Priority: execution.PrioritySubmission,
		Language: string(s.sub.Spec.Language), Source: s.program, StopAtFirst: s.sub.Spec.StopAtFirst,
	}
}

func (s *scope) tests() problem.Tests { return problem.TestsOf(s.problem) }
