package edge_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/algoitny/algoitny-operator/internal/facade/edge"
	"github.com/algoitny/algoitny-operator/internal/facade/fault"
)

// source is a handler whose answers count its calls, and what they depend on.
type source struct {
	*site
	mu        sync.Mutex
	calls     int
	status    int
	freshness edge.Freshness
	// gate, where it is set, is what each call waits for.
	gate chan struct{}
}

func newSource(t *testing.T, changes ...func(*edge.Options)) *source {
	t.Helper()
	c := &source{status: http.StatusOK, freshness: edge.Freshness{Version: 1}}
	c.site = newSite(t, deliver(c.serve), append([]func(*edge.Options){func(o *edge.Options) {
		o.Freshness = func(*http.Request) (edge.Freshness, bool) {
			c.mu.Lock()
			defer c.mu.Unlock()
			return c.freshness, true
		}
	}}, changes...)...)
	return c
}

func (c *source) serve(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	c.calls++
	calls, status, gate := c.calls, c.status, c.gate
	c.mu.Unlock()
	if gate != nil {
		select {
		case <-gate:
		case <-r.Context().Done():
		}
	}
	if status != http.StatusOK {
		fault.New(status, "so it is").Write(w)
		return
	}
	_, _ = fmt.Fprint(w, calls)
}

func (c *source) set(change func(*source)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(c)
}

// change makes all that was said before old.
func (c *source) change() {
	c.set(func(c *source) { c.freshness.Version++; c.freshness.ChangedAt = c.clock.now() })
}

func (c *source) called() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.calls
}

// block has the calls from now on wait until the returned function is called.
func (c *source) block() (release func()) {
	gate := make(chan struct{})
	c.set(func(c *source) { c.gate = gate })
	return func() { c.set(func(c *source) { c.gate = nil }); close(gate) }
}

func (c *source) mustGive(want string) {
	c.t.Helper()
	c.get("/").mustSay(c.t, want)
}

// mustCount wants the counts of hits, stale answers, misses and requests that
// went by.
func (c *source) mustCount(hit, stale, miss, bypass float64) {
	c.t.Helper()
	for result, want := range map[string]float64{"hit": hit, "stale": stale, "miss": miss, "bypass": bypass} {
		if got := c.metric("algoitny_facade_cache_total", result); got != want {
			c.t.Errorf("%s is counted %v times, want %v", result, got, want)
		}
	}
}

func TestAnAnswerIsMadeOnceForAllUntilItChanges(t *testing.T) {
	c := newSource(t)
	c.mustGive("1")
	c.mustGive("1")
	c.call(http.MethodHead, "/")
	c.clock.pass(24 * time.Hour)
	c.mustGive("1")
	c.mustCount(3, 0, 1, 0)
	if got := c.metric("algoitny_facade_cache_bytes"); got < 100 || got > 2000 {
		t.Errorf("the cache holds %v bytes", got)
	}
}

func TestEachAddressQueryAndCodingHasItsOwnAnswer(t *testing.T) {
	c := newSource(t)
	seen := map[string]string{}
	for _, path := range []string{"/", "/a", "/a/b", "/a%2Fb", "/a%252Fb", "/?x=1", "/?x=2", "/?x=1&x=2", "/?x=2&x=1", "/?y=1", "/?x=1&y=1", "/?x=%31%26", "/?x="} {
		body := string(c.get(path).body)
		if seen[body] != "" {
			t.Errorf("%s gives what %s gives", path, seen[body])
		}
		seen[body] = path
		if again := c.get(path); string(again.body) != body {
			t.Errorf("%s gives %s and then %s", path, body, again.body)
		}
	}
	for _, same := range [][]string{{"/?x=1&y=1", "/?y=1&x=1", "/?&x=1&&y=%31", "/?%78=1&y=1"}, {"/?x=", "/?x"}} {
		want := string(c.get(same[0]).body)
		for _, path := range same[1:] {
			c.get(path).mustSay(t, want)
		}
	}
}

func TestAQueryThatCannotBeReadIsNotKept(t *testing.T) {
	c := newSource(t)
	c.get("/?x=%zz").mustSay(t, "1")
	c.get("/?x=%zz").mustSay(t, "2")
	c.get("/?a;b").mustSay(t, "3")
	c.mustCount(0, 0, 0, 3)
}

