package execution

import (
	"fmt"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// Use has a program judged with a suite.
func (r *Request) Use(suite *problem.Suite) {
	r.Limits, r.Checker, r.Tools = suite.Limits, suite.Checker, suite.Programs
	r.Tests, r.Make = SuiteTests(suite)
}

// SuiteTests are the tests of a suite and the steps that make what is not
// stored of them, those of one program next to each other. An answer is made
// after the input that it is read from.
func SuiteTests(suite *problem.Suite) ([]Test, []Step) {
	tests := make([]Test, len(suite.Tests))
	var inputs, answers []Step
	for i := range suite.Tests {
		from := &suite.Tests[i]
		input, step := content(fmt.Sprintf("input %d", i+1), from.Input, nil)
		inputs = appendStep(inputs, step)
		answer, step := content(fmt.Sprintf("answer %d", i+1), from.Answer, input)
		answers = appendStep(answers, step)
		tests[i] = Test{Name: from.Name, Input: input, Answer: answer}
	}
	return tests, append(byProgram(suite, inputs), byProgram(suite, answers)...)
}

// content is a text, or what the step prints.
func content(name string, data problem.Data, input Content) (Content, *Step) {
	if data.Stored() || data.Recipe == nil {
		return Text(data.Text), nil
	}
	step := &Step{Name: name, Program: data.Recipe.Program, Args: data.Recipe.Args, Digest: data.Digest}
	if data.Recipe.ReadsInput {
		step.Input = input
	}
	return Made(name), step
}

func appendStep(steps []Step, step *Step) []Step {
	if step == nil {
		return steps
	}
	return append(steps, *step)
}

// byProgram puts the steps of a program next to each other: a program is
// compiled anew whenever another one has run.
func byProgram(suite *problem.Suite, steps []Step) []Step {
	var sorted []Step
	for i := range suite.Programs {
		for _, step := range steps {
			if step.Program == suite.Programs[i].Name {
				sorted = append(sorted, step)
			}
		}
	}
	return sorted
}
