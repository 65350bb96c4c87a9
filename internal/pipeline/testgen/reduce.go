package testgen

import (
	"context"
	"fmt"
	"slices"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/pipeline"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

const (
	// share is the part of the tests made that the smallest suite may have.
	share = 0.25
	// leastTests are kept in any case, where there are so many.
	leastTests = 8
	// cover is how many tests are to kill each mutant, where there is room: a
	// mistake of a person is a little different from a mutant's.
	cover = 3
)

// reduce keeps the smallest suite with the same kills, and fills it up to its
// share with tests of every purpose.
func (w *making) reduce(context.Context) error {
	kept := smallest(w.suite.Tests, w.killedBy())
	tests := make([]problem.Test, len(kept))
	for at, i := range kept {
		tests[at] = w.suite.Tests[i]
	}
	w.report.Matrix = w.matrix(kept)
	w.suite.Tests = renamed(tests)
	for at := range tests {
		w.report.Matrix.Tests[at] = w.suite.Tests[at].Name
	}
	return nil
}

// killedBy lists for each mutant the tests that kill it.
func (w *making) killedBy() [][]int {
	var all [][]int
	for _, m := range w.mutants {
		if len(m.kills) > 0 {
			all = append(all, m.kills)
		}
	}
	return all
}

// smallest chooses tests, as sorted indices: the samples; then, greedily, the
// one that kills most of what is not killed yet, until all mutants are; then,
// up to the share, one for every purpose, the largest kinds first, and tests
// that kill a mutant once more. The greedy choice has at most ln(n)+1 times
// the fewest tests (Chvátal, 1979).
func smallest(tests []problem.Test, killedBy [][]int) []int {
	c := newChoice(tests, killedBy)
	for i := range tests {
		if tests[i].Kind == problem.TestSample {
			c.take(i)
		}
	}
	c.cover(1, len(tests))
	room := max(int(share*float64(len(tests))), leastTests)
	c.purposes(room)
	for times := 2; times <= cover; times++ {
		c.cover(times, room)
	}
	slices.Sort(c.taken)
	return c.taken
}

type choice struct {
	tests []problem.Test
	// kills lists for each test the mutants it kills.
	kills [][]int
	// times says for each mutant how many taken tests kill it.
	times []int
	taken []int
}

func newChoice(tests []problem.Test, killedBy [][]int) *choice {
	c := &choice{tests: tests, kills: make([][]int, len(tests)), times: make([]int, len(killedBy))}
	for mutant, by := range killedBy {
		for _, test := range by {
			c.kills[test] = append(c.kills[test], mutant)
		}
	}
	return c
}

func (c *choice) take(test int) {
	c.taken = append(c.taken, test)
	for _, mutant := range c.kills[test] {
		c.times[mutant]++
	}
}

// cover takes tests until every mutant is killed so many times, or no test is
// left that helps, or no room.
func (c *choice) cover(times, room int) {
	for len(c.taken) < room {
		best, gain := -1, 0
		for test := range c.tests {
			if g := c.gain(test, times); g > gain && !slices.Contains(c.taken, test) {
				best, gain = test, g
			}
		}
		if best < 0 {
			return
		}
		c.take(best)
	}
}

// gain counts the mutants that a test brings closer to being killed so often.
func (c *choice) gain(test, times int) int {
	gain := 0
	for _, mutant := range c.kills[test] {
		if c.times[mutant] < times {
			gain++
		}
	}
	return gain
}

// purposes takes one test of every purpose, those first that mutants say least
// about.
func (c *choice) purposes(room int) {
	seen := map[string]bool{}
	purpose := func(i int) string { return string(c.tests[i].Kind) + "\x00" + c.tests[i].Purpose }
	for _, i := range c.taken {
		seen[purpose(i)] = true
	}
	kinds := []problem.TestKind{problem.TestWorstCase, problem.TestAdversarial, problem.TestLarge, problem.TestEdge, problem.TestSmall}
	for _, kind := range kinds {
		for i := range c.tests {
			if len(c.taken) < room && c.tests[i].Kind == kind && !seen[purpose(i)] {
				seen[purpose(i)] = true
				c.take(i)
			}
		}
	}
}

// renamed numbers the tests of each kind anew, in the order of the kinds.
func renamed(tests []problem.Test) []problem.Test {
	counts := map[problem.TestKind]int{}
	for i := range tests {
		counts[tests[i].Kind]++
		if tests[i].Kind != problem.TestSample {
			tests[i].Name = fmt.Sprintf("%s %d", tests[i].Kind, counts[tests[i].Kind])
		}
	}
	return tests
}

// matrix tells what the kept tests kill.
func (w *making) matrix(kept []int) Matrix {
	m := Matrix{Tests: make([]string, len(kept)), Kills: make([][]int, len(kept))}
	for _, mutant := range w.mutants {
		if len(mutant.kills) == 0 {
			continue
		}
		for at, test := range kept {
			if slices.Contains(mutant.kills, test) {
				m.Kills[at] = append(m.Kills[at], len(m.Mutants))
			}
		}
		m.Mutants = append(m.Mutants, pipeline.Excerpt(mutant.of+", "+mutant.Description, 120))
	}
	return m
}

// verify has every solution judged by the suite as it will be used: what is
// not stored is made anew and must be the same.
func (w *making) verify(ctx context.Context) error {
	tests, steps := execution.SuiteTests(&w.suite)
	batch := execution.Batch{Programs: append(slices.Clone(w.suite.Programs), w.solutions...), Steps: steps}
	name := func(s problem.Program, test int) string { return fmt.Sprintf("%s on %d", s.Name, test) }
	for _, s := range w.solutions {
		for i := range tests {
			batch.Steps = append(batch.Steps, execution.Step{
				Name: name(s, i), Program: s.Name, Input: tests[i].Input, Answer: tests[i].Answer, Limits: w.suite.Limits,
			})
		}
	}
	r, err := w.work(ctx, "verify", batch)
	if err != nil {
		return err
	}
	for _, s := range w.solutions {
		for i := range tests {
			if result := r.steps[name(s, i)]; result.Verdict != problem.Accepted {
				return w.unproved(pipeline.ReasonUnverified, "%s gets %q on test %s of the finished suite: %s",
					s.Name, result.Verdict, w.suite.Tests[i].Name, result.Detail)
			}
		}
	}
	return nil
}
