//go:build e2e

package e2e_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/execution/jobs"
)

// unhurried is right, and long enough on its way for something to happen.
const unhurried = "import time\na, b = map(int, input().split())\ntime.sleep(2)\nprint(a + b)\n"

// begun is a Submission whose program runs.
func (w *world) begun(name string) (*v1alpha1.Submission, *corev1.Pod) {
	w.Helper()
	sub := w.submission(name, "adding", "python", unhurried)
	w.create(sub)
	return sub, w.runningPod(sub)
}

func (w *world) runningPod(sub *v1alpha1.Submission) *corev1.Pod {
	w.Helper()
	var pods corev1.PodList
	w.eventually("the program of "+sub.Name+" runs", func() bool {
		err := cluster.List(w.Context(), &pods, client.InNamespace(w.namespace), client.MatchingLabels{jobs.LabelOwner: string(sub.UID)})
		if err != nil {
			w.Fatal(err)
		}
		for i := range pods.Items {
			if pods.Items[i].Status.Phase == corev1.PodRunning {
				pods.Items[0] = pods.Items[i]
				return true
			}
		}
		return false
	})
	return &pods.Items[0]
}

// accepted waits for the one result, which comes after all.
func (w *world) accepted(sub *v1alpha1.Submission) {
	w.Helper()
	w.await(sub, metav1.ConditionTrue, "")
	if sub.Status.Verdict != "AC" {
		w.Errorf("%s got %+v", sub.Name, sub.Status)
	}
	w.nothingLeft()
}

func TestAPodThatIsDeletedIsRunAgain(t *testing.T) {
	w := newWorld(t)
	w.adding()
	sub, pod := w.begun("deleted")
	if err := cluster.Delete(t.Context(), pod, client.GracePeriodSeconds(0)); err != nil {
		t.Fatal(err)
	}
	w.accepted(sub)
}

func TestAJobThatIsDeletedIsRunAgain(t *testing.T) {
	w := newWorld(t)
	w.adding()
	sub, pod := w.begun("deleted")
	job := &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: pod.Labels[batchv1.JobNameLabel]}}
	if err := cluster.Delete(t.Context(), job, client.PropagationPolicy(metav1.DeletePropagationForeground)); err != nil {
		t.Fatal(err)
	}
	w.accepted(sub)
}

func TestAPodThatIsDrainedIsRunAgain(t *testing.T) {
	w := newWorld(t)
	w.adding()
	sub, pod := w.begun("drained")
	eviction := &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Namespace: pod.Namespace, Name: pod.Name}}
	if err := cluster.SubResource("eviction").Create(t.Context(), pod, eviction); err != nil {
		t.Fatal(err)
	}
	w.accepted(sub)
}

// The operator is killed while a program runs; its successor takes the result
// of that very run.
func TestAKilledOperatorFindsItsJudgingsAgain(t *testing.T) {
	w := newWorld(t)
	w.adding()
	sub, pod := w.begun("survivor")
	none := int64(0)
	err := cluster.DeleteAllOf(t.Context(), &corev1.Pod{}, client.InNamespace(system),
		client.MatchingLabels{"app.kubernetes.io/name": "algoitny-operator"}, &client.DeleteAllOfOptions{DeleteOptions: client.DeleteOptions{GracePeriodSeconds: &none}})
	if err != nil {
		t.Fatal(err)
	}
	w.await(sub, metav1.ConditionTrue, "")
	if sub.Status.Verdict != "AC" {
		t.Errorf("got %+v", sub.Status)
	}
	var jobsOf batchv1.JobList
	if err := cluster.List(t.Context(), &jobsOf, client.InNamespace(w.namespace)); err != nil {
		t.Fatal(err)
	}
	for i := range jobsOf.Items {
		if jobsOf.Items[i].Name != pod.Labels[batchv1.JobNameLabel] {
			t.Errorf("Job %s was started although %s was there", jobsOf.Items[i].Name, pod.Labels[batchv1.JobNameLabel])
		}
	}
	w.nothingLeft()
	if err := rolledOut(t.Context(), "manager"); err != nil {
		t.Fatal(err)
	}
}

