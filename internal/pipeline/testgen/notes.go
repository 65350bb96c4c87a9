package testgen

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/ledger"
	"github.com/algoitny/algoitny-operator/internal/pipeline"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// notes are what the suite is made of and what was measured on the way. Batches
// of mutants are noted at the same time.
type notes struct {
	mu    sync.Mutex
	trail pipeline.Trail
	// timedOut are the steps of each batch that ran out of time.
	timedOut map[string][]string
	// batches counts those of the same name.
	batches map[string]int
}

// name tells batches apart that a suite does again once a program was changed.
func (n *notes) name(stage string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.batches == nil {
		n.batches = map[string]int{}
	}
	n.batches[stage]++
	if again := n.batches[stage]; again > 1 {
		return fmt.Sprintf("%s-again-%d", stage, again)
	}
	return stage
}

func (n *notes) used(q *ledger.Question, a *ledger.Answer) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.trail.Used(q, a)
}

// ran notes where a batch ran and what took it too long.
func (n *notes) ran(batch string, r *execution.BatchReport) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.trail.Ran(r.Environment)
	for i := range r.Steps {
		if r.Steps[i].Verdict != problem.TimeLimitExceeded {
			continue
		}
		if n.timedOut == nil {
			n.timedOut = map[string][]string{}
		}
		n.timedOut[batch] = append(n.timedOut[batch], r.Steps[i].Name)
	}
}

// fill puts it all into the output.
func (n *notes) fill(out *Output, in *Input) {
	n.mu.Lock()
	defer n.mu.Unlock()
	out.Report.TimedOut = maps.Clone(n.timedOut)
	for batch, steps := range out.Report.TimedOut {
		out.Report.TimedOut[batch] = slices.Clone(steps)
	}
	parameters := store.Parameters{MaxAttempts: in.MaxAttempts, Rounds: in.Rounds, Mutants: in.Mutants}
	for i := range in.Challengers {
		parameters.Challengers = append(parameters.Challengers, problem.SourceDigest(in.Challengers[i].Source))
	}
	out.Challengers = in.Challengers
	out.Provenance = n.trail.Provenance(&in.Provider, &in.Payer, out.Spent, parameters)
}
