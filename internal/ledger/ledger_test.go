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

const transcript = "answers:\n- attempt: 1\n  text: first\n- attempt: 2\n  text: second\n"

// world is a provider at the wire, a real table and a clock that tests move.
type world struct {
	t     *testing.T
	model *replay.Server
	book  *store.Store
	url   string

	mu  sync.Mutex
	now time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	model := replay.New(replay.Options{Transcripts: fstest.MapFS{
		"judge/1/solve.yaml": &fstest.MapFile{Data: []byte(transcript)},
	}})
	server := httptest.NewServer(model)
	t.Cleanup(func() { model.Close(); server.Close() })
	return &world{t: t, model: model, book: storetest.New(t), url: server.URL, now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
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

// worker is one life of the operator: its own owner, its own ledger.
func (w *world) worker(book ledger.Book) *ledger.Ledger {
	l := ledger.New(book, ledger.Options{
		Owner: fmt.Sprintf("worker-%p", book), Now: w.clock,
		Sleep:  func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
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
		answer, err := w.worker(&recorder{Store: w.book}).Ask(t.Context(), w.provider(), question(1))
		if err != nil || answer.Text != "first" {
			t.Fatalf("life %d: %v, %v", life, answer, err)
		}
	}
	if calls := len(w.model.Calls()); calls != 1 {
		t.Errorf("%d paid calls, want 1", calls)
	}
}

func TestAskersAtTheSameTimeShareOneCall(t *testing.T) {
	w := newWorld(t)
	l, p := w.worker(&recorder{Store: w.book}), w.provider()
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() {
			if _, err := l.Ask(t.Context(), p, question(1)); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if calls := len(w.model.Calls()); calls != 1 {
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
				paid := len(w.model.Calls())
				// Before the claim expires nobody may send it again.
				answer, err := w.worker(&recorder{Store: w.book}).Ask(t.Context(), w.provider(), question(1))
				recorded := killAt == 2 && applied
				claimed := killAt == 1 && applied || killAt == 2 && !applied
				if claimed && (err == nil || len(w.model.Calls()) != paid) {
					t.Fatalf("a live claim was not respected: %v, %v", answer, err)
				}
				w.advance(time.Hour)
				answer, err = w.worker(&recorder{Store: w.book}).Ask(t.Context(), w.provider(), question(1))
				if err != nil || answer.Text != "first" {
					t.Fatalf("after the grace time: %v, %v", answer, err)
				}
				if recorded && len(w.model.Calls()) != 1 {
					t.Errorf("a recorded answer was paid for again")
				}
				if len(w.model.Calls()) > 2 {
					t.Errorf("%d paid calls for one kill", len(w.model.Calls()))
				}
				assertBalanced(t, w)
			})
		}
	}
}

func TestALostAnswerCountsAsSpentAndIsSentUnderANewNumber(t *testing.T) {
	w := newWorld(t)
	w.model.FailNext(replay.Fault{Kind: replay.FaultDropAfterHeaders})
	answer, err := w.worker(&recorder{Store: w.book}).Ask(t.Context(), w.provider(), question(1))
	if err != nil || answer.Text != "first" {
		t.Fatalf("%v, %v", answer, err)
	}
	usage, err := w.book.Usage(t.Context(), "default/openai", "2026-03")
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
	_, err := w.worker(&recorder{Store: w.book}).Ask(t.Context(), w.provider(), question(1))
	if e := (*ledger.Error)(nil); !errors.As(err, &e) || e.Class != llm.ClassStalled {
		t.Fatalf("got %v, want a stall", err)
	}
	assertBalanced(t, w)
}

func TestAServerErrorIsTriedAgainByOneLayerOnly(t *testing.T) {
	w := newWorld(t)
	w.model.FailNext(replay.Fault{Kind: replay.FaultServerError}, replay.Fault{Kind: replay.FaultUnavailable})
	if _, err := w.worker(&recorder{Store: w.book}).Ask(t.Context(), w.provider(), question(1)); err != nil {
		t.Fatal(err)
	}
	if calls := len(w.model.Calls()); calls != 3 {
		t.Errorf("%d requests, want 3", calls)
	}
}

func TestACallBeyondTheBudgetIsNotSent(t *testing.T) {
	w := newWorld(t)
	p := w.provider()
	p.BudgetNano = 1
	_, err := w.worker(&recorder{Store: w.book}).Ask(t.Context(), p, question(1))
	if e := (*ledger.Error)(nil); !errors.As(err, &e) || e.Reason != ledger.ReasonBudgetExceeded {
		t.Fatalf("got %v, want BudgetExceeded", err)
	}
	if calls := len(w.model.Calls()); calls != 0 {
		t.Errorf("%d paid calls, want none", calls)
	}
}

// assertBalanced says that nothing stays reserved when no call is in flight.
func assertBalanced(t *testing.T, w *world) {
	t.Helper()
	usage, err := w.book.Usage(t.Context(), "default/openai", "2026-03")
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
// write is applied, and never writes again.
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

func (r *recorder) Claim(ctx context.Context, c store.Call, budget int64) error {
	return r.write(func() error { return r.Store.Claim(ctx, c, budget) })
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
