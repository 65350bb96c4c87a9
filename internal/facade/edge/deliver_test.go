package edge_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/algoitny/algoitny-operator/internal/facade/edge"
	"github.com/algoitny/algoitny-operator/internal/facade/fault"
)

// long is a body that is worth compressing.
var long = strings.Repeat("all work and no play makes a dull body; ", 100)

// public makes everything everybody's, in one version.
func public(o *edge.Options) {
	o.Freshness = func(*http.Request) (edge.Freshness, bool) { return edge.Freshness{Version: 1}, true }
}

// bothWays runs a test with answers that are kept and with such that are not.
func bothWays(t *testing.T, test func(t *testing.T, changes ...func(*edge.Options))) {
	t.Run("public", func(t *testing.T) { test(t, public) })
	t.Run("private", func(t *testing.T) { test(t) })
}

func TestAnAnswerIsSentAgainOnlyWhenItHasChanged(t *testing.T) {
	bothWays(t, func(t *testing.T, changes ...func(*edge.Options)) {
		s := newSite(t, deliver(say("it")), changes...)
		whole := s.get("/")
		whole.mustSay(t, "it")
		tag := whole.Header.Get("Etag")
		if len(tag) < 10 || tag[0] != '"' {
			t.Fatalf("the tag is %s", tag)
		}
		for given, status := range map[string]int{
			tag: 304, "W/" + tag: 304, `"x", ` + tag: 304, `"x",W/"y" ,` + tag + `,"z"`: 304, "*": 304, "\t*": 304, `"a,b", ` + tag: 304, `,, ` + tag: 304,
			`"x"`: 200, "": 200, strings.Trim(tag, `"`): 200, `x, ` + tag: 200, `"` + tag: 200, `"x" ` + tag: 200, "w/" + tag: 200, strings.ToUpper(tag): 200,
		} {
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				r := s.call(method, "/", "If-None-Match", given)
				if r.StatusCode != status {
					t.Errorf("%s with %s gives %d", method, given, r.StatusCode)
				}
				r.mustHave(t, "Etag", tag, "Cache-Control", whole.Header.Get("Cache-Control"), "Vary", whole.Header.Get("Vary"), "X-Frame-Options", "DENY")
				if status == http.StatusNotModified {
					r.mustHave(t, "Content-Type", "", "Content-Length", "")
				}
			}
		}
		s.get("/", "If-None-Match", `"x"`, "If-None-Match", tag).mustHave(t, "Etag", tag, "Content-Length", "")
		s.get("/", "If-Match", `"x"`).mustFail(t, http.StatusPreconditionFailed)
		s.get("/", "If-Match", "W/"+tag).mustFail(t, http.StatusPreconditionFailed)
		s.get("/", "If-Match", `"x", `+tag).mustSay(t, "it")
		s.get("/", "If-Match", "*").mustSay(t, "it")
	})
}

func TestConditionsMatterOnlyWhereThereIsSomething(t *testing.T) {
	bothWays(t, func(t *testing.T, changes ...func(*edge.Options)) {
		s := newSite(t, deliver(func(w http.ResponseWriter, _ *http.Request) { fault.New(http.StatusNotFound, "nothing").Write(w) }), changes...)
		r := s.get("/", "If-None-Match", "*", "If-Match", `"x"`)
		r.mustFail(t, http.StatusNotFound)
		r.mustHave(t, "Etag", "")
	})
	s := newSite(t, deliver(say("done")), public)
	r := s.call(http.MethodPost, "/", "If-None-Match", "*")
	r.mustSay(t, "done")
	r.mustHave(t, "Etag", "")
}

func TestHeadIsGetWithoutABody(t *testing.T) {
	bothWays(t, func(t *testing.T, changes ...func(*edge.Options)) {
		mux := http.NewServeMux()
		mux.HandleFunc("GET /long", say(long))
		mux.HandleFunc("GET /none", http.NotFound)
		s := newSite(t, deliver(mux.ServeHTTP), changes...)
		for _, path := range []string{"/long", "/none"} {
			for _, coding := range []string{"identity", "gzip", "zstd"} {
				head, get := s.call(http.MethodHead, path, "Accept-Encoding", coding), s.get(path, "Accept-Encoding", coding)
				if head.StatusCode != get.StatusCode || head.ContentLength != int64(len(get.body)) || len(head.body) != 0 {
					t.Errorf("%s: HEAD gives %d of %d bytes, GET %d of %d", path, head.StatusCode, head.ContentLength, get.StatusCode, len(get.body))
				}
				for _, name := range []string{"Etag", "Content-Type", "Content-Encoding", "Vary", "Cache-Control"} {
					head.mustHave(t, name, get.Header.Get(name))
				}
			}
		}
	})
}

