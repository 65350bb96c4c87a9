package facade

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/algoitny/algoitny-operator/internal/facade/view"
)

const (
	// checked is how long the word of the table holds: DescribeTable is not made
	// to be asked by everybody all the time.
	checked = 2 * time.Second
	// grace is how long a start waits for the cluster before it goes on without.
	grace = 20 * time.Second
)

// tableCheck remembers what the table said last.
type tableCheck struct {
	mu  sync.Mutex
	at  time.Time
	err error
}

func (f *Facade) table(ctx context.Context) error {
	f.check.mu.Lock()
	defer f.check.mu.Unlock()
	if f.check.at.IsZero() || time.Since(f.check.at) > checked {
		f.check.err = f.library.Check(ctx)
		f.check.at = time.Now()
	}
	return f.check.err
}

// health is that of the API: without the table there is nothing to read; without
// the cluster there is, but nothing changes.
func (f *Facade) health(ctx context.Context) (*view.Health, error) {
	if err := f.table(ctx); err != nil {
		return nil, err
	}
	return f.standing(), nil
}

// standing is what is said of the parts beside the table.
func (f *Facade) standing() *view.Health {
	h := f.catalogue.Health()
	var wrong []string
	if !h.Cluster || !h.Watching {
		why := h.Why
		if why == "" {
			why = "resources are not listed yet"
		}
		wrong = append(wrong, "the cluster is not followed now: states may be old ("+why+")")
	}
	if h.Overflow {
		wrong = append(wrong, "there are more problems than are listed; raise --max-problems")
	}
	if len(wrong) == 0 {
		return &view.Health{Status: "ok"}
	}
	return &view.Health{Status: "degraded", Detail: strings.Join(wrong, "; ")}
}

// ready tells whether requests should come here. A table that went away later
// does not make it false: lists and whatever is cached are still served, and to
// take every replica out at once would serve nobody.
func (f *Facade) ready(ctx context.Context) (bool, *view.Health) {
	if f.o.Drainer != nil && f.o.Drainer.Draining() {
		return false, &view.Health{Status: "draining"}
	}
	h := f.catalogue.Health()
	switch {
	case !h.Table:
		return false, &view.Health{Status: "starting", Detail: "the table is not listed yet"}
	case !h.Cluster && time.Since(f.started) < grace:
		return false, &view.Health{Status: "starting", Detail: "the cluster's resources are not listed yet"}
	}
	standing := f.standing()
	if err := f.table(ctx); err != nil {
		standing.Detail = strings.TrimPrefix(standing.Detail+"; the table does not answer now: problems that are not cached cannot be read", "; ")
		standing.Status = "degraded"
	}
	return true, standing
}

// Operations is what the operators of the facade ask, on a port of its own:
// /livez, /readyz and /metrics.
func (f *Facade) Operations(gatherer prometheus.Gatherer) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { say(w, true, &view.Health{Status: "ok"}) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), f.o.Timeout)
		defer cancel()
		ok, standing := f.ready(ctx)
		say(w, ok, standing)
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(gatherer, promhttp.HandlerOpts{}))
	return mux
}

func say(w http.ResponseWriter, ok bool, standing *view.Health) {
	w.Header().Set("Content-Type", "application/json")
	if !ok {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	// An error here means that whoever asked has gone.
	_ = json.NewEncoder(w).Encode(standing)
}

// gauges are what is said of the catalogue.
func (f *Facade) gauges(registry prometheus.Registerer) {
	for _, gauge := range []struct {
		name, help string
		value      func() float64
	}{
		{"algoitny_facade_problems", "Problems that are listed.", func() float64 { return float64(f.catalogue.Health().Problems) }},
		{"algoitny_facade_followed", "1 when the cluster is followed.", func() float64 {
			if h := f.catalogue.Health(); h.Cluster && h.Watching {
				return 1
			}
			return 0
		}},
	} {
		registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: gauge.name, Help: gauge.help}, gauge.value))
	}
}
