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
	// startTime is what an agent may take to start on a busy machine, and to
	// become as new.
	startTime = time.Minute
	// fileTime is what a file may take on its way.
	fileTime = time.Minute
)

// RefusedError is an agent's word that it could not do what it was asked;
// nothing ran, and the agent is as good as before.
type RefusedError struct{ Message string }

func (e *RefusedError) Error() string { return "the agent could not: " + e.Message }

// InputError says that what was to be passed on could not be read. It is the
// fault of neither the agent nor its program.
type InputError struct{ Err error }

func (e *InputError) Error() string { return "read what the program is to have: " + e.Err.Error() }

// Unwrap returns the cause.
func (e *InputError) Unwrap() error { return e.Err }

// errBroken ends every request to an agent that is gone or out of step.
var errBroken = errors.New("the agent was lost before")

// Client is the judge's end. It is not safe for concurrent use.
type Client struct {
	conn net.Conn
	// ready: the agent has said so and was not asked anything since that would
	// have it say so again.
	ready bool
	// broken: the agent is gone, speaks nonsense or was left in the middle of a
	// request. Nothing that comes later can be told from the rest of it.
	broken bool
}

// NewClient speaks over conn.
func NewClient(conn net.Conn) *Client { return &Client{conn: conn} }

// Close ends the agent.
func (c *Client) Close() error { return c.conn.Close() }

// Broken tells whether the agent was lost: it answers no more.
func (c *Client) Broken() bool { return c.broken }

// Ready waits until the agent has started. An agent that never says so has
// not been ended by a program, because none has run.
func (c *Client) Ready(ctx context.Context) error {
	if c.ready {
		return nil
	}
	if err := c.awaitReady(ctx); err != nil {
		return fmt.Errorf("the agent did not start: %w", err)
	}
	return nil
}

func (c *Client) awaitReady(ctx context.Context) error {
	defer c.bound(ctx, startTime)()
	frame, err := Read(c.conn)
	if err == nil && frame.Kind != KindReady {
		err = fmt.Errorf("a frame of kind %q came instead", frame.Kind)
	}
	c.ready, c.broken = err == nil, err != nil
	return err
}

// Reset makes the agent as good as a new one, with an empty working folder.
func (c *Client) Reset(ctx context.Context) error {
	if c.broken {
		return errBroken
	}
	err := c.send(ctx, KindReset)
	if err == nil {
		err = c.awaitReady(ctx)
	}
	if err != nil {
		c.broken = true
		return fmt.Errorf("reset the agent: %w", err)
	}
	return nil
}

func (c *Client) send(ctx context.Context, kind Kind) error {
	defer c.bound(ctx, slack)()
	return Write(c.conn, kind, nil)
}

// PutFile stores a file in the agent's working folder. The content is streamed
// and not held.
func (c *Client) PutFile(ctx context.Context, file File, content io.Reader) error {
	defer c.bound(ctx, fileTime)()
	_, err := c.ask(KindFile, file, content, io.Discard, 0)
	return err
}

// Exec runs a program: input is streamed to it and its output to sink, neither
// is held. What the program did stands in the result; the error is a
// *RefusedError, an *InputError, or means that the agent is gone or speaks
// nonsense. A sink that fails ends the streaming, not the run.
func (c *Client) Exec(ctx context.Context, exec Exec, input io.Reader, sink io.Writer) (*Result, error) {
	defer c.bound(ctx, exec.Limits.Wall+slack)()
	return c.ask(KindExec, exec, input, sink, exec.Limits.OutputBytes)
}

// ask sends a request and its input, and passes on what comes before the
// result.
func (c *Client) ask(kind Kind, message any, input io.Reader, sink io.Writer, limit int64) (*Result, error) {
	if c.broken {
		return nil, errBroken
	}
	// Until the agent has answered in full, it is in the middle of something.
	c.broken = true
	if err := WriteJSON(c.conn, kind, message); err != nil {
		return nil, err
	}
	fed := make(chan error, 1)
	go func() { fed <- c.feed(input) }()
	result, err := c.result(sink, limit)
	var refused *RefusedError
	gone := err != nil && !errors.As(err, &refused)
	if gone {
		// Wakes a feeder that waits for an agent which no longer reads.
		_ = c.conn.SetDeadline(time.Now())
	}
	fedErr := <-fed
	var unread *InputError
	if fedErr != nil && (!gone || errors.As(fedErr, &unread)) {
		return nil, fedErr
	}
	c.broken = gone
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
			// The agent waits for the rest: it has to be told that there is none.
			_ = c.conn.SetDeadline(time.Now())
			return &InputError{err}
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
