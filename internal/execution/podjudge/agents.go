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

// agents are the one agent of the program's container, twice: nothing of the
// program has run before the second connection is there, and with it the
// socket goes. Whoever speaks on it later speaks to nobody.
type agents struct {
	socket *socket
	clock  *stopwatch
	came   bool
}

// Compiler implements judging.Agents.
func (a *agents) Compiler(ctx context.Context) (*protocol.Client, error) {
	conn, err := a.socket.accept(ctx)
	if err != nil {
		return nil, err
	}
	a.clock.lap(&a.clock.phases.ReadyMillis)
	return protocol.NewClient(conn), nil
}

// Program implements judging.Agents.
func (a *agents) Program(ctx context.Context) (*protocol.Client, error) {
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
