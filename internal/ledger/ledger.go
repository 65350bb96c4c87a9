// Package ledger is the only way to a paid call: claim, call, record. A row
// in the table stands before every request and its answer is stored before
// anyone uses it, so that a crash at any moment costs at most the one call
// that was in flight.
package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/go-logr/logr"
	"golang.org/x/sync/singleflight"

	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// maxSends bounds how often one attempt is sent again after an answer was
// lost in flight; each of them may have been billed.
const maxSends = 3

// settleTime is what a claim outlives its call by: the answer has to be
// stored, on a table that may be slow, before others may call the claim dead.
const settleTime = time.Minute

// Book is the part of the table the ledger writes to.
type Book interface {
	Claim(ctx context.Context, c store.Call, budgetNano int64) error
	Call(ctx context.Context, hash string) (*store.Call, error)
	Record(ctx context.Context, hash, owner string, response []byte, costNano int64, usage store.Tokens) error
	Release(ctx context.Context, hash, owner string) error
	Abandon(ctx context.Context, hash string) error
}

// Provider is a model together with what may be spent on it.
type Provider struct {
	// Name is namespace/name of the ModelProvider.
	Name      string
	Model     llm.Model
	ModelName string
	Price     llm.Price
	// BudgetNano bounds a calendar month in UTC; 0 is no bound.
	BudgetNano int64
	// Timeout bounds one call.
	Timeout time.Duration
	Limits  Limits
}

// Question is one prompt and what it is about. Equal questions to the same
// model are paid for once in the table's life.
type Question struct {
	// Content is the digest of what is asked about.
	Content string
	// Step names the prompt, PromptVersion its text.
	Step          string
	PromptVersion string
	// Attempt counts from 1; a repair is another attempt.
	Attempt int
	// Renewal lets a question be sent again of which every answer was lost:
	// any new text will do. What is recorded is found all the same.
	Renewal string
	// Problem is shown to people who read the table.
	Problem string
	Request llm.Request
}

// Answer is a recorded response.
type Answer struct {
	llm.Response
	// Hash names the row of the call.
	Hash string
	// CostNano is the price of the call in 1e-9 of the provider's currency.
	CostNano int64
}

// Options configure a Ledger. Zero values are the real clock and sleep.
type Options struct {
	// Owner names this process in its claims; it must be unique to one run.
	Owner string
	Log   logr.Logger
	// Settled is told of every call that ended: the provider's name and, when
	// no answer came, the *llm.Error. It must not block. Nil tells nobody.
	Settled func(provider string, err error)
	Now     func() time.Time
	// Sleep waits between tries and ends early with the context.
	Sleep func(ctx context.Context, d time.Duration) error
	// Jitter spreads a delay.
	Jitter func(d time.Duration) time.Duration
}

// Ledger asks models and remembers every answer. It is safe for concurrent use.
type Ledger struct {
	book    Book
	o       Options
	gates   gates
	flights singleflight.Group
	// life ends when calls in flight are to be cut off.
	life   context.Context
	cutOff context.CancelFunc
	inWork inWork
}

