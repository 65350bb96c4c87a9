package edge_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/algoitny/algoitny-operator/internal/facade/edge"
)

// counting is a listener that counts its connections' writes.
type counting struct {
	net.Listener
	writes atomic.Int64
	// broken has the next write fail in the midst of it.
	broken atomic.Bool
}

type counted struct {
	net.Conn
	of *counting
}

func (l *counting) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &counted{conn, l}, nil
}

var errBroken = errors.New("the network is gone")

func (c *counted) Write(p []byte) (int, error) {
	c.of.writes.Add(1)
	if c.of.broken.Swap(false) {
		n, _ := c.Conn.Write(p[:len(p)/2])
		return n, errBroken
	}
	return c.Conn.Write(p)
}

// serveCounted serves a handler inside of Outer.
func serveCounted(t *testing.T, h http.HandlerFunc) *counting {
	t.Helper()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e, err := edge.New(edge.Options{})
	if err != nil {
		t.Fatal(err)
	}
	listener := &counting{Listener: inner}
	server := edge.Limits{}.Server(e.Outer(h))
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(edge.Limits{}.Listener(listener)) })
	t.Cleanup(func() { _ = server.Close(); serving.Wait(); e.Close() })
	return listener
}

// ask sends a request on a connection and reads the answer: how long it says it
// is, and its body.
func ask(t *testing.T, conn net.Conn, in *bufio.Reader, path string) (length int64, body []byte) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://a.example"+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if err := request.Write(conn); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(in, request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if body, err = io.ReadAll(response.Body); err != nil {
		t.Fatal(err)
	}
	return response.ContentLength, body
}

// sized writes a body of the length that the path says at once.
func sized(w http.ResponseWriter, r *http.Request) {
	length, _ := strconv.Atoi(r.URL.Path[1:])
	w.Header().Set("Content-Length", strconv.Itoa(length))
	_, _ = w.Write(bytes.Repeat([]byte("a"), length))
}

func TestAnAnswerLeavesInOneWrite(t *testing.T) {
	listener := serveCounted(t, sized)
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	in := bufio.NewReader(conn)
	for _, length := range []int{0, 1, 1400, 2 << 10, 3<<10 - 1, 3 << 10, 4 << 10, 9448, 64 << 10} {
		before := listener.writes.Load()
		told, body := ask(t, conn, in, fmt.Sprint("/", length))
		if told != int64(length) || len(body) != length {
			t.Errorf("of %d bytes came %d, and %d were told of", length, len(body), told)
		}
		if n := listener.writes.Load() - before; n != 1 {
			t.Errorf("%d bytes took %d writes", length, n)
		}
	}
	if _, body := ask(t, conn, in, "/70000"); len(body) != 70_000 {
		t.Errorf("of 70000 bytes came %d", len(body))
	}
}

func TestPiecesOfAnAnswerComeInTheirOrder(t *testing.T) {
	var want strings.Builder
	var pieces []string
	for i, length := range []int{10, 5000, 70_000, 3 << 10, 1, 9000} {
		pieces = append(pieces, strings.Repeat(string(rune('a'+i)), length))
		want.WriteString(pieces[i])
	}
	listener := serveCounted(t, func(w http.ResponseWriter, _ *http.Request) {
		for _, piece := range pieces {
			_, _ = io.WriteString(w, piece)
		}
	})
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	in := bufio.NewReader(conn)
	for range 2 {
		if _, body := ask(t, conn, in, "/"); string(body) != want.String() {
			t.Fatalf("%d bytes came that are not the %d that were written", len(body), want.Len())
		}
	}
}

func TestAnAnswerThatDidNotLeaveIsTheLastOfItsConnection(t *testing.T) {
	heard := make(chan error, 1)
	listener := serveCounted(t, func(w http.ResponseWriter, _ *http.Request) {
		_, err := w.Write(make([]byte, 9000))
		heard <- err
	})
	listener.broken.Store(true)
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(conn, request+request); err != nil {
		t.Fatal(err)
	}
	if err := await(t, "the write", heard); !errors.Is(err, errBroken) {
		t.Errorf("the handler hears %v", err)
	}
	// A connection that ends with a request unread is reset.
	raw, err := io.ReadAll(conn)
	if n := strings.Count(string(raw), "HTTP/1.1"); n > 1 || err != nil && !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("%d answers came, and %v", n, err)
	}
}
