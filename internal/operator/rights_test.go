package operator_test

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/execution/jobs/jobstest"
	"github.com/algoitny/algoitny-operator/internal/operator"
)

// managerUser is who the operators of all tests are: nobody but the holder of
// the roles that config/rbac deploys.
const managerUser = "system:serviceaccount:algoitny-system:manager"

// The roles as they are deployed.
const (
	managerRole = "../../config/rbac/role.yaml"
	leaderRole  = "../../config/rbac/leader_election.yaml"
)

// grant gives the deployed roles to the operators of a test's namespace.
func (w *world) grant() {
	w.t.Helper()
	manager, leader := &rbacv1.ClusterRole{}, &rbacv1.Role{}
	read(w.t, managerRole, manager)
	read(w.t, leaderRole, leader)
	leader.Namespace = w.namespace
	if err := client.IgnoreAlreadyExists(w.client.Create(w.t.Context(), manager)); err != nil {
		w.t.Fatal(err)
	}
	w.create(leader, w.binding("ClusterRole", manager.Name), w.binding("Role", leader.Name))
	// The API server has its own cache of roles. An operator that started
	// before it knows them would be refused for no fault of its own.
	w.eventually("the roles are in force", func() bool {
		return w.may("watch", v1alpha1.GroupVersion.Group, "problems") && w.may("create", coordinationv1.GroupName, "leases")
	})
}

func (w *world) binding(kind, role string) *rbacv1.RoleBinding {
	return &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: role},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: kind, Name: role},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: managerUser}},
	}
}

func (w *world) may(verb, group, resource string) bool {
	w.t.Helper()
	review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
		User: managerUser,
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Namespace: w.namespace, Verb: verb, Group: group, Resource: resource,
		},
	}}
	w.create(review)
	return review.Status.Allowed
}

// read reads the first document of a file.
func read(t testing.TB, file string, into any) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := bytes.Cut(raw, []byte("\n---\n"))
	if err := yaml.UnmarshalStrict(first, into); err != nil {
		t.Fatal(err)
	}
}

// right is what one request needs.
type right struct{ verb, group, resource string }

// askedFor is what the operators of this program asked the API server for.
var askedFor rights

type rights struct {
	mu      sync.Mutex
	used    map[right]bool
	refused []string
}

// note remembers a request and whether RBAC refused it. Admission refuses with
// the same status.
func (a *rights) note(r *http.Request, answer *http.Response) error {
	used, ok := rightOf(r)
	if !ok {
		return nil
	}
	why := ""
	if answer.StatusCode == http.StatusForbidden {
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			return err
		}
		answer.Body = io.NopCloser(bytes.NewReader(body))
		if bytes.Contains(body, []byte(" cannot "+used.verb+" resource ")) {
			why = string(body)
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if why != "" {
		a.refused = append(a.refused, why)
	}
	if a.used == nil {
		a.used = map[right]bool{}
	}
	a.used[used] = true
	return nil
}

// rightOf reads a request as the API server does. What is no resource needs no
// right that a role of ours gives.
func rightOf(r *http.Request) (right, bool) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	var of right
	switch {
	case len(parts) > 2 && parts[0] == "api":
		parts = parts[2:]
	case len(parts) > 3 && parts[0] == "apis":
		of.group, parts = parts[1], parts[3:]
	default:
		return of, false
	}
	if parts[0] == "namespaces" && len(parts) > 2 {
		parts = parts[2:]
	}
	of.resource = parts[0]
	if len(parts) > 2 {
		of.resource += "/" + parts[2]
	}
	of.verb = verbOf(r, len(parts) > 1)
	return of, true
}

func verbOf(r *http.Request, named bool) string {
	switch {
	case r.Method == http.MethodPost:
		return "create"
	case r.Method == http.MethodPut:
		return "update"
	case r.Method == http.MethodPatch:
		return "patch"
	case r.Method == http.MethodDelete && named:
		return "delete"
	case r.Method == http.MethodDelete:
		return "deletecollection"
	case slices.Contains([]string{"true", "1"}, r.URL.Query().Get("watch")):
		return "watch"
	case named:
		return "get"
	}
	return "list"
}

