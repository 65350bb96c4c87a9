package agent

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/algoitny/algoitny-operator/internal/execution/protocol"
)

// run is one program on its way.
type run struct {
	limits protocol.Limits
	alone  bool
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout io.ReadCloser
	stderr *excerpt
	// before is what the helper used up before it became the program.
	before         startup
	started, ended time.Time

	// judging is above zero while the program may have to wait for the judge.
	judging atomic.Int32
	cause   atomic.Pointer[protocol.Cause]

	mu sync.Mutex
	// over: the program was waited for, its number may be another's by now.
	over bool
}

// start returns once the program itself runs.
func start(request protocol.Exec, alone bool) (*run, error) {
	if len(request.Argv) == 0 {
		return nil, errors.New("no command was given")
	}
	r := &run{limits: request.Limits, alone: alone, stderr: &excerpt{head: request.StderrHead}}
	said, saying, err := blockingPipe()
	if err != nil {
		return nil, fmt.Errorf("make a pipe: %w", err)
	}
	defer func() { _ = said.Close() }()
	defer func() { _ = saying.Close() }()
	if r.cmd, err = r.command(request, saying); err != nil {
		return nil, err
	}
	if r.stdin, err = r.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if r.stdout, err = r.cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	if err := r.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the program: %w", err)
	}
	_ = saying.Close()
	if r.before, err = readStartup(said); err != nil {
		_ = r.cmd.Process.Kill()
		_ = r.cmd.Wait()
		return nil, err
	}
	r.started = time.Now()
	return r, nil
}

// blockingPipe is one that Go's poller has no part in: whoever reads wakes up as
// soon as there is something, and the program's time begins with that.
func blockingPipe() (r, w *os.File, err error) {
	var ends [2]int
	if err := unix.Pipe2(ends[:], unix.O_CLOEXEC); err != nil {
		return nil, nil, err
	}
	return os.NewFile(uintptr(ends[0]), "startup"), os.NewFile(uintptr(ends[1]), "startup"), nil
}

func (r *run) command(request protocol.Exec, saying *os.File) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find the agent itself: %w", err)
	}
	kernel := request.Limits
	if !r.alone {
		// The kernel counts all processes of a user, other people's too.
		kernel.Processes = 0
	}
	cmd := exec.Command(self, append([]string{limited, helperLimits(kernel)}, request.Argv...)...) //nolint:gosec // running what the judge asks for is what an agent is for
	cmd.Env = append(os.Environ(), request.Env...)
	cmd.Stderr = r.stderr
	cmd.ExtraFiles = []*os.File{saying}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	// Leftover processes may hold the pipes; they are killed, this is the bound.
	cmd.WaitDelay = time.Second
	return cmd, nil
}

// wait passes the output on and returns what became of the program. When it
// returns without an error, nothing of the program is left.
func (r *run) wait(pass func([]byte) error) (protocol.Result, error) {
	var copying sync.WaitGroup
	copying.Go(func() { r.copy(pass) })
	exited := make(chan struct{})
	go func() { r.awaitExit(); close(exited) }()
	w := &watcher{run: r}
	w.watch(exited)
	// The program is over; whatever it left behind goes now, which also lets
	// the pipes end.
	if err := cleanUp(r.cmd.Process.Pid, r.alone); err != nil {
		return protocol.Result{}, err
	}
	copying.Wait()
	// It was a zombie until now, so that its number cannot have been reused.
	r.mu.Lock()
	r.over = true
	_ = r.cmd.Wait()
	r.mu.Unlock()
	return r.result(w, reapOrphans()), nil
}

// awaitExit waits until the program has ended, and leaves it to be waited for.
func (r *run) awaitExit() {
	for {
		err := unix.Waitid(unix.P_PID, r.cmd.Process.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			r.ended = time.Now()
			return
		}
	}
}

// kill ends the program; the first cause counts.
func (r *run) kill(cause protocol.Cause) {
	r.cause.CompareAndSwap(nil, &cause)
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.over {
		killAll(r.cmd.Process.Pid, r.alone)
	}
}

// copy passes the output on up to its limit. It reads on beyond, so that the
// program's end is seen.
func (r *run) copy(pass func([]byte) error) {
	buffer := make([]byte, protocol.MaxData)
	left := r.limits.OutputBytes
	for {
		n, err := r.stdout.Read(buffer)
		if int64(n) > left {
			n = int(left)
			r.kill(protocol.CauseOutput)
		}
		left -= int64(n)
		if n > 0 && r.pass(buffer[:n], pass) != nil {
			// The judge is gone, nobody wants the rest.
			r.kill(protocol.CauseWall)
			left = 0
		}
		if err != nil {
			return
		}
	}
}

func (r *run) pass(output []byte, pass func([]byte) error) error {
	r.judging.Add(1)
	defer r.judging.Add(-1)
	return pass(output)
}

func (r *run) result(w *watcher, orphans time.Duration) protocol.Result {
	state := r.cmd.ProcessState
	result := protocol.Result{
		Wall: r.ended.Sub(r.started), Stderr: r.stderr.bytes(),
		CPU: max(state.UserTime()+state.SystemTime()+orphans-r.before.CPU, w.cpu, 0),
	}
	if usage, ok := state.SysUsage().(*syscall.Rusage); ok {
		result.PeakBytes = r.peak(w.peak, usage.Maxrss<<10)
	}
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		result.Signal = unix.SignalName(status.Signal())
	} else {
		result.ExitCode = state.ExitCode()
	}
	result.Cause = r.verdict(result)
	return result
}

// rssError bounds by how much the kernel's counts of memory are off.
const rssError = 1 << 20

// peak joins what the watcher saw and the kernel's largest resident memory of
// the process. The helper counts into the latter, so that it tells nothing
// about a smaller program but that it was smaller, which has to do for one that
// ended before the first look.
func (r *run) peak(seen, maxRSS int64) int64 {
	switch {
	case maxRSS > r.before.MaxRSS+rssError:
		return max(seen, maxRSS)
	case seen == 0:
		return min(maxRSS, r.limits.MemoryBytes)
	}
	return seen
}

// verdict corrects the cause by what is known at the end: a program may have
// gone beyond a limit between two looks, or been ended by the kernel.
func (r *run) verdict(result protocol.Result) protocol.Cause {
	switch cause := r.cause.Load(); {
	case cause != nil:
		return *cause
	case result.PeakBytes > r.limits.MemoryBytes:
		return protocol.CauseMemory
	case result.CPU > r.limits.CPU || result.Signal == "SIGXCPU":
		return protocol.CauseCPU
	case result.Signal == "SIGXFSZ":
		return protocol.CauseOutput
	}
	return ""
}
