// Package agent is the program that sits beside untrusted code: it runs one
// command at a time under limits and tells what became of it. It needs Linux.
//
// It is started inside the sandbox. Its working folder is its current one; its
// connection to the judge is file descriptor 3, or a socket that it dials. As
// process 1 of the sandbox it is out of a program's reach: it takes no notice
// of signals, and the kernel drops those that it could not ignore. Elsewhere a
// program can end the agent, which costs it the run.
package agent

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/algoitny/algoitny-operator/internal/execution/protocol"
)

// Command is the word that makes a program of ours act as an agent.
const Command = "agent"

// ConnectionFD is where the judge's connection is.
const ConnectionFD = 3

// IsCommand tells whether the first argument of a program asks for an agent.
func IsCommand(arg string) bool { return arg == Command }

// Main acts as the agent and returns the exit code. args start with the word
// that IsCommand knows.
func Main(args []string) int {
	if err := main(args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "agent:", err)
		return 1
	}
	return 0
}

func main(args []string) error {
	flags := flag.NewFlagSet(Command, flag.ContinueOnError)
	socket := flags.String("socket", "", "Unix socket that the judge listens on; without it the connection is file descriptor 3")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := hide(); err != nil {
		return err
	}
	if *socket != "" {
		return dialAgainAndAgain(*socket)
	}
	conn, err := inherited()
	if err != nil {
		return err
	}
	return Serve(conn)
}

// inherited is the connection that whoever started the agent has left open.
func inherited() (net.Conn, error) {
	syscall.CloseOnExec(ConnectionFD)
	file := os.NewFile(ConnectionFD, "connection")
	defer func() { _ = file.Close() }()
	conn, err := net.FileConn(file)
	if err != nil {
		return nil, fmt.Errorf("file descriptor %d is no connection: %w", ConnectionFD, err)
	}
	return conn, nil
}

// startTime is how long after the agent its judge may start.
const startTime = time.Minute

// OverFile is what a judge leaves beside a socket that it has closed for good.
func OverFile(socket string) string { return socket + ".over" }

// dialAgainAndAgain serves one judge after the other: it has one connection for
// each part of a judging. When nobody listens any more, the judging is over.
func dialAgainAndAgain(socket string) error {
	conn, err := net.Dial("unix", socket)
	for deadline := time.Now().Add(startTime); err != nil; conn, err = net.Dial("unix", socket) {
		if _, over := os.Stat(OverFile(socket)); over == nil {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the judge does not listen: %w", err)
		}
		time.Sleep(5 * time.Millisecond)
	}
	for err == nil {
		if err := Serve(conn); err != nil {
			fmt.Fprintln(os.Stderr, "agent:", err)
		}
		conn, err = net.Dial("unix", socket)
	}
	return nil
}

// hide keeps the agent out of the reach of its programs.
func hide() error {
	// A program has the same user and could otherwise take the connection
	// out of this process, and forge results.
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("hide the agent from the program: %w", err)
	}
	// Orphans of a program become the agent's children, so that it can see
	// and end them.
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("become the reaper: %w", err)
	}
	// The kernel keeps from process 1 what it has no handler for, but the Go
	// runtime has handlers, and most of them end it. Ignored signals would
	// stay ignored in the program; these go to a channel that nobody reads.
	signal.Notify(make(chan os.Signal, 1))
	return nil
}

// Serve obeys the judge at conn until it goes. Every child of this process is
// taken for the program's.
func Serve(conn io.ReadWriteCloser) error {
	defer func() { _ = conn.Close() }()
	s := &server{conn: conn, in: bufio.NewReaderSize(conn, protocol.MaxData+16), alone: os.Getpid() == 1}
	defer s.close()
	if err := s.open(); err != nil {
		return err
	}
	if err := protocol.Write(conn, protocol.KindReady, nil); err != nil {
		return err
	}
	for {
		frame, err := protocol.Read(s.in)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := s.obey(frame); err != nil {
			return err
		}
	}
}

