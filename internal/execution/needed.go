package execution

import (
	"slices"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// Needed are the tools that are going to run: a suite also has programs that
// only its making took.
func (r *Request) Needed() []problem.Program { return needed(r.Tools, r.Make, r.Checker) }

// Needed are the programs that are going to run.
func (b *Batch) Needed() []problem.Program { return needed(b.Programs, b.Steps, b.Checker) }

func needed(programs []problem.Program, steps []Step, checker problem.Checker) []problem.Program {
	names := map[string]bool{checker.Program: true}
	for i := range steps {
		names[steps[i].Program] = true
	}
	return slices.DeleteFunc(slices.Clone(programs), func(p problem.Program) bool { return !names[p.Name] })
}
