package chaos_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// These tests show that the invariants find what they are there for.

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func second(n int) time.Time { return start.Add(time.Duration(n) * time.Second) }

var asked = question{problem: "chaos/p1", step: "extract", attempt: 1}

func write(n int, process, hash, state string) callWrite {
	row := callRow{question: asked, hash: hash, state: state, reserve: 10, expiresAt: second(60)}
	if state == recorded {
		row.cost = 4
	}
	return callWrite{callRow: row, at: second(n), process: process}
}

func sent(n int, f fault) request {
	return request{question: asked, account: "plenty/gemini", at: second(n), fault: f, cost: 4, answered: f == none}
}

func callItem(w callWrite) item {
	return item{
		"PK": {S: "CALL#" + w.hash}, "SK": {S: "CALL"}, "State": {S: w.state},
		"Problem": {S: w.problem}, "Step": {S: w.step}, "Attempt": {N: fmt.Sprint(w.attempt)},
		"Reserve": {N: fmt.Sprint(w.reserve)}, "Cost": {N: fmt.Sprint(w.cost)},
	}
}

func totalItem(committed, spent, requests int) item {
	return item{
		"PK": {S: "USAGE#PROVIDER#plenty/gemini#2026-01#USD"}, "SK": {S: "TOTAL"},
		"Committed": {N: fmt.Sprint(committed)}, "Spent": {N: fmt.Sprint(spent)}, "Requests": {N: fmt.Sprint(requests)},
	}
}

// once is a call that was claimed, sent, answered and recorded.
func once() *evidence {
	end := write(3, "P1", "a", recorded)
	return &evidence{
		requests: []request{sent(2, none)},
		writes:   []callWrite{write(1, "P1", "a", claimed), end},
		rows:     []item{callItem(end), totalItem(4, 4, 1)},
		lives:    []life{{name: "P1", asked: stopped, ended: second(100)}},
	}
}

// lostAndRepeated is a call that a kill cut off, and the next one.
func lostAndRepeated() *evidence {
	lost, end := write(70, "P2", "a", unknown), write(73, "P2", "b", recorded)
	return &evidence{
		requests: []request{sent(2, none), sent(72, none)},
		writes:   []callWrite{write(1, "P1", "a", claimed), lost, write(71, "P2", "b", claimed), end},
		rows:     []item{callItem(lost), callItem(end), totalItem(14, 14, 2)},
		lives:    []life{{name: "P1", asked: killed, ended: second(3)}, {name: "P2", asked: stopped, ended: second(100)}},
	}
}

func TestTheInvariantsHoldWhereNothingIsWrong(t *testing.T) {
	for name, e := range map[string]*evidence{"one call": once(), "a call that was lost": lostAndRepeated()} {
		if found := e.violations(); len(found) > 0 {
			t.Errorf("%s: %v", name, found)
		}
	}
}

func TestTheInvariantsFindWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(e *evidence)
		want  string
	}{
		"a call without a claim": {
			func(e *evidence) { e.writes = e.writes[2:] }, "came after 0 claims",
		},
		"a call before its claim": {
			func(e *evidence) { e.requests[1].at = second(60) }, "came after 1 claims",
		},
		"an answered attempt that is answered again": {
			func(e *evidence) { e.writes[1].state, e.rows[0] = recorded, callItem(write(3, "P1", "a", recorded)) }, "recorded 2 times",
		},
		"a call that is given up although its process lives": {
			func(e *evidence) { e.lives[0] = life{name: "P1"}; e.writes[1].at = second(50) }, "without a reason",
		},
		"a total that does not count a call": {
			func(e *evidence) { e.rows[2] = totalItem(4, 4, 1) }, "the calls add up to",
		},
		"a bill beyond the total": {
			func(e *evidence) { e.requests[0].cost = 400 }, "the vendors bill",
		},
		"a call dearer than its reserve": {
			func(e *evidence) { e.rows[1]["Cost"] = attribute{N: "11"} }, "was reserved",
		},
		"a claim that nobody settles": {
			func(e *evidence) { e.rows[0]["State"] = attribute{S: claimed} }, "is claimed",
		},
		"a reserve without a call": {
			func(e *evidence) { e.rows[2] = totalItem(20, 14, 2) }, "reserved for calls that nobody makes",
		},
		"an operator that ends by itself": {
			func(e *evidence) { e.lives[1] = life{name: "P2", code: 1} }, "ended by itself",
		},
		"an operator that panics": {
			func(e *evidence) { e.lives[1].log = "{}\npanic: nil map\n" }, "died of: panic: nil map",
		},
		"a key in a log": {
			func(e *evidence) { e.lives[1].log = keyOf("plenty", "gemini") }, "shows an API key",
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := lostAndRepeated()
			c.spoil(e)
			found := e.violations()
			if !slices.ContainsFunc(found, func(v string) bool { return strings.Contains(v, c.want) }) {
				t.Errorf("found %q, nothing of %q", found, c.want)
			}
		})
	}
}

func TestStoredRowsThatNobodyOwnsAreFound(t *testing.T) {
	rows := []item{
		{"PK": {S: "PROBLEM#chaos#p1"}, "SK": {S: "METADATA"}, "Owner": {M: item{"uid": {S: "gone"}}}},
		{"PK": {S: "PROBLEM#chaos#p1"}, "SK": {S: "STATEMENT"}, "WriteID": {S: "w"}},
	}
	if found := orphans(rows, objects{}); len(found) != 2 {
		t.Errorf("found %q", found)
	}
}

func TestWhoWaitsForMoneyThatIsThereIsFound(t *testing.T) {
	found := objects{"Problem tight/p1": seen{object: problem(tight, "p1"), state: waiting + "BudgetExceeded"}}
	keeper := keyFor(kindProvider, tight, "gemini")
	rows := []item{callItem(write(1, "P1", "a", recorded)), {
		"PK": {S: "USAGE#PROVIDER#tight/gemini#2026-01#USD"}, "SK": {S: "TOTAL"}, "Committed": {N: "4"},
	}}
	for limit, want := range map[int64]int{13: 0, 14: 1} {
		if got := found.inVain(map[string]int64{keeper: limit}, rows); len(got) != want {
			t.Errorf("with a budget of %d: %q", limit, got)
		}
	}
}

func TestASeedIsAlwaysTheSameStorm(t *testing.T) {
	plans := func() (whats []string) {
		s := &sky{spells: forecast(dice("weather"), time.Minute)}
		p := newPlan(time.Minute, newModels(s).script, newPages(t, s))
		for _, a := range p.actions {
			whats = append(whats, fmt.Sprint(a.at, a.what))
		}
		return append(whats, fmt.Sprint(s.spells))
	}
	if one, other := plans(), plans(); !slices.Equal(one, other) {
		t.Errorf("it was %q and then %q", one, other)
	}
}
