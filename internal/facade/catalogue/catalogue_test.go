package catalogue_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"go.uber.org/goleak"

	"github.com/algoitny/algoitny-operator/internal/facade/catalogue"
	"github.com/algoitny/algoitny-operator/internal/facade/view"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/store"
	"github.com/algoitny/algoitny-operator/internal/store/storetest"
)

// reload is how soon a change in the table alone shows.
const reload = 20 * time.Millisecond

// patience is how long something is waited for on a busy machine.
const patience = 20 * time.Second

func await(t *testing.T, what string, is func() bool) {
	t.Helper()
	for ended := time.Now().Add(patience); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(ended) {
			t.Fatalf("not in time: %s", what)
		}
	}
}

// follow runs a catalogue over a table until the test ends.
func follow(t *testing.T, o catalogue.Options) *catalogue.Catalogue {
	t.Helper()
	if o.Reload == 0 {
		o.Reload = reload
	}
	o.Log = logr.Discard()
	c := catalogue.New(o)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	await(t, "the table is listed", func() bool { return c.Health().Table })
	return c
}

// facts is a problem that is made of a number, so that every order has equals.
func facts(n int) store.ProblemRecord {
	n = max(n, 0)
	return store.ProblemRecord{
		Problem: problem.Problem{
			Key:   problem.Key{Platform: []string{"atcoder", "codeforces", "cses"}[n%3], ID: fmt.Sprintf("%04d", n)},
			Title: []string{"Émile's Walk", "Sum", "sum of two", "Tower"}[n%4], Rating: n % 5 * 400, Tags: []string{"math", "DP"}[n%2 : n%2+1],
		},
		Owner: store.Owner{UID: "uid"},
	}
}

func put(t *testing.T, s *store.Store, n int) {
	t.Helper()
	if _, err := s.PutProblem(t.Context(), facts(n)); err != nil {
		t.Fatal(err)
	}
}

func keys(list []view.ProblemSummary) []string {
	var out []string
	for i := range list {
		out = append(out, list[i].Platform+"/"+list[i].ID)
	}
	return out
}

// TestPagesAreStableWhileProblemsComeAndGo pages through every order while the
// problems of odd numbers come and go: the others are seen exactly once, and all
// in order.
func TestPagesAreStableWhileProblemsComeAndGo(t *testing.T) {
	const lasting = 30
	s := storetest.New(t)
	for n := range lasting {
		put(t, s, 2*n)
	}
	c := follow(t, catalogue.Options{Table: s})
	next := 1
	// change puts the next one and takes the one before the last out.
	change := func() {
		put(t, s, next)
		gone := facts(next - 4).Problem.Key
		if next > 5 {
			if err := s.DeleteProblem(t.Context(), gone, "uid"); err != nil {
				t.Fatal(err)
			}
		}
		await(t, "the change is seen", func() bool {
			_, there := c.Find(facts(next).Problem.Key)
			_, still := c.Find(gone)
			return there && (!still || next <= 5)
		})
		next += 2
	}
	for _, by := range catalogue.Fields() {
		for _, descending := range []bool{false, true} {
			var seen []view.ProblemSummary
			q := catalogue.Query{By: by, Descending: descending, Limit: 7}
			for {
				page := c.List(q)
				seen = append(seen, page.Problems...)
				if q.After = page.Next; q.After == nil {
					break
				}
				if len(page.Problems) != q.Limit {
					t.Fatalf("%s: a page of %d before the last", by, len(page.Problems))
				}
				change()
			}
			inOrder(t, by, descending, seen)
			for n := range lasting {
				if name := facts(2 * n).Problem.String(); count(keys(seen), name) != 1 {
					t.Errorf("by %s, descending %t: %s is seen %d times", by, descending, name, count(keys(seen), name))
				}
			}
		}
	}
}

func count(list []string, name string) int {
	n := 0
	for _, each := range list {
		if each == name {
			n++
		}
	}
	return n
}

func inOrder(t *testing.T, by catalogue.Field, descending bool, list []view.ProblemSummary) {
	t.Helper()
	compare := func(a, b view.ProblemSummary) int {
		first := 0
		switch by {
		case catalogue.ByTitle:
			first = cmp.Compare(strings.ToLower(a.Title), strings.ToLower(b.Title))
		case catalogue.ByRating:
			first = cmp.Compare(a.Rating, b.Rating)
		case catalogue.ByUpdated:
			first = a.UpdatedAt.Compare(b.UpdatedAt)
		case catalogue.ByKey, catalogue.ByCost:
		}
		first = cmp.Or(first, cmp.Compare(a.Platform, b.Platform), cmp.Compare(a.ID, b.ID))
		if descending {
			return -first
		}
		return first
	}
	if !slices.IsSortedFunc(list, compare) {
		t.Errorf("by %s, descending %t: %v", by, descending, keys(list))
	}
}

