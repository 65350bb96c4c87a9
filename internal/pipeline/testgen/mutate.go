package testgen

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/mutation"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

const (
	// enoughKills ends the runs of a mutant: more would only cost time.
	enoughKills = 4
	// maxBatchSteps bounds a batch, so that its report stays small.
	maxBatchSteps = 1500
	// batchesAtATime share the machine; each is a pod where there is a cluster.
	batchesAtATime = 2
)

// mutant is a changed solution and what is known of it.
type mutant struct {
	mutation.Mutant
	// of names the solution, program is what is run.
	of      string
	program problem.Program
	// kills are the tests that reject it, as indices into the suite's.
	kills []int
	// broken: it does not compile.
	broken bool
}

// mutate scores the tests by mutants of the solutions, and has tests made for
// those that survive, until a round kills none.
func (w *making) mutate(ctx context.Context) error {
	for {
		changes := w.changes
		if err := w.makeMutants(); err != nil {
			return err
		}
		if err := w.runMutants(ctx, "mutants", w.mutants, 0); err != nil {
			return err
		}
		if err := w.rounds(ctx); err != nil {
			return err
		}
		if w.changes == changes {
			w.count()
			return nil
		}
		// A new test has shown a mistake in a solution: its mutants were made
		// of a wrong program. Attempts bound how often that happens.
		if err := w.setTimeLimit(ctx); err != nil {
			return err
		}
	}
}

func (w *making) makeMutants() error {
	w.mutants, w.report.Rounds, w.report.Mutants = nil, nil, Mutants{}
	for _, s := range w.solutions {
		mutants, err := mutation.Mutants(s.Language, s.Source, w.in.Mutants)
		if err != nil {
			w.leaveOut("%s is not mutated: %v", s.Name, err)
			continue
		}
		for _, m := range mutants {
			w.mutants = append(w.mutants, &mutant{
				Mutant: m, of: s.Name, program: problem.Program{Name: "mutant " + m.ID, Language: s.Language, Source: m.Source},
			})
		}
	}
	return nil
}

// runMutants runs mutants on the tests from an index on: first on those that
// are stored, which are small, and then the survivors on all others.
func (w *making) runMutants(ctx context.Context, stage string, mutants []*mutant, from int) error {
	var small, large []int
	for i := from; i < len(w.suite.Tests); i++ {
		if w.suite.Tests[i].Input.Stored() && w.suite.Tests[i].Answer.Stored() {
			small = append(small, i)
		} else {
			large = append(large, i)
		}
	}
	limits := w.suite.Limits
	limits.Time = min(limits.Time, max(leastPatience, patience*w.report.Slowest))
	if err := w.runBatches(ctx, stage+"-small", mutants, small, limits); err != nil {
		return err
	}
	compiled := slices.DeleteFunc(slices.Clone(w.mutants), func(m *mutant) bool { return m.broken })
	w.report.Mutants.NotCompiled += len(w.mutants) - len(compiled)
	w.mutants = compiled
	return w.runBatches(ctx, stage+"-large", surviving(mutants), large, w.suite.Limits)
}

// A mutant that never ends is given up on a small test long before its limit:
// after so many times what a right solution takes at most.
const (
	patience      = 4
	leastPatience = 300 * time.Millisecond
)

func surviving(mutants []*mutant) []*mutant {
	var alive []*mutant
	for _, m := range mutants {
		if len(m.kills) == 0 && !m.broken {
			alive = append(alive, m)
		}
	}
	return alive
}

// runBatches runs every mutant on every one of the tests, in several batches.
func (w *making) runBatches(ctx context.Context, stage string, mutants []*mutant, tests []int, limits problem.Limits) error {
	if len(mutants) == 0 || len(tests) == 0 {
		return nil
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(batchesAtATime)
	number := 0
	for some := range slices.Chunk(mutants, max(maxBatchSteps/len(tests), 1)) {
		number++
		batch := fmt.Sprintf("%s-%d", stage, number)
		group.Go(func() error { return w.runBatch(ctx, batch, some, tests, limits) })
	}
	return group.Wait()
}

func (w *making) runBatch(ctx context.Context, stage string, mutants []*mutant, tests []int, limits problem.Limits) error {
	contents, steps := execution.SuiteTests(w.only(tests))
	batch := execution.Batch{
		Programs: slices.Clone(w.suite.Programs), Steps: steps, MaxFailures: enoughKills, MaxTimeouts: 1,
	}
	name := func(m *mutant, test int) string { return fmt.Sprintf("%s on %d", m.ID, test) }
	for _, m := range mutants {
		batch.Programs = append(batch.Programs, m.program)
		for at, i := range tests {
			batch.Steps = append(batch.Steps, execution.Step{
				Name: name(m, i), Program: m.program.Name, Input: contents[at].Input, Answer: contents[at].Answer, Limits: limits,
			})
		}
	}
	r, err := w.work(ctx, stage, batch)
	if err != nil {
		return err
	}
	for _, m := range mutants {
		if _, broken := r.compileLogs[m.program.Name]; broken {
			m.broken = true
			continue
		}
		for _, i := range tests {
			switch verdict := r.steps[name(m, i)].Verdict; verdict {
			case problem.Accepted, problem.JudgeError, "":
			default:
				m.kills = append(m.kills, i)
			}
		}
	}
	return nil
}

// only is the suite with some of its tests.
func (w *making) only(tests []int) *problem.Suite {
	some := w.suite
	some.Tests = make([]problem.Test, len(tests))
	for at, i := range tests {
		some.Tests[at] = w.suite.Tests[i]
	}
	return &some
}
