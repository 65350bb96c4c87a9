package jobs

import (
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/algoitny/algoitny-operator/internal/execution"
)

// began is when everything here was created.
var began = metav1.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func aJob(change func(*batchv1.Job)) *batchv1.Job {
	job := &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Name: "it-1", CreationTimestamp: began}}
	change(job)
	return job
}

func aPod(change func(*corev1.Pod)) *corev1.Pod {
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{CreationTimestamp: began, Labels: map[string]string{batchv1.JobNameLabel: "it-1"}}}
	pod.Status.Phase = corev1.PodPending
	change(pod)
	return pod
}

// judgeEnded is a pod whose judge is over.
func judgeEnded(t corev1.ContainerStateTerminated, change func(*corev1.Pod)) *corev1.Pod {
	return aPod(func(p *corev1.Pod) {
		p.Status.Phase = corev1.PodFailed
		p.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: containerJudge, State: corev1.ContainerState{Terminated: &t}}}
		change(p)
	})
}

func waits(container, reason string) *corev1.Pod {
	return aPod(func(p *corev1.Pod) {
		p.Status.ContainerStatuses = []corev1.ContainerStatus{
			{Name: containerJudge, State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "ContainerCreating"}}},
			{Name: container, State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason}}},
		}
	})
}

func runs(p *corev1.Pod) {
	p.Status.Phase, p.Status.StartTime = corev1.PodRunning, ptr.To(began)
	p.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: containerJudge, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}}
}

func failed(j *batchv1.Job) {
	j.Status.Conditions = []batchv1.JobCondition{{Type: batchv1.JobFailed, Status: corev1.ConditionTrue}}
}

func deleted(p *corev1.Pod) { p.DeletionTimestamp = ptr.To(began) }

func nothing[T any](T) {}

const (
	soon   = time.Second
	later  = 6 * time.Minute
	latest = time.Hour
)