// New returns a ledger over the table.
func New(book Book, o Options) *Ledger {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Settled == nil {
		o.Settled = func(string, error) {}
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	if o.Jitter == nil {
		o.Jitter = jitter
	}
	life, cutOff := context.WithCancel(context.Background())
	return &Ledger{book: book, o: o, life: life, cutOff: cutOff}
}

// Close waits for the calls in flight until ctx ends, then cuts them off;
// what is cut off counts as spent.
func (l *Ledger) Close(ctx context.Context) {
	done := l.inWork.close()
	select {
	case <-done:
	case <-ctx.Done():
		l.cutOff()
		<-done
	}
	l.cutOff()
}

// Ask returns the answer to q, paying for it only when the table has none.
// When ctx ends early a call already in flight is still finished and
// recorded, for whoever asks next. Every error is an *Error.
func (l *Ledger) Ask(ctx context.Context, p Provider, q Question) (*Answer, error) {
	for _, send := range q.sends() {
		answer, err := l.askOnce(ctx, p, q, q.hash(p, send))
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

// sends name the times a question may be sent: the first few and, when all of
// these are lost, as many again for a person's word.
func (q Question) sends() []string {
	var names []string
	for send := range maxSends {
		names = append(names, strconv.Itoa(send+1))
	}
	if q.Renewal != "" {
		for send := range maxSends {
			names = append(names, q.Renewal+"/"+strconv.Itoa(send+1))
		}
	}
	return names
}

// askOnce looks for the answer of one send and pays for it when it is nowhere.
func (l *Ledger) askOnce(ctx context.Context, p Provider, q Question, hash string) (*Answer, error) {
	for try := 0; ; try++ {
		answer, err := l.recall(ctx, hash)
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
func (l *Ledger) recall(ctx context.Context, hash string) (*Answer, error) {
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
	case store.CallUnknown:
		return nil, errSpent
	case store.CallReleased:
		return nil, nil
	}
	left := row.ExpiresAt.Sub(l.o.Now())
	if left > 0 {
		// In this process the call in flight is joined instead.
		if row.Owner == l.o.Owner {
			return nil, nil
		}
		return nil, inFlight(left)
	}
	if err := l.book.Abandon(ctx, hash); err != nil {
		return nil, tableError(err)
	}
	return nil, errSpent
}

// pay waits for its turn and makes the call. The turn is waited for under the
// asker's context and the call is made under the ledger's own: nobody pays
// for an asker who left, and nobody throws away what is paid for.
func (l *Ledger) pay(ctx context.Context, p Provider, q Question, hash string) (*Answer, error) {
	reserve := reservation(p, q)
	gate := l.gates.of(p)
	leave, err := gate.enter(ctx, reserve.tokens, l.o)
	if err != nil {
		return nil, err
	}
	flight := l.flights.DoChan(hash, func() (any, error) {
		if !l.inWork.begin() {
			return nil, cancelled(context.Canceled)
		}
		defer l.inWork.end()
		return l.fly(p, q, hash, reserve, gate)
	})
	select {
	case result := <-flight:
		leave()
		if result.Err != nil {
			return nil, result.Err
		}
		return result.Val.(*Answer), nil
	case <-ctx.Done():
		go func() {
			<-flight
			leave()
		}()
		return nil, cancelled(ctx.Err())
	}
}

// fly is the claim, the call and the record.
func (l *Ledger) fly(p Provider, q Question, hash string, reserve reserve, gate *gate) (*Answer, error) {
	if err := l.claim(p, q, hash, reserve); err != nil {
		return nil, err
	}
	done, err := gate.allow()
	if err != nil {
		return nil, errors.Join(err, l.release(hash))
	}
	ctx, cancel := context.WithTimeout(l.life, p.Timeout)
	response, err := p.Model.Complete(ctx, q.Request)
	cancel()
	done(healthy(err))
	defer l.o.Settled(p.Name, err)
	if err != nil {
		return nil, l.failed(hash, gate, err)
	}
	return l.record(p, hash, response)
}

func (l *Ledger) claim(p Provider, q Question, hash string, reserve reserve) error {
	now := l.o.Now().UTC()
	err := l.book.Claim(l.life, store.Call{
		Hash: hash, State: store.CallClaimed, Owner: l.o.Owner,
		Provider: p.Name, Month: now.Format("2006-01"),
		Step: q.Step, Problem: q.Problem, Attempt: q.Attempt,
		ReserveNano: reserve.nano, ClaimedAt: now, ExpiresAt: now.Add(p.Timeout + settleTime),
	}, p.BudgetNano)
	if _, exists := errors.AsType[*store.CallExistsError](err); exists {
		return inFlight(time.Second)
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
func (l *Ledger) failed(hash string, gate *gate, err error) error {
	call := llm.AsError(err)
	if call == nil {
		call = &llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonInvalidResponse, Unclear: true, Message: "the adapter failed", Err: err}
	}
	gate.slowDown(call, l.o.Now())
	if !call.Unclear {
		return errors.Join(modelError(call), l.release(hash))
	}
	// The table may be away as well; then the claim expires by itself.
	if err := l.patiently(func(ctx context.Context) error { return l.book.Abandon(ctx, hash) }); err != nil {
		l.o.Log.Error(err, "a lost call could not be marked; its claim will expire", "call", hash)
	}
	return errSpent
}

func (l *Ledger) release(hash string) error {
	err := l.patiently(func(ctx context.Context) error { return l.book.Release(ctx, hash, l.o.Owner) })
	if err != nil {
		l.o.Log.Error(err, "a refused call could not be released; its claim will expire", "call", hash)
		return tableError(err)
	}
	return nil
}

// record stores the answer before anyone sees it.
func (l *Ledger) record(p Provider, hash string, response *llm.Response) (*Answer, error) {
	raw, err := json.Marshal(response)
	if err != nil {
		return nil, tableError(err)
	}
	cost := p.Price.Cost(response.Usage)
	err = l.patiently(func(ctx context.Context) error {
		return l.book.Record(ctx, hash, l.o.Owner, raw, cost, store.Tokens{
			Requests: 1,
			Prompt:   response.Usage.Prompt, Cached: response.Usage.CachedPrompt,
			Output: response.Usage.Output, Thinking: response.Usage.Thinking,
		})
	})
	if err != nil {
		return nil, tableError(err)
	}
	return &Answer{Response: *response, Hash: hash, CostNano: cost}, nil
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

// hash names the row: what is asked about, how, of whom, and which try.
func (q Question) hash(p Provider, send string) string {
	parts, _ := json.Marshal([]any{
		q.Content, q.Step, q.PromptVersion, p.ModelName,
		q.Request.SchemaName, q.Request.MaxOutputTokens, q.Attempt, send,
	})
	sum := sha256.Sum256(parts)
	return hex.EncodeToString(sum[:])
}

func decode(row *store.Call) (*Answer, error) {
	answer := &Answer{Hash: row.Hash, CostNano: row.CostNano}
	if err := json.Unmarshal(row.Response, &answer.Response); err != nil {
		return nil, &Error{
			Class: llm.ClassStalled, Reason: ReasonRecordDamaged, Err: err,
			Message: "the recorded answer in the table cannot be read; restore the row CALL#… from a backup",
		}
	}
	return answer, nil
}

// reserve is the worst case of one call.
type reserve struct {
	tokens int64
	nano   int64
}

func reservation(p Provider, q Question) reserve {
	prompt := llm.EstimateTokens(q.Request.System + q.Request.User + string(q.Request.Schema))
	return reserve{
		tokens: prompt + int64(q.Request.MaxOutputTokens),
		nano:   p.Price.WorstCase(int(prompt), q.Request.MaxOutputTokens),
	}
}

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
