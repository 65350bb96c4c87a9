package edge_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/algoitny/algoitny-operator/internal/facade/edge"
)

// running is a server that is about to be told to end.
type running struct {
	*edge.Drainer
	address string
	end     context.CancelFunc
	ended   chan error
}

// start serves what of makes of a drainer.
func start(t *testing.T, l edge.Limits, d edge.Drain, of func(*edge.Drainer) http.Handler) *running {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(t.Context())
	s := &running{Drainer: edge.NewDrainer(d), address: listener.Addr().String(), end: end, ended: make(chan error, 1)}
	server := l.Server(of(s.Drainer))
	go func() { s.ended <- s.Serve(ctx, server, l.Listener(listener)) }()
	t.Cleanup(func() { end(); _ = server.Close() })
	return s
}

func always(h http.HandlerFunc) func(*edge.Drainer) http.Handler {
	return func(*edge.Drainer) http.Handler { return h }
}

// dial sends bytes and leaves the connection open.
func (s *running) dial(t *testing.T, sent string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(conn, sent); err != nil {
		t.Fatal(err)
	}
	return conn
}

const request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

// status reads one answer.
func status(t *testing.T, conn net.Conn) (code int, closes bool) {
	t.Helper()
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Close
}

func TestAClientThatTricklesItsHeaderIsCutOffWhileOthersAreServed(t *testing.T) {
	s := start(t, edge.Limits{ReadHeader: 300 * time.Millisecond}, edge.Drain{}, always(say("it")))
	slow := s.dial(t, "GET / HTTP/1.1\r\nX-Slow: ")
	cut := make(chan struct{})
	go func() {
		defer close(cut)
		for {
			if _, err := io.WriteString(slow, "x"); err != nil {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
	for waiting := true; waiting; {
		if code, _ := status(t, s.dial(t, request)); code != http.StatusOK {
			t.Fatalf("another client gets %d", code)
		}
		select {
		case <-cut:
			waiting = false
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func TestAClientThatTricklesItsBodyIsCutOff(t *testing.T) {
	failed := make(chan error, 1)
	s := start(t, edge.Limits{Read: 300 * time.Millisecond}, edge.Drain{}, always(func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.Copy(io.Discard, r.Body)
		failed <- err
	}))
	s.dial(t, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nx")
	if err := await(t, "the end of the body", failed); err == nil {
		t.Error("the body is whole")
	}
}

func TestAHeaderIsBounded(t *testing.T) {
	s := start(t, edge.Limits{}, edge.Drain{}, always(say("it")))
	for size, want := range map[int]int{15 << 10: http.StatusOK, 21 << 10: http.StatusRequestHeaderFieldsTooLarge} {
		conn := s.dial(t, "GET / HTTP/1.1\r\nHost: a\r\nX-Long: "+strings.Repeat("x", size)+"\r\n\r\n")
		line, err := bufio.NewReader(conn).ReadString('\n')
		if err != nil || !strings.Contains(line, fmt.Sprint(want)) {
			t.Errorf("a header of %d bytes gives %q and %v", size, line, err)
		}
	}
}

func TestConnectionsAreBounded(t *testing.T) {
	s := start(t, edge.Limits{Connections: 1}, edge.Drain{}, always(say("it")))
	first := s.dial(t, request)
	if code, _ := status(t, first); code != http.StatusOK {
		t.Fatalf("got %d", code)
	}
	second := s.dial(t, request)
	_ = second.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if n, err := second.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Fatal("a connection too many is served")
	}
	_ = first.Close()
	_ = second.SetReadDeadline(time.Now().Add(patience))
	if code, _ := status(t, second); code != http.StatusOK {
		t.Errorf("got %d", code)
	}
}

// TestAStreamOutlivesTheTimeToRead holds to what Limits says of streams.
func TestAStreamOutlivesTheTimeToRead(t *testing.T) {
	e, err := edge.New(edge.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	limits := edge.Limits{Read: 100 * time.Millisecond, Write: 100 * time.Millisecond}
	s := start(t, limits, edge.Drain{}, func(*edge.Drainer) http.Handler {
		return e.Outer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			control := http.NewResponseController(w)
			_ = errors.Join(control.SetReadDeadline(time.Time{}), control.SetWriteDeadline(time.Time{}), control.Flush())
			select {
			case <-r.Context().Done():
			case <-time.After(500 * time.Millisecond):
				_, _ = io.WriteString(w, "whole")
			}
		}))
	})
	response, err := http.Get("http://" + s.address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	defer http.DefaultClient.CloseIdleConnections()
	if body, err := io.ReadAll(response.Body); string(body) != "whole" {
		t.Errorf("got %q and %v", body, err)
	}
}

func TestAServerThatIsToldToEndAnswersForTheDelayAndEndsWhatIsInFlight(t *testing.T) {
	var goOn = make(chan struct{})
	s := start(t, edge.Limits{}, edge.Drain{Delay: time.Second, Timeout: patience}, func(d *edge.Drainer) http.Handler {
		e, err := edge.New(edge.Options{Draining: d.Draining})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(e.Close)
		return e.Outer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/stream" {
				<-d.Drained()
				<-goOn
			}
		}))
	})
	stream, idle := s.dial(t, strings.Replace(request, "/", "/stream", 1)), s.dial(t, request)
	if _, closes := status(t, idle); closes || s.Draining() {
		t.Error("ends before it is told to")
	}
	s.end()
	eventually(t, "draining", s.Draining)
	select {
	case <-s.Drained():
		t.Error("streams are told to end at once")
	default:
	}
	// A connection that was kept is served, and so is a new one.
	for _, conn := range []net.Conn{idle, s.dial(t, request)} {
		if conn == idle {
			_, _ = io.WriteString(conn, request)
		}
		if code, closes := status(t, conn); code != http.StatusOK || !closes {
			t.Errorf("while draining: got %d and closes: %v", code, closes)
		}
	}
	await(t, "the end of streams", s.Drained())
	close(goOn)
	if code, closes := status(t, stream); code != http.StatusOK || !closes {
		t.Errorf("the stream: got %d and closes: %v", code, closes)
	}
	if err := await(t, "the end", s.ended); err != nil {
		t.Error(err)
	}
}

