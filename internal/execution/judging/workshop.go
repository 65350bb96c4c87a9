package judging

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/execution/protocol"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// Work runs a batch. An error means that nothing is known of any step.
func Work(ctx context.Context, batch execution.Batch, lab Lab) (*execution.BatchReport, error) {
	if err := batch.Validate(); err != nil {
		return nil, err
	}
	tools, err := newTools(lab.Sandbox, batch.Needed())
	if err != nil {
		return nil, err
	}
	defer tools.close()
	// Programs that are tried out never come near the checker.
	checkers := tools.apart(batch.Checker.Program)
	defer checkers.close()
	w := newWorkshop(lab, tools, newShelf(lab), batch.Steps)
	w.checker, w.maxTimeouts, w.maxFailures = checking{batch.Checker, checkers, lab.Speed}, batch.MaxTimeouts, batch.MaxFailures
	w.keep = batch.MaxKept()
	if err := w.all(ctx); err != nil {
		return nil, fmt.Errorf("work on %s: %w", batch.Key, err)
	}
	maps.Copy(tools.logs, checkers.logs)
	return &execution.BatchReport{
		CompileLogs: tools.logs, Steps: w.results, SandboxLost: tools.lost, Speed: lab.Speed(),
	}, nil
}

// workshop runs steps one after the other.
type workshop struct {
	lab     Lab
	tools   *tools
	shelf   *shelf
	steps   []execution.Step
	checker checking
	// maxTimeouts and maxFailures give a program up, 0 never does.
	maxTimeouts, maxFailures int

	results []execution.StepResult
	// uses is how often each step's output is needed by others.
	uses map[string]int
	// timeouts and failures are each program's.
	timeouts, failures map[string]int
	// keep is how many bytes of outputs may still be kept.
	keep int
}

func newWorkshop(lab Lab, tools *tools, shelf *shelf, steps []execution.Step) *workshop {
	w := &workshop{
		lab: lab, tools: tools, shelf: shelf, steps: steps, results: make([]execution.StepResult, len(steps)),
		uses: map[string]int{}, timeouts: map[string]int{}, failures: map[string]int{},
	}
	for i := range steps {
		w.results[i].Name = steps[i].Name
		w.need(steps[i].Input, steps[i].Answer, steps[i].Output)
	}
	return w
}

// need takes note of contents that somebody is going to use.
func (w *workshop) need(contents ...execution.Content) {
	for _, c := range contents {
		if name, made := c.(execution.Made); made {
			w.uses[string(name)]++
		}
	}
}

// all runs every step.
func (w *workshop) all(ctx context.Context) error {
	for i := range w.steps {
		s := &w.steps[i]
		if err := w.step(ctx, i); err != nil {
			return fmt.Errorf("step %q: %w", s.Name, err)
		}
		w.shelf.release(s.Input, s.Answer, s.Output)
		w.count(s.Program, w.results[i].Verdict)
	}
	return nil
}

// count takes note of what speaks against a program.
func (w *workshop) count(program string, verdict problem.Verdict) {
	if verdict == problem.TimeLimitExceeded {
		w.timeouts[program]++
	}
	if verdict != problem.Accepted && verdict != "" {
		w.failures[program]++
	}
}

// enough says why a program is not run any more.
func (w *workshop) enough(program string) string {
	switch {
	case w.maxTimeouts > 0 && w.timeouts[program] >= w.maxTimeouts:
		return fmt.Sprintf("given up: the program ran out of time %d times", w.maxTimeouts)
	case w.maxFailures > 0 && w.failures[program] >= w.maxFailures:
		return fmt.Sprintf("given up: the program failed %d times", w.maxFailures)
	}
	return ""
}

// materials are what a step works on.
type materials struct{ input, answer, output execution.Content }

// materials finds them; why says what is missing.
func (w *workshop) materials(s *execution.Step) (m materials, why string) {
	for _, of := range []struct {
		what string
		from execution.Content
		to   *execution.Content
	}{{"input", s.Input, &m.input}, {"answer", s.Answer, &m.answer}, {"output", s.Output, &m.output}} {
		content, ok := w.shelf.content(of.from)
		if !ok {
			return m, fmt.Sprintf("its %s was not made: %q failed or was not run", of.what, string(of.from.(execution.Made)))
		}
		*of.to = content
	}
	return m, ""
}

