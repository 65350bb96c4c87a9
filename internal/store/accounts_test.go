package store_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/algoitny/algoitny-operator/internal/store"
	"github.com/algoitny/algoitny-operator/internal/store/storetest"
)

func TestAnAccountsNameIsReadAsItWasWritten(t *testing.T) {
	for _, a := range []store.Account{
		{Kind: store.AccountProvider, Name: "default/openai", Period: "2026-03", Currency: "USD"},
		{Kind: store.AccountBudget, Name: "a#b%/c", Period: store.PeriodTotal, Currency: "KRW"},
	} {
		if got, ok := store.ParseAccount(a.String()); !ok || got != a {
			t.Errorf("%q is read as %+v", a, got)
		}
	}
	for _, bad := range []string{"", "a", "PROVIDER#x#y", "PROVIDER##2026-03#USD", "A#b#c#d#e"} {
		if got, ok := store.ParseAccount(bad); ok {
			t.Errorf("%q is read as %+v", bad, got)
		}
	}
}

// A call counts in all of its accounts or, when one of them is full, in none.
func TestACallCountsInAllOfItsAccountsOrInNone(t *testing.T) {
	problem := store.Account{Kind: store.AccountProblem, Name: "default/a", Period: store.PeriodTotal, Currency: "USD"}
	both := func(hash string, limit int64) store.Call {
		c := callOf(hash, "one")
		c.Accounts = append(c.Accounts, store.Bound{Account: problem, LimitNano: limit, Limited: true})
		return c
	}
	sums := func(t *testing.T, s *store.Store) (all [2]store.Usage) {
		t.Helper()
		for i, a := range []store.Account{account(provider), problem} {
			var err error
			if all[i], err = s.Usage(t.Context(), a); err != nil {
				t.Fatal(err)
			}
		}
		return all
	}
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		s := e.NewTable(t, store.Options{})
		err := s.Claim(t.Context(), both("h", 0))
		over, ok := errors.AsType[*store.BudgetExceededError](err)
		if !ok || over.Account != problem {
			t.Fatalf("got %v; a limit of 0 lets nothing through", err)
		}
		if got := sums(t, s); got != [2]store.Usage{} {
			t.Errorf("a refused call counts as %+v", got)
		}
		if err := s.Claim(t.Context(), both("h", reserve)); err != nil {
			t.Fatal(err)
		}
		run(t, s, record)
		want := store.Usage{CommittedNano: cost, SpentNano: cost, Tokens: used}
		if got := sums(t, s); got != [2]store.Usage{want, want} {
			t.Errorf("got %+v, want %+v in both", got, want)
		}
		got, err := s.Call(t.Context(), "h")
		if err != nil || len(got.Accounts) != 2 || got.Accounts[1].Account != problem || got.Accounts[1].Limited {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func collect(t *testing.T, calls func(yield func(store.CallSummary, error) bool)) []store.CallSummary {
	t.Helper()
	var all []store.CallSummary
	for c, err := range calls {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b store.CallSummary) int { return a.At.Compare(b.At) })
	return all
}

func TestCallsAreListedWhereTheyStand(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		s := e.NewTable(t, store.Options{Now: func() time.Time { return noon.Add(time.Hour) }})
		for i := range 20 {
			c := callOf(fmt.Sprint("h", i), "one")
			c.ExpiresAt = noon.Add(time.Duration(i) * time.Second)
			if err := s.Claim(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		if got := collect(t, s.Calls(t.Context(), month)); len(got) != 0 {
			t.Errorf("%d calls in flight are listed as paid for", len(got))
		}
		expired := collect(t, s.ExpiredCalls(t.Context(), noon.Add(4*time.Second+time.Millisecond)))
		if len(expired) != 5 || expired[4].Hash != "h4" || !expired[4].At.Equal(noon.Add(4*time.Second)) || expired[4].State != store.CallClaimed {
			t.Errorf("%+v", expired)
		}
		for i, settle := range []func(hash string) error{
			func(hash string) error { return s.Record(t.Context(), hash, "one", []byte("answer"), cost, used) },
			func(hash string) error { return s.Abandon(t.Context(), hash) },
			func(hash string) error { return s.Release(t.Context(), hash, "one") },
		} {
			if err := settle(fmt.Sprint("h", i)); err != nil {
				t.Fatal(err)
			}
		}
		if got := collect(t, s.ExpiredCalls(t.Context(), noon.Add(time.Hour))); len(got) != 17 {
			t.Errorf("%d calls in flight, want 17", len(got))
		}
		paid := collect(t, s.Calls(t.Context(), month))
		want := []store.CallSummary{
			{Hash: "h0", State: store.CallRecorded, CostNano: cost, Tokens: used},
			{Hash: "h1", State: store.CallUnknown, CostNano: reserve},
		}
		for i := range want {
			want[i].At, want[i].Provider, want[i].Model, want[i].Object = noon.Add(time.Hour), provider, "gpt", "SolutionJob/default/a"
			want[i].Problem, want[i].Step, want[i].Attempt, want[i].Currency = "codeforces/1A", "solve", 1, "USD"
		}
		slices.SortFunc(paid, func(a, b store.CallSummary) int { return int(a.Hash[1]) - int(b.Hash[1]) })
		if !slices.Equal(paid, want) {
			t.Errorf("got %+v\nwant %+v", paid, want)
		}
	})
}

func TestACallThatGoesOnByItselfIsRecordedByAnybody(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		s := e.NewTable(t, store.Options{})
		run(t, s, claim)
		later := noon.Add(time.Hour)
		if err := s.Attach(t.Context(), "h", "two", "resp_1", later); !errors.Is(err, store.ErrCallLost) {
			t.Errorf("another's call was named: %v", err)
		}
		for range 2 {
			if err := s.Attach(t.Context(), "h", "one", "resp_1", later); err != nil {
				t.Fatal(err)
			}
		}
		got, err := s.Call(t.Context(), "h")
		if err != nil || got.Resume != "resp_1" || !got.ExpiresAt.Equal(later) || got.State != store.CallClaimed || got.Version != 2 {
			t.Fatalf("%+v, %v", got, err)
		}
		if len(collect(t, s.ExpiredCalls(t.Context(), noon.Add(time.Minute)))) != 0 || len(collect(t, s.ExpiredCalls(t.Context(), later))) != 1 {
			t.Error("the call does not expire when it was said to")
		}
		if err := s.Record(t.Context(), "h", "", []byte("answer"), cost, used); err != nil {
			t.Fatal(err)
		}
		wantUsage(t, s, store.Usage{CommittedNano: cost, SpentNano: cost, Tokens: used})
		if err := s.Attach(t.Context(), "h", "one", "resp_2", later); !errors.Is(err, store.ErrCallLost) {
			t.Errorf("a recorded call was named: %v", err)
		}
	})
}

