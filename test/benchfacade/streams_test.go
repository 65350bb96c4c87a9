package benchfacade_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/algoitny/algoitny-operator/internal/facade/view"
)

// The bounds.
const (
	// mostMemory is in bytes.
	mostMemory = 150_000_000
	mostDelay  = time.Second
)

const (
	// changes is how many there are of each way to make them, burst how many
	// come at once in the second.
	changes = 300
	burst   = 10
	// rest has two heartbeats in it.
	rest = 35 * time.Second
	// hearing is how long a change is waited for.
	hearing = 30 * time.Second
)

// openStreams measures a facade that thousands listen to.
func openStreams(w *world, s *sheet) {
	f := w.facade("streams")
	f.settle()
	if w.topRate == 0 {
		w.topRate = w.top(f.address, listPath)
	}
	l := w.listen(f)
	w.say("%d streams are open; resting for %s", *streams, rest)
	time.Sleep(rest)
	idle := f.memory("VmRSS")
	watched := f.watchMemory()
	single := l.tell(changes, 1)
	bursts := l.tell(changes, burst)
	most := watched()
	w.load(f.address, listPath, partOfTop*w.topRate, span(0.5))
	loaded, ever := f.memory("VmRSS"), f.memory("VmHWM")
	s.must(ever < mostMemory, fmt.Sprintf("memory with %s open streams", grouped(float64(*streams))), "< 150 MB",
		"%s idle, at most %s while all heard of %d changes, %s after load at %.0f %% of the top rate; at most %s ever, from the start on",
		megabytes(idle), megabytes(most), 2*changes, megabytes(loaded), 100*partOfTop, megabytes(ever))
	single.report(s, "one at a time")
	bursts.report(s, fmt.Sprintf("in bursts of %d", burst))
	l.end()
	f.end()
}

// watchMemory notes the most memory that is in use until it is asked.
func (f *facade) watchMemory() (most func() int64) {
	stop, result := make(chan struct{}), make(chan int64)
	go func() {
		most := int64(0)
		for {
			most = max(most, f.memory("VmRSS"))
			select {
			case <-stop:
				result <- most
				return
			case <-time.After(50 * time.Millisecond):
			}
		}
	}()
	return func() int64 {
		close(stop)
		return <-result
	}
}

// listening are all streams: one is timed here, another process has the rest.
type listening struct {
	w      *world
	rest   *actor
	cancel context.CancelFunc
	// told is the number of the next Problem that changes.
	told int

	mu sync.Mutex
	// came is when an event of a Problem came, by the Problem's name.
	came map[string]time.Time
}

func (w *world) listen(f *facade) *listening {
	w.b.Helper()
	l := &listening{w: w, came: map[string]time.Time{}}
	l.rest = w.actor(&w.cores.rest, "listeners", &listenersOrder{Address: f.address, Count: *streams - 1})
	var ctx context.Context
	ctx, l.cancel = context.WithCancel(w.b.Context())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+f.address+"/api/events", nil)
	w.must(err)
	response, err := http.DefaultClient.Do(request) //nolint:bodyclose // the reader closes it
	w.must(err)
	go l.read(response)
	h := &heard{}
	l.rest.hear(h)
	// Its first event says that a stream has begun.
	l.await(func(h *heard) bool { return h.Open == *streams-1 && h.Least == 1 })
	return l
}

func (l *listening) end() {
	l.cancel()
	l.rest.dismiss()
}

// read notes when events come.
func (l *listening) read(response *http.Response) {
	defer func() { _ = response.Body.Close() }()
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		at := time.Now()
		e := view.Event{}
		if data, ok := strings.CutPrefix(lines.Text(), "data:"); ok && json.Unmarshal([]byte(data), &e) == nil && e.Live != nil {
			l.mu.Lock()
			l.came[e.Live.Name] = at
			l.mu.Unlock()
		}
	}
}

// await asks the other streams until they have heard what they should.
func (l *listening) await(is func(*heard) bool) *heard {
	l.w.b.Helper()
	for began := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		h := &heard{}
		l.rest.tell("what was heard?")
		l.rest.hear(h)
		if is(h) {
			return h
		}
		if time.Since(began) > hearing {
			l.w.b.Fatalf("the streams have heard %+v", *h)
		}
	}
}

// delays are those of changes: until the timed stream heard, from before the
// status was sent to the API server and from its answer, and until the last of
// all streams did.
type delays struct{ sent, answered, last []time.Duration }

func (d *delays) report(s *sheet, how string) {
	p99 := quantile(d.answered, 0.99)
	s.must(p99 < mostDelay, fmt.Sprintf("%d status updates %s: p99 from the API server's answer to the event", len(d.answered), how), "< 1 s",
		"%s (p50 %s)", brief(p99), brief(quantile(d.answered, 0.5)))
	s.note("  from before the update was sent", "p50 %s, p99 %s", brief(quantile(d.sent, 0.5)), brief(quantile(d.sent, 0.99)))
	s.note("  from the answer until the last stream heard", "p50 %s, p99 %s", brief(quantile(d.last, 0.5)), brief(quantile(d.last, 0.99)))
}

// tell changes as many Problems, some at once.
func (l *listening) tell(count, atOnce int) *delays {
	l.w.b.Helper()
	d := &delays{}
	for range count / atOnce {
		before := l.await(func(*heard) bool { return true })
		sent, answered := l.change(atOnce)
		came := l.hear(atOnce)
		after := l.await(func(h *heard) bool { return h.Least >= before.Most+atOnce })
		if after.Open != *streams-1 {
			l.w.b.Errorf("%d streams were cut off", *streams-1-after.Open)
		}
		last := answered[0]
		for i := range came {
			d.sent = append(d.sent, came[i].Sub(sent[i]))
			d.answered = append(d.answered, came[i].Sub(answered[i]))
			if answered[i].After(last) {
				last = answered[i]
			}
		}
		d.last = append(d.last, time.Unix(0, after.Last).Sub(last))
		l.told += atOnce
		time.Sleep(50 * time.Millisecond)
	}
	l.w.say("told of %d changes, %d at once: p99 %s", count, atOnce, brief(quantile(d.answered, 0.99)))
	return d
}

// change updates the status of Problems, all at once.
func (l *listening) change(count int) (sent, answered []time.Time) {
	l.w.b.Helper()
	sent, answered = make([]time.Time, count), make([]time.Time, count)
	var group errgroup.Group
	for i := range count {
		object := l.w.objects[(l.told+i)%len(l.w.objects)]
		object.Status.Conditions[0].Message = fmt.Sprintf("published with its suite and 2 solutions at %s", time.Now().Format(time.StampMicro))
		group.Go(func() error {
			sent[i] = time.Now()
			err := l.w.client.Status().Update(l.w.b.Context(), object)
			answered[i] = time.Now()
			return err
		})
	}
	l.w.must(group.Wait())
	return sent, answered
}

// hear waits until the timed stream has heard of them.
func (l *listening) hear(count int) []time.Time {
	l.w.b.Helper()
	came := make([]time.Time, count)
	for i := range count {
		name := l.w.objects[(l.told+i)%len(l.w.objects)].Name
		for began := time.Now(); ; time.Sleep(time.Millisecond) {
			l.mu.Lock()
			at, ok := l.came[name]
			delete(l.came, name)
			l.mu.Unlock()
			if ok {
				came[i] = at
				break
			}
			if time.Since(began) > hearing {
				l.w.b.Fatalf("the timed stream did not hear of %s", name)
			}
		}
	}
	return came
}
