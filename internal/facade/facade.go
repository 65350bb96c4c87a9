// Package facade is the HTTP API for the frontend: it reads the table and
// writes custom resources, never a model or a sandbox.
package facade

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
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

// defaultTimeout bounds the work on one request where nothing else is said.
const defaultTimeout = 10 * time.Second

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
	// Timeout bounds the work on one request, 10 s when zero.
	Timeout time.Duration
	Log     logr.Logger
}

type api struct{ Options }

// New returns the handler.
func New(o Options) http.Handler {
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	a := &api{o}
	mux := http.NewServeMux()
	for address, allowed := range map[string]methods{
		"/api/health":                   {http.MethodGet: a.health},
		"/api/problems":                 {http.MethodGet: a.list, http.MethodPost: a.create},
		"/api/problems/{platform}/{id}": {http.MethodGet: a.get},
	} {
		// The old backend's addresses end in a slash; both are served.
		mux.Handle(address, a.serve(allowed.handle))
		mux.Handle(address+"/{$}", a.serve(allowed.handle))
	}
	mux.Handle("/", a.serve(nothing))
	return secure(mux)
}

func nothing(*http.Request) (*response, error) {
	return nil, &Problem{Status: http.StatusNotFound, Title: "Not found", Detail: "there is nothing at this address; see GET /api/problems/"}
}

// methods are the handlers of one address. The mux has methods of its own, but
// refuses the others in plain text.
type methods map[string]handler

func (m methods) handle(r *http.Request) (*response, error) {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	if h, ok := m[method]; ok {
		return h(r)
	}
	// Every address has GET, the first of them, and with it HEAD.
	names := strings.Join(slices.Insert(slices.Sorted(maps.Keys(m)), 1, http.MethodHead), ", ")
	return nil, &Problem{Status: http.StatusMethodNotAllowed, Title: "Method not allowed", Detail: "this address takes " + names, allow: names}
}

// response is a status and a body that is sent as JSON.
type response struct {
	status int
	header map[string]string
	body   any
}

type handler func(r *http.Request) (*response, error)

// serve writes what a handler returns. All that a handler waits for ends with
// its context: the table and the cluster. The server's ReadTimeout bounds the
// caller's own pace.
func (a *api) serve(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), a.Timeout)
		defer cancel()
		r = r.WithContext(ctx)
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
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

// pageOf reads which page of the list is asked for.
func pageOf(r *http.Request) (limit int, cursor string, err error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return 0, "", &Problem{Status: http.StatusBadRequest, Title: "Invalid request", Detail: "the query cannot be read; it is like ?limit=20&cursor=…"}
	}
	text := query.Get("limit")
	if text == "" {
		return defaultLimit, query.Get("cursor"), nil
	}
	limit, err = strconv.Atoi(text)
	if err != nil || limit < 1 || limit > maxLimit {
		return 0, "", invalid("limit", "must be a number from 1 to "+strconv.Itoa(maxLimit))
	}
	return limit, query.Get("cursor"), nil
}

func (a *api) list(r *http.Request) (*response, error) {
	limit, cursor, err := pageOf(r)
	if err != nil {
		return nil, err
	}
	items, next, err := a.Problems.ListProblems(r.Context(), limit, cursor)
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
