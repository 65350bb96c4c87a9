package config_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	nodev1 "k8s.io/api/node/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/algoitny/algoitny-operator/internal/controlplane/controlplanetest"
)

// Who does things in these tests. All may do everything as far as RBAC goes, so
// that nothing but admission refuses.
const (
	managerUser   = "system:serviceaccount:algoitny-system:manager"
	jobController = "system:serviceaccount:kube-system:job-controller"
	admin         = "jane"
)

// goldenImage is the runner's image in the golden Jobs.
const goldenImage = "registry.example/runner:1"

// goldenJobs are what the operator creates, see internal/execution/jobs.
const goldenJobs = "../internal/execution/jobs/testdata/"

// site is a namespace of an API server that has the policies.
type site struct {
	t         testing.TB
	namespace string
	clients   map[string]client.Client
}

// in is the same for a part of a test.
func (s *site) in(t testing.TB) *site { return &site{t, s.namespace, s.clients} }

// newSite installs the policies as config/default has them, and waits until
// each of them is in force.
func newSite(t *testing.T) *site {
	t.Helper()
	c, all := controlplanetest.Client(t), rendered(t, "default")
	withNamespace(t, c, all)
	for _, object := range all {
		switch object.GetKind() {
		case "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "PriorityClass":
			apply(t, c, object)
		case "ConfigMap":
			if object.GetName() == "runner-image" {
				object.Object["data"] = map[string]any{"image": goldenImage}
				apply(t, c, object)
			}
		}
	}
	err := c.Create(t.Context(), &nodev1.RuntimeClass{ObjectMeta: metav1.ObjectMeta{Name: "gvisor"}, Handler: "runsc"})
	if client.IgnoreAlreadyExists(err) != nil {
		t.Fatal(err)
	}
	s := &site{t, controlplanetest.Namespace(t), map[string]client.Client{}}
	s.inForce()
	return s
}

// inForce waits for the first rule of every policy, and for what is allowed.
func (s *site) inForce() {
	s.t.Helper()
	seen := map[string]bool{}
	for _, r := range allRefusals() {
		policy := policyOf(s.t, r.want)
		if seen[policy] {
			continue
		}
		seen[policy] = true
		s.eventually(policy+" is in force", func() bool { return reason(r.try(s)) == r.want })
	}
	s.eventually("judgings are admitted", func() bool { return s.dry(managerUser, s.job("submission")) == nil })
}

func (s *site) eventually(what string, holds func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("not in time: %s", what)
		}
	}
}

func (s *site) config(user string) *rest.Config {
	config := controlplanetest.Config()
	config.Impersonate = rest.ImpersonationConfig{UserName: user, Groups: []string{"system:masters"}}
	return config
}

func (s *site) as(user string) client.Client {
	s.t.Helper()
	if s.clients[user] == nil {
		c, err := client.New(s.config(user), client.Options{})
		if err != nil {
			s.t.Fatal(err)
		}
		s.clients[user] = c
	}
	return s.clients[user]
}

// dry tries to create an object.
func (s *site) dry(user string, object client.Object) error {
	s.t.Helper()
	return s.as(user).Create(s.t.Context(), object, client.DryRunAll)
}

// there creates an object.
func there[T client.Object](s *site, user string, object T) T {
	s.t.Helper()
	if err := s.as(user).Create(s.t.Context(), object); err != nil {
		s.t.Fatal(err)
	}
	return object
}

// change tries to change an object that is there, or a part of it.
func change[T client.Object](s *site, user string, object T, how func(T), part ...string) error {
	s.t.Helper()
	how(object)
	c := s.as(user)
	if len(part) > 0 {
		return c.SubResource(part[0]).Update(s.t.Context(), object, client.DryRunAll)
	}
	return c.Update(s.t.Context(), object, client.DryRunAll)
}

// job is a golden Job.
func (s *site) job(name string) *batchv1.Job {
	s.t.Helper()
	raw, err := os.ReadFile(goldenJobs + name + ".yaml")
	if err != nil {
		s.t.Fatal(err)
	}
	job := &batchv1.Job{}
	if err := yaml.UnmarshalStrict(raw, job); err != nil {
		s.t.Fatal(err)
	}
	job.Namespace = s.namespace
	return job
}

// pod is that of a Job, as the Job controller makes it.
func (s *site) pod(job *batchv1.Job) *corev1.Pod {
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: s.namespace, GenerateName: job.Name + "-", Finalizers: []string{batchv1.JobTrackingFinalizer},
			Labels: map[string]string{batchv1.JobNameLabel: job.Name, batchv1.ControllerUidLabel: "a-job"},
			OwnerReferences: []metav1.OwnerReference{{
				APIVersion: "batch/v1", Kind: "Job", Name: job.Name, UID: "a-job",
			}},
		},
		Spec: *job.Spec.Template.Spec.DeepCopy(),
	}
	for key, value := range job.Spec.Template.Labels {
		pod.Labels[key] = value
	}
	return pod
}

