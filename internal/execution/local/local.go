// Package local runs programs as subprocesses of this machine, for the demo
// and tests; it is no security boundary.
//
// Under bubblewrap a program sees no files, network or processes but its own,
// cannot reach its agent, and is as good as new for every test; only the
// kernel stands between it and the machine. Without bubblewrap it has all the
// rights of the user: it can read the user's files, use the network, end its
// agent, which costs it the test, and then leave processes behind and change
// its own folder. As long as its agent lives, the folder is put back for every
// test.
package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	"golang.org/x/sync/semaphore"
	"golang.org/x/sys/unix"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/execution/judging"
	"github.com/algoitny/algoitny-operator/internal/execution/protocol"
	"github.com/algoitny/algoitny-operator/internal/execution/toolchain"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// Options configure a Runner.
type Options struct {
	// AgentCommand starts an agent of ours: a program and the word it knows.
	AgentCommand []string
	// Dir is where working folders are made, the system's when empty.
	Dir string
	// CacheDir is kept between runs for compilers, the user's when empty.
	CacheDir string
	// MaxConcurrent bounds the judgings at a time, the number of CPUs when 0.
	MaxConcurrent int64
	// Plain does without bubblewrap.
	Plain bool
	Log   logr.Logger
}

// Runner judges programs on this machine.
type Runner struct {
	o       Options
	slots   *semaphore.Weighted
	sandbox sandbox
}

// New returns a Runner. It says in the log how little it protects.
func New(o Options) (*Runner, error) {
	if len(o.AgentCommand) == 0 {
		return nil, errors.New("no command for the agent was given")
	}
	if o.MaxConcurrent <= 0 {
		o.MaxConcurrent = int64(runtime.NumCPU())
	}
	if o.CacheDir == "" {
		folder, err := os.UserCacheDir()
		if err != nil {
			folder = os.TempDir()
		}
		o.CacheDir = filepath.Join(folder, "algoitny", "compile")
	}
	r := &Runner{o: o, slots: semaphore.NewWeighted(o.MaxConcurrent)}
	err := errors.New("it was not asked for")
	if !o.Plain {
		r.sandbox, err = newSandbox()
	}
	if err == nil {
		o.Log.Info("programs run on this machine under bubblewrap, which is no security boundary")
		return r, nil
	}
	o.Log.Info("programs run on this machine without a sandbox, which is no security boundary; install bubblewrap", "reason", err.Error())
	return r, hideSelf()
}

// hideSelf keeps this process's memory and environment, which hold answers and
// keys, from programs that have the same user. It does not help against
// programs of root, and costs core dumps and debuggers.
func hideSelf() error {
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("hide this process from programs: %w", err)
	}
	return nil
}

// Run implements execution.Runner.
func (r *Runner) Run(ctx context.Context, req execution.Request) (*problem.Report, error) {
	tools, ok := toolchain.Lookup(req.Language)
	if !ok {
		return nil, &execution.UnsupportedError{
			Language: req.Language,
			Message:  fmt.Sprintf("the languages are %v", toolchain.Names()),
		}
	}
	if err := tools.Available(); err != nil {
		return nil, err
	}
	if err := r.slots.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	defer r.slots.Release(1)
	folder, err := os.MkdirTemp(r.o.Dir, "algoitny-run-")
	if err != nil {
		return nil, fmt.Errorf("make a working folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	return judging.Run(ctx, req, tools, &agents{runner: r, tools: tools, folder: folder})
}

// Forget implements execution.Runner: nothing of a judging is kept here.
func (r *Runner) Forget(context.Context, execution.Owner) error { return nil }

// agents starts the agents of one judging.
type agents struct {
	runner *Runner
	tools  toolchain.Toolchain
	folder string
}

func (a *agents) Compiler(context.Context) (*protocol.Client, error) {
	p := place{folder: a.folder, writable: true}
	if a.tools.Cache != "" {
		p.cache = filepath.Join(a.runner.o.CacheDir, a.tools.Name)
		p.cacheEnv = a.tools.Cache
		if err := os.MkdirAll(p.cache, 0o700); err != nil {
			return nil, fmt.Errorf("make the compile cache: %w", err)
		}
	}
	return a.start(p)
}

func (a *agents) Program(context.Context) (*protocol.Client, error) {
	return a.start(place{folder: a.folder})
}

// start runs an agent whose file descriptor 3 is the other end of the
// client's connection. It ends when the client is closed.
func (a *agents) start(p place) (*protocol.Client, error) {
	ours, theirs, err := pair()
	if err != nil {
		return nil, err
	}
	defer func() { _ = theirs.Close() }()
	argv, env := a.runner.command(p, a.tools)
	c := &connection{UnixConn: ours, cmd: exec.Command(argv[0], argv[1:]...), log: a.runner.o.Log} //nolint:gosec // the command is the operator's own
	c.cmd.Dir, c.cmd.Env, c.cmd.Stderr, c.cmd.ExtraFiles = p.folder, env, &c.complaints, []*os.File{theirs}
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.cmd.WaitDelay = time.Second
	if err := c.cmd.Start(); err != nil {
		_ = ours.Close()
		return nil, fmt.Errorf("start an agent: %w", err)
	}
	return protocol.NewClient(c), nil
}

// connection ends its agent when it is closed.
type connection struct {
	*net.UnixConn
	cmd        *exec.Cmd
	complaints complaints
	log        logr.Logger
}

// closeTime is what an agent may take to end its program.
const closeTime = 2 * time.Second

// Close lets the agent end its program before it ends the agent.
func (c *connection) Close() error {
	_ = c.SetDeadline(time.Now().Add(closeTime))
	if c.CloseWrite() == nil {
		_, _ = io.Copy(io.Discard, c.UnixConn)
	}
	err := c.UnixConn.Close()
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
	if len(c.complaints) > 0 {
		c.log.Info("an agent complained", "said", string(c.complaints))
	}
	return err
}

// complaints are the beginning of what an agent, or bubblewrap, says of its
// own troubles.
type complaints []byte

func (c *complaints) Write(p []byte) (int, error) {
	*c = append(*c, p[:min(len(p), protocol.MaxStderr-len(*c))]...)
	return len(p), nil
}

// pair returns two connected ends: ours, and a file to pass to a child.
func pair() (*net.UnixConn, *os.File, error) {
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("make a pair of sockets: %w", err)
	}
	file, theirs := os.NewFile(uintptr(fds[0]), "judge"), os.NewFile(uintptr(fds[1]), "agent")
	defer func() { _ = file.Close() }()
	conn, err := net.FileConn(file)
	if err != nil {
		_ = theirs.Close()
		return nil, nil, fmt.Errorf("connect to the agent: %w", err)
	}
	return conn.(*net.UnixConn), theirs, nil
}
