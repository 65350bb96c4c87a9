// Package rebuild makes what the table has of a problem once again: the problem
// of its stored page, its suites and its solutions of the recorded answers. It
// sends nothing to anybody, and says whether what comes out is what is stored.
package rebuild

import (
	"context"
	"errors"
	"fmt"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/offline"
	"github.com/algoitny/algoitny-operator/internal/pipeline"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// Outcome says how a replay ended.
type Outcome string

// The outcomes.
const (
	// Same: byte for byte.
	Same Outcome = "same"
	// Differs: Why says where first.
	Differs Outcome = "differs"
	// NotReplayed: it could not be made again, and Why says for what reason.
	NotReplayed Outcome = "cannot be replayed"
	// Given: a person brought it along, so that there is nothing to make.
	Given Outcome = "given"
)

// Artefact is one stored thing and what became of making it again.
type Artefact struct {
	// Kind is problem, suite or solution; Name tells those of a kind apart.
	Kind    string  `json:"kind"`
	Name    string  `json:"name"`
	Outcome Outcome `json:"outcome"`
	Why     string  `json:"why,omitempty"`
	// Calls are the recorded answers that were used; none was paid for.
	Calls int `json:"calls"`
	Paid  int `json:"paid"`
	// Notes say what was taken from the record instead of being found again.
	Notes []string `json:"notes,omitempty"`
	// Provenance is as it is stored, Here what the programs ran in now.
	Provenance store.Provenance `json:"provenance"`
	Here       []string         `json:"here,omitempty"`
}

// Engine runs programs; execution/local is one.
type Engine = offline.Engine

// Replayer replays problems, one at a time.
type Replayer struct {
	Table *store.Store
	// Start starts what runs programs; it is called once there are any.
	Start func() (Engine, error)

	engine Engine
}

// Replay makes a problem, its suites and its solutions again. An error is the
// table's, the engine's that does not start, or store.ErrNotFound.
func (r *Replayer) Replay(ctx context.Context, key problem.Key) ([]Artefact, error) {
	of, err := r.Table.Problem(ctx, key)
	if err != nil {
		return nil, err
	}
	first, err := r.problem(ctx, of)
	if err != nil {
		return nil, err
	}
	suites, made, err := r.suites(ctx, of)
	if err != nil {
		return nil, err
	}
	solutions, err := r.Table.Solutions(ctx, key)
	if err != nil {
		return nil, err
	}
	all := append([]Artefact{*first}, made...)
	for i := range solutions {
		next, err := r.solution(ctx, of, suites, &solutions[i])
		if err != nil {
			return nil, err
		}
		all = append(all, *next)
	}
	return all, nil
}

// suites makes all suites again, and returns those that are stored by their
// digests.
func (r *Replayer) suites(ctx context.Context, of *store.ProblemRecord) (map[string]*store.SuiteRecord, []Artefact, error) {
	summaries, err := r.Table.Suites(ctx, of.Problem.Key)
	if err != nil {
		return nil, nil, err
	}
	stored, all := map[string]*store.SuiteRecord{}, []Artefact{}
	for i := range summaries {
		a := &Artefact{Kind: "suite", Name: summaries[i].Name, Provenance: summaries[i].Provenance}
		rec, err := r.Table.Suite(ctx, of.Problem.Key, a.Name)
		if err != nil {
			a, err = a.failed(ctx, err)
		} else {
			stored[rec.Suite.Digest()] = rec
			a, err = r.suite(ctx, of, rec)
		}
		if err != nil {
			return nil, nil, err
		}
		all = append(all, *a)
	}
	return stored, all, nil
}

func (r *Replayer) started() (Engine, error) {
	if r.engine != nil {
		return r.engine, nil
	}
	var err error
	r.engine, err = r.Start()
	return r.engine, err
}

// not says why something could not be replayed.
func (a *Artefact) not(format string, args ...any) (*Artefact, error) {
	a.Outcome, a.Why = NotReplayed, fmt.Sprintf(format, args...)
	return a, nil
}

func (a *Artefact) note(format string, args ...any) {
	a.Notes = append(a.Notes, fmt.Sprintf(format, args...))
}

// compare ends a replay with what was made.
func (a *Artefact) compare(stored, made any) (*Artefact, error) {
	where, err := firstDifference(stored, made)
	if err != nil {
		return nil, err
	}
	if a.Outcome = Same; where != "" {
		a.Outcome, a.Why = Differs, where
	}
	return a, nil
}

// failed ends a replay that came to no result. Only what has nothing to do with
// the artefact is an error.
func (a *Artefact) failed(ctx context.Context, err error) (*Artefact, error) {
	ended, isEnd := errors.AsType[*pipeline.Error](err)
	table, isTable := errors.AsType[*store.Error](err)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case isTable && table.Reason != store.ReasonRecordDamaged:
		return nil, err
	case isEnd:
		a.Outcome, a.Why = Differs, fmt.Sprintf("making it again ends with %s: %s", ended.Reason, ended.Message)
		return a, nil
	}
	if e, ok := errors.AsType[*execution.Error](err); ok && e.Err != nil {
		return a.not("%v: %v", err, e.Err)
	}
	return a.not("%v", err)
}

// older says what to do about records from before their provenance was kept.
const older = "it was stored before all that it was made of was kept; set spec.refresh to have it made anew, which costs calls"
