// Package jobstest is a node for tests against an API server that has none: it
// does what the Job controller and a kubelet do, as far as judgings need it,
// and runs their containers as processes of this machine. Any of the ways in
// which a judging can end badly can be asked for.
package jobstest

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/internal/execution/jobs"
)

// Node runs the judgings of one namespace.
type Node struct {
	t         testing.TB
	client    client.WithWatch
	namespace string
	name      string
	runner    string

	life    context.Context
	running sync.WaitGroup

	mu   sync.Mutex
	next []End
	// logs is what the judges printed, by pod.
	logs map[string]string
	// made counts the pods.
	made int
	stop map[types.UID]context.CancelFunc
}

// Start runs a node until the test ends. runner is the program that Build has
// built.
func Start(t testing.TB, c client.WithWatch, namespace, runner string) *Node {
	t.Helper()
	life, end := context.WithCancel(context.Background())
	n := &Node{
		t: t, client: c, namespace: namespace, name: "node-" + namespace, runner: runner, life: life,
		logs: map[string]string{}, stop: map[types.UID]context.CancelFunc{},
	}
	n.register(n.serveLogs())
	seen, err := c.Watch(life, &batchv1.JobList{}, client.InNamespace(namespace))
	if err != nil {
		t.Fatal(err)
	}
	n.running.Go(func() { n.follow(seen) })
	t.Cleanup(func() {
		end()
		seen.Stop()
		n.running.Wait()
	})
	return n
}

// Next says how the next judgings end, one each; after those they end well.
func (n *Node) Next(ends ...End) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.next = append(n.next, ends...)
}

// Made is the number of pods that there were so far.
func (n *Node) Made() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.made
}

// register makes the API server ask this process for logs.
func (n *Node) register(port int) {
	n.t.Helper()
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: n.name}}
	if err := n.client.Create(n.t.Context(), node); err != nil {
		n.t.Fatal(err)
	}
	node.Status.Addresses = []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: "127.0.0.1"}}
	node.Status.DaemonEndpoints.KubeletEndpoint.Port = int32(port) //nolint:gosec // a port
	if err := n.client.Status().Update(n.t.Context(), node); err != nil {
		n.t.Fatal(err)
	}
}

// serveLogs answers as a kubelet does: /containerLogs/NAMESPACE/POD/CONTAINER.
func (n *Node) serveLogs() (port int) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		parts := strings.Split(r.URL.Path, "/")
		n.mu.Lock()
		log, ok := n.logs[parts[len(parts)-2]]
		n.mu.Unlock()
		if !ok {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(log))
	}))
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	server.StartTLS()
	n.t.Cleanup(server.Close)
	return server.Listener.Addr().(*net.TCPAddr).Port
}

func (n *Node) follow(seen watch.Interface) {
	for event := range seen.ResultChan() {
		job, ok := event.Object.(*batchv1.Job)
		if !ok || job.Labels[jobs.LabelJudging] == "" {
			continue
		}
		switch event.Type {
		case watch.Added:
			ctx, cancel := context.WithCancel(n.life)
			n.mu.Lock()
			n.stop[job.UID] = cancel
			end := Runs
			if len(n.next) > 0 {
				end, n.next = n.next[0], n.next[1:]
			}
			n.mu.Unlock()
			n.running.Go(func() { n.handle(ctx, job, end) })
		case watch.Deleted:
			n.mu.Lock()
			n.stop[job.UID]()
			n.mu.Unlock()
		}
	}
}

// handle does one Job and removes its pod when the Job goes.
func (n *Node) handle(ctx context.Context, job *batchv1.Job, end End) {
	err := end(ctx, n, job)
	if err != nil && !errors.Is(err, context.Canceled) && ctx.Err() == nil {
		n.t.Errorf("%s: %v", job.Name, err)
	}
	<-ctx.Done()
	if n.life.Err() == nil {
		n.deletePods(n.life, job)
	}
}

func (n *Node) deletePods(ctx context.Context, job *batchv1.Job) {
	err := n.client.DeleteAllOf(ctx, &corev1.Pod{}, client.InNamespace(job.Namespace),
		client.MatchingLabels{batchv1.ControllerUidLabel: string(job.UID)}, client.GracePeriodSeconds(0))
	if client.IgnoreNotFound(err) != nil && ctx.Err() == nil {
		n.t.Error(err)
	}
}

// pod creates the Job's pod as the Job controller does, on this node.
func (n *Node) pod(ctx context.Context, job *batchv1.Job, node string) (*corev1.Pod, error) {
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: job.Namespace, GenerateName: job.Name + "-", Labels: map[string]string{
				batchv1.JobNameLabel: job.Name, batchv1.ControllerUidLabel: string(job.UID),
			},
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(job, batchv1.SchemeGroupVersion.WithKind("Job"))},
		},
		Spec: *job.Spec.Template.Spec.DeepCopy(),
	}
	for key, value := range job.Spec.Template.Labels {
		pod.Labels[key] = value
	}
	pod.Spec.NodeName = node
	pod.Spec.PriorityClassName = ""
	if err := n.client.Create(ctx, pod); err != nil {
		return nil, err
	}
	n.mu.Lock()
	n.made++
	n.mu.Unlock()
	return pod, nil
}

// report changes the pod's status.
func (n *Node) report(ctx context.Context, pod *corev1.Pod, change func(*corev1.PodStatus)) error {
	for {
		now := &corev1.Pod{}
		if err := n.client.Get(ctx, client.ObjectKeyFromObject(pod), now); err != nil {
			return err
		}
		change(&now.Status)
		err := n.client.Status().Update(ctx, now)
		if !apierrors.IsConflict(err) {
			return err
		}
	}
}

// failJob ends a Job as its controller does when a pod is lost.
func (n *Node) failJob(ctx context.Context, job *batchv1.Job) error {
	now := &batchv1.Job{}
	if err := n.client.Get(ctx, client.ObjectKeyFromObject(job), now); err != nil {
		return err
	}
	began := metav1.Now()
	now.Status.StartTime = &began
	for _, kind := range []batchv1.JobConditionType{batchv1.JobFailureTarget, batchv1.JobFailed} {
		now.Status.Conditions = append(now.Status.Conditions, batchv1.JobCondition{
			Type: kind, Status: corev1.ConditionTrue, Reason: batchv1.JobReasonBackoffLimitExceeded, LastTransitionTime: began,
		})
	}
	now.Status.Failed = 1
	return n.client.Status().Update(ctx, now)
}
