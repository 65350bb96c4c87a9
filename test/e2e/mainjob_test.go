//go:build e2e

package e2e_test

import (
	"sync"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/utils/ptr"
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

// podsSeen counts the judging pods of a namespace from now on, by the UID of
// the object they are for.
func (w *world) podsSeen() func(owner client.Object) int {
	w.Helper()
	seen, err := cluster.Watch(w.Context(), &corev1.PodList{}, client.InNamespace(w.namespace), client.HasLabels{jobs.LabelJudging})
	if err != nil {
		w.Fatal(err)
	}
	var mu sync.Mutex
	pods := map[string]int{}
	go func() {
		for event := range seen.ResultChan() {
			if pod, ok := event.Object.(*corev1.Pod); ok && event.Type == watch.Added {
				mu.Lock()
				pods[pod.Labels[jobs.LabelOwner]]++
				mu.Unlock()
			}
		}
	}()
	w.Cleanup(seen.Stop)
	return func(owner client.Object) int {
		mu.Lock()
		defer mu.Unlock()
		return pods[string(owner.GetUID())]
	}
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

// The page is fetched, read by the model and published; the tests are made and
// proved in pods; the model's program is compiled and judged by them in a pod,
// and stored. A program that passes the samples does not pass the suite.
func TestALinkBecomesAProblemWhoseSuiteAndSolutionWereProvedInPods(t *testing.T) {
	w := newWorld(t)
	w.providers()
	pods := w.podsSeen()
	p := &v1alpha1.Problem{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "lanterns"},
		Spec: v1alpha1.ProblemSpec{
			Source:    v1alpha1.ProblemSource{URL: "http://" + pageHost + "/9001/a"},
			TestSuite: &v1alpha1.SuiteTemplate{Mutants: ptr.To[int32](8)},
			Solutions: []v1alpha1.SolutionTemplate{{Language: "python"}},
		},
	}
	w.create(p)
	w.await(p, metav1.ConditionTrue, "")
	suite := &v1alpha1.TestSuite{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "lanterns-suite"}}
	w.await(suite, metav1.ConditionTrue, "")
	if s := &suite.Status; s.MutationScore == "" || *s.Mutants.Killed == 0 || s.TPR != "2/2" || len(s.Kinds) < 4 {
		t.Errorf("the suite is %+v", suite.Status)
	}
	job := &v1alpha1.SolutionJob{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "lanterns-python"}}
	w.await(job, metav1.ConditionTrue, "")
	if job.Status.Verdict != "AC" || *job.Status.Spending.Calls != 1 || job.Status.Stored.Suite != suite.Status.Digest {
		t.Errorf("status %+v", job.Status)
	}
	wrong := w.submission("brighter", "lanterns", "python",
		"n, k = map(int, input().split())\na = list(map(int, input().split()))\nprint(sum(y - x > k for x, y in zip(a, a[1:])))\n")
	w.create(wrong)
	w.await(wrong, metav1.ConditionTrue, "")
	if wrong.Status.Verdict != "WA" {
		t.Errorf("status %+v", wrong.Status)
	}
	w.nothingLeft()
	if of := pods(job); of != 1 {
		t.Errorf("%d pods for the solution, want 1", of)
	}
	if of := pods(suite); of < 10 {
		t.Errorf("%d pods for the suite: it was not made in pods", of)
	}
}