// created are a Job and its pod that are there. Their names are new.
func (s *site) created() (*batchv1.Job, *corev1.Pod) {
	s.t.Helper()
	job := s.job("submission")
	job.Name, job.GenerateName = "", "created-0123456789ab-"
	there(s, managerUser, job)
	return job, there(s, jobController, s.pod(job))
}

// ordinary is a Job that has nothing to do with judgings.
func (s *site) ordinary() *batchv1.Job {
	return &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, GenerateName: "ordinary-"},
		Spec: batchv1.JobSpec{Suspend: new(true), Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{
			RestartPolicy: corev1.RestartPolicyNever, Containers: []corev1.Container{{Name: "a", Image: "a"}},
		}}},
	}
}

// connect tries to reach a pod, which need not be there.
func (s *site) connect(pod, how string, query map[string]string) error {
	s.t.Helper()
	set, err := kubernetes.NewForConfig(s.config(admin))
	if err != nil {
		s.t.Fatal(err)
	}
	request := set.CoreV1().RESTClient().Post().Namespace(s.namespace).Resource("pods").Name(pod).SubResource(how)
	for key, value := range query {
		request.Param(key, value)
	}
	return request.Do(s.t.Context()).Error()
}

// judgingPod is the name that the pod of a golden Job gets.
func (s *site) judgingPod() string { return s.job("submission").Name + "-x7k2p" }

// reason is a policy's message, or "".
func reason(err error) string {
	var status apierrors.APIStatus
	if !errors.As(err, &status) || !apierrors.IsInvalid(err) && !apierrors.IsForbidden(err) {
		return ""
	}
	_, message, _ := strings.Cut(status.Status().Message, " denied request: ")
	return message
}

func policies(t testing.TB) []*admissionregistrationv1.ValidatingAdmissionPolicy {
	t.Helper()
	files, err := filepath.Glob("policy/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var all []*admissionregistrationv1.ValidatingAdmissionPolicy
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for document := range strings.SplitSeq(string(raw), "\n---\n") {
			policy := &admissionregistrationv1.ValidatingAdmissionPolicy{}
			if err := yaml.Unmarshal([]byte(document), policy); err != nil {
				t.Fatal(err)
			}
			if policy.Kind == "ValidatingAdmissionPolicy" {
				all = append(all, policy)
			}
		}
	}
	return all
}

func policyOf(t testing.TB, message string) string {
	t.Helper()
	for _, policy := range policies(t) {
		for _, rule := range policy.Spec.Validations {
			if rule.Message == message {
				return policy.Name
			}
		}
	}
	t.Fatalf("no policy says %q", message)
	return ""
}

func TestWhatIsNoJudgingOrNotAsItMustBeIsRefused(t *testing.T) {
	s := newSite(t)
	for _, r := range allRefusals() {
		t.Run(r.name, func(t *testing.T) {
			err := r.try(s.in(t))
			if got := reason(err); got != r.want {
				t.Errorf("got %v, want %q", err, r.want)
			}
		})
	}
}

// A rule whose refusal is not tested could be taken away unnoticed; two with
// one message could not be told apart. The operator shows a message up to its
// first comma, and a condition has room for 256 characters.
func TestEveryRuleOfThePoliciesHasACase(t *testing.T) {
	cases := map[string]bool{}
	for _, r := range allRefusals() {
		cases[r.want] = true
	}
	said := map[string]bool{}
	for _, policy := range policies(t) {
		for _, rule := range policy.Spec.Validations {
			switch m := rule.Message; {
			case m == "" || said[m]:
				t.Errorf("%s: %q has no message of its own", policy.Name, rule.Expression)
			case !cases[m]:
				t.Errorf("%s: no case for %q", policy.Name, m)
			case strings.Contains(m, ", ") || len(m) > 120:
				t.Errorf("%s: %q is too long for a condition or has a comma", policy.Name, m)
			}
			said[rule.Message] = true
		}
		if policy.Spec.FailurePolicy == nil || *policy.Spec.FailurePolicy != admissionregistrationv1.Fail {
			t.Errorf("%s lets pass what it cannot read", policy.Name)
		}
	}
}

