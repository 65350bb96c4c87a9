package config_test

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/internal/controlplane/controlplanetest"
)

func TestJudgingPodsHaveNoNetwork(t *testing.T) {
	c, namespace := controlplanetest.Client(t), controlplanetest.Namespace(t)
	all := rendered(t, "judging")
	if len(all) != 1 || all[0].GetName() != "algoitny-judging" {
		t.Fatalf("config/judging is %v", all)
	}
	policy := as[networkingv1.NetworkPolicy](t, all[0])
	all[0].SetNamespace(namespace)
	apply(t, c, all[0], client.DryRunAll)
	selector, err := metav1.LabelSelectorAsSelector(&policy.Spec.PodSelector)
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, namespace: namespace}
	if pod := s.pod(s.job("submission")); !selector.Matches(labels.Set(pod.Labels)) {
		t.Errorf("%s does not select a judging pod", selector)
	}
	if selector.Matches(labels.Set{"app": "web"}) {
		t.Errorf("%s selects other pods", selector)
	}
	if len(policy.Spec.PolicyTypes) != 2 || policy.Spec.Ingress != nil || policy.Spec.Egress != nil {
		t.Errorf("the policy allows something: %+v", policy.Spec)
	}
}

// The numbers of the example are held against what the operator asks for.
func TestTheExampleOfANamespaceHasRoomForJudgings(t *testing.T) {
	s, c := newSite(t), controlplanetest.Client(t)
	for _, object := range rendered(t, "namespace") {
		apply(t, c, object)
		if object.GetKind() == "Namespace" {
			s.namespace = object.GetName()
		}
	}
	s.countQuotas(c)
	for _, tt := range []struct {
		quota, job string
		want       int
	}{
		{"submissions", "submission", 10},
		// Its problem allows 2 GiB.
		{"generation", "generation-second-run-much-memory-many-chunks", 1},
	} {
		s.eventually(tt.quota+" is in force", func() bool {
			return strings.Contains(errorText(s.dry(jobController, s.greedy(tt.job))), "exceeded quota: "+tt.quota)
		})
		made := 0
		for ; made < 20; made++ {
			err := s.as(jobController).Create(t.Context(), s.pod(s.job(tt.job)))
			if strings.Contains(errorText(err), "exceeded quota: "+tt.quota) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if made != tt.want {
			t.Errorf("there is room for %d of %s, want %d", made, tt.job, tt.want)
		}
	}
	if err := s.dry(admin, s.pod(s.job("submission"))); reason(err) != onlyTheJobs {
		t.Errorf("the policies hold there too: got %v", err)
	}
}

// The largest memory limit that the operator gives to a program is 4 GiB.
func TestTheExamplesBoundsAreAboveTheLargestJudging(t *testing.T) {
	s, c := newSite(t), controlplanetest.Client(t)
	for _, object := range rendered(t, "namespace") {
		if object.GetKind() == "LimitRange" {
			object.SetNamespace(s.namespace)
			apply(t, c, object)
		}
	}
	largest := func(beside string) error {
		pod := s.pod(s.job("submission"))
		memory := resource.MustParse("4Gi")
		memory.Add(resource.MustParse(beside))
		pod.Spec.Containers[1].Resources.Limits[corev1.ResourceMemory] = memory
		return s.dry(jobController, pod)
	}
	s.eventually("the bounds are in force", func() bool { return strings.Contains(errorText(largest("2Gi")), "maximum memory usage") })
	// In memory, beside the program: its folders and its agent.
	if err := largest("960Mi"); err != nil {
		t.Error(err)
	}
}

// countQuotas does what the quota controller does, which is not here.
func (s *site) countQuotas(c client.Client) {
	s.t.Helper()
	var quotas corev1.ResourceQuotaList
	if err := c.List(s.t.Context(), &quotas, client.InNamespace(s.namespace)); err != nil {
		s.t.Fatal(err)
	}
	for i := range quotas.Items {
		quota := &quotas.Items[i]
		quota.Status.Hard, quota.Status.Used = quota.Spec.Hard, corev1.ResourceList{}
		for name := range quota.Spec.Hard {
			quota.Status.Used[name] = resource.MustParse("0")
		}
		if err := c.Status().Update(s.t.Context(), quota); err != nil {
			s.t.Fatal(err)
		}
	}
}

// greedy is a pod that asks for all that the bounds allow, and more than any
// quota has.
func (s *site) greedy(job string) *corev1.Pod {
	pod := s.pod(s.job(job))
	for i := range pod.Spec.Containers {
		r := &pod.Spec.Containers[i].Resources
		r.Limits[corev1.ResourceMemory] = resource.MustParse("2600Mi")
		r.Requests[corev1.ResourceMemory] = resource.MustParse("2600Mi")
	}
	return pod
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
