package agent

import (
	"bytes"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// process is a line of /proc.
type process struct {
	pid, parent int
	zombie      bool
	cpu         time.Duration
	rss         int64
}

// usage is what several processes use together.
type usage struct {
	processes int
	cpu       time.Duration
	rss       int64
}

// clockTick is the unit of times in /proc: USER_HZ is 100 on every
// architecture that Go runs on.
const clockTick = time.Second / 100

// measure adds up the descendants of root. Orphans are among them, because
// root is their reaper.
func measure(root int) usage {
	var total usage
	for _, p := range descendants(root) {
		total.cpu += p.cpu
		total.rss += p.rss
		if !p.zombie {
			total.processes++
		}
	}
	return total
}

// descendants lists the processes under root.
func descendants(root int) []process {
	children := map[int][]process{}
	for _, p := range processes() {
		children[p.parent] = append(children[p.parent], p)
	}
	var found []process
	for queue := []int{root}; len(queue) > 0; queue = queue[1:] {
		for _, p := range children[queue[0]] {
			found = append(found, p)
			queue = append(queue, p.pid)
		}
	}
	return found
}

func processes() []process {
	folder, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer folder.Close()
	names, _ := folder.Readdirnames(-1)
	var all []process
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		raw, err := os.ReadFile("/proc/" + name + "/stat")
		if err != nil {
			continue
		}
		if p, ok := parseStat(pid, raw); ok {
			all = append(all, p)
		}
	}
	return all
}

// The fields of /proc/<pid>/stat after the name, as proc(5) numbers them,
// counted from the state.
const (
	fieldState  = 0
	fieldParent = 1
	fieldUser   = 11
	fieldWaited = 14
	fieldRSS    = 21
)

// parseStat reads one line. The name stands in parentheses and may hold
// anything, so the fields are counted from its end.
func parseStat(pid int, raw []byte) (process, bool) {
	end := bytes.LastIndexByte(raw, ')')
	if end < 0 {
		return process{}, false
	}
	fields := bytes.Fields(raw[end+1:])
	if len(fields) <= fieldRSS {
		return process{}, false
	}
	number := func(i int) int64 {
		v, _ := strconv.ParseInt(string(fields[i]), 10, 64)
		return v
	}
	p := process{pid: pid, parent: int(number(fieldParent)), zombie: fields[fieldState][0] == 'Z', rss: number(fieldRSS) * int64(os.Getpagesize())}
	// User and system time, its own and that of children it waited for.
	for i := fieldUser; i <= fieldWaited; i++ {
		p.cpu += time.Duration(number(i)) * clockTick
	}
	return p, true
}

// killAll kills the program's processes. Alone, the agent may kill everything
// it can see, which no fork escapes; otherwise it kills the group.
func killAll(group int, alone bool) {
	if alone {
		_ = unix.Kill(-1, unix.SIGKILL)
		return
	}
	_ = unix.Kill(-group, unix.SIGKILL)
}

// cleanUp kills until nothing is left. Processes that left the group are
// stopped first, so that they cannot multiply meanwhile.
func cleanUp(group int, alone bool) {
	for {
		killAll(group, alone)
		alive := living(descendants(os.Getpid()))
		if len(alive) == 0 {
			return
		}
		for _, signal := range []unix.Signal{unix.SIGSTOP, unix.SIGKILL} {
			for _, p := range alive {
				_ = unix.Kill(p.pid, signal)
			}
		}
		time.Sleep(time.Millisecond)
	}
}

func living(all []process) []process {
	var alive []process
	for _, p := range all {
		if !p.zombie {
			alive = append(alive, p)
		}
	}
	return alive
}

// reapOrphans waits for all children that are left, all of them dead, and
// returns the time they took.
func reapOrphans() time.Duration {
	var total time.Duration
	for {
		var usage unix.Rusage
		pid, err := unix.Wait4(-1, nil, unix.WNOHANG, &usage)
		if err == unix.EINTR {
			continue
		}
		if err != nil || pid <= 0 {
			return total
		}
		total += time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	}
}
