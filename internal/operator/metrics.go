package operator

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// ObserveTable counts the requests to the table and the capacity they
// consumed. It is a store.Options.Observe.
func ObserveTable(registry prometheus.Registerer) (func(op string, units float64), error) {
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "algoitny_table_requests_total", Help: "Requests to the table by operation.",
	}, []string{"operation"})
	capacity := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "algoitny_table_capacity_units_total", Help: "Capacity units that the table says were consumed, by operation.",
	}, []string{"operation"})
	for _, c := range []prometheus.Collector{requests, capacity} {
		if err := registry.Register(c); err != nil {
			return nil, fmt.Errorf("register the table's counters: %w", err)
		}
	}
	return func(op string, units float64) {
		requests.WithLabelValues(op).Inc()
		capacity.WithLabelValues(op).Add(units)
	}, nil
}
