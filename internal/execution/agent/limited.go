package agent

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/algoitny/algoitny-operator/internal/execution/protocol"
)

// limited is the word that makes a program of ours the agent's helper, before
// its main function begins.
const limited = "agent-limited"

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

// startup is what the helper has used up itself, which is not the program's,
// although the kernel counts on in the same process.
type startup struct {
	CPU    time.Duration
	MaxRSS int64
}

// readStartup reads what the helper says. The pipe ends when the program starts.
func readStartup(said io.Reader) (startup, error) {
	var s startup
	lines := bufio.NewScanner(said)
	for lines.Scan() {
		var micros, kibibytes int64
		word, rest, _ := strings.Cut(lines.Text(), " ")
		if word != "ok" {
			return s, errors.New(rest)
		}
		if _, err := fmt.Sscan(rest, &micros, &kibibytes); err != nil {
			return s, fmt.Errorf("read what the helper says: %w", err)
		}
		s = startup{CPU: time.Duration(micros) * time.Microsecond, MaxRSS: kibibytes << 10}
	}
	if s.MaxRSS == 0 {
		return s, errors.Join(errors.New("the helper did not start"), lines.Err())
	}
	return s, nil
}

// helperLimits are limits in the helper's words.
func helperLimits(l protocol.Limits) string {
	memory := uint64(max(l.MemoryBytes, 0))
	words := []string{
		kernelLimit(unix.RLIMIT_CORE, 0),
		kernelLimit(unix.RLIMIT_NOFILE, maxFiles),
		kernelLimit(unix.RLIMIT_CPU, uint64(max(l.CPU/time.Second, 0))+2),
		kernelLimit(unix.RLIMIT_FSIZE, uint64(max(l.FileBytes, 0))),
		kernelLimit(unix.RLIMIT_STACK, uint64(max(l.StackBytes, 0))),
		kernelLimit(unix.RLIMIT_DATA, dataSlack+threadStacks*memory),
	}
	if l.Processes > 0 {
		// Many processes of a program must not keep the agent from the CPU
		// that it ends them with. Outside of a sandbox of its own, a program
		// would give way to everything else.
		words = append(words, kernelLimit(unix.RLIMIT_NPROC, uint64(l.Processes)+taskSlack), fmt.Sprintf("nice=%d", lowest))
	}
	return strings.Join(words, ",")
}

func kernelLimit(resource int, value uint64) string { return fmt.Sprintf("%d=%d", resource, value) }
