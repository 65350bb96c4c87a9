package jobs

import (
	"fmt"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/algoitny/algoitny-operator/internal/execution"
)

// state is how far a judging is.
type state string

const (
	// waiting: nothing has gone wrong so far.
	waiting state = "waiting"
	// stuck: it has waited for long, for something that a person may have to
	// see to.
	stuck state = "stuck"
	// spoken: the judge has ended and left its last word.
	spoken state = "spoken"
	// lost: this run will never have a result.
	lost state = "lost"
)

// sight is what the cluster shows of one run.
type sight struct {
	state state
	// reason and message tell why it is stuck or lost.
	reason  string
	message string
	// termination is the judge's last word.
	termination string
	pod         *corev1.Pod
}

// Why a run is lost, for the log and the message of a judging that is given
// up.
const (
	lostJob        = "JobDeleted"
	lostPod        = "PodDeleted"
	lostEvicted    = "Evicted"
	lostDeadline   = "DeadlineExceeded"
	lostNodeAway   = "NodeLost"
	lostMemory     = "JudgeOutOfMemory"
	lostKilled     = "JudgeKilled"
	lostSilent     = "JudgeSaidNothing"
	lostReport     = "ReportDamaged"
	lostLog        = "LogGone"
	lostJudgeError = "JudgeError"
)

// look tells what the Job and its pod show at a time. It is a pure function:
// the whole list of how a judging can end is here.
func look(job *batchv1.Job, pod *corev1.Pod, c Config, now time.Time) sight {
	switch {
	case job == nil:
		return sight{state: lost, reason: lostJob}
	case pod == nil:
		return withoutPod(job, c, now)
	}
	s := withPod(pod, c, now)
	s.pod = pod
	return s
}

func withoutPod(job *batchv1.Job, c Config, now time.Time) sight {
	switch {
	case finished(job):
		// With a backoff limit of 0 a pod that is deleted ends its Job.
		return sight{state: lost, reason: lostPod}
	case job.Spec.Suspend != nil && *job.Spec.Suspend:
		return patient(c, now, job.CreationTimestamp.Time, execution.ReasonQueued, "the Job is suspended: its queue has no room for it yet")
	}
	return patient(c, now, job.CreationTimestamp.Time, execution.ReasonPodRefused, fmt.Sprintf(
		"no pod was made for Job %s; kubectl describe job %s tells why", job.Name, job.Name))
}

func finished(job *batchv1.Job) bool {
	for _, c := range job.Status.Conditions {
		over := c.Type == batchv1.JobFailed || c.Type == batchv1.JobComplete || c.Type == batchv1.JobFailureTarget
		if over && c.Status == corev1.ConditionTrue {
			return true
		}
	}
	return false
}

func withPod(pod *corev1.Pod, c Config, now time.Time) sight {
	judge := container(pod, containerJudge)
	switch {
	case judge != nil && judge.State.Terminated != nil:
		return ended(pod, judge.State.Terminated)
	case pod.Status.Phase == corev1.PodFailed || pod.Status.Phase == corev1.PodSucceeded:
		return sight{state: lost, reason: podReason(pod, lostSilent)}
	case away(pod, c, now):
		return sight{state: lost, reason: lostNodeAway}
	case pod.DeletionTimestamp != nil || judge != nil && judge.State.Running != nil:
		return sight{state: waiting}
	}
	return starting(pod, c, now)
}

// ended: the judge is over. An exit code of 0 with a last word is all that
// counts; everything else has lost the run.
func ended(pod *corev1.Pod, t *corev1.ContainerStateTerminated) sight {
	if t.ExitCode == 0 && t.Message != "" {
		return sight{state: spoken, termination: t.Message}
	}
	reason := lostSilent
	switch {
	case outOfMemory(t):
		reason = lostMemory
	case t.ExitCode == killedExitCode:
		reason = lostKilled
	}
	return sight{state: lost, reason: podReason(pod, reason)}
}

// killedExitCode is that of a process ended by SIGKILL.
const killedExitCode = 137

