package operator_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/execution/agent/agenttest"
	"github.com/algoitny/algoitny-operator/internal/execution/jobs"
	"github.com/algoitny/algoitny-operator/internal/execution/jobs/jobstest"
)

// inJobs has the world's programs judged as they are in a cluster.
func (w *world) inJobs() *jobstest.Node {
	w.t.Helper()
	w.create(&networkingv1.NetworkPolicy{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "algoitny-judging"},
		Spec: networkingv1.NetworkPolicySpec{
			PodSelector: metav1.LabelSelector{MatchLabels: map[string]string{jobs.LabelJudging: "true"}},
			PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress},
		},
	})
	w.node = jobstest.Start(w.t, w.client, w.namespace, agenttest.Command(w.t)[0])
	return w.node
}

func (w *world) jobs() []batchv1.Job {
	w.t.Helper()
	var list batchv1.JobList
	if err := w.client.List(w.t.Context(), &list, client.InNamespace(w.namespace)); err != nil {
		w.t.Fatal(err)
	}
	return list.Items
}

func TestEveryAttemptIsJudgedInAJobAndTheJobsGoOnceTheResultIsRecorded(t *testing.T) {
	w := newWorld(t)
	node := w.inJobs()
	w.start()
	w.providers()
	w.answer("ships", "solve-python", wrongProgram, rightProgram)
	p := w.problem("ships", "ships")
	w.create(p)
	w.awaitReady(p)
	w.apiWrites.reset()
	job := w.job("solution", "ships")
	w.create(job)
	w.awaitReady(job)
	w.eventually("the Jobs are gone", func() bool { return len(w.jobs()) == 0 })
	if job.Status.Verdict != "AC" || node.Made() != 2 {
		t.Errorf("%s after %d pods", job.Status.Verdict, node.Made())
	}
	// A Job, its request and its end: the rest is the SolutionJob's own.
	if got := w.apiWrites.total("/jobs", "/configmaps"); got != 2*3 {
		t.Errorf("%d writes for 2 judgings, want 3 each: %s", got, &w.apiWrites)
	}
}

// A judging that is done already is not done again by the next operator, and
// nothing is paid for twice.
func TestAnOperatorThatIsKilledWhileAProgramRunsTakesItsResult(t *testing.T) {
	w := newWorld(t)
	node := w.inJobs()
	stop := w.start()
	w.providers()
	w.answer("ships", "solve-python", program("import time\ntime.sleep(1)\n"+addition))
	p, job := w.problem("ships", "ships"), w.job("solution", "ships")
	w.create(p, job)
	w.eventually("a program runs", func() bool { return node.Made() == 1 })
	stop()
	w.start()
	w.awaitReady(job)
	if node.Made() != 1 || w.paid() != 2 {
		t.Errorf("%d pods and %d paid calls, want 1 and 2", node.Made(), w.paid())
	}
}

func TestAClusterThatHoldsAJudgingUpIsToldInTheStatusAndGoesOnByItself(t *testing.T) {
	w := newWorld(t)
	w.inJobs()
	policy := &networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "algoitny-judging"}}
	w.get(policy)
	if err := w.client.Delete(t.Context(), policy); err != nil {
		t.Fatal(err)
	}
	w.start()
	w.providers()
	w.answer("ships", "solve-python", rightProgram)
	p, job := w.problem("ships", "ships"), w.job("solution", "ships")
	w.create(p, job)
	w.await(job, metav1.ConditionUnknown, execution.ReasonNamespaceNotPrepared)
	policy.ResourceVersion = ""
	w.create(policy)
	w.awaitReady(job)
}

func TestJudgingsThatAreLostAgainAndAgainStallAndAPersonsWordStartsThemAnew(t *testing.T) {
	w := newWorld(t)
	node := w.inJobs()
	node.Next(jobstest.PodDeleted, jobstest.PodDeleted, jobstest.PodDeleted)
	w.start()
	w.providers()
	w.answer("ships", "solve-python", rightProgram)
	p, job := w.problem("ships", "ships"), w.job("solution", "ships")
	w.create(p, job)
	w.await(job, metav1.ConditionFalse, execution.ReasonJudgingLost)
	w.eventually("the Jobs are gone", func() bool { return len(w.jobs()) == 0 })
	update(w, job, func(j *v1alpha1.SolutionJob) { j.Annotations = map[string]string{v1alpha1.RetryAnnotation: "1"} })
	w.awaitReady(job)
	if w.paid() != 2 {
		t.Errorf("%d paid calls, want 2", w.paid())
	}
}

