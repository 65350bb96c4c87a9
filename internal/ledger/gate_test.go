package ledger

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/algoitny/algoitny-operator/internal/llm"
)

// clockwork is the real clock, which a bubble of synctest turns at will.
var clockwork = Options{Now: time.Now, Sleep: sleep, Jitter: jitter}

// inBubble gives a gate whose time passes only while everybody waits.
func inBubble(t *testing.T, limits Limits, test func(t *testing.T, g *gate)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, newGate("test", limits)) })
}

// entering is how long a call of so many tokens waits.
func entering(t *testing.T, g *gate, tokens int64) time.Duration {
	t.Helper()
	start := time.Now()
	leave, err := g.enter(t.Context(), tokens, clockwork)
	if err != nil {
		t.Fatal(err)
	}
	leave()
	leave()
	return time.Since(start)
}

func TestRequestsAMinuteAreSpread(t *testing.T) {
	inBubble(t, Limits{RequestsPerMinute: 6}, func(t *testing.T, g *gate) {
		for n, want := range []time.Duration{0, 10 * time.Second, 10 * time.Second} {
			if got := entering(t, g, 1); got.Round(time.Millisecond) != want {
				t.Errorf("request %d waited %s, want %s", n, got, want)
			}
		}
	})
}

func TestTokensAMinuteAreWaitedFor(t *testing.T) {
	inBubble(t, Limits{TokensPerMinute: 6000}, func(t *testing.T, g *gate) {
		for n, want := range []time.Duration{0, 30 * time.Second, 60 * time.Second} {
			tokens := []int64{6000, 3000, 6000}[n]
			if got := entering(t, g, tokens); got.Round(time.Millisecond) != want {
				t.Errorf("request %d waited %s, want %s", n, got, want)
			}
		}
	})
}

func TestWithoutLimitsNobodyWaits(t *testing.T) {
	inBubble(t, Limits{}, func(t *testing.T, g *gate) {
		for range 100 {
			if got := entering(t, g, 1<<40); got != 0 {
				t.Fatalf("waited %s", got)
			}
		}
	})
}

func TestARequestBeyondTheLimitIsRefusedWithTheNumbers(t *testing.T) {
	_, err := newGate("test", Limits{TokensPerMinute: 500}).enter(t.Context(), 501, clockwork)
	e := asError(err)
	if e == nil || e.Class != llm.ClassStalled || e.Reason != ReasonRequestTooLarge {
		t.Fatalf("got %v", err)
	}
	for _, said := range []string{"501", "500", "limits.tokensPerMinute"} {
		if !strings.Contains(e.Message, said) {
			t.Errorf("message %q does not say %q", e.Message, said)
		}
	}
}

