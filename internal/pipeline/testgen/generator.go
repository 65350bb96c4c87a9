package testgen

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/pipeline"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/prompt"
)

const (
	// maxTests bounds what the commands of one answer make.
	maxTests = 200
	// maxTestBytes bounds one test.
	maxTestBytes = 8 << 20
)

// makeTests has the generator written and proved, and puts its tests, the
// samples and those by hand into the suite.
func (w *making) makeTests(ctx context.Context) error {
	w.suite.Tests = sampleTests(w.in.Problem.Samples)
	edges, err := w.handTests(ctx, "edges", w.edges())
	if err != nil {
		return err
	}
	w.addTests(edges)
	var made []problem.Test
	answer, err := write(ctx, w, writing[prompt.Generator]{
		step: prompt.StepSuiteGenerator, what: "the generator", reason: pipeline.ReasonGeneratorUnproved,
		render: func(attempt int, failure *prompt.Failure) (prompt.Prompt, error) {
			in := w.input(attempt, failure)
			in.Pitfalls = w.plan.Pitfalls
			return prompt.SuiteGenerator(in)
		},
		parse: prompt.ParseGenerator,
		prove: func(ctx context.Context, attempt int, answer *prompt.Generator) (failure *prompt.Failure, err error) {
			if missing := missingKind(answer.Commands); missing != "" {
				return &prompt.Failure{Code: answer.Code, Said: fmt.Sprintf("no command makes a test of the kind %q", missing)}, nil
			}
			made, failure, err = w.generate(ctx, fmt.Sprintf("generator-%d", attempt), program(programGenerator, answer.SuiteProgram), runs(answer.Commands, 0))
			return failure, err
		},
	}, nil)
	if err != nil {
		return err
	}
	w.suite.Programs = append(w.suite.Programs, program(programGenerator, answer.SuiteProgram))
	w.commands = answer.Commands
	w.addTests(made)
	w.report.Made = w.suite.Counts()
	return nil
}

func sampleTests(samples []problem.Sample) []problem.Test {
	tests := make([]problem.Test, len(samples))
	for i, s := range samples {
		tests[i] = problem.Test{
			Name: pipeline.SampleName(i), Kind: problem.TestSample,
			Input: problem.TextData(s.Input), Answer: problem.TextData(s.Output),
		}
	}
	return tests
}

func missingKind(commands []prompt.Command) problem.TestKind {
	for _, kind := range []problem.TestKind{problem.TestSmall, problem.TestLarge, problem.TestAdversarial, problem.TestWorstCase} {
		if !slices.ContainsFunc(commands, func(c prompt.Command) bool { return c.Kind == kind }) {
			return kind
		}
	}
	return ""
}

// generation is one call of the generator: its arguments end with the seed.
type generation struct {
	kind    problem.TestKind
	args    []string
	purpose string
}

// runs are the calls that commands ask for, with seeds that begin behind skip.
func runs(commands []prompt.Command, skip int) []generation {
	var all []generation
	for _, c := range commands {
		for seed := skip + 1; seed <= skip+c.Count && len(all) < maxTests; seed++ {
			all = append(all, generation{c.Kind, append(slices.Clone(c.Args), strconv.Itoa(seed)), c.Purpose})
		}
	}
	return all
}

// generate makes tests: every call is run twice and must agree with itself,
// and what it prints has to be valid. The tests have no answers yet.
func (w *making) generate(ctx context.Context, stage string, generator problem.Program, all []generation) ([]problem.Test, *prompt.Failure, error) {
	batch := execution.Batch{Programs: []problem.Program{generator, *w.suite.Program(programValidator)}}
	for i, g := range all {
		batch.Steps = append(batch.Steps, execution.Step{
			Name: fmt.Sprintf("make %d", i), Program: programGenerator, Args: g.args, Limits: toolLimits, Keep: maxStored,
		})
	}
	for i, g := range all {
		batch.Steps = append(batch.Steps, execution.Step{
			Name: fmt.Sprintf("again %d", i), Program: programGenerator, Args: g.args, Limits: toolLimits,
		})
	}
	for i := range all {
		batch.Steps = append(batch.Steps, execution.Step{
			Name: fmt.Sprintf("validate %d", i), Program: programValidator, Limits: toolLimits, Input: execution.Made(fmt.Sprintf("make %d", i)),
		})
	}
	r, err := w.work(ctx, stage, batch)
	if err != nil {
		return nil, nil, err
	}
	if failure := r.broken(&generator); failure != nil {
		return nil, failure, nil
	}
	tests := make([]problem.Test, len(all))
	for i, g := range all {
		if failure := generationFailure(r, i, g, generator.Source); failure != nil {
			return nil, failure, nil
		}
		tests[i] = g.test(r.steps[fmt.Sprintf("make %d", i)])
	}
	return tests, nil, nil
}

