package ledger

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/sony/gobreaker/v2"
	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"

	"github.com/algoitny/algoitny-operator/internal/llm"
)

// Limits bound how fast a provider is called; 0 is no bound.
type Limits struct {
	RequestsPerMinute int
	TokensPerMinute   int
	Concurrent        int
}

// The retry layer: maxTries tries, the delay doubling from firstDelay. What a
// provider asks for beyond patience is waited for outside of a worker.
const (
	maxTries   = 4
	firstDelay = time.Second
	patience   = 30 * time.Second
)

// restSpread is over how long those who rested come back.
const restSpread = time.Second

// longestRest bounds how long all calls of a provider rest because one of them
// was told to: then one call asks whether the provider still wants that.
const longestRest = 10 * time.Minute

// A breaker opens after breakerFailures failures in a row and lets one call
// through after breakerPause.
const (
	breakerFailures = 5
	breakerPause    = 30 * time.Second
)

// gates holds one gate a provider and set of limits.
type gates struct {
	mu   sync.Mutex
	open map[string]*gate
}

func (g *gates) of(p Provider) *gate {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open == nil {
		g.open = map[string]*gate{}
	}
	got := g.open[p.Name]
	if got == nil || got.limits != p.Limits {
		got = newGate(p.Name, p.Limits)
		g.open[p.Name] = got
	}
	return got
}

// gate keeps one provider's limits and knows when it wants a rest.
type gate struct {
	limits   Limits
	slots    *semaphore.Weighted
	requests *rate.Limiter
	tokens   *rate.Limiter
	breaker  *gobreaker.TwoStepCircuitBreaker[struct{}]

	mu        sync.Mutex
	notBefore time.Time
}

func newGate(name string, limits Limits) *gate {
	g := &gate{limits: limits}
	if limits.Concurrent > 0 {
		g.slots = semaphore.NewWeighted(int64(limits.Concurrent))
	}
	g.requests = perMinute(limits.RequestsPerMinute, 1)
	g.tokens = perMinute(limits.TokensPerMinute, limits.TokensPerMinute)
	g.breaker = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		Name:        name,
		Timeout:     breakerPause,
		ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= breakerFailures },
	})
	return g
}

func perMinute(n, burst int) *rate.Limiter {
	if n <= 0 {
		return rate.NewLimiter(rate.Inf, 0)
	}
	return rate.NewLimiter(rate.Limit(float64(n)/60), max(1, burst))
}

// enter waits until a call of so many tokens may start. The returned function
// gives the place back and may be called more than once.
func (g *gate) enter(ctx context.Context, tokens int64, o Options) (leave func(), err error) {
	if most := int64(g.limits.TokensPerMinute); most > 0 && tokens > most {
		return nil, &Error{
			Class: llm.ClassStalled, Reason: ReasonRequestTooLarge,
			Message: fmt.Sprintf("one request may need %d tokens and limits.tokensPerMinute is %d; raise it", tokens, most),
		}
	}
	if g.slots != nil {
		if err := g.slots.Acquire(ctx, 1); err != nil {
			return nil, cancelled(err)
		}
	}
	leave = sync.OnceFunc(func() {
		if g.slots != nil {
			g.slots.Release(1)
		}
	})
	if err := g.wait(ctx, tokens, o); err != nil {
		leave()
		return nil, err
	}
	return leave, nil
}

// wait lasts until the provider has rested and its rates allow the call.
func (g *gate) wait(ctx context.Context, tokens int64, o Options) error {
	if err := g.rest(ctx, o); err != nil {
		return err
	}
	if err := g.requests.Wait(ctx); err != nil {
		return cancelled(err)
	}
	if g.limits.TokensPerMinute <= 0 {
		return nil
	}
	if err := g.tokens.WaitN(ctx, int(tokens)); err != nil {
		return cancelled(err)
	}
	return nil
}

// rest waits out what the provider asked any of its callers for. What is
// beyond patience is waited for outside of a worker.
func (g *gate) rest(ctx context.Context, o Options) error {
	for {
		g.mu.Lock()
		rest := g.notBefore.Sub(o.Now())
		g.mu.Unlock()
		switch {
		case rest <= 0:
			return nil
		case rest > patience:
			return resting(rest)
		}
		// Those who rest do not all come back in the same moment.
		if err := o.Sleep(ctx, rest+o.Jitter(restSpread)); err != nil {
			return cancelled(err)
		}
	}
}

// allow asks the circuit breaker; done must be told whether the provider works.
func (g *gate) allow() (done func(ok bool), err error) {
	report, err := g.breaker.Allow()
	if err != nil {
		return nil, &Error{
			Class: llm.ClassWait, Reason: ReasonProviderPaused, RetryAfter: breakerPause, Err: err,
			Message: "the provider failed several times in a row; calls go on after a pause",
		}
	}
	return func(ok bool) {
		if ok {
			report(nil)
			return
		}
		report(errSpent)
	}, nil
}

// slowDown makes everybody wait when one caller was told to.
func (g *gate) slowDown(e *llm.Error, now time.Time) {
	if e.Class != llm.ClassWait {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if until := now.Add(min(e.RetryAfter, longestRest)); until.After(g.notBefore) {
		g.notBefore = until
	}
}

// backoff says whether an error is worth another try here and now, and when.
func (l *Ledger) backoff(err error, try int) (time.Duration, bool) {
	e := asError(err)
	if e == nil || e.Class == llm.ClassStalled || try+1 >= maxTries {
		return 0, false
	}
	switch e.Reason {
	case ReasonBudgetExceeded, ReasonProviderPaused, ReasonCancelled:
		return 0, false
	}
	if e.RetryAfter > patience {
		return 0, false
	}
	return e.RetryAfter + l.o.Jitter(firstDelay<<try), true
}

// jitter spreads a delay over its upper half.
func jitter(d time.Duration) time.Duration {
	return d/2 + rand.N(d/2+1) //nolint:gosec // a delay is no secret
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
