// Package agent is the program that sits beside untrusted code: it runs one
// command at a time under limits and tells what became of it. It needs Linux.
//
// The judge starts it inside the sandbox. Its working folder is its current
// one, its connection is file descriptor 3.
package agent

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/algoitny/algoitny-operator/internal/execution/protocol"
)

// The words that make a program of ours act as an agent.
const (
	// Command starts an agent; AloneFlag after it says that every other
	// process the agent can see is the program's.
	Command   = "agent"
	AloneFlag = "--alone"
	// limited is the agent's own helper: it limits itself and becomes the
	// program.
	limited = "agent-limited"
)

// ConnectionFD is where the judge's connection is.
const ConnectionFD = 3

// IsCommand tells whether the first argument of a program asks for an agent.
func IsCommand(arg string) bool { return arg == Command || arg == limited }

// Main acts as the agent and returns the exit code. args start with the word
// that IsCommand knows.
func Main(args []string) int {
	var err error
	switch {
	case args[0] == limited:
		err = becomeProgram(args[1:])
	default:
		err = main(len(args) > 1 && args[1] == AloneFlag)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "agent:", err)
		return 1
	}
	return 0
}

func main(alone bool) error {
	syscall.CloseOnExec(ConnectionFD)
	file := os.NewFile(ConnectionFD, "connection")
	conn, err := net.FileConn(file)
	if err != nil {
		return fmt.Errorf("file descriptor %d is no connection: %w", ConnectionFD, err)
	}
	_ = file.Close()
	// Orphans of a program become the agent's children, so that it can see
	// and end them.
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("become the reaper: %w", err)
	}
	return Serve(conn, alone)
}

// Serve obeys the judge at conn until it goes.
func Serve(conn io.ReadWriteCloser, alone bool) error {
	defer conn.Close()
	s := &server{conn: conn, in: bufio.NewReaderSize(conn, protocol.MaxData+16), alone: alone}
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
	conn  io.Writer
	in    *bufio.Reader
	alone bool
}

func (s *server) obey(frame protocol.Frame) error {
	switch frame.Kind {
	case protocol.KindFile:
		return s.answer(s.store(frame))
	case protocol.KindExec:
		return s.exec(frame)
	}
	return fmt.Errorf("a frame of kind %q is out of place", frame.Kind)
}

func (s *server) answer(result protocol.Result) error {
	return protocol.WriteJSON(s.conn, protocol.KindResult, result)
}

func (s *server) store(frame protocol.Frame) protocol.Result {
	var file protocol.File
	if err := frame.Decode(protocol.KindFile, &file); err != nil {
		return protocol.Result{Error: err.Error()}
	}
	if file.Name != filepath.Base(file.Name) || file.Name == "." || file.Name == ".." {
		return protocol.Result{Error: fmt.Sprintf("%q is not a plain file name", file.Name)}
	}
	if err := os.WriteFile(file.Name, file.Data, 0o644); err != nil {
		return protocol.Result{Error: err.Error()}
	}
	return protocol.Result{}
}

func (s *server) exec(frame protocol.Frame) error {
	var request protocol.Exec
	if err := json.Unmarshal(frame.Payload, &request); err != nil {
		return fmt.Errorf("decode a request: %w", err)
	}
	r, err := start(request, s.alone)
	if err != nil {
		if err := s.feed(io.Discard); err != nil {
			return err
		}
		return s.answer(protocol.Result{Error: err.Error()})
	}
	fed := make(chan error, 1)
	go func() { fed <- s.feed(r.stdin) }()
	result := r.wait(func(output []byte) error { return protocol.Write(s.conn, protocol.KindOutput, output) })
	if err := s.answer(result); err != nil {
		return err
	}
	return <-fed
}

// feed passes the input on up to its end; a program that no longer reads does
// not stop it.
func (s *server) feed(stdin io.Writer) error {
	if closer, ok := stdin.(io.Closer); ok {
		defer closer.Close()
	}
	for {
		frame, err := protocol.Read(s.in)
		if err != nil {
			return fmt.Errorf("receive the input: %w", err)
		}
		switch frame.Kind {
		case protocol.KindInput:
			if _, err := stdin.Write(frame.Payload); err != nil {
				stdin = io.Discard
			}
		case protocol.KindInputEnd:
			return nil
		default:
			return fmt.Errorf("a frame of kind %q is out of place", frame.Kind)
		}
	}
}
