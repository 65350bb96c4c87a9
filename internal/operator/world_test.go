package operator_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/go-logr/logr"
	"github.com/go-logr/logr/funcr"
	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/controlplane/controlplanetest"
	"github.com/algoitny/algoitny-operator/internal/execution/agent/agenttest"
	"github.com/algoitny/algoitny-operator/internal/execution/jobs"
	"github.com/algoitny/algoitny-operator/internal/execution/jobs/jobstest"
	"github.com/algoitny/algoitny-operator/internal/execution/local"
	"github.com/algoitny/algoitny-operator/internal/llm/replay"
	"github.com/algoitny/algoitny-operator/internal/operator"
	"github.com/algoitny/algoitny-operator/internal/source"
	"github.com/algoitny/algoitny-operator/internal/store"
	"github.com/algoitny/algoitny-operator/internal/store/embedded"
)

// TestMain starts the API server.
func TestMain(m *testing.M) {
	ctrl.SetLogger(funcr.New(logs.add, funcr.Options{}))
	code := leastPrivilege(controlplanetest.Run(m))
	agenttest.Remove()
	os.Exit(code)
}

// logs is everything the operators of this program have logged.
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

// patience is how long a state is waited for on a busy machine.
const patience = 60 * time.Second

// secretKey is the API key of every provider; nothing may ever show it.
const secretKey = "sk-planted-4f9c7be1"

// world is everything around the operator: an API server, a table, judges'
// pages and models, all at the wire, and a namespace of its own.
type world struct {
	t         testing.TB
	namespace string
	client    client.WithWatch
	table     *store.Store
	tableName string
	engine    *embedded.Engine
	model     *replay.Server
	endpoint  string
	pages     *judge
	// node judges in Jobs; nil judges in processes of this program.
	node *jobstest.Node
	// patience is how long a judging waits before that is told; 0 is the default.
	patience time.Duration
	answers  *folder
	seen     *observer
	// tableWrites and apiWrites are those of the operators of this test.
	tableWrites, apiWrites counter
	registry               *prometheus.Registry
}

func newWorld(t testing.TB) *world {
	t.Helper()
	engine, err := embedded.Start(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(engine.Close)
	w := &world{
		t: t, namespace: controlplanetest.Namespace(t), client: controlplanetest.Client(t),
		engine: engine, tableName: "algoitny_main", pages: newJudge(t), answers: &folder{},
	}
	w.model = replay.New(replay.Options{Transcripts: w.answers, Key: secretKey})
	server := httptest.NewServer(w.model)
	t.Cleanup(func() { w.model.Close(); server.Close() })
	w.endpoint = server.URL
	w.table = w.store(engine.Endpoint)
	if err := w.table.EnsureTable(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.seen = observe(w)
	w.grant()
	return w
}

// store is a client of the table, at the engine's own or another address, that
// counts its writes.
func (w *world) store(endpoint string) *store.Store {
	w.t.Helper()
	db, err := store.NewClient(context.Background(), endpoint, "eu-central-1")
	if err != nil {
		w.t.Fatal(err)
	}
	return store.New(db, store.Options{Table: w.tableName, Observe: func(op string, _ float64) {
		switch op {
		case "GetItem", "Query", "DescribeTable", "CreateTable":
		default:
			w.tableWrites.add(op)
		}
	}})
}

// start runs an operator until the returned function is called, or the test
// ends. The function may be called more than once.
func (w *world) start() (stop func()) {
	w.t.Helper()
	return w.startWith(w.config())
}

func (w *world) startWith(config operator.Config) (stop func()) {
	w.t.Helper()
	// A configuration may be used again, by an operator with its own metrics.
	config.Metrics = w.metrics()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- operator.Run(ctx, config) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			w.t.Errorf("the operator ended: %v", err)
		}
	})
	w.t.Cleanup(stop)
	return stop
}

