package facade_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/algoitny/algoitny-operator/internal/facade"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/store"
	"github.com/algoitny/algoitny-operator/internal/store/storetest"
)

func TestEveryAddressIsServedWithAndWithoutASlashAtItsEnd(t *testing.T) {
	s := newSite(t)
	s.put("codeforces", "4A")
	for _, path := range []string{"/api/health", "/api/problems", "/api/problems/codeforces/4A"} {
		bare, slashed := s.get(path), s.get(path+"/")
		if bare.StatusCode != http.StatusOK || slashed.StatusCode != http.StatusOK {
			t.Errorf("%s gives %d and, with a slash, %d", path, bare.StatusCode, slashed.StatusCode)
		}
		if diff := cmp.Diff(string(bare.body), string(slashed.body)); diff != "" {
			t.Errorf("%s differs with a slash:\n%s", path, diff)
		}
	}
}

func TestHeadGivesWhatGetGivesWithoutABody(t *testing.T) {
	s := newSite(t)
	s.put("codeforces", "4A")
	for _, path := range []string{"/api/health/", "/api/problems/", "/api/problems/codeforces/4A/", "/api/problems/codeforces/none/", "/api/nowhere"} {
		got, want := s.call(http.MethodHead, path, "", ""), s.get(path)
		if got.StatusCode != want.StatusCode || got.ContentLength != int64(len(want.body)) || len(got.body) != 0 {
			t.Errorf("HEAD %s gives %d of %d bytes, GET %d of %d", path, got.StatusCode, got.ContentLength, want.StatusCode, len(want.body))
		}
	}
}

func TestTheFieldNamesAreTheOldBackends(t *testing.T) {
	s := newSite(t)
	s.put("codeforces", "4A")
	s.solve("codeforces", "4A", "python", problem.Accepted)
	s.solve("codeforces", "4A", "cpp", problem.WrongAnswer)
	if diff := cmp.Diff(map[string]any{"status": "ok"}, s.get("/api/health/").raw(t)); diff != "" {
		t.Error(diff)
	}
	summary := map[string]any{
		"platform": "codeforces", "problem_id": "4A", "title": "Sum of 4A", "problem_url": "https://judge.example/codeforces",
		"difficulty_rating": 800.0, "tags": []any{"math"}, "solved_languages": []any{"python"}, "sample_count": 1.0,
		"time_limit_ms": 2000.0, "memory_limit_mb": 256.0, "state": "retained", "published": true,
	}
	list := s.get("/api/problems/").raw(t)
	first := list["results"].([]any)[0].(map[string]any)
	withoutTimes(t, first, "updated_at")
	delete(list, "version")
	if diff := cmp.Diff(map[string]any{"results": []any{summary}, "next_cursor": "", "total": 1.0}, list); diff != "" {
		t.Error(diff)
	}
	summary["language"] = "en"
	summary["statement"] = map[string]any{"description": "Add two numbers.", "input": "Two numbers.", "output": "Their sum."}
	summary["samples"] = []any{map[string]any{"input": "1 2\n", "output": "3\n"}}
	summary["solutions"] = []any{map[string]any{
		"language": "python", "verdict": "AC", "code": "print(3)\n", "attempts": 2.0, "time_ms": 20.0, "memory_mb": 9.0,
		"name": "ann", "passed": 0.0, "total": 0.0,
	}}
	detail := s.get("/api/problems/codeforces/4A/").raw(t)
	withoutTimes(t, detail, "updated_at", "created_at")
	withoutTimes(t, detail["solutions"].([]any)[0].(map[string]any), "updated_at")
	if diff := cmp.Diff(summary, detail); diff != "" {
		t.Error(diff)
	}
}

// withoutTimes takes fields out that must be times.
func withoutTimes(t *testing.T, object map[string]any, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := time.Parse(time.RFC3339, fmt.Sprint(object[name])); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		delete(object, name)
	}
}

