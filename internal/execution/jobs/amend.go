package jobs

import (
	"cmp"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/execution/judging"
	"github.com/algoitny/algoitny-operator/internal/execution/parcel"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// wholeSandbox is the detail of a run whose container the kubelet killed.
const wholeSandbox = "the memory of the whole sandbox ran out"

// amend names the cause where only the kubelet knows it: a container was killed
// as a whole, its agent too, because its memory ran out.
func amend(o *parcel.Outcome, pod *corev1.Pod) {
	if o.Report != nil {
		o.Report.Environment = image(pod, containerProgram)
	}
	if o.Batch != nil {
		o.Batch.Environment = image(pod, containerTools)
	}
	switch {
	case o.Report != nil && o.Report.SandboxLost && ranOut(pod, containerProgram):
		amendReport(o.Report)
	case o.Batch != nil && ranOut(pod, containerTools):
		amendBatch(o.Batch)
	}
}

// image is what a container ran, with its digest where the kubelet says it. It
// is named as the registry does where the kubelet knows that, and as the pod
// does elsewhere.
func image(pod *corev1.Pod, name string) string {
	status := container(pod, name)
	if status == nil {
		return ""
	}
	// Docker's kubelet had a scheme in front of it.
	id := strings.TrimPrefix(status.ImageID, "docker-pullable://")
	if id == "" || strings.Contains(id, "@") {
		return cmp.Or(id, status.Image)
	}
	return status.Image + " " + id
}

func ranOut(pod *corev1.Pod, name string) bool {
	status := container(pod, name)
	return status != nil && status.State.Terminated != nil && outOfMemory(status.State.Terminated)
}

// amendReport: no more than one test can have ended the only sandbox.
func amendReport(report *problem.Report) {
	for i := range report.Tests {
		t := &report.Tests[i]
		if t.Verdict != problem.RuntimeError || t.Detail != judging.SandboxEnded {
			continue
		}
		if report.FirstFailure() == t {
			report.Verdict = problem.MemoryLimitExceeded
		}
		t.Verdict, t.Detail = problem.MemoryLimitExceeded, wholeSandbox
	}
}

// amendBatch: nor can more than one step.
func amendBatch(report *execution.BatchReport) {
	for i := range report.Steps {
		if s := &report.Steps[i]; s.Verdict == problem.RuntimeError && s.Detail == judging.SandboxEnded {
			s.Verdict, s.Detail = problem.MemoryLimitExceeded, wholeSandbox
		}
	}
}
