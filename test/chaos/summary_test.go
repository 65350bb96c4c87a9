package chaos_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// summary is what happened, for people.
func (w *world) summary(e *evidence, violations int) string {
	var out strings.Builder
	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	line := func(name, format string, args ...any) {
		_, _ = fmt.Fprintf(table, "%s\t%s\n", name, fmt.Sprintf(format, args...))
	}
	_, _ = fmt.Fprintln(table)
	line("seed", "%d", *seed)
	line("storm, calm", "%s, %s until everything was settled", w.length.Round(time.Second), w.settling.Round(time.Second))
	w.objectLines(line)
	e.fleetLines(line)
	for _, counts := range []map[fault]int{w.models.faults.counts(), w.table.faults.counts(), w.pages.faults.counts()} {
		for _, name := range slices.Sorted(maps.Keys(counts)) {
			line(string(name), "%d", counts[name])
		}
	}
	e.moneyLines(line)
	line("audits of the budgets", "%d", w.watch.count())
	left, _ := filepath.Glob(filepath.Join(w.fleet.folder, "work-*", "algoitny-run-*"))
	line("folders left by killed judges", "%d", len(left))
	line("violated invariants", "%d", violations)
	_ = table.Flush()
	return out.String()
}

// liner writes a line of the table.
type liner func(name, format string, args ...any)

func (w *world) objectLines(line liner) {
	kinds, ends := map[string]int{}, map[string]int{}
	for _, wish := range w.plan.wishes {
		kinds[wish.kind]++
	}
	seen, _ := w.look()
	for key, o := range seen {
		if kind, _, _ := strings.Cut(key, " "); kinds[kind] > 0 {
			ends[o.state]++
		}
	}
	line("objects", "%d Problems, %d SolutionJobs, %d TestSuites", kinds["Problem"], kinds["SolutionJob"], kinds["TestSuite"])
	for _, state := range slices.Sorted(maps.Keys(ends)) {
		line("  "+state, "%d", ends[state])
	}
	line("  told to try again by a person", "%d", len(w.nudged))
}

func (e *evidence) fleetLines(line liner) {
	ends, paused := map[string]int{}, 0
	for _, l := range e.lives {
		how := l.asked
		if how == "" {
			how = "by itself: " + l.reason()
		}
		ends[how]++
		paused += len(l.pauses)
	}
	line("operators", "%d", len(e.lives))
	for _, how := range slices.Sorted(maps.Keys(ends)) {
		line("  "+how, "%d", ends[how])
	}
	line("  pauses", "%d", paused)
	reigns, gaps := e.successions()
	line("  leaders", "%d; the next leads after %s (median), %s (longest)", reigns, median(gaps), longest(gaps))
}

// successions counts the leaders, and how long there was none after one was
// killed.
func (e *evidence) successions() (reigns int, gaps []time.Duration) {
	leaders := slices.DeleteFunc(slices.Clone(e.lives), func(l life) bool { return l.led.IsZero() })
	slices.SortFunc(leaders, func(a, b life) int { return a.led.Compare(b.led) })
	for i := 1; i < len(leaders); i++ {
		if before := leaders[i-1]; before.asked == killed && before.ended.Before(leaders[i].led) {
			gaps = append(gaps, leaders[i].led.Sub(before.ended))
		}
	}
	slices.Sort(gaps)
	return len(leaders), gaps
}

func median(sorted []time.Duration) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[len(sorted)/2].Round(10 * time.Millisecond)
}

func longest(sorted []time.Duration) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[len(sorted)-1].Round(10 * time.Millisecond)
}

func (e *evidence) moneyLines(line liner) {
	var bill, spent int64
	billed, claims := 0, 0
	for _, r := range e.requests {
		bill += r.cost
		if r.cost > 0 {
			billed++
		}
	}
	for _, w := range e.writes {
		if w.state == claimed {
			claims++
		}
	}
	for _, call := range e.calls() {
		spent += call.spent()
	}
	line("claims, calls sent, calls billed", "%d, %d, %d", claims, len(e.requests), billed)
	line("vendors' bill, spent as the table has it", "%s, %s", units(bill), units(spent))
	calls, lost, reserved := map[string]int{}, map[string]int64{}, map[string]int64{}
	for _, l := range e.losses() {
		calls[l.cause]++
		lost[l.cause] += l.cost
		reserved[l.cause] += l.reserve
	}
	for _, cause := range slices.Sorted(maps.Keys(calls)) {
		line("  lost by "+cause, "%d calls, %s billed, counted as %s", calls[cause], units(lost[cause]), units(reserved[cause]))
	}
}
