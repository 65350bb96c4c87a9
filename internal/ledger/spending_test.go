package ledger_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/algoitny/algoitny-operator/internal/ledger"
	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/llm/replay"
)

// wantError fails unless err is the ledger's and of this class and reason. It
// gives the time after which asking again makes sense.
func wantError(t *testing.T, err error, class llm.Class, reason llm.Reason) (after time.Duration) {
	t.Helper()
	e, ok := errors.AsType[*ledger.Error](err)
	if !ok || e.Class != class || e.Reason != reason {
		t.Fatalf("got %v, want %s", err, reason)
	}
	if e.Message == "" || len(e.Message) > 256 {
		t.Errorf("message %q", e.Message)
	}
	return e.RetryAfter
}

func faults(n int, kind replay.FaultKind) []replay.Fault {
	all := make([]replay.Fault, n)
	for i := range all {
		all[i].Kind = kind
	}
	return all
}

// reserve is the worst case of one call, as a budget that is too small by far
// tells it.
func (w *world) reserve() int64 {
	w.t.Helper()
	_, err := w.worker(&recorder{Store: w.book, killAt: 1, applied: true}).Ask(w.t.Context(), w.provider(), question(2))
	if err == nil {
		w.t.Fatal("the killed worker got an answer")
	}
	usage, err := w.book.Usage(w.t.Context(), account)
	if err != nil {
		w.t.Fatal(err)
	}
	return usage.CommittedNano
}

// A worker died between its claim and its record. Nobody knows whether the
// call was made: it is respected, then it counts as spent, and the next send
// is another row.
func TestAClaimOfADeadWorkerIsRespectedThenSpentThenSentUnderANewNumber(t *testing.T) {
	first, err := newWorld(t).alive().Ask(t.Context(), newWorld(t).provider(), question(2))
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	reserve := w.reserve()
	waiting := wantError(t, errOf(w.alive().Ask(t.Context(), w.provider(), question(2))), llm.ClassWait, ledger.ReasonCallInFlight)
	if waiting <= 0 || waiting > 10*time.Second || w.paid() != 0 || w.spent() != 0 {
		t.Errorf("waits %s; %d calls, %d spent", waiting, w.paid(), w.spent())
	}
	w.advance(time.Hour)
	answer, err := w.alive().Ask(t.Context(), w.provider(), question(2))
	if err != nil || answer.Text != "second" {
		t.Fatalf("%+v, %v", answer, err)
	}
	if w.paid() != 1 || w.spent() != reserve+answer.CostNano {
		t.Errorf("%d calls; %d spent, want the reserve of %d and the cost of %d", w.paid(), w.spent(), reserve, answer.CostNano)
	}
	if answer.Hash == first.Hash {
		t.Error("the second send has the number of the first")
	}
	again, err := w.alive().Ask(t.Context(), w.provider(), question(2))
	if err != nil || again.Hash != answer.Hash || w.paid() != 1 {
		t.Errorf("%+v, %v after %d calls", again, err, w.paid())
	}
	assertBalanced(t, w)
}

func errOf(_ *ledger.Answer, err error) error { return err }

func TestAfterThreeLostCallsNobodySendsAFourth(t *testing.T) {
	w := newWorld(t)
	w.model.FailNext(faults(3, replay.FaultDropAfterHeaders)...)
	for range 2 {
		wantError(t, errOf(w.alive().Ask(t.Context(), w.provider(), question(1))), llm.ClassStalled, ledger.ReasonCallsLost)
		if w.paid() != 3 {
			t.Errorf("%d calls, want 3", w.paid())
		}
	}
	if w.spent() == 0 {
		t.Error("three calls that may have been billed count as nothing")
	}
	assertBalanced(t, w)
	if answer, err := w.alive().Ask(t.Context(), w.provider(), question(2)); err != nil || answer.Text != "second" {
		t.Errorf("another question: %+v, %v", answer, err)
	}
}

