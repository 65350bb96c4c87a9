package benchfacade_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"golang.org/x/sys/unix"
)

// loadOrder is what the role load is told.
type loadOrder struct {
	Address, Path string
	Connections   int
	// Rate is in requests a second, whatever comes back; 0 is as many as do.
	Rate     float64
	Duration time.Duration
}

// loadReport is what it answers with.
type loadReport struct {
	Answered, Failed int
	// Failures counts them by their reason.
	Failures map[string]int
	// Renewed are connections that the server closed in good order.
	Renewed int
	// Paused is for how long the generator itself was kept from running, in
	// pauses of at least a millisecond; those that it waits for are not counted.
	Paused time.Duration
	// Rate is that of the answers.
	Rate               float64
	P50, P90, P99, Max time.Duration
}

func (r *loadReport) String() string {
	return fmt.Sprintf("%s/s, p50 %s, p90 %s, p99 %s, max %s, %d failed %v", grouped(r.Rate), brief(r.P50), brief(r.P90), brief(r.P99), brief(r.Max), r.Failed, r.Failures)
}

// loadGenerator is the role of a client that asks at a constant rate. A request
// has its time, and its latency counts from there, even where no connection was
// free to send it: a slow server cannot keep requests from being late.
func loadGenerator() error {
	order := loadOrder{}
	if err := json.NewDecoder(os.Stdin).Decode(&order); err != nil {
		return err
	}
	l := newLoading(&order)
	if err := l.run(); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(&l.report)
}

const (
	// answerPatience is how long an answer may take before it has failed.
	answerPatience = 10 * time.Second
	// glance is how often that is looked at.
	glance = 100 * time.Millisecond
	// leastPause is what counts as one.
	leastPause = time.Millisecond
	// mostRate is what room is made for where the rate is not bounded.
	mostRate = 200_000
)

var (
	errEnded   = errors.New("the connection ended without an answer")
	errSlow    = errors.New("no answer came in time")
	errUnsent  = errors.New("no connection was free in time")
	errRefused = errors.New("the connection was refused")
)

// loading is that client: one thread that allocates nothing while it runs.
type loading struct {
	order   *loadOrder
	request []byte
	lines   []*line
	polled  []unix.PollFd
	// free are the lines without a request, the one that rested longest first.
	free   []*line
	buffer []byte
	began  time.Time
	// next is the number of the next request.
	next   int
	took   []time.Duration
	report loadReport
}

// line is one connection.
type line struct {
	index  int
	answer answer
	busy   bool
	// due is when its request was to be sent, sent when it was, both since the
	// beginning.
	due, sent time.Duration
}

func newLoading(order *loadOrder) *loading {
	room := order.Rate
	if room == 0 {
		room = mostRate
	}
	return &loading{
		order:   order,
		request: fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: facade.example\r\nUser-Agent: benchfacade\r\nAccept-Encoding: identity\r\n\r\n", order.Path),
		buffer:  make([]byte, 256<<10),
		took:    make([]time.Duration, 0, int(room*order.Duration.Seconds())+1),
		report:  loadReport{Failures: map[string]int{}},
	}
}

func (l *loading) run() error {
	runtime.LockOSThread()
	debug.SetGCPercent(-1)
	// Otherwise the kernel wakes us up to 50 µs late, which would count as the
	// server's.
	if err := unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0); err != nil {
		return err
	}
	for i := range l.order.Connections {
		fd, err := dial(l.order.Address)
		if err != nil {
			return err
		}
		l.lines = append(l.lines, &line{index: i, answer: answer{head: make([]byte, 0, len(l.buffer))}})
		l.polled = append(l.polled, unix.PollFd{Fd: int32(fd), Events: unix.POLLIN})
	}
	l.free = append(l.free, l.lines...)
	l.began = time.Now()
	for looked := time.Duration(0); ; {
		now := time.Since(l.began)
		wait, more := l.send(now)
		if !more && len(l.free) == len(l.lines) {
			break
		}
		if now-looked >= glance {
			looked = now
			if l.tidy(now) {
				break
			}
		}
		ready, err := poll(l.polled, wait)
		if err != nil {
			return err
		}
		after := time.Since(l.began)
		if late := after - now - wait; late > leastPause {
			l.report.Paused += late
		}
		if ready > 0 {
			l.receive(after)
		}
	}
	l.finish(time.Since(l.began))
	return nil
}

