package testgen

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/judge"
	"github.com/algoitny/algoitny-operator/internal/pipeline"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/prompt"
)

// makeChecker has a checking program written where rules do not do.
func (w *making) makeChecker(ctx context.Context) error {
	if w.plan.Checker != prompt.CheckerCustom {
		return nil
	}
	answer, err := write(ctx, w, writing[prompt.Checker]{
		step: prompt.StepSuiteChecker, what: "the checker", reason: pipeline.ReasonCheckerUnproved,
		render: func(attempt int, failure *prompt.Failure) (prompt.Prompt, error) {
			return prompt.SuiteChecker(w.input(attempt, failure))
		},
		parse: prompt.ParseChecker,
		prove: w.proveChecker,
	}, nil)
	if err != nil {
		return err
	}
	w.suite.Programs = append(w.suite.Programs, program(programChecker, answer.SuiteProgram))
	w.suite.Checker = problem.Checker{Program: programChecker, Protocol: problem.ProtocolTestlib}
	return nil
}

func program(name string, answer prompt.SuiteProgram) problem.Program {
	return problem.Program{Name: name, Language: answer.Language, Source: answer.Code}
}

// checkerCase is a case whose outcome is known.
type checkerCase struct {
	prompt.CheckerCase
	accept bool
}

// junkOutputs are wrong whatever is asked for.
var junkOutputs = []string{"", "\x01\x02 no answer ~\n", strings.Repeat("-987654321 ", 50) + "\n"}

// proveChecker has it judge outputs that are known to be right or wrong.
func (w *making) proveChecker(ctx context.Context, attempt int, answer *prompt.Checker) (*prompt.Failure, error) {
	checker := program(programChecker, answer.SuiteProgram)
	cases := w.checkerCases(answer)
	batch := execution.Batch{
		Programs: []problem.Program{checker},
		Checker:  problem.Checker{Program: programChecker, Protocol: problem.ProtocolTestlib},
	}
	for i, c := range cases {
		batch.Steps = append(batch.Steps, execution.Step{
			Name:  fmt.Sprint(i),
			Input: execution.Text(c.Input), Output: execution.Text(c.Output), Answer: execution.Text(c.Answer),
		})
	}
	r, err := w.work(ctx, fmt.Sprintf("checker-%d", attempt), batch)
	if err != nil {
		return nil, err
	}
	if failure := r.broken(&checker); failure != nil {
		return failure, nil
	}
	proof := Proof{}
	for i, c := range cases {
		result := r.steps[fmt.Sprint(i)]
		wrong := result.Verdict == problem.WrongAnswer || result.Verdict == problem.PresentationError
		switch {
		case c.accept && result.Verdict == problem.Accepted:
			proof.Accepted++
		case !c.accept && wrong:
			proof.Rejected++
		default:
			return fault(checker.Source, c.complaint(result), result,
				shown("input", c.Input), shown("output", c.Output), shown("right-answer", c.Answer)), nil
		}
	}
	w.report.Checker = proof
	return nil, nil
}

func (c *checkerCase) complaint(r *execution.StepResult) string {
	switch {
	case r.Verdict == problem.JudgeError || r.Verdict == "":
		return "the checker failed on an output instead of judging it"
	case c.accept:
		return "the checker rejects a right output (" + c.Why + ")"
	}
	return "the checker accepts a wrong output (" + c.Why + ")"
}

// checkerCases are the model's own, the samples' outputs, and junk.
func (w *making) checkerCases(answer *prompt.Checker) []checkerCase {
	var cases []checkerCase
	for _, s := range w.in.Problem.Samples {
		cases = append(cases, checkerCase{prompt.CheckerCase{Input: s.Input, Output: s.Output, Answer: s.Output, Why: "a sample's own"}, true})
		for _, junk := range junkOutputs {
			cases = append(cases, checkerCase{prompt.CheckerCase{Input: s.Input, Output: junk, Answer: s.Output, Why: "junk"}, false})
		}
	}
	for _, c := range answer.Accepts {
		cases = append(cases, checkerCase{c, true})
	}
	for _, c := range answer.Rejects {
		cases = append(cases, checkerCase{c, false})
	}
	return cases
}

// proveRules compares the samples' outputs with themselves and with spoiled
// ones. What is wrong is said for the model.
func proveRules(rules problem.CompareRules, samples []problem.Sample) (proof Proof, wrong string) {
	for i, s := range samples {
		for _, spoiled := range spoil(s.Output) {
			if agrees(spoiled, s.Output, rules) {
				return proof, fmt.Sprintf("by this checker a spoiled output of sample %d would be right", i+1)
			}
			proof.Rejected++
		}
		for _, same := range []string{s.Output, within(s.Output, rules)} {
			if !agrees(same, s.Output, rules) {
				return proof, fmt.Sprintf("by this checker a right output of sample %d would be wrong", i+1)
			}
			proof.Accepted++
		}
	}
	return proof, ""
}

func agrees(output, answer string, rules problem.CompareRules) bool {
	c, err := judge.Compare(strings.NewReader(output), strings.NewReader(answer), rules)
	return err == nil && c.Verdict == problem.Accepted
}

// spoil makes wrong outputs of a right one: a token less, one more, another.
func spoil(output string) []string {
	tokens := strings.Fields(output)
	if len(tokens) == 0 {
		return []string{"0\n"}
	}
	last := len(tokens) - 1
	spoiled := []string{
		strings.Join(tokens[:last], " ") + "\n", output + tokens[last] + "\n",
		strings.Join(append(append([]string{}, tokens[:last]...), "7"+tokens[last]), " ") + "\n",
	}
	return spoiled
}

// within moves the numbers of an output by half of the tolerance.
func within(output string, rules problem.CompareRules) string {
	if rules.AbsTolerance == 0 && rules.RelTolerance == 0 {
		return output
	}
	tokens := strings.Fields(output)
	for i, token := range tokens {
		if v, err := strconv.ParseFloat(token, 64); err == nil {
			moved := v + max(rules.AbsTolerance, rules.RelTolerance*max(v, -v))/2
			tokens[i] = strconv.FormatFloat(moved, 'f', -1, 64)
		}
	}
	return strings.Join(tokens, " ") + "\n"
}