// The question of one asker was refused with a Retry-After: while it waits,
// another asker waits at least as long before it sends anything.
func TestARetryAfterIsHonouredByAllAskers(t *testing.T) {
	w := newWorld(t)
	const asked = 20 * time.Second
	w.model.FailNext(replay.Fault{Kind: replay.FaultRateLimit, RetryAfter: asked})
	var l *ledger.Ledger
	other, begun := errors.New("the other asker was not heard"), false
	askToo := func() {
		start := w.clock()
		_, other = l.Ask(t.Context(), w.provider(), question(2))
		if waited := w.clock().Sub(start); waited < asked {
			t.Errorf("the other asker waited %s, the provider wants %s", waited, asked)
		}
	}
	l = ledger.New(w.book, ledger.Options{
		Owner: "worker", Now: w.clock, Jitter: func(time.Duration) time.Duration { return time.Millisecond },
		Sleep: func(ctx context.Context, d time.Duration) error {
			if !begun {
				begun = true
				askToo()
			}
			return w.sleep(ctx, d)
		},
	})
	start := w.clock()
	answer, err := l.Ask(t.Context(), w.provider(), question(1))
	if err != nil || answer.Text != "first" || other != nil {
		t.Errorf("%+v, %v; the other: %v", answer, err, other)
	}
	if waited := w.clock().Sub(start); waited < asked || w.paid() != 3 {
		t.Errorf("waited %s, %d calls", waited, w.paid())
	}
}

func TestALongRetryAfterIsWaitedForByNoWorkerAndHonouredByAll(t *testing.T) {
	w := newWorld(t)
	w.model.FailNext(replay.Fault{Kind: replay.FaultRateLimit, RetryAfter: 5 * time.Minute})
	l := w.alive()
	told := wantError(t, errOf(l.Ask(t.Context(), w.provider(), question(1))), llm.ClassWait, llm.ReasonRateLimited)
	if told != 5*time.Minute {
		t.Errorf("comes back after %s", told)
	}
	w.advance(time.Minute)
	told = wantError(t, errOf(l.Ask(t.Context(), w.provider(), question(2))), llm.ClassWait, llm.ReasonRateLimited)
	if told != 4*time.Minute || w.paid() != 1 || len(w.slept) != 0 {
		t.Errorf("comes back after %s; %d calls, pauses %v", told, w.paid(), w.slept)
	}
	w.advance(4 * time.Minute)
	if _, err := l.Ask(t.Context(), w.provider(), question(2)); err != nil {
		t.Error(err)
	}
	assertBalanced(t, w)
}

// The fifth failure in a row opens the breaker: the sixth call is not made.
func TestAProviderThatKeepsFailingIsNotCalled(t *testing.T) {
	w := newWorld(t)
	w.model.FailNext(faults(20, replay.FaultUnavailable)...)
	l := w.alive()
	wantError(t, errOf(l.Ask(t.Context(), w.provider(), question(1))), llm.ClassRetry, llm.ReasonOverloaded)
	for range 2 {
		paused := wantError(t, errOf(l.Ask(t.Context(), w.provider(), question(2))), llm.ClassWait, ledger.ReasonProviderPaused)
		if paused <= 0 || w.paid() != 5 {
			t.Errorf("comes back after %s, %d calls", paused, w.paid())
		}
	}
	assertBalanced(t, w)
	if w.spent() != 0 {
		t.Errorf("%d spent on refused calls", w.spent())
	}
}

func TestRefusalsOfOurOwnMakingDoNotPauseTheProvider(t *testing.T) {
	w := newWorld(t)
	w.model.FailNext(faults(8, replay.FaultQuota)...)
	l := w.alive()
	for range 8 {
		wantError(t, errOf(l.Ask(t.Context(), w.provider(), question(1))), llm.ClassStalled, llm.ReasonQuotaExhausted)
	}
	if _, err := l.Ask(t.Context(), w.provider(), question(1)); err != nil {
		t.Error(err)
	}
}

func TestARequestBeyondTheTokensAMinuteIsNotSentNorClaimed(t *testing.T) {
	w := newWorld(t)
	p := w.provider()
	p.Limits.TokensPerMinute = 100
	_, err := w.alive().Ask(t.Context(), p, question(1))
	wantError(t, err, llm.ClassStalled, ledger.ReasonRequestTooLarge)
	if !strings.Contains(err.Error(), "limits.tokensPerMinute is 100") || w.paid() != 0 {
		t.Errorf("%v after %d calls", err, w.paid())
	}
	assertBalanced(t, w)
	p.Limits.TokensPerMinute = 1000
	if _, err := w.alive().Ask(t.Context(), p, question(1)); err != nil {
		t.Error(err)
	}
}