// dueAt is when a request is to be sent.
func (l *loading) dueAt(number int, now time.Duration) time.Duration {
	if l.order.Rate == 0 {
		return now
	}
	return time.Duration(float64(number) / l.order.Rate * float64(time.Second))
}

// send sends what is due, as far as there are connections. It tells how long
// to wait for the next, and whether there is one.
func (l *loading) send(now time.Duration) (wait time.Duration, more bool) {
	for {
		due := l.dueAt(l.next, now)
		switch {
		case due >= l.order.Duration:
			return glance, false
		case len(l.free) == 0:
			return glance, true
		case due > now:
			return min(due-now, glance), true
		}
		own := l.free[0]
		l.free = l.free[:copy(l.free, l.free[1:])]
		l.next++
		own.busy, own.due, own.sent = true, due, now
		own.answer.reset()
		fd := int(l.polled[own.index].Fd)
		if fd < 0 && !l.renew(own) {
			l.fail(own, errRefused)
			continue
		}
		if n, err := transfer(unix.SYS_WRITE, l.polled[own.index].Fd, l.request); err != nil || n < len(l.request) {
			l.fail(own, errEnded)
			l.renew(own)
		}
	}
}

// receive takes what came on any connection.
func (l *loading) receive(now time.Duration) {
	for i := range l.polled {
		if l.polled[i].Revents == 0 || l.polled[i].Fd < 0 {
			continue
		}
		own := l.lines[i]
		n, err := transfer(unix.SYS_READ, l.polled[i].Fd, l.buffer)
		switch {
		case err != nil && (errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EINTR)):
		case err != nil || n == 0:
			l.lose(own)
		case !own.busy:
			l.report.Failures[errTooMuch.Error()]++
			l.report.Failed++
		default:
			l.take(own, l.buffer[:n], now)
		}
	}
}

// lose is a connection that ended: while it rested that is no harm.
func (l *loading) lose(own *line) {
	if own.busy {
		l.fail(own, errEnded)
	} else {
		l.report.Renewed++
	}
	l.renew(own)
}

func (l *loading) take(own *line, piece []byte, now time.Duration) {
	whole, err := own.answer.take(piece)
	switch {
	case err != nil:
		l.fail(own, err)
		l.renew(own)
	case whole:
		l.took = append(l.took, now-own.due)
		own.busy = false
		l.free = append(l.free, own)
		if own.answer.last {
			l.report.Renewed++
			l.renew(own)
		}
	}
}

func (l *loading) fail(own *line, why error) {
	l.report.Failures[why.Error()]++
	l.report.Failed++
	own.busy = false
	l.free = append(l.free, own)
}

// renew opens a line's connection anew; where that fails it is tried again when
// the line is needed.
func (l *loading) renew(own *line) bool {
	if fd := l.polled[own.index].Fd; fd >= 0 {
		_ = unix.Close(int(fd))
	}
	// What is negative is not polled.
	l.polled[own.index].Fd = -1
	fd, err := dial(l.order.Address)
	if err == nil {
		l.polled[own.index].Fd = int32(fd)
	}
	return err == nil
}

// tidy gives up what takes too long; over means that all of it does.
func (l *loading) tidy(now time.Duration) (over bool) {
	for _, own := range l.lines {
		if own.busy && now-own.sent > answerPatience {
			l.fail(own, errSlow)
			l.renew(own)
		}
	}
	return now > l.order.Duration+2*answerPatience
}

func (l *loading) finish(elapsed time.Duration) {
	for ; l.order.Rate > 0 && l.dueAt(l.next, 0) < l.order.Duration; l.next++ {
		l.report.Failures[errUnsent.Error()]++
		l.report.Failed++
	}
	r := &l.report
	r.Answered, r.Rate = len(l.took), float64(len(l.took))/elapsed.Seconds()
	r.P50, r.P90, r.P99, r.Max = quantile(l.took, 0.5), quantile(l.took, 0.9), quantile(l.took, 0.99), quantile(l.took, 1)
	for i := range l.polled {
		_ = unix.Close(int(l.polled[i].Fd))
	}
}
