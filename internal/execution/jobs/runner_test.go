package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/algoitny/algoitny-operator/internal/controlplane/controlplanetest"
	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/execution/agent/agenttest"
	"github.com/algoitny/algoitny-operator/internal/execution/jobs"
	"github.com/algoitny/algoitny-operator/internal/execution/jobs/jobstest"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// runner is the program that judging pods run.
var runner string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	folder, err := os.MkdirTemp("", "runner-")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	if runner, err = agenttest.Build(folder); err != nil {
		panic(err)
	}
	return controlplanetest.Run(m)
}

// bench is a namespace with a node and what the operator has of both.
type bench struct {
	*testing.T
	client    client.WithWatch
	namespace string
	node      *jobstest.Node
	owner     execution.Owner
}

func newBench(t *testing.T) *bench {
	b := &bench{T: t, client: controlplanetest.Client(t), namespace: controlplanetest.Namespace(t)}
	b.node = jobstest.Start(t, b.client, b.namespace, runner)
	b.prepare()
	object := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: b.namespace, Name: "owner"}}
	b.create(object)
	b.owner = execution.Owner{APIVersion: "v1", Kind: "ConfigMap", Namespace: b.namespace, Name: "owner", UID: string(object.UID)}
	return b
}

func (b *bench) create(o client.Object) {
	b.Helper()
	if err := b.client.Create(b.Context(), o); err != nil {
		b.Fatal(err)
	}
}

// prepare is what config/judging does.
func (b *bench) prepare() {
	b.Helper()
	b.create(networkPolicy(b.namespace, func(*networkingv1.NetworkPolicySpec) {}))
}

func networkPolicy(namespace string, change func(*networkingv1.NetworkPolicySpec)) *networkingv1.NetworkPolicy {
	policy := &networkingv1.NetworkPolicy{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "algoitny-judging"},
		Spec: networkingv1.NetworkPolicySpec{
			PodSelector: metav1.LabelSelector{MatchLabels: map[string]string{jobs.LabelJudging: "true"}},
			PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress},
		},
	}
	change(&policy.Spec)
	return policy
}

// operator is a Runner as an operator has it, until it is stopped.
func (b *bench) operator(change func(*jobs.Config)) (r *jobs.Runner, stop func()) {
	b.Helper()
	config := jobs.Config{Image: "runner:test"}
	change(&config)
	mgr, err := ctrl.NewManager(controlplanetest.Config(), ctrl.Options{
		Scheme: clientgoscheme.Scheme, Metrics: metricsserver.Options{BindAddress: "0"},
		Cache: cache.Options{ByObject: jobs.Cached(), DefaultNamespaces: map[string]cache.Config{b.namespace: {}}},
	})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	if r, err = jobs.New(ctx, mgr, config); err != nil {
		b.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- mgr.Start(ctx) }()
	mgr.GetCache().WaitForCacheSync(ctx)
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			b.Error(err)
		}
	})
	b.Cleanup(stop)
	return r, stop
}

func defaults(*jobs.Config) {}

const addition = "a, b = map(int, input().split())\nprint(a + b)\n"

// request is a program that adds, in attempt 1.
func (b *bench) request(source string) execution.Request {
	return execution.Request{
		Owner: b.owner, Key: b.owner.UID + "/1/judge/1", Priority: execution.PrioritySubmission,
		Language: "python", Source: source,
		Tests: []execution.Test{
			{Name: "one", Input: execution.Text("1 2\n"), Answer: execution.Text("3\n")},
			{Name: "two", Input: execution.Text("20 22\n"), Answer: execution.Text("42\n")},
		},
		Limits: problem.Limits{Time: time.Second, MemoryBytes: 256 << 20},
	}
}

// jobs are those in the namespace.
func (b *bench) jobs() []batchv1.Job {
	b.Helper()
	var list batchv1.JobList
	if err := b.client.List(b.Context(), &list, client.InNamespace(b.namespace)); err != nil {
		b.Fatal(err)
	}
	return list.Items
}