func TestNoMoreCallsAreInFlightThanAllowed(t *testing.T) {
	w := newWorld(t)
	var mu sync.Mutex
	inFlight, most := 0, 0
	two := make(chan struct{})
	reached := sync.OnceFunc(func() { close(two) })
	w.answering = func(ctx context.Context) error {
		mu.Lock()
		inFlight++
		most = max(most, inFlight)
		if inFlight == 2 {
			reached()
		}
		mu.Unlock()
		// The first one waits for company; a third would come before that.
		<-two
		time.Sleep(5 * time.Millisecond)
		mu.Lock()
		inFlight--
		mu.Unlock()
		return ctx.Err()
	}
	l, p := w.alive(), w.provider()
	p.Limits.Concurrent = 2
	var wait sync.WaitGroup
	for attempt := 3; attempt <= 6; attempt++ {
		wait.Go(func() {
			if _, err := l.Ask(t.Context(), p, question(attempt)); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if most != 2 || w.paid() != 4 {
		t.Errorf("%d calls at a time, %d in all; want 2 and 4", most, w.paid())
	}
}

// slowCall starts a call whose asker leaves while it is in flight. release
// lets it be answered.
func slowCall(t *testing.T, w *world, l *ledger.Ledger) (release func()) {
	t.Helper()
	begun, answer := make(chan struct{}), make(chan struct{})
	w.answering = func(ctx context.Context) error {
		close(begun)
		select {
		case <-answer:
		case <-ctx.Done():
		}
		return ctx.Err()
	}
	ctx, leave := context.WithCancel(t.Context())
	left := make(chan error, 1)
	go func() { left <- errOf(l.Ask(ctx, w.provider(), question(3))) }()
	<-begun
	leave()
	wantError(t, <-left, llm.ClassRetry, ledger.ReasonCancelled)
	return func() { close(answer) }
}

func TestClosingWaitsForCallsInFlightAndRecordsThem(t *testing.T) {
	w := newWorld(t)
	l := w.alive()
	release := slowCall(t, w, l)
	closed := make(chan struct{})
	go func() {
		l.Close(context.Background())
		close(closed)
	}()
	select {
	case <-closed:
		t.Error("closed while a call was in flight")
	case <-time.After(20 * time.Millisecond):
	}
	release()
	<-closed
	w.answering = nil
	answer, err := w.alive().Ask(t.Context(), w.provider(), question(3))
	if err != nil || answer.Text != "third" || w.paid() != 1 || w.spent() != answer.CostNano {
		t.Errorf("%+v, %v after %d calls, %d spent", answer, err, w.paid(), w.spent())
	}
	assertBalanced(t, w)
}

func TestACallThatIsCutOffCountsAsSpent(t *testing.T) {
	w := newWorld(t)
	l := w.alive()
	slowCall(t, w, l)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	l.Close(over)
	if w.spent() == 0 {
		t.Error("the call that was cut off counts as nothing")
	}
	assertBalanced(t, w)
	wantError(t, errOf(l.Ask(t.Context(), w.provider(), question(1))), llm.ClassRetry, ledger.ReasonCancelled)
	if w.paid() != 1 {
		t.Errorf("%d calls, one of them after the end", w.paid())
	}
}

// A call that another process has in flight is not joined, its answer is.
func TestAnotherProcessIsWaitedFor(t *testing.T) {
	w := newWorld(t)
	release := slowCall(t, w, w.alive())
	other := w.alive()
	wantError(t, errOf(other.Ask(t.Context(), w.provider(), question(3))), llm.ClassWait, ledger.ReasonCallInFlight)
	release()
	for w.spent() == 0 {
		time.Sleep(time.Millisecond)
	}
	if answer, err := other.Ask(t.Context(), w.provider(), question(3)); err != nil || answer.Text != "third" || w.paid() != 1 {
		t.Errorf("%+v, %v after %d calls", answer, err, w.paid())
	}
}

func TestEveryEndedCallIsTold(t *testing.T) {
	w := newWorld(t)
	var mu sync.Mutex
	var told []error
	l := ledger.New(w.book, ledger.Options{
		Owner: "worker", Now: w.clock, Sleep: w.sleep,
		Settled: func(s ledger.Settlement) {
			mu.Lock()
			defer mu.Unlock()
			if s.Provider != "default/openai" || s.Step != "solve" || s.Currency != "USD" || (s.Err == nil) != (s.CostNano > 0) {
				t.Errorf("told of %+v", s)
			}
			told = append(told, s.Err)
		},
	})
	w.model.FailNext(replay.Fault{Kind: replay.FaultServerError})
	for range 2 {
		if _, err := l.Ask(t.Context(), w.provider(), question(1)); err != nil {
			t.Fatal(err)
		}
	}
	if len(told) != 2 || llm.AsError(told[0]) == nil || told[1] != nil {
		t.Errorf("told of %v; a failed call, an answer and a recorded one make two", told)
	}
}