func TestOnlyWhatIsEverybodysIsKept(t *testing.T) {
	for name, headers := range map[string][]string{"a token": {"Authorization", "Bearer x"}, "a cookie": {"Cookie", "a=b"}} {
		t.Run(name, func(t *testing.T) {
			c := newSource(t)
			c.mustGive("1")
			c.get("/", headers...).mustSay(t, "2")
			c.mustGive("1")
			c.mustCount(1, 0, 1, 1)
		})
	}
	for name, handler := range map[string]http.HandlerFunc{
		"set-cookie": func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Set-Cookie", "a=b") },
		"no-store":   func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Cache-Control", "No-Store") },
		"private":    func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Cache-Control", "max-age=5, private") },
		"moved":      func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusMovedPermanently) },
		"invalid":    func(w http.ResponseWriter, _ *http.Request) { fault.Invalid("limit", "is no number").Write(w) },
		"broken":     func(w http.ResponseWriter, _ *http.Request) { fault.Unavailable("away", nil).Write(w) },
	} {
		t.Run(name, func(t *testing.T) {
			var calls atomic.Int32
			s := newSite(t, deliver(func(w http.ResponseWriter, r *http.Request) { calls.Add(1); handler(w, r) }), public)
			s.get("/")
			s.get("/")
			if calls.Load() != 2 {
				t.Errorf("the handler is called %d times", calls.Load())
			}
		})
	}
}

func TestThatNothingIsThereIsKept(t *testing.T) {
	c := newSource(t)
	c.set(func(c *source) { c.status = http.StatusNotFound })
	c.get("/").mustFail(t, http.StatusNotFound)
	c.get("/").mustFail(t, http.StatusNotFound)
	c.mustCount(1, 0, 1, 0)
}

func TestAHandlerForAllSeesNothingOfOneClient(t *testing.T) {
	s := newSite(t, deliver(func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintln(w, r.Method, r.URL, r.RequestURI, r.Host, r.RemoteAddr, r.Header, edge.RequestID(r.Context()))
		_, _ = io.Copy(w, r.Body)
	}), public)
	s.call(http.MethodHead, "/a%2Fb?y=2&x=1", "X-Forwarded-Host", "evil.example", "Accept", "text/html", "X-Request-Id", "first")
	s.get("/a%2Fb?x=1&y=2", "X-Request-Id", "second").mustSay(t, "GET /a%2Fb?x=1&y=2 /a%2Fb?x=1&y=2   map[] first\n")
}

func TestWithoutACacheEveryAnswerIsMade(t *testing.T) {
	c := newSource(t, func(o *edge.Options) { o.CacheBytes = -1 })
	c.mustGive("1")
	c.mustGive("2")
	c.mustCount(0, 0, 0, 2)
}

func TestTheCacheIsBounded(t *testing.T) {
	c := newSource(t, func(o *edge.Options) { o.CacheBytes = 20_000 })
	for i := range 500 {
		c.get(fmt.Sprintf("/%d", i))
	}
	eventually(t, "the bound", func() bool { return c.metric("algoitny_facade_cache_bytes") <= 20_000 })
}

func TestAllWaitForOneLoadAndOneWhoLeavesSpoilsNothing(t *testing.T) {
	c := newSource(t)
	release := c.block()
	ctx, leave := context.WithCancel(t.Context())
	request, _ := http.NewRequestWithContext(ctx, http.MethodGet, c.server.URL, http.NoBody)
	left := make(chan error, 1)
	go func() { _, err := c.do(request); left <- err }()
	eventually(t, "the load", func() bool { return c.called() == 1 })
	replies := make(chan *reply, 20)
	for range cap(replies) {
		go func() { replies <- c.call(http.MethodGet, "/") }()
	}
	eventually(t, "all requests", func() bool { return c.metric("algoitny_facade_requests_in_flight") == 21 })
	leave()
	if err := await(t, "who leaves", left); err == nil {
		t.Error("who left is answered")
	}
	eventually(t, "who left", func() bool { return c.metric("algoitny_facade_requests_in_flight") == 20 })
	release()
	for range cap(replies) {
		await(t, "an answer", replies).mustSay(t, "1")
	}
}

func TestAPanicInALoadIsAFaultForAllWhoWait(t *testing.T) {
	s := newSite(t, deliver(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Set-Cookie", "a=b")
		_, _ = io.WriteString(w, "half")
		panic("out of luck")
	}), public)
	r := s.get("/", "X-Request-Id", "abc")
	r.mustFail(t, http.StatusInternalServerError)
	r.mustHave(t, "Set-Cookie", "")
	if !strings.Contains(s.log.String(), "out of luck") || !strings.Contains(s.log.String(), `"requestID"="abc"`) {
		t.Errorf("logged %s", s.log)
	}
}
