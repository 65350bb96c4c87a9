package ledger

import (
	"context"
	"errors"
	"math/bits"
	"sync"

	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/store"
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
	// Full is told when more or fewer wait for an account. Nil tells nobody.
	Full func(account store.Account)

	mu sync.Mutex
	// waiters counts the questions that wait for an account.
	waiters map[store.Account]int
	// stirred is closed when waiting may have come to an end.
	stirred chan struct{}
	// turns let one question at a time try whether a full account has room.
	turns map[need]chan struct{}
}

// need is an account and a size of a call, as a power of two: a small one does
// not stand behind a large one that does not fit.
type need struct {
	account store.Account
	size    int
}

func needOf(over *store.BudgetExceededError) need {
	return need{over.Account, bits.Len64(uint64(max(over.ReserveNano, 0)))}
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
	q.Payer.Held = w.counting(p.Name, q.Payer.Held)
	q.Payer.aside = w.Aside
	line := &line{patient: w}
	defer line.leave()
	for {
		stirred := w.stir()
		answer, err := w.Ledger.Ask(ctx, p, q)
		e := asError(err)
		if e == nil || e.Class != llm.ClassWait {
			return answer, err
		}
		q.Payer.held(e)
		over, full := errors.AsType[*store.BudgetExceededError](e)
		if full {
			w.count(over.Account, 1)
		}
		err = q.Payer.wait(ctx, func(ctx context.Context) error { return line.wait(ctx, e, stirred) })
		if full {
			w.count(over.Account, -1)
		}
		q.Payer.held(nil)
		if err != nil {
			return nil, cancelled(err)
		}
	}
}

// WaitingFor is how many questions of this process wait for an account.
func (w *Patient) WaitingFor(account store.Account) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.waiters[account]
}

func (w *Patient) count(account store.Account, more int) {
	w.mu.Lock()
	if w.waiters == nil {
		w.waiters = map[store.Account]int{}
	}
	if w.waiters[account] += more; w.waiters[account] == 0 {
		delete(w.waiters, account)
	}
	w.mu.Unlock()
	if w.Full != nil {
		w.Full(account)
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

// turn is held by the question that tries whether an account has room.
func (w *Patient) turn(n need) chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.turns == nil {
		w.turns = map[need]chan struct{}{}
	}
	if w.turns[n] == nil {
		w.turns[n] = make(chan struct{}, 1)
	}
	return w.turns[n]
}

// line is where one question waits. Those that wait for the same account stand
// in line, so that a thousand of them do not all ask the table all the time.
type line struct {
	patient *Patient
	need    need
	turn    chan struct{}
}

// wait lasts until it makes sense to ask again.
func (l *line) wait(ctx context.Context, why *Error, stirred <-chan struct{}) error {
	over, full := errors.AsType[*store.BudgetExceededError](why)
	if !full || l.need != needOf(over) {
		l.leave()
	}
	if full && l.turn == nil {
		// Whoever had to stand in line asks at once: the one before got through.
		if waited, err := l.enter(ctx, needOf(over)); waited || err != nil {
			return err
		}
	}
	o := &l.patient.Ledger.o
	return o.sleepUnless(ctx, why.RetryAfter+o.Jitter(max(why.RetryAfter/4, restSpread)), stirred)
}

// enter waits for the turn at a need and tells whether it had to.
func (l *line) enter(ctx context.Context, n need) (waited bool, err error) {
	turn := l.patient.turn(n)
	select {
	case turn <- struct{}{}:
	default:
		waited = true
		select {
		case turn <- struct{}{}:
		case <-ctx.Done():
			return waited, ctx.Err()
		}
	}
	l.need, l.turn = n, turn
	return waited, nil
}

// leave lets the next in line try.
func (l *line) leave() {
	if l.turn != nil {
		<-l.turn
		l.turn = nil
	}
}
