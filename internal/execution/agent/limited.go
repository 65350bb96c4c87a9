package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"time"

	"golang.org/x/sys/unix"

	"github.com/algoitny/algoitny-operator/internal/execution/protocol"
)

// The kernel's limits stand behind the watcher's, for what happens between
// two of its looks.
const (
	// dataSlack lets runtimes that reserve memory without using it start.
	dataSlack = 1 << 30
	maxFiles  = 256
)

// becomeProgram limits this process and replaces it by the program: limits
// set from outside would come too late. args are the limits and the command.
func becomeProgram(args []string) error {
	if len(args) < 2 {
		return errors.New("the limits and a command are missing")
	}
	var limits protocol.Limits
	if err := json.Unmarshal([]byte(args[0]), &limits); err != nil {
		return fmt.Errorf("read the limits: %w", err)
	}
	command := args[1:]
	path, err := exec.LookPath(command[0])
	if err != nil {
		return err
	}
	for _, l := range kernelLimits(limits) {
		if err := unix.Setrlimit(l.resource, &unix.Rlimit{Cur: l.value, Max: l.value}); err != nil {
			return fmt.Errorf("set %s: %w", l.name, err)
		}
	}
	return fmt.Errorf("start %s: %w", path, unix.Exec(path, command, unix.Environ()))
}

type kernelLimit struct {
	name     string
	resource int
	value    uint64
}

func kernelLimits(l protocol.Limits) []kernelLimit {
	limits := []kernelLimit{
		{"RLIMIT_CORE", unix.RLIMIT_CORE, 0},
		{"RLIMIT_NOFILE", unix.RLIMIT_NOFILE, maxFiles},
		{"RLIMIT_CPU", unix.RLIMIT_CPU, uint64(l.CPU/time.Second) + 2},
		{"RLIMIT_FSIZE", unix.RLIMIT_FSIZE, uint64(l.FileBytes)},
		// Deep recursion may use all the memory there is.
		{"RLIMIT_STACK", unix.RLIMIT_STACK, uint64(l.MemoryBytes)},
		{"RLIMIT_DATA", unix.RLIMIT_DATA, uint64(l.MemoryBytes) + dataSlack},
	}
	if l.Processes > 0 {
		limits = append(limits, kernelLimit{"RLIMIT_NPROC", unix.RLIMIT_NPROC, uint64(l.Processes)})
	}
	return limits
}
