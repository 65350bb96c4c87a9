package edge

import (
	"context"
	"errors"
	"net"
	"sync"
)

// A body of this length, in bytes, is sent in one write together with the head:
// a shorter one net/http sends so by itself, as far as both fit into its buffer
// of 4 KiB, and a longer one takes several writes in any case.
const (
	minWhole = 3 << 10
	maxWhole = 64 << 10
)

// wire is a connection that can hold back what is written to it until an answer
// is whole. Half of what an answer from the cache costs is its writes to the
// network; besides, a client that gets all at once is woken once.
type wire struct {
	net.Conn
	// held is nil while nothing is held back. Whoever answers a request is the
	// only one who writes, so that no lock guards it.
	held *[]byte
}

// pieces are what is held back in.
var pieces = sync.Pool{New: func() any { return new([]byte) }}

// Write writes, or holds back; it never fails then.
func (c *wire) Write(p []byte) (int, error) {
	if c.held == nil {
		return c.Conn.Write(p)
	}
	*c.held = append(*c.held, p...)
	return len(p), nil
}

// whole sends what write writes at once. Where that fails the connection ends:
// the server takes the answer for sent, and would send the next one behind what
// there is of it.
func (c *wire) whole(write func()) error {
	piece, _ := pieces.Get().(*[]byte)
	c.held = piece
	defer func() {
		c.held = nil
		*piece = (*piece)[:0]
		pieces.Put(piece)
	}()
	write()
	if _, err := c.Conn.Write(*piece); err != nil {
		return errors.Join(err, c.Close())
	}
	return nil
}

// wires is a listener whose connections are wires.
type wires struct{ net.Listener }

func (l wires) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &wire{Conn: conn}, nil
}

type wireKey struct{}

// withWire has wireOf find the connection: see http.Server's ConnContext.
func withWire(ctx context.Context, conn net.Conn) context.Context {
	if c, ok := conn.(*wire); ok {
		return context.WithValue(ctx, wireKey{}, c)
	}
	return ctx
}

// wireOf is the connection that a request came on, nil where it is no wire.
func wireOf(ctx context.Context) *wire {
	c, _ := ctx.Value(wireKey{}).(*wire)
	return c
}
