package jobs

import (
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
	switch {
	case o.Report != nil && o.Report.SandboxLost && ranOut(pod, containerProgram):
		amendReport(o.Report)
	case o.Batch != nil && ranOut(pod, containerTools):
		amendBatch(o.Batch)
	}
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
