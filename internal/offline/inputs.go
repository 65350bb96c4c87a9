package offline

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/problempackage"
)

// CheckInputs runs every input validator on every input. A
// *problempackage.Error says which input is rejected, or which invalid one is
// not.
func (j *Judge) CheckInputs(ctx context.Context) error {
	p := j.Package
	if len(p.Validators) == 0 {
		return nil
	}
	tests := slices.Concat(p.Tests, p.InvalidInputs)
	rejected := make([]string, len(tests))
	for v := range p.Validators {
		if err := j.validate(ctx, &p.Validators[v], tests, rejected); err != nil {
			return err
		}
	}
	for i := range tests {
		invalid := i >= len(p.Tests)
		switch {
		case !invalid && rejected[i] != "":
			return problempackage.Errorf(tests[i].Name, "%s", rejected[i])
		case invalid && rejected[i] == "":
			return problempackage.Errorf(tests[i].Name, "the package has it as an invalid input, and every input validator accepts it")
		}
	}
	return nil
}

// validate has a validator read every input, and says of each that it rejects
// why.
func (j *Judge) validate(ctx context.Context, v *problempackage.Validator, tests []problempackage.Test, rejected []string) error {
	done, err := j.Engine.Work(ctx, validation(v, tests))
	if err != nil {
		return fmt.Errorf("run the input validator %s: %w", v.Program.Name, err)
	}
	if log, failed := done.CompileLogs[v.Program.Name]; failed {
		return problempackage.Errorf("", "the input validator %s does not compile: %s", v.Program.Name, log)
	}
	for i := range done.Steps {
		words, err := verdictOf(v, &done.Steps[i])
		if err != nil {
			return fmt.Errorf("check the input of %s: %w", tests[i].Name, err)
		}
		if words != "" && rejected[i] == "" {
			rejected[i] = fmt.Sprintf("the input validator %s rejects it: %s", v.Program.Name, words)
		}
	}
	return nil
}

func validation(v *problempackage.Validator, tests []problempackage.Test) execution.Batch {
	batch := execution.Batch{Key: "offline/inputs", Priority: execution.PrioritySubmission, Programs: []problem.Program{v.Program}}
	for i := range tests {
		batch.Steps = append(batch.Steps, execution.Step{
			Name: tests[i].Name, Program: v.Program.Name, Args: tests[i].ValidatorArgs.For(v.Program.Name), Input: tests[i].Input,
		})
	}
	return batch
}

// verdictOf says why a validator rejects an input, and nothing where it
// accepts it.
func verdictOf(v *problempackage.Validator, step *execution.StepResult) (string, error) {
	switch {
	case step.Verdict == "" || step.Verdict == problem.JudgeError:
		return "", fmt.Errorf("the validator %s was not run: %s", v.Program.Name, step.Detail)
	case step.Signal == "" && slices.Contains(v.Accepts, step.ExitCode) && (step.Verdict == problem.Accepted || step.ExitCode != 0):
		return "", nil
	}
	said := strings.TrimSpace(string(step.Output) + " " + step.Stderr)
	if said == "" {
		said = "it says nothing"
	}
	return fmt.Sprintf("%s (%s)", said, strings.TrimSpace(step.Detail)), nil
}
