// Package dispatch runs long work beside the reconcilers: no reconcile waits
// for a model or a program. Work has a key; it is started once, wakes its
// object when it ends, and is cancelled when the object changes or goes.
package dispatch

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Key names a piece of work: an object and a digest of what goes in. A new
// digest is new work and cancels the old.
type Key struct {
	UID    types.UID
	Inputs string
}

// Work is what a Pool runs. progress hands an intermediate result out.
type Work[T any] func(ctx context.Context, progress func(T)) (T, error)

// State is how far a piece of work is.
type State[T any] struct {
	// Running is true while the work runs.
	Running bool
	// Result is the final result or, while running, the latest progress.
	Result T
	// Err is why the last run failed. It stays while the work runs again, so
	// that what is told of the work does not swing to and fro.
	Err error
	// Pause is how long failed work still rests before Do starts it again.
	Pause time.Duration
}

// Failed work rests firstPause, and twice as long after each further failure.
const (
	firstPause = time.Second
	maxPause   = 5 * time.Minute
)

// Pool runs a bounded number of pieces of work at a time.
type Pool[T any] struct {
	life  context.Context
	end   context.CancelFunc
	slots *slots
	wake  func(client.ObjectKey)
	now   func() time.Time

	mu      sync.Mutex
	ended   bool
	entries map[types.UID]*entry[T]
	// names finds the work of an object of which only the name is left.
	names   map[client.ObjectKey]types.UID
	running sync.WaitGroup
}

type entry[T any] struct {
	object client.ObjectKey
	inputs string
	cancel context.CancelFunc
	state  State[T]
	// failures counts those in a row; until rest, which begins when somebody is
	// told of the last one, the work does not run again.
	failures int
	told     bool
	rest     time.Time
}

// NewPool returns a pool that runs at most limit pieces of work at a time and
// calls wake when one ends or progresses. now is the clock of the pauses.
func NewPool[T any](limit int, wake func(client.ObjectKey), now func() time.Time) *Pool[T] {
	life, end := context.WithCancel(context.Background()) //nolint:gosec // Start ends it
	return &Pool[T]{
		life: life, end: end, wake: wake, now: now,
		slots: newSlots(limit), entries: map[types.UID]*entry[T]{}, names: map[client.ObjectKey]types.UID{},
	}
}

// Start keeps the pool until ctx ends, then cancels all work and waits for
// it. It makes a Pool a manager.Runnable.
func (p *Pool[T]) Start(ctx context.Context) error {
	<-ctx.Done()
	p.mu.Lock()
	p.ended = true
	p.mu.Unlock()
	p.end()
	p.running.Wait()
	return nil
}

// Do returns the state of the work named by key and starts it when there is
// none. A result stays until Forget; failed work is told of first, and started
// again by the first Do after its pause.
func (p *Pool[T]) Do(key Key, object client.ObjectKey, work Work[T]) State[T] {
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.entries[key.UID]
	if e != nil && e.inputs != key.Inputs {
		e.cancel()
		e = nil
	}
	if e == nil {
		e = &entry[T]{object: object, inputs: key.Inputs}
		p.enter(key.UID, e)
		p.start(key, e, object, work)
		return e.state
	}
	if e.state.Running || e.state.Err == nil {
		return e.state
	}
	if !e.told {
		// Whoever is told late may still decide that there is no next time.
		e.told, e.rest = true, p.now().Add(e.state.Pause)
	}
	if left := e.rest.Sub(p.now()); left > 0 {
		e.state.Pause = left
		return e.state
	}
	p.start(key, e, object, work)
	return e.state
}

// Forget cancels an object's work and drops its result.
func (p *Pool[T]) Forget(uid types.UID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drop(uid)
}

// ForgetName is Forget for an object that is gone, so that its UID is no
// longer known.
func (p *Pool[T]) ForgetName(object client.ObjectKey) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if uid, ok := p.names[object]; ok {
		p.drop(uid)
	}
}

// enter adds an entry in place of that of an earlier object of the same name,
// which is gone. It is called with the lock held.
func (p *Pool[T]) enter(uid types.UID, e *entry[T]) {
	if before, ok := p.names[e.object]; ok && before != uid {
		p.drop(before)
	}
	p.entries[uid], p.names[e.object] = e, uid
}

// drop is called with the lock held.
func (p *Pool[T]) drop(uid types.UID) {
	if e := p.entries[uid]; e != nil {
		e.cancel()
		delete(p.entries, uid)
		delete(p.names, e.object)
	}
}

// start is called with the lock held.
func (p *Pool[T]) start(key Key, e *entry[T], object client.ObjectKey, work Work[T]) {
	ctx, cancel := context.WithCancel(p.life)
	e.cancel, e.state.Running, e.state.Pause = cancel, true, 0
	if p.ended {
		return
	}
	p.running.Go(func() {
		defer cancel()
		result, err := p.run(ctx, key, e, object, work)
		if p.settle(key, e, func() { e.finish(result, err) }) {
			p.wake(object)
		}
	})
}

// finish is called with the lock held.
func (e *entry[T]) finish(result T, err error) {
	e.state = State[T]{Result: result, Err: err}
	if err == nil {
		e.failures = 0
		return
	}
	e.state.Pause, e.told = min(firstPause<<min(e.failures, 16), maxPause), false
	e.failures++
}

func (p *Pool[T]) run(ctx context.Context, key Key, e *entry[T], object client.ObjectKey, work Work[T]) (T, error) {
	var none T
	if err := p.slots.acquire(ctx, object.Namespace, false); err != nil {
		return none, err
	}
	defer p.slots.release()
	ctx = context.WithValue(ctx, heldKey{}, held{p.slots, object.Namespace})
	return guarded(ctx, work, func(progress T) {
		if p.settle(key, e, func() { e.state.Result = progress }) {
			p.wake(object)
		}
	})
}

// guarded turns a panic into an error: one object that nobody thought of must
// not end the work on all others.
func guarded[T any](ctx context.Context, work Work[T], progress func(T)) (result T, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the work panicked: %v\n%s", r, debug.Stack())
		}
	}()
	return work(ctx, progress)
}

// settle changes the entry unless the work was cancelled or replaced meanwhile.
func (p *Pool[T]) settle(key Key, e *entry[T], change func()) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended || p.entries[key.UID] != e {
		return false
	}
	change()
	return true
}
