package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/algoitny/algoitny-operator/internal/store"
	"github.com/algoitny/algoitny-operator/internal/store/storetest"
)

const (
	provider = "default/openai"
	month    = "2026-03"
	reserve  = 100
	cost     = 30
	plenty   = 1 << 40
)

var used = store.Tokens{Requests: 1, Prompt: 10, Cached: 5, Output: 20, Thinking: 7}

func account(provider string) store.Account {
	return store.Account{Kind: store.AccountProvider, Name: provider, Period: month, Currency: "USD"}
}

func callOf(hash, owner string) store.Call {
	return store.Call{
		Hash: hash, State: store.CallClaimed, Owner: owner, Provider: provider, Month: month, Step: "solve",
		Model: "gpt", Object: "SolutionJob/default/a", Gate: "key", Currency: "USD", Price: store.Price{Version: "1", Input: 3, Output: 5},
		Accounts: []store.Bound{{Account: account(provider)}},
		Problem:  "codeforces/1A", Attempt: 1, ReserveNano: reserve, ClaimedAt: noon, ExpiresAt: noon.Add(time.Minute),
	}
}

// bounded is a call whose only account has a limit.
func bounded(c store.Call, limit int64) store.Call {
	c.Accounts = []store.Bound{{Account: c.Accounts[0].Account, LimitNano: limit, Limited: true}}
	return c
}

// step is one write of the ledger.
type step struct {
	name string
	do   func(t *testing.T, s *store.Store) error
}

var (
	claim = step{"Claim", func(t *testing.T, s *store.Store) error {
		return s.Claim(t.Context(), bounded(callOf("h", "one"), 1000))
	}}
	record = step{"Record", func(t *testing.T, s *store.Store) error {
		return s.Record(t.Context(), "h", "one", []byte("answer"), cost, used)
	}}
	release = step{"Release", func(t *testing.T, s *store.Store) error { return s.Release(t.Context(), "h", "one") }}
	abandon = step{"Abandon", func(t *testing.T, s *store.Store) error { return s.Abandon(t.Context(), "h") }}
)

func run(t *testing.T, s *store.Store, steps ...step) {
	t.Helper()
	for _, st := range steps {
		if err := st.do(t, s); err != nil {
			t.Fatalf("%s: %v", st.name, err)
		}
	}
}

func wantUsage(t *testing.T, s *store.Store, want store.Usage) {
	t.Helper()
	got, err := s.Usage(t.Context(), account(provider))
	if err != nil || got != want {
		t.Errorf("usage %+v, %v, want %+v", got, err, want)
	}
}

func wantState(t *testing.T, s *store.Store, want store.CallState) {
	t.Helper()
	got, err := s.Call(t.Context(), "h")
	if err != nil || got.State != want {
		t.Errorf("call %+v, %v, want %s", got, err, want)
	}
}

// TestEveryOrderOfWritesLeavesTheTotalRight also says that repeating the last
// write changes nothing.
func TestEveryOrderOfWritesLeavesTheTotalRight(t *testing.T) {
	recorded := store.Usage{CommittedNano: cost, SpentNano: cost, Tokens: used}
	cases := []struct {
		name  string
		steps []step
		state store.CallState
		usage store.Usage
	}{
		{"claimed", []step{claim}, store.CallClaimed, store.Usage{CommittedNano: reserve}},
		{"recorded", []step{claim, record}, store.CallRecorded, recorded},
		{"released", []step{claim, release}, store.CallReleased, store.Usage{}},
		{"given up", []step{claim, abandon}, store.CallUnknown, store.Usage{CommittedNano: reserve, SpentNano: reserve, Tokens: store.Tokens{Requests: 1}}},
		{"recorded late", []step{claim, abandon, record}, store.CallRecorded, recorded},
		{"claimed anew", []step{claim, release, claim}, store.CallClaimed, store.Usage{CommittedNano: reserve}},
		{"recorded at the second claim", []step{claim, release, claim, record}, store.CallRecorded, recorded},
	}
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				s := e.NewTable(t, store.Options{})
				run(t, s, c.steps...)
				wantState(t, s, c.state)
				wantUsage(t, s, c.usage)
				last := c.steps[len(c.steps)-1]
				err := last.do(t, s)
				if _, exists := errors.AsType[*store.CallExistsError](err); err != nil && !exists {
					t.Errorf("%s again: %v", last.name, err)
				}
				wantState(t, s, c.state)
				wantUsage(t, s, c.usage)
			})
		}
	})
}

