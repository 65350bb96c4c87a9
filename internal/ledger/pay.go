package ledger

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// pay waits for its turn and makes the call, or has it go with a batch. The
// turn is waited for under the asker's context and the call is made under the
// ledger's own: nobody pays for an asker who left, and nobody throws away what
// is paid for.
func (l *Ledger) pay(ctx context.Context, p *Provider, q *Question, hash string) (*Answer, error) {
	if q.Payer.batched(l.o.Now()) {
		answer, err := l.payInBatch(ctx, p, q, hash)
		if !errors.Is(err, llm.ErrNoBatch) {
			return answer, err
		}
	}
	reserve := reservation(q, p.Price)
	place, err := l.gate(p).enter(ctx, p, reserve.tokens, &q.Payer)
	if err != nil {
		return nil, err
	}
	return l.fly(ctx, hash, func() (*Answer, error) { return l.send(p, q, hash, reserve, place) }, place.drop)
}

func (l *Ledger) gate(p *Provider) *gate { return l.gates.of(p.gate(), l.book, l.o) }

// fly runs a call that several may ask for, once. ended is called when it is
// over, also for those who only joined it, and after an asker has left.
func (l *Ledger) fly(ctx context.Context, hash string, call func() (*Answer, error), ended func()) (*Answer, error) {
	flight := l.flights.DoChan(hash, func() (any, error) {
		if !l.inWork.begin() {
			return nil, cancelled(context.Canceled)
		}
		defer l.inWork.end()
		l.flying.Store(hash, true)
		defer l.flying.Delete(hash)
		return call()
	})
	select {
	case result := <-flight:
		ended()
		if result.Err != nil {
			return nil, result.Err
		}
		return result.Val.(*Answer), nil
	case <-ctx.Done():
		go func() {
			<-flight
			ended()
		}()
		return nil, cancelled(ctx.Err())
	}
}

// send is the claim, the call and the record.
func (l *Ledger) send(p *Provider, q *Question, hash string, reserve reserve, place *place) (*Answer, error) {
	if err := l.claim(p, q, hash, reserve, ""); err != nil {
		return nil, err
	}
	done, err := place.gate.allow()
	if err != nil {
		return nil, errors.Join(err, l.release(hash, l.o.Owner))
	}
	response, err := l.call(p, q, hash)
	if errors.Is(err, errLeft) {
		done(true)
		l.blame(p, aboutQuestion(q), err)
		return nil, left(err)
	}
	done(healthy(err))
	place.leave(err)
	if err != nil {
		l.settled(p, aboutQuestion(q), nil, 0, err)
		return nil, l.failed(hash, l.o.Owner, err)
	}
	return l.record(p, aboutQuestion(q), hash, l.o.Owner, response, p.rate(false))
}

// call makes the one paid request and waits for its answer. Where the provider
// goes on without us, the call's name is stored first.
func (l *Ledger) call(p *Provider, q *Question, hash string) (*llm.Response, error) {
	ctx, cancel := context.WithTimeout(l.life, p.Timeout)
	defer cancel()
	id, err := "", llm.ErrNoBackground
	background, ok := p.Model.(llm.Background)
	if ok {
		id, err = background.Start(ctx, q.Request)
	}
	if errors.Is(err, llm.ErrNoBackground) {
		return p.Model.Complete(ctx, q.Request)
	}
	if err != nil {
		return nil, err
	}
	expires := l.o.Now().Add(resumable)
	if err := l.patiently(func(ctx context.Context) error { return l.book.Attach(ctx, hash, l.o.Owner, id, expires) }); err != nil {
		// The answer may still come; a crash before it loses the call.
		l.o.Log.Error(err, "a call's name could not be stored", "call", hash)
	}
	return l.await(l.work, background, id)
}

