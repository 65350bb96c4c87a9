// Package facade is the HTTP API for the frontend, and a page of its own: it
// reads the table, watches the cluster and writes custom resources, never a
// model or a sandbox.
package facade

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/go-logr/logr"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"
	"k8s.io/client-go/rest"

	"github.com/algoitny/algoitny-operator/internal/execution/toolchain"
	"github.com/algoitny/algoitny-operator/internal/facade/access"
	"github.com/algoitny/algoitny-operator/internal/facade/catalogue"
	"github.com/algoitny/algoitny-operator/internal/facade/edge"
	"github.com/algoitny/algoitny-operator/internal/facade/fault"
	"github.com/algoitny/algoitny-operator/internal/facade/library"
	"github.com/algoitny/algoitny-operator/internal/facade/page"
)

// defaultTimeout bounds the work on one request where nothing else is said.
const defaultTimeout = 10 * time.Second

// Options configure the facade.
type Options struct {
	Table library.Table
	// Cluster is the API server. Its credentials are the facade's own and are
	// used to watch; every write goes there under the caller's own token.
	Cluster *rest.Config
	// Namespace is where resources are made.
	Namespace string
	// WatchNamespace is the one that is shown; empty is all.
	WatchNamespace string
	// Reload is how often the whole table is listed, 5 min when zero.
	Reload time.Duration
	// Limit bounds the problems that are listed, 100,000 when zero.
	Limit int
	// ShowTests shows the inputs and answers of all tests to everybody.
	ShowTests bool
	// CursorSecret signs cursors; empty is the table's own id.
	CursorSecret []byte
	// Timeout bounds the work on one request, 10 s when zero.
	Timeout time.Duration
	// ClientRate and GlobalRate bound requests; zero is no bound.
	ClientRate, GlobalRate edge.Rate
	// TrustedProxies are those whose X-Forwarded-For and X-Forwarded-Proto are
	// believed.
	TrustedProxies []netip.Prefix
	// AllowedOrigins are those whose scripts may read answers.
	AllowedOrigins []string
	// CacheBytes bounds the cache of answers, 32 MiB when zero; negative is none.
	CacheBytes int64
	Streams    StreamLimits
	// Drainer ends the server; nil when it just ends.
	Drainer *edge.Drainer
	// Registry receives the metrics; nil is none.
	Registry prometheus.Registerer
	// AccessLog has one line a request; nil is none.
	AccessLog *zap.Logger
	Log       logr.Logger
}

// Facade is the API with all it needs.
type Facade struct {
	o         Options
	catalogue *catalogue.Catalogue
	library   *library.Library
	gate      *access.Gate
	streams   *streams
	edge      *edge.Edge
	check     tableCheck
	started   time.Time
	handler   http.Handler
}

// New returns a Facade; Run has to run for it to know anything.
func New(o Options) (*Facade, error) {
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	if o.Registry == nil {
		o.Registry = prometheus.NewRegistry()
	}
	gate, err := access.New(o.Cluster)
	if err != nil {
		return nil, err
	}
	f := &Facade{o: o, gate: gate, started: time.Now()}
	f.catalogue = catalogue.New(catalogue.Options{
		Table: o.Table, Cluster: o.Cluster, Namespace: o.WatchNamespace, Reload: o.Reload, Limit: o.Limit, Log: o.Log,
	})
	f.library = library.New(library.Options{
		Table: o.Table, Catalogue: f.catalogue, CursorSecret: o.CursorSecret, ShowTests: o.ShowTests,
	})
	f.gauges(o.Registry)
	f.streams = newStreams(o.Streams, o.Drainer, o.Registry)
	if f.handler, err = f.assemble(); err != nil {
		return nil, err
	}
	return f, nil
}

// Run keeps what the facade shows up to date until ctx ends, which is to be
// after the last request.
func (f *Facade) Run(ctx context.Context) error {
	defer f.edge.Close()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return f.catalogue.Run(ctx) })
	group.Go(func() error {
		f.streams.run(ctx)
		return nil
	})
	return group.Wait()
}