func (b *bench) judge(r *jobs.Runner, source string) (*problem.Report, error) {
	ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
	defer cancel()
	return r.Run(ctx, b.request(source))
}

func summary(r *problem.Report, err error) string {
	var e *execution.Error
	switch {
	case errors.As(err, &e):
		return string(e.Class) + " " + e.Reason
	case err != nil:
		return err.Error()
	}
	return fmt.Sprintf("%s %d/%d", r.Verdict, r.Passed, r.Total)
}

func TestAProgramIsJudgedInAJobThatGoesWhenItIsForgotten(t *testing.T) {
	b := newBench(t)
	r, _ := b.operator(defaults)
	report, err := b.judge(r, addition)
	if got := summary(report, err); got != "AC 2/2" {
		t.Fatalf("got %s", got)
	}
	if len(b.jobs()) != 1 {
		t.Errorf("%d Jobs before the result is recorded, want 1", len(b.jobs()))
	}
	again, err := b.judge(r, addition)
	if summary(again, err) != "AC 2/2" || b.node.Made() != 1 {
		t.Errorf("asked again: %s after %d pods", summary(again, err), b.node.Made())
	}
	for range 2 {
		if err := r.Forget(t.Context(), b.owner); err != nil {
			t.Fatal(err)
		}
	}
	if left := b.jobs(); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

// Of whatever the cluster loses, the next run finds the verdict.
func TestALostRunIsRunAgain(t *testing.T) {
	killed := corev1.ContainerStateTerminated{ExitCode: 137, Reason: "Error", ContainerID: "test://judge"}
	for name, end := range map[string]jobstest.End{
		"the pod is deleted by hand": jobstest.PodDeleted,
		"the Job is deleted by hand": jobstest.JobDeleted,
		"evicted": jobstest.Spoilt(func(s *corev1.PodStatus, _ *string) {
			s.Phase, s.Reason = corev1.PodFailed, "Evicted"
			jobstest.Terminate(s, "judge", killed)
		}),
		"exit code 137 without a reason": jobstest.Spoilt(func(s *corev1.PodStatus, _ *string) { jobstest.Terminate(s, "judge", killed) }),
		"the judge ran out of memory": jobstest.Spoilt(func(s *corev1.PodStatus, _ *string) {
			jobstest.Terminate(s, "judge", corev1.ContainerStateTerminated{ExitCode: 137, Reason: "OOMKilled", ContainerID: "test://judge"})
		}),
		"the deadline came": jobstest.Spoilt(func(s *corev1.PodStatus, _ *string) {
			s.Phase, s.Reason = corev1.PodFailed, "DeadlineExceeded"
			jobstest.Terminate(s, "judge", killed)
		}),
		"the node is lost": jobstest.Shows(true, func(s *corev1.PodStatus) {
			long := metav1.NewTime(time.Now().Add(-24 * time.Hour))
			s.Phase, s.StartTime = corev1.PodRunning, &long
			s.ContainerStatuses = []corev1.ContainerStatus{{Name: "judge", State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}}
		}),
		"the log is gone":              jobstest.LogGone,
		"the log is cut":               jobstest.Spoilt(func(_ *corev1.PodStatus, log *string) { *log = (*log)[:len(*log)/2] }),
		"the log was rotated":          jobstest.Spoilt(func(_ *corev1.PodStatus, log *string) { *log = "" }),
		"the log is another judging's": jobstest.Spoilt(func(_ *corev1.PodStatus, log *string) { *log = strings.Replace(*log, "WA", "AC", 1) }),
		"the last word is no receipt": jobstest.Spoilt(func(s *corev1.PodStatus, _ *string) {
			jobstest.Terminate(s, "judge", corev1.ContainerStateTerminated{Message: "{}", ContainerID: "test://judge"})
		}),
		"the judge said nothing": jobstest.Spoilt(func(s *corev1.PodStatus, _ *string) {
			jobstest.Terminate(s, "judge", corev1.ContainerStateTerminated{ContainerID: "test://judge"})
		}),
		"the judge failed to say anything": jobstest.Spoilt(func(s *corev1.PodStatus, _ *string) {
			jobstest.Terminate(s, "judge", corev1.ContainerStateTerminated{ExitCode: 1, ContainerID: "test://judge"})
		}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.node.Next(end)
			r, _ := b.operator(defaults)
			report, err := b.judge(r, "print(3)\n")
			if got := summary(report, err); got != "WA 1/2" || b.node.Made() != 2 {
				t.Errorf("got %s after %d pods", got, b.node.Made())
			}
		})
	}
}

