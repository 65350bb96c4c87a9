package testgen

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/execution/toolchain"
	"github.com/algoitny/algoitny-operator/internal/pipeline"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/prompt"
)

// bruteLimits bound the brute force on one test; where it is slower, the
// solutions decide among themselves.
var bruteLimits = problem.Limits{Time: time.Second, MemoryBytes: 1 << 30}

// maxBruteTimeouts gives the brute force up: the tests are too large for it.
const maxBruteTimeouts = 2

// pace is the longest CPU time of each solution on a test, by name.
type pace map[string]time.Duration

// trial is what became of the tests without answers.
type trial struct {
	// tests are indices into the suite's.
	tests []int
	// brute are the outputs of the brute force, by test, as far as it came.
	brute map[int]*execution.StepResult
	// solutions are the results by solution and test, checked against the
	// brute force's output where there is one, otherwise the first solution's.
	solutions []map[int]*execution.StepResult
}

// agree finds the answers of all tests that have none: the brute force decides
// where it can, and elsewhere two solutions have to agree. Who is wrong is
// asked again, or left out; a program that is new has to agree on every test.
func (w *making) agree(ctx context.Context) error {
	for {
		t, fault, err := w.try(ctx)
		if err != nil {
			return err
		}
		if fault == nil {
			if fault = w.settle(t); fault == nil {
				w.setAnswers(t)
				return nil
			}
		}
		if err := fault(ctx); err != nil {
			return err
		}
		w.forgetAnswers()
	}
}

// remedy puts right what keeps the programs from agreeing.
type remedy func(ctx context.Context) error

// try runs the brute force and the solutions on the tests without answers.
func (w *making) try(ctx context.Context) (*trial, remedy, error) {
	t := &trial{brute: map[int]*execution.StepResult{}}
	for i := range w.suite.Tests {
		if w.suite.Tests[i].Answer.Digest == "" {
			t.tests = append(t.tests, i)
		}
	}
	w.tries++
	fault, err := w.tryBrute(ctx, t)
	if fault != nil || err != nil {
		return nil, fault, err
	}
	return t, nil, w.trySolutions(ctx, t)
}

// bruteForced are the kinds of tests that are small enough.
func bruteForced(kind problem.TestKind) bool {
	return kind == problem.TestSample || kind == problem.TestEdge || kind == problem.TestSmall
}

// tryBrute runs the brute force. One that fails on a small test is written
// again; one that is slow leaves the test to the solutions.
func (w *making) tryBrute(ctx context.Context, t *trial) (remedy, error) {
	tests, steps := execution.SuiteTests(&w.suite)
	batch := execution.Batch{Programs: append([]problem.Program{w.brute}, w.suite.Programs...), Steps: steps, MaxTimeouts: maxBruteTimeouts}
	var run []int
	for _, i := range t.tests {
		if bruteForced(w.suite.Tests[i].Kind) {
			run = append(run, i)
			batch.Steps = append(batch.Steps, execution.Step{
				Name: fmt.Sprint(i), Program: programBrute, Input: tests[i].Input, Limits: bruteLimits, Keep: maxStored,
			})
		}
	}
	if len(run) == 0 {
		return nil, nil
	}
	r, err := w.work(ctx, fmt.Sprintf("brute-force-%d", w.tries), batch)
	if err != nil {
		return nil, err
	}
	for _, i := range run {
		result := r.steps[fmt.Sprint(i)]
		switch {
		case result.Verdict == problem.Accepted && result.Whole():
			t.brute[i] = result
		case result.Verdict == problem.RuntimeError:
			failure := fault(w.brute.Source, "it fails on a small test", result, shown("test", w.suite.Tests[i].Input.Text))
			return func(ctx context.Context) error { return w.askBrute(ctx, failure) }, nil
		}
	}
	return nil, nil
}

