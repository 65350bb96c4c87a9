package dispatch_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/internal/dispatch"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var object = client.ObjectKey{Namespace: "default", Name: "it"}

// pool returns a running pool and the channel of its wakes.
func pool(t *testing.T, limit int) (*dispatch.Pool[int], chan client.ObjectKey) {
	t.Helper()
	wakes := make(chan client.ObjectKey, 16)
	p := dispatch.NewPool[int](limit, func(key client.ObjectKey) { wakes <- key }, time.Now)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Start(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
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

func TestWorkThatPanicsIsWorkThatFailed(t *testing.T) {
	p, wakes := pool(t, 1)
	key := dispatch.Key{UID: "a", Inputs: "1"}
	work := func(context.Context, func(int)) (int, error) { panic("nobody thought of this") }
	p.Do(key, object, work)
	<-wakes
	state := p.Do(key, object, work)
	if state.Err == nil || !strings.Contains(state.Err.Error(), "nobody thought of this") || !strings.Contains(state.Err.Error(), "pool_test.go") {
		t.Errorf("%+v", state)
	}
	if p.Do(dispatch.Key{UID: "b", Inputs: "1"}, object, func(context.Context, func(int)) (int, error) { return 1, nil }); (<-wakes) != object {
		t.Error("the slot is lost")
	}
}

func TestFailedWorkRestsLongerEachTimeAndKeepsItsErrorMeanwhile(t *testing.T) {
	wakes := make(chan client.ObjectKey, 16)
	now := time.Unix(0, 0)
	p := dispatch.NewPool[int](1, func(key client.ObjectKey) { wakes <- key }, func() time.Time { return now })
	failure := errors.New("no")
	work := func(context.Context, func(int)) (int, error) { return 0, failure }
	key := dispatch.Key{UID: "a", Inputs: "1"}
	p.Do(key, object, work)
	for _, pause := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second} {
		<-wakes
		if state := p.Do(key, object, work); state.Running || !errors.Is(state.Err, failure) || state.Pause != pause {
			t.Fatalf("got %+v, want the error and a pause of %s", state, pause)
		}
		now = now.Add(pause)
		if state := p.Do(key, object, work); !state.Running || !errors.Is(state.Err, failure) {
			t.Fatalf("got %+v, want it running with the error of before", state)
		}
	}
	<-wakes
	if state := p.Do(dispatch.Key{UID: "a", Inputs: "2"}, object, work); !state.Running || state.Err != nil {
		t.Errorf("got %+v, want new inputs to run at once", state)
	}
	<-wakes
}

// A wake may come late, after the pause, and what it tells may be the end.
func TestFailedWorkIsToldOfBeforeItRunsAgain(t *testing.T) {
	wakes := make(chan client.ObjectKey, 16)
	now := time.Unix(0, 0)
	p := dispatch.NewPool[int](1, func(key client.ObjectKey) { wakes <- key }, func() time.Time { return now })
	work := func(context.Context, func(int)) (int, error) { return 0, errors.New("no") }
	key := dispatch.Key{UID: "a", Inputs: "1"}
	p.Do(key, object, work)
	<-wakes
	now = now.Add(time.Hour)
	if state := p.Do(key, object, work); state.Running || state.Err == nil || state.Pause != time.Second {
		t.Errorf("got %+v, want the error and a pause of a second", state)
	}
}

func TestNewInputsCancelTheOldWork(t *testing.T) {
	p, wakes := pool(t, 2)
	started, cancelled := make(chan struct{}), make(chan struct{})
	p.Do(dispatch.Key{UID: "a", Inputs: "old"}, object, func(ctx context.Context, _ func(int)) (int, error) {
		close(started)
		<-ctx.Done()
		close(cancelled)
		return 0, ctx.Err()
	})
	<-started
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
		for running > most.Load() {
			most.Store(running)
		}
		return 0, nil
	}
	uids := []types.UID{"a", "b", "c", "d", "e"}
	for _, uid := range uids {
		p.Do(dispatch.Key{UID: uid, Inputs: "1"}, client.ObjectKey{Name: string(uid)}, work)
	}
	for range uids {
		<-wakes
	}
	if most.Load() > 2 {
		t.Errorf("%d at a time, want at most 2", most.Load())
	}
}

func TestWorkOfAnObjectThatIsGoneEndsByItsNameOrWithItsSuccessor(t *testing.T) {
	for name, end := range map[string]func(*dispatch.Pool[int]){
		"its name": func(p *dispatch.Pool[int]) { p.ForgetName(object) },
		"its successor": func(p *dispatch.Pool[int]) {
			p.Do(dispatch.Key{UID: "b", Inputs: "1"}, object, func(context.Context, func(int)) (int, error) { return 0, nil })
		},
	} {
		t.Run(name, func(t *testing.T) {
			p, _ := pool(t, 1)
			started, ended := make(chan struct{}), make(chan struct{})
			p.Do(dispatch.Key{UID: "a", Inputs: "1"}, object, func(ctx context.Context, _ func(int)) (int, error) {
				close(started)
				<-ctx.Done()
				close(ended)
				return 0, ctx.Err()
			})
			<-started
			end(p)
			<-ended
			p.ForgetName(object)
			p.ForgetName(object)
		})
	}
}
