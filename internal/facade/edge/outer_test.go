package edge_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/algoitny/algoitny-operator/internal/facade/edge"
	"github.com/algoitny/algoitny-operator/internal/facade/fault"
)

func TestAPanicIsAFaultAndTheServerGoesOn(t *testing.T) {
	for name, wrap := range map[string]func(http.HandlerFunc) func(*edge.Edge) http.Handler{"streams": outer, "buffered": deliver} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, wrap(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/bad" {
					w.Header().Set("ETag", `"old"`)
					panic("out of luck")
				}
				_, _ = io.WriteString(w, "good")
			}))
			bad := s.get("/bad", "X-Request-Id", "abc")
			bad.mustFail(t, http.StatusInternalServerError)
			bad.mustHave(t, "Etag", "")
			s.get("/").mustSay(t, "good")
			for _, want := range []string{"out of luck", "outer_test.go", `"requestID"="abc"`} {
				if !strings.Contains(s.log.String(), want) {
					t.Errorf("the log lacks %s: %s", want, s.log)
				}
			}
			if got := s.metric("algoitny_facade_request_duration_seconds", "500"); got != 1 {
				t.Errorf("%v failures are counted", got)
			}
		})
	}
}

func TestAnAnswerThatPanicsHalfwayIsNotTakenForWhole(t *testing.T) {
	s := newSite(t, outer(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "half")
		_ = http.NewResponseController(w).Flush()
		panic("out of luck")
	}))
	if r, err := s.try(http.MethodGet, "/"); err == nil {
		t.Errorf("got %q and no error", r.body)
	}
}

func TestAnAbortedAnswerStaysAborted(t *testing.T) {
	s := newSite(t, outer(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	if r, err := s.try(http.MethodGet, "/"); err == nil {
		t.Errorf("got %d", r.StatusCode)
	}
	if s.log.String() != "" || !strings.Contains(s.access.String(), `"status":499`) {
		t.Errorf("logged %s and %s", s.log, s.access)
	}
}

func TestAHarmlessRequestIDIsTakenOver(t *testing.T) {
	s := newSite(t, outer(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, edge.RequestID(r.Context())) }))
	random := regexp.MustCompile(`^[0-9a-f]{32}$`)
	for given, kept := range map[string]bool{
		"a": true, "A-z_0.9": true, strings.Repeat("x", 64): true, strings.Repeat("x", 65): false, "": false, "a b": false, "a\tb": false, "é": false, "a/b": false,
	} {
		r := s.get("/", "X-Request-Id", given)
		if kept != (string(r.body) == given) || !kept && !random.Match(r.body) {
			t.Errorf("%q becomes %q", given, r.body)
		}
		r.mustHave(t, "X-Request-Id", string(r.body))
	}
	if two := s.get("/", "X-Request-Id", "a", "X-Request-Id", "b"); !random.Match(two.body) {
		t.Errorf("two ids become %q", two.body)
	}
	if a, b := s.get("/"), s.get("/"); string(a.body) == string(b.body) {
		t.Errorf("two requests have the id %q", a.body)
	}
}

func TestTheAccessLogHasOneTypedLineARequestAndNoSecret(t *testing.T) {
	var s *site
	s = newSite(t, outer(func(w http.ResponseWriter, _ *http.Request) {
		s.clock.pass(1500 * time.Millisecond)
		w.Header().Set("Set-Cookie", "session=secret")
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, "secret")
	}))
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, s.server.URL+"/api/x?token=secret", strings.NewReader("secret"))
	for name, value := range map[string]string{
		"Authorization": "Bearer secret", "Cookie": "session=secret", "X-Request-Id": "abc", "User-Agent": strings.Repeat("u", 200),
	} {
		request.Header.Set(name, value)
	}
	if _, err := s.do(request); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a line", func() bool { return strings.HasSuffix(s.access.String(), "\n") })
	var line map[string]any
	if err := json.Unmarshal([]byte(s.access.String()), &line); err != nil {
		t.Fatalf("%s: %v", s.access, err)
	}
	delete(line, "ts")
	want := map[string]any{
		"level": "info", "msg": "request", "method": "POST", "path": "/api/x", "route": "POST /route", "status": 202.0, "bytes": 6.0,
		"duration": 1.5, "request_id": "abc", "client": "127.0.0.1", "user_agent": strings.Repeat("u", 128),
	}
	if diff := cmp.Diff(want, line); diff != "" {
		t.Error(diff)
	}
}

