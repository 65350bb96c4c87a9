package ledger

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/store"
)

const (
	// batchWindow gathers what the objects of one kubectl apply ask.
	batchWindow = time.Minute
	// batchPoll is how often a batch is asked for: it takes minutes at best.
	batchPoll = time.Minute
	// batchLife is how long a batch may take before its calls count as lost:
	// the vendor's day and some time to hear of its end.
	batchLife = 30 * time.Hour
	// batchGrace is how long a batch of which no answer came may take to appear
	// in the provider's list. After that it was never begun.
	batchGrace = 10 * time.Minute
	// batchItems bounds one batch; the vendor takes 50,000 and 200 MB.
	batchItems = 1000
)

// batches gathers questions and follows the batches they went with.
type batches struct {
	mu sync.Mutex
	// open gathers by provider.
	open map[string]*gathering
	// followed are the batches that are being asked for, by mark.
	followed map[string]*following
	running  sync.WaitGroup
}

// gathering is a batch that is not sent yet.
type gathering struct {
	mark  string
	items []*batchItem
}

// batchItem is a question that goes with a batch.
type batchItem struct {
	hash    string
	q       *Question
	reserve reserve
	// sent is closed when the item is claimed and on its way, or refused for err.
	sent chan struct{}
	err  error
}

// following is a batch on its way. done is closed when nothing more will come:
// then there is the batch, whose results are recorded, or an error.
type following struct {
	done  chan struct{}
	batch *llm.Batch
	err   error
}

func (b *batches) wait() { b.running.Wait() }

// payInBatch has a question go with the next batch and waits for its answer.
func (l *Ledger) payInBatch(ctx context.Context, p *Provider, q *Question, hash string) (*Answer, error) {
	if _, ok := p.Model.(llm.Batcher); !ok {
		return nil, llm.ErrNoBatch
	}
	item := l.gather(p, q, hash)
	if err := awaiting(ctx, q, item.sent); err != nil {
		return nil, err
	}
	if item.err != nil {
		return nil, item.err
	}
	answer, err := l.recall(ctx, p, q, hash)
	if answer == nil && err == nil {
		// What failed in the batch is free to be sent again.
		err = &Error{Class: llm.ClassRetry, Reason: ReasonBatchItemFailed, Message: "the batch brought no answer to this question; it is asked again"}
	}
	return answer, err
}

// awaiting waits aside for a batch, and says so.
func awaiting(ctx context.Context, q *Question, what <-chan struct{}) error {
	q.Payer.held(batchPending())
	defer q.Payer.held(nil)
	return q.Payer.wait(ctx, func(ctx context.Context) error {
		select {
		case <-what:
			return nil
		case <-ctx.Done():
			return cancelled(ctx.Err())
		}
	})
}

// gather puts a question into the batch that is being gathered.
func (l *Ledger) gather(p *Provider, q *Question, hash string) *batchItem {
	b := &l.batches
	b.mu.Lock()
	defer b.mu.Unlock()
	g := b.open[p.Name]
	if g == nil {
		g = &gathering{mark: uuid.NewString()}
		b.open[p.Name] = g
		b.running.Go(func() { l.sendGathered(*p, g) })
	}
	for _, item := range g.items {
		if item.hash == hash {
			return item
		}
	}
	item := &batchItem{hash: hash, q: q, reserve: reservation(q, PriceOf(p.rate(true))), sent: make(chan struct{})}
	g.items = append(g.items, item)
	if len(g.items) == batchItems {
		delete(b.open, p.Name)
	}
	return item
}

// sendGathered waits for company and sends the batch.
func (l *Ledger) sendGathered(p Provider, g *gathering) {
	slept := l.o.Sleep(l.work, l.o.BatchWindow)
	l.batches.mu.Lock()
	if l.batches.open[p.Name] == g {
		delete(l.batches.open, p.Name)
	}
	items := g.items
	l.batches.mu.Unlock()
	if slept != nil || !l.inWork.begin() {
		refuse(items, cancelled(context.Canceled))
		return
	}
	defer l.inWork.end()
	claimed := l.claimBatch(&p, g.mark, items)
	if len(claimed) == 0 {
		return
	}
	err := l.sendBatch(&p, g.mark, claimed)
	if err != nil {
		for _, item := range claimed {
			item.err = errors.Join(err, l.release(item.hash, l.o.Owner))
		}
	}
	for _, item := range claimed {
		close(item.sent)
	}
}

// claimBatch claims every item for itself: one that does not fit into a budget
// keeps no other from its place.
func (l *Ledger) claimBatch(p *Provider, mark string, items []*batchItem) []*batchItem {
	var claimed []*batchItem
	for _, item := range items {
		if err := l.claim(p, item.q, item.hash, item.reserve, mark); err != nil {
			refuse([]*batchItem{item}, err)
			continue
		}
		claimed = append(claimed, item)
	}
	return claimed
}

func refuse(items []*batchItem, err error) {
	for _, item := range items {
		item.err = err
		close(item.sent)
	}
}

// sendBatch makes the one paid request. Its error says that nothing was begun.
func (l *Ledger) sendBatch(p *Provider, mark string, items []*batchItem) error {
	batch := store.Batch{Mark: mark, Provider: p.Name, CreatedAt: l.o.Now()}
	if err := l.patiently(func(ctx context.Context) error { return l.book.PutBatch(ctx, batch) }); err != nil {
		return tableError(err)
	}
	sent := make([]llm.BatchItem, len(items))
	for i, item := range items {
		sent[i] = llm.BatchItem{ID: item.hash, Request: item.q.Request}
	}
	ctx, cancel := context.WithTimeout(l.life, 2*p.Timeout)
	defer cancel()
	id, err := p.Model.(llm.Batcher).SendBatch(ctx, mark, sent)
	if errors.Is(err, llm.ErrNoBatch) {
		return err
	}
	if e := llm.AsError(err); e != nil && !e.Unclear {
		return modelError(e)
	}
	if err != nil {
		// It may have been begun: whoever follows it finds that out.
		l.o.Log.Info("a batch may have been begun; it is looked for", "mark", mark, "provider", p.Name)
		return nil
	}
	batch.ID = id
	if err := l.patiently(func(ctx context.Context) error { return l.book.PutBatch(ctx, batch) }); err != nil {
		l.o.Log.Error(err, "a batch's name could not be stored; it is found by its mark", "mark", mark)
	}
	return nil
}

