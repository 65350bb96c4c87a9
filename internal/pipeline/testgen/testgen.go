// Package testgen makes a test suite that catches wrong programs. A model
// writes a validator, a generator, a brute force, solutions and, where several
// outputs are right, a checker; each is run and proved before anything is
// built on it. What the tests let through is found by mutants of the right
// solutions. docs/suites.md tells the whole protocol.
package testgen

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/ledger"
	"github.com/algoitny/algoitny-operator/internal/pipeline"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/prompt"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// Maker makes suites. It is safe for concurrent use.
type Maker struct {
	Ledger   pipeline.Asker
	Workshop execution.Workshop
}

// Input is one suite to make.
type Input struct {
	// Owner is the object that the programs are run for.
	Owner execution.Owner
	// Key names the work: UID/generation/step.
	Key      string
	Provider ledger.Provider
	Problem  *problem.Problem
	// MaxAttempts bounds the answers that are paid for each program.
	MaxAttempts int
	// Rounds bounds how often the model is asked for tests that kill what
	// survives.
	Rounds int
	// Mutants bounds the mutants of each solution.
	Mutants int
	// Challengers are programs from elsewhere that take part in finding the
	// answers as further solutions do: an accepted program that an earlier
	// suite rejects.
	Challengers []problem.Program
	// TimeLimit is what an earlier making of the same suite measured; 0 measures
	// it where the page states none.
	TimeLimit time.Duration
	// Payer pays for the answers.
	Payer ledger.Payer
	// Held is told why the work waits; see execution.Batch.
	Held func(*execution.Error)
}

// Output is a suite and what is known of it.
type Output struct {
	Suite  problem.Suite
	Report Report
	// Solutions agree on every test, and Brute decided the small ones.
	Solutions []problem.Program
	Brute     problem.Program
	Spent     pipeline.Spending
	// Provenance is what all of it was made of, Challengers the input's.
	Provenance  store.Provenance
	Challengers []problem.Program
}

// Record is the suite as it is stored, but for its name, owner and version.
func (o *Output) Record() (*store.SuiteRecord, error) {
	report, err := json.Marshal(o.Report)
	if err != nil {
		return nil, fmt.Errorf("encode the suite's report: %w", err)
	}
	return &store.SuiteRecord{
		Key: o.Suite.Problem, Suite: o.Suite, Report: report, Solutions: o.Solutions, Brute: o.Brute,
		Challengers: o.Challengers, Provenance: o.Provenance,
	}, nil
}

// The programs of a suite by name. Solutions are numbered.
const (
	programValidator = "validator"
	programGenerator = "generator"
	programBrute     = "brute-force"
	programChecker   = "checker"
	programReference = "reference"
)

func solutionName(number int) string { return fmt.Sprintf("solution-%d", number) }

// Make makes the suite of a problem. Answers that are recorded already cost
// nothing, so that work which was cut off goes on where it stopped. progress
// is told what is being done. With an error comes what was done and paid for
// before it. Errors are *ledger.Error, *pipeline.Error or the workshop's.
func (m *Maker) Make(ctx context.Context, in Input, progress func(Output)) (*Output, error) {
	w := &making{
		Maker: m, in: in, tell: progress, attempts: map[string]int{}, pace: pace{},
		suite: problem.Suite{Problem: in.Problem.Key, TaskDigest: in.Problem.TaskDigest(), Limits: in.Problem.Limits},
	}
	err := w.run(ctx)
	return w.output(), err
}

// making is one suite on its way.
type making struct {
	*Maker
	in   Input
	tell func(Output)
	// attempts counts the answers that each step was given.
	attempts map[string]int
	spent    pipeline.Spending
	report   Report

	plan *prompt.Plan
	// suite grows: programs that are proved, then tests.
	suite     problem.Suite
	brute     problem.Program
	solutions []problem.Program
	commands  []prompt.Command
	mutants   []*mutant
	pace      pace
	// tries counts the comparisons of the solutions, changes those after which
	// a program was changed.
	tries, changes int
	notes          notes
}

func (w *making) run(ctx context.Context) error {
	for _, stage := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"planning", w.makePlan},
		{"proving the checker", w.makeChecker},
		{"proving the validator", w.makeValidator},
		{"proving the brute force", w.makeBrute},
		{"proving the solutions", w.makeSolutions},
		{"generating tests", w.makeTests},
		{"comparing the solutions", w.agree},
		{"measuring the time limit", w.setTimeLimit},
		{"killing mutants", w.mutate},
		{"keeping the smallest suite", w.reduce},
		{"verifying the suite", w.verify},
	} {
		w.report.Stage = stage.name
		w.tell(*w.output())
		if err := stage.do(ctx); err != nil {
			return err
		}
	}
	w.report.Stage = ""
	return nil
}

// output is a copy of what is known by now.
func (w *making) output() *Output {
	out := &Output{Suite: w.suite, Report: w.report, Solutions: slices.Clone(w.solutions), Brute: w.brute, Spent: w.spent}
	out.Report.Attempts = maps.Clone(w.attempts)
	w.notes.fill(out, &w.in)
	return out
}

// unproved is the end of work on which no more is to be paid.
func (w *making) unproved(reason pipeline.Reason, format string, args ...any) error {
	return &pipeline.Error{Reason: reason, Message: pipeline.Excerpt(fmt.Sprintf(format, args...), 256), Spent: w.spent}
}
