package dispatch

import (
	"context"
	"slices"
	"sync"
)

// slots bound how much work runs at a time, fairly: namespaces take turns, so
// that one with a thousand objects does not keep another's one waiting. Work
// that waited aside comes first, as it has begun already.
type slots struct {
	mu   sync.Mutex
	free int
	back []*waiter
	// queues are the waiters of each namespace, turns the namespaces that have
	// some, in the order in which they are served.
	queues map[string][]*waiter
	turns  []string
}

type waiter struct{ granted chan struct{} }

func newSlots(limit int) *slots { return &slots{free: limit, queues: map[string][]*waiter{}} }

// acquire waits for a slot. back is for work that had one before.
func (s *slots) acquire(ctx context.Context, namespace string, back bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	if s.free > 0 {
		s.free--
		s.mu.Unlock()
		return nil
	}
	w := &waiter{granted: make(chan struct{})}
	s.enqueue(w, namespace, back)
	s.mu.Unlock()
	select {
	case <-w.granted:
		return nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	gone := s.remove(w, namespace)
	s.mu.Unlock()
	if !gone {
		// It was granted in the same moment.
		s.release()
	}
	return ctx.Err()
}

func (s *slots) enqueue(w *waiter, namespace string, back bool) {
	if back {
		s.back = append(s.back, w)
		return
	}
	if len(s.queues[namespace]) == 0 {
		s.turns = append(s.turns, namespace)
	}
	s.queues[namespace] = append(s.queues[namespace], w)
}

// remove takes a waiter out of its queue, and tells whether it was there.
func (s *slots) remove(w *waiter, namespace string) bool {
	if i := slices.Index(s.back, w); i >= 0 {
		s.back = slices.Delete(s.back, i, i+1)
		return true
	}
	i := slices.Index(s.queues[namespace], w)
	if i < 0 {
		return false
	}
	s.queues[namespace] = slices.Delete(s.queues[namespace], i, i+1)
	if len(s.queues[namespace]) == 0 {
		delete(s.queues, namespace)
		s.turns = slices.DeleteFunc(s.turns, func(name string) bool { return name == namespace })
	}
	return true
}

// release gives a slot to whoever is next.
func (s *slots) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w := s.next(); w != nil {
		close(w.granted)
		return
	}
	s.free++
}

func (s *slots) next() *waiter {
	if len(s.back) > 0 {
		w := s.back[0]
		s.back = s.back[1:]
		return w
	}
	if len(s.turns) == 0 {
		return nil
	}
	namespace := s.turns[0]
	s.turns = s.turns[1:]
	w := s.queues[namespace][0]
	if s.queues[namespace] = s.queues[namespace][1:]; len(s.queues[namespace]) == 0 {
		delete(s.queues, namespace)
	} else {
		s.turns = append(s.turns, namespace)
	}
	return w
}

// held is the slot that a piece of work runs on.
type held struct {
	slots     *slots
	namespace string
}

type heldKey struct{}

// Aside waits without a slot: others work meanwhile, and the caller goes on
// when it has one again. Outside of a Pool's work it only waits.
func Aside(ctx context.Context, wait func(context.Context) error) error {
	h, ok := ctx.Value(heldKey{}).(held)
	if !ok {
		return wait(ctx)
	}
	h.slots.release()
	err := wait(ctx)
	// The slot is the pool's to take back, so it is waited for even when the
	// work was cancelled: then it is handed on at once.
	if again := h.slots.acquire(context.WithoutCancel(ctx), h.namespace, true); again != nil {
		return again
	}
	return err
}
