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

// makeValidator has the validator written and proved.
func (w *making) makeValidator(ctx context.Context) error {
	answer, err := write(ctx, w, writing[prompt.Validator]{
		step: prompt.StepSuiteValidator, what: "the validator", reason: pipeline.ReasonValidatorUnproved,
		render: func(attempt int, failure *prompt.Failure) (prompt.Prompt, error) {
			return prompt.SuiteValidator(w.input(attempt, failure))
		},
		parse: prompt.ParseValidator,
		prove: w.proveValidator,
	}, nil)
	if err != nil {
		return err
	}
	w.suite.Programs = append(w.suite.Programs, program(programValidator, answer.SuiteProgram))
	w.suite.Validator = programValidator
	return nil
}

// proveValidator has it accept every sample and refuse what the model itself
// says is wrong, and junk.
func (w *making) proveValidator(ctx context.Context, attempt int, answer *prompt.Validator) (*prompt.Failure, error) {
	validator := program(programValidator, answer.SuiteProgram)
	batch := execution.Batch{Programs: []problem.Program{validator}}
	add := func(name, input string) {
		batch.Steps = append(batch.Steps, execution.Step{
			Name: name, Program: programValidator, Input: execution.Text(input), Limits: toolLimits,
		})
	}
	for i, s := range w.in.Problem.Samples {
		add(fmt.Sprintf("accept %d", i), s.Input)
	}
	rejects := append(w.junkInputs(), answer.Rejects...)
	for i, reject := range rejects {
		add(fmt.Sprintf("reject %d", i), reject.Input)
	}
	r, err := w.work(ctx, fmt.Sprintf("validator-%d", attempt), batch)
	if err != nil {
		return nil, err
	}
	if failure := r.broken(&validator); failure != nil {
		return failure, nil
	}
	return w.validatorFailure(r, validator.Source, rejects), nil
}

// validatorFailure finds what a validator took wrongly, nil when nothing.
func (w *making) validatorFailure(r *results, code string, rejects []prompt.Rejected) *prompt.Failure {
	for i, s := range w.in.Problem.Samples {
		if step := fmt.Sprintf("accept %d", i); !r.ran(step) {
			return fault(code, fmt.Sprintf("the input of sample %d is not accepted", i+1), r.steps[step], shown("sample-input", s.Input))
		}
	}
	for i, reject := range rejects {
		step := fmt.Sprintf("reject %d", i)
		if r.refused(step) {
			continue
		}
		said := fmt.Sprintf("an input is not refused (%s)", reject.Why)
		if !r.ran(step) {
			said = "the validator failed instead of refusing an input"
		}
		return fault(code, said, r.steps[step], shown("wrong-input", reject.Input))
	}
	w.report.Validator = Proof{Accepted: len(w.in.Problem.Samples), Rejected: len(rejects)}
	return nil
}

// junkInputs are inputs of no problem, and the samples with something behind
// their end.
func (w *making) junkInputs() []prompt.Rejected {
	junk := []prompt.Rejected{{Input: "\x01\x02 no input ~\n", Why: "it is junk"}}
	empty := false
	for _, s := range w.in.Problem.Samples {
		empty = empty || strings.TrimSpace(s.Input) == ""
		junk = append(junk, prompt.Rejected{Input: s.Input + "~ 99999999999999999999999 ~\n", Why: "something stands behind its end"})
	}
	if !empty {
		junk = append(junk, prompt.Rejected{Input: "", Why: "it is empty"})
	}
	return junk
}
