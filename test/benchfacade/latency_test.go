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
	// leastKept is how much of the rate that is asked for must be answered. Where
	// it is less, all requests wait for long, and the tail says nothing.
	leastKept = 0.99
	// lines is how many connections the load of constant rate has.
	lines = 32
)

// load has a process of its own ask at a rate, 0 as fast as it goes.
func (w *world) load(address, path string, rate float64, duration time.Duration) *loadReport {
	w.b.Helper()
	a := w.actor(&w.cores.rest, "load", &loadOrder{Address: address, Path: path, Connections: lines, Rate: rate, Duration: duration})
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

// latency is how long answers take while four fifths of what can be done is, at
// a constant rate. The bare server, and wrk, show what of that is the machine's
// and what the way of counting.
func latency(w *world, s *sheet) {
	f := w.facade("latency")
	f.settle()
	w.topRate = w.top(f.address, listPath)
	before := w.machine()
	r := w.load(f.address, listPath, partOfTop*w.topRate, span(1))
	meanwhile := w.machine().since(before)
	kept := r.Rate / (partOfTop * w.topRate)
	s.must(r.P99 < mostOfMedian*r.P50 && r.Failed == 0 && kept >= leastKept, fmt.Sprintf("p99 to median at %.0f %% of the top rate for %s", 100*partOfTop, span(1)),
		fmt.Sprintf("< %d, 0 failed, rate kept", mostOfMedian), "%s, %d of %s failed, %.1f %% of the rate", tail(r.P50, r.P99), r.Failed, grouped(float64(r.Answered+r.Failed)), 100*kept)
	s.note("  rate", "%s of at most %s a second over %d connections", grouped(r.Rate), grouped(w.topRate), lines)
	s.note("  the machine meanwhile", "%s", meanwhile)
	s.note("  memory after that", "%s, at most %s", megabytes(f.memory("VmRSS")), megabytes(f.memory("VmHWM")))
	other, address := w.bareServer(nil, f)
	w.constantRates(s, f.address, address)
	ours := w.busy(f.process, f.address, listPath, span(1))
	theirs := w.busy(other.process, address, "/identity", span(0.5))
	s.note(fmt.Sprintf("wrk over %d connections, as fast as it goes, for %s: p99 to median", connections, span(1)), "%s, %d of %s failed, at %s",
		tail(ours.p50, ours.p99), ours.failed, grouped(float64(ours.requests)), ours.share())
	s.note("  bare net/http in the same way", "%s at %s", tail(theirs.p50, theirs.p99), theirs.share())
	other.dismiss()
	f.end()
}

// busy is a run beside the top rate.
type busy struct {
	run
	top float64
}

// share says how busy.
func (b busy) share() string {
	return fmt.Sprintf("%s of at most %s a second", grouped(b.rate), grouped(b.top))
}

// busy runs a load over the connections that all loads here have, and over more
// of them to see what more can be done.
func (w *world) busy(server *process, address, path string, duration time.Duration) (b busy) {
	w.b.Helper()
	for _, count := range []int{connections, 2 * connections, 4 * connections} {
		var rates []float64
		for range 3 {
			rates = append(rates, w.wrkOver(count, server, address, load(), "identity", path).rate)
		}
		b.top = max(b.top, median(rates))
	}
	b.run = w.wrk(server, address, duration, "identity", path)
	b.top = max(b.top, b.rate)
	w.say("busy: %s, %s", b.share(), b.run)
	return b
}

// constantRates asks whether answers come or not, and counts from when each
// request was due: what holds the machine up for a moment delays all that is due
// meanwhile, and until that is made good. It does so in turns, each with the top
// rate of that moment, since the machine does not keep its speed for long.
func (w *world) constantRates(s *sheet, ours, theirs string) {
	w.b.Helper()
	servers := []struct{ name, address, path string }{{"the facade", ours, listPath}, {"bare net/http", theirs, "/identity"}}
	parts := []float64{partOfTop, 0.33}
	reports := map[string][]*loadReport{}
	row := func(server string, part float64) string {
		return fmt.Sprintf("%s at a constant %.0f %% of its top rate", server, 100*part)
	}
	for range repeats {
		for _, server := range servers {
			top := w.load(server.address, server.path, 0, span(0.05)).Rate
			for _, part := range parts {
				name := row(server.name, part)
				reports[name] = append(reports[name], w.load(server.address, server.path, part*top, span(0.05)))
			}
		}
	}
	for _, part := range parts {
		for _, server := range servers {
			name := row(server.name, part)
			s.note(name, "%s", constant(reports[name]))
		}
	}
}

// constant is what several loads of constant rate say together.
func constant(reports []*loadReport) string {
	var rates []float64
	var p50, p99, paused []time.Duration
	failed := 0
	for _, r := range reports {
		rates, p50, p99, paused = append(rates, r.Rate), append(p50, r.P50), append(p99, r.P99), append(paused, r.Paused)
		failed += r.Failed
	}
	return fmt.Sprintf("%s at %s a second, %d failed; the load itself was held up for %.1f %% of the time",
		tail(median(p50), median(p99)), grouped(median(rates)), failed, 100*median(paused).Seconds()/span(0.05).Seconds())
}

// tail is how much longer the slowest hundredth takes than the median.
func tail(p50, p99 time.Duration) string {
	return fmt.Sprintf("%.1f (p50 %s, p99 %s)", float64(p99)/float64(max(p50, 1)), brief(p50), brief(p99))
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
	a := w.actor(&w.cores.rest, "load", &loadOrder{Address: b.address(), Path: listPath, Connections: lines, Rate: rate, Duration: span(1)})
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
