package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/algoitny/algoitny-operator/internal/execution/protocol"
)

// The kernel's limits stand behind the watcher's, for what happens between
// two of its looks.
const (
	// dataSlack lets runtimes that reserve memory without using it start.
	dataSlack = 1 << 30
	// threadStacks of a program's threads fit beside that: the C library
	// reserves RLIMIT_STACK for each.
	threadStacks = 4
	// taskSlack are threads: the kernel counts them as processes.
	taskSlack = 192
	maxFiles  = 256
	// lowest is the priority that gives way to everything else.
	lowest = 19
)

// startupFD is where the helper says how its start went. It closes with the
// start of the program.
const startupFD = 3

// oneThread has the helper's runtime start in a quarter of a millisecond less:
// it neither asks the machine for its size nor gets ready to use it. The program
// does not see it.
const oneThread = "GOMAXPROCS=1"

// environment is the program's.
func environment() []string {
	return slices.DeleteFunc(unix.Environ(), func(v string) bool { return strings.HasPrefix(v, "GOMAXPROCS=") })
}

// startup is what the helper says. What it used up itself is not the
// program's, although the kernel counts on in the same process.
type startup struct {
	Error  string        `json:"error,omitempty"`
	CPU    time.Duration `json:"cpuNanos"`
	MaxRSS int64         `json:"maxRSSBytes"`
}

// becomeProgram limits this process and replaces it by the program: limits
// set from outside would come too late. args are the limits and the command.
// It returns only when that fails, which it has told then.
func becomeProgram(args []string) {
	// Some attributes belong to the thread that becomes the program.
	runtime.LockOSThread()
	closeOnExec()
	said := json.NewEncoder(os.NewFile(startupFD, "startup"))
	path, err := limitSelf(args)
	if err == nil {
		_ = said.Encode(selfUsage())
		err = fmt.Errorf("start %s: %w", path, unix.Exec(path, args[1:], environment()))
	}
	_ = said.Encode(startup{Error: err.Error()})
}

// closeOnExec leaves the program its three streams, and nothing that whoever
// started the agent has left open.
func closeOnExec() {
	if unix.CloseRange(startupFD, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC) == nil {
		return
	}
	// Linux knows that since 5.11.
	for _, fd := range numbers("/proc/self/fd") {
		if fd > 2 {
			unix.CloseOnExec(fd)
		}
	}
}

// limitSelf returns the path of the program.
func limitSelf(args []string) (string, error) {
	if len(args) < 2 {
		return "", errors.New("the limits and a command are missing")
	}
	var limits protocol.Limits
	if err := json.Unmarshal([]byte(args[0]), &limits); err != nil {
		return "", fmt.Errorf("read the limits: %w", err)
	}
	path, err := exec.LookPath(args[1])
	if err != nil {
		return "", err
	}
	// The program ends with the agent, and gains nothing from set-user-ID
	// programs, which the agent could not kill.
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		return "", fmt.Errorf("set PR_SET_PDEATHSIG: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return "", fmt.Errorf("set PR_SET_NO_NEW_PRIVS: %w", err)
	}
	// A program has no share in the keys of whoever started the agent.
	_, _ = unix.KeyctlInt(unix.KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0)
	if limits.Processes > 0 {
		// Many processes of a program must not keep the agent from the CPU
		// that it ends them with. Outside of a sandbox of its own, a program
		// would give way to everything else.
		if err := unix.Setpriority(unix.PRIO_PROCESS, 0, lowest); err != nil {
			return "", fmt.Errorf("set the priority: %w", err)
		}
	}
	for _, l := range kernelLimits(limits) {
		if err := unix.Setrlimit(l.resource, &unix.Rlimit{Cur: l.value, Max: l.value}); err != nil {
			return "", fmt.Errorf("set %s: %w", l.name, err)
		}
	}
	return path, nil
}

func selfUsage() startup {
	var usage unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_SELF, &usage)
	return startup{CPU: time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), MaxRSS: usage.Maxrss << 10}
}

type kernelLimit struct {
	name     string
	resource int
	value    uint64
}

func kernelLimits(l protocol.Limits) []kernelLimit {
	memory := uint64(max(l.MemoryBytes, 0))
	limits := []kernelLimit{
		{"RLIMIT_CORE", unix.RLIMIT_CORE, 0},
		{"RLIMIT_NOFILE", unix.RLIMIT_NOFILE, maxFiles},
		{"RLIMIT_CPU", unix.RLIMIT_CPU, uint64(max(l.CPU/time.Second, 0)) + 2},
		{"RLIMIT_FSIZE", unix.RLIMIT_FSIZE, uint64(max(l.FileBytes, 0))},
		{"RLIMIT_STACK", unix.RLIMIT_STACK, uint64(max(l.StackBytes, 0))},
		{"RLIMIT_DATA", unix.RLIMIT_DATA, dataSlack + threadStacks*memory},
	}
	if l.Processes > 0 {
		limits = append(limits, kernelLimit{"RLIMIT_NPROC", unix.RLIMIT_NPROC, uint64(l.Processes) + taskSlack})
	}
	return limits
}
