package jobstest

import (
	"context"
	"fmt"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// End is how a judging ends.
type End func(ctx context.Context, n *Node, job *batchv1.Job) error

// Runs is a judging that ends well: its containers run.
func Runs(ctx context.Context, n *Node, job *batchv1.Job) error {
	return n.judge(ctx, job, func(*corev1.PodStatus, *string) {})
}

// Spoilt is a judging that runs, and of which something else is told: of the
// pod, or of what its judge printed.
func Spoilt(spoil func(status *corev1.PodStatus, log *string)) End {
	return func(ctx context.Context, n *Node, job *batchv1.Job) error { return n.judge(ctx, job, spoil) }
}

// Shows is a pod of which no more is ever seen than this; node is whether it
// has one.
func Shows(onNode bool, change func(*corev1.PodStatus)) End {
	return func(ctx context.Context, n *Node, job *batchv1.Job) error {
		node := n.name
		if !onNode {
			node = ""
		}
		pod, err := n.pod(ctx, job, node)
		if err != nil {
			return err
		}
		return n.report(ctx, pod, change)
	}
}

// Refused is a Job of which no pod can be made. note is the Job controller's.
func Refused(note string) End {
	return func(ctx context.Context, n *Node, job *batchv1.Job) error {
		return n.client.Create(ctx, &eventsv1.Event{
			ObjectMeta: metav1.ObjectMeta{Namespace: job.Namespace, GenerateName: job.Name + "-"},
			EventTime:  metav1.NowMicro(), ReportingController: "job-controller", ReportingInstance: "test", Action: "Create",
			Type: corev1.EventTypeWarning, Reason: "FailedCreate", Note: note,
			Regarding: corev1.ObjectReference{
				APIVersion: "batch/v1", Kind: "Job", Namespace: job.Namespace, Name: job.Name, UID: job.UID,
			},
		})
	}
}

// PodDeleted is a pod that a person deletes while it runs.
func PodDeleted(ctx context.Context, n *Node, job *batchv1.Job) error {
	pod, err := n.pod(ctx, job, n.name)
	if err != nil {
		return err
	}
	if err := n.report(ctx, pod, running); err != nil {
		return err
	}
	n.deletePods(ctx, job)
	return n.failJob(ctx, job)
}

// JobDeleted is a Job that a person deletes while it runs.
func JobDeleted(ctx context.Context, n *Node, job *batchv1.Job) error {
	pod, err := n.pod(ctx, job, n.name)
	if err != nil {
		return err
	}
	if err := n.report(ctx, pod, running); err != nil {
		return err
	}
	return n.client.Delete(ctx, job, client.PropagationPolicy(metav1.DeletePropagationBackground))
}

// LogGone is a judging that ends well, and whose log nobody has.
func LogGone(ctx context.Context, n *Node, job *batchv1.Job) error {
	return n.judge(ctx, job, func(_ *corev1.PodStatus, log *string) { *log = noLog })
}

// noLog stands for a log that the kubelet does not have.
const noLog = "\x00"

// running is a pod whose containers run.
func running(status *corev1.PodStatus) {
	began := metav1.NewTime(time.Now().Add(-time.Second))
	status.Phase, status.StartTime = corev1.PodRunning, &began
	status.ContainerStatuses = nil
	for _, name := range []string{"judge", "program", "tools"} {
		status.ContainerStatuses = append(status.ContainerStatuses, corev1.ContainerStatus{
			Name: name, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: began}},
		})
	}
}

// Terminate ends a container in a status.
func Terminate(status *corev1.PodStatus, container string, t corev1.ContainerStateTerminated) {
	for i := range status.ContainerStatuses {
		if status.ContainerStatuses[i].Name == container {
			status.ContainerStatuses[i].State = corev1.ContainerState{Terminated: &t}
			return
		}
	}
	status.ContainerStatuses = append(status.ContainerStatuses, corev1.ContainerStatus{
		Name: container, State: corev1.ContainerState{Terminated: &t},
	})
}

// judge runs the pod's containers as processes.
func (n *Node) judge(ctx context.Context, job *batchv1.Job, spoil func(*corev1.PodStatus, *string)) error {
	pod, err := n.pod(ctx, job, n.name)
	if err != nil {
		return err
	}
	if err := n.report(ctx, pod, running); err != nil {
		return err
	}
	run, err := n.processes(ctx, pod)
	if err != nil {
		return fmt.Errorf("run the containers: %w", err)
	}
	return n.report(ctx, pod, func(status *corev1.PodStatus) {
		status.Phase = corev1.PodSucceeded
		for _, name := range []string{"program", "tools"} {
			Terminate(status, name, corev1.ContainerStateTerminated{ContainerID: "test://" + name})
		}
		Terminate(status, "judge", corev1.ContainerStateTerminated{
			ExitCode: run.exitCode, Message: run.termination, ContainerID: "test://judge",
		})
		log := run.log
		spoil(status, &log)
		n.mu.Lock()
		defer n.mu.Unlock()
		if log != noLog {
			n.logs[pod.Name] = log
		}
	})
}