func TestAGateIsMovedByTheQuickest(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		o := store.Options{Table: storetest.TableName()}
		s, line := e.NewTable(t, o), &wire{}
		if state, write, err := s.Gate(t.Context(), "g"); state != "" || write != "" || err != nil {
			t.Fatalf("%q, %q, %v", state, write, err)
		}
		line.lose = map[string]int{"PutItem": 1}
		first, err := line.store(t, e, o).PutGate(t.Context(), "g", "", "one")
		if err != nil {
			t.Fatalf("a write of which the answer was lost: %v", err)
		}
		if _, err := s.PutGate(t.Context(), "g", "", "two"); !errors.Is(err, store.ErrMoved) {
			t.Errorf("got %v, want ErrMoved", err)
		}
		if _, err := s.PutGate(t.Context(), "g", first, "two"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.PutGate(t.Context(), "g", first, "three"); !errors.Is(err, store.ErrMoved) {
			t.Errorf("got %v, want ErrMoved", err)
		}
		if state, _, err := s.Gate(t.Context(), "g"); state != "two" || err != nil {
			t.Errorf("%q, %v", state, err)
		}
	})
}

func TestABatchIsNamedOnce(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		s := e.NewTable(t, store.Options{})
		b := store.Batch{Mark: "m", Provider: provider, CreatedAt: noon}
		if _, err := s.Batch(t.Context(), "m"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("got %v", err)
		}
		if err := s.PutBatch(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		if err := s.PutBatch(t.Context(), b); !errors.Is(err, store.ErrMoved) {
			t.Errorf("a batch begun twice: %v", err)
		}
		b.ID = "batch_1"
		for range 2 {
			if err := s.PutBatch(t.Context(), b); err != nil {
				t.Fatal(err)
			}
		}
		other := b
		other.ID = "batch_2"
		if err := s.PutBatch(t.Context(), other); !errors.Is(err, store.ErrMoved) {
			t.Errorf("a batch has two names: %v", err)
		}
		if got, err := s.Batch(t.Context(), "m"); err != nil || *got != b {
			t.Errorf("%+v, %v", got, err)
		}
	})
}
