package dispatch_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/internal/dispatch"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var object = client.ObjectKey{Namespace: "default", Name: "it"}

// pool returns a running pool and the channel of its wakes.
func pool(t *testing.T, limit int64) (*dispatch.Pool[int], chan client.ObjectKey) {
	t.Helper()
	wakes := make(chan client.ObjectKey, 16)
	p := dispatch.NewPool[int](limit, func(key client.ObjectKey) { wakes <- key })
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Start(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	return p, wakes
}

func TestWorkRunsOnceAndItsResultStaysUntilForgotten(t *testing.T) {
	p, wakes := pool(t, 1)
	var runs atomic.Int32
	work := func(context.Context, func(int)) (int, error) { return int(runs.Add(1)), nil }
	key := dispatch.Key{UID: "a", Inputs: "1"}
	if !p.Do(key, object, work).Running {
		t.Fatal("new work is not running")
	}
	<-wakes
	for range 3 {
		if state := p.Do(key, object, work); state.Running || state.Result != 1 {
			t.Fatalf("got %+v, want the result 1", state)
		}
	}
	p.Forget("a")
	p.Do(key, object, work)
	<-wakes
	if got := runs.Load(); got != 2 {
		t.Errorf("%d runs, want 2", got)
	}
}

func TestAnErrorIsHandedOutOnceAndThenTheWorkStartsAnew(t *testing.T) {
	p, wakes := pool(t, 1)
	failure := errors.New("no")
	work := func(context.Context, func(int)) (int, error) { return 0, failure }
	key := dispatch.Key{UID: "a", Inputs: "1"}
	p.Do(key, object, work)
	<-wakes
	if state := p.Do(key, object, work); !errors.Is(state.Err, failure) {
		t.Fatalf("got %+v, want the error", state)
	}
	if !p.Do(key, object, work).Running {
		t.Error("the work did not start anew")
	}
	<-wakes
}

func TestNewInputsCancelTheOldWork(t *testing.T) {
	p, wakes := pool(t, 2)
	cancelled := make(chan struct{})
	p.Do(dispatch.Key{UID: "a", Inputs: "old"}, object, func(ctx context.Context, _ func(int)) (int, error) {
		<-ctx.Done()
		close(cancelled)
		return 0, ctx.Err()
	})
	key := dispatch.Key{UID: "a", Inputs: "new"}
	work := func(context.Context, func(int)) (int, error) { return 7, nil }
	p.Do(key, object, work)
	<-cancelled
	<-wakes
	if state := p.Do(key, object, work); state.Result != 7 {
		t.Errorf("got %+v, want the new work's result", state)
	}
}

func TestProgressShowsAndWakes(t *testing.T) {
	p, wakes := pool(t, 1)
	proceed := make(chan struct{})
	key := dispatch.Key{UID: "a", Inputs: "1"}
	work := func(_ context.Context, progress func(int)) (int, error) {
		progress(5)
		<-proceed
		return 9, nil
	}
	p.Do(key, object, work)
	<-wakes
	if state := p.Do(key, object, work); !state.Running || state.Result != 5 {
		t.Errorf("got %+v, want progress 5", state)
	}
	close(proceed)
	<-wakes
}

func TestNoMoreWorkRunsAtATimeThanAllowed(t *testing.T) {
	p, wakes := pool(t, 2)
	var now, most atomic.Int32
	work := func(context.Context, func(int)) (int, error) {
		running := now.Add(1)
		defer now.Add(-1)
		for seen := most.Load(); running > seen && !most.CompareAndSwap(seen, running); seen = most.Load() {
		}
		return 0, nil
	}
	uids := []types.UID{"a", "b", "c", "d", "e"}
	for _, uid := range uids {
		p.Do(dispatch.Key{UID: uid, Inputs: "1"}, object, work)
	}
	for range uids {
		<-wakes
	}
	if most.Load() > 2 {
		t.Errorf("%d at a time, want at most 2", most.Load())
	}
}
