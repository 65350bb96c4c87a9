package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/algoitny/algoitny-operator/internal/ledger"
	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/llm/openai"
	"github.com/algoitny/algoitny-operator/internal/llm/replay"
	"github.com/algoitny/algoitny-operator/internal/store"
	"github.com/algoitny/algoitny-operator/internal/store/storetest"
)

const transcript = "answers:\n- {attempt: 1, text: first}\n- {attempt: 2, text: second}\n- {attempt: 3, text: third, latency: 1s}\n" +
	"- {attempt: 4, text: fourth, latency: 1s}\n- {attempt: 5, text: fifth, latency: 1s}\n- {attempt: 6, text: sixth, latency: 1s}\n"

var account = store.Account{Kind: store.AccountProvider, Name: "default/openai", Period: "2026-03", Currency: "USD"}

// world is a provider at the wire, a real table and a clock that tests move.
type world struct {
	t     *testing.T
	model *replay.Server
	book  *store.Store
	url   string
	// files are the transcripts.
	files fstest.MapFS
	// answering waits out the latency of an answer; nil is no time.
	answering func(context.Context) error

	mu  sync.Mutex
	now time.Time
	// slept are the pauses that the workers made, in order.
	slept []time.Duration
}

// newWorld has a provider that knows neither background calls nor batches.
func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldWith(t, replay.Options{NoResponses: true, NoBatches: true})
}

