package ledger

import (
	"context"
	"errors"
	"time"

	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// resumable is how long a call that goes on at the provider is waited for
// before it counts as lost. What comes later is recorded all the same.
const resumable = time.Hour

// A call that goes on at the provider is asked for after firstFetch, then
// after half as long again each time, up to lastFetch.
const (
	firstFetch = 250 * time.Millisecond
	lastFetch  = 5 * time.Second
)

// errLeft says that nobody waits for a call any more that goes on at the
// provider: the process ends, or the key may not ask.
var errLeft = errors.New("the call goes on at the provider; whoever asks next resumes it")

// left is why a call is left to whoever asks next.
func left(err error) *Error {
	if e := llm.AsError(err); e != nil {
		return modelError(e)
	}
	return cancelled(err)
}

// await asks for a started call until its answer is there. Only the ledger's
// end keeps it from that, which loses nothing.
func (l *Ledger) await(ctx context.Context, model llm.Background, id string) (*llm.Response, error) {
	until := l.o.Now().Add(resumable)
	for pause := firstFetch; ; pause = min(pause*3/2, lastFetch) {
		if l.o.Sleep(ctx, pause) != nil {
			return nil, errLeft
		}
		response, err := model.Fetch(ctx, id)
		if response != nil {
			return response, nil
		}
		e := llm.AsError(err)
		switch {
		case ctx.Err() != nil:
			return nil, errLeft
		case err != nil && e == nil, e != nil && e.Ended:
			return nil, err
		case e != nil && e.BlamesProvider():
			return nil, errors.Join(errLeft, err)
		case !l.o.Now().Before(until):
			return nil, &llm.Error{
				Class: llm.ClassRetry, Reason: llm.ReasonCallGone, Ended: true, Err: err,
				Message: "the provider did not finish the call within an hour",
			}
		case e != nil && e.RetryAfter > pause:
			pause = min(e.RetryAfter, longestRest)
		}
	}
}

// resume waits for a call that somebody started and that goes on at the
// provider, for free. One that counts as lost already is only looked at.
func (l *Ledger) resume(ctx context.Context, p *Provider, row *store.Call) (*Answer, error) {
	model, ok := p.Model.(llm.Background)
	if !ok {
		return nil, l.expire(ctx, row)
	}
	answer, err := l.fly(ctx, row.Hash, func() (*Answer, error) {
		response, err := l.fetch(model, row)
		switch {
		case errors.Is(err, errLeft):
			l.blame(p, aboutRow(row), err)
			return nil, left(err)
		case response != nil:
			return l.record(p, aboutRow(row), row.Hash, "", response, row.Price)
		case row.State == store.CallUnknown:
			return nil, errSpent
		}
		l.settled(p, aboutRow(row), nil, 0, err)
		return nil, l.failed(row.Hash, "", err)
	}, func() {})
	if e := asError(err); e != nil && e.Class == llm.ClassRetry && e.Reason != ReasonCancelled {
		// The row is free again: it is paid for like any other.
		return nil, nil
	}
	return answer, err
}

func (l *Ledger) fetch(model llm.Background, row *store.Call) (*llm.Response, error) {
	if row.State == store.CallClaimed {
		return l.await(l.work, model, row.Resume)
	}
	response, err := model.Fetch(l.work, row.Resume)
	if l.work.Err() != nil {
		return nil, errLeft
	}
	return response, err
}
