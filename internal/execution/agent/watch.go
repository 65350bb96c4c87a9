package agent

import (
	"os"
	"time"

	"github.com/algoitny/algoitny-operator/internal/execution/protocol"
)

const (
	// look is how often a running program is looked at: fast enough that
	// memory cannot grow far beyond its limit between two looks, seldom
	// enough to cost nothing. A program that has just started changes most.
	look      = 5 * time.Millisecond
	firstLook = time.Millisecond
	// scanShare bounds what the search for the program's processes costs on
	// a machine with many others: one part in so many.
	scanShare = 20
)

// watcher looks at a running program.
type watcher struct {
	*run
	// peak and cpu are the most that was seen.
	peak int64
	cpu  time.Duration

	idle               time.Duration
	lastScan, nextScan time.Time
	// spent is what each process ever seen has used. One that nobody waits
	// for takes its time along when it ends.
	spent map[identity]time.Duration
}

// watch ends the program when it goes beyond a limit.
func (w *watcher) watch(exited <-chan struct{}) {
	w.spent = map[identity]time.Duration{}
	// The first looks are the quick ones, for programs that end at once.
	w.lastScan, w.nextScan = w.started, w.started.Add(look)
	for {
		if cause := w.look(time.Now()); cause != "" {
			w.kill(cause)
		}
		select {
		case <-exited:
			return
		case <-time.After(min(max(time.Since(w.started)/8, firstLook), look)):
		}
	}
}

// look returns the limit that the program is beyond.
func (w *watcher) look(now time.Time) protocol.Cause {
	var all []process
	scan := !now.Before(w.nextScan)
	if scan {
		all = descendants(os.Getpid())
		w.nextScan = now.Add(max(look, scanShare*time.Since(now)))
	} else if p, ok := readProcess(w.cmd.Process.Pid); ok {
		all = []process{p}
	}
	used := w.measure(all)
	if scan {
		w.rest(now, all)
	}
	switch {
	case used.cpu > w.limits.CPU:
		return protocol.CauseCPU
	case used.memory > w.limits.MemoryBytes:
		return protocol.CauseMemory
	case len(all) > w.limits.Processes:
		return protocol.CauseProcesses
	case w.idle > w.limits.Idle:
		return protocol.CauseIdle
	case now.Sub(w.started) > w.limits.Wall:
		return protocol.CauseWall
	}
	return ""
}

// usage is what several processes use together.
type usage struct {
	cpu    time.Duration
	memory int64
}

func (w *watcher) measure(all []process) usage {
	var used usage
	for _, p := range all {
		used.cpu += p.cpu + p.waited
		used.memory += p.rss
		w.spent[p.identity] = p.cpu
	}
	var spent time.Duration
	for _, cpu := range w.spent {
		spent += cpu
	}
	used.cpu = max(used.cpu, spent) - w.before.CPU
	if used.memory > w.limits.MemoryBytes && len(all) > 1 {
		// Twice, because one that starts or ends meanwhile can count double.
		used.memory = min(unshared(all), unshared(all))
	}
	w.cpu = max(w.cpu, used.cpu)
	w.peak = max(w.peak, used.memory, largestMemory(w.cmd.Process.Pid))
	return used
}

// rest adds up the time in which the program neither ran nor wanted to. A gap
// between two looks is the machine's fault, and the wait for the judge the
// judge's.
func (w *watcher) rest(now time.Time, all []process) {
	passed := min(now.Sub(w.lastScan), 2*max(look, w.nextScan.Sub(now)))
	w.lastScan = now
	if w.judging.Load() == 0 && !anyBusy(all) {
		w.idle += passed
	}
}