func TestWritesThatComeTooLateChangeNothing(t *testing.T) {
	other := step{"Record by another", func(t *testing.T, s *store.Store) error {
		return s.Record(t.Context(), "h", "two", []byte("forged"), 1, used)
	}}
	otherRelease := step{"Release by another", func(t *testing.T, s *store.Store) error { return s.Release(t.Context(), "h", "two") }}
	cases := []struct {
		before []step
		late   step
		state  store.CallState
	}{
		{[]step{claim, record}, release, store.CallRecorded},
		{[]step{claim, record}, abandon, store.CallRecorded},
		{[]step{claim, release}, record, store.CallReleased},
		{[]step{claim, release}, abandon, store.CallReleased},
		{[]step{claim, abandon}, release, store.CallUnknown},
		{[]step{claim}, other, store.CallClaimed},
		{[]step{claim}, otherRelease, store.CallClaimed},
		{[]step{claim, abandon}, other, store.CallUnknown},
		{[]step{claim, record}, other, store.CallRecorded},
	}
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		for _, c := range cases {
			t.Run(fmt.Sprintf("%s of a call that is %s", c.late.name, c.state), func(t *testing.T) {
				s := e.NewTable(t, store.Options{})
				run(t, s, c.before...)
				before, err := s.Usage(t.Context(), account(provider))
				if err != nil {
					t.Fatal(err)
				}
				if err := c.late.do(t, s); !errors.Is(err, store.ErrCallLost) {
					t.Errorf("got %v, want ErrCallLost", err)
				}
				wantState(t, s, c.state)
				wantUsage(t, s, before)
			})
		}
	})
}

func TestACallIsReadAsItWasWritten(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		for name, size := range map[string]int{"inline": 1 << 10, "in chunks": 1 << 20} {
			t.Run(name, func(t *testing.T) {
				s, want := e.NewTable(t, store.Options{}), callOf("h", "one")
				if _, err := s.Call(t.Context(), "h"); !errors.Is(err, store.ErrNotFound) {
					t.Errorf("before the claim: %v, want ErrNotFound", err)
				}
				run(t, s, claim)
				answer := []byte(noise(7, size))
				for range 2 {
					if err := s.Record(t.Context(), "h", "one", answer, cost, used); err != nil {
						t.Fatal(err)
					}
				}
				got, err := s.Call(t.Context(), "h")
				if err != nil {
					t.Fatal(err)
				}
				if string(got.Response) != string(answer) {
					t.Error("the answer is not the one that was recorded")
				}
				want.State, want.CostNano, want.Tokens, want.Version, want.Response = store.CallRecorded, cost, used, 2, got.Response
				if fmt.Sprint(*got) != fmt.Sprint(want) {
					t.Error("the call is not the one that was claimed")
				}
				exists, ok := errors.AsType[*store.CallExistsError](claim.do(t, s))
				if !ok || string(exists.Call.Response) != string(answer) {
					t.Error("a claim of a recorded call does not hand its answer out")
				}
			})
		}
	})
}

func TestAReleasedCallMayBeClaimedByAnother(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		s := e.NewTable(t, store.Options{})
		run(t, s, claim, release)
		next := callOf("h", "two")
		next.Provider, next.ReserveNano = "default/gemini", 7
		next.Accounts = []store.Bound{{Account: account("default/gemini")}}
		if err := s.Claim(t.Context(), next); err != nil {
			t.Fatal(err)
		}
		got, err := s.Call(t.Context(), "h")
		if err != nil || got.Owner != "two" || got.Provider != "default/gemini" || got.Version != 3 {
			t.Errorf("%+v, %v", got, err)
		}
		wantUsage(t, s, store.Usage{})
		if u, err := s.Usage(t.Context(), account("default/gemini")); err != nil || u.CommittedNano != 7 {
			t.Errorf("%+v, %v", u, err)
		}
	})
}

func TestABudgetTakesWhatFitsAndNoMore(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		s := e.NewTable(t, store.Options{})
		tooMuch := store.BudgetExceededError{Account: account(provider), BudgetNano: reserve - 1, ReserveNano: reserve}
		err := s.Claim(t.Context(), bounded(callOf("a", "one"), reserve-1))
		if over, ok := errors.AsType[*store.BudgetExceededError](err); !ok || *over != tooMuch {
			t.Fatalf("got %v, want %v", err, &tooMuch)
		}
		if err := s.Claim(t.Context(), bounded(callOf("a", "one"), reserve)); err != nil {
			t.Fatalf("exactly the budget: %v", err)
		}
		tooMuch = store.BudgetExceededError{Account: account(provider), BudgetNano: 2*reserve - 1, CommittedNano: reserve, ReserveNano: reserve}
		err = s.Claim(t.Context(), bounded(callOf("b", "one"), 2*reserve-1))
		if over, ok := errors.AsType[*store.BudgetExceededError](err); !ok || *over != tooMuch {
			t.Fatalf("got %v, want %v", err, &tooMuch)
		}
		if _, err := s.Call(t.Context(), "b"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a refused claim left a row: %v", err)
		}
		// A call that exists is not a question of money.
		if _, exists := errors.AsType[*store.CallExistsError](s.Claim(t.Context(), bounded(callOf("a", "two"), 1))); !exists {
			t.Error("a claimed call was refused for its price")
		}
	})
}