func TestWhoDoesNotEndInTimeIsCutOff(t *testing.T) {
	began, end := make(chan struct{}), make(chan struct{})
	s := start(t, edge.Limits{}, edge.Drain{Delay: -1, Timeout: 10 * time.Millisecond}, always(func(http.ResponseWriter, *http.Request) {
		close(began)
		<-end
	}))
	defer close(end)
	conn := s.dial(t, request)
	await(t, "the request", began)
	s.end()
	if err := await(t, "the end", s.ended); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if raw, _ := io.ReadAll(conn); len(raw) != 0 {
		t.Errorf("the client gets %q", raw)
	}
}

func TestAServerThatCannotServeSaysSo(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
	if err := edge.NewDrainer(edge.Drain{}).Serve(t.Context(), edge.Limits{}.Server(say("")), listener); err == nil {
		t.Error("no error")
	}
}

// balancer sends requests to those servers that were ready when last asked.
type balancer struct {
	mu    sync.Mutex
	ready []string
	next  atomic.Uint64
	proxy httputil.ReverseProxy
}

func (b *balancer) choose() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ready[b.next.Add(1)%uint64(len(b.ready))]
}

// watch asks all servers every 20 ms, as a kubelet does every few seconds.
func (b *balancer) watch(ctx context.Context, servers func() []*running) {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for ; ctx.Err() == nil; time.Sleep(20 * time.Millisecond) {
		var ready []string
		for _, s := range servers() {
			response, err := client.Get("http://" + s.address + "/ready")
			if err != nil {
				continue
			}
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				ready = append(ready, s.address)
			}
		}
		b.mu.Lock()
		b.ready = ready
		b.mu.Unlock()
	}
}

func TestARollingRestartUnderLoadLosesNoRequest(t *testing.T) {
	var mu sync.Mutex
	begin := func() *running {
		return start(t, edge.Limits{}, edge.Drain{Delay: time.Second}, func(d *edge.Drainer) http.Handler {
			e, err := edge.New(edge.Options{Draining: d.Draining})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(e.Close)
			return e.Outer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/ready" && d.Draining() {
					w.WriteHeader(http.StatusServiceUnavailable)
					return
				}
				_, _ = io.Copy(w, r.Body)
			}))
		})
	}
	servers := []*running{begin(), begin()}
	b := &balancer{}
	transport := &http.Transport{MaxIdleConnsPerHost: 8}
	b.proxy = httputil.ReverseProxy{
		Rewrite:      func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.URL.Host = "http", b.choose() },
		Transport:    transport,
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	watching, stop := context.WithCancel(t.Context())
	var background sync.WaitGroup
	background.Go(func() {
		b.watch(watching, func() []*running { mu.Lock(); defer mu.Unlock(); return append([]*running(nil), servers...) })
	})
	isReady := func(s *running) func() bool {
		return func() bool { b.mu.Lock(); defer b.mu.Unlock(); return strings.Contains(fmt.Sprint(b.ready), s.address) }
	}
	eventually(t, "both are ready", func() bool { return isReady(servers[0])() && isReady(servers[1])() })
	front := start(t, edge.Limits{}, edge.Drain{}, func(*edge.Drainer) http.Handler { return &b.proxy })

	var sent, lost atomic.Int64
	client := http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}}
	for range 8 {
		background.Go(func() {
			for watching.Err() == nil {
				sent.Add(1)
				// A transport does not repeat a POST by itself.
				response, err := client.Post("http://"+front.address, "text/plain", io.NopCloser(strings.NewReader("whole")))
				if err != nil {
					lost.Add(1)
					continue
				}
				body, err := io.ReadAll(response.Body)
				_ = response.Body.Close()
				if err != nil || response.StatusCode != http.StatusOK || string(body) != "whole" {
					lost.Add(1)
				}
			}
		})
	}
	for i := range servers {
		servers[i].end()
		if err := await(t, "the end of a server", servers[i].ended); err != nil {
			t.Error(err)
		}
		fresh := begin()
		mu.Lock()
		servers[i] = fresh
		mu.Unlock()
		eventually(t, "the new server is ready", isReady(fresh))
	}
	stop()
	background.Wait()
	client.CloseIdleConnections()
	transport.CloseIdleConnections()
	if lost.Load() != 0 || sent.Load() < 100 {
		t.Errorf("%d of %d requests are lost", lost.Load(), sent.Load())
	}
}