// Every way a judging can end has its name.
func TestWhatTheClusterShowsHasAName(t *testing.T) {
	fine := corev1.ContainerStateTerminated{Message: "receipt"}
	killed := corev1.ContainerStateTerminated{ExitCode: 137, Reason: "Error"}
	unscheduled := aPod(func(p *corev1.Pod) {
		p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: "Unschedulable", LastTransitionTime: began}}
	})
	tests := []struct {
		name   string
		job    *batchv1.Job
		pod    *corev1.Pod
		after  time.Duration
		state  state
		reason string
	}{
		{"the judge has spoken", aJob(nothing), judgeEnded(fine, nothing), soon, spoken, ""},
		{"the judge has spoken in a pod that is deleted since", aJob(failed), judgeEnded(fine, deleted), soon, spoken, ""},
		{"the judge has spoken although a child of it ran out of memory", aJob(nothing),
			judgeEnded(corev1.ContainerStateTerminated{Reason: "OOMKilled", Message: "receipt"}, nothing), soon, spoken, ""},
		{"the judge has spoken and the deadline came after", aJob(nothing), judgeEnded(fine, func(p *corev1.Pod) { p.Status.Reason = "DeadlineExceeded" }), soon, spoken, ""},

		{"nothing has happened yet", aJob(nothing), nil, soon, waiting, ""},
		{"the pod was just made", aJob(nothing), aPod(nothing), soon, waiting, ""},
		{"it runs", aJob(nothing), aPod(runs), soon, waiting, ""},
		{"it is being deleted", aJob(nothing), aPod(func(p *corev1.Pod) { runs(p); deleted(p) }), soon, waiting, ""},
		{"the image is being pulled", aJob(nothing), waits(containerTools, "ErrImagePull"), soon, waiting, ""},
		{"no node has room at the moment", aJob(nothing), unscheduled, soon, waiting, ""},
		{"it was queued just now", aJob(func(j *batchv1.Job) { j.Spec.Suspend = ptr.To(true) }), nil, soon, waiting, ""},

		{"no pod is made", aJob(nothing), nil, later, stuck, execution.ReasonPodRefused},
		{"the queue is full", aJob(func(j *batchv1.Job) { j.Spec.Suspend = ptr.To(true) }), nil, later, stuck, execution.ReasonQueued},
		{"no node has room for long", aJob(nothing), unscheduled, later, stuck, execution.ReasonUnschedulable},
		{"the image cannot be pulled", aJob(nothing), waits(containerProgram, "ImagePullBackOff"), later, stuck, execution.ReasonImageUnavailable},
		{"the image was not loaded", aJob(nothing), waits(containerProgram, "ErrImageNeverPull"), later, stuck, execution.ReasonImageUnavailable},
		{"the image has no valid name", aJob(nothing), waits(containerProgram, "InvalidImageName"), later, stuck, execution.ReasonImageUnavailable},
		{"a container cannot be created", aJob(nothing), waits(containerProgram, "CreateContainerError"), later, stuck, execution.ReasonNotStarted},
		{"a volume cannot be mounted", aJob(nothing), aPod(nothing), later, stuck, execution.ReasonNotStarted},

		{"the Job was deleted", nil, nil, soon, lost, lostJob},
		{"the pod was deleted by hand", aJob(failed), nil, soon, lost, lostPod},
		{"the pod was deleted, and its judge killed", aJob(failed), judgeEnded(killed, deleted), soon, lost, lostPod},
		{"evicted by the kubelet", aJob(failed), judgeEnded(killed, func(p *corev1.Pod) { p.Status.Reason = "Evicted" }), soon, lost, lostEvicted},
		{"evicted before it started", aJob(failed), aPod(func(p *corev1.Pod) { p.Status.Phase, p.Status.Reason = corev1.PodFailed, "Evicted" }), soon, lost, lostEvicted},
		{"drained or preempted", aJob(failed), judgeEnded(killed, func(p *corev1.Pod) {
			deleted(p)
			p.Status.Conditions = []corev1.PodCondition{{Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue}}
		}), soon, lost, lostEvicted},
		{"the deadline", aJob(failed), judgeEnded(killed, func(p *corev1.Pod) { p.Status.Reason = "DeadlineExceeded" }), soon, lost, lostDeadline},
		{"the node is away", aJob(nothing), aPod(func(p *corev1.Pod) { runs(p); deleted(p) }), later, lost, lostNodeAway},
		{"the node is away and nobody has noticed", aJob(nothing), aPod(runs), latest, lost, lostNodeAway},
		{"the judge ran out of memory", aJob(failed), judgeEnded(corev1.ContainerStateTerminated{ExitCode: 137, Reason: "OOMKilled"}, nothing), soon, lost, lostMemory},
		{"exit code 137 without a reason", aJob(failed), judgeEnded(killed, nothing), soon, lost, lostKilled},
		{"the judge failed", aJob(failed), judgeEnded(corev1.ContainerStateTerminated{ExitCode: 1, Message: "receipt"}, nothing), soon, lost, lostSilent},
		{"the judge said nothing", aJob(failed), judgeEnded(corev1.ContainerStateTerminated{}, nothing), soon, lost, lostSilent},
		{"a pod that is over without a word of its containers", aJob(failed), aPod(func(p *corev1.Pod) { p.Status.Phase = corev1.PodSucceeded }), soon, lost, lostSilent},
	}
	c := config(t, func(*Config) {})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := look(tt.job, tt.pod, c, began.Add(tt.after))
			if got.state != tt.state || got.reason != tt.reason {
				t.Errorf("got %s %s, want %s %s", got.state, got.reason, tt.state, tt.reason)
			}
			if (got.state == stuck) != (got.message != "") {
				t.Errorf("%s says %q", got.state, got.message)
			}
			if (got.state == spoken) != (got.termination != "") {
				t.Errorf("%s has the last word %q", got.state, got.termination)
			}
		})
	}
}
