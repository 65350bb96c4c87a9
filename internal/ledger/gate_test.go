package ledger

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// row is a gate's row of the table: the compare-and-swap of store.Store, which
// its own tests prove on real engines. A bubble of synctest holds no sockets.
type row struct {
	mu     sync.Mutex
	state  string
	write  int
	writes int
	broken error
}

func (r *row) Gate(context.Context, string) (state, write string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.state, fmt.Sprint(r.write), r.broken
}

func (r *row) PutGate(_ context.Context, _, write, state string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.broken != nil {
		return "", r.broken
	}
	if write != fmt.Sprint(r.write) {
		return "", store.ErrMoved
	}
	r.write++
	r.writes++
	r.state = state
	return fmt.Sprint(r.write), nil
}

// replicas are gates of as many processes over one row, in a bubble whose time
// passes only while everybody waits.
func replicas(t *testing.T, n int, test func(t *testing.T, r *row, gates []*gate)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r, all := &row{}, make([]*gate, n)
		for i := range all {
			all[i] = newGate("test", r, Options{}.withDefaults())
		}
		test(t, r, all)
	})
}

func oneGate(t *testing.T, test func(t *testing.T, g *gate)) {
	t.Helper()
	replicas(t, 1, func(t *testing.T, _ *row, gates []*gate) { test(t, gates[0]) })
}

func providerOf(namespace string, l Limits) *Provider {
	return &Provider{Name: namespace + "/test", Limits: l, Timeout: time.Minute}
}

// entering is how long a call of so many tokens waits; it ends at once.
func entering(t *testing.T, g *gate, tokens int64, l Limits) time.Duration {
	t.Helper()
	start := time.Now()
	place, err := g.enter(t.Context(), providerOf("a", l), tokens, &Payer{})
	if err != nil {
		t.Fatal(err)
	}
	place.drop()
	place.drop()
	return time.Since(start)
}

func TestRequestsAMinuteAreSpreadOverAllReplicas(t *testing.T) {
	replicas(t, 2, func(t *testing.T, _ *row, gates []*gate) {
		for n, want := range []time.Duration{0, 10 * time.Second, 10 * time.Second} {
			if got := entering(t, gates[n%2], 1, Limits{RequestsPerMinute: 6}); got.Round(100*time.Millisecond) != want {
				t.Errorf("request %d waited %s, want %s", n, got, want)
			}
		}
	})
}

func TestTokensAMinuteAreWaitedFor(t *testing.T) {
	replicas(t, 2, func(t *testing.T, _ *row, gates []*gate) {
		for n, want := range []time.Duration{0, 30 * time.Second, 30 * time.Second} {
			tokens := []int64{6000, 3000, 3000}[n]
			if got := entering(t, gates[n%2], tokens, Limits{TokensPerMinute: 6000}); got.Round(100*time.Millisecond) != want {
				t.Errorf("request %d waited %s, want %s", n, got, want)
			}
		}
	})
}

func TestWithoutLimitsNobodyWaitsAndNothingIsWritten(t *testing.T) {
	replicas(t, 1, func(t *testing.T, r *row, gates []*gate) {
		for range 100 {
			if got := entering(t, gates[0], 1<<40, Limits{}); got != 0 {
				t.Fatalf("waited %s", got)
			}
		}
		if r.writes != 0 {
			t.Errorf("%d writes", r.writes)
		}
	})
}

func TestARequestBeyondTheLimitIsRefusedWithTheNumbers(t *testing.T) {
	oneGate(t, func(t *testing.T, g *gate) {
		_, err := g.enter(t.Context(), providerOf("a", Limits{TokensPerMinute: 500}), 501, &Payer{})
		e := asError(err)
		if e == nil || e.Class != llm.ClassStalled || e.Reason != ReasonRequestTooLarge {
			t.Fatalf("got %v", err)
		}
		for _, said := range []string{"501", "500", "limits.tokensPerMinute"} {
			if !strings.Contains(e.Message, said) {
				t.Errorf("message %q does not say %q", e.Message, said)
			}
		}
	})
}

