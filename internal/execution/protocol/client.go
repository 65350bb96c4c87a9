package protocol

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

const (
	// slack is how much longer than a run's own bound its result may take.
	slack = 10 * time.Second
	// startTime is what an agent may take to start on a busy machine.
	startTime = time.Minute
)

// RefusedError is an agent's word that it could not do what it was asked;
// nothing ran, and the agent is as good as before.
type RefusedError struct{ Message string }

func (e *RefusedError) Error() string { return "the agent could not: " + e.Message }

// Client is the judge's end. It is not safe for concurrent use.
type Client struct{ conn net.Conn }

// NewClient speaks over conn.
func NewClient(conn net.Conn) *Client { return &Client{conn} }

// Close ends the agent.
func (c *Client) Close() error { return c.conn.Close() }

// Ready waits until the agent has started. An agent that never says so has
// not been ended by a program, because none has run.
func (c *Client) Ready(ctx context.Context) error {
	defer c.bound(ctx, startTime)()
	frame, err := Read(c.conn)
	if err == nil && frame.Kind != KindReady {
		err = fmt.Errorf("a frame of kind %q came instead", frame.Kind)
	}
	if err != nil {
		return fmt.Errorf("the agent did not start: %w", err)
	}
	return nil
}

// PutFile stores a file in the agent's working folder.
func (c *Client) PutFile(ctx context.Context, file File) error {
	defer c.bound(ctx, slack)()
	if err := WriteJSON(c.conn, KindFile, file); err != nil {
		return err
	}
	_, err := c.result(io.Discard, 0)
	return err
}

// Exec runs a program: input is streamed to it and its output to sink, neither
// is held. What the program did stands in the result; the error is a
// *RefusedError, or means that the agent is gone or speaks nonsense. A sink
// that fails ends the streaming, not the run.
func (c *Client) Exec(ctx context.Context, exec Exec, input io.Reader, sink io.Writer) (*Result, error) {
	defer c.bound(ctx, exec.Limits.Wall+slack)()
	if err := WriteJSON(c.conn, KindExec, exec); err != nil {
		return nil, err
	}
	fed := make(chan error, 1)
	go func() { fed <- c.feed(input) }()
	result, err := c.result(sink, exec.Limits.OutputBytes)
	var refused *RefusedError
	gone := err != nil && !errors.As(err, &refused)
	if gone {
		// Wakes a feeder that waits for an agent which no longer reads.
		_ = c.conn.SetDeadline(time.Now())
	}
	if fedErr := <-fed; fedErr != nil && !gone {
		return nil, fedErr
	}
	return result, err
}

// bound gives the connection a deadline and ends it early with ctx.
func (c *Client) bound(ctx context.Context, limit time.Duration) (release func()) {
	_ = c.conn.SetDeadline(time.Now().Add(limit))
	stop := context.AfterFunc(ctx, func() { _ = c.conn.SetDeadline(time.Now()) })
	return func() { stop() }
}

func (c *Client) feed(input io.Reader) error {
	buffer := make([]byte, MaxData)
	for {
		n, err := input.Read(buffer)
		if n > 0 {
			if err := Write(c.conn, KindInput, buffer[:n]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return Write(c.conn, KindInputEnd, nil)
		}
		if err != nil {
			return fmt.Errorf("read the input: %w", err)
		}
	}
}

// result passes on at most limit bytes of output, up to the result.
func (c *Client) result(sink io.Writer, limit int64) (*Result, error) {
	for {
		frame, err := Read(c.conn)
		if err != nil {
			return nil, fmt.Errorf("the agent is gone: %w", err)
		}
		if frame.Kind != KindOutput {
			return decodeResult(frame)
		}
		if limit -= int64(len(frame.Payload)); limit < 0 {
			return nil, errors.New("the agent passes on more output than it may")
		}
		if _, err := sink.Write(frame.Payload); err != nil {
			sink = io.Discard
		}
	}
}

func decodeResult(frame Frame) (*Result, error) {
	result := &Result{}
	if err := frame.Decode(KindResult, result); err != nil {
		return nil, err
	}
	if result.Error != "" {
		return nil, &RefusedError{result.Error[:min(len(result.Error), maxError)]}
	}
	if err := result.check(); err != nil {
		return nil, err
	}
	return result, nil
}
