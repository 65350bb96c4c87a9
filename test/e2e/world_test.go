//go:build e2e

package e2e_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
)

// world is one test's namespace.
type world struct {
	testing.TB
	namespace string
}

// newWorld makes a namespace as docs/install.md says; bare leaves out what
// keeps its judging pods from the network.
func newWorld(t testing.TB, bare ...bool) *world {
	t.Helper()
	w := &world{TB: t}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
		GenerateName: "e2e-", Labels: map[string]string{"pod-security.kubernetes.io/enforce": "restricted"},
	}}
	w.create(namespace)
	w.namespace = namespace.Name
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if t.Failed() {
			out, _ := kubectl(ctx, "-n", w.namespace, "get", "algoitny,jobs,pods,events", "-o", "wide")
			t.Logf("%s", out)
		}
		_ = cluster.Delete(ctx, namespace)
	})
	if len(bare) == 0 {
		w.prepare()
	}
	return w
}

// prepare applies config/judging.
func (w *world) prepare() {
	w.Helper()
	if _, err := kubectl(w.Context(), "apply", "-n", w.namespace, "-k", "../../config/judging"); err != nil {
		w.Fatal(err)
	}
}

func (w *world) create(all ...client.Object) {
	w.Helper()
	for _, o := range all {
		if err := cluster.Create(w.Context(), o); err != nil {
			w.Fatalf("create %T %s: %v", o, o.GetName(), err)
		}
	}
}

func (w *world) get(o client.Object) {
	w.Helper()
	if err := cluster.Get(w.Context(), client.ObjectKeyFromObject(o), o); err != nil {
		w.Fatal(err)
	}
}

func (w *world) eventually(what string, holds func() bool) {
	w.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		if holds() {
			return
		}
		if time.Now().After(deadline) {
			w.Fatalf("in %s it did not come about that %s", patience, what)
		}
	}
}

// object is a kind of ours.
type object interface {
	client.Object
	StatusConditions() *[]metav1.Condition
}

// await reads an object until its Ready condition is as wanted; reason "" is
// any.
func (w *world) await(o object, status metav1.ConditionStatus, reason string) {
	w.Helper()
	w.eventually(fmt.Sprintf("%s is %s %s", o.GetName(), status, reason), func() bool {
		w.get(o)
		ready := meta.FindStatusCondition(*o.StatusConditions(), v1alpha1.ConditionReady)
		return ready != nil && ready.Status == status && (reason == "" || ready.Reason == reason)
	})
}

// adding is the problem most programs here are for.
func (w *world) adding() {
	w.Helper()
	w.inline("adding", []v1alpha1.InlineSample{{Input: "1 2", Output: "3"}, {Input: "20 22", Output: "42"}})
}

// inline publishes a problem with these samples.
func (w *world) inline(name string, samples []v1alpha1.InlineSample) {
	w.Helper()
	p := &v1alpha1.Problem{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name},
		Spec: v1alpha1.ProblemSpec{Source: v1alpha1.ProblemSource{Inline: &v1alpha1.InlineProblem{
			Platform: "e2e", ID: w.namespace + "-" + name, Title: name, Description: "Add two numbers.",
			TimeLimit: &metav1.Duration{Duration: time.Second}, MemoryLimitMiB: 128, Samples: samples,
		}}},
	}
	w.create(p)
	w.await(p, metav1.ConditionTrue, "")
}

// submission is a program for a problem, not created yet.
func (w *world) submission(name, problem string, language v1alpha1.Language, source string) *v1alpha1.Submission {
	return &v1alpha1.Submission{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name},
		Spec: v1alpha1.SubmissionSpec{
			ProblemRef: v1alpha1.LocalReference{Name: problem}, Language: language,
			Source: v1alpha1.SubmissionSource{Inline: source},
		},
	}
}
