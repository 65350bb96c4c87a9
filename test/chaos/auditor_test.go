package chaos_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// auditEvery is how often the totals are looked at.
const auditEvery = 200 * time.Millisecond

// auditor watches the money while it is spent.
type auditor struct {
	w *world

	mu     sync.Mutex
	audits int
	found  []string
}

func newAuditor(w *world) *auditor { return &auditor{w: w} }

// begin watches until the test ends.
func (a *auditor) begin() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for sleep(ctx, auditEvery) {
			a.audit(ctx)
		}
	}()
	a.w.t.Cleanup(func() { cancel(); <-done })
}

// audit compares what the vendors have billed with what the table knew only
// after that, and both with the budgets.
func (a *auditor) audit(ctx context.Context) {
	bills := a.w.models.bills()
	totals, err := a.w.table.kept(ctx)
	if err != nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.audits++
	committed := map[string]int64{}
	for _, sum := range totals {
		committed[sum.keeper()] += sum.committed
	}
	for keeper, limit := range a.w.plan.limits() {
		if bills[keeper] > committed[keeper] {
			a.found = append(a.found, fmt.Sprintf("%s was billed %s when %s was committed", keeper, units(bills[keeper]), units(committed[keeper])))
		}
		if committed[keeper] > limit {
			a.found = append(a.found, fmt.Sprintf("%s has committed %s of %s", keeper, units(committed[keeper]), units(limit)))
		}
	}
}

func (a *auditor) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.audits
}

// overspent is what the audits found, each once.
func (w *world) overspent() []string {
	w.watch.mu.Lock()
	defer w.watch.mu.Unlock()
	found := slices.Clone(w.watch.found)
	slices.Sort(found)
	return slices.Compact(found)
}