// ServeHTTP implements http.Handler.
func (f *Facade) ServeHTTP(w http.ResponseWriter, r *http.Request) { f.handler.ServeHTTP(w, r) }

// assemble puts the parts behind each other.
func (f *Facade) assemble() (http.Handler, error) {
	mux := http.NewServeMux()
	api := humago.New(mux, contract(f.complete))
	f.register(api)
	refuseOtherMethods(mux, api.OpenAPI())
	if err := f.pages(mux, api.OpenAPI()); err != nil {
		return nil, err
	}
	around, err := edge.New(f.edgeOptions(routes(mux, api.OpenAPI())))
	if err != nil {
		return nil, err
	}
	f.edge = around
	delivered := around.Deliver(wellFormed(mux))
	return around.Outer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = withoutSlash(r)
		if isStream(r) {
			mux.ServeHTTP(w, r)
			return
		}
		delivered.ServeHTTP(w, r)
	})), nil
}

// routes names the routes of requests. Most are for addresses without a name in
// them, which a map finds sooner than the mux.
func routes(mux *http.ServeMux, described *huma.OpenAPI) func(*http.Request) string {
	plain := map[string]string{}
	for path, item := range described.Paths {
		if item.Get != nil && !strings.Contains(path, "{") {
			plain[path] = http.MethodGet + " " + path
		}
	}
	return func(r *http.Request) string {
		if route := plain[strings.TrimSuffix(r.URL.Path, "/")]; route != "" && r.Method == http.MethodGet {
			return route
		}
		_, pattern := mux.Handler(withoutSlash(r))
		return pattern
	}
}

func (f *Facade) edgeOptions(route func(*http.Request) string) edge.Options {
	o := edge.Options{
		Log: f.o.Log, AccessLog: f.o.AccessLog, Registry: f.o.Registry, TrustedProxies: f.o.TrustedProxies,
		ClientRate: f.o.ClientRate, GlobalRate: f.o.GlobalRate, AllowedOrigins: f.o.AllowedOrigins, Timeout: f.o.Timeout,
		CacheBytes: f.o.CacheBytes, Freshness: f.freshness, Route: route,
	}
	if f.o.Drainer != nil {
		o.Draining = f.o.Drainer.Draining
	}
	return o
}

// wellFormed refuses queries of which only a part can be read.
func wellFormed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := url.ParseQuery(r.URL.RawQuery); err != nil {
			fault.New(http.StatusBadRequest, "the query cannot be read; escape its values").Write(w)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// withoutSlash takes the slash off the end of an address: the old backend's end
// in one.
func withoutSlash(r *http.Request) *http.Request {
	path := r.URL.Path
	if len(path) < 2 || !strings.HasSuffix(path, "/") || strings.HasSuffix(path, "//") {
		return r
	}
	out, address := *r, *r.URL
	address.Path = strings.TrimSuffix(path, "/")
	address.RawPath = strings.TrimSuffix(address.RawPath, "/")
	out.URL = &address
	return &out
}

// streamEnd ends the addresses of streams.
const streamEnd = "/events"

func isStream(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/api/") && strings.HasSuffix(r.URL.Path, streamEnd)
}

// pages serves what a browser shows.
func (f *Facade) pages(mux *http.ServeMux, contract *huma.OpenAPI) error {
	pages, err := page.New(f.library, page.Options{Languages: toolchain.Names(), Log: f.o.Log})
	if err != nil {
		return err
	}
	described, err := contract.MarshalJSON()
	if err != nil {
		return fmt.Errorf("describe the API: %w", err)
	}
	docs, err := page.APIDocs(described)
	if err != nil {
		return err
	}
	mux.Handle("GET /api/docs", docs)
	mux.Handle("/", pages.Handler())
	for _, address := range []string{"/api", "/api/"} {
		mux.HandleFunc(address, func(w http.ResponseWriter, _ *http.Request) {
			fault.New(http.StatusNotFound, "there is nothing at this address; GET /api/docs says what there is").Write(w)
		})
	}
	return nil
}