// claim writes the row and reserves the worst case in every account.
func (l *Ledger) claim(p *Provider, q *Question, hash string, reserve reserve, batch string) error {
	now := l.o.Now().UTC()
	c := store.Call{
		Hash: hash, State: store.CallClaimed, Owner: l.o.Owner,
		Provider: p.Name, Model: p.ModelName, Object: q.Payer.Object, Problem: q.Problem, Step: q.Step, Attempt: q.Attempt,
		Month: Month(now), Currency: p.Bills(), Price: p.rate(batch != ""), Accounts: []store.Bound{p.account(now)},
		ReserveNano: reserve.nano, ClaimedAt: now, ExpiresAt: now.Add(p.Timeout + settleTime), Gate: p.gate(), Batch: batch,
	}
	if batch != "" {
		c.ExpiresAt = now.Add(batchLife)
	}
	if q.Payer.Accounts != nil {
		more, err := q.Payer.Accounts(l.life, c.Currency)
		if err != nil {
			return err
		}
		c.Accounts = append(c.Accounts, more...)
	}
	err := l.book.Claim(l.life, c)
	if _, exists := errors.AsType[*store.CallExistsError](err); exists {
		return inFlight(0)
	}
	if over, ok := errors.AsType[*store.BudgetExceededError](err); ok {
		return budgetExceeded(over, now)
	}
	if err != nil {
		return tableError(err)
	}
	return nil
}

// failed settles the claim of a call that gave no answer: a definite refusal
// gives the reserve back, anything unclear counts as spent.
func (l *Ledger) failed(hash, owner string, err error) error {
	call := llm.AsError(err)
	if call == nil {
		call = &llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonInvalidResponse, Unclear: true, Message: "the adapter failed", Err: err}
	}
	if !lost(call) {
		return errors.Join(modelError(call), l.release(hash, owner))
	}
	return l.abandon(hash)
}

// lost tells whether a call may have been billed although no answer came.
func lost(e *llm.Error) bool { return e.Unclear || e.Reason == llm.ReasonCallGone }

// abandon counts a call as spent.
func (l *Ledger) abandon(hash string) error {
	// The table may be away as well; then the claim expires by itself.
	if err := l.patiently(func(ctx context.Context) error { return l.book.Abandon(ctx, hash) }); err != nil {
		l.o.Log.Error(err, "a lost call could not be marked; its claim will expire", "call", hash)
	}
	return errSpent
}

// release gives a reserve back; owner empty is anybody's.
func (l *Ledger) release(hash, owner string) error {
	err := l.patiently(func(ctx context.Context) error { return l.book.Release(ctx, hash, owner) })
	if err != nil {
		l.o.Log.Error(err, "a refused call could not be released; its claim will expire", "call", hash)
		return tableError(err)
	}
	return nil
}

// record stores the answer before anyone sees it. owner empty is anybody.
func (l *Ledger) record(p *Provider, of about, hash, owner string, response *llm.Response, rate store.Price) (*Answer, error) {
	raw, err := json.Marshal(response)
	if err != nil {
		return nil, tableError(err)
	}
	cost := PriceOf(rate).Cost(response.Usage)
	err = l.patiently(func(ctx context.Context) error {
		return l.book.Record(ctx, hash, owner, raw, cost, store.Tokens{
			Requests: 1,
			Prompt:   response.Usage.Prompt, Cached: response.Usage.CachedPrompt,
			Output: response.Usage.Output, Thinking: response.Usage.Thinking,
		})
	})
	l.settled(p, of, response, cost, nil)
	if err != nil {
		return nil, tableError(err)
	}
	return &Answer{Response: *response, Hash: hash, CostNano: cost}, nil
}

// about is what a call was for.
type about struct{ object, step string }

func aboutQuestion(q *Question) about { return about{q.Payer.Object, q.Step} }

func aboutRow(row *store.Call) about { return about{row.Object, row.Step} }

func (l *Ledger) settled(p *Provider, of about, response *llm.Response, cost int64, err error) {
	s := Settlement{
		Provider: p.Name, Model: p.ModelName, Object: of.object, Step: of.step, Currency: p.Bills(),
		CostNano: cost, Err: err,
	}
	if response != nil {
		s.Usage = response.Usage
	}
	l.o.Settled(s)
}

// blame has a provider looked at again whose key may not even ask for an
// answer. Nothing is settled by that.
func (l *Ledger) blame(p *Provider, of about, err error) {
	if e := llm.AsError(err); e != nil {
		l.settled(p, of, nil, 0, e)
	}
}

// patiently repeats a write that follows a call: the money is gone already,
// so the write is worth waiting for, shutdown or not.
func (l *Ledger) patiently(write func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(l.life), settleTime/2)
	defer cancel()
	var err error
	for try := range maxTries {
		if err = write(ctx); err == nil || !transient(err) {
			return err
		}
		if l.o.Sleep(ctx, l.o.Jitter(firstDelay<<try)) != nil {
			return err
		}
	}
	return err
}
