package operator_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/execution"
	domain "github.com/algoitny/algoitny-operator/internal/problem"
)

// BenchmarkProblem is what one Problem costs from create to Ready.
func BenchmarkProblem(b *testing.B) {
	w := newWorld(b)
	w.start()
	w.providers()
	w.awaitReady(w.provider("gemini", ""), w.provider("openai", ""))
	w.apiWrites.reset()
	w.tableWrites.reset()
	for i := 0; b.Loop(); i++ {
		id := fmt.Sprintf("ships%d", i)
		p := w.problem(id, id)
		w.create(p)
		w.awaitReady(p)
	}
	n := float64(b.N)
	b.ReportMetric(float64(w.apiWrites.total("/problems/", "of Problem/"))/n, "api-writes/problem")
	b.ReportMetric(float64(w.tableWrites.total())/n, "table-writes/problem")
	b.ReportMetric(float64(w.paid())/n, "paid-calls/problem")
}

// The model's time for an answer and how many it gives at a time.
const (
	solutionJobs = 200
	answerTime   = 2 * time.Second
	concurrent   = 100
)

const addition = "a, b = map(int, input().split())\nprint(a + b)\n"

// Benchmark200SolutionJobs compares 200 jobs with the ideal: the answers, so
// many at a time, plus the time that their programs alone take to be judged.
func Benchmark200SolutionJobs(b *testing.B) {
	for b.Loop() {
		w := newWorld(b)
		w.start()
		w.secret()
		provider := w.provider("openai", v1alpha1.ProviderOpenAI)
		provider.Spec.Limits.Concurrent = concurrent
		w.create(provider)
		all := make([]object, solutionJobs)
		for i := range solutionJobs {
			p := inlineProblem(w, fmt.Sprintf("sum-%d", i))
			w.slowOn("inline", p.Name, "solve-python", program(addition))
			w.create(p)
			w.awaitReady(p)
			all[i] = w.job("job-"+p.Name, p.Name)
		}
		programs := judgeAlone(b, w)
		started := time.Now()
		for _, job := range all {
			w.create(job)
		}
		w.awaitReady(all...)
		took := time.Since(started)
		ideal := solutionJobs/concurrent*answerTime + programs
		b.ReportMetric(took.Seconds(), "s")
		b.ReportMetric(ideal.Seconds(), "ideal-s")
		b.ReportMetric(took.Seconds()/ideal.Seconds(), "x-ideal")
		b.ReportMetric(float64(w.apiWrites.total("/solutionjobs/", "of SolutionJob/"))/solutionJobs, "api-writes/job")
		b.ReportMetric(float64(w.paid())/solutionJobs, "paid-calls/job")
	}
}

func inlineProblem(w *world, id string) *v1alpha1.Problem {
	return &v1alpha1.Problem{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: id},
		Spec: v1alpha1.ProblemSpec{Source: v1alpha1.ProblemSource{Inline: &v1alpha1.InlineProblem{
			ID: id, Title: "Sum", Description: "Add two numbers.",
			Samples: []v1alpha1.InlineSample{{Input: "1 2", Output: "3"}, {Input: "20 22", Output: "42"}},
		}}},
	}
}

// judgeAlone is how long the runner takes for all programs without anything
// else to do.
func judgeAlone(b *testing.B, w *world) time.Duration {
	runner := w.config().Runner
	started := time.Now()
	var all sync.WaitGroup
	for i := range solutionJobs {
		all.Go(func() {
			report, err := runner.Run(b.Context(), execution.Request{
				Key: fmt.Sprint(i), Language: "python", Source: addition,
				Tests: []execution.Test{{Name: "1", Input: execution.Text("1 2\n"), Answer: execution.Text("3\n")}, {Name: "2", Input: execution.Text("20 22\n"), Answer: execution.Text("42\n")}},
			})
			if err != nil || report.Verdict != domain.Accepted {
				b.Errorf("%+v, %v", report, err)
			}
		})
	}
	all.Wait()
	return time.Since(started)
}
