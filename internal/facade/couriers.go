package facade

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"time"

	"github.com/algoitny/algoitny-operator/internal/facade/catalogue"
)

const (
	// atWork is how many couriers there are. A courier is kept by one slow client
	// for a moment only, so that it takes few for many streams.
	atWork = 4
	// moment is how long a courier waits for a client.
	moment = time.Millisecond
	// beats is how many parts the streams are in: only those of one show at a time
	// that they are alive.
	beats = 16
)

// couriers send what streams wait for, on the connections that were taken over.
// A few goroutines do it for all streams: with one for each, thousands of stacks
// would take more memory than all else.
type couriers struct {
	mu   sync.Mutex
	some *sync.Cond
	// queue are the streams for which there is something to do, in turn.
	queue []*listener
	// open are all, by the beat that they have.
	open  [beats]map[*listener]struct{}
	next  int
	ended bool
}

// listener is a stream on a connection of its own. The couriers' lock guards the rest.
type listener struct {
	conn         net.Conn
	subscription *catalogue.Subscription
	// left is called once, when the stream has ended.
	left func()

	// first is what it begins with, until that is sent.
	first []byte
	state listenerState
	// beat: it has to show that it is alive.
	beat bool
	part int
}

// listenerState is what is done about a stream at present.
type listenerState int

const (
	// resting streams wait for nothing.
	resting listenerState = iota
	// queued ones wait for a courier.
	queued
	// served ones have one, and those that are due again something to do since.
	served
	dueAgain
	over
)

func newCouriers() *couriers {
	c := &couriers{}
	c.some = sync.NewCond(&c.mu)
	for i := range c.open {
		c.open[i] = map[*listener]struct{}{}
	}
	return c
}

// run serves until ctx ends, or the server does, and then ends every stream.
func (c *couriers) run(ctx context.Context, heartbeat time.Duration, ended <-chan struct{}) {
	var working sync.WaitGroup
	for range atWork {
		working.Go(c.work)
	}
	defer working.Wait()
	defer c.end()
	tick := time.NewTicker(max(heartbeat/beats, time.Millisecond))
	defer tick.Stop()
	for part := 0; ; part = (part + 1) % beats {
		select {
		case <-ctx.Done():
			return
		case <-ended:
			return
		case <-tick.C:
			c.beat(part)
		}
	}
}

// add takes a stream in.
func (c *couriers) add(s *listener) {
	c.mu.Lock()
	ended := c.ended
	if !ended {
		s.part = c.next % beats
		c.next++
		c.open[s.part][s] = struct{}{}
		c.enqueue(s)
	}
	c.mu.Unlock()
	if ended {
		c.leave(s)
		return
	}
	s.subscription.Notify(func() { c.wake(s) })
}

// wake notes that there is something to do.
func (c *couriers) wake(s *listener) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.enqueue(s)
}

// enqueue is wake for who holds the lock.
func (c *couriers) enqueue(s *listener) {
	switch s.state {
	case resting:
		s.state = queued
		c.queue = append(c.queue, s)
		c.some.Signal()
	case served:
		s.state = dueAgain
	}
}

func (c *couriers) beat(part int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for s := range c.open[part] {
		s.beat = true
		c.enqueue(s)
	}
}

// work is what a courier does.
func (c *couriers) work() {
	var room []byte
	for {
		s, first, beat := c.take()
		if s == nil {
			return
		}
		what, ok := s.collect(append(room[:0], first...), beat)
		c.send(s, what, ok)
		// What a burst took is not kept.
		if room = what; cap(room) > 64<<10 {
			room = nil
		}
	}
}

// take waits for the next stream; nil is the end.
func (c *couriers) take() (s *listener, first []byte, beat bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.queue) == 0 && !c.ended {
		c.some.Wait()
	}
	if c.ended {
		return nil, nil, false
	}
	s, c.queue[0] = c.queue[0], nil
	if c.queue = c.queue[1:]; len(c.queue) == 0 {
		// What a change for everybody took is not kept.
		c.queue = nil
	}
	first, beat = s.first, s.beat
	s.state, s.first, s.beat = served, nil, false
	return s, first, beat
}

// collect is all that is to be sent to a stream; ok is false when that is the
// last.
func (s *listener) collect(what []byte, beat bool) (all []byte, ok bool) {
	changes, ok := s.subscription.Take()
	what = frames(what, changes)
	if len(what) == 0 && beat {
		what = append(what, heartbeat(s.subscription)...)
	}
	return what, ok
}

// send sends all of it, or has a goroutine of its own wait for a slow client.
func (c *couriers) send(s *listener, what []byte, ok bool) {
	sent, err := s.write(what, moment)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		rest := append([]byte(nil), what[sent:]...)
		go func() {
			_, err := s.write(rest, writePatience)
			c.sent(s, ok && err == nil)
		}()
	default:
		c.sent(s, ok && err == nil)
	}
}

func (s *listener) write(what []byte, patience time.Duration) (sent int, err error) {
	if len(what) == 0 {
		return 0, nil
	}
	if err := s.conn.SetWriteDeadline(time.Now().Add(patience)); err != nil {
		return 0, err
	}
	return s.conn.Write(what)
}

// sent has a stream rest, or go on, or end.
func (c *couriers) sent(s *listener, ok bool) {
	if !ok {
		c.leave(s)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	again := s.state == dueAgain
	if s.state != over {
		s.state = resting
	}
	if again {
		c.enqueue(s)
	}
}

// leave ends a stream, once.
func (c *couriers) leave(s *listener) {
	c.mu.Lock()
	left := s.state == over
	s.state = over
	delete(c.open[s.part], s)
	c.mu.Unlock()
	if !left {
		_ = s.conn.Close()
		s.subscription.Close()
		s.left()
	}
}

// end ends all streams and sends the couriers home.
func (c *couriers) end() {
	c.mu.Lock()
	c.ended = true
	var all []*listener
	for i := range c.open {
		for s := range c.open[i] {
			all = append(all, s)
		}
	}
	c.some.Broadcast()
	c.mu.Unlock()
	for _, s := range all {
		c.leave(s)
	}
}
