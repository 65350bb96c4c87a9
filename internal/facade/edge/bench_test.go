package edge_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"golang.org/x/sys/unix"

	"github.com/algoitny/algoitny-operator/internal/facade/edge"
)

// The two benchmarks are to be compared, on a machine that is shared by what
// they take of the processors, client and server together:
//
//	go test ./internal/facade/edge -run '^$' -bench Answer -count 6

// page is a list of about 8 KB.
var page = func() []byte {
	var b bytes.Buffer
	b.WriteString(`{"results":[`)
	for i := range 40 {
		fmt.Fprintf(&b, `{"platform":"codeforces","problem_id":"%dA","title":"Sum of %d numbers","difficulty_rating":%d,"tags":["math","greedy"],`+
			`"solved_languages":["python","cpp"],"sample_count":2,"updated_at":"2026-11-%02dT10:%02d:00Z"},`, 1000+i, i*7919, 800+i*37, i%28+1, i)
	}
	b.WriteString(`{}],"next_cursor":""}`)
	return b.Bytes()
}()

var writePage = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(page)))
	_, _ = w.Write(page)
})

func BenchmarkBareAnswer(b *testing.B) {
	benchmark(b, writePage, "")
}

func BenchmarkCachedAnswer(b *testing.B) {
	for _, coding := range []string{"identity", "zstd", "gzip"} {
		b.Run(coding, func(b *testing.B) { benchmark(b, everything(b), coding) })
	}
}

// everything is a handler with all that an edge can do switched on.
func everything(b *testing.B) http.Handler {
	file, err := os.Create(filepath.Join(b.TempDir(), "access.log"))
	if err != nil {
		b.Fatal(err)
	}
	lines := &zapcore.BufferedWriteSyncer{WS: file}
	config := zap.NewProductionEncoderConfig()
	e, err := edge.New(edge.Options{
		Log: logr.Discard(), AccessLog: zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(config), lines, zapcore.InfoLevel)),
		Registry: prometheus.NewRegistry(), Route: func(*http.Request) string { return "GET /api/problems" },
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
		ClientRate:     edge.Rate{PerSecond: 1e6, Burst: 1e6}, GlobalRate: edge.Rate{PerSecond: 1e7, Burst: 1e7},
		Freshness: func(*http.Request) (edge.Freshness, bool) { return edge.Freshness{Version: 1, MaxAge: time.Hour}, true },
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { e.Close(); _ = lines.Stop(); _ = file.Close() })
	return e.Outer(e.Deliver(writePage))
}

// benchmark asks over as many connections as there are goroutines. All answers
// are equally long, so that the client has nothing to do but read.
func benchmark(b *testing.B, handler http.Handler, coding string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := edge.Limits{}.Server(handler)
	go func() { _ = server.Serve(edge.Limits{}.Listener(listener)) }()
	defer func() { _ = server.Close() }()
	request := []byte("GET /api/problems?limit=40 HTTP/1.1\r\nHost: a.example\r\nUser-Agent: benchmark\r\nAccept: */*\r\nAccept-Encoding: " +
		coding + "\r\n\r\n")
	size := sizeOfAnswer(b, listener.Addr().String(), request)
	b.SetBytes(int64(size))
	b.SetParallelism(8)
	b.ReportAllocs()
	b.ResetTimer()
	before := processorTime(b)
	b.RunParallel(func(pb *testing.PB) {
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			b.Error(err)
			return
		}
		defer func() { _ = conn.Close() }()
		buffer := make([]byte, size)
		for pb.Next() {
			if _, err := conn.Write(request); err != nil {
				b.Error(err)
				return
			}
			if _, err := io.ReadFull(conn, buffer); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.StopTimer()
	b.ReportMetric(float64(processorTime(b)-before)/float64(b.N), "cpu-ns/op")
}

// processorTime is what this program has used of the processors.
func processorTime(b *testing.B) time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// sizeOfAnswer is that of head and body.
func sizeOfAnswer(b *testing.B, address string, request []byte) int {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	closing := bytes.Replace(request, []byte("\r\n\r\n"), []byte("\r\nConnection: close\r\n\r\n"), 1)
	if _, err := conn.Write(closing); err != nil {
		b.Fatal(err)
	}
	raw, err := io.ReadAll(conn)
	if err != nil {
		b.Fatal(err)
	}
	if !strings.HasPrefix(string(raw), "HTTP/1.1 200 ") {
		b.Fatalf("got %.100s", raw)
	}
	if testing.Verbose() {
		head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
		b.Logf("%s", head)
	}
	return len(raw) - len("Connection: close\r\n")
}