func TestEveryAnswerTellsBrowsersWhatToKeepTo(t *testing.T) {
	s := newSite(t, outer(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/own":
			w.Header().Set("Content-Security-Policy", "default-src 'self'")
			w.Header().Set("Cache-Control", "max-age=60")
		case "/none":
			fault.New(http.StatusNotFound, "nothing").Write(w)
		}
	}))
	strict := []string{
		"X-Content-Type-Options", "nosniff", "X-Frame-Options", "DENY", "Referrer-Policy", "no-referrer",
		"Cross-Origin-Resource-Policy", "same-origin",
	}
	for _, path := range []string{"/", "/none"} {
		r := s.get(path)
		r.mustHave(t, strict...)
		r.mustHave(t, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'", "Cache-Control", "no-store")
	}
	own := s.get("/own")
	own.mustHave(t, strict...)
	own.mustHave(t, "Content-Security-Policy", "default-src 'self'", "Cache-Control", "max-age=60")
}

func TestOnlyWhoCameOverTLSIsToldToStayThere(t *testing.T) {
	trust := func(o *edge.Options) { o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} }
	for _, tc := range []struct {
		name, said, want string
		options          func(*edge.Options)
	}{
		{"a trusted proxy says so", "https", "max-age=31536000", trust},
		{"a trusted proxy says that it was not", "http", "", trust},
		{"nobody says anything", "", "", trust},
		{"anybody says so", "https", "", func(*edge.Options) {}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newSite(t, outer(say("it")), tc.options)
			s.get("/", "X-Forwarded-Proto", tc.said).mustHave(t, "Strict-Transport-Security", tc.want)
		})
	}
}

func TestOtherOriginsGetWhatTheyAreAllowed(t *testing.T) {
	const ours, theirs = "https://judge.example", "https://evil.example"
	for _, tc := range []struct {
		name, origin, method string
		origins              []string
		allowed              bool
	}{
		{"nobody by default", ours, "GET", nil, false},
		{"a named origin reads", ours, "GET", []string{ours}, true},
		{"a named origin writes", ours, "POST", []string{ours}, true},
		{"a named origin deletes", ours, "DELETE", []string{"*", ours}, true},
		{"a named origin uses no other method", ours, "PATCH", []string{ours}, false},
		{"another origin reads nothing", theirs, "GET", []string{ours}, false},
		{"a star reads", theirs, "GET", []string{"*", ours}, true},
		{"a star asks for the head", theirs, "HEAD", []string{"*"}, true},
		{"a star does not write", theirs, "POST", []string{"*", ours}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newSite(t, outer(say("it")), func(o *edge.Options) { o.AllowedOrigins = tc.origins })
			origin, policy, vary := "", "same-origin", ""
			if tc.allowed {
				origin, policy = tc.origin, "cross-origin"
			}
			if tc.origins != nil {
				vary = "Origin"
			}
			r := s.call(tc.method, "/", "Origin", tc.origin)
			r.mustHave(t, "Access-Control-Allow-Origin", origin, "Cross-Origin-Resource-Policy", policy, "Vary", vary, "Access-Control-Allow-Credentials", "")
			if tc.allowed {
				r.mustHave(t, "Access-Control-Expose-Headers", "Etag, Location, Retry-After, X-Request-Id")
			}
			asked := s.call(http.MethodOptions, "/", "Origin", tc.origin, "Access-Control-Request-Method", tc.method, "Access-Control-Request-Headers", "authorization,if-none-match")
			asked.mustHave(t, "Access-Control-Allow-Origin", origin)
			if tc.allowed {
				asked.mustHave(t, "Access-Control-Allow-Methods", tc.method, "Access-Control-Max-Age", "600", "Access-Control-Allow-Headers", "authorization,if-none-match")
			}
			if preflight := len(asked.body) == 0; preflight != (tc.origins != nil) {
				t.Errorf("the handler answers %q to a preflight", asked.body)
			}
		})
	}
}

func TestABodyIsBounded(t *testing.T) {
	s := newSite(t, outer(func(w http.ResponseWriter, r *http.Request) {
		_, err := io.Copy(io.Discard, r.Body)
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			fault.New(http.StatusRequestEntityTooLarge, "too long").Write(w)
		}
	}), func(o *edge.Options) { o.MaxBody = 1000 })
	for size, status := range map[int]int{1000: http.StatusOK, 1001: http.StatusRequestEntityTooLarge} {
		for _, chunked := range []bool{false, true} {
			request, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, s.server.URL, strings.NewReader(strings.Repeat("x", size)))
			if chunked {
				request.ContentLength = -1
			}
			if r, err := s.do(request); err != nil || r.StatusCode != status {
				t.Errorf("%d bytes, chunked %v: got %v and %v", size, chunked, r, err)
			}
		}
	}
}