// claimAll claims calls at the same time from several replicas and returns
// how many succeeded. Other errors than those that want lets through fail.
func claimAll(t *testing.T, replicas []*store.Store, calls int, budget int64, hash func(i int) string, refused func(error) bool) int {
	t.Helper()
	var wait sync.WaitGroup
	results := make([]error, calls)
	for i := range calls {
		wait.Go(func() {
			results[i] = replicas[i%len(replicas)].Claim(t.Context(), bounded(callOf(hash(i), fmt.Sprint("owner-", i)), budget))
		})
	}
	wait.Wait()
	won := 0
	for i, err := range results {
		if err == nil {
			won++
		} else if !refused(err) {
			t.Errorf("claim %d: %v", i, err)
		}
	}
	return won
}

// replicas are three processes over one table.
func replicas(t *testing.T, e *storetest.Engine) []*store.Store {
	t.Helper()
	o := store.Options{Table: storetest.TableName()}
	return []*store.Store{e.NewTable(t, o), e.Store(t, o), e.Store(t, o)}
}

func TestExactlyOneOfManyClaimsOfACallWins(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		all := replicas(t, e)
		won := claimAll(t, all, 40, plenty, func(int) string { return "h" }, func(err error) bool {
			_, exists := errors.AsType[*store.CallExistsError](err)
			return exists
		})
		if won != 1 {
			t.Errorf("%d claims won, want 1", won)
		}
		wantUsage(t, all[0], store.Usage{CommittedNano: reserve})
	})
}

func TestAHundredClaimsOfOneProviderGetThrough(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		all := replicas(t, e)
		won := claimAll(t, all, 100, plenty, func(i int) string { return fmt.Sprint("h", i) }, func(error) bool { return false })
		if won != 100 {
			t.Errorf("%d claims won, want all 100", won)
		}
		wantUsage(t, all[0], store.Usage{CommittedNano: 100 * reserve})
	})
}

func TestClaimsAtTheSameTimeNeverExceedTheBudget(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		all := replicas(t, e)
		const fits = 23
		won := claimAll(t, all, 100, fits*reserve+reserve/2, func(i int) string { return fmt.Sprint("h", i) }, func(err error) bool {
			_, over := errors.AsType[*store.BudgetExceededError](err)
			return over
		})
		if won != fits {
			t.Errorf("%d claims won, want %d", won, fits)
		}
		wantUsage(t, all[0], store.Usage{CommittedNano: fits * reserve})
	})
}

func TestALostReplyIsNotAppliedTwice(t *testing.T) {
	cases := []struct {
		before []step
		lost   step
		usage  store.Usage
	}{
		{nil, claim, store.Usage{CommittedNano: reserve}},
		{[]step{claim, release}, claim, store.Usage{CommittedNano: reserve}},
		{[]step{claim}, record, store.Usage{CommittedNano: cost, SpentNano: cost, Tokens: used}},
		{[]step{claim, abandon}, record, store.Usage{CommittedNano: cost, SpentNano: cost, Tokens: used}},
		{[]step{claim}, release, store.Usage{}},
		{[]step{claim}, abandon, store.Usage{CommittedNano: reserve, SpentNano: reserve, Tokens: store.Tokens{Requests: 1}}},
	}
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		for _, c := range cases {
			for _, n := range lostReplies {
				t.Run(fmt.Sprintf("%s after %d writes, %s", c.lost.name, len(c.before), times(n)), func(t *testing.T) {
					o := store.Options{Table: storetest.TableName()}
					s, line := e.NewTable(t, o), &wire{}
					run(t, s, c.before...)
					behind := line.store(t, e, o)
					line.lose = map[string]int{"TransactWriteItems": n}
					run(t, behind, c.lost)
					wantUsage(t, s, c.usage)
				})
			}
		}
	})
}

func TestClashesWithOtherTransactionsAreWaitedOut(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		o := store.Options{Table: storetest.TableName()}
		s, line := e.NewTable(t, o), &wire{}
		behind := line.store(t, e, o)
		line.clash = map[string]int{"TransactWriteItems": 4}
		run(t, behind, claim)
		wantUsage(t, s, store.Usage{CommittedNano: reserve})
	})
}
