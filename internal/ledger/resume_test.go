package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/algoitny/algoitny-operator/internal/ledger"
	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/llm/openai"
	"github.com/algoitny/algoitny-operator/internal/llm/replay"
)

// background is a world whose provider goes on with calls by itself.
func background(t *testing.T) *world {
	t.Helper()
	return newWorldWith(t, replay.Options{})
}

// The worker is killed before and after every write of a call that goes on at
// the provider. Only where the call's name was lost with it is there a second.
func TestACallThatGoesOnAtTheProviderIsResumedAfterAKill(t *testing.T) {
	for _, applied := range []bool{false, true} {
		for killAt := 1; killAt <= 3; killAt++ {
			t.Run(fmt.Sprintf("write %d, applied %v", killAt, applied), func(t *testing.T) {
				w := background(t)
				dying := &recorder{Store: w.book, killAt: killAt, applied: applied}
				_, _ = w.worker(dying).Ask(t.Context(), w.provider(), question(1))
				named := killAt == 2 && applied || killAt == 3
				if named {
					answer, err := w.alive().Ask(t.Context(), w.provider(), question(1))
					if err != nil || answer.Text != "first" || w.paid() != 1 {
						t.Fatalf("%+v, %v after %d paid calls", answer, err, w.paid())
					}
				}
				w.advance(2 * time.Hour)
				answer, err := w.alive().Ask(t.Context(), w.provider(), question(1))
				if err != nil || answer.Text != "first" {
					t.Fatalf("%+v, %v", answer, err)
				}
				if lost := killAt == 2 && !applied; !lost && w.paid() != 1 || w.paid() > 2 {
					t.Errorf("%d paid calls", w.paid())
				}
				assertBalanced(t, w)
			})
		}
	}
}

// stopping is a worker that is stopped while the provider works on a call.
func stopping(t *testing.T, w *world) {
	t.Helper()
	ctx, leave := context.WithCancel(t.Context())
	var l *ledger.Ledger
	l = ledger.New(&recorder{Store: w.book}, ledger.Options{
		Owner: "stopping", Now: w.clock, Jitter: func(time.Duration) time.Duration { return time.Millisecond },
		Sleep: func(ctx context.Context, _ time.Duration) error {
			leave()
			go l.Close(context.Background())
			<-ctx.Done()
			return ctx.Err()
		},
	})
	_, err := l.Ask(ctx, w.provider(), question(3))
	wantError(t, err, llm.ClassRetry, ledger.ReasonCancelled)
	l.Close(context.Background())
}

func TestAWorkerThatStopsLeavesTheCallToTheNext(t *testing.T) {
	w := background(t)
	stopping(t, w)
	if w.paid() != 1 || w.spent() != 0 {
		t.Fatalf("%d calls, %d spent", w.paid(), w.spent())
	}
	w.advance(time.Second)
	answer, err := w.alive().Ask(t.Context(), w.provider(), question(3))
	if err != nil || answer.Text != "third" || w.paid() != 1 || w.spent() != answer.CostNano {
		t.Errorf("%+v, %v after %d calls, %d spent", answer, err, w.paid(), w.spent())
	}
	assertBalanced(t, w)
}

// Nobody asked for a long time, and the call was counted as lost: the answer
// is there all the same, and what was counted is set right.
func TestAnAnswerThatCountsAsLostIsUsedWhenItIsThere(t *testing.T) {
	w := background(t)
	stopping(t, w)
	w.advance(3 * time.Hour)
	// This sweeper does not find the provider, so it cannot ask.
	if n, err := w.alive().Sweep(t.Context()); n != 1 || err != nil || w.spent() == 0 {
		t.Fatalf("%d swept, %v, %d spent", n, err, w.spent())
	}
	answer, err := w.alive().Ask(t.Context(), w.provider(), question(3))
	if err != nil || answer.Text != "third" || w.paid() != 1 || w.spent() != answer.CostNano {
		t.Errorf("%+v, %v after %d calls, %d spent", answer, err, w.paid(), w.spent())
	}
	assertBalanced(t, w)
}

// The key is revoked while a call is on its way: its answer is there still, and
// is taken with the next key.
func TestARevokedKeyLosesNoCallOnItsWay(t *testing.T) {
	w := newWorldWith(t, replay.Options{Key: "key"})
	stopping(t, w)
	w.advance(time.Second)
	revoked := w.provider()
	model, err := openai.New(openai.Options{Endpoint: w.url + "/v1", Model: "test", Key: "revoked"})
	if err != nil {
		t.Fatal(err)
	}
	revoked.Model = model
	for range 2 {
		wantError(t, errOf(w.alive().Ask(t.Context(), revoked, question(3))), llm.ClassStalled, llm.ReasonUnauthorized)
	}
	answer, err := w.alive().Ask(t.Context(), w.provider(), question(3))
	if err != nil || answer.Text != "third" || w.paid() != 1 || w.spent() != answer.CostNano {
		t.Errorf("%+v, %v after %d calls, %d spent", answer, err, w.paid(), w.spent())
	}
	assertBalanced(t, w)
}

