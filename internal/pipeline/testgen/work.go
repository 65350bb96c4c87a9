package testgen

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/pipeline"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/prompt"
)

// maxStored is the size up to which a text is stored; a larger one is made
// anew by its recipe. It bounds what comes back of a step.
const maxStored = 8 << 10

// maxEvidence bounds a text that is shown to a model.
const maxEvidence = 1200

// toolLimits are for programs that help: generous, for they are not judged.
var toolLimits = problem.Limits{Time: 10 * time.Second, MemoryBytes: 1 << 30}

// results are what became of a batch's steps, by name.
type results struct {
	compileLogs map[string]string
	steps       map[string]*execution.StepResult
	// speed is the machine's that ran them, 1 where it is not known.
	speed float64
}

// work runs steps. stage names the batch among those of the suite.
func (w *making) work(ctx context.Context, stage string, b execution.Batch) (*results, error) {
	stage = w.notes.name(stage)
	b.Owner, b.Key = w.in.Owner, w.in.Key+"/"+stage
	b.Priority, b.Held = execution.PriorityGeneration, w.in.Held
	if b.Checker.Program == "" && b.Checker.Rules == (problem.CompareRules{}) {
		b.Checker = w.suite.Checker
	}
	checker := w.suite.Program(b.Checker.Program)
	if checker != nil && !slices.ContainsFunc(b.Programs, func(p problem.Program) bool { return p.Name == checker.Name }) {
		b.Programs = append(b.Programs, *checker)
	}
	report, err := w.Workshop.Work(ctx, b)
	if err != nil {
		return nil, err
	}
	w.notes.ran(stage, report)
	r := &results{report.CompileLogs, map[string]*execution.StepResult{}, report.Speed}
	if r.speed <= 0 {
		r.speed = 1
	}
	for i := range report.Steps {
		r.steps[report.Steps[i].Name] = &report.Steps[i]
	}
	for i := range b.Steps {
		if r.steps[b.Steps[i].Name] == nil {
			return nil, fmt.Errorf("%s of %s: nothing is said of step %q", stage, w.in.Key, b.Steps[i].Name)
		}
	}
	return r, nil
}

// time is the CPU time that a step would take on the reference machine.
func (r *results) time(step string) time.Duration {
	return time.Duration(float64(r.steps[step].CPU) * r.speed)
}

// ran tells whether a program ended by itself with exit code 0.
func (r *results) ran(step string) bool { return r.steps[step].Verdict == problem.Accepted }

// refused tells whether a program ended by itself with another exit code, as
// a validator does that refuses its input.
func (r *results) refused(step string) bool {
	s := r.steps[step]
	return s.Verdict == problem.RuntimeError && s.Signal == "" && s.ExitCode != 0
}

// broken is a failure of a program that could not be compiled, or nil.
func (r *results) broken(program *problem.Program) *prompt.Failure {
	log, broken := r.compileLogs[program.Name]
	if !broken {
		return nil
	}
	return &prompt.Failure{
		Code: program.Source, Said: "the program does not compile",
		Evidence: []prompt.Evidence{{Label: "compiler", Text: log}},
	}
}

// fault is a failure of one step, with what it read and printed.
func fault(code, said string, s *execution.StepResult, evidence ...prompt.Evidence) *prompt.Failure {
	if s.Detail != "" {
		said += ": " + s.Detail
	}
	if s.Stderr != "" {
		evidence = append(evidence, prompt.Evidence{Label: "standard-error", Text: s.Stderr})
	}
	return &prompt.Failure{Code: code, Said: pipeline.Excerpt(said, 500), Evidence: evidence}
}

func shown(label, text string) prompt.Evidence {
	return prompt.Evidence{Label: label, Text: pipeline.Excerpt(text, maxEvidence)}
}

// printed is what came back of an output, for people.
func printed(s *execution.StepResult) string {
	text := string(s.Output)
	if !s.Whole() {
		text += fmt.Sprintf("\n… (%d bytes in all)", s.Size)
	}
	return text
}