func TestAJudgingThatIsLostAgainAndAgainNeedsAPerson(t *testing.T) {
	b := newBench(t)
	b.node.Next(jobstest.PodDeleted, jobstest.LogGone, jobstest.PodDeleted)
	r, _ := b.operator(defaults)
	report, err := b.judge(r, addition)
	if got := summary(report, err); got != "Stalled JudgingLost" || !strings.Contains(err.Error(), "PodDeleted, LogGone, PodDeleted") {
		t.Fatalf("got %s: %v", got, err)
	}
	// Asked again it says the same, and runs nothing.
	if _, err := b.judge(r, addition); summary(nil, err) != "Stalled JudgingLost" || b.node.Made() != 3 {
		t.Errorf("got %v after %d pods", err, b.node.Made())
	}
	// Once forgotten, which a stall's record allows, it starts anew.
	if err := r.Forget(t.Context(), b.owner); err != nil {
		t.Fatal(err)
	}
	if report, err := b.judge(r, addition); summary(report, err) != "AC 2/2" {
		t.Errorf("got %s", summary(report, err))
	}
}

func TestAJudgingThatIsHeldUpGoesOnWhenItIsNoLonger(t *testing.T) {
	b := newBench(t)
	b.node.Next(func(ctx context.Context, n *jobstest.Node, job *batchv1.Job) error {
		select {
		case <-time.After(3 * time.Second):
		case <-ctx.Done():
		}
		return jobstest.Runs(ctx, n, job)
	})
	r, _ := b.operator(func(c *jobs.Config) { c.Patience.Duration = time.Second })
	var told []string
	request := b.request(addition)
	request.Held = func(why *execution.Error) {
		if why == nil {
			told = append(told, "on")
			return
		}
		told = append(told, why.Reason)
	}
	report, err := r.Run(t.Context(), request)
	if summary(report, err) != "AC 2/2" || strings.Join(told, " ") != "PodRefused on" {
		t.Errorf("got %s, told %q", summary(report, err), told)
	}
}

// What waits for a person is told.
func TestWhatHoldsAJudgingUpIsTold(t *testing.T) {
	waiting := func(reason string) func(*corev1.PodStatus) {
		return func(s *corev1.PodStatus) {
			s.ContainerStatuses = []corev1.ContainerStatus{{Name: "judge", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason}}}}
		}
	}
	for name, tt := range map[string]struct {
		end           jobstest.End
		reason, words string
	}{
		"quota": {jobstest.Refused(`Error creating: pods "owner-abc" is forbidden: exceeded quota: compute, requested: cpu=1, used: cpu=7, limited: cpu=7`),
			execution.ReasonPodRefused, "exceeded quota: compute"},
		"admission": {jobstest.Refused(`Error creating: pods "owner-abc" is forbidden: ValidatingAdmissionPolicy 'theirs' denied request: no pods on Sundays`),
			execution.ReasonPodRefused, "no pods on Sundays"},
		"no room": {jobstest.Shows(false, func(s *corev1.PodStatus) {
			s.Conditions = []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: "Unschedulable", LastTransitionTime: metav1.NewTime(time.Now().Add(-time.Minute))}}
		}), execution.ReasonUnschedulable, "no node"},
		"image":     {jobstest.Shows(true, waiting("ImagePullBackOff")), execution.ReasonImageUnavailable, "image"},
		"container": {jobstest.Shows(true, waiting("CreateContainerConfigError")), execution.ReasonNotStarted, "CreateContainerConfigError"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.node.Next(tt.end)
			r, _ := b.operator(func(c *jobs.Config) { c.Patience.Duration = 2 * time.Second })
			told := make(chan *execution.Error, 1)
			request := b.request(addition)
			request.Held = func(why *execution.Error) { told <- why }
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() { _, err := r.Run(ctx, request); done <- err }()
			why := <-told
			if why.Class != execution.ClassRetry || why.Reason != tt.reason || !strings.Contains(why.Message, tt.words) {
				t.Errorf("got %s: %s", why.Reason, why.Message)
			}
			if strings.Contains(why.Message, "used: cpu=7") {
				t.Errorf("the message changes by itself: %s", why.Message)
			}
			cancel()
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Errorf("cancelled, it ends with %v", err)
			}
			if len(b.jobs()) != 1 {
				t.Errorf("%d Jobs, want the one that waits", len(b.jobs()))
			}
		})
	}
}

