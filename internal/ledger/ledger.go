// Package ledger is the only way to a paid call: claim, call, record. A row
// in the table stands before every request and its answer is stored before
// anyone uses it, so that a crash at any moment costs at most the one call
// that was in flight.
package ledger

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/go-logr/logr"
	"golang.org/x/sync/singleflight"

	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// settleTime is what a claim outlives its call by: the answer has to be
// stored, on a table that may be slow, before others may call the claim dead.
const settleTime = time.Minute

// The retry layer: maxTries tries, the delay doubling from firstDelay. What a
// provider asks for beyond patience is waited for outside of a worker.
const (
	maxTries   = 4
	firstDelay = time.Second
	patience   = 30 * time.Second
)

// tellAfter is from when on a wait is told.
const tellAfter = 2 * time.Second

// restSpread is over how long those who rested come back.
const restSpread = time.Second

// Calls is the part of the table that holds the rows of paid calls.
type Calls interface {
	Claim(ctx context.Context, c store.Call) error
	Call(ctx context.Context, hash string) (*store.Call, error)
	Attach(ctx context.Context, hash, owner, resume string, expires time.Time) error
	Record(ctx context.Context, hash, owner string, response []byte, costNano int64, usage store.Tokens) error
	Release(ctx context.Context, hash, owner string) error
	Abandon(ctx context.Context, hash string) error
}

// Gates is the part of the table that holds the providers' paces.
type Gates interface {
	Gate(ctx context.Context, name string) (state, write string, err error)
	PutGate(ctx context.Context, name, write, state string) (string, error)
}

// Batches is the part of the table that holds batches on their way.
type Batches interface {
	PutBatch(ctx context.Context, b store.Batch) error
	Batch(ctx context.Context, mark string) (*store.Batch, error)
}

// Book is the part of the table the ledger writes to.
type Book interface {
	Calls
	Gates
	Batches
	Sweeper
}

// Settlement is a call that ended.
type Settlement struct {
	Provider, Model, Object, Step, Currency string
	// CostNano and Usage are what an answer cost and used; both are zero when
	// none came.
	CostNano int64
	Usage    llm.Usage
	// Err is why no answer came, a *llm.Error; nil when one did.
	Err error
}

// Options configure a Ledger. Zero values are the real clock and sleep.
type Options struct {
	// Owner names this process in its claims; it must be unique to one run.
	Owner string
	Log   logr.Logger
	// Settled is told of every call that ended. It must not block. Nil tells
	// nobody.
	Settled func(Settlement)
	// Provider finds a provider by its name, so that answers which nobody waits
	// for any more are taken in all the same. Nil finds none.
	Provider func(ctx context.Context, name string) (Provider, bool)
	Now      func() time.Time
	// Sleep waits between tries and ends early with the context.
	Sleep func(ctx context.Context, d time.Duration) error
	// Jitter spreads a delay.
	Jitter func(d time.Duration) time.Duration
	// BatchWindow is how long questions are gathered for a batch, BatchPoll how
	// often a batch is asked for.
	BatchWindow, BatchPoll time.Duration
}

// withDefaults fills the zero values.
func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Settled == nil {
		o.Settled = func(Settlement) {}
	}
	if o.Provider == nil {
		o.Provider = func(context.Context, string) (Provider, bool) { return Provider{}, false }
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	if o.Jitter == nil {
		o.Jitter = jitter
	}
	if o.BatchWindow == 0 {
		o.BatchWindow = batchWindow
	}
	if o.BatchPoll == 0 {
		o.BatchPoll = batchPoll
	}
	return o
}

// Ledger asks models and remembers every answer. It is safe for concurrent use.
type Ledger struct {
	book    Book
	o       Options
	gates   gates
	batches batches
	flights singleflight.Group
	// flying has the calls that this process waits for.
	flying sync.Map
	// life ends when calls in flight are to be cut off, work when no more is to
	// be begun: what goes on at the provider is not waited for after that.
	life, work      context.Context
	cutOff, endWork context.CancelFunc
	inWork          inWork
}

// New returns a ledger over the table.
func New(book Book, o Options) *Ledger {
	l := &Ledger{book: book, o: o.withDefaults()}
	l.life, l.cutOff = context.WithCancel(context.Background())
	l.work, l.endWork = context.WithCancel(l.life)
	l.batches = batches{open: map[string]*gathering{}, followed: map[string]*following{}}
	return l
}

// Close waits for the calls in flight until ctx ends, then cuts them off;
// what is cut off counts as spent. Calls that go on at the provider are left
// to whoever resumes them.
func (l *Ledger) Close(ctx context.Context) {
	l.endWork()
	done := l.inWork.close()
	select {
	case <-done:
	case <-ctx.Done():
		l.cutOff()
		<-done
	}
	l.cutOff()
	l.batches.wait()
}

