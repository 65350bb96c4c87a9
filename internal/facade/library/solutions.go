package library

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/algoitny/algoitny-operator/internal/facade/catalogue"
	"github.com/algoitny/algoitny-operator/internal/facade/view"
	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/prompt"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// calls is the part of the table that has the recorded answers.
type calls interface {
	Call(ctx context.Context, hash string) (*store.Call, error)
}

// Solutions are the stored programs of a problem and those that are being
// written, with what became of every attempt.
func (l *Library) Solutions(ctx context.Context, key problem.Key) ([]view.Solution, error) {
	records, err := l.o.Table.Solutions(ctx, key)
	if err != nil {
		return nil, Failed(err)
	}
	jobs := l.o.Catalogue.Of(key, catalogue.Solution)
	if len(records) == 0 && len(jobs) == 0 {
		if err := l.Known(ctx, key); err != nil {
			return nil, err
		}
	}
	out := make([]view.Solution, 0, len(records)+len(jobs))
	for i := range records {
		s := stored(&records[i])
		job := takeJob(&jobs, records[i].Language, records[i].Name)
		if s.Tried, err = l.tried(ctx, &records[i], job); err != nil {
			return nil, err
		}
		s.Provenance = provenance(&records[i].Provenance)
		if job != nil {
			s.Live = job.Live()
		}
		out = append(out, s)
	}
	for _, job := range jobs {
		out = append(out, unsolved(job))
	}
	return out, nil
}

// Solution is one of them.
func (l *Library) Solution(ctx context.Context, key problem.Key, language, name string) (*view.Solution, error) {
	all, err := l.Solutions(ctx, key)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].Language == language && all[i].Name == name {
			return &all[i], nil
		}
	}
	return nil, notFound("the problem has no such solution")
}

// Known is an error when there is no such problem.
func (l *Library) Known(ctx context.Context, key problem.Key) error {
	if _, ok := l.o.Catalogue.Find(key); ok {
		return nil
	}
	_, err := l.o.Table.ProblemSummary(ctx, key)
	if errors.Is(err, store.ErrNotFound) {
		return notFound("no such problem is published")
	}
	return Failed(err)
}

// takeJob takes the job of a stored program off the list.
func takeJob(jobs *[]*catalogue.Resource, language, name string) *catalogue.Resource {
	for i, job := range *jobs {
		facts, _ := job.Facts.(*catalogue.SolutionFacts)
		if facts.Language == language && facts.Stored == name {
			*jobs = append((*jobs)[:i:i], (*jobs)[i+1:]...)
			return job
		}
	}
	return nil
}

// unsolved is a job that has stored nothing yet. It has the name that its
// program is going to have.
func unsolved(job *catalogue.Resource) view.Solution {
	facts, _ := job.Facts.(*catalogue.SolutionFacts)
	out := view.Solution{
		Name: job.Namespace + "." + job.Name, Language: facts.Language, Attempts: len(facts.Tried), Tried: facts.Tried,
		Live: job.Live(), UpdatedAt: job.CreatedAt,
	}
	if n := len(facts.Tried); n > 0 {
		last := &facts.Tried[n-1]
		out.Verdict, out.Passed, out.Total = last.Verdict, last.Passed, last.Total
	}
	return out
}

// tried are the attempts: what the job says of them, and the programs of the
// answers that are recorded.
func (l *Library) tried(ctx context.Context, r *store.SolutionRecord, job *catalogue.Resource) ([]view.Attempt, error) {
	var said []view.Attempt
	if job != nil {
		facts, _ := job.Facts.(*catalogue.SolutionFacts)
		said = facts.Tried
	}
	out := make([]view.Attempt, 0, len(r.Tried))
	for i := range r.Tried {
		attempt := view.Attempt{Number: i + 1, Verdict: r.Tried[i].Verdict}
		for j := range said {
			if said[j].Number == attempt.Number && said[j].Verdict == attempt.Verdict {
				attempt = said[j]
			}
		}
		out = append(out, attempt)
	}
	for i := range r.Provenance.Calls {
		call := &r.Provenance.Calls[i]
		if call.Step != prompt.StepSolve(r.Language) || call.Attempt < 1 || call.Attempt > len(out) {
			continue
		}
		code, err := l.program(ctx, call.Hash)
		if err != nil {
			return nil, err
		}
		attempt := &out[call.Attempt-1]
		attempt.Code = code
		if attempt.Cost == nil {
			attempt.Cost = cost(call.CostNano, r.Provenance.Currency)
		}
	}
	return out, nil
}

// program is that of a recorded answer, empty where there is none.
func (l *Library) program(ctx context.Context, hash string) (string, error) {
	row, err := l.o.Table.Call(ctx, hash)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", Failed(err)
	}
	var answer llm.Response
	if row.State != store.CallRecorded || json.Unmarshal(row.Response, &answer) != nil {
		return "", nil
	}
	program, err := prompt.ParseProgram(answer.Text)
	if err != nil {
		// The answer held no program, and the attempt says so.
		return "", nil
	}
	return program.Code, nil
}