func (w *world) config() operator.Config {
	w.t.Helper()
	runner, err := local.New(local.Options{
		AgentCommand: agenttest.Command(w.t), Dir: w.t.TempDir(), Plain: true, Speed: 1, Log: logr.Discard(),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	cluster := controlplanetest.Config()
	cluster.Impersonate = rest.ImpersonationConfig{UserName: managerUser}
	cluster.Wrap(func(next http.RoundTripper) http.RoundTripper { return &countWrites{next, w} })
	config := operator.Config{
		Cluster: cluster, Namespace: w.namespace, Store: w.store(w.engine.Endpoint), Runner: runner, Workshop: runner,
		Fetcher: source.NewFetcher(source.FetcherOptions{
			Pinned: w.pages.pinned(), Interval: time.Millisecond,
		}),
		MetricsAddress: "0", ProbeAddress: "0", SkipNameValidation: true,
	}
	if w.node != nil {
		config.Runner, config.Workshop, config.Judging = nil, nil, jobs.Config{Image: "runner:test", Patience: metav1.Duration{Duration: w.patience}}
	}
	return config
}

// metrics are those of the operator that is started next.
func (w *world) metrics() prometheus.Registerer {
	w.registry = prometheus.NewRegistry()
	return w.registry
}

// metric is the sum of a metric over all series that have these labels.
func (w *world) metric(name string, labels map[string]string) float64 {
	w.t.Helper()
	families, err := w.registry.Gather()
	if err != nil {
		w.t.Fatal(err)
	}
	sum := 0.0
	for _, family := range families {
		if family.GetName() != name {
			continue
		}
		for _, series := range family.GetMetric() {
			has := map[string]string{}
			for _, pair := range series.GetLabel() {
				has[pair.GetName()] = pair.GetValue()
			}
			matches := true
			for label, value := range labels {
				matches = matches && has[label] == value
			}
			if matches {
				sum += series.GetGauge().GetValue() + series.GetCounter().GetValue()
			}
		}
	}
	return sum
}

// providers creates the Secret and both ModelProviders.
func (w *world) providers() {
	w.t.Helper()
	w.secret()
	w.create(w.provider("gemini", v1alpha1.ProviderGemini), w.provider("openai", v1alpha1.ProviderOpenAI))
}

func (w *world) secret() {
	w.t.Helper()
	w.create(&corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "keys"}, StringData: map[string]string{"apiKey": secretKey},
	})
}

func (w *world) provider(name string, kind v1alpha1.ProviderType) *v1alpha1.ModelProvider {
	endpoint := w.endpoint
	if kind == v1alpha1.ProviderOpenAI {
		endpoint += "/v1"
	}
	return &v1alpha1.ModelProvider{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name},
		Spec: v1alpha1.ModelProviderSpec{
			Type: kind, Model: "test-model", Endpoint: endpoint,
			CredentialsSecretRef: v1alpha1.SecretKeyReference{Name: "keys"},
			Pricing:              v1alpha1.Pricing{InputPerMillionTokens: "1", OutputPerMillionTokens: "2"},
		},
	}
}

// problem is a Problem whose page and extraction are there.
func (w *world) problem(name, id string, languages ...v1alpha1.Language) *v1alpha1.Problem {
	w.page(id, "Sum of "+id)
	p := &v1alpha1.Problem{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name},
		Spec:       v1alpha1.ProblemSpec{Source: v1alpha1.ProblemSource{URL: pageURL(id)}},
	}
	for _, language := range languages {
		p.Spec.Solutions = append(p.Spec.Solutions, v1alpha1.SolutionTemplate{Language: language})
	}
	return p
}

// job is a SolutionJob in Python for a Problem.
func (w *world) job(name, problem string) *v1alpha1.SolutionJob {
	return &v1alpha1.SolutionJob{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name},
		Spec: v1alpha1.SolutionJobSpec{
			ProblemRef: v1alpha1.LocalReference{Name: problem}, Language: "python",
		},
	}
}

// page puts a page and what a model makes of it.
func (w *world) page(id, title string) {
	w.pages.put("/"+id, page(title))
	w.answer(id, "extract", extraction("Add two numbers."))
}

// answer records what a model answers at each attempt of a step.
func (w *world) answer(id, step string, answers ...any) {
	w.t.Helper()
	var attempts []map[string]any
	for i, a := range answers {
		attempts = append(attempts, map[string]any{"attempt": i + 1, "json": a})
	}
	w.script(platform, id, step, attempts)
}

// slowOn records an answer of 2 s to the first attempt of a step.
func (w *world) slowOn(platform, id, step string, answer any) {
	w.t.Helper()
	w.script(platform, id, step, []map[string]any{{"attempt": 1, "json": answer, "latency": "2s"}})
}

// script writes a transcript, whatever its attempts say.
func (w *world) script(platform, id, step string, attempts []map[string]any) {
	w.t.Helper()
	raw, err := yaml.Marshal(map[string]any{"answers": attempts})
	if err != nil {
		w.t.Fatal(err)
	}
	w.answers.put(platform+"/"+id+"/"+step+".yaml", raw)
}

