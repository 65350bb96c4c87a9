package edge

import (
	"maps"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// durationBuckets are in seconds: an answer from the cache takes well under a
// millisecond, and none may take more than ten seconds.
var durationBuckets = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

type metrics struct {
	duration    *prometheus.HistogramVec
	latency     prometheus.Summary
	inFlight    prometheus.Gauge
	rateLimited *prometheus.CounterVec

	hit, stale, miss, bypass prometheus.Counter

	// series are the histogram's children, of which there is a bounded number:
	// the map is read without a lock and replaced by a larger one.
	series atomic.Pointer[map[seriesKey]prometheus.Observer]
	grow   sync.Mutex
}

type seriesKey struct {
	route, method string
	status        int
}

func newMetrics(registry prometheus.Registerer, cacheBytes func() float64) (*metrics, error) {
	m := &metrics{
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "algoitny_facade_request_duration_seconds", Help: "How long requests took.", Buckets: durationBuckets,
		}, []string{"route", "method", "code"}),
		latency: prometheus.NewSummary(prometheus.SummaryOpts{
			Name: "algoitny_facade_request_latency_seconds", Help: "How long the requests of the last minute took, streams left out.",
			Objectives: map[float64]float64{0.5: 0.05, 0.95: 0.005, 0.99: 0.001}, MaxAge: time.Minute,
		}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "algoitny_facade_requests_in_flight", Help: "Requests that are being answered.",
		}),
		rateLimited: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "algoitny_facade_rate_limited_total", Help: "Requests refused because there were too many, of one client or of all.",
		}, []string{"scope"}),
	}
	cache := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "algoitny_facade_cache_total", Help: "Buffered answers by what the cache did for them.",
	}, []string{"result"})
	bytes := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "algoitny_facade_cache_bytes", Help: "Bytes that the cache of answers holds.",
	}, cacheBytes)
	m.hit, m.stale = cache.WithLabelValues("hit"), cache.WithLabelValues("stale")
	m.miss, m.bypass = cache.WithLabelValues("miss"), cache.WithLabelValues("bypass")
	m.rateLimited.WithLabelValues(scopeClient)
	m.rateLimited.WithLabelValues(scopeGlobal)
	m.series.Store(&map[seriesKey]prometheus.Observer{})
	if registry == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.duration, m.latency, m.inFlight, m.rateLimited, cache, bytes} {
		if err := registry.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *metrics) observe(x *exchange) {
	seconds := x.took.Seconds()
	m.of(seriesKey{x.route, methodLabel(x.r.Method), x.status}).Observe(seconds)
	if !x.streamed {
		m.latency.Observe(seconds)
	}
}

func (m *metrics) of(k seriesKey) prometheus.Observer {
	if known, ok := (*m.series.Load())[k]; ok {
		return known
	}
	m.grow.Lock()
	defer m.grow.Unlock()
	larger := maps.Clone(*m.series.Load())
	larger[k] = m.duration.WithLabelValues(k.route, k.method, strconv.Itoa(k.status))
	m.series.Store(&larger)
	return larger[k]
}

// methodLabel bounds the label: a client may send any word as a method.
func methodLabel(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other"
}
