package benchfacade_test

import (
	"fmt"
	"time"
)

const (
	// partOfTop is how much of the most that a facade can do is asked of it.
	partOfTop = 0.8
	// mostOfMedian bounds the slowest hundredth.
	mostOfMedian = 10
	// lines is how many connections the load of constant rate has.
	lines = 32
)

// load has a process of its own ask at a rate, 0 as fast as it goes.
func (w *world) load(address, path string, rate float64, duration time.Duration) *loadReport {
	w.b.Helper()
	a := w.actor("load", &loadOrder{Address: address, Path: path, Connections: lines, Rate: rate, Duration: duration})
	r := &loadReport{}
	a.hear(r)
	a.dismiss()
	w.say("load of %s/s: %s", grouped(rate), r)
	return r
}

// top is the most that a server can do for the client that the load comes from.
func (w *world) top(address, path string) float64 {
	var rates []float64
	for range 3 {
		rates = append(rates, w.load(address, path, 0, load()).Rate)
	}
	return median(rates)
}

// latency is how long answers take while four fifths of what can be done is. The
// bare server, asked in the same way, shows what of that is the machine's.
func latency(w *world, s *sheet) {
	f := w.facade("latency")
	f.settle()
	w.topRate = w.top(f.address, listPath)
	r := w.load(f.address, listPath, partOfTop*w.topRate, span(1))
	s.must(r.P99 < mostOfMedian*r.P50 && r.Failed == 0, fmt.Sprintf("p99 to median at %.0f %% of the top rate for %s", 100*partOfTop, span(1)), fmt.Sprintf("< %d, 0 failed", mostOfMedian),
		"%s, %d of %s failed", r.tail(), r.Failed, grouped(float64(r.Answered+r.Failed)))
	s.note("  rate", "%s of at most %s a second over %d connections", grouped(r.Rate), grouped(w.topRate), lines)
	s.note("  memory after that", "%s, at most %s", megabytes(f.memory("VmRSS")), megabytes(f.memory("VmHWM")))
	third := w.load(f.address, listPath, w.topRate/3, span(0.5))
	s.note("  at a third of the top rate", "%s, %d failed", third.tail(), third.Failed)
	other, address := w.bareServer(nil, f)
	top := w.top(address, "/identity")
	bare := w.load(address, "/identity", partOfTop*top, span(0.5))
	s.note("  bare net/http in the same way", "%s at %s of at most %s a second", bare.tail(), grouped(bare.Rate), grouped(top))
	other.dismiss()
	f.end()
}

// tail is how much longer the slowest hundredth takes than the median.
func (r *loadReport) tail() string {
	return fmt.Sprintf("%.1f (p50 %s, p90 %s, p99 %s, max %s)", float64(r.P99)/float64(max(r.P50, 1)), brief(r.P50), brief(r.P90), brief(r.P99), brief(r.Max))
}

// rollingRestart replaces both of two facades under load.
func rollingRestart(w *world, s *sheet) {
	const partOfRate = 0.25
	if w.topRate == 0 {
		f := w.facade("top")
		w.topRate = w.top(f.address, listPath)
		f.end()
	}
	old := []*facade{w.facade("old-1"), w.facade("old-2")}
	b := w.balance(old...)
	rate := partOfRate * w.topRate
	a := w.actor("load", &loadOrder{Address: b.address(), Path: listPath, Connections: lines, Rate: rate, Duration: span(1)})
	began := time.Now()
	for i, f := range old {
		time.Sleep(time.Second)
		b.add(w.facade(fmt.Sprintf("new-%d", i+1)))
		f.end()
		b.remove(f)
	}
	took := time.Since(began)
	r := &loadReport{}
	a.hear(r)
	a.dismiss()
	w.say("rolling restart in %s: %s", brief(took), r)
	s.must(r.Failed == 0 && took < span(1), "failed requests while both of 2 replicas are replaced", "0",
		"%d of %s (%s a second for %s, both replaced within %s; %d connections renewed)", r.Failed, grouped(float64(r.Answered+r.Failed)), grouped(rate), span(1), brief(took), r.Renewed)
	s.note("  latency meanwhile", "p50 %s, p99 %s, max %s", brief(r.P50), brief(r.P99), brief(r.Max))
	b.end()
}