// inFlight runs calls of a second each and returns the most there were at once.
func inFlightAtMost(t *testing.T, gates []*gate, calls int, l Limits) int {
	var mu sync.Mutex
	var wait sync.WaitGroup
	now, most := 0, 0
	for i := range calls {
		wait.Go(func() {
			place, err := gates[i%len(gates)].enter(t.Context(), providerOf("a", l), 1, &Payer{})
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			now++
			most = max(most, now)
			mu.Unlock()
			time.Sleep(time.Second)
			mu.Lock()
			now--
			mu.Unlock()
			place.leave(nil)
		})
	}
	wait.Wait()
	return most
}

func TestCallsInFlightAreBoundedOverAllReplicas(t *testing.T) {
	replicas(t, 5, func(t *testing.T, _ *row, gates []*gate) {
		if most := inFlightAtMost(t, gates, 60, Limits{Concurrent: 4}); most != 4 {
			t.Errorf("%d at once, want 4", most)
		}
	})
}

// The places of a process that was killed are free again when its calls are
// certainly over, and not before.
func TestPlacesOfTheDeadAreGivenUp(t *testing.T) {
	replicas(t, 2, func(t *testing.T, _ *row, gates []*gate) {
		l := Limits{Concurrent: 1}
		if _, err := gates[0].enter(t.Context(), providerOf("a", l), 1, &Payer{}); err != nil {
			t.Fatal(err)
		}
		got := entering(t, gates[1], 1, l)
		if want := time.Minute + settleTime; got < want || got > want+time.Second {
			t.Errorf("waited %s, want %s", got, want)
		}
	})
}

func TestWhoeverIsCancelledLeavesNoPlaceTaken(t *testing.T) {
	oneGate(t, func(t *testing.T, g *gate) {
		l := Limits{RequestsPerMinute: 2, Concurrent: 1}
		entering(t, g, 1, l)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := g.enter(ctx, providerOf("a", l), 1, &Payer{}); asError(err) == nil || asError(err).Reason != ReasonCancelled {
			t.Fatalf("got %v", err)
		}
		if got := entering(t, g, 1, l); got > 30*time.Second {
			t.Errorf("waited %s", got)
		}
	})
}

// A namespace with many calls gets as many places as one with few, on whatever
// replica they are.
func TestNamespacesShareAProviderFairly(t *testing.T) {
	replicas(t, 2, func(t *testing.T, _ *row, gates []*gate) {
		l := Limits{RequestsPerMinute: 60}
		ctx, cancel := context.WithCancel(t.Context())
		var mu sync.Mutex
		var wait sync.WaitGroup
		served := map[string]int{}
		for namespace, calls := range map[string]int{"busy": 200, "small": 20} {
			for i := range calls {
				wait.Go(func() {
					place, err := gates[i%2].enter(ctx, providerOf(namespace, l), 1, &Payer{})
					if err != nil {
						return
					}
					place.drop()
					mu.Lock()
					served[namespace]++
					mu.Unlock()
				})
			}
		}
		time.Sleep(30 * time.Second)
		cancel()
		wait.Wait()
		if total := served["busy"] + served["small"]; served["small"] < 13 || total < 25 {
			t.Errorf("in 30 s at one a second: %v", served)
		}
	})
}

func limited(after time.Duration) *llm.Error {
	return &llm.Error{Class: llm.ClassWait, Reason: llm.ReasonRateLimited, RetryAfter: after}
}

// call takes a place and ends it with what the provider said.
func call(t *testing.T, g *gate, err error) {
	t.Helper()
	place, enterErr := g.enter(t.Context(), providerOf("a", Limits{}), 1, &Payer{})
	if enterErr != nil {
		t.Fatal(enterErr)
	}
	place.leave(err)
}

func TestARestIsKeptByEverybodyAndRecoveryIsGradual(t *testing.T) {
	replicas(t, 2, func(t *testing.T, r *row, gates []*gate) {
		call(t, gates[0], limited(20*time.Second))
		time.Sleep(fresh)
		var pauses []time.Duration
		for n := range 20 {
			start := time.Now()
			call(t, gates[n%2], nil)
			pauses = append(pauses, time.Since(start))
		}
		if pauses[0] < 19*time.Second || pauses[0] > 20*time.Second+restSpread {
			t.Errorf("rested %s, want 20 seconds and a little", pauses[0])
		}
		for n := 2; n < len(pauses); n++ {
			if pauses[n] > pauses[n-1]+restSpread {
				t.Errorf("pauses %v do not shrink", pauses)
			}
		}
		if pauses[1] < firstSpacing/2 || pauses[19] != 0 {
			t.Errorf("pauses %v", pauses)
		}
		if pc, _ := readPace(r.state); pc.Spacing != 0 {
			t.Errorf("the provider is never called freely again: %s", r.state)
		}
	})
}