func TestListsAreNeverNull(t *testing.T) {
	if got := string(newSite(t).get("/api/problems/").body); !strings.HasPrefix(got, `{"results":[],"next_cursor":"","total":0,`) {
		t.Errorf("an empty table gives %s", got)
	}
	s := newSite(t)
	_, err := s.table.PutProblem(t.Context(), store.ProblemRecord{
		Problem: problem.Problem{Key: problem.Key{Platform: "cses", ID: "1"}, Title: "Bare"}, Owner: store.Owner{UID: "u"}, OmitStatement: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{
		"/api/problems/", "/api/problems/cses/1/", "/api/problems/cses/1/suites", "/api/problems/cses/1/solutions", "/api/providers", "/api/statistics", "/api/spending",
	} {
		if a := s.get(path); a.StatusCode != http.StatusOK || strings.Contains(string(a.body), "null") {
			t.Errorf("%s gives %s", path, a.body)
		}
	}
}

func (s *site) page(query string) (ids []string, next string) {
	s.t.Helper()
	a := s.get("/api/problems/?" + query)
	if a.StatusCode != http.StatusOK {
		s.t.Fatalf("%s gives %d: %s", query, a.StatusCode, a.body)
	}
	body := a.raw(s.t)
	for _, result := range body["results"].([]any) {
		ids = append(ids, result.(map[string]any)["problem_id"].(string))
	}
	return ids, body["next_cursor"].(string)
}

func TestPagesHoldEveryProblemOnceAndInOrder(t *testing.T) {
	const count = 45
	s := newSite(t)
	var want []string
	for i := range count {
		want = append(want, fmt.Sprintf("%03dA", i))
		s.put("codeforces", want[i])
	}
	for query, sizes := range map[string][]int{
		"": {20, 20, 5}, "limit=": {20, 20, 5}, "limit=15": {15, 15, 15}, "limit=44": {44, 1}, "limit=45": {45}, "limit=100": {45},
	} {
		t.Run(query, func(t *testing.T) {
			var all []string
			cursor := ""
			for i, size := range sizes {
				ids, next := s.page(query + "&cursor=" + url.QueryEscape(cursor))
				if len(ids) != size || (next == "") != (i == len(sizes)-1) {
					t.Fatalf("page %d has %d problems and the next cursor %q, want %d", i+1, len(ids), next, size)
				}
				all, cursor = append(all, ids...), next
			}
			if !slices.Equal(all, want) {
				t.Errorf("got %v", all)
			}
		})
	}
}

func TestAnImpossiblePageIsRefusedByTheFieldsName(t *testing.T) {
	s := newSite(t)
	s.put("codeforces", "4A")
	for query, field := range map[string]string{
		"limit=0": "limit", "limit=-1": "limit", "limit=101": "limit", "limit=abc": "limit", "limit=1e2": "limit", "limit=%2010": "limit",
		"limit=99999999999999999999": "limit", "limit=%00": "limit",
		"cursor=garbage": "cursor", "cursor=%00%ff": "cursor", "cursor=YWZ0ZXIxOg": "cursor", // after1:
		"cursor=YWZ0ZXIyOmEjYg":                       "cursor", // after2:a#b
		"cursor=YWZ0ZXIxOmEjYiNj":                     "cursor", // after1:a#b#c
		"cursor=UFJPQkxFTVMjMA":                       "cursor", // PROBLEMS#0
		"cursor=" + strings.Repeat("A", 1500):         "cursor",
		"limit=5&cursor=" + url.QueryEscape("' OR 1"): "cursor",
		"limit=%zz": "", "a;b": "",
	} {
		t.Run(query[:min(len(query), 40)], func(t *testing.T) {
			s.get("/api/problems/?"+query).mustFail(t, http.StatusBadRequest, field)
		})
	}
}

func TestKeysReachNothingButThemselves(t *testing.T) {
	s := newSite(t)
	ids := []string{"a/b", "a%2Fb", "a#b", "a%23b", "a b", "a+b", "..", "../a", "日本", "a?b=c", "METADATA", "a%", "%"}
	for _, id := range ids {
		s.put("odd", id)
	}
	s.put("odd/a", "b")
	for _, id := range ids {
		a := s.get("/api/problems/odd/" + strings.ReplaceAll(url.PathEscape(id), ".", "%2E") + "/")
		if got := a.raw(t)["problem_id"]; a.StatusCode != http.StatusOK || got != id {
			t.Errorf("%q gives %d and %v", id, a.StatusCode, got)
		}
	}
}

func TestAProblemThatIsNotThereIsNotFound(t *testing.T) {
	s := newSite(t)
	s.put("codeforces", "4A")
	for _, path := range []string{
		"codeforces/4B", "codeforces/4a", "codeforces/4A%20", "codeforces/4A%00", "codeforces/4A%23", "codeforces%23/4A", "codeforces%2F4A/x",
		"codeforces/%ff%fe", "%ff/4A", "codeforces/" + strings.Repeat("x", 257), "codeforces/" + strings.Repeat("%23", 256),
		strings.Repeat("y", 5000) + "/4A", "codeforces/4A/METADATA", "PROBLEM%23codeforces/4A", "codeforces/%2e%2e", "%20/%20",
	} {
		t.Run(path[:min(len(path), 40)], func(t *testing.T) {
			for _, end := range []string{"", "/"} {
				s.get("/api/problems/"+path+end).mustFail(t, http.StatusNotFound, "")
			}
		})
	}
	if a := s.get("/api/problems/CodeForces/4A/"); a.StatusCode != http.StatusOK {
		t.Errorf("the platform's case matters: %d", a.StatusCode)
	}
}

func TestOtherAddressesAreNotFound(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{"/api", "/api/", "/api/problems/codeforces", "/api/health/x", "/api/metrics", "/api/debug/pprof/"} {
		s.get(path).mustFail(t, http.StatusNotFound, "")
		s.call(http.MethodPost, path, "", "").mustFail(t, http.StatusNotFound, "")
	}
}

func TestAnotherMethodIsToldWhichOnesTheAddressTakes(t *testing.T) {
	s := newSite(t)
	for path, allow := range map[string]string{
		"/api/health": "GET, HEAD", "/api/health/": "GET, HEAD", "/api/problems": "GET, HEAD, POST", "/api/problems/": "GET, HEAD, POST",
		"/api/problems/codeforces/4A/": "DELETE, GET, HEAD", "/api/problems/bulk": "POST", "/api/events": "GET, HEAD",
	} {
		for _, method := range []string{http.MethodPut, http.MethodPatch, http.MethodOptions, http.MethodTrace, "QUERY"} {
			a := s.call(method, path, "", "")
			a.mustFail(t, http.StatusMethodNotAllowed, "")
			if got := a.Header.Get("Allow"); got != allow {
				t.Errorf("%s %s: allows %q, want %q", method, path, got, allow)
			}
		}
	}
	s.call(http.MethodPost, "/api/problems/codeforces/4A/", "", "{}").mustFail(t, http.StatusMethodNotAllowed, "")
}

var readers = []string{"/api/health/", "/api/problems/", "/api/problems/codeforces/4A/"}

func (a *answer) mustBeUnavailable(t *testing.T) {
	t.Helper()
	a.mustFail(t, http.StatusServiceUnavailable, "")
	if a.Header.Get("Retry-After") != "5" {
		t.Errorf("says to come back after %q", a.Header.Get("Retry-After"))
	}
}

func TestATableThatIsAwayIsUnavailable(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	engine := &storetest.Engine{Endpoint: closed.URL}
	s := awaySite(t, func(o *facade.Options) { o.Table = engine.Store(t, store.Options{}) })
	for _, path := range readers {
		s.get(path).mustBeUnavailable(t)
	}
}

func TestATableThatDoesNotExistIsUnavailable(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		s := awaySite(t, func(o *facade.Options) { o.Table = e.Store(t, store.Options{Table: storetest.TableName()}) })
		for _, path := range readers {
			s.get(path).mustBeUnavailable(t)
		}
	})
}

// hanging is a server that answers nothing for as long as the test runs.
func hanging(t *testing.T) string {
	t.Helper()
	ended := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-ended:
		}
	}))
	t.Cleanup(func() { close(ended); server.Close() })
	return server.URL
}

func TestATableThatHangsIsUnavailableInTime(t *testing.T) {
	engine := &storetest.Engine{Endpoint: hanging(t)}
	s := awaySite(t, func(o *facade.Options) {
		o.Table, o.Timeout = engine.Store(t, store.Options{}), 200*time.Millisecond
	})
	for _, path := range readers {
		started := time.Now()
		s.get(path).mustBeUnavailable(t)
		if took := time.Since(started); took > 5*time.Second {
			t.Errorf("%s took %s", path, took)
		}
	}
}
