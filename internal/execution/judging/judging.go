// Package judging leads judgings and batches of work: it has agents compile
// programs and run them, compares what comes out and writes the report. All
// backends share it; they differ in where the agents live.
package judging

import (
	"context"
	"errors"
	"fmt"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/execution/protocol"
	"github.com/algoitny/algoitny-operator/internal/judge"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// judging is one request on its way.
type judging struct {
	request execution.Request
	lab     Lab
	limits  problem.Limits
	program *program
	tools   *tools
	shelf   *shelf
	checker checking
	results []tested
}

// tested is what a test gave.
type tested struct {
	problem.TestResult
	// ended: there is a result of the run, whatever it is.
	ended bool
	// near: it ended by itself, little beyond its time.
	near bool
}

// Run judges one program. An error means that no judging took place.
func Run(ctx context.Context, req execution.Request, lab Lab) (*problem.Report, error) {
	if err := req.Validate(); err != nil {
		return nil, err
	}
	req.Tools = req.Needed()
	j, err := begin(req, lab)
	if err != nil {
		return nil, err
	}
	defer j.program.close()
	defer j.tools.close()
	log, ok, err := j.prepare(ctx)
	if err != nil {
		return nil, fmt.Errorf("prepare %s: %w", req.Key, err)
	}
	j.limits = scaled(j.program.language.Limits(req.Limits), lab.Speed())
	if !ok {
		return j.report(log, false), nil
	}
	err = j.tests(ctx)
	if errors.Is(err, errTooLarge) {
		return j.report(errTooLarge.Error(), false), nil
	}
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", req.Key, err)
	}
	return j.report(log, true), nil
}

func begin(req execution.Request, lab Lab) (*judging, error) {
	candidate := problem.Program{Name: req.Key, Language: req.Language, Source: req.Source}
	language, err := languageOf(&candidate)
	if err != nil {
		return nil, err
	}
	tools, err := newTools(lab.Sandbox, req.Tools)
	if err != nil {
		return nil, err
	}
	return &judging{
		request: req, lab: lab, tools: tools, shelf: newShelf(lab), checker: checking{req.Checker, tools, lab.Speed},
		program: &program{Program: candidate, language: language, agents: lab.Apart(language), sandbox: lab.Sandbox},
	}, nil
}

