//go:build e2e

package e2e_test

import (
	"sync/atomic"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/execution/jobs"
)

// providers creates both models, which are one replay server here.
func (w *world) providers() {
	w.Helper()
	w.create(&corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "models"}, StringData: map[string]string{"apiKey": modelKey},
	})
	for name, kind := range map[string]v1alpha1.ProviderType{"gemini": v1alpha1.ProviderGemini, "openai": v1alpha1.ProviderOpenAI} {
		endpoint := outside.model
		if kind == v1alpha1.ProviderOpenAI {
			endpoint += "/v1"
		}
		w.create(&v1alpha1.ModelProvider{
			ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name},
			Spec: v1alpha1.ModelProviderSpec{
				Type: kind, Model: "recorded", Endpoint: endpoint,
				CredentialsSecretRef: v1alpha1.SecretKeyReference{Name: "models"},
				Pricing:              v1alpha1.Pricing{InputPerMillionTokens: "1", OutputPerMillionTokens: "2"},
			},
		})
	}
}

// podsSeen counts the judging pods of a namespace from now on.
func (w *world) podsSeen() func() int {
	w.Helper()
	seen, err := cluster.Watch(w.Context(), &corev1.PodList{}, client.InNamespace(w.namespace), client.HasLabels{jobs.LabelJudging})
	if err != nil {
		w.Fatal(err)
	}
	var pods atomic.Int64
	go func() {
		for event := range seen.ResultChan() {
			if event.Type == watch.Added {
				pods.Add(1)
			}
		}
	}()
	w.Cleanup(seen.Stop)
	return func() int { return int(pods.Load()) }
}

// nothingLeft waits until no Job, pod or ConfigMap of any judging is there.
func (w *world) nothingLeft() {
	w.Helper()
	w.eventually("nothing is left of the judgings", func() bool {
		left := 0
		for _, list := range []client.ObjectList{&batchv1.JobList{}, &corev1.PodList{}, &corev1.ConfigMapList{}} {
			if err := cluster.List(w.Context(), list, client.InNamespace(w.namespace), client.HasLabels{jobs.LabelJudging}); err != nil {
				w.Fatal(err)
			}
			switch l := list.(type) {
			case *batchv1.JobList:
				left += len(l.Items)
			case *corev1.PodList:
				left += len(l.Items)
			case *corev1.ConfigMapList:
				left += len(l.Items)
			}
		}
		return left == 0
	})
}

// The page is fetched, read by the model and published; the model's program is
// compiled and run in a pod, repaired where it was wrong, and stored.
func TestALinkBecomesAProblemWhoseSolutionWasJudgedInPods(t *testing.T) {
	w := newWorld(t)
	w.providers()
	pods := w.podsSeen()
	p := &v1alpha1.Problem{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "lanterns"},
		Spec: v1alpha1.ProblemSpec{
			Source:    v1alpha1.ProblemSource{URL: "http://" + pageHost + "/9001/a"},
			Solutions: []v1alpha1.SolutionTemplate{{Language: "python"}},
		},
	}
	w.create(p)
	w.await(p, metav1.ConditionTrue, "")
	job := &v1alpha1.SolutionJob{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "lanterns-python"}}
	w.await(job, metav1.ConditionTrue, "")
	if job.Status.Verdict != "AC" || *job.Status.Spending.Calls != 1 {
		t.Errorf("status %+v", job.Status)
	}
	w.nothingLeft()
	if got := pods(); got != 1 {
		t.Errorf("%d pods, want 1", got)
	}
}
