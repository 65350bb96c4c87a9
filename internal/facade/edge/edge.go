// Package edge stands between the network and the facade's handlers: what
// every request passes (Outer), what buffered answers pass besides (Deliver),
// and the server around both (Limits, Drainer).
package edge

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/go-logr/logr"
	"github.com/maypok86/otter/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/cors"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// What the options are where they say nothing.
const (
	defaultTimeout    = 10 * time.Second
	defaultMaxBody    = 2 << 20
	defaultCacheBytes = 32 << 20
)

// Options configure an Edge. The zero value limits no rate, trusts no proxy,
// allows no other origin and caches nothing.
type Options struct {
	// Log takes failures and panics.
	Log logr.Logger
	// AccessLog takes one line a request; nil is none.
	AccessLog *zap.Logger
	// Registry takes the metrics; nil leaves them unregistered.
	Registry prometheus.Registerer
	// Now is the clock, time.Now when nil.
	Now func() time.Time
	// Route names what a request is for, such as "GET /api/problems", from a
	// bounded set: it is a label of the metrics. It is asked after the request.
	Route func(*http.Request) string
	// TrustedProxies are those whose X-Forwarded-For and X-Forwarded-Proto are
	// believed.
	TrustedProxies []netip.Prefix
	// ClientRate bounds each client's requests, GlobalRate all together.
	ClientRate, GlobalRate Rate
	// Unlimited picks requests that no rate bounds: a probe that is refused
	// under load would take the server away when it is needed most.
	Unlimited func(*http.Request) bool
	// AllowedOrigins are those whose scripts may ask, such as
	// https://judge.example; "*" lets every origin read.
	AllowedOrigins []string
	// Timeout bounds the work on one buffered answer, 10 s when zero.
	Timeout time.Duration
	// MaxBody bounds a request's body in bytes, 2 MiB when zero.
	MaxBody int64
	// CacheBytes bounds the cache of answers, 32 MiB when zero; negative is no
	// cache.
	CacheBytes int64
	// Freshness says what an answer depends on; ok is false where the answer is
	// not everybody's, and then it is never cached. An answer of which ok is
	// true may depend on the path and the query alone: that is all its handler
	// gets to see.
	Freshness func(*http.Request) (f Freshness, ok bool)
	// Draining says that the server is about to end: answers then close their
	// connections.
	Draining func() bool
}

// Freshness is what tells an old answer from a present one.
type Freshness struct {
	// Version changes whenever what the answer is made of changes.
	Version uint64
	// ChangedAt is when Version became what it is.
	ChangedAt time.Time
	// MaxAge is how old an answer may be although Version is the same, for what
	// changes unseen; 0 is any age.
	MaxAge time.Duration
}

// Edge is what handlers are wrapped with. Close ends it.
type Edge struct {
	o       Options
	now     func() time.Time
	access  *zap.Logger
	cors    *cors.Cors
	limits  *limiter
	metrics *metrics
	coder   *coder
	cache   *otter.Cache[key, *entry]

	// life is the context of the loads, which outlive the requests that start
	// them.
	life    context.Context
	end     context.CancelFunc
	mu      sync.Mutex
	closed  bool
	flights map[key]*flight
	loads   sync.WaitGroup
}

// New returns an edge.
func New(o Options) (*Edge, error) {
	o.complete()
	e := &Edge{o: o, now: o.Now, flights: map[key]*flight{}}
	if o.AccessLog != nil {
		// Where in this package a line is written, nobody needs to know.
		e.access = o.AccessLog.WithOptions(zap.WithCaller(false), zap.AddStacktrace(zapcore.InvalidLevel))
	}
	var err error
	if e.cors, err = newCORS(o.AllowedOrigins); err != nil {
		return nil, fmt.Errorf("allow origins: %w", err)
	}
	if e.coder, err = newCoder(); err != nil {
		return nil, fmt.Errorf("prepare compression: %w", err)
	}
	if o.CacheBytes > 0 {
		e.cache, err = otter.New(&otter.Options[key, *entry]{MaximumWeight: uint64(o.CacheBytes), Weigher: weigh})
		if err != nil {
			return nil, fmt.Errorf("prepare the cache: %w", err)
		}
	}
	if e.metrics, err = newMetrics(o.Registry, e.cacheBytes); err != nil {
		return nil, fmt.Errorf("register the metrics: %w", err)
	}
	if e.limits, err = newLimiter(o.ClientRate, o.GlobalRate); err != nil {
		return nil, fmt.Errorf("limit rates: %w", err)
	}
	e.life, e.end = context.WithCancel(context.Background())
	return e, nil
}

func (o *Options) complete() {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Route == nil {
		o.Route = func(*http.Request) string { return "" }
	}
	if o.Unlimited == nil {
		o.Unlimited = func(*http.Request) bool { return false }
	}
	if o.Freshness == nil {
		o.Freshness = func(*http.Request) (Freshness, bool) { return Freshness{}, false }
	}
	if o.Draining == nil {
		o.Draining = func() bool { return false }
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	if o.MaxBody == 0 {
		o.MaxBody = defaultMaxBody
	}
	if o.CacheBytes == 0 {
		o.CacheBytes = defaultCacheBytes
	}
}

// Close ends the loads that still run and waits for them. It is called after
// the server has ended.
func (e *Edge) Close() {
	e.mu.Lock()
	e.closed = true
	e.mu.Unlock()
	e.end()
	e.loads.Wait()
	e.limits.close()
	if e.cache != nil {
		e.cache.StopAllGoroutines()
	}
}

func (e *Edge) cacheBytes() float64 {
	if e.cache == nil {
		return 0
	}
	return float64(e.cache.WeightedSize())
}
