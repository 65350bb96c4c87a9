package jobs_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/execution/jobs"
	"github.com/algoitny/algoitny-operator/internal/execution/jobs/jobstest"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// batch makes an input and checks what two programs do with it.
func (b *bench) batch() execution.Batch {
	input := execution.Made("make")
	return execution.Batch{
		Owner: b.owner, Key: b.owner.UID + "/1/suite/1", Priority: execution.PriorityGeneration,
		Programs: []problem.Program{
			{Name: "generator", Language: "python", Source: "print(1, 2)\n"},
			{Name: "adds", Language: "python", Source: addition},
			{Name: "guesses", Language: "python", Source: "print(4)\n"},
			{Name: "checker", Language: "python", Source: "import sys\n_, o, a = (open(f).read().split() for f in sys.argv[1:4])\nsys.exit(0 if o == a else 1)\n"},
		},
		Checker: problem.Checker{Program: "checker", Protocol: problem.ProtocolTestlib},
		Steps: []execution.Step{
			{Name: "make", Program: "generator", Keep: 10},
			{Name: "right", Program: "adds", Input: input, Answer: execution.Text("3")},
			{Name: "wrong", Program: "guesses", Input: input, Answer: execution.Text("3")},
		},
	}
}

func (b *bench) work(r *jobs.Runner, batch execution.Batch) (*execution.BatchReport, error) {
	ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
	defer cancel()
	return r.Work(ctx, batch)
}

func verdicts(r *execution.BatchReport, err error) string {
	if err != nil {
		return summary(nil, err)
	}
	var all []string
	for _, s := range r.Steps {
		all = append(all, string(s.Verdict))
	}
	return strings.Join(all, " ")
}

func TestABatchIsRunInAJobThatGoesWhenItIsForgotten(t *testing.T) {
	b := newBench(t)
	r, _ := b.operator(defaults)
	for range 2 {
		report, err := b.work(r, b.batch())
		if got := verdicts(report, err); got != "AC AC WA" || string(report.Steps[0].Output) != "1 2\n" || b.node.Made() != 1 {
			t.Fatalf("got %s, %+v after %d pods", got, report, b.node.Made())
		}
	}
	if err := r.Forget(t.Context(), b.owner); err != nil {
		t.Fatal(err)
	}
	if left := b.jobs(); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

// Several batches of one owner may be on their way at a time.
func TestBatchesOfOneStepDoNotEndEachOther(t *testing.T) {
	b := newBench(t)
	r, _ := b.operator(defaults)
	results := make(chan string, 2)
	for i := range 2 {
		go func() {
			batch := b.batch()
			batch.Key = fmt.Sprintf("%s/1/suite/%d", b.owner.UID, i)
			report, err := b.work(r, batch)
			results <- verdicts(report, err)
		}()
	}
	for range 2 {
		if got := <-results; got != "AC AC WA" {
			t.Errorf("got %s", got)
		}
	}
	if b.node.Made() != 2 {
		t.Errorf("%d pods were made", b.node.Made())
	}
}

func TestABatchWhoseReportIsNotWhatItsJudgeSaidIsRunAgain(t *testing.T) {
	for name, spoil := range map[string]func(*corev1.PodStatus, *string){
		"a changed verdict": func(_ *corev1.PodStatus, log *string) { *log = strings.Replace(*log, `"WA"`, `"AC"`, 1) },
		"a cut":             func(_ *corev1.PodStatus, log *string) { *log = (*log)[:len(*log)/2] },
		"a step less": func(_ *corev1.PodStatus, log *string) {
			*log = `{"batch":{"steps":[{"name":"make","verdict":"AC"}]}}` + "\n"
		},
		"a request's report": func(_ *corev1.PodStatus, log *string) {
			*log = `{"report":{"verdict":"AC","passed":1,"total":1,"limits":{},"tests":[{"name":"one","verdict":"AC"}]}}` + "\n"
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.node.Next(jobstest.Spoilt(spoil))
			r, _ := b.operator(defaults)
			report, err := b.work(r, b.batch())
			if got := verdicts(report, err); got != "AC AC WA" || b.node.Made() != 2 {
				t.Errorf("got %s after %d pods", got, b.node.Made())
			}
		})
	}
}

// A batch that keeps much has a log that is longer than any of a request.
func TestTheWholeOfALongReportIsRead(t *testing.T) {
	b := newBench(t)
	r, _ := b.operator(defaults)
	batch := b.batch()
	batch.Programs[0].Source = "print('x' * (1 << 20))\n"
	batch.Steps = batch.Steps[:1]
	batch.Steps[0].Keep = 2 << 20
	report, err := b.work(r, batch)
	if got := verdicts(report, err); got != "AC" || !report.Steps[0].Whole() || report.Steps[0].Size != 1<<20+1 {
		t.Errorf("got %s", got)
	}
}

func TestAToolWhoseWholeSandboxRanOutOfMemoryUsedTooMuch(t *testing.T) {
	for name, tt := range map[string]struct {
		reason string
		want   string
	}{"memory": {"OOMKilled", "MLE  "}, "something else": {"Error", "RTE  "}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.node.Next(jobstest.Spoilt(func(s *corev1.PodStatus, _ *string) {
				jobstest.Terminate(s, "tools", corev1.ContainerStateTerminated{ExitCode: 137, Reason: tt.reason, ContainerID: "test://tools"})
			}))
			r, _ := b.operator(defaults)
			batch := b.batch()
			batch.Programs[0].Source = "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\n"
			report, err := b.work(r, batch)
			if got := verdicts(report, err); got != tt.want {
				t.Errorf("got %q, %+v", got, report)
			}
		})
	}
}

// What is wrong with a suite is told, and not taken for a run that is lost.
func TestASuiteThatDoesNotWorkNeedsAPerson(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*execution.Request)
		want   string
	}{
		"all is well": {func(*execution.Request) {}, "AC 3/3"},
		"a test comes out as another": {func(r *execution.Request) {
			r.Make[0].Digest = strings.Repeat("0", 64)
		}, "Stalled TestNotReproduced"},
		"the checker fails":                {func(r *execution.Request) { r.Tools[1].Source = "1 // 0\n" + "import sys\nsys.exit(3)\n" }, "WA 0/3"},
		"the checker fails in its own way": {func(r *execution.Request) { r.Tools[1].Source = "import sys\nsys.exit(3)\n" }, "Stalled CheckerFailed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			r, _ := b.operator(defaults)
			req, batch := b.request(addition), b.batch()
			req.Tools, req.Checker = []problem.Program{batch.Programs[0], batch.Programs[3]}, batch.Checker
			req.Make = []execution.Step{{Name: "in", Program: "generator"}}
			req.Tests = append(req.Tests, execution.Test{Name: "made", Input: execution.Made("in"), Answer: execution.Text("3\n")})
			tt.change(&req)
			report, err := r.Run(t.Context(), req)
			if got := summary(report, err); got != tt.want || b.node.Made() != 1 {
				t.Errorf("got %s, %v after %d pods", got, err, b.node.Made())
			}
		})
	}
}

func TestABatchThatIsLostAgainAndAgainNeedsAPerson(t *testing.T) {
	b := newBench(t)
	b.node.Next(jobstest.PodDeleted, jobstest.LogGone, jobstest.PodDeleted)
	r, _ := b.operator(defaults)
	if report, err := b.work(r, b.batch()); verdicts(report, err) != "Stalled JudgingLost" {
		t.Errorf("got %s", verdicts(report, err))
	}
}
