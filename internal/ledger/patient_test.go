package ledger_test

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/algoitny/algoitny-operator/internal/ledger"
	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/llm/replay"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// patience is a Patient over a worker, and what it tells.
type patience struct {
	*ledger.Patient
	mu      sync.Mutex
	waiting map[string]int
	told    []string
	aside   int
}

func (w *world) patient() *patience {
	p := &patience{waiting: map[string]int{}}
	p.Patient = &ledger.Patient{
		Ledger: w.alive(),
		Aside: func(ctx context.Context, wait func(context.Context) error) error {
			p.mu.Lock()
			p.aside++
			p.mu.Unlock()
			return wait(ctx)
		},
		Waiting: func(provider string, reason llm.Reason, more int) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.waiting[provider+" "+string(reason)] += more
		},
	}
	return p
}

// asked is a question that notes what it is told.
func (p *patience) asked(q ledger.Question) ledger.Question {
	q.Payer.Held = func(why *ledger.Error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if why != nil {
			p.told = append(p.told, string(why.Reason))
		}
	}
	return q
}

func TestAFullMonthIsWaitedForUntilTheNext(t *testing.T) {
	w := newWorld(t)
	provider := w.provider()
	provider.Budget = ledger.Limit{Nano: w.reserve() + 10, Set: true}
	w.advance(time.Date(2026, 3, 31, 23, 0, 0, 0, time.UTC).Sub(w.clock()))
	if n, err := w.alive().Sweep(t.Context()); n != 1 || err != nil {
		t.Fatalf("%d swept, %v", n, err)
	}
	p := w.patient()
	if _, err := p.Ask(t.Context(), provider, p.asked(question(1))); err != nil {
		t.Fatal(err)
	}
	if got := w.clock(); got.Month() != time.April || got.Day() != 1 || got.Hour() > 0 {
		t.Errorf("it was asked at %s, want the first of April", got)
	}
	if len(p.told) == 0 || p.told[0] != "BudgetExceeded" || p.aside == 0 {
		t.Errorf("told %q, %d times aside", p.told, p.aside)
	}
	for what, n := range p.waiting {
		if n != 0 {
			t.Errorf("%d still wait: %s", n, what)
		}
	}
	usage, err := w.book.Usage(t.Context(), account)
	if err != nil || usage.Requests != 1 {
		t.Errorf("March paid for April: %+v, %v", usage, err)
	}
}

// Many questions wait for the same money: one of them tries, the others stand
// in line, and all go on when there is some.
func TestThoseWhoWaitForTheSameMoneyStandInLine(t *testing.T) {
	w := newWorld(t)
	b := &bounds{}
	b.set(limit(store.AccountBudget, "2026-03", 1))
	p := w.patient()
	claims := &counting{recorder: &recorder{Store: w.book}}
	p.Ledger = ledger.New(claims, ledger.Options{Owner: "waits", Now: w.clock})
	defer p.Ledger.Close(context.Background())
	var wait, waiting sync.WaitGroup
	for range 50 {
		waiting.Add(1)
		wait.Go(func() {
			q := question(1)
			q.Payer.Accounts = b.of
			once := sync.OnceFunc(waiting.Done)
			q.Payer.Held = func(why *ledger.Error) {
				if why != nil {
					once()
				}
			}
			if _, err := p.Ask(t.Context(), w.provider(), q); err != nil {
				t.Error(err)
			}
		})
	}
	waiting.Wait()
	claims.reset()
	time.Sleep(100 * time.Millisecond)
	if n := claims.count(); n > 1 {
		t.Errorf("%d tries at once", n)
	}
	b.set(limit(store.AccountBudget, "2026-03", 1e12))
	p.Stir()
	wait.Wait()
	if w.paid() != 1 {
		t.Errorf("%d paid calls", w.paid())
	}
}

// counting counts the claims that are tried.
type counting struct {
	*recorder
	mu sync.Mutex
	n  int
}

func (c *counting) Claim(ctx context.Context, call store.Call) error {
	c.mu.Lock()
	c.n++
	c.mu.Unlock()
	return c.recorder.Claim(ctx, call)
}

func (c *counting) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}

func (c *counting) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n = 0
}

func TestAProviderThatWantsARestIsWaitedForHoweverLong(t *testing.T) {
	w := newWorld(t)
	w.model.FailNext(
		replay.Fault{Kind: replay.FaultRateLimit, RetryAfter: 40 * time.Minute},
		replay.Fault{Kind: replay.FaultRateLimit, RetryAfter: 5 * time.Minute})
	p := w.patient()
	start := w.clock()
	answer, err := p.Ask(t.Context(), w.provider(), p.asked(question(1)))
	if err != nil || answer.Text != "first" {
		t.Fatalf("%+v, %v", answer, err)
	}
	if waited := w.clock().Sub(start); waited < 15*time.Minute || w.paid() != 3 {
		t.Errorf("waited %s, %d calls", waited, w.paid())
	}
	assertBalanced(t, w)
}

func TestWhatNeedsAPersonIsNotWaitedFor(t *testing.T) {
	w := newWorld(t)
	w.model.FailNext(replay.Fault{Kind: replay.FaultQuota})
	p := w.patient()
	wantError(t, errOf(p.Ask(t.Context(), w.provider(), p.asked(question(1)))), llm.ClassStalled, llm.ReasonQuotaExhausted)
	if len(p.told) != 0 || p.aside != 0 {
		t.Errorf("told %q, %d times aside", p.told, p.aside)
	}
}