// outOfMemory tells whether a container ended because its memory ran out. The
// reason alone does not: with version 1 of control groups it stays behind when
// only a child was killed, and the container went on to its own exit code.
func outOfMemory(t *corev1.ContainerStateTerminated) bool {
	return t.Reason == "OOMKilled" && t.ExitCode == killedExitCode
}

// podReason prefers what the cluster says of the whole pod.
func podReason(pod *corev1.Pod, otherwise string) string {
	switch {
	case pod.Status.Reason == "DeadlineExceeded":
		return lostDeadline
	case pod.Status.Reason == "Evicted" || disrupted(pod):
		return lostEvicted
	case pod.DeletionTimestamp != nil:
		return lostPod
	}
	return otherwise
}

// disrupted: the cluster itself ended the pod: preemption, a drained node, a
// taint, a kubelet without room.
func disrupted(pod *corev1.Pod) bool {
	c := condition(pod, corev1.DisruptionTarget)
	return c != nil && c.Status == corev1.ConditionTrue
}

// away: the kubelet has not ended a pod that it should have ended long since.
func away(pod *corev1.Pod, c Config, now time.Time) bool {
	if pod.DeletionTimestamp != nil && now.Sub(pod.DeletionTimestamp.Time) > podSlack {
		return true
	}
	started := pod.Status.StartTime
	return started != nil && now.Sub(started.Time) > c.Deadline.Duration+2*podSlack
}

// starting: there is a pod, but no judge yet.
func starting(pod *corev1.Pod, c Config, now time.Time) sight {
	if s := condition(pod, corev1.PodScheduled); s != nil && s.Status == corev1.ConditionFalse {
		return patient(c, now, s.LastTransitionTime.Time, execution.ReasonUnschedulable,
			fmt.Sprintf("no node takes pod of Job %s: it wants cpu or memory that no node has left, or no node fits; kubectl describe nodes", ownerName(pod)))
	}
	since := pod.CreationTimestamp.Time
	if pod.Status.StartTime != nil {
		since = pod.Status.StartTime.Time
	}
	for _, status := range pod.Status.ContainerStatuses {
		if w := status.State.Waiting; w != nil {
			if s, ok := heldUp(w.Reason, status.Name, ownerName(pod)); ok {
				return patient(c, now, since, s.reason, s.message)
			}
		}
	}
	return patient(c, now, since, execution.ReasonNotStarted, fmt.Sprintf(
		"the pod of Job %s does not start; kubectl describe job %s and its pod tell why", ownerName(pod), ownerName(pod)))
}

// heldUp knows the kubelet's reasons for a container that waits.
func heldUp(reason, container, job string) (sight, bool) {
	switch reason {
	case "ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName", "ImageInspectError", "RegistryUnavailable", "SignatureValidationFailed":
		return sight{reason: execution.ReasonImageUnavailable, message: fmt.Sprintf(
			"the node cannot get the runner's image for container %s of Job %s; put the image, its pull secret or the registry right", container, job)}, true
	case "CreateContainerConfigError", "CreateContainerError", "RunContainerError", "CrashLoopBackOff":
		return sight{reason: execution.ReasonNotStarted, message: fmt.Sprintf(
			"container %s of Job %s cannot be started (%s); kubectl describe its pod", container, job, reason)}, true
	}
	return sight{}, false
}

// patient is stuck only after a while.
func patient(c Config, now, since time.Time, reason, message string) sight {
	if now.Sub(since) < c.Patience.Duration {
		return sight{state: waiting}
	}
	return sight{state: stuck, reason: reason, message: message}
}

func ownerName(pod *corev1.Pod) string { return pod.Labels[batchv1.JobNameLabel] }

func container(pod *corev1.Pod, name string) *corev1.ContainerStatus {
	for i := range pod.Status.ContainerStatuses {
		if pod.Status.ContainerStatuses[i].Name == name {
			return &pod.Status.ContainerStatuses[i]
		}
	}
	return nil
}

func condition(pod *corev1.Pod, kind corev1.PodConditionType) *corev1.PodCondition {
	for i := range pod.Status.Conditions {
		if pod.Status.Conditions[i].Type == kind {
			return &pod.Status.Conditions[i]
		}
	}
	return nil
}