// Somebody with another key asks the same while a call goes on at the vendor,
// which tells only whoever made it: the answer is waited for, and not paid again.
func TestACallOfAnotherKeyIsNotFetched(t *testing.T) {
	w := background(t)
	stopping(t, w)
	w.advance(time.Second)
	stranger := w.provider()
	stranger.Name, stranger.Gate = "other/openai", "another key"
	wantError(t, errOf(w.alive().Ask(t.Context(), stranger, question(3))), llm.ClassWait, ledger.ReasonCallInFlight)
	rotated := w.provider()
	rotated.Gate = "the next key"
	if answer, err := w.alive().Ask(t.Context(), rotated, question(3)); err != nil || answer.Text != "third" {
		t.Errorf("%+v, %v", answer, err)
	}
	if answer, err := w.alive().Ask(t.Context(), stranger, question(3)); err != nil || answer.Text != "third" || w.paid() != 1 {
		t.Errorf("%+v, %v after %d calls", answer, err, w.paid())
	}
	assertBalanced(t, w)
}

func TestManyWhoResumeTheSameCallRecordItOnce(t *testing.T) {
	w := background(t)
	stopping(t, w)
	w.advance(time.Second)
	results := make(chan error)
	for range 4 {
		l := w.alive()
		for range 3 {
			go func() {
				answer, err := l.Ask(t.Context(), w.provider(), question(3))
				if err == nil && answer.Text != "third" {
					err = errors.New(answer.Text)
				}
				results <- err
			}()
		}
	}
	for range 12 {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	if w.paid() != 1 {
		t.Errorf("%d paid calls", w.paid())
	}
	assertBalanced(t, w)
}

func TestAnEndpointWithoutBackgroundCallsGetsPlainOnes(t *testing.T) {
	w := newWorld(t)
	for attempt := 1; attempt <= 2; attempt++ {
		if _, err := w.alive().Ask(t.Context(), w.provider(), question(attempt)); err != nil {
			t.Fatal(err)
		}
	}
	for _, call := range w.model.Calls() {
		if call.Background {
			t.Errorf("%+v", call)
		}
	}
}

// sweeper is a worker that finds the provider of whatever it sweeps.
func (w *world) sweeper(settled func(ledger.Settlement)) *ledger.Ledger {
	l := ledger.New(&recorder{Store: w.book}, ledger.Options{
		Owner: "sweeper", Now: w.clock, Sleep: w.sleep, BatchPoll: 10 * time.Minute, Settled: settled,
		Provider: func(_ context.Context, name string) (ledger.Provider, bool) {
			return w.cheap(), name == "default/openai"
		},
	})
	w.t.Cleanup(func() { l.Close(context.Background()) })
	return l
}

// Whoever asked is gone, the object too: the answer is taken in all the same, and
// no reserve is held for it.
func TestAnAnswerNobodyWaitsForIsTakenIn(t *testing.T) {
	w := background(t)
	stopping(t, w)
	l := w.sweeper(nil)
	w.advance(time.Minute)
	if n, err := l.Sweep(t.Context()); n != 0 || err != nil {
		t.Errorf("%d swept, %v; somebody may still wait", n, err)
	}
	w.advance(time.Minute)
	if n, err := l.Sweep(t.Context()); n != 1 || err != nil {
		t.Errorf("%d swept, %v", n, err)
	}
	assertBalanced(t, w)
	answer, err := w.alive().Ask(t.Context(), w.provider(), question(3))
	if err != nil || answer.Text != "third" || w.paid() != 1 || w.spent() != answer.CostNano {
		t.Errorf("%+v, %v after %d calls, %d spent", answer, err, w.paid(), w.spent())
	}
}

func TestABatchNobodyWaitsForIsTakenIn(t *testing.T) {
	w := batching(t)
	dying := w.batcher(&recorder{Store: w.book, killAt: 5})
	ctx, cancel := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	for attempt := 1; attempt <= 2; attempt++ {
		wait.Go(func() { _, _ = dying.Ask(ctx, w.cheap(), later(attempt)) })
	}
	time.Sleep(150 * time.Millisecond)
	cancel()
	wait.Wait()
	dying.Close(context.Background())
	w.advance(2 * time.Hour)
	settled := make(chan ledger.Settlement, 8)
	if _, err := w.sweeper(func(s ledger.Settlement) { settled <- s }).Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if s := <-settled; s.Err != nil || s.CostNano == 0 {
			t.Errorf("%+v", s)
		}
	}
	assertBalanced(t, w)
	if w.paid() != 2 {
		t.Errorf("%d calls", w.paid())
	}
}

func TestAClaimNobodyAsksForIsSweptWhenItsTimeIsOver(t *testing.T) {
	w := newWorld(t)
	reserve := w.reserve()
	if n, err := w.alive().Sweep(t.Context()); n != 0 || err != nil {
		t.Errorf("%d swept, %v; the claim is alive", n, err)
	}
	w.advance(time.Hour)
	for _, want := range []int{1, 0} {
		if n, err := w.alive().Sweep(t.Context()); n != want || err != nil {
			t.Errorf("%d swept, %v, want %d", n, err, want)
		}
	}
	if w.spent() != reserve {
		t.Errorf("%d spent, want the reserve of %d", w.spent(), reserve)
	}
	assertBalanced(t, w)
}
