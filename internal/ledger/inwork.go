package ledger

import "sync"

// inWork counts the calls in flight and lets none begin once it is closed.
type inWork struct {
	mu     sync.Mutex
	closed bool
	calls  sync.WaitGroup
}

func (w *inWork) begin() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return false
	}
	w.calls.Add(1)
	return true
}

func (w *inWork) end() { w.calls.Done() }

// close returns a channel that is closed when the last call has ended.
func (w *inWork) close() <-chan struct{} {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	done := make(chan struct{})
	go func() {
		w.calls.Wait()
		close(done)
	}()
	return done
}
