package agent

import (
	"bytes"
	"errors"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// identity names a process: numbers are used again, but not at the same time.
type identity struct {
	pid   int
	start int64
}

// process is a line of /proc.
type process struct {
	identity
	parent  int
	state   byte
	threads int64
	// cpu is its own time, waited that of the children it waited for.
	cpu, waited time.Duration
	rss         int64
}

// The states of a process that are of use here, as proc(5) names them.
const (
	stateRunning = 'R'
	stateDisk    = 'D'
	stateZombie  = 'Z'
)

// clockTick is the unit of times in /proc: USER_HZ is 100 on every
// architecture that Go runs on.
const clockTick = time.Second / 100

// descendants lists the processes under root, zombies too. Orphans are among
// them, because root is their reaper.
func descendants(root int) []process {
	// All that there is in a sandbox is below its process 1.
	if root != 1 {
		if found, ok := below(root); ok {
			return found
		}
	}
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

// below asks each process for its children, which does not look at those that
// are somebody else's: a machine may have many. ok is false where the kernel
// does not tell. It may miss the children of a process that ends meanwhile, which
// the next look finds.
func below(root int) (found []process, ok bool) {
	for queue := []int{root}; len(queue) > 0; queue = queue[1:] {
		children, told := childrenOf(queue[0])
		if !told && queue[0] == root {
			return nil, false
		}
		for _, pid := range children {
			if p, ok := readProcess(pid); ok {
				found = append(found, p)
				queue = append(queue, pid)
			}
		}
	}
	return found, true
}

// childrenOf joins the lists that proc(5) has for each thread of a process.
func childrenOf(pid int) (children []int, ok bool) {
	folder := procFolder(pid) + "/task"
	for _, thread := range numbers(folder) {
		raw, err := os.ReadFile(folder + "/" + strconv.Itoa(thread) + "/children") //nolint:gosec // a file of /proc
		if err != nil {
			continue
		}
		ok = true
		for word := range bytes.FieldsSeq(raw) {
			if child, err := strconv.Atoi(string(word)); err == nil {
				children = append(children, child)
			}
		}
	}
	return children, ok
}

func processes() []process {
	var all []process
	for _, pid := range numbers("/proc") {
		if p, ok := readProcess(pid); ok {
			all = append(all, p)
		}
	}
	return all
}

// numbers lists the entries of a folder that are numbers.
func numbers(path string) []int {
	folder, err := os.Open(path) //nolint:gosec // a folder of /proc
	if err != nil {
		return nil
	}
	defer func() { _ = folder.Close() }()
	names, _ := folder.Readdirnames(-1)
	var all []int
	for _, name := range names {
		if n, err := strconv.Atoi(name); err == nil {
			all = append(all, n)
		}
	}
	return all
}

func procFolder(pid int) string { return "/proc/" + strconv.Itoa(pid) }

func readProcess(pid int) (process, bool) { return readStat(pid, procFolder(pid)+"/stat") }

// maxStat is more than a line of /proc/<pid>/stat has.
const maxStat = 1 << 10

// readStat reads with as few system calls as can be: there is a line for every
// process of the machine, and each of them is read after every run.
func readStat(pid int, path string) (process, bool) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return process{}, false
	}
	defer func() { _ = unix.Close(fd) }()
	var line [maxStat]byte
	n, err := unix.Read(fd, line[:])
	if err != nil {
		return process{}, false
	}
	return parseStat(pid, line[:n])
}

// The fields of /proc/<pid>/stat after the name, as proc(5) numbers them,
// counted from the state.
const (
	fieldState      = 0
	fieldParent     = 1
	fieldUser       = 11
	fieldSystem     = 12
	fieldWaitUser   = 13
	fieldWaitSystem = 14
	fieldThreads    = 17
	fieldStart      = 19
	fieldRSS        = 21
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
	return process{
		identity: identity{pid, number(fieldStart)},
		parent:   int(number(fieldParent)),
		state:    fields[fieldState][0],
		threads:  number(fieldThreads),
		cpu:      time.Duration(number(fieldUser)+number(fieldSystem)) * clockTick,
		waited:   time.Duration(number(fieldWaitUser)+number(fieldWaitSystem)) * clockTick,
		rss:      number(fieldRSS) * int64(os.Getpagesize()),
	}, true
}

// anyBusy tells whether any of the processes runs, wants to, or waits for a
// disk. The line of a process only tells of its first thread.
func anyBusy(all []process) bool {
	for _, p := range all {
		if p.busy() || p.threads > 1 && anyThreadBusy(p.pid) {
			return true
		}
	}
	return false
}

func (p process) busy() bool { return p.state == stateRunning || p.state == stateDisk }

func anyThreadBusy(pid int) bool {
	folder := procFolder(pid) + "/task"
	for _, thread := range numbers(folder) {
		if p, ok := readStat(thread, folder+"/"+strconv.Itoa(thread)+"/stat"); ok && p.busy() {
			return true
		}
	}
	return false
}

// largestMemory is the largest resident memory that a process had since it
// became the program, 0 when it has ended.
func largestMemory(pid int) int64 { return kilobytes(procFolder(pid)+"/status", "VmHWM:") }

// unshared adds up the memory of several processes, where pages that they
// share count once.
func unshared(all []process) int64 {
	var total int64
	for _, p := range all {
		share := kilobytes(procFolder(p.pid)+"/smaps_rollup", "Pss:")
		if share == 0 {
			// It has ended meanwhile, or its shares are not to be seen.
			now, _ := readProcess(p.pid)
			share = now.rss
		}
		total += share
	}
	return total
}

// kilobytes reads a line like "Pss:  12 kB" and returns bytes.
func kilobytes(path, key string) int64 {
	raw, err := os.ReadFile(path) //nolint:gosec // a file of /proc
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(raw) {
		if fields := bytes.Fields(line); len(fields) > 1 && string(fields[0]) == key {
			v, _ := strconv.ParseInt(string(fields[1]), 10, 64)
			return v << 10
		}
	}
	return 0
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

// endAll ends whatever is left of programs that are over.
func endAll(alone bool) error {
	for deadline := time.Now().Add(cleanTime); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		alive := left()
		if len(alive) == 0 {
			return nil
		}
		if alone {
			_ = unix.Kill(-1, unix.SIGKILL)
		}
		killEach(alive)
	}
	return errUnkillable
}

var errUnkillable = errors.New("the program's processes cannot be killed")

// killEach stops processes before it ends them, so that they cannot multiply
// meanwhile.
func killEach(alive []process) {
	for _, signal := range []unix.Signal{unix.SIGSTOP, unix.SIGKILL} {
		for _, p := range alive {
			_ = unix.Kill(p.pid, signal)
		}
	}
}

// cleanTime bounds how long killing may take.
const cleanTime = 10 * time.Second

// cleanUp kills until nothing is left.
func cleanUp(group int, alone bool) error {
	for deadline := time.Now().Add(cleanTime); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		killAll(group, alone)
		alive := left()
		if len(alive) == 0 {
			return nil
		}
		killEach(alive)
	}
	return errUnkillable
}

// left are the processes that are still alive. One that starts while its parent
// ends may be missed once, and not twice.
func left() []process {
	alive := living(descendants(os.Getpid()))
	if len(alive) == 0 {
		alive = living(descendants(os.Getpid()))
	}
	return alive
}

func living(all []process) []process {
	var alive []process
	for _, p := range all {
		if p.state != stateZombie {
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
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil || pid <= 0 {
			return total
		}
		total += time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	}
}
