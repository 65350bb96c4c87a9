package source_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/algoitny/algoitny-operator/internal/source"
)

// The demo's pages imitate three judges on hosts that no judge has, so that
// only their markup tells which reader to take.
var demoPages = []struct {
	url, file, platform, id, adapter, title string
	time                                    time.Duration
	memory                                  int64
	samples                                 int
}{
	{"http://codeforces.example/9001/a", "codeforces.example/9001_a.html", "codeforces-example", "9001-a", "codeforces", "A. Lanterns on the Pier", time.Second, 256 << 20, 2},
	{"http://atcoder.example/demo001/b", "atcoder.example/demo001_b.html", "atcoder-example", "demo001-b", "atcoder", "B - Paper Cranes", 2 * time.Second, 1024 << 20, 2},
	{"http://cses.example/9003", "cses.example/9003.html", "cses-example", "9003", "cses", "Canal Locks", time.Second, 512 << 20, 1},
}

func TestDemoPagesAreFetchedFromTheirStandInAndReadByTheirMarkup(t *testing.T) {
	root := filepath.Join("..", "demo", "pages")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		host, _, _ := strings.Cut(r.Host, ":")
		http.ServeFile(w, r, filepath.Join(root, host, strings.ReplaceAll(strings.Trim(r.URL.Path, "/"), "/", "_")+".html"))
	}))
	defer server.Close()
	pinned := map[string]string{}
	for _, page := range demoPages {
		host, _, _ := strings.Cut(page.file, "/")
		pinned[host] = server.Listener.Addr().String()
	}
	for _, page := range demoPages {
		for _, scheme := range []string{"http", "https"} {
			t.Run(scheme+" "+page.id, func(t *testing.T) {
				address := strings.Replace(page.url, "http", scheme, 1)
				key, _, err := source.Identify(address)
				if err != nil || key.Platform != page.platform || key.ID != page.id {
					t.Fatalf("key %v, %v", key, err)
				}
				fetched, err := source.NewFetcher(source.FetcherOptions{Pinned: pinned}).Fetch(t.Context(), address, "")
				if err != nil {
					t.Fatal(err)
				}
				raw, err := os.ReadFile(filepath.Join(root, page.file))
				if err != nil || string(raw) != string(fetched.Body) || fetched.URL != address {
					t.Fatalf("fetched %d bytes from %s, want %d bytes (%v)", len(fetched.Body), fetched.URL, len(raw), err)
				}
				facts, err := source.Read(*fetched, key)
				if err != nil {
					t.Fatal(err)
				}
				if facts.Adapter != page.adapter || facts.Title != page.title || len(facts.Samples) != page.samples ||
					facts.Limits.Time != page.time || facts.Limits.MemoryBytes != page.memory || facts.Key != key || facts.Digest == "" {
					t.Errorf("read %+v", facts)
				}
				for _, s := range facts.Samples {
					if !strings.HasSuffix(s.Input, "\n") || !strings.HasSuffix(s.Output, "\n") || strings.HasPrefix(s.Output, "\n") {
						t.Errorf("sample %q", s)
					}
				}
			})
		}
	}
}