// generationFailure says what is wrong with one call, nil when nothing is.
func generationFailure(r *results, i int, g generation, code string) *prompt.Failure {
	made, again, valid := r.steps[fmt.Sprintf("make %d", i)], r.steps[fmt.Sprintf("again %d", i)], fmt.Sprintf("validate %d", i)
	call := "with the arguments " + strings.Join(g.args, " ")
	switch {
	case made.Verdict != problem.Accepted:
		return fault(code, call+" the generator failed", made)
	case again.Digest != made.Digest:
		return fault(code, "run twice "+call+" the generator prints two different tests", again)
	case made.Size > maxTestBytes:
		return fault(code, call+fmt.Sprintf(" the test is larger than %d MiB", maxTestBytes>>20), made)
	case !r.ran(valid):
		return fault(code, call+" the test is refused by the validator", r.steps[valid], shown("refused-test", printed(made)))
	}
	return nil
}

func (g *generation) test(r *execution.StepResult) problem.Test {
	t := problem.Test{Kind: g.kind, Purpose: g.purpose, Input: problem.Data{
		Recipe: &problem.Recipe{Program: programGenerator, Args: g.args}, Digest: r.Digest, Size: r.Size,
	}}
	if r.Whole() {
		t.Input.Text = string(r.Output)
	}
	return t
}

// handTests are those inputs by hand that are valid; the others are said.
func (w *making) handTests(ctx context.Context, stage string, hand []prompt.HandTest) ([]problem.Test, error) {
	if len(hand) == 0 {
		return nil, nil
	}
	batch := execution.Batch{Programs: []problem.Program{*w.suite.Program(programValidator)}}
	for i, h := range hand {
		batch.Steps = append(batch.Steps, execution.Step{
			Name: fmt.Sprint(i), Program: programValidator, Limits: toolLimits, Input: execution.Text(h.Input),
		})
	}
	r, err := w.work(ctx, stage, batch)
	if err != nil {
		return nil, err
	}
	var tests []problem.Test
	for i, h := range hand {
		if !r.ran(fmt.Sprint(i)) {
			w.leaveOut("a test by hand (%s) is not a valid input", h.Purpose)
			continue
		}
		tests = append(tests, problem.Test{Kind: problem.TestEdge, Purpose: h.Purpose, Input: problem.TextData(h.Input)})
	}
	return tests, nil
}

// addTests puts new tests into the suite, each input once, and returns them
// under their names.
func (w *making) addTests(tests []problem.Test) []problem.Test {
	seen, counts := map[string]bool{}, w.suite.Counts()
	for i := range w.suite.Tests {
		seen[w.suite.Tests[i].Input.Digest] = true
	}
	from := len(w.suite.Tests)
	for _, t := range tests {
		if seen[t.Input.Digest] {
			continue
		}
		seen[t.Input.Digest] = true
		counts[t.Kind]++
		t.Name = fmt.Sprintf("%s %d", t.Kind, counts[t.Kind])
		w.suite.Tests = append(w.suite.Tests, t)
	}
	return w.suite.Tests[from:]
}

// maxLeftOut bounds what is said of answers that could not be used.
const maxLeftOut = 16

func (w *making) leaveOut(format string, args ...any) {
	if len(w.report.LeftOut) < maxLeftOut {
		w.report.LeftOut = append(w.report.LeftOut, pipeline.Excerpt(fmt.Sprintf(format, args...), 200))
	}
}
