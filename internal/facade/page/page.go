// Package page shows the problems in a browser: HTML made here, which needs no
// script to be read, and a little script that keeps it up to date.
package page

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/go-logr/logr"

	"github.com/algoitny/algoitny-operator/internal/facade/fault"
	"github.com/algoitny/algoitny-operator/internal/facade/view"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// Library is where the pages get what they show. Errors are *fault.Fault where
// a person can do something about them.
type Library interface {
	// List takes the parameters of GET /api/problems.
	List(ctx context.Context, query url.Values) (*view.ProblemPage, error)
	Problem(ctx context.Context, key problem.Key) (*view.Problem, error)
	// Suites are whole, with their tests and the matrix.
	Suites(ctx context.Context, key problem.Key) ([]view.Suite, error)
	Solutions(ctx context.Context, key problem.Key) ([]view.Solution, error)
	Providers(ctx context.Context) ([]view.Provider, error)
	Statistics(ctx context.Context) (*view.Statistics, error)
	// Spending is that of a month such as 2006-01; empty is the present one.
	Spending(ctx context.Context, month string) (*view.Spending, error)
}

// Options configure the pages.
type Options struct {
	// Languages are those that a program can be submitted in.
	Languages []string
	Log       logr.Logger
	// Now is the clock; time.Now when nil.
	Now func() time.Time
}

// Pages are all pages of the facade but the description of its API.
type Pages struct {
	library Library
	Options
	site *site
}

// New makes the pages. The error is that of a broken template.
func New(library Library, o Options) (*Pages, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	s, err := newSite()
	if err != nil {
		return nil, err
	}
	return &Pages{library: library, Options: o, site: s}, nil
}

// Handler serves the pages, and a page that says so at every other address.
func (p *Pages) Handler() http.Handler {
	mux := http.NewServeMux()
	for address, show := range map[string]shower{
		"/{$}":                      p.problems,
		"/problems/{platform}/{id}": p.problem,
		"/spending":                 p.spending,
		"/assets/{digest}/{name}":   p.site.asset,
		"/": func(http.ResponseWriter, *http.Request) error {
			return fault.New(http.StatusNotFound, "there is nothing at this address")
		},
	} {
		mux.Handle(address, p.serve(show))
	}
	return mux
}

// shower writes a page, or gives an error before it has written anything.
type shower func(w http.ResponseWriter, r *http.Request) error

func (p *Pages) serve(show shower) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := readOnly(r)
		if err == nil {
			err = show(w, r)
		}
		if err != nil {
			p.Fail(w, r, err)
		}
	})
}

func readOnly(r *http.Request) error {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return nil
	}
	f := fault.New(http.StatusMethodNotAllowed, "this address takes GET, HEAD")
	f.Allow = "GET, HEAD"
	return f
}

// Fail shows an error as a page. What is no *fault.Fault is logged and not
// shown.
func (p *Pages) Fail(w http.ResponseWriter, r *http.Request, err error) {
	f, ok := errors.AsType[*fault.Fault](err)
	if !ok {
		p.Log.Error(err, "a page cannot be shown", "path", r.URL.Path)
		f = fault.New(http.StatusInternalServerError, "the page cannot be shown; the log of the facade says why")
	}
	f.SetHeaders(w.Header())
	shown := sheet{Title: f.Title, status: f.Status, Data: f}
	if err := p.site.write(w, "fault", shown); err != nil {
		p.Log.Error(err, "an error cannot be shown")
		w.WriteHeader(http.StatusInternalServerError)
	}
}

// sheet is what the frame around every page is given.
type sheet struct {
	Title string
	// At is the entry of the navigation that the page belongs to.
	At string
	// Live: a script keeps the page up to date.
	Live bool
	Data any

	status int
}

// policy allows what these pages have: a stylesheet, a script and pictures of
// their own, and asking their own host.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func protect(header http.Header) {
	header.Set("Content-Security-Policy", policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// render makes a page.
func (s *site) render(name string, shown sheet) ([]byte, error) {
	var out bytes.Buffer
	err := s.pages[name].ExecuteTemplate(&out, "frame", shown)
	return out.Bytes(), err
}

// write sends a page.
func (s *site) write(w http.ResponseWriter, name string, shown sheet) error {
	body, err := s.render(name, shown)
	if err != nil {
		return err
	}
	if shown.status == 0 {
		shown.status = http.StatusOK
	}
	send(w, shown.status, body)
	return nil
}

func send(w http.ResponseWriter, status int, body []byte) {
	header := w.Header()
	protect(header)
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Cache-Control", "no-cache")
	w.WriteHeader(status)
	// An error here means that the client has gone.
	_, _ = w.Write(body)
}
