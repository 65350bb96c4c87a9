package protocol

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// slack is how much longer than a run's own bound its result may take.
const slack = 5 * time.Second

// Client is the judge's end. It is not safe for concurrent use.
type Client struct{ conn net.Conn }

// NewClient speaks over conn.
func NewClient(conn net.Conn) *Client { return &Client{conn} }

// Close ends the agent.
func (c *Client) Close() error { return c.conn.Close() }

// PutFile stores a file in the agent's working folder.
func (c *Client) PutFile(ctx context.Context, file File) error {
	defer c.bound(ctx, slack)()
	if err := WriteJSON(c.conn, KindFile, file); err != nil {
		return err
	}
	result, err := c.result(io.Discard)
	if err == nil && result.Error != "" {
		err = errors.New(result.Error)
	}
	return err
}

// Exec runs a program: input is streamed to it and its output to sink, neither
// is held. An error means that the agent is gone or speaks nonsense; what the
// program did stands in the result. A sink that fails ends the streaming, not
// the run.
func (c *Client) Exec(ctx context.Context, exec Exec, input io.Reader, sink io.Writer) (*Result, error) {
	defer c.bound(ctx, exec.Limits.Wall+slack)()
	if err := WriteJSON(c.conn, KindExec, exec); err != nil {
		return nil, err
	}
	fed := make(chan error, 1)
	go func() { fed <- c.feed(input) }()
	result, err := c.result(sink)
	if err != nil {
		// Wakes a feeder that waits for an agent which no longer reads.
		_ = c.conn.SetDeadline(time.Now())
		<-fed
		return nil, err
	}
	if err := <-fed; err != nil {
		return nil, err
	}
	if result.Error != "" {
		return nil, errors.New(result.Error)
	}
	return result, nil
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

func (c *Client) result(sink io.Writer) (*Result, error) {
	for {
		frame, err := Read(c.conn)
		if err != nil {
			return nil, fmt.Errorf("the agent is gone: %w", err)
		}
		if frame.Kind == KindOutput {
			if _, err := sink.Write(frame.Payload); err != nil {
				sink = io.Discard
			}
			continue
		}
		result := &Result{}
		if err := frame.Decode(KindResult, result); err != nil {
			return nil, err
		}
		return result, nil
	}
}
