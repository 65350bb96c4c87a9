package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/algoitny/algoitny-operator/internal/ledger"
	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/llm/replay"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// batching is a world whose provider takes an hour for a batch.
func batching(t *testing.T) *world {
	t.Helper()
	return newWorldWith(t, replay.Options{BatchTime: time.Hour})
}

// batcher is a worker in whose life gathering takes no real time.
func (w *world) batcher(book ledger.Book) *ledger.Ledger {
	l := ledger.New(book, ledger.Options{
		Owner: fmt.Sprintf("worker-%p", book), Now: w.clock, Sleep: w.pause,
		Jitter:      func(time.Duration) time.Duration { return time.Millisecond },
		BatchWindow: gatheringTime, BatchPoll: 10 * time.Minute,
	})
	w.t.Cleanup(func() { l.Close(context.Background()) })
	return l
}

const gatheringTime = time.Minute

// pause is sleep that gives others a real moment to join a batch.
func (w *world) pause(ctx context.Context, d time.Duration) error {
	if d == gatheringTime {
		time.Sleep(50 * time.Millisecond)
	}
	return w.sleep(ctx, d)
}

// later is a question that goes with a batch.
func later(attempt int) ledger.Question {
	q := question(attempt)
	q.Payer.Delivery = ledger.DeliveryBatch
	return q
}

// cheap is the provider with batches at half price.
func (w *world) cheap() ledger.Provider {
	p := w.provider()
	p.BatchPercent = 50
	return p
}

// askAll asks several questions at once and returns the answers and errors by
// attempt.
func askAll(t *testing.T, l *ledger.Ledger, p ledger.Provider, attempts ...int) (map[int]*ledger.Answer, map[int]error) {
	t.Helper()
	var mu sync.Mutex
	var wait sync.WaitGroup
	answers, errs := map[int]*ledger.Answer{}, map[int]error{}
	for _, attempt := range attempts {
		wait.Go(func() {
			answer, err := l.Ask(t.Context(), p, later(attempt))
			mu.Lock()
			defer mu.Unlock()
			answers[attempt], errs[attempt] = answer, err
		})
	}
	wait.Wait()
	return answers, errs
}

func TestQuestionsThatCanWaitGoTogetherAtHalfThePrice(t *testing.T) {
	w := batching(t)
	answers, errs := askAll(t, w.batcher(&recorder{Store: w.book}), w.cheap(), 1, 2, 3)
	for attempt, text := range map[int]string{1: "first", 2: "second", 3: "third"} {
		if errs[attempt] != nil || answers[attempt].Text != text {
			t.Errorf("%d: %+v, %v", attempt, answers[attempt], errs[attempt])
		}
	}
	if got := w.model.Calls(); len(got) != 3 || !got[0].Batch {
		t.Errorf("%+v", got)
	}
	half := answers[1].CostNano
	row, err := w.book.Call(t.Context(), answers[1].Hash)
	if err != nil || row.Price.Percent != 50 || row.Batch == "" || ledger.PriceOf(row.Price).Cost(answers[1].Usage) != half {
		t.Errorf("%+v, %v", row, err)
	}
	if full := w.provider().Price.Cost(answers[1].Usage); half < full/2 || half > full/2+2 {
		t.Errorf("it cost %d, half of %d is wanted", half, full)
	}
	assertBalanced(t, w)
	if again, err := w.alive().Ask(t.Context(), w.provider(), question(2)); err != nil || again.Hash != answers[2].Hash || w.paid() != 3 {
		t.Errorf("asked at once: %+v, %v after %d calls", again, err, w.paid())
	}
}

// One item of the batch fails: the others have their answers, and only that one
// is asked again.
func TestOneBadItemSpoilsNoOther(t *testing.T) {
	w := newWorldWith(t, replay.Options{BatchTime: time.Hour})
	w.files["judge/1/solve.yaml"] = &fstest.MapFile{Data: []byte("answers:\n- {attempt: 1, text: first}\n- {attempt: 2, status: 500}\n- {attempt: 3, text: third}\n")}
	answers, errs := askAll(t, w.batcher(&recorder{Store: w.book}), w.cheap(), 1, 2, 3)
	if errs[1] != nil || errs[3] != nil || answers[1].Text != "first" || answers[3].Text != "third" {
		t.Errorf("%v, %v", errs[1], errs[3])
	}
	wantError(t, errs[2], llm.ClassRetry, ledger.ReasonBatchItemFailed)
	items := map[int]int{}
	for _, call := range w.model.Calls() {
		items[call.Attempt]++
	}
	if items[1] != 1 || items[3] != 1 || items[2] < 2 {
		t.Errorf("sent by attempt: %v", items)
	}
	assertBalanced(t, w)
}

