package source

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// fakeClock moves only when somebody sleeps.
type fakeClock struct {
	mu    sync.Mutex
	now   time.Time
	slept []time.Duration
}

func newFakeClock() *fakeClock {
	return &fakeClock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
}

func (c *fakeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *fakeClock) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now, c.slept = c.now.Add(d), append(c.slept, d)
	return nil
}

func (c *fakeClock) fetcher(o FetcherOptions) *Fetcher {
	o.Now, o.Sleep = c.Now, c.Sleep
	return NewFetcher(o)
}

// served starts a server and gives a fetcher that may reach it.
func served(t *testing.T, handler http.HandlerFunc, options ...func(*FetcherOptions)) (*Fetcher, *httptest.Server) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	o := FetcherOptions{Allow: []string{server.Listener.Addr().String()}}
	for _, option := range options {
		option(&o)
	}
	return newFakeClock().fetcher(o), server
}

func TestTheDefaultsAreThoseThatTheDocumentationGives(t *testing.T) {
	o := NewFetcher(FetcherOptions{}).options
	if o.Timeout != 30*time.Second || o.MaxBytes != 5<<20 || o.Interval != time.Second || !strings.HasPrefix(o.UserAgent, "AlgoItny/") {
		t.Errorf("defaults %+v", o)
	}
}

