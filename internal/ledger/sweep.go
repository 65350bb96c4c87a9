package ledger

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/algoitny/algoitny-operator/internal/store"
)

// sweepEvery is how often claims are looked for whose time is over.
const sweepEvery = 30 * time.Second

// Sweeper lists the claims whose time is over.
type Sweeper interface {
	ExpiredCalls(ctx context.Context, now time.Time) iter.Seq2[store.CallSummary, error]
}

// Sweep counts the claims as spent whose owner died and that nobody asks for
// again, so that no reserve is held forever. It tells how many there were.
func (l *Ledger) Sweep(ctx context.Context) (int, error) {
	swept := 0
	for call, err := range l.book.ExpiredCalls(ctx, l.o.Now()) {
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
		if row.State != store.CallClaimed || row.ExpiresAt.After(l.o.Now()) {
			continue
		}
		if err := l.book.Abandon(ctx, row.Hash); errors.Is(err, store.ErrCallLost) {
			continue
		} else if err != nil {
			return swept, tableError(err)
		}
		l.o.Log.Info("a call's answer never came; it counts as spent", "call", row.Hash, "provider", row.Provider, "object", row.Object)
		swept++
	}
	return swept, nil
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