func (w *workshop) step(ctx context.Context, i int) error {
	s, result := &w.steps[i], &w.results[i]
	m, why := w.materials(s)
	if why == "" && s.Program == "" {
		return w.given(ctx, i, m)
	}
	if why == "" {
		why = w.enough(s.Program)
	}
	if why != "" {
		result.Detail = why
		return nil
	}
	p, why, err := w.tools.get(ctx, s.Program)
	if err != nil {
		return err
	}
	if why != "" {
		result.Detail = why
		return nil
	}
	return w.run(ctx, p, i, m)
}

// run has a program do a step.
func (w *workshop) run(ctx context.Context, p *program, i int, m materials) error {
	s, result := &w.steps[i], &w.results[i]
	in, err := w.intake(i, m)
	if err != nil {
		return err
	}
	defer in.close()
	allowed := scaled(ToolLimits(s.Limits, p.language), w.lab.Speed())
	r, err := p.run(ctx, job{args: s.Args, limits: runLimits(allowed), input: m.input}, in)
	var refused *protocol.RefusedError
	switch {
	case errors.Is(err, errEnded):
		w.tools.giveUp(s.Program, whyEnded)
		result.Verdict, result.Detail = problem.RuntimeError, SandboxEnded
		return nil
	case errors.Is(err, errTooLarge):
		w.tools.logs[s.Program] = err.Error()
		w.tools.giveUp(s.Program, whyNotCompiled)
		result.Detail = whyNotCompiled
		return nil
	case errors.As(err, &refused):
		result.Verdict, result.Detail = problem.JudgeError, "the program could not be started: "+bounded(refused.Message)
		return nil
	case err != nil:
		return err
	}
	result.CPU, result.MemoryBytes, result.Stderr = r.CPU, r.PeakBytes, bounded(string(r.Stderr))
	result.ExitCode, result.Signal = crash(r)
	result.Verdict, result.Detail = verdict(r, allowed)
	return w.judge(ctx, i, m, in)
}

// given checks an output that nobody has to print.
func (w *workshop) given(ctx context.Context, i int, m materials) error {
	in, err := w.intake(i, m)
	if err != nil {
		return err
	}
	defer in.close()
	content, err := opened(m.output)
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }()
	if _, err := io.Copy(in, io.LimitReader(content, maxOutput+1)); err != nil {
		return &protocol.InputError{Err: err}
	}
	w.results[i].Verdict = problem.Accepted
	if in.digest.size > maxOutput {
		w.results[i].Verdict, w.results[i].Detail = problem.OutputLimitExceeded, fmt.Sprintf("more than %d MiB of output", maxOutput>>20)
	}
	return w.judge(ctx, i, m, in)
}

// judge says what an output is worth, where its program has ended well.
func (w *workshop) judge(ctx context.Context, i int, m materials, in *intake) error {
	s, result := &w.steps[i], &w.results[i]
	result.Digest, result.Size, result.Output = in.digest.hex(), in.digest.size, in.head.kept
	w.keep -= len(in.head.kept)
	comparison, err := in.end()
	noRoom := errors.Is(err, errNoRoom)
	switch {
	case err != nil && !noRoom:
		return err
	case result.Verdict != problem.Accepted:
		return nil
	case noRoom:
		result.Verdict, result.Detail = problem.JudgeError, err.Error()
		return nil
	case s.Digest != "" && s.Digest != result.Digest:
		result.Verdict, result.Detail = problem.JudgeError, "the output has another digest than it must have"
		return nil
	case in.comparing != nil:
		result.Verdict, result.Detail = comparison.Verdict, comparison.Detail
	case s.Answer != nil:
		if in.output != nil {
			m.output = in.output
		}
		if err := w.check(ctx, result, m); err != nil {
			return err
		}
	}
	if w.uses[s.Name] > 0 {
		w.shelf.put(s.Name, in.output, w.uses[s.Name])
		in.output = nil
	}
	return nil
}

// check has the checker see an output.
func (w *workshop) check(ctx context.Context, result *execution.StepResult, m materials) error {
	comparison, err := w.checker.check(ctx, m.input, m.output, m.answer)
	var failed *checkerError
	switch {
	case errors.As(err, &failed):
		result.Verdict, result.Detail = problem.JudgeError, failed.Error()
	case err != nil:
		return fmt.Errorf("check the output: %w", err)
	default:
		result.Verdict, result.Detail = comparison.Verdict, comparison.Detail
	}
	return nil
}