func TestAJobThatTheClusterRefusesIsTold(t *testing.T) {
	b := newBench(t)
	quota := &corev1.ResourceQuota{
		ObjectMeta: metav1.ObjectMeta{Namespace: b.namespace, Name: "none"},
		Spec:       corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{"count/jobs.batch": resource.MustParse("0")}},
	}
	b.create(quota)
	// There is no quota controller here to count.
	quota.Status = corev1.ResourceQuotaStatus{Hard: quota.Spec.Hard, Used: corev1.ResourceList{"count/jobs.batch": resource.MustParse("0")}}
	if err := b.client.Status().Update(t.Context(), quota); err != nil {
		t.Fatal(err)
	}
	r, _ := b.operator(defaults)
	if _, err := b.judge(r, addition); summary(nil, err) != "Retry JobRefused" || !strings.Contains(err.Error(), "exceeded quota: none") {
		t.Fatalf("got %v", err)
	}
	if err := b.client.Delete(t.Context(), quota); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(20 * time.Second)
	for {
		report, err := b.judge(r, addition)
		if summary(report, err) == "AC 2/2" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("got %s", summary(report, err))
		}
	}
}

func TestNothingRunsWhereTheNetworkIsOpen(t *testing.T) {
	open := map[string]func(*networkingv1.NetworkPolicySpec){
		"egress is not closed":     func(s *networkingv1.NetworkPolicySpec) { s.PolicyTypes = s.PolicyTypes[:1] },
		"something is let through": func(s *networkingv1.NetworkPolicySpec) { s.Egress = []networkingv1.NetworkPolicyEgressRule{{}} },
		"it is for other pods": func(s *networkingv1.NetworkPolicySpec) {
			s.PodSelector.MatchLabels = map[string]string{"app": "other"}
		},
	}
	b := newBench(t)
	for name, change := range open {
		t.Run(name, func(t *testing.T) {
			policy := networkPolicy(b.namespace, func(*networkingv1.NetworkPolicySpec) {})
			if err := b.client.Delete(t.Context(), policy); client.IgnoreNotFound(err) != nil {
				t.Fatal(err)
			}
			b.create(networkPolicy(b.namespace, change))
			r, stop := b.operator(defaults)
			defer stop()
			if _, err := b.judge(r, addition); summary(nil, err) != "Retry NamespaceNotPrepared" || !strings.Contains(err.Error(), "judging") {
				t.Errorf("got %v", err)
			}
		})
	}
	if err := b.client.Update(t.Context(), networkPolicy(b.namespace, func(*networkingv1.NetworkPolicySpec) {})); err != nil {
		t.Fatal(err)
	}
	dns := networkPolicy(b.namespace, func(s *networkingv1.NetworkPolicySpec) {
		s.PodSelector, s.Egress = metav1.LabelSelector{}, []networkingv1.NetworkPolicyEgressRule{{}}
	})
	dns.Name = "allow-dns"
	b.create(dns)
	r, _ := b.operator(defaults)
	if _, err := b.judge(r, addition); summary(nil, err) != "Retry NamespaceNotPrepared" || !strings.Contains(err.Error(), "allow-dns opens the network") {
		t.Errorf("with a policy for all pods: got %v", err)
	}
	if len(b.jobs()) != 0 {
		t.Error("a Job was made")
	}
}

