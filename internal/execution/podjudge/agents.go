package podjudge

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/algoitny/algoitny-operator/internal/execution/agent"
	"github.com/algoitny/algoitny-operator/internal/execution/judging"
	"github.com/algoitny/algoitny-operator/internal/execution/protocol"
	"github.com/algoitny/algoitny-operator/internal/execution/toolchain"
)

// startTime is what the other containers may take to start.
const startTime = 2 * time.Minute

// socket is where one agent is waited for.
type socket struct {
	path     string
	listener *net.UnixListener
}

// listen makes a socket that the agent's user may connect to. Its folder is
// shared with that agent alone, which cannot write there.
func listen(path string) (*socket, error) {
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("listen for an agent: %w", err)
	}
	if err := os.Chmod(path, 0o666); err != nil { //nolint:gosec // see above
		return nil, errors.Join(err, listener.Close())
	}
	return &socket{path, listener}, nil
}

// errNoAgent says that a container of the pod did not start.
var errNoAgent = errors.New("the agent did not come")

func (s *socket) accept(ctx context.Context) (net.Conn, error) {
	deadline := time.Now().Add(startTime)
	end, bounded := ctx.Deadline()
	if bounded && end.Before(deadline) {
		deadline = end
	}
	if err := s.listener.SetDeadline(deadline); err != nil {
		return nil, fmt.Errorf("wait for an agent: %w", err)
	}
	conn, err := s.listener.Accept()
	if errors.Is(err, os.ErrDeadlineExceeded) {
		if ctx.Err() != nil || time.Until(end) <= 0 && bounded {
			return nil, context.DeadlineExceeded
		}
		return nil, errNoAgent
	}
	if err != nil {
		return nil, fmt.Errorf("wait for an agent: %w", err)
	}
	return conn, nil
}

// close also removes the file: nobody can connect any more. An agent that
// starts later than that learns that it is too late.
func (s *socket) close() {
	_ = os.WriteFile(agent.OverFile(s.path), nil, 0o644) //nolint:gosec // there is nothing in it
	_ = s.listener.Close()
}

// sandbox are the containers of the pod.
type sandbox struct {
	program apart
	tools   tools
}

// open makes the sockets that the agents come to.
func open(o options, clock *stopwatch) (*sandbox, error) {
	program, err := listen(o.program)
	if err != nil {
		return nil, err
	}
	helpers, err := listen(o.tools)
	if err != nil {
		program.close()
		return nil, err
	}
	return &sandbox{apart{socket: program, clock: clock}, tools{socket: helpers}}, nil
}

// close ends the agents.
func (s *sandbox) close() {
	s.program.socket.close()
	s.tools.close()
}

// Apart implements judging.Sandbox.
func (s *sandbox) Apart(toolchain.Toolchain) judging.Agents { return &s.program }

// Tool implements judging.Sandbox.
func (s *sandbox) Tool(ctx context.Context, _ toolchain.Toolchain) (judging.Agents, error) {
	return &s.tools, s.tools.renew(ctx)
}

// Turn implements judging.Sandbox: a pod does one thing at a time, with a CPU of
// its own.
func (s *sandbox) Turn(context.Context, bool) (done func(), err error) { return func() {}, nil }

// apart is the one agent of the program's container, twice: nothing of the
// program has run before the second connection is there, and with it the
// socket goes. Whoever speaks on it later speaks to nobody.
type apart struct {
	socket *socket
	clock  *stopwatch
	came   bool
}

// Compiler implements judging.Agents.
func (a *apart) Compiler(ctx context.Context) (*protocol.Client, error) {
	conn, err := a.socket.accept(ctx)
	if err != nil {
		return nil, err
	}
	a.clock.lap(&a.clock.phases.ReadyMillis)
	return protocol.NewClient(conn), nil
}

// Program implements judging.Agents.
func (a *apart) Program(ctx context.Context) (*protocol.Client, error) {
	if a.came {
		return nil, judging.ErrNoMore
	}
	a.clock.lap(&a.clock.phases.CompileMillis)
	a.came = true
	defer a.socket.close()
	conn, err := a.socket.accept(ctx)
	if err != nil {
		return nil, err
	}
	return protocol.NewClient(conn), nil
}

// tools is the one agent of the tools' container, over one connection for its
// whole life. The socket goes before any tool has run: one that runs could
// otherwise connect itself and say beforehand what a later program, the checker
// for example, is to have printed. Between two tools the agent is reset.
type tools struct {
	socket *socket
	client *protocol.Client
	conn   net.Conn
}

// renew has the agent as new.
func (t *tools) renew(ctx context.Context) error {
	if t.client == nil {
		return t.connect(ctx)
	}
	err := t.client.Reset(ctx)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	}
	// Nobody but a program can have spoilt it.
	return fmt.Errorf("%w: %w", judging.ErrNoMore, err)
}

func (t *tools) connect(ctx context.Context) (err error) {
	defer t.socket.close()
	if t.conn, err = t.socket.accept(ctx); err != nil {
		return err
	}
	t.client = protocol.NewClient(staysOpen{t.conn})
	return nil
}

// Compiler implements judging.Agents.
func (t *tools) Compiler(context.Context) (*protocol.Client, error) { return t.client, nil }

// Program implements judging.Agents.
func (t *tools) Program(context.Context) (*protocol.Client, error) {
	if t.client.Broken() {
		return nil, judging.ErrNoMore
	}
	return t.client, nil
}

// close ends the agent.
func (t *tools) close() {
	if t.conn != nil {
		_ = t.conn.Close()
	}
	t.socket.close()
}

// staysOpen is a connection for more than one program.
type staysOpen struct{ net.Conn }

func (staysOpen) Close() error { return nil }
