//go:build e2e

package e2e_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/execution/jobs"
	"github.com/algoitny/algoitny-operator/internal/execution/parcel"
)

// moments are when something was first seen, since the Submission was created.
type moments struct {
	podCreated, scheduled, judgeEnded, verdict, gone time.Duration
	phases                                           parcel.Phases
}

// BenchmarkSubmissionOf50Tests is the time from create to verdict, and where it
// went.
func BenchmarkSubmissionOf50Tests(b *testing.B) {
	w := newWorld(b)
	var samples []v1alpha1.InlineSample
	for i := range 50 {
		samples = append(samples, v1alpha1.InlineSample{Input: fmt.Sprintf("%d %d", i, i+1), Output: fmt.Sprint(2*i + 1)})
	}
	w.inline("fifty", samples)
	var all []moments
	for i := 0; b.Loop(); i++ {
		all = append(all, w.timed(w.submission(fmt.Sprintf("sub-%d", i), "fifty", "cpp", addCpp)))
	}
	mean := func(of func(moments) time.Duration) float64 {
		var sum time.Duration
		for _, m := range all {
			sum += of(m)
		}
		return sum.Seconds() * 1000 / float64(len(all))
	}
	millis := func(n int64) time.Duration { return time.Duration(n) * time.Millisecond }
	for _, figure := range []struct {
		unit string
		of   func(moments) time.Duration
	}{
		{"ms-create-to-verdict", func(m moments) time.Duration { return m.verdict }},
		{"ms-until-pod", func(m moments) time.Duration { return m.podCreated }},
		{"ms-schedule", func(m moments) time.Duration { return m.scheduled - m.podCreated }},
		{"ms-agent-ready", func(m moments) time.Duration { return millis(m.phases.UnpackMillis + m.phases.ReadyMillis) }},
		{"ms-compile", func(m moments) time.Duration { return millis(m.phases.CompileMillis) }},
		{"ms-run", func(m moments) time.Duration { return millis(m.phases.RunMillis) }},
		// The kubelet says late that a container runs: its start and the news of
		// its end cannot be told apart from outside.
		{"ms-kubelet", func(m moments) time.Duration {
			return m.judgeEnded - m.scheduled - millis(m.phases.UnpackMillis+m.phases.ReadyMillis+m.phases.CompileMillis+m.phases.RunMillis)
		}},
		{"ms-report", func(m moments) time.Duration { return m.verdict - m.judgeEnded }},
		{"ms-delete", func(m moments) time.Duration { return m.gone - m.verdict }},
	} {
		b.ReportMetric(mean(figure.of), figure.unit)
	}
}

// timed watches a Submission and its pod until all is over.
func (w *world) timed(sub *v1alpha1.Submission) moments {
	w.Helper()
	pods, err := cluster.Watch(w.Context(), &corev1.PodList{}, client.InNamespace(w.namespace), client.HasLabels{jobs.LabelJudging})
	if err != nil {
		w.Fatal(err)
	}
	subs, err := cluster.Watch(w.Context(), &v1alpha1.SubmissionList{}, client.InNamespace(w.namespace))
	if err != nil {
		w.Fatal(err)
	}
	defer pods.Stop()
	defer subs.Stop()
	began := time.Now()
	w.create(sub)
	var m moments
	first := func(at *time.Duration, seen bool) {
		if seen && *at == 0 {
			*at = time.Since(began)
		}
	}
	for timeout := time.After(patience); m.verdict == 0 || m.gone == 0; {
		select {
		case event := <-subs.ResultChan():
			s, ok := event.Object.(*v1alpha1.Submission)
			first(&m.verdict, ok && s.Name == sub.Name && s.Status.Verdict != "")
		case event := <-pods.ResultChan():
			pod, ok := event.Object.(*corev1.Pod)
			if !ok || pod.Labels[jobs.LabelOwner] != string(sub.UID) {
				continue
			}
			w.see(&m, first, pod, string(event.Type) == "DELETED" || pod.DeletionTimestamp != nil)
		case <-timeout:
			w.Fatalf("%s has no verdict", sub.Name)
		}
	}
	return m
}

func (w *world) see(m *moments, first func(*time.Duration, bool), pod *corev1.Pod, gone bool) {
	first(&m.podCreated, true)
	first(&m.scheduled, pod.Spec.NodeName != "")
	for _, c := range pod.Status.ContainerStatuses {
		if c.Name != "judge" {
			continue
		}
		if t := c.State.Terminated; t != nil && m.judgeEnded == 0 {
			first(&m.judgeEnded, true)
			var receipt parcel.Receipt
			if json.Unmarshal([]byte(t.Message), &receipt) == nil {
				m.phases = receipt.Phases
			}
		}
	}
	first(&m.gone, gone)
}

// BenchmarkTestInAPod is what judging a test takes beyond what the program
// itself takes, in one pod: the mean over many tests of all the time the judge
// spent on them, less the programs' own.
func BenchmarkTestInAPod(b *testing.B) {
	const tests = 200
	w := newWorld(b)
	d := w.direct(func(*jobs.Config) {})
	var all []execution.Test
	for i := range tests {
		all = append(all, execution.Test{
			Name: fmt.Sprint(i), Input: execution.Text(fmt.Sprintf("%d 1\n", i)), Answer: execution.Text(fmt.Sprintf("%d\n", i+1)),
		})
	}
	var beyond []float64
	for b.Loop() {
		report, receipt, err := d.judge(b, execution.Request{
			Priority: execution.PrioritySubmission, Language: "cpp", Source: addCpp, Tests: all,
		})
		if err != nil || report.Passed != tests {
			b.Fatalf("%+v, %v", report, err)
		}
		run := float64(receipt.Phases.RunMillis)
		for _, test := range report.Tests {
			run -= float64(test.Wall.Microseconds()) / 1000
		}
		beyond = append(beyond, run/tests)
	}
	slices.Sort(beyond)
	b.ReportMetric(beyond[len(beyond)/2], "ms-overhead/test")
}

// receipt is the last word of an owner's judge.
func (w *world) receipt(owner execution.Owner) parcel.Receipt {
	w.Helper()
	var pods corev1.PodList
	if err := cluster.List(w.Context(), &pods, client.InNamespace(w.namespace), client.MatchingLabels{jobs.LabelOwner: owner.UID}); err != nil {
		w.Fatal(err)
	}
	for i := range pods.Items {
		for _, c := range pods.Items[i].Status.ContainerStatuses {
			if t := c.State.Terminated; t != nil && c.Name == "judge" && pods.Items[i].DeletionTimestamp == nil {
				var receipt parcel.Receipt
				if json.Unmarshal([]byte(t.Message), &receipt) == nil {
					return receipt
				}
			}
		}
	}
	w.Fatal("no judge has a last word")
	return parcel.Receipt{}
}