func (w *world) create(objects ...client.Object) {
	w.t.Helper()
	for _, o := range objects {
		if err := w.client.Create(w.t.Context(), o); err != nil {
			w.t.Fatal(err)
		}
	}
}

// update changes an object until nobody else changes it meanwhile.
func update[T client.Object](w *world, object T, change func(T)) {
	w.t.Helper()
	for range 20 {
		w.get(object)
		change(object)
		err := w.client.Update(w.t.Context(), object)
		if err == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	w.t.Fatalf("could not update %s", object.GetName())
}

func (w *world) get(o client.Object) {
	w.t.Helper()
	if err := w.client.Get(w.t.Context(), nameOf(o), o); err != nil {
		w.t.Fatal(err)
	}
}

// object is a kind of ours.
type object interface {
	client.Object
	StatusConditions() *[]metav1.Condition
}

// await reads the object until its Ready condition, for its newest
// generation, is as wanted; reason "" is any.
func (w *world) await(o object, status metav1.ConditionStatus, reason string) metav1.Condition {
	w.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		w.get(o)
		ready := meta.FindStatusCondition(*o.StatusConditions(), v1alpha1.ConditionReady)
		if ready != nil && ready.ObservedGeneration == o.GetGeneration() && ready.Status == status && (reason == "" || ready.Reason == reason) {
			return *ready
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("%s is not %s %s: %+v", o.GetName(), status, reason, *o.StatusConditions())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (w *world) awaitReady(objects ...object) {
	w.t.Helper()
	for _, o := range objects {
		w.await(o, metav1.ConditionTrue, "")
	}
}

func nameOf(o client.Object) client.ObjectKey { return client.ObjectKeyFromObject(o) }

// awaitGone waits until an object is deleted.
func (w *world) awaitGone(o client.Object) {
	w.t.Helper()
	w.eventually(o.GetName()+" is gone", func() bool {
		return apierrors.IsNotFound(w.client.Get(w.t.Context(), nameOf(o), o))
	})
}

func (w *world) eventually(what string, holds func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("not in time: %s", what)
		}
	}
}

// paid counts the completions the models were asked for.
func (w *world) paid() int { return len(w.model.Calls()) }

// folder is a folder of transcripts that grows while it is read.
type folder struct {
	mu    sync.Mutex
	files fstest.MapFS
}

func (f *folder) put(name string, data []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	files := fstest.MapFS{name: {Data: data}}
	for other, file := range f.files {
		if other != name {
			files[other] = file
		}
	}
	f.files = files
}

func (f *folder) Open(name string) (fs.File, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.files.Open(name)
}

// counter counts things by name.
type counter struct {
	mu    sync.Mutex
	named map[string]int
}

func (c *counter) add(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.named == nil {
		c.named = map[string]int{}
	}
	c.named[name]++
}

func (c *counter) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.named = nil
}

// total counts those whose name contains any of the parts; no part is all.
func (c *counter) total(parts ...string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	sum := 0
	for name, n := range c.named {
		matches := len(parts) == 0
		for _, part := range parts {
			matches = matches || strings.Contains(name, part)
		}
		if matches {
			sum += n
		}
	}
	return sum
}

func (c *counter) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	raw, _ := json.Marshal(c.named)
	return string(raw)
}

// countWrites counts an operator's writes to the API server, and notes which
// rights it used.
type countWrites struct {
	next http.RoundTripper
	w    *world
}

func (c *countWrites) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodGet {
		c.w.apiWrites.add(r.Method + " " + r.URL.Path + regarding(r))
	}
	answer, err := c.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	return answer, askedFor.note(r, answer)
}

// regarding tells the event of one object from that of another, which may be
// written at any time: " of Problem/ships". Other writes are told apart by
// their paths.
func regarding(r *http.Request) string {
	if !strings.Contains(r.URL.Path, "/events") || r.GetBody == nil {
		return ""
	}
	body, err := r.GetBody()
	if err != nil {
		return ""
	}
	defer func() { _ = body.Close() }()
	raw, err := io.ReadAll(body)
	if err != nil {
		return ""
	}
	// Clients write events as protobuf or as JSON.
	decoded, _, err := clientgoscheme.Codecs.UniversalDeserializer().Decode(raw, nil, nil)
	event, ok := decoded.(*eventsv1.Event)
	if err != nil || !ok {
		return ""
	}
	return " of " + event.Regarding.Kind + "/" + event.Regarding.Name
}
