package testgen

import (
	"context"
	"fmt"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/pipeline"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/prompt"
)

const (
	// fewestSolutions have to agree.
	fewestSolutions = 2
	// mostSolutions are asked for when they do not.
	mostSolutions = 4
)

// bruteWriting is the step that writes the brute force.
func (w *making) bruteWriting() writing[prompt.SuiteProgram] {
	return writing[prompt.SuiteProgram]{
		step: prompt.StepSuiteBrute, what: "the brute force", reason: pipeline.ReasonBruteUnproved,
		render: func(attempt int, failure *prompt.Failure) (prompt.Prompt, error) {
			return prompt.SuiteBrute(w.input(attempt, failure))
		},
		parse: prompt.ParseSuiteProgram,
		prove: func(ctx context.Context, attempt int, answer *prompt.SuiteProgram) (*prompt.Failure, error) {
			return w.onSamples(ctx, fmt.Sprintf("brute-%d", attempt), program(programBrute, *answer), toolLimits)
		},
	}
}

// makeBrute has the brute force written.
func (w *making) makeBrute(ctx context.Context) error { return w.askBrute(ctx, nil) }

func (w *making) askBrute(ctx context.Context, failure *prompt.Failure) error {
	answer, err := write(ctx, w, w.bruteWriting(), failure)
	if err != nil {
		return err
	}
	w.brute = program(programBrute, *answer)
	return nil
}

// makeSolutions has the independent solutions written.
func (w *making) makeSolutions(ctx context.Context) error {
	for number := 1; number <= fewestSolutions; number++ {
		solution, err := w.askSolution(ctx, number, nil)
		if err != nil {
			return err
		}
		w.solutions = append(w.solutions, *solution)
	}
	for i, challenger := range w.in.Challengers {
		challenger.Name = fmt.Sprintf("%s%d", challengerPrefix, i+1)
		w.solutions = append(w.solutions, challenger)
	}
	return nil
}

// challengerPrefix starts the names of programs that no model is asked for.
const challengerPrefix = "challenger-"

func isChallenger(p *problem.Program) bool { return strings.HasPrefix(p.Name, challengerPrefix) }

// askSolution has one solution written, or written again.
func (w *making) askSolution(ctx context.Context, number int, failure *prompt.Failure) (*problem.Program, error) {
	name := solutionName(number)
	answer, err := write(ctx, w, writing[prompt.SuiteProgram]{
		step: prompt.StepSuiteSolution(number), what: name, reason: pipeline.ReasonUnverified,
		render: func(attempt int, failure *prompt.Failure) (prompt.Prompt, error) {
			in := w.input(attempt, failure)
			in.Number = number
			return prompt.SuiteSolution(in)
		},
		parse: prompt.ParseSuiteProgram,
		prove: func(ctx context.Context, attempt int, answer *prompt.SuiteProgram) (*prompt.Failure, error) {
			return w.onSamples(ctx, fmt.Sprintf("%s-%d", name, attempt), program(name, *answer), w.judgedLimits())
		},
	}, failure)
	if err != nil {
		return nil, err
	}
	solution := program(name, *answer)
	return &solution, nil
}

// judgedLimits are the problem's, generous where it states none.
func (w *making) judgedLimits() problem.Limits {
	limits := w.in.Problem.Limits
	if limits.Time == 0 {
		limits.Time = toolLimits.Time
	}
	if limits.MemoryBytes == 0 {
		limits.MemoryBytes = 256 << 20
	}
	return limits
}

// onSamples runs a program on every sample; nil means that all are right.
func (w *making) onSamples(ctx context.Context, stage string, p problem.Program, limits problem.Limits) (*prompt.Failure, error) {
	batch := execution.Batch{Programs: []problem.Program{p}}
	for i, s := range w.in.Problem.Samples {
		batch.Steps = append(batch.Steps, execution.Step{
			Name: fmt.Sprint(i), Program: p.Name, Limits: limits, Keep: maxEvidence,
			Input: execution.Text(s.Input), Answer: execution.Text(s.Output),
		})
	}
	r, err := w.work(ctx, stage, batch)
	if err != nil {
		return nil, err
	}
	if failure := r.broken(&p); failure != nil {
		return failure, nil
	}
	for i, s := range w.in.Problem.Samples {
		if result := r.steps[fmt.Sprint(i)]; result.Verdict != problem.Accepted {
			return fault(p.Source, fmt.Sprintf("it gets the verdict %s on sample %d", result.Verdict, i+1), result,
				shown("sample-input", s.Input), shown("expected-output", s.Output), shown("its-output", printed(result))), nil
		}
	}
	return nil, nil
}