func TestBodiesAreCompressedAsTheClientLikes(t *testing.T) {
	bothWays(t, func(t *testing.T, changes ...func(*edge.Options)) {
		s := newSite(t, deliver(func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/short":
				_, _ = io.WriteString(w, long[:1000])
				return
			case "/zip":
				w.Header().Set("Content-Type", "application/zip")
			case "/png":
				w.Header().Set("Content-Type", "image/png")
			case "/coded":
				w.Header().Set("Content-Encoding", "br")
			}
			_, _ = io.WriteString(w, long)
		}), changes...)
		tags := map[string]string{}
		for _, tc := range []struct{ accept, path, coding string }{
			{"", "/", ""}, {"identity", "/", ""}, {"gzip", "/", "gzip"}, {"zstd", "/", "zstd"}, {"gzip, deflate, br, zstd", "/", "zstd"},
			{"gzip;q=1.0, zstd;q=0.9", "/", "gzip"}, {"GZIP", "/", "gzip"}, {"x-gzip", "/", "gzip"}, {"*", "/", "zstd"}, {"zstd;q=0, *", "/", "gzip"},
			{"br, deflate", "/", ""}, {"gzip;q=0", "/", ""}, {"gzip;q=0.001", "/", "gzip"}, {"identity, gzip;q=0.5", "/", ""}, {"gzip;q=2", "/", ""},
			{"gzip;q=x, zstd", "/", "zstd"}, {"gzip, identity;q=0", "/", "gzip"}, {"*;q=0, gzip;q=0.2", "/", "gzip"},
			{"gzip", "/short", ""}, {"gzip, identity;q=0", "/short", "gzip"}, {"gzip", "/zip", ""}, {"zstd", "/png", ""}, {"zstd", "/coded", "br"},
		} {
			r := s.get(tc.path, "Accept-Encoding", tc.accept)
			want := long
			if tc.path == "/short" {
				want = long[:1000]
			}
			if got := r.plain(t); r.StatusCode != http.StatusOK || got != want {
				t.Errorf("%s with %q gives %d and %.40q", tc.path, tc.accept, r.StatusCode, got)
			}
			r.mustHave(t, "Content-Encoding", tc.coding)
			if tc.path == "/" {
				tag := r.Header.Get("Etag")
				if coding, known := tags[tag]; known && coding != tc.coding {
					t.Errorf("the tag %s is that of %q and of %q", tag, coding, tc.coding)
				}
				tags[tag] = tc.coding
			}
		}
		if len(tags) != 3 {
			t.Errorf("the tags are %v", tags)
		}
		for _, accept := range []string{"identity;q=0", "*;q=0", "br, *;q=0"} {
			s.get("/", "Accept-Encoding", accept).mustFail(t, http.StatusNotAcceptable)
		}
	})
}

func TestWhoMayKeepAnAnswerIsSaid(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Accept-Language")
		switch r.URL.Path {
		case "/own":
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		case "/moved":
			http.Redirect(w, r, "/", http.StatusFound)
		}
		_, _ = io.WriteString(w, "it")
	}
	s := newSite(t, deliver(handler), func(o *edge.Options) {
		o.AllowedOrigins = []string{"*"}
		o.Freshness = func(r *http.Request) (edge.Freshness, bool) { return edge.Freshness{}, r.URL.Path != "/private" }
	})
	const shared, personal = "Origin, Accept-Language, Accept-Encoding", "Origin, Accept-Language, Accept-Encoding, Authorization"
	for range 2 {
		s.get("/").mustHave(t, "Cache-Control", "no-cache", "Vary", shared)
		s.get("/own").mustHave(t, "Cache-Control", "public, max-age=31536000, immutable", "Vary", shared)
		s.get("/private").mustHave(t, "Cache-Control", "no-store", "Vary", personal)
		s.get("/", "Authorization", "Bearer x").mustHave(t, "Cache-Control", "no-store", "Vary", personal)
		s.get("/moved").mustHave(t, "Cache-Control", "no-store", "Vary", shared, "Location", "/")
		s.call(http.MethodPost, "/").mustHave(t, "Cache-Control", "no-store", "Vary", personal)
	}
}

