package operator_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/ledger"
	"github.com/algoitny/algoitny-operator/internal/operator"
)

// paidWithoutAKill is an extraction, a wrong program and a right one.
const paidWithoutAKill = 3

// The operator of each run is killed at one of its writes to the table, before
// or after the table applies it, and a second one goes on an hour later, when
// what the first had claimed is given up.
func TestAnOperatorKilledAtAnyWriteCostsAtMostTheCallInFlight(t *testing.T) {
	writes := writesWithoutAKill(t)
	for at := 1; at <= writes; at++ {
		for _, applied := range []bool{false, true} {
			t.Run(fmt.Sprintf("write %d, applied %v", at, applied), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				life := w.startUntil(at, applied)
				p, job := w.work()
				<-life.over
				paid := w.paid()
				w.startAt(time.Now().Add(time.Hour))
				w.awaitReady(p, job)
				if got := w.paid(); got > paidWithoutAKill+1 {
					t.Errorf("%d paid calls, %d of them before the kill; want at most one more than %d", got, paid, paidWithoutAKill)
				}
				w.assertNothingReserved()
			})
		}
	}
}

// writesWithoutAKill is how many writes to the table the whole work takes.
func writesWithoutAKill(t *testing.T) int {
	w := newWorld(t)
	stop := w.start()
	p, job := w.work()
	w.awaitReady(p, job)
	stop()
	if w.paid() != paidWithoutAKill {
		t.Fatalf("%d paid calls, want %d", w.paid(), paidWithoutAKill)
	}
	return w.tableWrites.total()
}

// work is a Problem and a SolutionJob whose first program is wrong.
func (w *world) work() (*v1alpha1.Problem, *v1alpha1.SolutionJob) {
	w.answer("ships", "solve-python", wrongProgram, rightProgram)
	w.providers()
	p, job := w.problem("ships", "ships"), w.job("solution", "ships")
	w.create(p, job)
	return p, job
}

func (w *world) assertNothingReserved() {
	w.t.Helper()
	for _, provider := range []string{"gemini", "openai"} {
		for _, at := range []time.Time{time.Now(), time.Now().Add(time.Hour)} {
			usage, err := w.table.Usage(w.t.Context(), ledger.ProviderAccount(w.namespace+"/"+provider, "USD", at))
			if err != nil {
				w.t.Fatal(err)
			}
			if usage.CommittedNano != usage.SpentNano {
				w.t.Errorf("%s has %d reserved for calls that nobody makes", provider, usage.CommittedNano-usage.SpentNano)
			}
		}
	}
}

// startAt runs an operator whose clock stands at another time.
func (w *world) startAt(now time.Time) {
	w.t.Helper()
	w.startAtWith(w.config(), now)
}

func (w *world) startAtWith(config operator.Config, now time.Time) {
	w.t.Helper()
	ahead := time.Until(now)
	config.Now = func() time.Time { return time.Now().Add(ahead) }
	config.Metrics = w.metrics()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- operator.Run(ctx, config) }()
	w.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			w.t.Errorf("the second operator ended: %v", err)
		}
	})
}

// life is one run of an operator that may end at any moment: from then on
// nothing it does reaches anybody.
type life struct {
	over chan struct{}
	end  func()
}

var errDead = errors.New("this operator is dead")

// startUntil runs an operator that dies at its nth write to the table.
func (w *world) startUntil(n int, applied bool) *life {
	w.t.Helper()
	return w.startUntilWith(w.config(), n, applied)
}

func (w *world) startUntilWith(config operator.Config, n int, applied bool) *life {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	l := &life{over: make(chan struct{})}
	l.end = sync.OnceFunc(func() { close(l.over); cancel() })
	w.t.Cleanup(l.end)
	cluster := *config.Cluster
	config.Cluster = &cluster
	config.Store = w.store(l.table(w, n, applied))
	config.Cluster.Wrap(func(next http.RoundTripper) http.RoundTripper { return l.cut(next) })
	config.Transport = l.cut(http.DefaultTransport)
	config.Metrics = w.metrics()
	go func() { _ = operator.Run(ctx, config) }()
	return l
}

func (l *life) dead() bool {
	select {
	case <-l.over:
		return true
	default:
		return false
	}
}

// cut lets requests through for as long as the operator lives.
func (l *life) cut(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		if l.dead() {
			return nil, errDead
		}
		return next.RoundTrip(r)
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// table stands before the engine and ends the life at the nth write.
func (l *life) table(w *world, n int, applied bool) (endpoint string) {
	target, err := url.Parse(w.engine.Endpoint)
	if err != nil {
		w.t.Fatal(err)
	}
	engine := httputil.NewSingleHostReverseProxy(target)
	var mu sync.Mutex
	writes := 0
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if l.dead() {
			panic(http.ErrAbortHandler)
		}
		if isWrite(r) {
			writes++
		}
		if !isWrite(r) || writes != n {
			engine.ServeHTTP(rw, r)
			return
		}
		if applied {
			engine.ServeHTTP(httptest.NewRecorder(), r)
		}
		_, _ = io.Copy(io.Discard, r.Body)
		l.end()
		panic(http.ErrAbortHandler)
	}))
	w.t.Cleanup(server.Close)
	return server.URL
}

func isWrite(r *http.Request) bool {
	_, op, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	switch op {
	case "PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems":
		return true
	}
	return false
}
