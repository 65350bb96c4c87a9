package facade_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-logr/logr/funcr"
	"github.com/prometheus/client_golang/prometheus"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/algoitny/algoitny-operator/internal/controlplane/controlplanetest"
	"github.com/algoitny/algoitny-operator/internal/facade"
	"github.com/algoitny/algoitny-operator/internal/facade/edge"
	"github.com/algoitny/algoitny-operator/internal/facade/fault"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/store"
	"github.com/algoitny/algoitny-operator/internal/store/storetest"
)

// TestMain starts the API server, whose clients log here too. Fuzzing needs
// none, and one would outlive a worker, which is killed.
func TestMain(m *testing.M) {
	flag.Parse()
	if flag.Lookup("test.fuzz").Value.String() != "" {
		os.Exit(m.Run())
	}
	ctrl.SetLogger(funcr.New(logs.add, funcr.Options{Verbosity: 10}))
	os.Exit(controlplanetest.Run(m))
}

// logs is everything this program has logged.
var logs record

// record is text that several goroutines write.
type record struct {
	mu   sync.Mutex
	text strings.Builder
}

func (r *record) add(prefix, args string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintln(&r.text, prefix, args)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

// site is a facade on the wire, with a table and a namespace of its own. It has
// the rights of the product's own role and no others. It starts with the first
// request, when the table has what the test put there.
type site struct {
	t         *testing.T
	url       string
	namespace string
	table     *store.Store
	client    client.Client
	options   facade.Options
	registry  *prometheus.Registry
	// away: the table does not answer, so that the facade is never ready.
	away    bool
	started bool
}

func newSite(t *testing.T, changes ...func(*facade.Options)) *site {
	t.Helper()
	s := &site{
		t: t, namespace: controlplanetest.Namespace(t), table: storetest.New(t), client: controlplanetest.Client(t), registry: newRegistry(),
	}
	s.options = facade.Options{
		Table: s.table, Namespace: s.namespace, WatchNamespace: s.namespace, Reload: reload, Registry: s.registry,
		Log: funcr.New(logs.add, funcr.Options{Verbosity: 10}),
	}
	for _, change := range changes {
		change(&s.options)
	}
	return s
}

// reload is how soon a site sees what only the table tells of.
const reload = 50 * time.Millisecond

// awaySite is one whose table does not answer.
func awaySite(t *testing.T, changes ...func(*facade.Options)) *site {
	t.Helper()
	s := newSite(t, changes...)
	s.away = true
	return s
}

// start serves, once, and waits until the facade is ready.
func (s *site) start() {
	s.t.Helper()
	if s.started {
		return
	}
	s.started = true
	if s.options.Cluster == nil {
		s.options.Cluster = s.own()
	}
	f, err := facade.New(s.options)
	if err != nil {
		s.t.Fatal(err)
	}
	s.run(f)
	limits := edge.Limits{Read: readTimeout}
	server := httptest.NewUnstartedServer(f)
	server.Config, server.Listener = limits.Server(f), limits.Listener(server.Listener)
	server.Start()
	s.t.Cleanup(server.Close)
	s.url = server.URL
	if !s.away {
		s.await("the facade is ready", func() bool {
			recorder := httptest.NewRecorder()
			f.Operations(s.registry).ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/readyz", nil))
			return recorder.Code == http.StatusOK
		})
	}
}

// run keeps a facade up to date until the test ends.
func (s *site) run(f *facade.Facade) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx) }()
	s.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			s.t.Error(err)
		}
	})
}

// patience is how long something is waited for on a busy machine.
const patience = 20 * time.Second

func (s *site) await(what string, is func() bool) {
	s.t.Helper()
	for ended := time.Now().Add(patience); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(ended) {
			s.t.Fatalf("not in time: %s", what)
		}
	}
}