// prepare compiles the program while its tests are made: they share nothing.
func (j *judging) prepare(ctx context.Context) (log string, ok bool, err error) {
	if len(j.request.Tools) == 0 {
		return j.program.compile(ctx)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	made := make(chan error, 1)
	go func() { made <- j.make(ctx) }()
	log, ok, err = j.program.compile(ctx)
	if err != nil || !ok {
		cancel()
		<-made //nolint:errcheck // it was cancelled, only its end matters
		return log, ok, err
	}
	return log, ok, <-made
}

// report sums the results up. The first test that is not accepted decides.
func (j *judging) report(log string, compiled bool) *problem.Report {
	report := &problem.Report{
		Verdict: problem.CompileError, Total: len(j.request.Tests), CompileLog: log,
		Limits: j.limits, Speed: j.lab.Speed(), SandboxLost: j.program.gone,
	}
	if !compiled {
		return report
	}
	report.Verdict = problem.Accepted
	for i := range j.results {
		result := &j.results[i].TestResult
		report.Tests = append(report.Tests, *result)
		switch {
		case result.Verdict == problem.Accepted:
			report.Passed++
		case report.Verdict == problem.Accepted:
			report.Verdict = result.Verdict
		}
	}
	return report
}

// make makes the contents of tests that came as recipes, and compiles the
// checker, which is the only tool from then on.
func (j *judging) make(ctx context.Context) error {
	w := newWorkshop(j.lab, j.tools, j.shelf, j.request.Make)
	for i := range j.request.Tests {
		// They stay to the end: a test may be run again.
		w.need(j.request.Tests[i].Input, j.request.Tests[i].Answer)
	}
	if err := w.all(ctx); err != nil {
		return err
	}
	if j.tools.lost {
		return errors.New(whyLost)
	}
	for i := range w.results {
		if r := &w.results[i]; r.Verdict != problem.Accepted {
			return notReproduced(r, j.tools.logs[j.request.Make[i].Program])
		}
	}
	if j.checker.Program == "" {
		return nil
	}
	// Why it is of no use is said when it is needed.
	_, _, err := j.tools.get(ctx, j.checker.Program)
	return err
}

// notReproduced names the first step that failed: those after it may only lack
// what it makes.
func notReproduced(r *execution.StepResult, log string) error {
	if r.Detail == errNoRoom.Error() {
		return &execution.Error{
			Class: execution.ClassStalled, Reason: execution.ReasonTestsTooLarge,
			Message: fmt.Sprintf("the tests take more than %d MiB once they are made; leave some out", ScratchBytes>>20),
		}
	}
	return &execution.Error{
		Class: execution.ClassStalled, Reason: execution.ReasonTestNotReproduced,
		Message: fmt.Sprintf("a test that is stored as its recipe cannot be made again (%s); have the suite made anew", boundedTo(r.Name, maxNamed)),
		Err:     fmt.Errorf("%s %s: %s%s", r.Verdict, r.Detail, r.Stderr, log),
	}
}

// maxNamed bounds a name in the message of a condition.
const maxNamed = 80

// tests runs the program on every test, and once again on those that it was
// too slow for by little.
func (j *judging) tests(ctx context.Context) error {
	for i := range j.request.Tests {
		result, err := j.test(ctx, &j.request.Tests[i], false)
		if errors.Is(err, ErrNoMore) && j.program.gone {
			break
		}
		if err == nil && result.near && j.request.StopAtFirst {
			result, err = j.again(ctx, i, result)
		}
		if err != nil {
			return about(err, &j.request.Tests[i])
		}
		j.results = append(j.results, result)
		if result.Verdict != problem.Accepted && j.request.StopAtFirst {
			return nil
		}
	}
	return j.retry(ctx)
}

func about(err error, test *execution.Test) error { return fmt.Errorf("on %s: %w", test.Name, err) }

// retry decides where the program was too slow by little. One test that stays
// so has decided for all.
func (j *judging) retry(ctx context.Context) error {
	for i := range j.results {
		if !j.results[i].near {
			continue
		}
		second, err := j.again(ctx, i, j.results[i])
		if errors.Is(err, ErrNoMore) && j.program.gone {
			return nil
		}
		if err != nil {
			return about(err, &j.request.Tests[i])
		}
		if j.results[i] = second; second.Verdict == problem.TimeLimitExceeded {
			return nil
		}
	}
	return nil
}

// again runs a test once more, alone on the machine, and returns the run that
// came nearer to passing.
func (j *judging) again(ctx context.Context, i int, first tested) (tested, error) {
	second, err := j.test(ctx, &j.request.Tests[i], true)
	if err != nil {
		return first, err
	}
	first.Retried, second.Retried = true, true
	if second.ended && second.Verdict != problem.TimeLimitExceeded {
		return second, nil
	}
	return first, nil
}

// test runs the program on one test. A program can end its own agent, which
// costs it the test and nothing else.
func (j *judging) test(ctx context.Context, test *execution.Test, alone bool) (tested, error) {
	result := tested{TestResult: problem.TestResult{Name: test.Name}}
	input, _ := j.shelf.content(test.Input)
	answer, _ := j.shelf.content(test.Answer)
	t, err := j.taking(answer)
	if err != nil {
		return result, err
	}
	defer t.close()
	limits := runLimits(j.limits)
	limits.CPU += limits.CPU / graceShare
	ran := j.program.ran
	r, err := j.program.run(ctx, job{limits: limits, input: input, alone: alone}, t)
	comparison, compareErr := t.end()
	var refused *protocol.RefusedError
	switch {
	case errors.Is(err, errEnded):
		result.Verdict, result.Detail = problem.RuntimeError, SandboxEnded
		return result, nil
	case errors.As(err, &refused) && ran:
		// It has run before, and so may have removed itself.
		result.Verdict, result.Detail = problem.RuntimeError, "the program could not be started any more"
		return result, nil
	case err != nil:
		return result, err
	case compareErr != nil:
		return result, compareErr
	}
	result.ended = true
	result.CPU, result.Wall, result.MemoryBytes = r.CPU, r.Wall, r.PeakBytes
	result.Output, result.Stderr = bounded(string(t.head.kept)), bounded(string(r.Stderr))
	result.ExitCode, result.Signal = crash(r)
	result.near = near(r, j.limits)
	result.Verdict, result.Detail = verdict(r, j.limits)
	if result.Verdict != problem.Accepted {
		return result, nil
	}
	if t.output != nil {
		comparison, err = j.check(ctx, test, input, t.output, answer)
	}
	result.Verdict, result.Detail = comparison.Verdict, comparison.Detail
	return result, err
}

// taking prepares for the output of a test.
func (j *judging) taking(answer execution.Content) (t *intake, err error) {
	t = &intake{head: head{most: maxExcerpt}}
	if j.checker.Program != "" {
		t.output, err = j.shelf.create()
	} else {
		t.comparing, err = compare(answer, j.checker.Rules)
	}
	return t, err
}

// check has the checking program see an output. Its failure is never the
// candidate's fault.
func (j *judging) check(ctx context.Context, test *execution.Test, input, output, answer execution.Content) (judge.Comparison, error) {
	comparison, err := j.checker.check(ctx, input, output, answer)
	if failed, ok := errors.AsType[*checkerError](err); ok && !failed.lost {
		return comparison, &execution.Error{
			Class: execution.ClassStalled, Reason: execution.ReasonCheckerFailed,
			Err:     fmt.Errorf("%w %s", err, j.tools.logs[j.checker.Program]),
			Message: fmt.Sprintf("the program that checks outputs failed on test %s; mend or replace the checker", boundedTo(test.Name, maxNamed)),
		}
	}
	return comparison, err
}