func TestFiltersLeaveWhatTheySay(t *testing.T) {
	s := storetest.New(t)
	for n := range 24 {
		put(t, s, n)
	}
	_, err := s.PutSolution(t.Context(), store.SolutionRecord{
		Key: facts(7).Problem.Key, Name: "a", Language: "python", Source: "print()", Verdict: problem.Accepted, Owner: store.Owner{UID: "uid"},
	})
	if err != nil {
		t.Fatal(err)
	}
	c := follow(t, catalogue.Options{Table: s})
	for name, want := range map[string]struct {
		filter catalogue.Filter
		keep   func(n int) bool
	}{
		"nothing":              {catalogue.Filter{}, func(int) bool { return true }},
		"a platform":           {catalogue.Filter{Platform: "cses"}, func(n int) bool { return n%3 == 2 }},
		"another platform":     {catalogue.Filter{Platform: "cse"}, func(int) bool { return false }},
		"ratings from":         {catalogue.Filter{MinRating: 800}, func(n int) bool { return n%5 >= 2 }},
		"ratings to":           {catalogue.Filter{MaxRating: 800}, func(n int) bool { return n%5 == 1 || n%5 == 2 }},
		"ratings between":      {catalogue.Filter{MinRating: 400, MaxRating: 400}, func(n int) bool { return n%5 == 1 }},
		"a tag in any case":    {catalogue.Filter{Tag: "dp"}, func(n int) bool { return n%2 == 1 }},
		"a language":           {catalogue.Filter{Language: "python"}, func(n int) bool { return n == 7 }},
		"a text in any case":   {catalogue.Filter{Text: "SUM"}, func(n int) bool { return n%4 == 1 || n%4 == 2 }},
		"a text with accents":  {catalogue.Filter{Text: "émile"}, func(n int) bool { return n%4 == 0 }},
		"a state":              {catalogue.Filter{State: view.Retained}, func(int) bool { return true }},
		"another state":        {catalogue.Filter{State: view.Ready}, func(int) bool { return false }},
		"several at once":      {catalogue.Filter{Platform: "atcoder", Tag: "math"}, func(n int) bool { return n%6 == 0 }},
		"a pattern is no text": {catalogue.Filter{Text: "s.m"}, func(int) bool { return false }},
	} {
		t.Run(name, func(t *testing.T) {
			var wanted []string
			for n := range 24 {
				if want.keep(n) {
					wanted = append(wanted, facts(n).Problem.String())
				}
			}
			slices.Sort(wanted)
			page := c.List(catalogue.Query{Filter: want.filter, By: catalogue.ByKey, Limit: 100})
			if got := keys(page.Problems); !slices.Equal(got, wanted) || page.Total != len(wanted) {
				t.Errorf("%d: %v, want %v", page.Total, got, wanted)
			}
		})
	}
}

func TestMoreProblemsThanTheLimitIsSaid(t *testing.T) {
	s := storetest.New(t)
	for n := range 8 {
		put(t, s, n)
	}
	c := follow(t, catalogue.Options{Table: s, Limit: 5})
	if h := c.Health(); !h.Overflow || h.Problems != 5 {
		t.Errorf("%+v", h)
	}
	if page := c.List(catalogue.Query{By: catalogue.ByKey, Limit: 100}); page.Total != 5 {
		t.Errorf("%d are listed", page.Total)
	}
}

func TestATableThatComesLateIsListedThen(t *testing.T) {
	s := storetest.New(t)
	put(t, s, 1)
	table := &awayTable{Table: s}
	table.away.Store(true)
	c := catalogue.New(catalogue.Options{Table: table, Reload: reload, Log: logr.Discard()})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	await(t, "it asks", func() bool { return table.asked.Load() > 0 })
	if c.Health().Table {
		t.Error("it says that it has listed a table that is away")
	}
	table.away.Store(false)
	await(t, "the problem is listed", func() bool { return c.Health().Problems == 1 })
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestNothingIsLeftBehind(t *testing.T) {
	leaks := goleak.IgnoreCurrent()
	s := storetest.New(t)
	c := catalogue.New(catalogue.Options{Table: s, Log: logr.Discard()})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	await(t, "the table is listed", func() bool { return c.Health().Table })
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	goleak.VerifyNone(t, leaks, goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"), goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"),
		goleak.IgnoreAnyFunction("net/http.(*conn).serve"), goleak.IgnoreAnyFunction("net/http.(*connReader).backgroundRead"), goleak.IgnoreAnyFunction("net/http.(*Server).Serve"))
}
