package benchfacade_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// listenersOrder is what the role listeners is told.
type listenersOrder struct {
	Address string
	Count   int
}

// heard is what all streams have heard together.
type heard struct {
	// Open is how many there are.
	Open int
	// Least and Most are the events of the stream with the fewest and of that
	// with the most.
	Least, Most int
	// Last is when anything came last, in nanoseconds of the clock that all
	// processes of a machine share.
	Last int64
}

// listeners is the role of thousands of browsers: streams of which only the
// events are counted. Every line on standard input asks what was heard.
func listeners() error {
	in := bufio.NewReader(os.Stdin)
	order := listenersOrder{}
	line, err := in.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &order)
	}
	if err != nil {
		return err
	}
	l, err := open(&order)
	if err != nil {
		return err
	}
	failed := make(chan error, 1)
	go func() { failed <- l.follow() }()
	for {
		if err := json.NewEncoder(os.Stdout).Encode(l.heard()); err != nil {
			return err
		}
		if _, err := in.ReadBytes('\n'); err != nil {
			return nil //nolint:nilerr // whoever asks has gone
		}
		select {
		case err := <-failed:
			return err
		default:
		}
	}
}

// audience are the open streams.
type audience struct {
	poll int

	mu      sync.Mutex
	streams map[int32]*stream
	last    time.Time
}

// stream is one of them. The end of what came last may be half of a mark.
type stream struct {
	events int
	tail   []byte
}

// mark is in every event; heartbeats have an id, but nothing to tell.
var mark = []byte("\ndata:")

func open(order *listenersOrder) (*audience, error) {
	poll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	l := &audience{poll: poll, streams: map[int32]*stream{}}
	request := fmt.Appendf(nil, "GET /api/events HTTP/1.1\r\nHost: facade.example\r\nAccept: text/event-stream\r\n\r\n")
	for range order.Count {
		fd, err := dial(order.Address)
		if err != nil {
			return nil, err
		}
		if _, err := unix.Write(fd, request); err != nil {
			return nil, err
		}
		l.streams[int32(fd)] = &stream{}
		if err := unix.EpollCtl(poll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)}); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// follow counts until it fails.
func (l *audience) follow() error {
	ready, buffer := make([]unix.EpollEvent, 512), make([]byte, 64<<10)
	for {
		n, err := unix.EpollWait(l.poll, ready, -1)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return err
		}
		l.mu.Lock()
		for i := range max(n, 0) {
			l.read(ready[i].Fd, buffer)
		}
		l.mu.Unlock()
	}
}

func (l *audience) read(fd int32, buffer []byte) {
	s := l.streams[fd]
	kept := copy(buffer, s.tail)
	n, err := unix.Read(int(fd), buffer[kept:])
	if err != nil && (errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EINTR)) {
		return
	}
	if err != nil || n == 0 {
		_ = unix.Close(int(fd))
		delete(l.streams, fd)
		return
	}
	came := buffer[:kept+n]
	if count := bytes.Count(came, mark); count > 0 {
		s.events += count
		l.last = time.Now()
	}
	s.tail = append(s.tail[:0], came[max(0, len(came)-len(mark)+1):]...)
}

func (l *audience) heard() *heard {
	l.mu.Lock()
	defer l.mu.Unlock()
	h := &heard{Open: len(l.streams), Last: l.last.UnixNano()}
	first := true
	for _, s := range l.streams {
		if first || s.events < h.Least {
			h.Least = s.events
		}
		h.Most = max(h.Most, s.events)
		first = false
	}
	return h
}
