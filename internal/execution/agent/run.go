package agent

import (
	"encoding/json"
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

// look is how often a running program is looked at: fast enough that memory
// cannot grow far beyond its limit between two looks, seldom enough to cost
// nothing.
const look = 5 * time.Millisecond

// maxStderr is what is kept of the error output.
const maxStderr = 4 << 10

// run is one program on its way.
type run struct {
	limits  protocol.Limits
	alone   bool
	cmd     *exec.Cmd
	stdin   io.WriteCloser
	stdout  io.ReadCloser
	stderr  *excerpt
	started time.Time

	cause atomic.Pointer[protocol.Cause]
	peak  int64
}

func start(request protocol.Exec, alone bool) (*run, error) {
	if len(request.Argv) == 0 {
		return nil, errors.New("no command was given")
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find the agent itself: %w", err)
	}
	kernel := request.Limits
	if !alone {
		// The kernel counts all processes of a user, other people's too.
		kernel.Processes = 0
	}
	limits, err := json.Marshal(kernel)
	if err != nil {
		return nil, fmt.Errorf("pass the limits on: %w", err)
	}
	r := &run{limits: request.Limits, alone: alone, stderr: &excerpt{head: request.StderrHead}}
	r.cmd = exec.Command(self, append([]string{limited, string(limits)}, request.Argv...)...)
	r.cmd.Env = append(os.Environ(), request.Env...)
	r.cmd.Stderr = r.stderr
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	// Leftover processes may hold the pipes; they are killed, this is the bound.
	r.cmd.WaitDelay = time.Second
	if r.stdin, err = r.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if r.stdout, err = r.cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	r.started = time.Now()
	if err := r.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the program: %w", err)
	}
	return r, nil
}

// wait passes the output on and returns what became of the program. When it
// returns no process of the program is left.
func (r *run) wait(pass func([]byte) error) protocol.Result {
	var copying sync.WaitGroup
	copying.Go(func() { r.copy(pass) })
	exited := make(chan struct{})
	go func() { r.awaitExit(); close(exited) }()
	r.watch(exited)
	// The program is over; whatever it left behind goes now, which also lets
	// the pipes end.
	cleanUp(r.cmd.Process.Pid, r.alone)
	copying.Wait()
	// It is a zombie by now, so that its number cannot have been reused.
	_ = r.cmd.Wait()
	wall := time.Since(r.started)
	return r.result(wall, reapOrphans())
}

// awaitExit waits until the program has ended, and leaves it to be waited for.
func (r *run) awaitExit() {
	for {
		err := unix.Waitid(unix.P_PID, r.cmd.Process.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			return
		}
	}
}

// watch ends the program when it goes beyond a limit.
func (r *run) watch(exited <-chan struct{}) {
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	for {
		select {
		case <-exited:
			return
		case <-ticker.C:
		}
		used := measure(os.Getpid())
		r.peak = max(r.peak, used.rss)
		switch {
		case used.cpu > r.limits.CPU:
			r.kill(protocol.CauseCPU)
		case used.rss > r.limits.MemoryBytes:
			r.kill(protocol.CauseMemory)
		case used.processes > r.limits.Processes:
			r.kill(protocol.CauseProcesses)
		case time.Since(r.started) > r.limits.Wall:
			r.kill(protocol.CauseWall)
		}
	}
}

// kill ends the program; the first cause counts.
func (r *run) kill(cause protocol.Cause) {
	r.cause.CompareAndSwap(nil, &cause)
	killAll(r.cmd.Process.Pid, r.alone)
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
		if n > 0 && pass(buffer[:n]) != nil {
			// The judge is gone, nobody wants the rest.
			r.kill(protocol.CauseWall)
			left = 0
		}
		if err != nil {
			return
		}
	}
}

func (r *run) result(wall time.Duration, orphans time.Duration) protocol.Result {
	state := r.cmd.ProcessState
	result := protocol.Result{
		Wall: wall, PeakBytes: r.peak, Stderr: r.stderr.bytes(),
		CPU: state.UserTime() + state.SystemTime() + orphans,
	}
	if usage, ok := state.SysUsage().(*syscall.Rusage); ok {
		result.PeakBytes = max(result.PeakBytes, usage.Maxrss<<10)
	}
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		result.Signal = unix.SignalName(status.Signal())
	} else {
		result.ExitCode = state.ExitCode()
	}
	result.Cause = r.verdict(result)
	return result
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

// excerpt keeps the beginning or the end of what is written to it.
type excerpt struct {
	head bool

	mu   sync.Mutex
	kept []byte
}

func (e *excerpt) Write(p []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.head {
		e.kept = append(e.kept, p[:min(len(p), maxStderr-len(e.kept))]...)
		return len(p), nil
	}
	e.kept = append(e.kept, p[max(0, len(p)-maxStderr):]...)
	e.kept = e.kept[max(0, len(e.kept)-maxStderr):]
	return len(p), nil
}

func (e *excerpt) bytes() []byte {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.kept
}