// own is the cluster under the account that the product gives the facade.
func (s *site) own() *rest.Config {
	s.t.Helper()
	for _, object := range manifests(s.t, "../../config/facade/rbac.yaml") {
		switch object := object.(type) {
		case *corev1.ServiceAccount:
			object.Namespace = s.namespace
		case *rbacv1.ClusterRoleBinding:
			object.Name = s.namespace + "-facade"
			object.Subjects[0].Namespace = s.namespace
			s.t.Cleanup(func() { _ = s.client.Delete(context.Background(), object) })
		}
		if err := s.client.Create(s.t.Context(), object); err != nil && !apierrors.IsAlreadyExists(err) {
			s.t.Fatal(err)
		}
	}
	config := rest.AnonymousClientConfig(controlplanetest.Config())
	config.BearerToken = s.token("facade")
	return config
}

// readTimeout is short enough to wait for and long enough for a busy machine.
const readTimeout = 2 * time.Second

// answer is a response that was read whole.
type answer struct {
	*http.Response
	body []byte
}

// into decodes the body and lets no field go unnoticed.
func (a *answer) into(t *testing.T, out any) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(a.body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(out); err != nil {
		t.Errorf("%v in %s", err, a.body)
	}
}

// raw decodes the body as a frontend sees it.
func (a *answer) raw(t *testing.T) map[string]any {
	t.Helper()
	var out map[string]any
	a.into(t, &out)
	return out
}

// patient follows no redirects.
var patient = &http.Client{
	Timeout:       30 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// call sends a request and holds the answer to what all answers must be.
func (s *site) call(method, path, token, body string) *answer {
	s.t.Helper()
	s.start()
	request, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	return s.send(request)
}

func (s *site) send(request *http.Request) *answer {
	s.t.Helper()
	response, err := patient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	a := &answer{response, raw}
	a.mustBeProper(s.t, request.Method)
	return a
}

func (s *site) get(path string) *answer {
	s.t.Helper()
	return s.call(http.MethodGet, path, "", "")
}

func (s *site) post(token, body string) *answer {
	s.t.Helper()
	return s.call(http.MethodPost, "/api/problems/", token, body)
}

// mustBeProper checks what every answer has: the security headers, and a
// problem of RFC 9457 when it is an error.
func (a *answer) mustBeProper(t *testing.T, method string) {
	t.Helper()
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "X-Content-Type-Options": "nosniff",
		"X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin",
	} {
		if got := a.Header.Get(name); got != want {
			t.Errorf("%d has %s %q, want %q", a.StatusCode, name, got, want)
		}
	}
	want := "application/json"
	if strings.Contains(a.Header.Get("Content-Disposition"), "attachment") {
		want = "application/zip"
	}
	if a.StatusCode >= http.StatusBadRequest {
		want = "application/problem+json"
	}
	if got := a.Header.Get("Content-Type"); got != want && a.StatusCode/100 != 3 {
		t.Errorf("%d has the type %q, want %q", a.StatusCode, got, want)
	}
	if a.StatusCode >= http.StatusBadRequest && method != http.MethodHead {
		p := fault.Fault{}
		a.into(t, &p)
		if p.Type != "about:blank" || p.Title == "" || p.Detail == "" || p.Status != a.StatusCode {
			t.Errorf("%d has the problem %+v", a.StatusCode, p)
		}
	}
}

// mustFail checks an error: its status and the one field it names.
func (a *answer) mustFail(t *testing.T, status int, field string) {
	t.Helper()
	p := fault.Fault{}
	a.into(t, &p)
	if a.StatusCode != status {
		t.Errorf("got %d, want %d: %s", a.StatusCode, status, a.body)
	}
	if field == "" && len(p.Errors) > 0 {
		t.Errorf("names the fields %+v, want none", p.Errors)
	}
	if field != "" && (len(p.Errors) != 1 || p.Errors[0].Field != field || p.Errors[0].Detail == "") {
		t.Errorf("names the fields %+v, want %q", p.Errors, field)
	}
}

