package submission

import (
	"context"
	"fmt"
	"math"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/pipeline"
	domain "github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/reconcile"
)

// The bounds of a status: as many tests, and as many bytes of each text, as
// the CRD allows characters.
const (
	maxTests   = 128
	maxExcerpt = 1024
	maxDetail  = 256
	maxName    = 64
)

// record puts the verdict into the status.
func (s *scope) record(context.Context) reconcile.Outcome {
	report := s.result.report
	passed, total := count(report.Passed), count(report.Total)
	limit := report.Limits.Time.Milliseconds()
	status := &s.sub.Status
	status.Inputs, status.Verdict = s.inputs, string(report.Verdict)
	status.Passed, status.Total, status.TimeLimitMillis = &passed, &total, &limit
	status.Score = fmt.Sprintf("%d/%d", passed, total)
	status.CompileLog = pipeline.Excerpt(report.CompileLog, maxExcerpt)
	status.Tests = tests(report.Tests)
	status.FirstFailure = s.result.firstFailure()
	if len(report.Tests) > 0 {
		millis, mebibytes := report.MaxCPU().Milliseconds(), report.MaxMemory()>>20
		status.TimeMillis, status.MemoryMiB = &millis, &mebibytes
	}
	tests := s.tests()
	status.JudgedAgainst = v1alpha1.JudgedProblem{
		Platform: tests.Key.Platform, ID: tests.Key.ID, TaskDigest: tests.TaskDigest, Suite: tests.SuiteDigest,
	}
	return s.finished()
}

func tests(results []domain.TestResult) []v1alpha1.JudgedTest {
	var out []v1alpha1.JudgedTest
	for i := range results[:min(len(results), maxTests)] {
		r := &results[i]
		millis, mebibytes := r.CPU.Milliseconds(), r.MemoryBytes>>20
		out = append(out, v1alpha1.JudgedTest{
			Name: pipeline.Excerpt(r.Name, maxName), Verdict: string(r.Verdict), TimeMillis: &millis, MemoryMiB: &mebibytes,
		})
	}
	return out
}

// firstFailure shows the first test that failed. Samples are public, so their
// texts are shown; those of any other test never are, and neither is where an
// output differs from its answer, for that quotes it.
func (j *judged) firstFailure() *v1alpha1.FailedTest {
	failed := j.report.FirstFailure()
	if failed == nil {
		return nil
	}
	out := &v1alpha1.FailedTest{Name: pipeline.Excerpt(failed.Name, maxName), Verdict: string(failed.Verdict)}
	sample, public := pipeline.Sample(j.task, j.suite, failed.Name)
	if public {
		out.Input = pipeline.Excerpt(sample.Input, maxExcerpt)
		out.Expected = pipeline.Excerpt(sample.Output, maxExcerpt)
		out.Actual = pipeline.Excerpt(failed.Output, maxExcerpt)
	}
	if public || failed.Verdict != domain.WrongAnswer && failed.Verdict != domain.PresentationError {
		out.Detail = pipeline.Excerpt(failed.Detail, maxDetail)
	}
	return out
}

// count is a number as the API has it.
func count(n int) int32 { return int32(min(max(n, 0), math.MaxInt32)) }