func TestAProgramWhoseWholeSandboxRanOutOfMemoryUsedTooMuch(t *testing.T) {
	kills := "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\n"
	for name, tt := range map[string]struct {
		end  corev1.ContainerStateTerminated
		want string
	}{
		"memory":                  {corev1.ContainerStateTerminated{ExitCode: 137, Reason: "OOMKilled", ContainerID: "test://program"}, "MLE 0/2"},
		"something else":          {corev1.ContainerStateTerminated{ExitCode: 137, Reason: "Error", ContainerID: "test://program"}, "RTE 0/2"},
		"only a child's (groups)": {corev1.ContainerStateTerminated{ExitCode: 0, Reason: "OOMKilled", ContainerID: "test://program"}, "RTE 0/2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.node.Next(jobstest.Spoilt(func(s *corev1.PodStatus, _ *string) { jobstest.Terminate(s, "program", tt.end) }))
			r, _ := b.operator(defaults)
			if report, err := b.judge(r, kills); summary(report, err) != tt.want {
				t.Errorf("got %s, want %s", summary(report, err), tt.want)
			}
		})
	}
}

// An operator may end at any moment; the next one goes on with the same Job.
func TestARestartAtAnyMomentRunsTheProgramOnce(t *testing.T) {
	slow := "import time\ntime.sleep(1)\n" + addition
	for _, after := range []time.Duration{0, time.Millisecond, 10 * time.Millisecond, 50 * time.Millisecond, 300 * time.Millisecond, time.Second, 2500 * time.Millisecond} {
		t.Run(after.String(), func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			first, stop := b.operator(defaults)
			ctx, cancel := context.WithTimeout(t.Context(), after)
			_, _ = first.Run(ctx, b.request(slow))
			cancel()
			stop()
			second, _ := b.operator(defaults)
			report, err := b.judge(second, slow)
			if got := summary(report, err); got != "AC 2/2" || b.node.Made() != 1 || len(b.jobs()) != 1 {
				t.Errorf("got %s after %d pods and %d Jobs", got, b.node.Made(), len(b.jobs()))
			}
		})
	}
}

func TestWhatAnOwnerAskedForBeforeGoesWhenItAsksForSomethingElse(t *testing.T) {
	b := newBench(t)
	b.node.Next(jobstest.Shows(true, func(*corev1.PodStatus) {}))
	r, _ := b.operator(defaults)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, _ = r.Run(ctx, b.request(addition))
	newer := b.request(addition)
	newer.Key = b.owner.UID + "/2/judge/1"
	if report, err := r.Run(t.Context(), newer); summary(report, err) != "AC 2/2" {
		t.Fatalf("got %s", summary(report, err))
	}
	if left := b.jobs(); len(left) != 1 || left[0].Annotations[jobs.AnnotationKey] != newer.Key {
		t.Errorf("left: %v", left)
	}
}

func TestAJobOfTheSameNameThatIsNotOursIsLeftAlone(t *testing.T) {
	b := newBench(t)
	r, _ := b.operator(defaults)
	if _, err := b.judge(r, addition); err != nil {
		t.Fatal(err)
	}
	job := b.jobs()[0]
	if err := r.Forget(t.Context(), b.owner); err != nil {
		t.Fatal(err)
	}
	foreign := &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{Namespace: job.Namespace, Name: job.Name},
		Spec:       batchv1.JobSpec{Template: corev1.PodTemplateSpec{Spec: job.Spec.Template.Spec}},
	}
	b.create(foreign)
	if _, err := b.judge(r, addition); summary(nil, err) != "Retry JobTaken" {
		t.Errorf("got %v", err)
	}
	if len(b.jobs()) != 1 {
		t.Error("somebody else's Job was deleted")
	}
}
