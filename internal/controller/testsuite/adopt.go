package testsuite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/controller/problem"
	"github.com/algoitny/algoitny-operator/internal/dispatch"
	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/pipeline"
	"github.com/algoitny/algoitny-operator/internal/pipeline/testgen"
	domain "github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/reconcile"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// importDelay is how soon a table is looked at again that lacks the suite.
const importDelay = 30 * time.Second

// adopting proves an imported suite: it has the problem's samples, and the
// solutions that came with it are accepted.
func (s *scope) adopting(ctx context.Context) (dispatch.Work[*made], reconcile.Outcome) {
	rec, outcome := s.imported(ctx)
	if !outcome.IsDone() {
		return nil, outcome
	}
	table, runner := s.Table, s.Runner
	key, taskDigest := problem.KeyOf(s.problem), s.problem.Status.Published.TaskDigest
	req := execution.Request{
		Owner: s.owner(), Key: fmt.Sprintf("%s/%d/import-%s", s.suite.UID, s.suite.Generation, s.stallInputs(ctx)),
		Priority: execution.PriorityGeneration,
	}
	return func(ctx context.Context, progress func(*made)) (*made, error) {
		task, err := problem.Task(ctx, table, key, taskDigest)
		if err != nil {
			return nil, err
		}
		if err := agrees(task, &rec.Suite); err != nil {
			return nil, err
		}
		req.Held = func(why *execution.Error) { progress(&made{held: reconcile.HeldByRunner(why)}) }
		report, err := judgeAll(ctx, runner, req, rec)
		return &made{report: report, record: rec}, err
	}, reconcile.Done()
}

// imported reads the suite that is to be taken over. No watch tells when it is
// stored.
func (s *scope) imported(ctx context.Context) (*store.SuiteRecord, reconcile.Outcome) {
	rec, err := s.Table.Suite(ctx, problem.KeyOf(s.problem), s.storedName())
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, reconcile.FromError(err)
	}
	if err != nil || rec.Suite.Digest() != s.suite.Spec.Imported.Digest {
		return nil, reconcile.Wait(importDelay, v1alpha1.ReasonSuiteNotImported,
			"the table holds no suite with the digest that spec.imported names; run algoitny import again")
	}
	return rec, reconcile.Done()
}

// agrees compares the suite with the problem as it is published now.
func agrees(task *domain.Problem, suite *domain.Suite) error {
	if suite.Problem != task.Key {
		return unverified("the suite is for another problem; import the package for this one")
	}
	for i, sample := range task.Samples {
		answer, found := answerOf(suite, sample.Input)
		switch {
		case !found:
			return unverified("sample %d of the Problem is no sample of the suite; import the package again", i+1)
		case answer != ended(sample.Output):
			return unverified("sample %d of the Problem has another output in the suite; import the package again", i+1)
		}
	}
	return nil
}

func answerOf(suite *domain.Suite, input string) (answer string, found bool) {
	for i := range suite.Tests {
		t := &suite.Tests[i]
		if t.Kind == domain.TestSample && ended(t.Input.Text) == ended(input) {
			return ended(t.Answer.Text), true
		}
	}
	return "", false
}

// ended leaves the newlines at the end out, which manifests lose.
func ended(text string) string { return strings.TrimRight(text, "\r\n") }

func unverified(format string, args ...any) error {
	return &pipeline.Error{Reason: pipeline.ReasonUnverified, Message: fmt.Sprintf(format, args...)}
}

// judgeAll runs the solutions that came with the suite; each must be accepted.
func judgeAll(ctx context.Context, runner execution.Runner, req execution.Request, rec *store.SuiteRecord) (testgen.Report, error) {
	var report testgen.Report
	if len(rec.Report) > 0 {
		// What an export of ours had to tell is told again.
		_ = json.Unmarshal(rec.Report, &report)
	}
	report.Stage, report.Solutions, report.Near = "", nil, false
	key := req.Key
	req.Use(&rec.Suite)
	for i := range rec.Solutions {
		solution := &rec.Solutions[i]
		req.Key, req.Language, req.Source = fmt.Sprintf("%s/%d", key, i+1), solution.Language, solution.Source
		judged, err := runner.Run(ctx, req)
		if err != nil {
			return report, err
		}
		if judged.Verdict == domain.JudgeError {
			return report, fmt.Errorf("judge %s: the judge failed, not the program: %s", req.Key, judged.Detail)
		}
		if judged.Verdict != domain.Accepted {
			return report, rejected(solution.Name, judged)
		}
		report.Solutions = append(report.Solutions, testgen.Solution{Name: solution.Name, Language: solution.Language, MaxCPU: judged.MaxCPU()})
		report.Near = report.Near || judged.Limits.Near(judged.MaxCPU())
	}
	return report, nil
}

func rejected(name string, report *domain.Report) error {
	on := ""
	if failed := report.FirstFailure(); failed != nil {
		on = " on " + pipeline.Excerpt(failed.Name, 64)
	}
	return unverified("the solution %s that came with the suite gets %s%s; correct the package and import it again",
		pipeline.Excerpt(name, 64), report.Verdict, on)
}
