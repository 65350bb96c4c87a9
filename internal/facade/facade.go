// Package facade is the HTTP API for the frontend: it reads the table and
// writes custom resources, never a model or a sandbox.
package facade

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/client-go/rest"

	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// The bounds of a page of problems; the default is the old backend's.
const (
	defaultLimit = 20
	maxLimit     = 100
)

// requestTimeout bounds the work on one request.
const requestTimeout = 10 * time.Second

// Problems is the part of the store that the facade reads.
type Problems interface {
	CheckTable(ctx context.Context) error
	ListProblems(ctx context.Context, limit int, cursor string) ([]store.ProblemSummary, string, error)
	Problem(ctx context.Context, key problem.Key) (*store.ProblemRecord, error)
	Solutions(ctx context.Context, key problem.Key) ([]store.SolutionRecord, error)
}

// Options configure the facade.
type Options struct {
	Problems Problems
	// Cluster is the API server; only its address and certificates are used,
	// and every write goes there under the caller's own token.
	Cluster *rest.Config
	// Namespace is where Problems are created.
	Namespace string
	Log       logr.Logger
}

type api struct{ Options }

// New returns the handler.
func New(o Options) http.Handler {
	a := &api{o}
	mux := http.NewServeMux()
	for pattern, handler := range map[string]handler{
		"GET /api/health":                   a.health,
		"GET /api/problems":                 a.list,
		"GET /api/problems/{platform}/{id}": a.get,
		"POST /api/problems":                a.create,
	} {
		// The old backend's addresses end in a slash; both are served.
		mux.Handle(pattern, a.serve(handler))
		mux.Handle(pattern+"/{$}", a.serve(handler))
	}
	mux.Handle("/", a.serve(func(*http.Request) (*response, error) {
		return nil, &Problem{Status: http.StatusNotFound, Title: "Not found", Detail: "there is nothing at this address; see GET /api/problems/"}
	}))
	return secure(http.TimeoutHandler(mux, requestTimeout, `{"title":"Timeout","status":503}`))
}

// response is a status and a body that is sent as JSON.
type response struct {
	status int
	header map[string]string
	body   any
}

type handler func(r *http.Request) (*response, error)

// serve writes what a handler returns.
func (a *api) serve(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, err := h(r)
		if err != nil {
			a.fail(w, r, err)
			return
		}
		for name, value := range answer.header {
			w.Header().Set(name, value)
		}
		a.write(w, answer.status, "application/json", answer.body)
	})
}

func (a *api) write(w http.ResponseWriter, status int, mediaType string, body any) {
	raw, err := json.Marshal(body)
	if err != nil {
		a.Log.Error(err, "an answer cannot be encoded")
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Content-Length", strconv.Itoa(len(raw)))
	w.WriteHeader(status)
	// An error here means that the client has gone.
	_, _ = w.Write(raw)
}

// secure sets the headers that every answer has.
func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range map[string]string{
			"Content-Security-Policy":   "default-src 'none'; frame-ancestors 'none'",
			"X-Content-Type-Options":    "nosniff",
			"X-Frame-Options":           "DENY",
			"Referrer-Policy":           "no-referrer",
			"Strict-Transport-Security": "max-age=31536000",
			"Cache-Control":             "no-store",
		} {
			w.Header().Set(name, value)
		}
		next.ServeHTTP(w, r)
	})
}

func (a *api) health(r *http.Request) (*response, error) {
	if err := a.Problems.CheckTable(r.Context()); err != nil {
		return nil, err
	}
	return &response{status: http.StatusOK, body: map[string]string{"status": "ok"}}, nil
}

func limit(r *http.Request) (int, error) {
	text := r.URL.Query().Get("limit")
	if text == "" {
		return defaultLimit, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxLimit {
		return 0, invalid("limit", "must be a number from 1 to "+strconv.Itoa(maxLimit))
	}
	return n, nil
}

func (a *api) list(r *http.Request) (*response, error) {
	n, err := limit(r)
	if err != nil {
		return nil, err
	}
	items, next, err := a.Problems.ListProblems(r.Context(), n, r.URL.Query().Get("cursor"))
	if err != nil {
		return nil, err
	}
	page := listPage{Results: make([]summary, 0, len(items)), Next: next}
	for i := range items {
		page.Results = append(page.Results, summarize(&items[i]))
	}
	return &response{status: http.StatusOK, body: page}, nil
}

func (a *api) get(r *http.Request) (*response, error) {
	key := problem.Key{Platform: strings.ToLower(r.PathValue("platform")), ID: r.PathValue("id")}
	record, err := a.Problems.Problem(r.Context(), key)
	if err != nil {
		return nil, err
	}
	solutions, err := a.Problems.Solutions(r.Context(), key)
	if err != nil {
		return nil, err
	}
	return &response{status: http.StatusOK, body: describe(record, solutions)}, nil
}
