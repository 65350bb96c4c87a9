package edge

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/net/netutil"
)

// Limits bound what a client may take of the server; a zero is the default.
type Limits struct {
	// ReadHeader bounds the time in which a request's header must come, 5 s, and
	// Read that of the whole request, 10 s. When Read has passed, the server
	// also ends the context of a request that is still being answered: a stream
	// must call SetReadDeadline(time.Time{}) of its http.ResponseController.
	ReadHeader, Read time.Duration
	// Write bounds the time from the header's end to the answer's, 30 s. A
	// stream sets its own with SetWriteDeadline.
	Write time.Duration
	// Idle is how long a connection is kept between requests, 2 min.
	Idle time.Duration
	// HeaderBytes bounds a request's header, 16 KiB; the server adds 4 KiB.
	HeaderBytes int
	// Connections bounds those open at a time, 20,000; more of them wait.
	Connections int
}

func (l Limits) complete() Limits {
	return Limits{
		ReadHeader: or(l.ReadHeader, 5*time.Second), Read: or(l.Read, 10*time.Second), Write: or(l.Write, 30*time.Second),
		Idle: or(l.Idle, 2*time.Minute), HeaderBytes: or(l.HeaderBytes, 16<<10), Connections: or(l.Connections, 20_000),
	}
}

func or[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}

// Server is one in which no client is waited for without end.
func (l Limits) Server(handler http.Handler) *http.Server {
	l = l.complete()
	return &http.Server{
		Handler: handler, ReadHeaderTimeout: l.ReadHeader, ReadTimeout: l.Read, WriteTimeout: l.Write,
		IdleTimeout: l.Idle, MaxHeaderBytes: l.HeaderBytes, ConnContext: withWire,
	}
}

// Listener bounds the connections of another, and has the answers of an Edge
// leave them in one piece.
func (l Limits) Listener(inner net.Listener) net.Listener {
	return wires{netutil.LimitListener(inner, l.complete().Connections)}
}

// Drain says how a server ends.
type Drain struct {
	// Delay is how long it goes on after it is told to end, so that who sends
	// requests here notices, 5 s when zero, none when negative.
	Delay time.Duration
	// Timeout bounds the wait for requests in flight after that, 15 s when zero.
	Timeout time.Duration
}

// Drainer ends a server without losing a request.
type Drainer struct {
	drain    Drain
	draining atomic.Bool
	drained  chan struct{}
}

// NewDrainer returns a drainer of one server.
func NewDrainer(d Drain) *Drainer {
	d.Delay, d.Timeout = max(0, or(d.Delay, 5*time.Second)), or(d.Timeout, 15*time.Second)
	return &Drainer{drain: d, drained: make(chan struct{})}
}

// Draining says that the server is about to end: it is not ready any more, but
// answers.
func (d *Drainer) Draining() bool { return d.draining.Load() }

// Drained is closed when the server takes no more requests: streams end then.
func (d *Drainer) Drained() <-chan struct{} { return d.drained }

// Serve answers until ctx ends, and after that for the delay, and lets the
// requests in flight end. It is called once. It takes what is left of the
// connections from the clients when the timeout has passed, and says so.
func (d *Drainer) Serve(ctx context.Context, server *http.Server, listener net.Listener) error {
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve on %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	// Connections are closed by their next answer, which says so beforehand.
	// SetKeepAlivesEnabled(false) would close idle ones under a request that is
	// on its way.
	d.draining.Store(true)
	select {
	case err := <-ended:
		close(d.drained)
		return fmt.Errorf("serve on %s: %w", listener.Addr(), err)
	case <-time.After(d.drain.Delay):
	}
	close(d.drained)
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.drain.Timeout)
	defer cancel()
	if err := server.Shutdown(bounded); err != nil {
		return errors.Join(fmt.Errorf("end the requests in flight: %w", err), server.Close())
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve on %s: %w", listener.Addr(), err)
	}
	return nil
}