func newWorldWith(t *testing.T, o replay.Options) *world {
	t.Helper()
	w := &world{t: t, book: storetest.New(t), now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	w.files = fstest.MapFS{"judge/1/solve.yaml": &fstest.MapFile{Data: []byte(transcript)}}
	o.Transcripts = w.files
	o.Now = w.clock
	o.Sleep = func(ctx context.Context, _ time.Duration) error {
		if w.answering == nil {
			return nil
		}
		return w.answering(ctx)
	}
	w.model = replay.New(o)
	server := httptest.NewServer(w.model)
	t.Cleanup(func() { w.model.Close(); server.Close() })
	w.url = server.URL
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// sleep takes no time but the world's own.
func (w *world) sleep(ctx context.Context, d time.Duration) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now, w.slept = w.now.Add(d), append(w.slept, d)
	return ctx.Err()
}

// paid counts the calls that were made.
func (w *world) paid() int { return len(w.model.Calls()) }

// spent is what counts as spent on the test's provider.
func (w *world) spent() int64 {
	w.t.Helper()
	usage, err := w.book.Usage(w.t.Context(), account)
	if err != nil {
		w.t.Fatal(err)
	}
	return usage.SpentNano
}

// alive is a worker that nobody kills.
func (w *world) alive() *ledger.Ledger { return w.worker(&recorder{Store: w.book}) }

// worker is one life of the operator: its own owner, its own ledger.
func (w *world) worker(book ledger.Book) *ledger.Ledger {
	l := ledger.New(book, ledger.Options{
		Owner: fmt.Sprintf("worker-%p", book), Now: w.clock,
		Sleep:  w.sleep,
		Jitter: func(time.Duration) time.Duration { return time.Millisecond },
	})
	w.t.Cleanup(func() { l.Close(context.Background()) })
	return l
}

func (w *world) provider() ledger.Provider {
	model, err := openai.New(openai.Options{Endpoint: w.url + "/v1", Model: "test", Key: "key"})
	if err != nil {
		w.t.Fatal(err)
	}
	return ledger.Provider{
		Name: "default/openai", Model: model, ModelName: "test", Timeout: time.Minute,
		Price: llm.Price{InputNanoPerMillion: 1e9, OutputNanoPerMillion: 2e9},
	}
}

func question(attempt int) ledger.Question {
	return ledger.Question{
		Content: "digest", Step: "solve", PromptVersion: "v1", Attempt: attempt, Problem: "judge/1",
		Request: llm.Request{User: fmt.Sprintf("Reference: step=solve problem=judge/1 attempt=%d", attempt), MaxOutputTokens: 100},
	}
}

func TestTheSameQuestionIsPaidForOnce(t *testing.T) {
	w := newWorld(t)
	for life := range 3 {
		answer, err := w.alive().Ask(t.Context(), w.provider(), question(1))
		if err != nil || answer.Text != "first" {
			t.Fatalf("life %d: %v, %v", life, answer, err)
		}
	}
	if calls := w.paid(); calls != 1 {
		t.Errorf("%d paid calls, want 1", calls)
	}
}

func TestAskersAtTheSameTimeShareOneCall(t *testing.T) {
	w := newWorld(t)
	l, p := w.alive(), w.provider()
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() {
			if _, err := l.Ask(t.Context(), p, question(1)); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if calls := w.paid(); calls != 1 {
		t.Errorf("%d paid calls, want 1", calls)
	}
}

// TestAKillBetweenAnyTwoWritesCostsAtMostTheCallInFlight kills the worker
// before and after every write in turn and starts another.
func TestAKillBetweenAnyTwoWritesCostsAtMostTheCallInFlight(t *testing.T) {
	for _, applied := range []bool{false, true} {
		for killAt := 1; killAt <= 2; killAt++ {
			t.Run(fmt.Sprintf("write %d, applied %v", killAt, applied), func(t *testing.T) {
				w := newWorld(t)
				dying := &recorder{Store: w.book, killAt: killAt, applied: applied}
				if _, err := w.worker(dying).Ask(t.Context(), w.provider(), question(1)); err == nil {
					t.Fatal("the killed worker got an answer")
				}
				paid := w.paid()
				// Before the claim expires nobody may send it again.
				answer, err := w.alive().Ask(t.Context(), w.provider(), question(1))
				recorded := killAt == 2 && applied
				claimed := killAt == 1 && applied || killAt == 2 && !applied
				if claimed && (err == nil || w.paid() != paid) {
					t.Fatalf("a live claim was not respected: %v, %v", answer, err)
				}
				w.advance(time.Hour)
				answer, err = w.alive().Ask(t.Context(), w.provider(), question(1))
				if err != nil || answer.Text != "first" {
					t.Fatalf("after the grace time: %v, %v", answer, err)
				}
				if recorded && w.paid() != 1 {
					t.Errorf("a recorded answer was paid for again")
				}
				if w.paid() > 2 {
					t.Errorf("%d paid calls for one kill", w.paid())
				}
				assertBalanced(t, w)
			})
		}
	}
}

func TestALostAnswerCountsAsSpentAndIsSentUnderANewNumber(t *testing.T) {
	w := newWorld(t)
	w.model.FailNext(replay.Fault{Kind: replay.FaultDropAfterHeaders})
	answer, err := w.alive().Ask(t.Context(), w.provider(), question(1))
	if err != nil || answer.Text != "first" {
		t.Fatalf("%v, %v", answer, err)
	}
	usage, err := w.book.Usage(t.Context(), account)
	if err != nil {
		t.Fatal(err)
	}
	if usage.SpentNano <= answer.CostNano {
		t.Errorf("spent %d, want the lost call's reserve on top of %d", usage.SpentNano, answer.CostNano)
	}
}

func TestARefusedCallGivesItsReserveBack(t *testing.T) {
	w := newWorld(t)
	w.model.FailNext(replay.Fault{Kind: replay.FaultQuota})
	_, err := w.alive().Ask(t.Context(), w.provider(), question(1))
	if e := (*ledger.Error)(nil); !errors.As(err, &e) || e.Class != llm.ClassStalled {
		t.Fatalf("got %v, want a stall", err)
	}
	assertBalanced(t, w)
}

func TestAServerErrorIsTriedAgainByOneLayerOnly(t *testing.T) {
	w := newWorld(t)
	w.model.FailNext(replay.Fault{Kind: replay.FaultServerError}, replay.Fault{Kind: replay.FaultUnavailable})
	if _, err := w.alive().Ask(t.Context(), w.provider(), question(1)); err != nil {
		t.Fatal(err)
	}
	if calls := w.paid(); calls != 3 {
		t.Errorf("%d requests, want 3", calls)
	}
}

func TestACallBeyondTheBudgetIsNotSent(t *testing.T) {
	w := newWorld(t)
	p := w.provider()
	p.Budget = ledger.Limit{Nano: 1, Set: true}
	_, err := w.alive().Ask(t.Context(), p, question(1))
	if e := (*ledger.Error)(nil); !errors.As(err, &e) || e.Reason != ledger.ReasonBudgetExceeded {
		t.Fatalf("got %v, want BudgetExceeded", err)
	}
	if calls := w.paid(); calls != 0 {
		t.Errorf("%d paid calls, want none", calls)
	}
}

// assertBalanced says that nothing stays reserved when no call is in flight.
func assertBalanced(t *testing.T, w *world) {
	t.Helper()
	usage, err := w.book.Usage(t.Context(), account)
	if err != nil {
		t.Fatal(err)
	}
	if usage.CommittedNano != usage.SpentNano {
		t.Errorf("%d reserved for calls that nobody makes", usage.CommittedNano-usage.SpentNano)
	}
}

// errKilled stands for a process that is no longer there.
var errKilled = errors.New("killed")

// recorder is a table whose worker dies at its nth write, before or after the
// write is applied, and never reads or writes again.
type recorder struct {
	*store.Store
	killAt  int
	applied bool

	mu     sync.Mutex
	writes int
	dead   bool
}

func (r *recorder) write(apply func() error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.dead {
		return errKilled
	}
	r.writes++
	if r.writes != r.killAt {
		return apply()
	}
	r.dead = true
	if r.applied {
		_ = apply()
	}
	return errKilled
}

func (r *recorder) Call(ctx context.Context, hash string) (*store.Call, error) {
	r.mu.Lock()
	dead := r.dead
	r.mu.Unlock()
	if dead {
		return nil, errKilled
	}
	return r.Store.Call(ctx, hash)
}

func (r *recorder) Claim(ctx context.Context, c store.Call) error {
	return r.write(func() error { return r.Store.Claim(ctx, c) })
}

func (r *recorder) Attach(ctx context.Context, hash, owner, resume string, expires time.Time) error {
	return r.write(func() error { return r.Store.Attach(ctx, hash, owner, resume, expires) })
}

func (r *recorder) PutBatch(ctx context.Context, b store.Batch) error {
	return r.write(func() error { return r.Store.PutBatch(ctx, b) })
}

func (r *recorder) Record(ctx context.Context, hash, owner string, response []byte, cost int64, usage store.Tokens) error {
	return r.write(func() error { return r.Store.Record(ctx, hash, owner, response, cost, usage) })
}

func (r *recorder) Release(ctx context.Context, hash, owner string) error {
	return r.write(func() error { return r.Store.Release(ctx, hash, owner) })
}

func (r *recorder) Abandon(ctx context.Context, hash string) error {
	return r.write(func() error { return r.Store.Abandon(ctx, hash) })
}