// trySolutions runs every solution on every test.
func (w *making) trySolutions(ctx context.Context, t *trial) error {
	// The first one makes the answers that are too large to be stored, so that
	// it should be quick.
	slices.SortStableFunc(w.solutions, func(a, b problem.Program) int { return int(factor(a.Language) - factor(b.Language)) })
	tests, steps := w.inputs()
	batch := execution.Batch{Programs: append(slices.Clone(w.solutions), w.suite.Programs...), Steps: steps}
	name := func(solution, test int) string { return fmt.Sprintf("%s on %d", w.solutions[solution].Name, test) }
	for k := range w.solutions {
		for _, i := range t.tests {
			step := execution.Step{
				Name: name(k, i), Program: w.solutions[k].Name, Input: tests[i].Input, Limits: w.judgedLimits(), Keep: maxStored,
			}
			if brute := t.brute[i]; brute != nil {
				step.Answer = execution.Text(brute.Output)
			} else if k > 0 {
				step.Answer = execution.Made(name(0, i))
			}
			batch.Steps = append(batch.Steps, step)
		}
	}
	r, err := w.work(ctx, fmt.Sprintf("solutions-%d", w.tries), batch)
	if err != nil {
		return err
	}
	for k := range w.solutions {
		results := map[int]*execution.StepResult{}
		for _, i := range t.tests {
			results[i] = r.steps[name(k, i)]
			w.pace[w.solutions[k].Name] = max(w.pace[w.solutions[k].Name], r.time(name(k, i)))
		}
		t.solutions = append(t.solutions, results)
	}
	return nil
}

// inputs are the suite's tests and the steps that make their inputs; answers
// are not there yet.
func (w *making) inputs() ([]execution.Test, []execution.Step) {
	draft := w.suite
	draft.Tests = slices.Clone(w.suite.Tests)
	for i := range draft.Tests {
		draft.Tests[i].Answer = problem.Data{}
	}
	return execution.SuiteTests(&draft)
}

// factor is a language's, for comparing programs in two languages.
func factor(language string) float64 {
	tools, ok := toolchain.Lookup(language)
	if !ok {
		return 1
	}
	return tools.TimeFactor
}

// settle finds who is wrong, nil when nobody is.
func (w *making) settle(t *trial) remedy {
	if i := w.bruteAlone(t); i >= 0 {
		failure := w.counterexample(w.brute.Source, i, "several solutions agree on another output of a small test", t.brute[i], w.t0(t, i))
		return func(ctx context.Context) error { return w.askBrute(ctx, failure) }
	}
	for k := range w.solutions {
		for _, i := range t.tests {
			result := t.solutions[k][i]
			decided := k == 0 || t.brute[i] != nil
			if result.Verdict == problem.Accepted || result.Verdict == problem.WrongAnswer && !decided || result.Verdict == "" {
				continue
			}
			return w.replace(k, w.counterexample(w.solutions[k].Source, i, fmt.Sprintf("it gets the verdict %s on a test", result.Verdict), result, t.brute[i]))
		}
	}
	return w.disagreement(t)
}

func (w *making) t0(t *trial, i int) *execution.StepResult { return t.solutions[0][i] }

// counterexample shows a test on which a program is wrong.
func (w *making) counterexample(code string, test int, said string, its, other *execution.StepResult) *prompt.Failure {
	data := &w.suite.Tests[test]
	evidence := []prompt.Evidence{shown("test", w.describe(data)), shown("its-output", printed(its))}
	if other != nil {
		evidence = append(evidence, shown("expected-output", printed(other)))
	}
	return fault(code, said+" ("+string(data.Kind)+")", its, evidence...)
}

// describe is a test's input, or how a large one is made.
func (w *making) describe(t *problem.Test) string {
	if t.Input.Stored() {
		return t.Input.Text
	}
	return fmt.Sprintf("(%d bytes: %s)", t.Input.Size, t.Purpose)
}

// bruteAlone finds a test on which all solutions print the same and the brute
// force something else, while there is still an attempt for it: most likely it
// is wrong. -1 when there is none; then it outranks them.
func (w *making) bruteAlone(t *trial) int {
	if w.attempts[prompt.StepSuiteBrute] >= w.in.MaxAttempts || w.suite.Checker.Program != "" {
		return -1
	}
	for _, i := range t.tests {
		if t.brute[i] != nil && w.sameAndWrong(t, i) {
			return i
		}
	}
	return -1
}

func (w *making) sameAndWrong(t *trial, i int) bool {
	first := t.solutions[0][i]
	for k := range t.solutions {
		its := t.solutions[k][i]
		if its.Verdict != problem.WrongAnswer || !its.Whole() || !agrees(string(its.Output), string(first.Output), w.suite.Checker.Rules) {
			return false
		}
	}
	return true
}

