package rebuild

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/algoitny/algoitny-operator/internal/pipeline/extract"
	"github.com/algoitny/algoitny-operator/internal/pipeline/solve"
	"github.com/algoitny/algoitny-operator/internal/pipeline/testgen"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/source"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// inline is the adapter of problems that a person wrote.
const inline = "inline"

// problem reads the stored page again.
func (r *Replayer) problem(ctx context.Context, rec *store.ProblemRecord) (*Artefact, error) {
	from := &rec.Provenance
	a := &Artefact{Kind: "problem", Name: rec.Problem.String(), Provenance: *from}
	switch {
	case rec.Source.Adapter == inline:
		a.Outcome, a.Why = Given, "a person wrote it"
		return a, nil
	case rec.OmitStatement:
		return a.not("neither its page nor its statement is kept in the table")
	case len(from.Calls) == 0:
		return a.not(older)
	}
	page, err := r.Table.ProblemPage(ctx, rec.Problem.Key)
	if errors.Is(err, store.ErrNotFound) {
		return a.not("its page is not in the table")
	}
	if err != nil {
		return a.failed(ctx, err)
	}
	answers := newRecorded(r.Table, from)
	out, err := (&extract.Extractor{Ledger: answers}).Extract(ctx, extract.Input{
		URL:   from.Parameters.URL,
		Saved: &source.Page{URL: from.Page.URL, ContentType: from.Page.ContentType, Body: page},
	})
	a.Calls = answers.used
	if err != nil {
		return a.failed(ctx, err)
	}
	if out.Problem.Rating = rec.Problem.Rating; rec.Problem.Rating != 0 {
		a.note("the rating %d is a person's and taken from the record", rec.Problem.Rating)
	}
	return a.compare(rec.Problem, out.Problem)
}

// madeSuite is what of a suite has to be the same.
type madeSuite struct {
	Suite     problem.Suite     `json:"suite"`
	Solutions []problem.Program `json:"solutions"`
	Brute     problem.Program   `json:"brute"`
}

// suite makes a suite again.
func (r *Replayer) suite(ctx context.Context, of *store.ProblemRecord, rec *store.SuiteRecord) (*Artefact, error) {
	from := &rec.Provenance
	a := &Artefact{Kind: "suite", Name: rec.Name, Provenance: *from}
	switch {
	case len(from.Calls) == 0 && from.Provider == "":
		a.Outcome, a.Why = Given, "it came with a package"
		return a, nil
	case len(from.Calls) == 0:
		return a.not(older)
	}
	if why := taskGone(of, rec.Suite.TaskDigest); why != "" {
		return a.not("%s", why)
	}
	var report testgen.Report
	if err := json.Unmarshal(rec.Report, &report); err != nil {
		return a.not("its report cannot be read: %v", err)
	}
	engine, err := r.started()
	if err != nil {
		return nil, err
	}
	answers := newRecorded(r.Table, from)
	workshop := &timedWorkshop{engine: engine, timedOut: report.TimedOut}
	in := testgen.Input{
		Key: replayKey, Problem: &of.Problem, Challengers: rec.Challengers,
		MaxAttempts: from.Parameters.MaxAttempts, Rounds: from.Parameters.Rounds, Mutants: from.Parameters.Mutants,
	}
	if rec.Suite.Measured {
		in.TimeLimit = rec.Suite.Limits.Time
		a.note("the time limit %v was measured where the suite was made and is taken from the record", in.TimeLimit)
	}
	out, err := (&testgen.Maker{Ledger: answers, Workshop: workshop}).Make(ctx, in, func(testgen.Output) {})
	a.Calls, a.Here = answers.used, out.Provenance.Environments
	a.notMeasured(workshop.taken(), "run")
	if err != nil {
		return a.failed(ctx, err)
	}
	return a.compare(madeSuite{rec.Suite, rec.Solutions, rec.Brute}, madeSuite{out.Suite, out.Solutions, out.Brute})
}

// notMeasured says how much of what ran out of time was not run again.
func (a *Artefact) notMeasured(n int, what string) {
	if n > 0 {
		a.note("that %d %ss ran out of time is taken from the record", n, what)
	}
}

// taskGone says why nothing can be made for a task again; empty when it can.
func taskGone(of *store.ProblemRecord, digest string) string {
	switch {
	case of.OmitStatement:
		return "the statement of its problem is not kept in the table"
	case of.Problem.TaskDigest() != digest:
		return "it was made for the problem as it was before, which is not in the table any more"
	}
	return ""
}

// judgedSolution is what of a solution has to be the same.
type judgedSolution struct {
	Source   string          `json:"source"`
	Verdict  problem.Verdict `json:"verdict"`
	Passed   int             `json:"passed"`
	Total    int             `json:"total"`
	Attempts int             `json:"attempts"`
}

// solution has the recorded programs judged again.
func (r *Replayer) solution(ctx context.Context, of *store.ProblemRecord, suites map[string]*store.SuiteRecord, rec *store.SolutionRecord) (*Artefact, error) {
	from := &rec.Provenance
	a := &Artefact{Kind: "solution", Name: rec.Language + " " + rec.Name, Provenance: *from}
	if len(from.Calls) == 0 {
		return a.not(older)
	}
	if why := taskGone(of, rec.ProblemDigest); why != "" {
		return a.not("%s", why)
	}
	in := solve.Input{
		Key: replayKey, Problem: &of.Problem, MaxAttempts: from.Parameters.MaxAttempts,
		Language: from.Parameters.Language, Dialect: from.Parameters.Dialect,
	}
	if rec.SuiteDigest != "" {
		with := suites[rec.SuiteDigest]
		if with == nil {
			return a.not("the suite that it was judged with is not in the table any more")
		}
		in.Suite = &with.Suite
	}
	engine, err := r.started()
	if err != nil {
		return nil, err
	}
	answers, runner := newRecorded(r.Table, from), &timedRunner{engine: engine, tried: rec.Tried}
	out, err := (&solve.Solver{Ledger: answers, Runner: runner}).Solve(ctx, in, func(solve.Output) {})
	a.Calls, a.Here = answers.used, out.Provenance.Environments
	a.notMeasured(runner.taken, "test")
	if err != nil {
		return a.failed(ctx, err)
	}
	if out.Best < 0 {
		return a.not("none of the recorded answers holds a program")
	}
	best := &out.Attempts[out.Best]
	return a.compare(
		judgedSolution{rec.Source, rec.Verdict, rec.Report.Passed, rec.Report.Total, rec.Attempts},
		judgedSolution{best.Source, best.Verdict, best.Report.Passed, best.Report.Total, len(out.Attempts)})
}

// replayKey names the work for logs.
const replayKey = "replay"

// tooSlowError: what ran in time when it was recorded did not here.
type tooSlowError struct{ what string }

func (e *tooSlowError) Error() string {
	return fmt.Sprintf("%s ran out of %d times its time on this machine, and was in time when it was recorded; try again on a faster or less busy one", e.what, slack)
}
