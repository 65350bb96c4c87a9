package testgen

import (
	"context"
	"fmt"
	"slices"

	"github.com/algoitny/algoitny-operator/internal/mutation"
	"github.com/algoitny/algoitny-operator/internal/pipeline"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/prompt"
)

const (
	// stressTests are the small tests that survivors get first: they cost no
	// answer of a model.
	stressTests = 60
	// maxShownSurvivors bounds the question for tests that kill.
	maxShownSurvivors = 24
)

// rounds has tests made against what survives: by the generator's own commands
// with other seeds, and then by the model's, until a round kills nothing.
func (w *making) rounds(ctx context.Context) error {
	if len(surviving(w.mutants)) == 0 {
		return nil
	}
	stress, failure, err := w.generate(ctx, "stress", *w.suite.Program(programGenerator), w.stress())
	if err != nil {
		return err
	}
	if failure != nil {
		w.leaveOut("other seeds of the generator's small tests: %s", failure.Said)
	}
	changed, _, err := w.strengthen(ctx, "stress", stress)
	if changed || err != nil {
		return err
	}
	failure = nil
	for len(surviving(w.mutants)) > 0 && w.attempts[prompt.StepSuiteKill] < w.in.Rounds {
		var tests []problem.Test
		if tests, failure, err = w.askKill(ctx, failure); err != nil {
			return err
		}
		stage := fmt.Sprintf("round-%d", w.attempts[prompt.StepSuiteKill])
		changed, killed, err := w.strengthen(ctx, stage, tests)
		if changed || err != nil {
			return err
		}
		if killed == 0 && failure == nil {
			return nil
		}
	}
	return nil
}

// stress are the small commands with seeds that were not used yet.
func (w *making) stress() []generation {
	var small []prompt.Command
	used := 0
	for _, c := range w.commands {
		if c.Kind == problem.TestSmall {
			small = append(small, c)
			used = max(used, c.Count)
		}
	}
	for i := range small {
		small[i].Count = max(stressTests/len(small), 1)
	}
	return runs(small, used)
}

// strengthen adds tests to the suite and runs the survivors on them. changed
// says that a test has shown a mistake in a solution.
func (w *making) strengthen(ctx context.Context, stage string, tests []problem.Test) (changed bool, killed int, err error) {
	before, changes := surviving(w.mutants), w.changes
	from := len(w.suite.Tests)
	added := len(w.addTests(tests))
	if added > 0 {
		if err := w.agree(ctx); err != nil {
			return false, 0, err
		}
		if w.changes != changes {
			return true, 0, nil
		}
		if err := w.runMutants(ctx, stage, before, from); err != nil {
			return false, 0, err
		}
	}
	killed = len(before) - len(surviving(before))
	w.report.Rounds = append(w.report.Rounds, Round{Name: stage, Survivors: len(before), Tests: added, Killed: killed})
	w.report.Made = w.suite.Counts()
	w.tell(*w.output())
	return false, killed, nil
}

// askKill asks for tests against the survivors and returns those that are
// valid. The failure is what the next question should say.
func (w *making) askKill(ctx context.Context, before *prompt.Failure) ([]problem.Test, *prompt.Failure, error) {
	w.attempts[prompt.StepSuiteKill]++
	round := w.attempts[prompt.StepSuiteKill]
	generator := *w.suite.Program(programGenerator)
	answer, failure, err := ask(ctx, w, writing[prompt.Kill]{
		step: prompt.StepSuiteKill,
		render: func(_ int, failure *prompt.Failure) (prompt.Prompt, error) {
			return prompt.SuiteKill(prompt.KillInput{
				Problem: w.in.Problem, Round: round, Generator: generator,
				Solutions: w.mutated(), Survivors: w.shownSurvivors(), Failure: failure,
			})
		},
		parse: prompt.ParseKill,
	}, round, before)
	if failure != nil || err != nil {
		return nil, failure, err
	}
	tests, err := w.handTests(ctx, fmt.Sprintf("by-hand-%d", round), ended(answer.Inputs))
	if err != nil || len(answer.Commands) == 0 {
		return tests, nil, err
	}
	// The seeds are the round's own: a command may be one that was given before.
	made, failure, err := w.generate(ctx, fmt.Sprintf("generator-round-%d", round), generator, runs(answer.Commands, 1000*round))
	return append(tests, made...), failure, err
}

// mutated are the solutions that have survivors.
func (w *making) mutated() []problem.Program {
	return slices.DeleteFunc(slices.Clone(w.solutions), func(s problem.Program) bool {
		return !slices.ContainsFunc(surviving(w.mutants), func(m *mutant) bool { return m.of == s.Name })
	})
}

func (w *making) shownSurvivors() []prompt.Survivor {
	var shown []prompt.Survivor
	for _, m := range surviving(w.mutants) {
		if len(shown) < maxShownSurvivors {
			shown = append(shown, prompt.Survivor{ID: m.ID, Program: m.of, Change: m.Description})
		}
	}
	return shown
}

// needsSize are the mistakes that no small test shows, so that the brute force
// says nothing about them.
var needsSize = []mutation.Operator{
	mutation.NarrowInteger, mutation.NarrowFloat, mutation.Capacity, mutation.Slow, mutation.RecursionLimit,
	mutation.Modulus, mutation.InitialValue,
}

// maxSurvivors bounds the survivors that a report describes.
const maxSurvivors = 10

// count sums the mutants up. What agrees with the brute force on every small
// test is taken as equivalent, where small tests can tell.
func (w *making) count() {
	c := Mutants{NotCompiled: w.report.Mutants.NotCompiled}
	for _, m := range w.mutants {
		c.Made++
		switch {
		case len(m.kills) > 0:
			c.Killed++
		case w.report.BruteForced > 0 && !slices.Contains(needsSize, m.Operator):
			c.Equivalent++
		default:
			c.Survived++
			if len(c.Survivors) < maxSurvivors {
				c.Survivors = append(c.Survivors, pipeline.Excerpt(m.of+", "+m.Description, 200))
			}
		}
	}
	w.report.Mutants = c
}
