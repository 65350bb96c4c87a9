package ledger

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// sweepEvery is how often claims are looked for that nobody waits for.
const sweepEvery = 30 * time.Second

// forsaken is the age from which on a call that goes on at the provider is
// asked for by the sweeper, whoever else may wait for it.
const forsaken = 2 * time.Minute

// Sweeper lists the claims whose time is over.
type Sweeper interface {
	ExpiredCalls(ctx context.Context, now time.Time) iter.Seq2[store.CallSummary, error]
}

// Sweep settles the claims whose owner died and that nobody asks for again, so
// that no reserve is held forever: an answer that is there at the provider is
// recorded, and what has no answer in its time counts as spent. It tells how
// many there were.
func (l *Ledger) Sweep(ctx context.Context) (int, error) {
	swept := 0
	// Those that go on at the provider are looked at before their time is over.
	for call, err := range l.book.ExpiredCalls(ctx, l.o.Now().Add(batchLife)) {
		if err != nil {
			return swept, tableError(err)
		}
		// The index may be behind: the row itself decides.
		row, err := l.book.Call(ctx, call.Hash)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return swept, tableError(err)
		}
		settled, err := l.sweep(ctx, row)
		if err != nil {
			return swept, tableError(err)
		}
		if settled {
			swept++
		}
	}
	return swept, nil
}

// sweep settles one claim when it is time to.
func (l *Ledger) sweep(ctx context.Context, row *store.Call) (settled bool, err error) {
	now := l.o.Now()
	if _, awaited := l.flying.Load(row.Hash); awaited || row.State != store.CallClaimed {
		return false, nil
	}
	if now.Sub(row.ClaimedAt) >= forsaken && (row.Resume != "" || row.Batch != "") {
		if settled := l.collect(ctx, row); settled {
			return true, nil
		}
	}
	if row.ExpiresAt.After(now) {
		return false, nil
	}
	err = l.giveUp(ctx, row)
	if errors.Is(err, store.ErrCallLost) {
		return false, nil
	}
	return err == nil, err
}

// collect takes in what the provider has of a call, without waiting for it.
func (l *Ledger) collect(ctx context.Context, row *store.Call) (settled bool) {
	p, ok := l.o.Provider(ctx, row.Provider)
	if !ok {
		return false
	}
	if model, ok := p.Model.(llm.Batcher); ok && row.Batch != "" {
		// It records every answer of the batch when that is done.
		l.follow(&p, model, row)
		return false
	}
	model, ok := p.Model.(llm.Background)
	if !ok || row.Resume == "" {
		return false
	}
	response, err := model.Fetch(ctx, row.Resume)
	if response != nil {
		_, err = l.record(&p, aboutRow(row), row.Hash, "", response, row.Price)
		return err == nil
	}
	e := llm.AsError(err)
	if e == nil || !e.Ended {
		return false
	}
	l.settled(&p, aboutRow(row), nil, 0, err)
	err = l.failed(row.Hash, "", err)
	return errors.Is(err, errSpent) || llm.AsError(err) != nil
}

// KeepSweeping sweeps until ctx ends.
func (l *Ledger) KeepSweeping(ctx context.Context) error {
	for l.o.Sleep(ctx, sweepEvery) == nil {
		if _, err := l.Sweep(ctx); err != nil && ctx.Err() == nil {
			l.o.Log.Error(err, "claims could not be swept; it is tried again")
		}
	}
	return nil
}
