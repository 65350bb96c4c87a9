package testgen

import (
	"context"
	"time"
)

const (
	// limitFactor is what a program may take longer than the slowest right one.
	limitFactor = 2
	// limitStep is what a measured limit is rounded up to.
	limitStep = 500 * time.Millisecond
)

// setTimeLimit measures the limit where the page states none, and says when
// the slowest right solution is near it.
func (w *making) setTimeLimit(context.Context) error {
	w.report.Solutions = nil
	for _, s := range w.solutions {
		w.report.Solutions = append(w.report.Solutions, Solution{Name: s.Name, Language: s.Language, MaxCPU: w.pace[s.Name]})
		w.report.Slowest = max(w.report.Slowest, time.Duration(float64(w.pace[s.Name])/factor(s.Language)))
	}
	if w.suite.Limits.Time == 0 {
		w.suite.Measured = true
		w.suite.Limits.Time = w.in.TimeLimit
	}
	if w.suite.Limits.Time == 0 {
		w.suite.Limits.Time = (limitFactor*w.report.Slowest/limitStep + 1) * limitStep
	}
	w.report.Near = w.suite.Limits.Near(w.report.Slowest)
	w.suite.Limits.MemoryBytes = w.judgedLimits().MemoryBytes
	return nil
}
