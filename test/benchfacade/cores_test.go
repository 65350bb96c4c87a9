package benchfacade_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// cores are processors of the machine. What is measured has some of its own, so
// that its time is not that of the load that it is under: on a machine that all
// share, a client that has to wait for a processor counts as a slow server.
type cores struct{ server, rest unix.CPUSet }

// shareCores halves the processors; the servers' half is the first.
func (w *world) shareCores() {
	var all unix.CPUSet
	w.must(unix.SchedGetaffinity(0, &all))
	if all.Count() < 2 {
		w.b.Fatal("a server and the load on it need a processor each, and there is only one")
	}
	half := all.Count() / 2
	for processor := range len(all) * 64 {
		switch {
		case !all.IsSet(processor):
		case w.cores.server.Count() < half:
			w.cores.server.Set(processor)
		default:
			w.cores.rest.Set(processor)
		}
	}
}

// startOn starts a program on some processors alone. It is to begin there: how
// many there are is what a program in Go asks first.
func (w *world) startOn(set *unix.CPUSet, command *exec.Cmd) {
	w.b.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before unix.CPUSet
	w.must(unix.SchedGetaffinity(0, &before))
	w.must(unix.SchedSetaffinity(0, set))
	err := command.Start()
	w.must(unix.SchedSetaffinity(0, &before))
	w.must(err)
}

// leaveCores has this process and what it has started, which are the table and
// the API server, leave the servers' processors.
func (w *world) leaveCores() {
	for _, process := range w.descendants() {
		threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", process))
		w.must(err)
		for _, thread := range threads {
			id, err := strconv.Atoi(filepath.Base(thread))
			w.must(err)
			// A thread may have ended meanwhile.
			if err := unix.SchedSetaffinity(id, &w.cores.rest); err != nil && err != unix.ESRCH {
				w.must(err)
			}
		}
	}
}

// descendants are this process and those it has started, at any remove.
func (w *world) descendants() []int {
	parents := map[int]int{}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	w.must(err)
	for _, stat := range stats {
		raw, err := os.ReadFile(stat)
		if err != nil {
			continue // it has ended
		}
		id, err := strconv.Atoi(filepath.Base(filepath.Dir(stat)))
		w.must(err)
		// The name stands in brackets and may have spaces.
		fields := strings.Fields(string(raw[strings.LastIndexByte(string(raw), ')')+2:]))
		parents[id], err = strconv.Atoi(fields[1])
		w.must(err)
	}
	out := []int{os.Getpid()}
	for at := 0; at < len(out); at++ {
		for id, parent := range parents {
			if parent == out[at] && !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	return out
}