// put stores a problem.
func (s *site) put(platform, id string) {
	s.t.Helper()
	_, err := s.table.PutProblem(s.t.Context(), store.ProblemRecord{
		Problem: problem.Problem{
			Key: problem.Key{Platform: platform, ID: id}, URL: "https://judge.example/" + platform, Title: "Sum of " + id, Language: "en",
			Limits:    problem.Limits{Time: 2 * time.Second, MemoryBytes: 256 << 20},
			Samples:   []problem.Sample{{Input: "1 2\n", Output: "3\n"}},
			Statement: problem.Statement{Description: "Add two numbers.", Input: "Two numbers.", Output: "Their sum."},
			Tags:      []string{"math"}, Rating: 800,
		},
		Owner: store.Owner{Namespace: "team", Name: "ann", UID: "uid-ann"},
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// solve stores a solution with a verdict.
func (s *site) solve(platform, id, language string, verdict problem.Verdict) {
	s.t.Helper()
	_, err := s.table.PutSolution(s.t.Context(), store.SolutionRecord{
		Key: problem.Key{Platform: platform, ID: id}, Name: "ann", Language: language, Source: "print(3)\n", Verdict: verdict, Attempts: 2,
		Report: problem.Report{Verdict: verdict, Tests: []problem.TestResult{{Verdict: verdict, CPU: 20 * time.Millisecond, MemoryBytes: 9 << 20}}},
		Owner:  store.Owner{Namespace: "team", Name: "ann", UID: "uid-ann"},
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// editor is the token of an account with the product's own role problem-editor.
func (s *site) editor() string { return s.bound("editor", "problem-editor") }

// viewer is the token of one with the role problem-viewer.
func (s *site) viewer() string { return s.bound("viewer", "problem-viewer") }

func (s *site) bound(name, role string) string {
	s.t.Helper()
	for _, object := range manifests(s.t, "../../config/rbac/editors.yaml") {
		if err := s.client.Create(s.t.Context(), object); err != nil && !apierrors.IsAlreadyExists(err) {
			s.t.Fatal(err)
		}
	}
	token := s.account(name)
	s.create(&rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: name},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
		Subjects:   []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: s.namespace, Name: name}},
	})
	s.await("the role is in force", func() bool {
		review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
			User:               "system:serviceaccount:" + s.namespace + ":" + name,
			ResourceAttributes: &authorizationv1.ResourceAttributes{Namespace: s.namespace, Verb: "get", Group: "algoitny.dev", Resource: "submissions"},
		}}
		return s.client.Create(s.t.Context(), review) == nil && review.Status.Allowed
	})
	return token
}

// manifests are the objects of a file of the product's.
func manifests(t *testing.T, path string) []client.Object {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []client.Object
	for _, document := range bytes.Split(raw, []byte("\n---\n")) {
		kind := metav1.TypeMeta{}
		if err := yaml.Unmarshal(document, &kind); err != nil {
			t.Fatal(err)
		}
		object := map[string]client.Object{
			"ClusterRole": &rbacv1.ClusterRole{}, "ClusterRoleBinding": &rbacv1.ClusterRoleBinding{}, "ServiceAccount": &corev1.ServiceAccount{},
		}[kind.Kind]
		if err := yaml.UnmarshalStrict(document, object); err != nil {
			t.Fatal(err)
		}
		out = append(out, object)
	}
	return out
}

// account is the token of a new service account without any right.
func (s *site) account(name string) string {
	s.t.Helper()
	s.create(&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: name}})
	return s.token(name)
}

func (s *site) token(name string) string {
	s.t.Helper()
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: name}}
	request := &authenticationv1.TokenRequest{}
	if err := s.client.SubResource("token").Create(s.t.Context(), account, request); err != nil {
		s.t.Fatal(err)
	}
	return request.Status.Token
}

func (s *site) create(object client.Object) {
	s.t.Helper()
	if err := s.client.Create(s.t.Context(), object); err != nil {
		s.t.Fatal(err)
	}
}

func newRegistry() *prometheus.Registry { return prometheus.NewRegistry() }

func nameOf(object client.Object) client.ObjectKey { return client.ObjectKeyFromObject(object) }

// serverOf is a server that answers nothing of use.
func serverOf(t *testing.T) (*http.Server, net.Listener) {
	t.Helper()
	address, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return edge.Limits{}.Server(http.NotFoundHandler()), address
}