func TestRequestsAreReadAsTheAPIServerReadsThem(t *testing.T) {
	for _, tt := range []struct {
		method, url string
		want        right
	}{
		{http.MethodGet, "/api/v1/secrets", right{"list", "", "secrets"}},
		{http.MethodGet, "/api/v1/namespaces/a/secrets/b", right{"get", "", "secrets"}},
		{http.MethodGet, "/api/v1/namespaces/a", right{"get", "", "namespaces"}},
		{http.MethodGet, "/api/v1/namespaces/a/pods/b/log?container=c", right{"get", "", "pods/log"}},
		{http.MethodGet, "/apis/batch/v1/namespaces/a/jobs?watch=true", right{"watch", "batch", "jobs"}},
		{http.MethodPost, "/apis/batch/v1/namespaces/a/jobs", right{"create", "batch", "jobs"}},
		{http.MethodPatch, "/apis/algoitny.dev/v1alpha1/namespaces/a/problems/b/status", right{"patch", "algoitny.dev", "problems/status"}},
		{http.MethodPut, "/apis/coordination.k8s.io/v1/namespaces/a/leases/b", right{"update", "coordination.k8s.io", "leases"}},
		{http.MethodDelete, "/apis/batch/v1/namespaces/a/jobs/b", right{"delete", "batch", "jobs"}},
		{http.MethodDelete, "/apis/batch/v1/namespaces/a/jobs", right{"deletecollection", "batch", "jobs"}},
	} {
		r, err := http.NewRequestWithContext(t.Context(), tt.method, "https://cluster"+tt.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := rightOf(r); !ok || got != tt.want {
			t.Errorf("%s %s needs %+v, want %+v", tt.method, tt.url, got, tt.want)
		}
	}
}

// leastPrivilege compares the deployed roles to what was asked for. A right
// that no test needs is one that the operator does not need, or one that is not
// tested; that is known once every test has run.
func leastPrivilege(code int) int {
	askedFor.mu.Lock()
	defer askedFor.mu.Unlock()
	for _, why := range askedFor.refused {
		fmt.Fprintln(os.Stderr, "an operator was refused what config/rbac does not give it:", why)
		code = 1
	}
	if code != 0 || !everyTestRan() {
		return code
	}
	given, err := deployedRights()
	if err != nil {
		fmt.Fprintln(os.Stderr, "read the deployed roles:", err)
		return 1
	}
	for _, r := range given {
		if !askedFor.used[r] {
			fmt.Fprintf(os.Stderr, "config/rbac lets the operator %s %s of %q, which no test needed\n", r.verb, r.resource, r.group)
			code = 1
		}
	}
	return code
}

func everyTestRan() bool {
	for _, selecting := range []string{"test.run", "test.skip", "test.list"} {
		if flag.Lookup(selecting).Value.String() != "" {
			return false
		}
	}
	return !testing.Short()
}

// deployedRights are all that both roles give, in the order of the files.
func deployedRights() ([]right, error) {
	var all []right
	for _, file := range []string{managerRole, leaderRole} {
		raw, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		first, _, _ := bytes.Cut(raw, []byte("\n---\n"))
		// A Role has the fields of a ClusterRole that matter here.
		role := &rbacv1.ClusterRole{}
		if err := yaml.Unmarshal(first, role); err != nil {
			return nil, err
		}
		for _, rule := range role.Rules {
			for _, group := range rule.APIGroups {
				for _, resource := range rule.Resources {
					for _, verb := range rule.Verbs {
						all = append(all, right{verb, group, resource})
					}
				}
			}
		}
	}
	return all, nil
}

// Replicas share one lease, and the next one works as soon as it is given back.
func TestAReplicaTakesOverWhenTheLeaderIsStopped(t *testing.T) {
	w := newWorld(t)
	w.providers()
	elected := func() operator.Config {
		c := w.config()
		c.LeaderElection, c.LeaderElectionNamespace = true, w.namespace
		return c
	}
	stop := w.startWith(elected())
	first := w.problem("ships", "ships")
	w.create(first)
	w.awaitReady(first)
	before := w.leader()
	w.startWith(elected())
	stop()
	second := w.problem("cranes", "cranes")
	w.create(second)
	w.awaitReady(second)
	if after := w.leader(); after == before {
		t.Errorf("%q holds the lease although it was stopped", after)
	}
}

// leader is who holds the namespace's one lease.
func (w *world) leader() string {
	w.t.Helper()
	var leases coordinationv1.LeaseList
	if err := w.client.List(w.t.Context(), &leases, client.InNamespace(w.namespace)); err != nil {
		w.t.Fatal(err)
	}
	if len(leases.Items) != 1 || leases.Items[0].Spec.HolderIdentity == nil {
		w.t.Fatalf("the leases are %+v", leases.Items)
	}
	return *leases.Items[0].Spec.HolderIdentity
}

// Older API servers do not stream what is there already, see
// https://kubernetes.io/docs/reference/using-api/api-concepts/#streaming-lists;
// everything that is watched has to be listed there.
func TestAClusterThatDoesNotStreamListsIsListed(t *testing.T) {
	w := newWorld(t)
	w.inJobs()
	config := w.config()
	config.Cluster.Wrap(func(next http.RoundTripper) http.RoundTripper { return older{next} })
	w.startWith(config)
	w.providers()
	w.answer("ships", "solve-python", rightProgram)
	p, job := w.problem("ships", "ships"), w.job("solution", "ships")
	w.create(p, job)
	w.awaitReady(p, job)
}

// older refuses what API servers before streaming lists refuse.
type older struct{ next http.RoundTripper }

func (o older) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Query().Get("sendInitialEvents") == "" {
		return o.next.RoundTrip(r)
	}
	const status = `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Invalid","code":422,` +
		`"message":"sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled"}`
	return &http.Response{
		StatusCode: http.StatusUnprocessableEntity, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(status)),
	}, nil
}

// Only the Job controller's events tell why a pod cannot be made.
func TestAPodThatTheClusterRefusesIsExplainedInTheStatus(t *testing.T) {
	w := newWorld(t)
	node := w.inJobs()
	node.Next(jobstest.Refused(`Error creating: pods "a" is forbidden: exceeded quota: no-pods, requested: pods=1`))
	config := w.config()
	config.Judging.Patience = metav1.Duration{Duration: 2 * time.Second}
	w.startWith(config)
	w.providers()
	w.answer("ships", "solve-python", rightProgram)
	p, job := w.problem("ships", "ships"), w.job("solution", "ships")
	w.create(p, job)
	ready := w.await(job, metav1.ConditionUnknown, execution.ReasonPodRefused)
	if !strings.HasSuffix(ready.Message, ": exceeded quota: no-pods") {
		t.Errorf("the status says %q", ready.Message)
	}
}