func TestAQueryIsBounded(t *testing.T) {
	s := newSite(t, deliver(say("it")), public)
	s.get("/?q="+strings.Repeat("x", 2046)).mustSay(t, "it")
	s.get("/?q="+strings.Repeat("x", 2047)).mustFail(t, http.StatusRequestURITooLong)
}

func TestAHandlerThatIsTooSlowIsUnavailable(t *testing.T) {
	bothWays(t, func(t *testing.T, changes ...func(*edge.Options)) {
		s := newSite(t, deliver(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }),
			append(changes, func(o *edge.Options) { o.Timeout = 50 * time.Millisecond })...)
		r := s.get("/")
		r.mustFail(t, http.StatusServiceUnavailable)
		r.mustHave(t, "Retry-After", "5")
	})
}

func TestAClientThatGoesIsNoFailureOfTheServer(t *testing.T) {
	bothWays(t, func(t *testing.T, changes ...func(*edge.Options)) {
		began, end := make(chan struct{}), make(chan struct{})
		s := newSite(t, deliver(func(_ http.ResponseWriter, r *http.Request) {
			close(began)
			select {
			case <-r.Context().Done():
			case <-end:
			}
		}), changes...)
		ctx, leave := context.WithCancel(t.Context())
		request, _ := http.NewRequestWithContext(ctx, http.MethodGet, s.server.URL, http.NoBody)
		left := make(chan error, 1)
		go func() { _, err := s.do(request); left <- err }()
		await(t, "the handler", began)
		leave()
		if err := await(t, "the client", left); err == nil {
			t.Error("who left is answered")
		}
		eventually(t, "a line", func() bool { return strings.Contains(s.access.String(), `"status":499`) })
		close(end)
	})
}

func TestAnAnswerTooLongToBeHeldIsStreamed(t *testing.T) {
	const size = 9 << 20
	bothWays(t, func(t *testing.T, changes ...func(*edge.Options)) {
		s := newSite(t, deliver(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			w.Header().Set("Etag", `"x"`)
			for range size / len(long) {
				if _, err := io.WriteString(w, long); err != nil {
					return
				}
			}
		}), changes...)
		for range 2 {
			r := s.get("/", "Accept-Encoding", "gzip")
			if string(r.body) != strings.Repeat(long, size/len(long)) {
				t.Errorf("got %d of %d bytes", len(r.body), size)
			}
			r.mustHave(t, "Content-Encoding", "", "Etag", "", "Content-Type", "text/plain", "Cache-Control", "no-store")
			if head := s.call(http.MethodHead, "/"); head.StatusCode != http.StatusOK || len(head.body) != 0 {
				t.Errorf("HEAD gives %d", head.StatusCode)
			}
		}
		if got := s.metric("algoitny_facade_cache_bytes"); got > 1000 {
			t.Errorf("%v bytes are kept", got)
		}
	})
}

func TestAPostIsNeitherKeptNorChanged(t *testing.T) {
	s := newSite(t, deliver(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Location", "/made")
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write(append([]byte(r.Header.Get("Idempotency-Key")), body...))
	}), public)
	for _, body := range []string{"a", "b"} {
		request, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, s.server.URL+"/?x=1", strings.NewReader(body))
		request.Header.Set("Idempotency-Key", "key")
		r, err := s.do(request)
		if err != nil || r.StatusCode != http.StatusCreated || string(r.body) != "key"+body {
			t.Errorf("got %v and %v", r, err)
		}
		r.mustHave(t, "Location", "/made")
	}
}

func TestAnAnswerWithoutABodyHasNone(t *testing.T) {
	bothWays(t, func(t *testing.T, changes ...func(*edge.Options)) {
		s := newSite(t, deliver(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/gone" {
				w.WriteHeader(http.StatusNoContent)
			}
		}), changes...)
		s.get("/gone").mustHave(t, "Content-Length", "", "Content-Type", "", "Content-Encoding", "")
		r := s.get("/", "Accept-Encoding", "gzip, identity;q=0")
		r.mustSay(t, "")
		r.mustHave(t, "Content-Length", "0", "Content-Encoding", "")
	})
}