func TestAnswersOfADrainingServerCloseTheirConnections(t *testing.T) {
	var draining atomic.Bool
	s := newSite(t, outer(say("it")), func(o *edge.Options) { o.Draining = draining.Load })
	if s.get("/").Close {
		t.Error("closes before")
	}
	draining.Store(true)
	if r := s.get("/"); !r.Close || string(r.body) != "it" {
		t.Errorf("got %q and closes: %v", r.body, r.Close)
	}
}

func TestStreamsGoThroughAtOnce(t *testing.T) {
	goOn := make(chan struct{})
	s := newSite(t, outer(func(w http.ResponseWriter, _ *http.Request) {
		control := http.NewResponseController(w)
		if err := errors.Join(control.SetReadDeadline(time.Time{}), control.SetWriteDeadline(time.Now().Add(time.Minute))); err != nil {
			panic(err)
		}
		_, _ = io.WriteString(w, "one\n")
		w.(http.Flusher).Flush()
		<-goOn
		_, _ = io.WriteString(w, "two\n")
	}))
	response, err := s.server.Client().Get(s.server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	lines := bufio.NewScanner(response.Body)
	for _, want := range []string{"one", "two"} {
		if !lines.Scan() || lines.Text() != want {
			t.Fatalf("got %q, want %q", lines.Text(), want)
		}
		if want == "one" {
			close(goOn)
		}
	}
	eventually(t, "the end", func() bool { return s.metric("algoitny_facade_request_duration_seconds", "200") == 1 })
	if got := s.metric("algoitny_facade_request_latency_seconds"); got != 0 {
		t.Error("a stream's length counts as latency")
	}
}

func TestAConnectionCanBeTakenOver(t *testing.T) {
	s := newSite(t, outer(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nraw")
		_ = conn.Close()
	}))
	s.get("/").mustSay(t, "raw")
	eventually(t, "the end", func() bool { return s.metric("algoitny_facade_request_duration_seconds", "101") == 1 })
}

func TestRequestsAreMeasured(t *testing.T) {
	goOn := make(chan struct{})
	s := newSite(t, outer(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusCreated)
			<-goOn
		}
	}))
	done := make(chan *reply, 1)
	go func() { done <- s.call(http.MethodPost, "/") }()
	eventually(t, "a request in flight", func() bool { return s.metric("algoitny_facade_requests_in_flight") == 1 })
	close(goOn)
	await(t, "the answer", done)
	s.get("/")
	s.get("/")
	s.call("BREW", "/")
	eventually(t, "all", func() bool {
		return s.metric("algoitny_facade_requests_in_flight") == 0 && s.metric("algoitny_facade_request_latency_seconds") == 4
	})
	for want, labels := range map[float64][]string{1: {"POST /route", "POST", "201"}, 2: {"GET /route", "GET", "200"}} {
		if got := s.metric("algoitny_facade_request_duration_seconds", labels...); got != want {
			t.Errorf("%v: got %v, want %v", labels, got, want)
		}
	}
	if got := s.metric("algoitny_facade_request_duration_seconds", "other"); got != 1 {
		t.Errorf("unknown methods: got %v", got)
	}
}

func TestTheZeroOptionsServe(t *testing.T) {
	e, err := edge.New(edge.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	w := httptest.NewRecorder()
	e.Outer(e.Deliver(say("it"))).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	if w.Code != http.StatusOK || w.Body.String() != "it" {
		t.Errorf("got %d and %q", w.Code, w.Body)
	}
}

func TestOptionsThatCannotBeMeantAreRefused(t *testing.T) {
	taken := prometheus.NewRegistry()
	if e, err := edge.New(edge.Options{Registry: taken}); err != nil {
		t.Fatal(err)
	} else {
		defer e.Close()
	}
	for name, o := range map[string]edge.Options{
		"a negative rate":         {ClientRate: edge.Rate{PerSecond: -1}},
		"a negative burst":        {GlobalRate: edge.Rate{PerSecond: 1, Burst: -1}},
		"an origin with a path":   {AllowedOrigins: []string{"https://judge.example/"}},
		"an origin with a star":   {AllowedOrigins: []string{"https://*.example"}},
		"a host for an origin":    {AllowedOrigins: []string{"judge.example"}},
		"a registry that is used": {Registry: taken},
	} {
		if _, err := edge.New(o); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
