package facade

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"reflect"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/algoitny/algoitny-operator/internal/facade/catalogue"
	"github.com/algoitny/algoitny-operator/internal/facade/edge"
	"github.com/algoitny/algoitny-operator/internal/facade/fault"
	"github.com/algoitny/algoitny-operator/internal/facade/view"
)

const eventStream = "text/event-stream"

var eventType = reflect.TypeFor[view.Event]()

// StreamLimits bound the open streams; what is zero has its default.
type StreamLimits struct {
	// All is how many there may be, 10,000; PerClient how many of one client,
	// 1,000: behind one address there may be a school.
	All, PerClient int
	// Heartbeat is how often a silent stream shows that it is alive, 15 s.
	Heartbeat time.Duration
}

const (
	defaultStreams          = 10_000
	defaultStreamsPerClient = 1_000
	defaultHeartbeat        = 15 * time.Second
	// writePatience is how long a client may take to take an event.
	writePatience = 10 * time.Second
	// comeBack is when a browser whose stream ended connects again.
	comeBack = 2 * time.Second
)

// streams are those that are open.
type streams struct {
	limits   StreamLimits
	ended    <-chan struct{}
	couriers *couriers

	mu      sync.Mutex
	open    int
	clients map[string]int
}

func newStreams(limits StreamLimits, drainer *edge.Drainer, registry prometheus.Registerer) *streams {
	if limits.All == 0 {
		limits.All = defaultStreams
	}
	if limits.PerClient == 0 {
		limits.PerClient = defaultStreamsPerClient
	}
	if limits.Heartbeat == 0 {
		limits.Heartbeat = defaultHeartbeat
	}
	s := &streams{limits: limits, clients: map[string]int{}, couriers: newCouriers()}
	if drainer != nil {
		s.ended = drainer.Drained()
	}
	registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "algoitny_facade_streams", Help: "Open streams of events.",
	}, func() float64 {
		s.mu.Lock()
		defer s.mu.Unlock()
		return float64(s.open)
	}))
	return s
}

// run serves the streams until ctx or the server ends.
func (s *streams) run(ctx context.Context) { s.couriers.run(ctx, s.limits.Heartbeat, s.ended) }

// enter takes a place for a client.
func (s *streams) enter(client string) (leave func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open >= s.limits.All || s.clients[client] >= s.limits.PerClient {
		return nil, false
	}
	s.open++
	s.clients[client]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.open--
		if s.clients[client]--; s.clients[client] == 0 {
			delete(s.clients, client)
		}
	}, true
}

// serve sends events until the client goes or the server ends. It takes the
// connection over from net/http, which would keep two goroutines and two
// buffers for it: thousands of streams would then take more memory than all
// else. Where it cannot, it writes through net/http.
func (s *streams) serve(w http.ResponseWriter, r *http.Request, l *listening) {
	leave, ok := s.enter(edge.Client(r.Context()))
	if !ok {
		l.subscription.Close()
		f := fault.New(http.StatusServiceUnavailable, "too many streams are open; close some, or try again later")
		f.RetryAfter = s.limits.Heartbeat
		f.Write(w)
		return
	}
	first := s.greeting(l)
	header := w.Header()
	header.Set("Content-Type", eventStream)
	header.Set("Cache-Control", "no-store")
	// Proxies that gather answers would keep events back.
	header.Set("X-Accel-Buffering", "no")
	if r.Method == http.MethodHead {
		l.subscription.Close()
		leave()
		return
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		defer leave()
		defer l.subscription.Close()
		control := http.NewResponseController(w)
		// The server's bound is for requests that end. Where it cannot be lifted the
		// stream ends with it, and the client comes back.
		_ = control.SetReadDeadline(time.Time{})
		s.follow(r.Context(), &throughHTTP{w, control}, first, l.subscription)
		return
	}
	header.Set("Connection", "close")
	s.couriers.add(&listener{conn: conn, subscription: l.subscription, left: leave, first: append(responseHead(header), first...)})
}

// responseHead is the beginning of an answer whose end is that of its connection.
func responseHead(header http.Header) []byte {
	var out bytes.Buffer
	out.WriteString("HTTP/1.1 200 OK\r\nDate: " + time.Now().UTC().Format(http.TimeFormat) + "\r\n")
	// Writing to a buffer never fails.
	_ = header.Write(&out)
	out.WriteString("\r\n")
	return out.Bytes()
}

// greeting is what a stream begins with: where it stands, and what was missed.
func (s *streams) greeting(l *listening) []byte {
	out := fmt.Appendf(nil, "retry: %d\n\n", comeBack.Milliseconds())
	if len(l.missed) == 0 {
		return fmt.Appendf(out, "id: %s\nevent: ready\ndata: {}\n\n", l.subscription.From)
	}
	return frames(out, l.missed)
}

// heartbeat is a comment, and an id without data, which browsers take note of
// and tell nobody: a stream on which nothing came goes on where it was, too.
func heartbeat(s *catalogue.Subscription) []byte {
	if at, ok := s.Position(); ok {
		return []byte(":\nid: " + at.String() + "\n\n")
	}
	return []byte(":\n\n")
}

// follow sends changes as they come, for as long as the request lasts.
func (s *streams) follow(ctx context.Context, to *throughHTTP, first []byte, subscription *catalogue.Subscription) {
	some := make(chan struct{}, 1)
	subscription.Notify(func() {
		select {
		case some <- struct{}{}:
		default:
		}
	})
	beat := time.NewTicker(s.limits.Heartbeat)
	defer beat.Stop()
	for next, ok := first, true; ; {
		// An empty one is none; the head goes out with the first.
		if to.send(next) != nil || !ok {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-s.ended:
			return
		case <-beat.C:
			next = heartbeat(subscription)
		case <-some:
			var changes []*catalogue.Change
			changes, ok = subscription.Take()
			next = frames(nil, changes)
		}
	}
}

// frames adds changes as they go over the wire.
func frames(to []byte, changes []*catalogue.Change) []byte {
	for _, change := range changes {
		to = append(to, change.Frame()...)
	}
	return to
}

// throughHTTP writes as handlers do.
type throughHTTP struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

func (t *throughHTTP) send(what []byte) error {
	if err := t.control.SetWriteDeadline(time.Now().Add(writePatience)); err != nil {
		return err
	}
	if _, err := t.w.Write(what); err != nil {
		return err
	}
	return t.control.Flush()
}