// A worker is not kept for a long rest, and no rest is forever.
func TestALongRestIsWaitedForElsewhere(t *testing.T) {
	oneGate(t, func(t *testing.T, g *gate) {
		call(t, g, limited(24*time.Hour))
		_, err := g.enter(t.Context(), providerOf("a", Limits{}), 1, &Payer{})
		e := asError(err)
		if e == nil || e.Class != llm.ClassWait || e.Reason != llm.ReasonRateLimited || e.RetryAfter != longestRest {
			t.Fatalf("got %v", err)
		}
		time.Sleep(longestRest)
		if got := entering(t, g, 1, Limits{}); got != 0 {
			t.Errorf("waited %s", got)
		}
	})
}

func TestALongWaitIsTold(t *testing.T) {
	oneGate(t, func(t *testing.T, g *gate) {
		l := Limits{RequestsPerMinute: 6}
		entering(t, g, 1, l)
		var told []string
		payer := &Payer{Held: func(why *Error) {
			if why == nil {
				told = append(told, "")
				return
			}
			told = append(told, string(why.Reason))
		}}
		if _, err := g.enter(t.Context(), providerOf("a", l), 1, payer); err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(told) != "[WaitingForTurn ]" {
			t.Errorf("told %q", told)
		}
	})
}

func TestATableThatIsAwayKeepsCallsFromStarting(t *testing.T) {
	replicas(t, 1, func(t *testing.T, r *row, gates []*gate) {
		r.broken = errors.New("away")
		_, err := gates[0].enter(t.Context(), providerOf("a", Limits{Concurrent: 1}), 1, &Payer{})
		if e := asError(err); e == nil || e.Class != llm.ClassRetry || e.Reason != ReasonTableFailed {
			t.Errorf("got %v", err)
		}
	})
}

// Whatever happens in whatever order, the limits hold and the pace stays small.
func TestNoOrderOfEventsBreaksTheLimits(t *testing.T) {
	for seed := range uint64(200) {
		dice := rand.New(rand.NewPCG(seed, 1))
		l := Limits{RequestsPerMinute: 1 + dice.IntN(600), TokensPerMinute: 1000, Concurrent: 1 + dice.IntN(5)}
		pc, _ := readPace("")
		now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		var starts []time.Time
		tokens := map[time.Time]int64{}
		for n := range 200 {
			now = now.Add(time.Duration(dice.IntN(2000)) * time.Millisecond)
			w := wish{slot: fmt.Sprint(n), namespace: fmt.Sprint(dice.IntN(3)), tokens: int64(1 + dice.IntN(1000)), until: now.Add(10 * time.Second)}
			if pc.take(now, w, l).after <= 0 {
				starts = append(starts, now)
				tokens[now] += w.tokens
			}
			if dice.IntN(3) == 0 {
				pc.leave(now, fmt.Sprint(dice.IntN(n+1)), dice.IntN(10) == 0, time.Second)
			}
			if len(pc.Slots) > l.Concurrent || len(pc.Turns) > 3 {
				t.Fatalf("seed %d: %s", seed, pc)
			}
		}
		for i, from := range starts {
			count, sum := 0, int64(0)
			for _, at := range starts[i:] {
				if at.Sub(from) < time.Minute {
					count++
					sum += tokens[at]
				}
			}
			if count > l.RequestsPerMinute+1 || sum > 2*int64(l.TokensPerMinute) {
				t.Fatalf("seed %d: %d requests and %d tokens in a minute, limits %+v", seed, count, sum, l)
			}
		}
	}
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
	oneGate(t, func(t *testing.T, g *gate) {
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
	oneGate(t, func(t *testing.T, g *gate) {
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
		"a rate limit":          {limited(0), false},
		"an overload":           {&llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonOverloaded}, false},
		"an unknown error":      {errors.New("no"), false},
	} {
		if got := healthy(c.err); got != c.want {
			t.Errorf("%s: healthy %v, want %v", name, got, c.want)
		}
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