// told waits until the status says why nothing happens.
func (w *world) told(sub *v1alpha1.Submission, reason, part string) {
	w.Helper()
	w.await(sub, metav1.ConditionUnknown, reason)
	ready := meta.FindStatusCondition(sub.Status.Conditions, v1alpha1.ConditionReady)
	if !strings.Contains(ready.Message, part) {
		w.Errorf("%s says %q, which lacks %q", reason, ready.Message, part)
	}
}

func TestAFullQuotaIsToldAndWaitedFor(t *testing.T) {
	w := newWorld(t)
	w.adding()
	quota := &corev1.ResourceQuota{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "no-pods"},
		Spec:       corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{corev1.ResourcePods: resource.MustParse("0")}},
	}
	w.create(quota)
	w.eventually("the quota is counted", func() bool { w.get(quota); return len(quota.Status.Hard) > 0 })
	sub := w.submission("waits", "adding", "python", addPython)
	w.create(sub)
	w.told(sub, execution.ReasonPodRefused, "exceeded quota: no-pods")
	if err := cluster.Delete(t.Context(), quota); err != nil {
		t.Fatal(err)
	}
	// The Job controller tries again by itself, after a pause that it doubles.
	w.accepted(sub)
}

func TestANamespaceWithoutANetworkPolicyRunsNothing(t *testing.T) {
	w := newWorld(t, true)
	w.adding()
	pods := w.podsSeen()
	sub := w.submission("waits", "adding", "python", addPython)
	w.create(sub)
	w.told(sub, execution.ReasonNamespaceNotPrepared, "kubectl apply -n "+w.namespace+" -k config/judging")
	if got := pods(sub); got != 0 {
		t.Errorf("%d pods", got)
	}
	w.prepare()
	w.accepted(sub)
}

func TestAPodThatNoNodeTakesIsToldAndWaitedFor(t *testing.T) {
	w := newWorld(t)
	w.adding()
	var nodes corev1.NodeList
	if err := cluster.List(t.Context(), &nodes); err != nil {
		t.Fatal(err)
	}
	cordon := func(ctx context.Context, on bool) {
		patch := client.RawPatch(types.MergePatchType, fmt.Appendf(nil, `{"spec":{"unschedulable":%t}}`, on))
		for i := range nodes.Items {
			if err := cluster.Patch(ctx, &nodes.Items[i], patch); err != nil {
				t.Fatal(err)
			}
		}
	}
	cordon(t.Context(), true)
	t.Cleanup(func() { cordon(context.Background(), false) })
	sub := w.submission("waits", "adding", "python", addPython)
	w.create(sub)
	w.told(sub, execution.ReasonUnschedulable, "no node")
	cordon(t.Context(), false)
	w.accepted(sub)
}

// What is refused is refused to whoever may do everything else.
func TestNobodyElseMakesJudgingPods(t *testing.T) {
	w := newWorld(t)
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "forged", Labels: map[string]string{jobs.LabelJudging: "true"}},
		Spec: corev1.PodSpec{
			SecurityContext: &corev1.PodSecurityContext{
				RunAsNonRoot: ptr.To(true), RunAsUser: ptr.To[int64](70_000), SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
			},
			Containers: []corev1.Container{{Name: "judge", Image: "forged", SecurityContext: &corev1.SecurityContext{
				AllowPrivilegeEscalation: ptr.To(false), Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
			}}},
		},
	}
	if err := cluster.Create(t.Context(), pod); !apierrors.IsInvalid(err) && !apierrors.IsForbidden(err) {
		t.Errorf("a forged judging pod: got %v", err)
	}
	job := &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "forged"},
		Spec:       batchv1.JobSpec{Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: pod.Labels}, Spec: pod.Spec}},
	}
	job.Spec.Template.Spec.RestartPolicy = corev1.RestartPolicyNever
	if err := cluster.Create(t.Context(), job); !apierrors.IsInvalid(err) && !apierrors.IsForbidden(err) {
		t.Errorf("a Job that makes judging pods: got %v", err)
	}
}
