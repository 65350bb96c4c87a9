package benchfacade_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestQuantilesAreOfTheNearestRank(t *testing.T) {
	values := []int{50, 10, 40, 20, 30}
	for q, want := range map[float64]int{0.2: 10, 0.5: 30, 0.6: 30, 0.61: 40, 0.99: 50, 1: 50} {
		if got := quantile(values, q); got != want {
			t.Errorf("%v: got %d, want %d", q, got, want)
		}
	}
	if got := quantile([]int(nil), 0.5); got != 0 {
		t.Errorf("of nothing: got %d", got)
	}
}

func TestWhatWrkSaysIsRead(t *testing.T) {
	r, err := reported("Running 2s test\n  1 threads\nreport 3000 2000000 120 900 2\n")
	if err != nil || r.rate != 1500 || r.p50 != 120*time.Microsecond || r.p99 != 900*time.Microsecond || r.failed != 2 {
		t.Errorf("got %+v, %v", r, err)
	}
	if _, err := reported("unable to connect"); err == nil {
		t.Error("what is no report was read as one")
	}
}

func TestAnAnswerIsReadInWhateverPiecesItComes(t *testing.T) {
	whole := []byte("HTTP/1.1 200 OK\r\nDate: today\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
	for at := 1; at < len(whole); at++ {
		a := answer{}
		if ended, err := a.take(whole[:at]); ended || err != nil {
			t.Fatalf("cut at %d: %v, %v", at, ended, err)
		}
		if ended, err := a.take(whole[at:]); !ended || err != nil || !a.last {
			t.Fatalf("cut at %d: %v, %v, last %v", at, ended, err, a.last)
		}
	}
}

func TestABadAnswerIsNone(t *testing.T) {
	for name, text := range map[string]string{
		"no HTTP":      "SSH-2.0-OpenSSH\r\n\r\n",
		"an error":     "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
		"no length":    "HTTP/1.1 200 OK\r\n\r\n",
		"no number":    "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
		"two answers":  "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab",
		"less than it": "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab",
	} {
		a := answer{}
		if ended, err := a.take([]byte(text)); ended || err == nil && name != "less than it" {
			t.Errorf("%s: %v, %v", name, ended, err)
		}
	}
}

// ask has the role load ask a server.
func ask(t *testing.T, order *loadOrder) *loadReport {
	t.Helper()
	raw, err := json.Marshal(order)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(os.Args[0])
	command.Env, command.Stdin, command.Stderr = append(os.Environ(), envRole+"=load"), bytes.NewReader(raw), os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	r := &loadReport{}
	if err := json.Unmarshal(out, r); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestALoadOfConstantRateHasAsManyRequestsWhateverTheServerDoes(t *testing.T) {
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) == 20 {
			time.Sleep(300 * time.Millisecond)
		}
		_, _ = io.WriteString(w, "hello")
	}))
	defer server.Close()
	r := ask(t, &loadOrder{Address: server.Listener.Addr().String(), Path: "/", Connections: 1, Rate: 200, Duration: time.Second})
	if r.Answered != 200 || r.Failed != 0 {
		t.Errorf("%d were answered, %d failed: %v", r.Answered, r.Failed, r.Failures)
	}
	// Those that had to wait behind the slow one were late, too.
	if r.P90 < 50*time.Millisecond {
		t.Errorf("p90 is %s although the server stood still for a third of the time", r.P90)
	}
}

func TestFailedRequestsAreCounted(t *testing.T) {
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		switch asked.Add(1) {
		case 10:
			w.WriteHeader(http.StatusInternalServerError)
		case 20:
			panic(http.ErrAbortHandler)
		case 30:
			w.Header().Set("Connection", "close")
		}
	}))
	defer server.Close()
	r := ask(t, &loadOrder{Address: server.Listener.Addr().String(), Path: "/", Connections: 2, Rate: 100, Duration: time.Second})
	if r.Answered != 98 || r.Failures[errNotOK.Error()] != 1 || r.Failures[errEnded.Error()] != 1 || r.Renewed != 1 {
		t.Errorf("got %+v", r)
	}
}

func TestAServerThatEndsLosesOnlyWhatIsAskedOfItAfterwards(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var asked atomic.Int64
	server := &http.Server{ReadHeaderTimeout: time.Second}
	server.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		if asked.Add(1) == 40 {
			_ = server.Close()
		}
	})
	go func() { _ = server.Serve(listener) }()
	r := ask(t, &loadOrder{Address: listener.Addr().String(), Path: "/", Connections: 2, Rate: 100, Duration: time.Second})
	// With each of the two connections a request may end.
	ended, refused := r.Failures[errEnded.Error()], r.Failures[errRefused.Error()]
	if r.Answered+ended+refused != 100 || r.Failed != ended+refused || r.Answered < 38 || ended < 1 || ended > 2 || refused < 58 {
		t.Errorf("got %+v", r)
	}
}

func TestMissedFiguresAreCounted(t *testing.T) {
	s := &sheet{}
	s.must(true, "first", "≥ 1", "%d", 1)
	s.must(false, "second", "< 2", "%d", 3)
	s.note("third", "4")
	if s.missed() != 1 || !strings.Contains(s.text(), "| second | < 2   | 3   | MISSED |") {
		t.Errorf("%d are missed:\n%s", s.missed(), s.text())
	}
}
