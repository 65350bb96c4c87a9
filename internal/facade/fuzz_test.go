package facade_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/client-go/rest"

	"github.com/algoitny/algoitny-operator/internal/facade"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/store"
	"github.com/algoitny/algoitny-operator/internal/store/storetest"
)

// The fuzz tests hold every answer to what all answers must be; run one with
//
//	go test ./internal/facade -run '^$' -fuzz FuzzRegistration

// handler serves a table with one problem; the cluster takes whatever comes.
func handler(f *testing.F) http.Handler {
	f.Helper()
	table := storetest.New(f)
	_, err := table.PutProblem(f.Context(), store.ProblemRecord{
		Problem: problem.Problem{Key: problem.Key{Platform: "codeforces", ID: "4A"}, Title: "Watermelon"}, Owner: store.Owner{UID: "uid"},
	})
	if err != nil {
		f.Fatal(err)
	}
	cluster := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.Copy(w, r.Body)
	}))
	f.Cleanup(cluster.Close)
	h, err := facade.New(facade.Options{Table: table, Cluster: &rest.Config{Host: cluster.URL, QPS: -1}, Namespace: "default", Log: logr.Discard()})
	if err != nil {
		f.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	f.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			f.Error(err)
		}
	})
	for deadline := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		recorder := httptest.NewRecorder()
		if h.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/api/problems", nil)); recorder.Code == http.StatusOK {
			return h
		}
		if time.Now().After(deadline) {
			f.Fatal("the table is not listed in time")
		}
	}
}

// try sends a request and wants one of the statuses.
func try(t *testing.T, h http.Handler, request *http.Request, statuses ...int) {
	t.Helper()
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, request)
	a := &answer{recorder.Result(), recorder.Body.Bytes()}
	a.mustBeProper(t, request.Method)
	for _, status := range statuses {
		if a.StatusCode == status {
			return
		}
	}
	t.Errorf("got %d: %s", a.StatusCode, a.body)
}

func FuzzRegistration(f *testing.F) {
	for _, seed := range []string{
		watermelon, ``, `null`, `{"problem_url": 1}`, `{"languages": [{}]}`, `{"difficulty_rating": 1e400}`, `{"a":1}`, "{\"\xff\": 1}",
		`{"problem_url": "https://xn--.example/\u0000%zz"}`, `{"problem_url": "http://[::1]/?a=b"}`,
	} {
		f.Add(seed)
	}
	h := handler(f)
	f.Fuzz(func(t *testing.T, body string) {
		request := httptest.NewRequest(http.MethodPost, "/api/problems/", strings.NewReader(body))
		request.Header.Set("Authorization", "Bearer token")
		try(t, h, request, http.StatusAccepted, http.StatusBadRequest, http.StatusRequestEntityTooLarge)
	})
}

func FuzzQuery(f *testing.F) {
	for _, seed := range []string{"", "limit=20", "limit=0&cursor=x", "cursor=YWZ0ZXIxOmNvZGVmb3JjZXMjMQ", "limit=%zz", "a;b", "cursor=%00", "limit=1&limit=2"} {
		f.Add(seed)
	}
	h := handler(f)
	f.Fuzz(func(t *testing.T, query string) {
		request := httptest.NewRequest(http.MethodGet, "/api/problems/", nil)
		request.URL.RawQuery = query
		try(t, h, request, http.StatusOK, http.StatusBadRequest, http.StatusRequestURITooLong)
	})
}

func FuzzKey(f *testing.F) {
	for _, seed := range []string{"4A", "a/b", "..", "\xff", "%", "#", "日本", strings.Repeat("x", 300)} {
		f.Add("codeforces", seed)
	}
	h := handler(f)
	f.Fuzz(func(t *testing.T, platform, id string) {
		request := httptest.NewRequest(http.MethodGet, "/", nil)
		request.URL = &url.URL{Path: "/api/problems/" + platform + "/" + id, RawPath: "/api/problems/" + escaped(platform) + "/" + escaped(id)}
		try(t, h, request, http.StatusOK, http.StatusNotFound, http.StatusTemporaryRedirect)
	})
}

// escaped spells every byte out.
func escaped(text string) string {
	var out strings.Builder
	for _, b := range []byte(text) {
		const digits = "0123456789ABCDEF"
		out.Write([]byte{'%', digits[b>>4], digits[b&15]})
	}
	return out.String()
}