func TestADeletedObjectsJudgingIsNotWaitedFor(t *testing.T) {
	w := newWorld(t)
	node := w.inJobs()
	node.Next(func(ctx context.Context, _ *jobstest.Node, _ *batchv1.Job) error { <-ctx.Done(); return nil })
	w.start()
	w.providers()
	w.answer("ships", "solve-python", rightProgram)
	p, job := w.problem("ships", "ships"), w.job("solution", "ships")
	w.create(p, job)
	w.eventually("a Job is there", func() bool { return len(w.jobs()) == 1 })
	if err := w.client.Delete(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	w.awaitGone(job)
	if owner := metav1.GetControllerOf(&w.jobs()[0]); owner == nil || owner.UID != job.UID {
		t.Errorf("its Job belongs to %+v, so that nobody would remove it", owner)
	}
}

func TestASubmissionThatNoNodeTakesSaysSoWhileItWaits(t *testing.T) {
	w := newWorld(t)
	node := w.inJobs()
	room := make(chan struct{})
	node.Next(func(ctx context.Context, n *jobstest.Node, job *batchv1.Job) error {
		select {
		case <-room:
		case <-ctx.Done():
		}
		return jobstest.Runs(ctx, n, job)
	})
	w.patience = time.Second
	w.start()
	w.providers()
	p := w.problem("ships", "ships")
	w.create(p)
	w.awaitReady(p)
	sub := w.submission("waits", "ships", addition)
	w.create(sub)
	w.await(sub, metav1.ConditionUnknown, execution.ReasonPodRefused)
	close(room)
	w.awaitReady(sub)
	if sub.Status.Verdict != "AC" || node.Made() != 1 {
		t.Errorf("%s after %d pods", sub.Status.Verdict, node.Made())
	}
}

func TestASubmissionCostsFourWritesAndAnEvent(t *testing.T) {
	w := newWorld(t)
	w.inJobs()
	w.start()
	w.providers()
	p := w.problem("ships", "ships")
	w.create(p)
	w.awaitReady(p)
	w.apiWrites.reset()
	sub := w.submission("quick", "ships", addition)
	w.create(sub)
	began := time.Now()
	w.awaitReady(sub)
	quick := time.Since(began) < 4*time.Second
	w.eventually("its Job is gone", func() bool { return len(w.jobs()) == 0 })
	w.eventually("the event is written", func() bool { return w.apiWrites.total("of Submission/quick") > 0 })
	most := 4
	if !quick {
		// A longer one says that it goes on.
		most++
	}
	if got := w.apiWrites.total("/jobs", "/configmaps", "/submissions/"); got > most {
		t.Errorf("%d writes, want at most %d: %s", got, most, &w.apiWrites)
	}
	if got := w.apiWrites.total("of Submission/"); got != 1 {
		t.Errorf("%d events, want 1: %s", got, &w.apiWrites)
	}
}

// BenchmarkSubmissionInAJob is what one Submission costs the API server.
func BenchmarkSubmissionInAJob(b *testing.B) {
	w := newWorld(b)
	w.inJobs()
	w.start()
	w.providers()
	p := w.problem("ships", "ships")
	w.create(p)
	w.awaitReady(p)
	w.apiWrites.reset()
	for i := 0; b.Loop(); i++ {
		sub := w.submission(fmt.Sprintf("sub-%d", i), "ships", addition)
		w.create(sub)
		w.awaitReady(sub)
	}
	w.eventually("the Jobs are gone", func() bool { return len(w.jobs()) == 0 })
	n := float64(b.N)
	b.ReportMetric(float64(w.apiWrites.total("/jobs", "/configmaps", "/submissions/"))/n, "api-writes/submission")
	b.ReportMetric(float64(w.apiWrites.total("of Submission/"))/n, "events/submission")
}