// What the operator and Kubernetes itself do with judgings goes on.
func TestWhatJudgingsNeedIsAdmitted(t *testing.T) {
	s := newSite(t)
	for name, try := range map[string]func(*site) error{
		"an ordinary Job":       func(s *site) error { return s.dry(admin, s.ordinary()) },
		"an ordinary pod":       func(s *site) error { return s.dry(admin, s.ordinaryPod()) },
		"an ordinary ConfigMap": func(s *site) error { return s.dry(admin, s.configMap()) },
		"a request": func(s *site) error {
			c := s.configMap()
			c.Labels, c.Immutable = map[string]string{"algoitny.dev/judging": "true"}, new(true)
			c.OwnerReferences = []metav1.OwnerReference{{APIVersion: "batch/v1", Kind: "Job", Name: "a", UID: "a"}}
			return s.dry(managerUser, c)
		},
		"a pod made where the controllers share one account": func(s *site) error {
			return s.dry("system:kube-controller-manager", s.pod(s.job("submission")))
		},
		"the status of a Job, by the Job controller": func(s *site) error {
			job, _ := s.created()
			return change(s, jobController, job, func(j *batchv1.Job) { j.Status.Active = 1 }, "status")
		},
		"an owner that goes, by the garbage collector": func(s *site) error {
			job, _ := s.created()
			return change(s, "system:serviceaccount:kube-system:generic-garbage-collector", job, func(j *batchv1.Job) {
				j.OwnerReferences, j.Finalizers = nil, nil
			})
		},
		"a Job that a queue lets go, with a node of its choice": func(s *site) error {
			job := s.job("submission")
			job.Name, job.GenerateName, job.Spec.Suspend = "", "queued-", new(true)
			there(s, managerUser, job)
			return change(s, "system:serviceaccount:kueue-system:kueue-controller-manager", job, func(j *batchv1.Job) {
				j.Spec.Suspend = new(false)
				j.Spec.Template.Spec.NodeSelector = map[string]string{"pool": "judging"}
				j.Spec.Template.Labels["kueue.x-k8s.io/podset"] = "main"
			})
		},
		"a pod that is counted, by the Job controller": func(s *site) error {
			_, pod := s.created()
			return change(s, jobController, pod, func(p *corev1.Pod) { p.Finalizers = nil })
		},
		"a label of somebody's own on a pod": func(s *site) error {
			_, pod := s.created()
			return change(s, admin, pod, func(p *corev1.Pod) { p.Labels["seen"] = "yes" })
		},
		"the status of a pod, by its node": func(s *site) error {
			_, pod := s.created()
			return change(s, "system:node:a", pod, func(p *corev1.Pod) { p.Status.Phase = corev1.PodRunning }, "status")
		},
		"a node for a pod, by the scheduler": func(s *site) error {
			_, pod := s.created()
			return s.as("system:kube-scheduler").SubResource("binding").Create(s.t.Context(), pod, &corev1.Binding{
				Target: corev1.ObjectReference{Kind: "Node", Name: "a"},
			}, client.DryRunAll)
		},
		"deleting, by anybody with the right": func(s *site) error {
			job, pod := s.created()
			return errors.Join(s.as(admin).Delete(s.t.Context(), pod, client.DryRunAll), s.as(admin).Delete(s.t.Context(), job, client.DryRunAll))
		},
	} {
		t.Run(name, func(t *testing.T) {
			if err := try(s.in(t)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestEveryGoldenJobAndItsPodAreAdmitted(t *testing.T) {
	s := newSite(t)
	files, err := filepath.Glob(goldenJobs + "*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden Jobs: %v", err)
	}
	for _, file := range files {
		job := s.job(strings.TrimSuffix(filepath.Base(file), ".yaml"))
		if err := s.dry(managerUser, job.DeepCopy()); err != nil {
			t.Error(err)
		}
		if err := s.dry(jobController, s.pod(job)); err != nil {
			t.Error(err)
		}
		if err := s.connect(job.Name+"-x7k2p", "portforward", map[string]string{"ports": "1"}); reason(err) == "" {
			t.Errorf("a pod of Job %s can be reached: its name is not what algoitny-connections knows", job.Name)
		}
	}
}

// Kubernetes itself guards what algoitny-jobs leaves to it.
func TestTheContainersOfAJudgingJobNeverChange(t *testing.T) {
	s := newSite(t)
	job, _ := s.created()
	err := change(s, managerUser, job, func(j *batchv1.Job) { j.Spec.Template.Spec.Containers[0].Image = "foreign" })
	if !apierrors.IsInvalid(err) || !strings.Contains(err.Error(), "field is immutable") {
		t.Errorf("got %v", err)
	}
}

func TestPodsThatOnlyLookLikeThoseOfJudgingsCanBeReached(t *testing.T) {
	s := newSite(t)
	for _, tt := range []struct{ pod, how, container string }{
		{"web-6d4cf56db6-x7k2p", "exec", "judge"},
		{"web-6d4cf56db6-x7k2p", "portforward", ""},
		{"backup-0123456789ab-1-x7k2p", "exec", "backup"},
	} {
		// Admission comes before the pod is looked for.
		err := s.connect(tt.pod, tt.how, map[string]string{"container": tt.container, "command": "id", "ports": "1", "stdout": "true"})
		if !apierrors.IsNotFound(err) {
			t.Errorf("%s into %s: got %v", tt.how, tt.pod, err)
		}
	}
}

// Without the ConfigMap nobody can say which image is right: nothing is judged,
// and everything else goes on.
func TestWithoutARunnerImageNothingIsJudgedAndNothingElseIsHindered(t *testing.T) {
	s := newSite(t)
	_, pod := s.created()
	image := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: system, Name: "runner-image"}}
	if err := s.as(admin).Delete(t.Context(), image); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		image.Data = map[string]string{"image": goldenImage}
		if err := s.as(admin).Create(context.WithoutCancel(t.Context()), image); err != nil {
			t.Error(err)
		}
	})
	s.eventually("judgings are refused", func() bool {
		return strings.Contains(reason(s.dry(managerUser, s.job("submission"))), "no params found")
	})
	if err := s.dry(jobController, s.pod(s.job("submission"))); !strings.Contains(reason(err), "no params found") {
		t.Errorf("the pod of a judging: got %v", err)
	}
	for what, err := range map[string]error{
		"an ordinary Job": s.dry(admin, s.ordinary()),
		"an ordinary pod": s.dry(admin, s.ordinaryPod()),
		"a judging that ends": change(s, jobController, pod, func(p *corev1.Pod) {
			p.Finalizers = nil
		}),
	} {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestThePoliciesKnowTheManagersAccount(t *testing.T) {
	var deployed string
	for _, object := range rendered(t, "default") {
		if object.GetKind() == "Deployment" && object.GetName() == "manager" {
			d := as[appsv1.Deployment](t, object)
			deployed = "system:serviceaccount:" + d.Namespace + ":" + d.Spec.Template.Spec.ServiceAccountName
		}
	}
	if deployed != managerUser {
		t.Errorf("the manager is deployed as %s", deployed)
	}
	named := regexp.MustCompile(`system:serviceaccount:[a-z-]+:[a-z-]+`)
	for _, policy := range policies(t) {
		raw, err := yaml.Marshal(policy)
		if err != nil {
			t.Fatal(err)
		}
		for _, account := range named.FindAllString(string(raw), -1) {
			if account != managerUser && account != jobController {
				t.Errorf("%s knows %s", policy.Name, account)
			}
		}
	}
}

// One edit changes the image that the manager runs, the one that is admitted,
// and something in the manager's pods, so that they are made anew.
func TestOneEditChangesTheRunnersImageEverywhere(t *testing.T) {
	const image = "registry.example/team/runner:7"
	overlay := t.TempDir()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	base, err := filepath.Rel(overlay, filepath.Join(here, "default"))
	if err != nil {
		t.Fatal(err)
	}
	kustomization := "resources: [" + base + "]\nimages: [{name: algoitny-runner, newName: registry.example/team/runner, newTag: '7'}]\n"
	if err := os.WriteFile(filepath.Join(overlay, "kustomization.yaml"), []byte(kustomization), 0o600); err != nil {
		t.Fatal(err)
	}
	var seen []string
	for _, object := range rendered(t, overlay) {
		switch object.GetKind() + " " + object.GetName() {
		case "ConfigMap runner-image":
			if as[corev1.ConfigMap](t, object).Data["image"] == image {
				seen = append(seen, "admitted")
			}
		case "Deployment manager":
			pods := as[appsv1.Deployment](t, object).Spec.Template
			if pods.Annotations["algoitny.dev/runner-image"] == image {
				seen = append(seen, "restarted")
			}
			for _, variable := range pods.Spec.Containers[0].Env {
				from := variable.ValueFrom
				if variable.Name == "RUNNER_IMAGE" && from != nil && from.ConfigMapKeyRef != nil &&
					from.ConfigMapKeyRef.Name == "runner-image" && from.ConfigMapKeyRef.Key == "image" {
					seen = append(seen, "run")
				}
			}
		}
	}
	slices.Sort(seen)
	if !slices.Equal(seen, []string{"admitted", "restarted", "run"}) {
		t.Errorf("the image is %v", seen)
	}
}

func (s *site) ordinaryPod() *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, GenerateName: "ordinary-"}, Spec: s.ordinary().Spec.Template.Spec,
	}
}

func (s *site) configMap() *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, GenerateName: "ordinary-"}}
}
