package edge_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-logr/logr/funcr"
	"github.com/klauspost/compress/zstd"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/algoitny/algoitny-operator/internal/facade/edge"
	"github.com/algoitny/algoitny-operator/internal/facade/fault"
)

// TestMain holds every test to leave no goroutine behind; a fuzzing worker is
// killed while it has some.
func TestMain(m *testing.M) {
	flag.Parse()
	if flag.Lookup("test.fuzz").Value.String() != "" {
		os.Exit(m.Run())
	}
	goleak.VerifyTestMain(m)
}

// patience is how long something is waited for on a busy machine.
const patience = 20 * time.Second

func await[T any](t *testing.T, what string, c <-chan T) T {
	t.Helper()
	select {
	case value := <-c:
		return value
	case <-time.After(patience):
		t.Fatalf("not in time: %s", what)
		panic("unreachable")
	}
}

// eventually waits for what happens in the background.
func eventually(t *testing.T, what string, happened func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !happened(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not in time: %s", what)
		}
	}
}

// text is what several goroutines write.
type text struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (x *text) Write(p []byte) (int, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.all.Write(p)
}

func (x *text) String() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.all.String()
}

// clock stands until it is moved.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// site is an edge on the wire.
type site struct {
	t           *testing.T
	edge        *edge.Edge
	server      *httptest.Server
	clock       *clock
	registry    *prometheus.Registry
	log, access *text
}

// newSite serves what wrap makes of an edge.
func newSite(t *testing.T, wrap func(*edge.Edge) http.Handler, changes ...func(*edge.Options)) *site {
	t.Helper()
	s := &site{t: t, clock: &clock{at: time.Unix(1_800_000_000, 0)}, registry: prometheus.NewRegistry(), log: &text{}, access: &text{}}
	o := edge.Options{
		Log:       funcr.New(func(prefix, args string) { _, _ = fmt.Fprintln(s.log, prefix, args) }, funcr.Options{}),
		AccessLog: zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), zapcore.AddSync(s.access), zapcore.InfoLevel)),
		Registry:  s.registry, Now: s.clock.now, Route: func(r *http.Request) string { return r.Method + " /route" },
	}
	for _, change := range changes {
		change(&o)
	}
	var err error
	if s.edge, err = edge.New(o); err != nil {
		t.Fatal(err)
	}
	s.server = httptest.NewUnstartedServer(nil)
	s.server.Config, s.server.Listener = edge.Limits{}.Server(wrap(s.edge)), edge.Limits{}.Listener(s.server.Listener)
	s.server.Start()
	client := s.server.Client()
	client.Transport.(*http.Transport).DisableCompression = true
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	t.Cleanup(func() { s.server.Close(); s.edge.Close() })
	return s
}

// outer has a handler right inside of Outer, deliver one inside of Deliver too.
func outer(h http.HandlerFunc) func(*edge.Edge) http.Handler {
	return func(e *edge.Edge) http.Handler { return e.Outer(h) }
}

func deliver(h http.HandlerFunc) func(*edge.Edge) http.Handler {
	return func(e *edge.Edge) http.Handler { return e.Outer(e.Deliver(h)) }
}

func say(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }
}

type reply struct {
	*http.Response
	body []byte
}

// call sends a request with headers given as name and value in turn.
func (s *site) call(method, path string, headers ...string) *reply {
	s.t.Helper()
	r, err := s.try(method, path, headers...)
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

func (s *site) try(method, path string, headers ...string) (*reply, error) {
	request, err := http.NewRequestWithContext(s.t.Context(), method, s.server.URL+path, http.NoBody)
	if err != nil {
		return nil, err
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Add(headers[i], headers[i+1])
	}
	return s.do(request)
}

func (s *site) do(request *http.Request) (*reply, error) {
	response, err := s.server.Client().Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	return &reply{response, body}, err
}

func (s *site) get(path string, headers ...string) *reply {
	s.t.Helper()
	return s.call(http.MethodGet, path, headers...)
}

// mustSay wants a plain answer.
func (r *reply) mustSay(t *testing.T, body string) {
	t.Helper()
	if r.StatusCode != http.StatusOK || string(r.body) != body {
		t.Errorf("got %d and %q, want %q", r.StatusCode, r.body, body)
	}
}

// mustFail wants a fault.
func (r *reply) mustFail(t *testing.T, status int) {
	t.Helper()
	var f fault.Fault
	if err := json.Unmarshal(r.body, &f); err != nil {
		t.Fatalf("got %d and %q: %v", r.StatusCode, r.body, err)
	}
	if r.StatusCode != status || f.Status != status || r.Header.Get("Content-Type") != fault.MediaType || r.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("got %d and %s with %v, want the fault %d", r.StatusCode, r.body, r.Header, status)
	}
}

// mustHave wants headers, given as name and value in turn; several values are
// joined, and an empty one is none.
func (r *reply) mustHave(t *testing.T, headers ...string) {
	t.Helper()
	for i := 0; i < len(headers); i += 2 {
		if got := strings.Join(r.Header.Values(headers[i]), ", "); got != headers[i+1] {
			t.Errorf("%s is %q, want %q", headers[i], got, headers[i+1])
		}
	}
}

// plain is the body without its coding.
func (r *reply) plain(t *testing.T) string {
	t.Helper()
	var from io.Reader = bytes.NewReader(r.body)
	var err error
	switch r.Header.Get("Content-Encoding") {
	case "gzip":
		from, err = gzip.NewReader(from)
	case "zstd":
		var decoder *zstd.Decoder
		if decoder, err = zstd.NewReader(from, zstd.WithDecoderConcurrency(1)); err == nil {
			defer decoder.Close()
			from = decoder
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(from)
	if err != nil {
		t.Fatal(err)
	}
	return string(plain)
}

// metric is the value of a counter or gauge, or the count of a histogram or
// summary, whose labels have all these values.
func (s *site) metric(name string, labels ...string) float64 {
	s.t.Helper()
	families, err := s.registry.Gather()
	if err != nil {
		s.t.Fatal(err)
	}
	sum := 0.0
	for _, family := range families {
		for _, m := range family.GetMetric() {
			if family.GetName() == name && hasLabels(m.String(), labels) {
				sum += m.GetCounter().GetValue() + m.GetGauge().GetValue() +
					float64(m.GetHistogram().GetSampleCount()+m.GetSummary().GetSampleCount())
			}
		}
	}
	return sum
}

func hasLabels(metric string, values []string) bool {
	for _, value := range values {
		if !strings.Contains(metric, fmt.Sprintf("value:%q", value)) {
			return false
		}
	}
	return true
}