// Somebody who stops waiting gives the place back.
func TestWhoeverIsCancelledLeavesNoPlaceTaken(t *testing.T) {
	inBubble(t, Limits{RequestsPerMinute: 1, Concurrent: 1}, func(t *testing.T, g *gate) {
		entering(t, g, 1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := g.enter(ctx, 1, clockwork); asError(err) == nil || asError(err).Reason != ReasonCancelled {
			t.Fatalf("got %v", err)
		}
		if !g.slots.TryAcquire(1) {
			t.Error("the place is still taken")
		}
	})
}

func TestARestIsKeptByEverybody(t *testing.T) {
	limited := func(after time.Duration) *llm.Error {
		return &llm.Error{Class: llm.ClassWait, Reason: llm.ReasonRateLimited, RetryAfter: after}
	}
	inBubble(t, Limits{}, func(t *testing.T, g *gate) {
		g.slowDown(limited(20*time.Second), time.Now())
		// A shorter wish does not shorten it, an error of another kind is none.
		g.slowDown(limited(time.Second), time.Now())
		g.slowDown(&llm.Error{Class: llm.ClassRetry, RetryAfter: time.Minute}, time.Now())
		if got := entering(t, g, 1); got < 20*time.Second || got > 20*time.Second+restSpread {
			t.Errorf("waited %s, want 20 seconds and a little", got)
		}
		if got := entering(t, g, 1); got != 0 {
			t.Errorf("then waited %s more", got)
		}
	})
}

// A worker is not kept for a long rest, and no rest is forever.
func TestALongRestIsWaitedForElsewhere(t *testing.T) {
	inBubble(t, Limits{}, func(t *testing.T, g *gate) {
		g.slowDown(&llm.Error{Class: llm.ClassWait, Reason: llm.ReasonRateLimited, RetryAfter: 24 * time.Hour}, time.Now())
		_, err := g.enter(t.Context(), 1, clockwork)
		e := asError(err)
		if e == nil || e.Class != llm.ClassWait || e.Reason != llm.ReasonRateLimited || e.RetryAfter != longestRest {
			t.Fatalf("got %v", err)
		}
		time.Sleep(longestRest)
		if got := entering(t, g, 1); got != 0 {
			t.Errorf("waited %s", got)
		}
	})
}

// allowed asks the breaker for one call and tells it what became of it.
func allowed(t *testing.T, g *gate, works bool) bool {
	t.Helper()
	done, err := g.allow()
	if err != nil {
		e := asError(err)
		if e == nil || e.Class != llm.ClassWait || e.Reason != ReasonProviderPaused || e.RetryAfter != breakerPause {
			t.Fatalf("got %v", err)
		}
		return false
	}
	done(works)
	return true
}

func TestAProviderThatFailsIsLeftAloneForAWhile(t *testing.T) {
	inBubble(t, Limits{}, func(t *testing.T, g *gate) {
		for n := range breakerFailures {
			if !allowed(t, g, false) {
				t.Fatalf("paused after %d failures", n)
			}
		}
		if allowed(t, g, true) {
			t.Fatal("not paused")
		}
		time.Sleep(breakerPause + time.Second)
		if !allowed(t, g, false) || allowed(t, g, true) {
			t.Error("after the pause one failure is let through and the next call is not")
		}
		time.Sleep(breakerPause + time.Second)
		probe, err := g.allow()
		if err != nil || allowed(t, g, true) {
			t.Fatalf("one call is let through at a time; %v", err)
		}
		probe(true)
		for range breakerFailures - 1 {
			if !allowed(t, g, false) {
				t.Error("a provider that works again is still paused")
			}
		}
	})
}

func TestASuccessForgetsTheFailuresBefore(t *testing.T) {
	inBubble(t, Limits{}, func(t *testing.T, g *gate) {
		for n := range 4 * breakerFailures {
			if !allowed(t, g, n%breakerFailures == 0) {
				t.Fatalf("paused after call %d", n)
			}
		}
	})
}

func TestOnlyTheProvidersOwnFailuresCount(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"an answer":             {nil, true},
		"a key that is refused": {&llm.Error{Class: llm.ClassStalled, Reason: llm.ReasonUnauthorized}, true},
		"a rate limit":          {&llm.Error{Class: llm.ClassWait, Reason: llm.ReasonRateLimited}, false},
		"an overload":           {&llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonOverloaded}, false},
		"an unknown error":      {errors.New("no"), false},
	} {
		if got := healthy(c.err); got != c.want {
			t.Errorf("%s: healthy %v, want %v", name, got, c.want)
		}
	}
}

func TestOtherLimitsAreAnotherGate(t *testing.T) {
	var all gates
	p := Provider{Name: "default/test", Limits: Limits{Concurrent: 1}}
	first := all.of(p)
	if all.of(p) != first {
		t.Error("equal limits have two gates")
	}
	p.Limits.Concurrent = 2
	if all.of(p) == first {
		t.Error("changed limits have the old gate")
	}
}

func TestJitterStaysInTheUpperHalf(t *testing.T) {
	for range 1000 {
		if got := jitter(time.Second); got < time.Second/2 || got > time.Second {
			t.Fatalf("got %s", got)
		}
	}
	if got := jitter(0); got != 0 {
		t.Errorf("jitter of nothing is %s", got)
	}
}