func TestARequestTellsWhoAsksAndCarriesTheETag(t *testing.T) {
	var headers []http.Header
	f, server := served(t, func(w http.ResponseWriter, r *http.Request) {
		headers = append(headers, r.Header.Clone())
		w.Header().Set("ETag", `"v1"`)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if r.Header.Get("If-None-Match") == `"v1"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = io.WriteString(w, "<h1>Tides</h1>")
	})
	page, err := f.Fetch(t.Context(), server.URL+"/1#samples", "")
	if err != nil || page.ETag != `"v1"` || page.NotModified || string(page.Body) != "<h1>Tides</h1>" || page.ContentType != "text/html" || page.URL != server.URL+"/1" {
		t.Fatalf("page %+v, %v", page, err)
	}
	again, err := f.Fetch(t.Context(), server.URL+"/1", page.ETag)
	if err != nil || !again.NotModified || len(again.Body) != 0 || again.ETag != `"v1"` {
		t.Errorf("page %+v, %v", again, err)
	}
	if _, err := f.Fetch(t.Context(), server.URL+"/1", "\"broken\nX: y\""); err != nil {
		t.Errorf("a damaged ETag fails the fetch: %v", err)
	}
	if len(headers) != 3 || headers[0].Get("User-Agent") != DefaultUserAgent || headers[0].Get("If-None-Match") != "" ||
		headers[1].Get("If-None-Match") != `"v1"` || headers[2].Get("If-None-Match") != "" || headers[0].Get("Cookie") != "" {
		t.Errorf("headers %v", headers)
	}
}

func TestAnETagTooLongToKeepIsDropped(t *testing.T) {
	f, server := served(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("ETag", `"`+strings.Repeat("x", maxETag)+`"`)
		_, _ = io.WriteString(w, "<p>x")
	})
	if page, err := f.Fetch(t.Context(), server.URL, ""); err != nil || page.ETag != "" {
		t.Errorf("page %+v, %v", page, err)
	}
}

func TestRedirectsAreFollowedFiveTimesAndCheckedEachTime(t *testing.T) {
	f, server := served(t, func(w http.ResponseWriter, r *http.Request) {
		var left int
		if _, err := fmt.Sscanf(r.URL.Path, "/%d", &left); err == nil && left > 0 {
			http.Redirect(w, r, fmt.Sprintf("/%d", left-1), http.StatusFound)
			return
		}
		switch r.URL.Path {
		case "/to-file":
			w.Header().Set("Location", "file:///etc/passwd")
		case "/to-metadata":
			w.Header().Set("Location", "http://169.254.169.254/latest")
		case "/to-mapped":
			w.Header().Set("Location", "http://[::ffff:127.0.0.1]/")
		case "/to-port":
			w.Header().Set("Location", "http://judge.example:6443/")
		case "/to-password":
			w.Header().Set("Location", "http://a:b@judge.example/")
		case "/around":
			w.Header().Set("Location", "/around")
		default:
			_, _ = io.WriteString(w, "<p>here")
			return
		}
		w.WriteHeader(http.StatusFound)
	})
	if page, err := f.Fetch(t.Context(), server.URL+"/5", ""); err != nil || page.URL != server.URL+"/0" {
		t.Errorf("five redirects: %+v, %v", page, err)
	}
	for path, want := range map[string]Reason{
		"/6": TooManyRedirects, "/around": TooManyRedirects, "/to-file": URLInvalid, "/to-metadata": AddressRefused,
		"/to-mapped": AddressRefused, "/to-port": AddressRefused, "/to-password": URLInvalid,
	} {
		_, err := f.Fetch(t.Context(), server.URL+path, "")
		wantError(t, path, err, Stalled, want)
	}
}

func TestARedirectToARefusedAddressIsNotFollowedAtAnyHop(t *testing.T) {
	var reached atomic.Bool
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Store(true) }))
	defer inside.Close()
	_, port, _ := net.SplitHostPort(inside.Listener.Addr().String())
	f, server := served(t, func(w http.ResponseWriter, r *http.Request) {
		var left int
		if _, err := fmt.Sscanf(r.URL.Path, "/%d", &left); err == nil && left > 1 {
			http.Redirect(w, r, fmt.Sprintf("/%d", left-1), http.StatusFound)
			return
		}
		http.Redirect(w, r, inside.URL+"/secret", http.StatusTemporaryRedirect)
	}, func(o *FetcherOptions) {
		// The port is allowed, but only on another host.
		o.Allow = append(o.Allow, "judge.example:"+port)
	})
	for hop := 1; hop <= maxRedirects; hop++ {
		_, err := f.Fetch(t.Context(), fmt.Sprintf("%s/%d", server.URL, hop), "")
		wantError(t, fmt.Sprintf("hop %d", hop), err, Stalled, AddressRefused)
	}
	if reached.Load() {
		t.Error("the refused server was asked")
	}
}

func TestBrokenAndExcessiveAnswersAreTriedAgain(t *testing.T) {
	f, server := served(t, func(w http.ResponseWriter, r *http.Request) {
		conn, out, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		answer := map[string]string{
			"/more-promised": "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 500\r\n\r\n<p>short",
			"/less-promised": "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 3\r\n\r\n<p>and much more",
			"/negative":      "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n<p>",
			"/two-lengths":   "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n<p>x",
			"/headers":       "HTTP/1.1 200 OK\r\nX-Long: " + strings.Repeat("x", maxHeaders+1) + "\r\n\r\n<p>",
			"/many-headers":  "HTTP/1.1 200 OK\r\n" + strings.Repeat("X-Y: z\r\n", maxHeaders/8+1) + "\r\n<p>",
			"/no-http":       "SSH-2.0-OpenSSH_9.9\r\n",
		}[r.URL.Path]
		_, _ = out.WriteString(answer)
		_ = out.Flush()
	})
	for _, path := range []string{"/more-promised", "/negative", "/two-lengths", "/headers", "/many-headers", "/no-http"} {
		_, err := f.Fetch(t.Context(), server.URL+path, "")
		wantError(t, path, err, Retry, FetchFailed)
	}
	if page, err := f.Fetch(t.Context(), server.URL+"/less-promised", ""); err != nil || string(page.Body) != "<p>" {
		t.Errorf("page %+v, %v", page, err)
	}
}

func TestAServerThatDripsIsGivenUp(t *testing.T) {
	f, server := served(t, func(w http.ResponseWriter, r *http.Request) {
		ticker := time.NewTicker(5 * time.Millisecond)
		defer ticker.Stop()
		for {
			_, _ = io.WriteString(w, "a")
			w.(http.Flusher).Flush()
			select {
			case <-r.Context().Done():
				return
			case <-ticker.C:
			}
		}
	}, func(o *FetcherOptions) { o.Timeout = 100 * time.Millisecond })
	_, err := f.Fetch(t.Context(), server.URL, "")
	wantError(t, "drip", err, Retry, FetchFailed)
}

func TestAPageThatWasNeverKeptCannotBeUnchanged(t *testing.T) {
	f, server := served(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) })
	_, err := f.Fetch(t.Context(), server.URL, "")
	wantError(t, "304 without an ETag", err, Stalled, FetchFailed)
}

func TestAnEncryptedPageDoesNotRedirectToAPlainOne(t *testing.T) {
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<p>plain") }))
	defer plain.Close()
	server := httptest.NewTLSServer(http.RedirectHandler(plain.URL, http.StatusFound))
	defer server.Close()
	roots := server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	allow := []string{server.Listener.Addr().String(), plain.Listener.Addr().String()}
	_, err := newFakeClock().fetcher(FetcherOptions{Allow: allow, RootCAs: roots}).Fetch(t.Context(), server.URL, "")
	wantError(t, "downgrade", err, Stalled, AddressRefused)
	_, err = newFakeClock().fetcher(FetcherOptions{Allow: allow}).Fetch(t.Context(), server.URL, "")
	wantError(t, "unknown certificate", err, Retry, FetchFailed)
}

func zipped(t *testing.T, size int) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := io.CopyN(z, repeating{}, int64(size)); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

type repeating struct{}

func (repeating) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}

func TestPagesAreBoundedAfterDecompressionAndDecoding(t *testing.T) {
	const limit = 64 << 10
	f, server := served(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		switch r.URL.Path {
		case "/zipped":
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(zipped(t, limit))
		case "/bomb":
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(zipped(t, 64<<20))
		case "/declared":
			w.Header().Set("Content-Length", "999999999")
		case "/streamed":
			_, _ = io.CopyN(w, repeating{}, limit+1)
		case "/widened":
			// Every byte becomes two.
			w.Header().Set("Content-Type", "text/html; charset=koi8-r")
			_, _ = w.Write(bytes.Repeat([]byte{0xc1}, limit))
		case "/brotli":
			w.Header().Set("Content-Encoding", "br")
		case "/no-gzip":
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = io.WriteString(w, "plain text")
		case "/cut":
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(zipped(t, limit)[:40])
		}
	}, func(o *FetcherOptions) { o.MaxBytes = limit })
	if page, err := f.Fetch(t.Context(), server.URL+"/zipped", ""); err != nil || len(page.Body) != limit {
		t.Errorf("a page of the exact size: %v", err)
	}
	for path, want := range map[string]struct {
		class  Class
		reason Reason
	}{
		"/bomb": {Stalled, PageTooLarge}, "/declared": {Stalled, PageTooLarge}, "/streamed": {Stalled, PageTooLarge}, "/widened": {Stalled, PageTooLarge},
		"/brotli": {Stalled, NotHTML}, "/no-gzip": {Retry, FetchFailed}, "/cut": {Retry, FetchFailed},
	} {
		_, err := f.Fetch(t.Context(), server.URL+path, "")
		wantError(t, path, err, want.class, want.reason)
	}
}

func TestASlowServerIsGivenUp(t *testing.T) {
	release := make(chan struct{})
	f, server := served(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/body" {
			_, _ = io.WriteString(w, "<p>so far")
			w.(http.Flusher).Flush()
		}
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}, func(o *FetcherOptions) { o.Timeout = 50 * time.Millisecond })
	defer close(release)
	for _, path := range []string{"/header", "/body"} {
		_, err := f.Fetch(t.Context(), server.URL+path, "")
		wantError(t, path, err, Retry, FetchFailed)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := f.Fetch(ended, server.URL+"/header", "")
	wantError(t, "ended context", err, Retry, FetchFailed)
}

func TestAHostIsAskedOnceASecond(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/moved" {
			http.Redirect(w, r, "/", http.StatusFound)
			return
		}
		_, _ = io.WriteString(w, "<p>x")
	}))
	defer server.Close()
	clock := newFakeClock()
	f := clock.fetcher(FetcherOptions{Pinned: map[string]string{
		"a.example": server.Listener.Addr().String(), "b.example": server.Listener.Addr().String(),
	}})
	for _, step := range []struct {
		url  string
		want []time.Duration
	}{
		{"http://a.example/1", nil},
		{"http://b.example/1", nil},
		{"http://a.example/2", []time.Duration{time.Second}},
		{"http://A.EXAMPLE/3", []time.Duration{time.Second}},
		{"https://a.example/moved", []time.Duration{time.Second, time.Second}},
	} {
		clock.slept = nil
		if _, err := f.Fetch(t.Context(), step.url, ""); err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(clock.slept) != fmt.Sprint(step.want) {
			t.Errorf("%s waited %v, want %v", step.url, clock.slept, step.want)
		}
	}
}

func TestTheLimiterForgetsIdleHostsAndSharesWhatIsLeft(t *testing.T) {
	clock := newFakeClock()
	l := newHostLimiter(time.Second, clock.Now, clock.Sleep)
	for i := range 3 * maxHosts {
		if err := l.wait(t.Context(), fmt.Sprintf("h%d.example", i)); err != nil {
			t.Fatal(err)
		}
		if len(l.hosts) > maxHosts {
			t.Fatalf("%d hosts are kept", len(l.hosts))
		}
	}
}

func TestUnreachableServersAreTriedAgain(t *testing.T) {
	f, server := served(t, func(http.ResponseWriter, *http.Request) {})
	server.Close()
	_, err := f.Fetch(t.Context(), server.URL, "")
	wantError(t, "closed port", err, Retry, FetchFailed)
	broken, hangUp := served(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	_, err = broken.Fetch(t.Context(), hangUp.URL, "")
	wantError(t, "hang up", err, Retry, FetchFailed)
}