type server struct {
	conn io.Writer
	in   *bufio.Reader
	// alone: every other process of the sandbox is the program's.
	alone bool
	// own are the agent's own limits as they were at its start.
	own [rlimits]unix.Rlimit
	// work is the working folder, scratch what else programs may write.
	work    *scratch
	scratch []*scratch
	// kept is the working folder that every run starts from, nil before the
	// first that is put back.
	kept *kept
	// once are the names in the working folder that are for the next run only.
	once []string
}

// open takes hold of what programs may change.
func (s *server) open() (err error) {
	s.own = ownLimits()
	if s.work, err = openFolder("."); err != nil {
		return fmt.Errorf("open the working folder: %w", err)
	}
	s.scratch, err = openScratch(s.alone)
	return err
}

func (s *server) close() {
	for _, r := range s.scratch {
		r.close()
	}
	if s.work != nil {
		s.work.close()
	}
}

func (s *server) obey(frame protocol.Frame) error {
	switch frame.Kind {
	case protocol.KindFile:
		return s.store(frame)
	case protocol.KindExec:
		return s.exec(frame)
	case protocol.KindReset:
		return s.reset()
	}
	return fmt.Errorf("a frame of kind %q is out of place", frame.Kind)
}

func (s *server) answer(result protocol.Result) error {
	return protocol.WriteJSON(s.conn, protocol.KindResult, result)
}

func (s *server) exec(frame protocol.Frame) error {
	var request protocol.Exec
	if err := json.Unmarshal(frame.Payload, &request); err != nil {
		return fmt.Errorf("decode a request: %w", err)
	}
	r, err := s.start(request)
	if err != nil {
		return s.refuse(request, err)
	}
	fed := make(chan error, 1)
	go func() { fed <- s.feedAndGuard(r) }()
	result, err := r.wait(func(output []byte) error { return protocol.Write(s.conn, protocol.KindOutput, output) })
	if err != nil {
		return err
	}
	if err := s.tidy(request); err != nil {
		return err
	}
	if err := s.answer(result); err != nil {
		return err
	}
	return <-fed
}

// refuse answers that a program could not be started.
func (s *server) refuse(request protocol.Exec, why error) error {
	if err := s.feed(nopCloser{io.Discard}, new(atomic.Int32)); err != nil {
		return err
	}
	if err := s.tidy(request); err != nil {
		return err
	}
	if errors.Is(why, errTooMuch) {
		return s.answer(protocol.Result{Cause: protocol.CauseFiles})
	}
	return s.answer(protocol.Result{Error: why.Error()})
}

// start runs a program in the folder that it is to have.
func (s *server) start(request protocol.Exec) (*run, error) {
	if request.Restore {
		if err := s.keep(); err != nil {
			return nil, fmt.Errorf("keep the program: %w", err)
		}
	}
	for _, name := range request.Folders {
		if err := s.folder(name); err != nil {
			return nil, err
		}
	}
	return start(request, s.alone)
}

// feedAndGuard passes the input on and then waits for the judge's next word.
// When the judge goes instead, nobody wants the program's result any more.
func (s *server) feedAndGuard(r *run) error {
	err := s.feed(r.stdin, &r.judging)
	if err == nil {
		_, err = s.in.Peek(1)
	}
	if err != nil {
		r.kill(protocol.CauseWall)
	}
	if errors.Is(err, io.EOF) {
		// Serve sees it too.
		return nil
	}
	return err
}

// feed passes the input on up to its end; a program that no longer reads does
// not stop it. judging is above zero while the judge is waited for.
func (s *server) feed(stdin io.WriteCloser, judging *atomic.Int32) error {
	defer func() { _ = stdin.Close() }()
	var sink io.Writer = stdin
	for {
		judging.Add(1)
		frame, err := protocol.Read(s.in)
		judging.Add(-1)
		if err != nil {
			return fmt.Errorf("receive the input: %w", err)
		}
		switch frame.Kind {
		case protocol.KindInput:
			if _, err := sink.Write(frame.Payload); err != nil {
				sink = io.Discard
			}
		case protocol.KindInputEnd:
			return nil
		default:
			return fmt.Errorf("a frame of kind %q is out of place", frame.Kind)
		}
	}
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }
