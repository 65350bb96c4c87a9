package ledger

import (
	"context"
	"sync"

	"github.com/algoitny/algoitny-operator/internal/llm"
)

// Patient asks a Ledger and waits for whatever only takes time: a budget's next
// month, a provider that wants a rest, a batch. Its errors need a person, or
// are worth another run of the work.
type Patient struct {
	Ledger *Ledger
	// Aside gives the worker's place to others while it waits; nil keeps it.
	Aside func(ctx context.Context, wait func(context.Context) error) error
	// Waiting is told how many more (1) or fewer (-1) questions wait for a
	// provider, and why. Nil tells nobody.
	Waiting func(provider string, reason llm.Reason, more int)

	mu sync.Mutex
	// stirred is closed when waiting may have come to an end.
	stirred chan struct{}
}

// Stir has everybody who waits look again: a budget was changed.
func (w *Patient) Stir() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stirred != nil {
		close(w.stirred)
		w.stirred = nil
	}
}

func (w *Patient) stir() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stirred == nil {
		w.stirred = make(chan struct{})
	}
	return w.stirred
}

// Ask is Ledger.Ask that waits.
func (w *Patient) Ask(ctx context.Context, p Provider, q Question) (*Answer, error) {
	aside := w.Aside
	if aside == nil {
		aside = func(ctx context.Context, wait func(context.Context) error) error { return wait(ctx) }
	}
	q.Payer.Held = w.counting(p.Name, q.Payer.Held)
	q.Payer.aside = aside
	for {
		stirred := w.stir()
		answer, err := w.Ledger.Ask(ctx, p, q)
		e := asError(err)
		if e == nil || e.Class != llm.ClassWait {
			return answer, err
		}
		q.Payer.held(e)
		err = aside(ctx, func(ctx context.Context) error {
			return w.Ledger.o.sleepUnless(ctx, e.RetryAfter+w.Ledger.o.Jitter(max(e.RetryAfter/4, restSpread)), stirred)
		})
		q.Payer.held(nil)
		if err != nil {
			return nil, cancelled(err)
		}
	}
}

// counting tells of waits on their way to whoever asked.
func (w *Patient) counting(provider string, next func(*Error)) func(*Error) {
	if w.Waiting == nil {
		return next
	}
	var mu sync.Mutex
	var now llm.Reason
	return func(why *Error) {
		mu.Lock()
		defer mu.Unlock()
		if now != "" {
			w.Waiting(provider, now, -1)
		}
		if now = ""; why != nil {
			now = why.Reason
			w.Waiting(provider, now, 1)
		}
		if next != nil {
			next(why)
		}
	}
}