// recallBatch waits for the batch that a call went with.
func (l *Ledger) recallBatch(ctx context.Context, p *Provider, q *Question, row *store.Call) (*Answer, error) {
	model, ok := p.Model.(llm.Batcher)
	if !ok {
		return nil, l.expire(ctx, row)
	}
	f := l.follow(p, model, row)
	if err := awaiting(ctx, q, f.done); err != nil {
		return nil, err
	}
	if f.err != nil {
		return nil, f.err
	}
	answer, err := l.settleItem(p, row.Batch, row.Hash, f.batch.Result(row.Hash))
	if e := asError(err); e != nil && e.Class == llm.ClassRetry && e.Reason != ReasonTableFailed {
		// The row is free again: the question goes with the next batch.
		return nil, nil
	}
	return answer, err
}

// settleItem settles one call of a batch that is done, unless somebody else did.
// The items of a batch are the provider's word: one that did not go with it is
// left alone, or a provider could answer what another was asked.
func (l *Ledger) settleItem(p *Provider, mark, hash string, result llm.BatchResult) (*Answer, error) {
	row, err := l.book.Call(l.life, hash)
	if err != nil {
		return nil, tableError(err)
	}
	switch {
	case row.Batch != mark:
		return nil, nil
	case row.State == store.CallRecorded:
		return decode(row)
	case row.State == store.CallReleased:
		return nil, nil
	case result.Response != nil:
		return l.record(p, aboutRow(row), row.Hash, "", result.Response, row.Price)
	case row.State == store.CallUnknown:
		return nil, errSpent
	}
	l.settled(p, aboutRow(row), nil, 0, result.Err)
	return nil, l.failed(row.Hash, "", result.Err)
}

// follow asks for a batch until it is done; in one process once for all.
func (l *Ledger) follow(p *Provider, model llm.Batcher, row *store.Call) *following {
	b := &l.batches
	b.mu.Lock()
	defer b.mu.Unlock()
	if f := b.followed[row.Batch]; f != nil {
		return f
	}
	f := &following{done: make(chan struct{})}
	b.followed[row.Batch] = f
	provider := *p
	b.running.Go(func() {
		f.batch, f.err = l.followUntilDone(&provider, model, row)
		b.mu.Lock()
		delete(b.followed, row.Batch)
		b.mu.Unlock()
		close(f.done)
	})
	return f
}

// followUntilDone asks for a batch until it is done and records what it
// brought, whoever asked for it.
func (l *Ledger) followUntilDone(p *Provider, model llm.Batcher, row *store.Call) (*llm.Batch, error) {
	id, err := l.batchID(model, row)
	if e := llm.AsError(err); e != nil {
		l.blame(p, aboutRow(row), err)
		return nil, modelError(e)
	}
	if err != nil {
		return nil, err
	}
	if id == "" {
		return &llm.Batch{Done: true, Failed: &llm.Error{
			Class: llm.ClassRetry, Reason: llm.ReasonConnection, Message: "the batch was never begun; its questions are asked again",
		}}, nil
	}
	for until := row.ClaimedAt.Add(batchLife); ; {
		batch, err := model.FetchBatch(l.work, id)
		e := llm.AsError(err)
		switch {
		case l.work.Err() != nil:
			return nil, cancelled(errLeft)
		case err == nil && batch.Done:
			for hash, result := range batch.Results {
				// An error leaves the row to whoever asks for it.
				_, _ = l.settleItem(p, row.Batch, hash, result)
			}
			return batch, nil
		case e != nil && e.BlamesProvider():
			l.blame(p, aboutRow(row), err)
			return nil, modelError(e)
		case e != nil && e.Ended, !l.o.Now().Before(until):
			return &llm.Batch{Done: true}, nil
		}
		if l.o.Sleep(l.work, l.o.BatchPoll) != nil {
			return nil, cancelled(errLeft)
		}
	}
}

// batchID is the provider's name for a batch, "" when it was never begun.
func (l *Ledger) batchID(model llm.Batcher, row *store.Call) (string, error) {
	for {
		batch, err := l.book.Batch(l.work, row.Batch)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return "", tableError(err)
		}
		if batch != nil && batch.ID != "" {
			return batch.ID, nil
		}
		id, err := model.FindBatch(l.work, row.Batch)
		switch {
		case l.work.Err() != nil:
			return "", cancelled(errLeft)
		case err == nil && id != "":
			return id, l.nameBatch(row, id)
		case llm.AsError(err) != nil && llm.AsError(err).BlamesProvider():
			return "", err
		case err == nil && l.o.Now().Sub(row.ClaimedAt) > batchGrace:
			return "", nil
		}
		if l.o.Sleep(l.work, l.o.BatchPoll) != nil {
			return "", cancelled(errLeft)
		}
	}
}

func (l *Ledger) nameBatch(row *store.Call, id string) error {
	err := l.book.PutBatch(l.work, store.Batch{Mark: row.Batch, ID: id, Provider: row.Provider, CreatedAt: row.ClaimedAt})
	if err != nil {
		return tableError(err)
	}
	return nil
}