// The worker dies before and after every write while a batch is on its way. The
// next one goes on with the batch, and pays only for what never was in it.
func TestABatchIsResumedAfterAKill(t *testing.T) {
	for _, applied := range []bool{false, true} {
		// Two claims, the batch, its name, two records.
		for killAt := 1; killAt <= 6; killAt++ {
			t.Run(fmt.Sprintf("write %d, applied %v", killAt, applied), func(t *testing.T) {
				w := batching(t)
				dying := w.batcher(&recorder{Store: w.book, killAt: killAt, applied: applied})
				ctx, cancel := context.WithCancel(t.Context())
				var wait sync.WaitGroup
				for attempt := 1; attempt <= 2; attempt++ {
					wait.Go(func() { _, _ = dying.Ask(ctx, w.cheap(), later(attempt)) })
				}
				time.Sleep(150 * time.Millisecond)
				cancel()
				wait.Wait()
				dying.Close(context.Background())
				w.advance(time.Hour)
				answers, errs := askAll(t, w.batcher(&recorder{Store: w.book}), w.cheap(), 1, 2)
				if errs[1] != nil || errs[2] != nil || answers[1].Text != "first" || answers[2].Text != "second" {
					t.Fatalf("%v, %v", errs[1], errs[2])
				}
				if w.paid() != 2 {
					t.Errorf("%d paid calls: %+v", w.paid(), w.model.Calls())
				}
				assertBalanced(t, w)
			})
		}
	}
}

// The answer to the creation of the batch is lost: it is found by its mark.
func TestABatchOfWhichTheNameWasLostIsFound(t *testing.T) {
	w := batching(t)
	w.model.FailNext(replay.Fault{Kind: replay.FaultDropAfterHeaders})
	_, errs := askAll(t, w.batcher(&recorder{Store: w.book}), w.cheap(), 1, 2)
	if errs[1] != nil || errs[2] != nil || w.paid() != 2 {
		t.Errorf("%v, %v after %d calls", errs[1], errs[2], w.paid())
	}
	assertBalanced(t, w)
}

// A batch that was never begun costs nothing, and its questions are asked again.
func TestABatchThatWasNeverBegunIsGivenUp(t *testing.T) {
	w := batching(t)
	w.model.FailNext(replay.Fault{Kind: replay.FaultDrop})
	_, errs := askAll(t, w.batcher(&recorder{Store: w.book}), w.cheap(), 1, 2)
	if errs[1] != nil || errs[2] != nil {
		t.Errorf("%v, %v", errs[1], errs[2])
	}
	usage, err := w.book.Usage(t.Context(), account)
	if err != nil || usage.Requests != 2 {
		t.Errorf("%+v, %v", usage, err)
	}
	assertBalanced(t, w)
}

// A provider that answers more than it was asked answers nobody else's question:
// neither one that is on its way elsewhere nor one that nobody asked.
func TestABatchAnswersOnlyWhatWentWithIt(t *testing.T) {
	w := batching(t)
	w.reserve() // question 2 is in flight at an honest provider
	var elsewhere string
	for call, err := range w.book.ExpiredCalls(t.Context(), w.clock().Add(24*time.Hour)) {
		if err != nil {
			t.Fatal(err)
		}
		elsewhere = call.Hash
	}
	p := w.cheap()
	p.Model = &forger{Batcher: p.Model.(llm.Batcher), forged: []string{elsewhere, strings.Repeat("0", 64)}}
	answer, err := w.batcher(&recorder{Store: w.book}).Ask(t.Context(), p, later(1))
	if err != nil || answer.Text != "first" {
		t.Fatalf("%+v, %v", answer, err)
	}
	row, err := w.book.Call(t.Context(), elsewhere)
	if err != nil || row.State != store.CallClaimed {
		t.Errorf("%+v, %v: another's call was answered", row, err)
	}
}

// forger is a provider that puts answers to other questions into its batches.
type forger struct {
	llm.Batcher
	forged []string
}

func (f *forger) FetchBatch(ctx context.Context, id string) (*llm.Batch, error) {
	batch, err := f.Batcher.FetchBatch(ctx, id)
	if err == nil && batch.Done {
		for _, hash := range f.forged {
			batch.Results[hash] = llm.BatchResult{Response: &llm.Response{Text: "forged", Finish: llm.FinishStop}}
		}
	}
	return batch, err
}

func TestARefusedBatchGivesItsReservesBack(t *testing.T) {
	w := batching(t)
	w.model.FailNext(faults(8, replay.FaultQuota)...)
	_, errs := askAll(t, w.batcher(&recorder{Store: w.book}), w.cheap(), 1, 2)
	for attempt := 1; attempt <= 2; attempt++ {
		wantError(t, errs[attempt], llm.ClassStalled, llm.ReasonQuotaExhausted)
	}
	if w.spent() != 0 {
		t.Errorf("%d spent", w.spent())
	}
	assertBalanced(t, w)
}

