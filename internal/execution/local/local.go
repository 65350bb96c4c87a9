// Package local runs programs as subprocesses of this machine, for the demo
// and tests. Bubblewrap, where it is there and works, keeps them from files,
// network and other processes; either way this is no security boundary.
package local

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"

	"github.com/go-logr/logr"
	"golang.org/x/sync/semaphore"

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
	switch err := r.chooseSandbox(); {
	case o.Plain:
	case err != nil:
		o.Log.Info("programs run without a sandbox on this machine: install bubblewrap", "reason", err.Error())
	default:
		o.Log.Info("programs run on this machine under bubblewrap, which is no security boundary")
	}
	return r, nil
}

func (r *Runner) chooseSandbox() error {
	if r.o.Plain {
		return nil
	}
	s, err := newSandbox()
	if err == nil {
		r.sandbox = s
	}
	return err
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
	defer os.RemoveAll(folder)
	return judging.Run(ctx, req, tools, &agents{runner: r, tools: tools, folder: folder})
}

// agents starts the agents of one judging.
type agents struct {
	runner *Runner
	tools  toolchain.Toolchain
	folder string
}

func (a *agents) Compiler(ctx context.Context) (*protocol.Client, error) {
	p := place{folder: a.folder, writable: true}
	if a.tools.Cache != "" {
		p.cache = filepath.Join(a.runner.o.CacheDir, a.tools.Name)
		p.cacheEnv = a.tools.Cache
		if err := os.MkdirAll(p.cache, 0o755); err != nil {
			return nil, fmt.Errorf("make the compile cache: %w", err)
		}
	}
	return a.start(ctx, p)
}

func (a *agents) Program(ctx context.Context) (*protocol.Client, error) {
	return a.start(ctx, place{folder: a.folder})
}

// start runs an agent whose file descriptor 3 is the other end of the
// client's connection. It ends with the connection or with ctx.
func (a *agents) start(ctx context.Context, p place) (*protocol.Client, error) {
	ours, theirs, err := pair()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	argv, env := a.runner.command(p, a.tools)
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir, cmd.Env, cmd.ExtraFiles = p.folder, env, []*os.File{theirs}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	if err := cmd.Start(); err != nil {
		_ = ours.Close()
		return nil, fmt.Errorf("start an agent: %w", err)
	}
	return protocol.NewClient(&connection{Conn: ours, cmd: cmd}), nil
}

// connection ends its agent when it is closed.
type connection struct {
	net.Conn
	cmd *exec.Cmd
}

func (c *connection) Close() error {
	err := c.Conn.Close()
	_ = c.cmd.Cancel()
	_ = c.cmd.Wait()
	return err
}

// pair returns two connected ends: ours, and a file to pass to a child.
func pair() (net.Conn, *os.File, error) {
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("make a pair of sockets: %w", err)
	}
	file := os.NewFile(uintptr(fds[0]), "judge")
	defer file.Close()
	conn, err := net.FileConn(file)
	if err != nil {
		_ = syscall.Close(fds[1])
		return nil, nil, fmt.Errorf("connect to the agent: %w", err)
	}
	return conn, os.NewFile(uintptr(fds[1]), "agent"), nil
}
