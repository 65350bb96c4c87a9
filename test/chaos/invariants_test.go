package chaos_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/algoitny/algoitny-operator/internal/llm"
)

// evidence is what the servers, the fleet and the table know in the end.
type evidence struct {
	// requests are those to the models and writes those to the ledger that were
	// applied, both in their order.
	requests []request
	writes   []callWrite
	rows     []item
	lives    []life
	// unscripted are requests of the models that make no sense.
	unscripted []string
	// agents are programs of an operator that outlived it.
	agents []string
}

func (w *world) evidence() *evidence {
	w.t.Helper()
	rows, err := w.table.scan(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return &evidence{
		requests: w.models.log(), writes: w.table.applied(), rows: rows, lives: w.fleet.lives(),
		unscripted: w.models.surprises(), agents: running(filepath.Join(filepath.Dir(w.fleet.program), "runner")),
	}
}

func (e *evidence) violations() []string {
	var out []string
	for _, check := range []func() []string{
		e.unclaimed, e.repeated, e.lostWithoutCause, e.unbalanced, e.beyondReserve,
		func() []string { return openAccounts(e.rows) }, e.odd, e.illegalEnds, e.leaks,
	} {
		out = append(out, check()...)
	}
	return out
}

// unclaimed are paid requests that no claim stood for in the table by then.
func (e *evidence) unclaimed() []string {
	var out []string
	claims, sent, next := map[question]int{}, map[question]int{}, 0
	for _, r := range e.requests {
		for ; next < len(e.writes) && !e.writes[next].at.After(r.at); next++ {
			if e.writes[next].state == claimed {
				claims[e.writes[next].question]++
			}
		}
		if sent[r.question]++; sent[r.question] > claims[r.question] {
			out = append(out, fmt.Sprintf("paid call %d for %v came after %d claims", sent[r.question], r.question, claims[r.question]))
		}
	}
	return out
}

// repeated are attempts that were answered once more although no answer was lost.
func (e *evidence) repeated() []string {
	lost := map[string]bool{}
	for _, w := range e.writes {
		if w.state == unknown {
			lost[w.hash] = true
		}
	}
	billed, losses, kept := map[question]int{}, map[question]int{}, map[question]int{}
	for _, r := range e.requests {
		if r.cost > 0 {
			billed[r.question]++
		}
	}
	for _, call := range e.calls() {
		switch {
		case lost[call.hash]:
			losses[call.question]++
		case call.state == recorded:
			kept[call.question]++
		}
	}
	var out []string
	for q, n := range billed {
		if n > 1+losses[q] || kept[q] > 1 {
			out = append(out, fmt.Sprintf("%v was billed %d times and recorded %d times, and %d calls were lost", q, n, kept[q], losses[q]))
		}
	}
	return out
}

// lostWithoutCause are calls that count as lost although they were answered
// and whoever made them lived on.
func (e *evidence) lostWithoutCause() []string {
	var out []string
	for _, l := range e.losses() {
		if l.cause == "" {
			out = append(out, fmt.Sprintf("the call for %v by %s was given up by %s without a reason", l.question, l.claimant, l.process))
		}
	}
	return out
}

// loss is a call whose answer is lost, as the table has it.
type loss struct {
	callWrite
	claimant string
	// cause is what happened, empty when nobody knows.
	cause string
	// cost is what the vendor billed for it, in 1e-9.
	cost int64
}

// The causes of a loss.
const (
	byFault = "faults of the models"
	byKill  = "kills and pauses"
	byTable = "faults of the table"
)

// losses finds a cause for each call that was given up. A call that its own
// maker gave up must have met a fault; one that others gave up must have lost
// its maker.
func (e *evidence) losses() []loss {
	faulty, claims := map[question][]request{}, map[string]callWrite{}
	for _, r := range e.requests {
		if r.fault != none && !r.fault.isRefusal() {
			faulty[r.question] = append(faulty[r.question], r)
		}
	}
	given := map[string]bool{}
	var out []loss
	for _, w := range e.writes {
		switch {
		case w.state == claimed:
			claims[w.hash] = w
		case w.state == unknown && !given[w.hash]:
			given[w.hash] = true
			claim := claims[w.hash]
			l := loss{callWrite: w, claimant: claim.process}
			// The vendor's log has no hashes: what was asked between the claim
			// and its end is the call.
			for _, r := range e.requests {
				if r.question == w.question && r.at.After(claim.at) && r.at.Before(w.at) {
					l.cost = r.cost
				}
			}
			l.cause = e.causeOf(l, claim.at, faulty[w.question])
			out = append(out, l)
		}
	}
	return out
}

func (e *evidence) causeOf(l loss, since time.Time, faulty []request) string {
	for _, r := range faulty {
		if r.at.After(since) && r.at.Before(l.at) {
			return byFault
		}
	}
	for _, p := range e.lives {
		if p.name == l.claimant && p.disturbed(since, l.at) {
			return byKill
		}
	}
	// Who cannot write for so long to the table loses the claim.
	if l.at.After(l.expiresAt) {
		return byTable
	}
	return ""
}

// disturbed tells whether a process ended or stood still in a span.
func (l *life) disturbed(from, to time.Time) bool {
	if !l.ended.IsZero() && l.ended.Before(to) {
		return true
	}
	for _, pause := range l.pauses {
		// It may have begun a little before.
		if pause.After(from.Add(-longestPause)) && pause.Before(to) {
			return true
		}
	}
	return false
}

// longestPause is more than the operators are paused for.
const longestPause = 4 * time.Minute

func (e *evidence) calls() []callRow {
	var out []callRow
	for _, row := range e.rows {
		if call, ok := callOf(row); ok {
			out = append(out, call)
		}
	}
	return out
}

// unbalanced compares what the providers' totals say with the calls they sum,
// and with what the vendors billed.
func (e *evidence) unbalanced() []string {
	var rows, totals, bill, calls, requests int64
	for _, call := range e.calls() {
		rows += call.spent()
		if call.state == recorded || call.state == unknown {
			calls++
		}
	}
	for _, row := range e.rows {
		if sum, ok := totalOf(row); ok && sum.isProvider() {
			totals, requests = totals+sum.spent, requests+sum.requests
		}
	}
	for _, r := range e.requests {
		bill += r.cost
	}
	var out []string
	if rows != totals || calls != requests {
		out = append(out, fmt.Sprintf("the totals have %s for %d calls, the calls add up to %s for %d", units(totals), requests, units(rows), calls))
	}
	if bill > totals {
		out = append(out, fmt.Sprintf("the vendors bill %s, the totals have only %s", units(bill), units(totals)))
	}
	return out
}

func units(nano int64) string { return llm.FormatAmount(nano) }

func (e *evidence) beyondReserve() []string {
	var out []string
	for _, call := range e.calls() {
		if call.cost > call.reserve {
			out = append(out, fmt.Sprintf("%v cost %s, and %s was reserved", call.question, units(call.cost), units(call.reserve)))
		}
	}
	return out
}

// openAccounts are claims that nobody has settled, and reserves without a call.
func openAccounts(rows []item) []string {
	var out []string
	for _, row := range rows {
		if call, ok := callOf(row); ok && call.state == claimed {
			out = append(out, fmt.Sprintf("the call for %v is claimed; the claim ends %s", call.question, call.expiresAt.Format(time.TimeOnly)))
		}
		if sum, ok := totalOf(row); ok && sum.committed != sum.spent {
			out = append(out, fmt.Sprintf("%s has %s reserved for calls that nobody makes", sum.key, units(sum.committed-sum.spent)))
		}
	}
	return out
}

func (e *evidence) odd() []string {
	var out []string
	for _, what := range e.unscripted {
		out = append(out, "a model was asked what nobody should ask: "+what)
	}
	return out
}

// illegalEnds are operators that ended by themselves without a good reason, and
// those that did not end when they were told to.
func (e *evidence) illegalEnds() []string {
	var out []string
	for _, l := range e.lives {
		switch {
		case l.panic() != "":
			out = append(out, "operators died of: "+l.panic())
		case l.asked == "" && l.reason() == "":
			out = append(out, fmt.Sprintf("%s ended by itself with code %d", l.name, l.code))
		case l.asked == stopped && l.code != 0 && l.reason() == "":
			out = append(out, fmt.Sprintf("%s was told to stop and ended with code %d", l.name, l.code))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// panic is what a process died of, empty when it did not.
func (l *life) panic() string {
	for line := range strings.Lines(l.log) {
		if strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ") {
			return strings.TrimSpace(line)
		}
	}
	return ""
}

// reason is a good one for an operator to end by itself, empty for none.
func (l *life) reason() string {
	for _, reason := range []string{
		"leader election lost", "TableThrottled", "TableUnavailable", "TableContention",
	} {
		if end := strings.LastIndex(l.log, "the operator ended"); end >= 0 && strings.Contains(l.log[end:], reason) {
			return reason
		}
	}
	return ""
}

// leaks are programs that outlive the operator that judged them, and keys in
// logs and rows.
func (e *evidence) leaks() []string {
	out := append([]string(nil), e.agents...)
	for _, l := range e.lives {
		if strings.Contains(l.log, keyPrefix) {
			out = append(out, "the log of "+l.name+" shows an API key")
		}
	}
	return out
}

// running are the processes that run a program.
func running(program string) []string {
	links, _ := filepath.Glob("/proc/[0-9]*/exe")
	var out []string
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil && target == program {
			out = append(out, fmt.Sprintf("process %s of the judge is left", filepath.Base(filepath.Dir(link))))
		}
	}
	return out
}