func TestAnEndpointWithoutBatchesIsAskedAtOnce(t *testing.T) {
	for name, o := range map[string]replay.Options{
		"background calls it has": {NoBatches: true},
		"neither it has":          {NoBatches: true, NoResponses: true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorldWith(t, o)
			_, errs := askAll(t, w.batcher(&recorder{Store: w.book}), w.cheap(), 1, 2)
			if errs[1] != nil || errs[2] != nil || w.paid() != 2 {
				t.Errorf("%v, %v after %d calls", errs[1], errs[2], w.paid())
			}
			for _, call := range w.model.Calls() {
				if call.Batch || call.Background == o.NoResponses {
					t.Errorf("%+v", call)
				}
			}
			if row, err := w.book.Call(t.Context(), hashOf(t, w)); err != nil || row.Price.Percent != 0 {
				t.Errorf("%+v, %v: it is paid in full", row, err)
			}
			assertBalanced(t, w)
		})
	}
}

func hashOf(t *testing.T, w *world) string {
	t.Helper()
	answer, err := w.alive().Ask(t.Context(), w.provider(), question(1))
	if err != nil {
		t.Fatal(err)
	}
	return answer.Hash
}

func TestADeadlineDecidesHowAQuestionIsAsked(t *testing.T) {
	for name, c := range map[string]struct {
		payer ledger.Payer
		days  int
		batch bool
	}{
		"no word":                     {ledger.Payer{}, 0, false},
		"batch":                       {ledger.Payer{Delivery: ledger.DeliveryBatch}, 0, true},
		"immediate":                   {ledger.Payer{Delivery: ledger.DeliveryImmediate}, 0, false},
		"far away":                    {ledger.Payer{}, 3, true},
		"near":                        {ledger.Payer{}, 1, false},
		"over":                        {ledger.Payer{}, -1, false},
		"batch, but near":             {ledger.Payer{Delivery: ledger.DeliveryBatch}, 1, false},
		"far away, but immediate":     {ledger.Payer{Delivery: ledger.DeliveryImmediate}, 3, false},
		"far away, and batch is said": {ledger.Payer{Delivery: ledger.DeliveryBatch}, 3, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := batching(t)
			q := question(1)
			q.Payer = c.payer
			if c.days != 0 {
				q.Payer.Deadline = w.clock().AddDate(0, 0, c.days)
			}
			if _, err := w.batcher(&recorder{Store: w.book}).Ask(t.Context(), w.cheap(), q); err != nil {
				t.Fatal(err)
			}
			if calls := w.model.Calls(); len(calls) != 1 || calls[0].Batch != c.batch {
				t.Errorf("%+v", calls)
			}
		})
	}
}

// One that does not fit into its budget keeps no other from its place.
func TestAFullBudgetTakesOneQuestionOutOfABatch(t *testing.T) {
	w := batching(t)
	l, p := w.batcher(&recorder{Store: w.book}), w.cheap()
	poor := later(2)
	poor.Payer.Accounts = func(context.Context, string) ([]store.Bound, error) {
		return []store.Bound{{Account: store.Account{Kind: store.AccountProblem, Name: "default/poor", Period: store.PeriodTotal, Currency: "USD"}, Limited: true}}, nil
	}
	var refused error
	done := make(chan struct{})
	go func() {
		_, refused = l.Ask(t.Context(), p, poor)
		close(done)
	}()
	answer, err := l.Ask(t.Context(), p, later(1))
	<-done
	wantError(t, refused, llm.ClassWait, ledger.ReasonBudgetExceeded)
	if err != nil || answer.Text != "first" || w.paid() != 1 {
		t.Errorf("%+v, %v after %d calls", answer, err, w.paid())
	}
	assertBalanced(t, w)
}

func TestABatchOnItsWayIsTold(t *testing.T) {
	w := batching(t)
	var mu sync.Mutex
	var told []string
	q := later(1)
	q.Payer.Held = func(why *ledger.Error) {
		mu.Lock()
		defer mu.Unlock()
		if why == nil {
			told = append(told, "")
			return
		}
		told = append(told, string(why.Reason))
	}
	if _, err := w.batcher(&recorder{Store: w.book}).Ask(t.Context(), w.cheap(), q); err != nil {
		t.Fatal(err)
	}
	if len(told) < 2 || told[0] != "BatchPending" || told[len(told)-1] != "" {
		t.Errorf("told %q", told)
	}
}

func TestClosingGathersNoMore(t *testing.T) {
	w := batching(t)
	l := ledger.New(&recorder{Store: w.book}, ledger.Options{Owner: "one", Now: w.clock})
	refused := make(chan error)
	go func() {
		_, err := l.Ask(t.Context(), w.cheap(), later(1))
		refused <- err
	}()
	time.Sleep(20 * time.Millisecond)
	l.Close(context.Background())
	if err := <-refused; !errors.Is(err, context.Canceled) || w.paid() != 0 {
		t.Errorf("%v after %d calls", err, w.paid())
	}
}
