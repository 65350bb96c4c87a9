package local

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/go-logr/logr"

	"github.com/algoitny/algoitny-operator/internal/execution/protocol"
	"github.com/algoitny/algoitny-operator/internal/execution/toolchain"
)

// agents starts the agents of one program.
type agents struct {
	runner   *Runner
	language toolchain.Toolchain
	folder   string
	// writable: the program may write its folder, which is put back after each
	// run. A tool finds the files of its run there.
	writable bool
}

// Compiler implements judging.Agents.
func (a *agents) Compiler(context.Context) (*protocol.Client, error) {
	p := place{folder: a.folder, writable: true, compiles: true}
	if a.language.Cache != "" {
		p.cache = filepath.Join(a.runner.o.CacheDir, a.language.Name)
		p.cacheEnv = a.language.Cache
		if err := os.MkdirAll(p.cache, 0o700); err != nil {
			return nil, fmt.Errorf("make the compile cache: %w", err)
		}
	}
	return a.start(p)
}

// Program implements judging.Agents.
func (a *agents) Program(context.Context) (*protocol.Client, error) {
	return a.start(place{folder: a.folder, writable: a.writable})
}

// start runs an agent whose file descriptor 3 is the other end of the
// client's connection. It ends when the client is closed.
func (a *agents) start(p place) (*protocol.Client, error) {
	ours, theirs, err := pair()
	if err != nil {
		return nil, err
	}
	defer func() { _ = theirs.Close() }()
	argv, env := a.runner.command(p, a.language)
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
