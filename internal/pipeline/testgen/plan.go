package testgen

import (
	"context"
	"slices"

	"github.com/algoitny/algoitny-operator/internal/pipeline"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/prompt"
)

// makePlan asks what kind of problem it is, how outputs are compared and for
// tests by hand.
func (w *making) makePlan(ctx context.Context) error {
	plan, err := write(ctx, w, writing[prompt.Plan]{
		step: prompt.StepSuitePlan, what: "the plan", reason: pipeline.ReasonAnswerInvalid,
		render: func(attempt int, failure *prompt.Failure) (prompt.Prompt, error) {
			return prompt.SuitePlan(w.input(attempt, failure))
		},
		parse: prompt.ParsePlan,
		prove: func(_ context.Context, _ int, plan *prompt.Plan) (*prompt.Failure, error) {
			return w.checkPlan(plan), nil
		},
	}, nil)
	if err != nil {
		return err
	}
	w.plan = plan
	w.suite.Checker.Rules = rules(plan)
	return w.refuse(plan.Kind)
}

// refuse ends the work on problems that no suite of tests can judge.
func (w *making) refuse(kind prompt.Kind) error {
	switch kind {
	case prompt.KindInteractive:
		return w.unproved(pipeline.ReasonInteractive, "an interactive problem cannot be judged by a suite of tests; leave the suite out")
	case prompt.KindFunction:
		return w.unproved(pipeline.ReasonFunction, "only a function is to be written, so there are no inputs to judge with; leave the suite out")
	case prompt.KindImageOnly:
		return w.unproved(pipeline.ReasonImageOnly, "the task cannot be understood without its picture; write the problem inline, in words")
	}
	return nil
}

// checkPlan refuses a way of comparing by which a sample would be wrong.
func (w *making) checkPlan(plan *prompt.Plan) *prompt.Failure {
	if plan.Kind != prompt.KindBatch || plan.Checker == prompt.CheckerCustom {
		return nil
	}
	proof, wrong := proveRules(rules(plan), w.in.Problem.Samples)
	if wrong != "" {
		return &prompt.Failure{Said: wrong}
	}
	w.report.Checker = proof
	return nil
}

func rules(plan *prompt.Plan) problem.CompareRules {
	switch plan.Checker {
	case prompt.CheckerIgnoreCase:
		return problem.CompareRules{IgnoreCase: true}
	case prompt.CheckerSpace:
		return problem.CompareRules{SpaceSensitive: true}
	case prompt.CheckerFloat:
		return problem.CompareRules{AbsTolerance: plan.AbsTolerance, RelTolerance: plan.RelTolerance}
	}
	return problem.CompareRules{}
}

// edges are the tests by hand that are not among the samples.
func (w *making) edges() []prompt.HandTest {
	seen := map[string]bool{}
	for _, s := range w.in.Problem.Samples {
		seen[s.Input] = true
	}
	return slices.DeleteFunc(ended(w.plan.Edges), func(t prompt.HandTest) bool {
		known := seen[t.Input]
		seen[t.Input] = true
		return known
	})
}

// ended gives every input the newline at its end that models forget.
func ended(tests []prompt.HandTest) []prompt.HandTest {
	out := slices.Clone(tests)
	for i := range out {
		if n := len(out[i].Input); n > 0 && out[i].Input[n-1] != '\n' {
			out[i].Input += "\n"
		}
	}
	return out
}