// Ask returns the answer to q, paying for it only when the table has none.
// When ctx ends early a call already in flight is still finished and
// recorded, for whoever asks next. Every error is an *Error.
func (l *Ledger) Ask(ctx context.Context, p Provider, q Question) (*Answer, error) {
	for _, send := range q.sends() {
		answer, err := l.askOnce(ctx, &p, &q, q.hash(&p, send))
		if errors.Is(err, errSpent) {
			continue
		}
		return answer, err
	}
	return nil, &Error{
		Class: llm.ClassStalled, Reason: ReasonCallsLost,
		Message: fmt.Sprintf("%d calls were sent and no answer came back; check the endpoint, then annotate with algoitny.dev/retry to send it again", maxSends),
	}
}

// askOnce looks for the answer of one send and pays for it when it is nowhere.
func (l *Ledger) askOnce(ctx context.Context, p *Provider, q *Question, hash string) (*Answer, error) {
	for try := 0; ; try++ {
		answer, err := l.recall(ctx, p, q, hash)
		if answer != nil || err != nil {
			return answer, err
		}
		answer, err = l.pay(ctx, p, q, hash)
		if err == nil {
			return answer, nil
		}
		delay, again := l.backoff(err, try)
		if !again {
			return nil, err
		}
		if err := l.o.Sleep(ctx, delay); err != nil {
			return nil, cancelled(err)
		}
	}
}

// recall returns the recorded answer, nil when nobody has paid for it yet, or
// an error when it is spent or being paid for.
func (l *Ledger) recall(ctx context.Context, p *Provider, q *Question, hash string) (*Answer, error) {
	row, err := l.book.Call(ctx, hash)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, tableError(err)
	}
	switch row.State {
	case store.CallRecorded:
		return decode(row)
	case store.CallReleased:
		return nil, nil
	case store.CallUnknown:
		if row.Resume != "" && p.mayFetch(row) {
			return l.resume(ctx, p, row)
		}
		return nil, errSpent
	}
	goesOn := row.Batch != "" || row.Resume != ""
	switch {
	case goesOn && !p.mayFetch(row):
		// Its answer comes by way of whoever made it, or of the sweeper.
		return nil, l.expire(ctx, row)
	case row.Batch != "":
		return l.recallBatch(ctx, p, q, row)
	case row.Resume != "":
		return l.resume(ctx, p, row)
	case row.Owner == l.o.Owner && row.ExpiresAt.After(l.o.Now()):
		// In this process the call in flight is joined instead.
		return nil, nil
	}
	return nil, l.expire(ctx, row)
}

// expire counts a claim as spent whose time is over.
func (l *Ledger) expire(ctx context.Context, row *store.Call) error {
	if left := row.ExpiresAt.Sub(l.o.Now()); left > 0 {
		return inFlight(left)
	}
	if err := l.giveUp(ctx, row); err != nil {
		return tableError(err)
	}
	return errSpent
}

// giveUp counts a call as spent of which no answer came in its time.
func (l *Ledger) giveUp(ctx context.Context, row *store.Call) error {
	if err := l.book.Abandon(ctx, row.Hash); err != nil {
		return err
	}
	l.o.Log.Info("a call's answer never came; it counts as spent", "call", row.Hash, "provider", row.Provider, "object", row.Object)
	l.o.Settled(Settlement{
		Provider: row.Provider, Model: row.Model, Object: row.Object, Step: row.Step, Currency: row.Currency,
		Err: &llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonCallGone, Message: "no answer came in time"},
	})
	return nil
}

// backoff says whether an error is worth another try here and now, and when.
func (l *Ledger) backoff(err error, try int) (time.Duration, bool) {
	e := asError(err)
	if e == nil || e.Class == llm.ClassStalled || try+1 >= maxTries {
		return 0, false
	}
	switch e.Reason {
	case ReasonBudgetExceeded, ReasonBudgetReserved, ReasonProviderPaused, ReasonCancelled:
		return 0, false
	}
	if e.RetryAfter > patience {
		return 0, false
	}
	return e.RetryAfter + l.o.Jitter(firstDelay<<try), true
}

// jitter spreads a delay over its upper half.
func jitter(d time.Duration) time.Duration {
	return d/2 + rand.N(d/2+1) //nolint:gosec // a delay is no secret
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// sleepUnless sleeps, or until woken.
func (o *Options) sleepUnless(ctx context.Context, d time.Duration, woken <-chan struct{}) error {
	until, wake := context.WithCancel(ctx)
	defer wake()
	slept := make(chan error, 1)
	go func() { slept <- o.Sleep(until, d) }()
	select {
	case err := <-slept:
		return err
	case <-woken:
		wake()
		if err := <-slept; err == nil {
			return nil
		}
		return ctx.Err()
	}
}