// bounds are accounts whose limits a person changes meanwhile.
type bounds struct {
	mu  sync.Mutex
	all []store.Bound
}

func (b *bounds) set(all ...store.Bound) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all = all
}

func (b *bounds) of(context.Context, string) ([]store.Bound, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all, nil
}

func limit(kind store.AccountKind, period string, nano int64) store.Bound {
	return store.Bound{Account: store.Account{Kind: kind, Name: "default/x", Period: period, Currency: "USD"}, LimitNano: nano, Limited: true}
}

func TestWhoWaitsGoesOnWhenTheBudgetIsRaised(t *testing.T) {
	w := newWorld(t)
	b := &bounds{}
	b.set(limit(store.AccountProblem, store.PeriodTotal, 1))
	p := w.patient()
	q := p.asked(question(1))
	q.Payer.Accounts = b.of
	answered := make(chan error)
	waiting := make(chan struct{})
	once := sync.OnceFunc(func() { close(waiting) })
	held := q.Payer.Held
	q.Payer.Held = func(why *ledger.Error) {
		held(why)
		if why != nil {
			once()
		}
	}
	// This worker sleeps for real, so that only the stir wakes it.
	p.Ledger = ledger.New(&recorder{Store: w.book}, ledger.Options{Owner: "waits", Now: w.clock})
	defer p.Ledger.Close(context.Background())
	go func() { answered <- errOf(p.Ask(t.Context(), w.provider(), q)) }()
	<-waiting
	b.set(limit(store.AccountProblem, store.PeriodTotal, 1e12))
	p.Stir()
	if err := <-answered; err != nil {
		t.Error(err)
	}
	if want := map[string]int{"default/openai BudgetExceeded": 0}; !maps.Equal(p.waiting, want) {
		t.Errorf("waiting %v", p.waiting)
	}
}

func TestABudgetThatIsFullIsNamedWithItsEnd(t *testing.T) {
	for name, c := range map[string]struct {
		bound store.Bound
		want  string
	}{
		"a Problem's": {limit(store.AccountProblem, store.PeriodTotal, 5e8), `the budget of Problem "x" of 0.5 USD is used up; raise spec.budget.amount to go on`},
		"a month's":   {limit(store.AccountBudget, "2026-03", 5e8), `the Budget "x" of 0.5 USD is used up until 2026-04-01; raise its spec.amount to go on before`},
		"a total":     {limit(store.AccountBudget, store.PeriodTotal, 0), `the Budget "x" of 0 USD is used up; raise its spec.amount to go on`},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			q := question(1)
			q.Request.MaxOutputTokens = 1e6
			q.Payer.Accounts = func(context.Context, string) ([]store.Bound, error) { return []store.Bound{c.bound}, nil }
			_, err := w.alive().Ask(t.Context(), w.provider(), q)
			wantError(t, err, llm.ClassWait, ledger.ReasonBudgetExceeded)
			if want := "BudgetExceeded: " + c.want; err.Error() != want {
				t.Errorf("got  %s\nwant %s", err, want)
			}
		})
	}
}

// What is only reserved comes free when its call is settled.
func TestWhatIsReservedIsNotCalledSpent(t *testing.T) {
	w := newWorld(t)
	provider := w.provider()
	provider.Budget = ledger.Limit{Nano: w.reserve() + 10, Set: true}
	_, err := w.alive().Ask(t.Context(), provider, question(1))
	if after := wantError(t, err, llm.ClassWait, ledger.ReasonBudgetReserved); after > 10*time.Second {
		t.Errorf("comes back after %s", after)
	}
}

// Answers are everybody's, unless a provider keeps them to its namespace or an
// object asks anew; and nobody is answered by another endpoint.
func TestWhoSharesWhichAnswers(t *testing.T) {
	type asker struct {
		namespace, identity, refresh string
		isolated                     bool
	}
	for name, c := range map[string]struct {
		first, second asker
		calls         int
	}{
		"two namespaces":                   {asker{namespace: "a"}, asker{namespace: "b"}, 1},
		"two namespaces, one keeps its":    {asker{namespace: "a", isolated: true}, asker{namespace: "b"}, 2},
		"two namespaces, both keep theirs": {asker{namespace: "a", isolated: true}, asker{namespace: "b", isolated: true}, 2},
		"one namespace that keeps its":     {asker{namespace: "a", isolated: true}, asker{namespace: "a", isolated: true}, 1},
		"two endpoints":                    {asker{namespace: "a", identity: "x"}, asker{namespace: "a", identity: "y"}, 2},
		"a refresh":                        {asker{namespace: "a"}, asker{namespace: "a", refresh: "1"}, 2},
		"the same refresh":                 {asker{namespace: "a", refresh: "1"}, asker{namespace: "a", refresh: "1"}, 1},
		"another refresh":                  {asker{namespace: "a", refresh: "1"}, asker{namespace: "a", refresh: "2"}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			for _, a := range []asker{c.first, c.second} {
				p, q := w.provider(), question(1)
				p.Name, p.Identity, p.Isolated, q.Payer.Refresh = fmt.Sprint(a.namespace, "/openai"), a.identity, a.isolated, a.refresh
				if _, err := w.alive().Ask(t.Context(), p, q); err != nil {
					t.Fatal(err)
				}
			}
			if w.paid() != c.calls {
				t.Errorf("%d paid calls, want %d", w.paid(), c.calls)
			}
		})
	}
}