// replace has a solution written again; with no attempt left, and where it is
// no model's, it is left out.
func (w *making) replace(k int, failure *prompt.Failure) remedy {
	return func(ctx context.Context) error {
		name := w.solutions[k].Name
		if isChallenger(&w.solutions[k]) {
			w.leaveOut("%s is left out: %s", name, failure.Said)
			w.solutions = slices.Delete(w.solutions, k, k+1)
			return nil
		}
		again, err := w.askSolution(ctx, w.number(name), failure)
		var ended *pipeline.Error
		if errors.As(err, &ended) {
			w.leaveOut("%s is left out: %s", name, failure.Said)
			w.solutions = slices.Delete(w.solutions, k, k+1)
			return w.anotherSolution(ctx)
		}
		if err != nil {
			return err
		}
		w.solutions[k] = *again
		return nil
	}
}

func (w *making) number(name string) int {
	number := 1
	for solutionName(number) != name {
		number++
	}
	return number
}

// disagreement looks at the tests that only the solutions decide: the minority
// is left out, and where there is none, one more is asked.
func (w *making) disagreement(t *trial) remedy {
	var against []int
	for k := 1; k < len(t.solutions); k++ {
		if slices.ContainsFunc(t.tests, func(i int) bool { return t.solutions[k][i].Verdict != problem.Accepted }) {
			against = append(against, k)
		}
	}
	switch {
	case len(against) == 0 && len(w.solutions) >= fewestSolutions:
		return nil
	case len(against) == 0 || len(w.solutions) == fewestSolutions:
		return w.anotherSolution
	case len(against) > 1:
		return w.outvoted(0)
	case isChallenger(&w.solutions[against[0]]) && w.attempts[prompt.StepSuiteSolution(fewestSolutions+1)] == 0:
		// Two that agreed before are not enough against somebody's doubt.
		return w.anotherSolution
	}
	return w.outvoted(against[0])
}

func (w *making) outvoted(k int) remedy {
	return func(context.Context) error {
		w.leaveOut("%s is left out: it does not agree with the others on a large test", w.solutions[k].Name)
		w.solutions = slices.Delete(w.solutions, k, k+1)
		return nil
	}
}

// anotherSolution asks for one solution more, as long as that is allowed.
func (w *making) anotherSolution(ctx context.Context) error {
	for number := fewestSolutions + 1; number <= mostSolutions; number++ {
		if w.attempts[prompt.StepSuiteSolution(number)] > 0 {
			continue
		}
		solution, err := w.askSolution(ctx, number, nil)
		if err == nil {
			w.solutions = append(w.solutions, *solution)
		}
		return err
	}
	return w.unproved(pipeline.ReasonUnverified, "no %d of %d solutions agree on every test, so that nobody knows the answers; try another model", fewestSolutions, mostSolutions)
}

// setAnswers takes what was agreed on.
func (w *making) setAnswers(t *trial) {
	for _, i := range t.tests {
		answer := t.brute[i]
		if answer != nil {
			w.report.BruteForced++
			w.suite.Tests[i].Answer = problem.TextData(string(answer.Output))
			continue
		}
		answer = t.solutions[0][i]
		data := problem.Data{
			Recipe: &problem.Recipe{Program: programReference, ReadsInput: true}, Digest: answer.Digest, Size: answer.Size,
		}
		if answer.Whole() {
			data.Text = string(answer.Output)
		}
		w.suite.Tests[i].Answer = data
	}
	w.setReference()
}

// setReference puts the first solution among the suite's programs: it makes
// the answers that are not stored.
func (w *making) setReference() {
	reference := w.solutions[0]
	reference.Name = programReference
	if old := w.suite.Program(programReference); old != nil {
		*old = reference
		return
	}
	w.suite.Programs = append(w.suite.Programs, reference)
}

// forgetAnswers has everything compared again: a program has changed.
func (w *making) forgetAnswers() {
	w.report.BruteForced = 0
	w.pace = pace{}
	w.changes++
	for i := range w.suite.Tests {
		if w.suite.Tests[i].Kind != problem.TestSample {
			w.suite.Tests[i].Answer = problem.Data{}
		}
	}
}
