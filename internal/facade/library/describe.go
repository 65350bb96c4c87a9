package library

import (
	"slices"

	"github.com/algoitny/algoitny-operator/internal/facade/view"
	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// describe shows a stored problem.
func (l *Library) describe(r *store.ProblemRecord, solutions []store.SolutionRecord) *view.Problem {
	p := &r.Problem
	out := &view.Problem{
		ProblemSummary: l.summarize(r), Language: p.Language, Statement: p.Statement, Examples: present(p.Samples),
		Solutions: []view.Solution{}, Live: l.keeper(p.Key), Provenance: provenance(&r.Provenance), CreatedAt: r.CreatedAt.UTC(),
	}
	for i := range solutions {
		// What did not pass every test is nobody's solution.
		if solutions[i].Verdict == problem.Accepted {
			out.Languages = append(out.Languages, solutions[i].Language)
			out.Solutions = append(out.Solutions, stored(&solutions[i]))
		}
	}
	slices.Sort(out.Languages)
	out.Languages = slices.Compact(out.Languages)
	return out
}

// summarize shows what the table has now; the state is the catalogue's.
func (l *Library) summarize(r *store.ProblemRecord) view.ProblemSummary {
	p := &r.Problem
	out := view.ProblemSummary{
		Platform: p.Platform, ID: p.ID, Title: p.Title, URL: p.URL, Rating: p.Rating, Tags: present(p.Tags), Languages: []string{},
		Samples: len(p.Samples), TimeMS: p.Limits.Time.Milliseconds(), MemoryMB: p.Limits.MemoryBytes >> 20,
		State: view.Retained, Published: true, UpdatedAt: r.UpdatedAt.UTC(),
	}
	if known, ok := l.o.Catalogue.Find(p.Key); ok {
		out.State, out.Reason, out.Message, out.Cost = known.State, known.Reason, known.Message, known.Cost
		if out.Rating == 0 {
			out.Rating = known.Rating
		}
	}
	return out
}

// stored shows a program of the table.
func stored(s *store.SolutionRecord) view.Solution {
	return view.Solution{
		Name: s.Name, Language: s.Language, Verdict: s.Verdict, Code: s.Source, Attempts: s.Attempts,
		TimeMS: s.Report.MaxCPU().Milliseconds(), MemoryMB: s.Report.MaxMemory() >> 20,
		Passed: s.Report.Passed, Total: s.Report.Total, Suite: s.SuiteDigest, UpdatedAt: s.UpdatedAt.UTC(),
	}
}

// provenance is nil where nothing is known.
func provenance(p *store.Provenance) *view.Provenance {
	if p.Provider == "" && len(p.Calls) == 0 && p.Page.Digest == "" {
		return nil
	}
	out := &view.Provenance{
		Provider: p.Provider, Model: p.Model, Tokens: p.Tokens, Cost: cost(p.CostNano, p.Currency),
		Calls: make([]view.UsedCall, 0, len(p.Calls)), Environments: present(p.Environments),
	}
	if p.Page.Digest != "" {
		out.Page = &view.SourcePage{URL: p.Page.URL, Digest: p.Page.Digest, Size: p.Page.Size}
	}
	for i := range p.Calls {
		call := &p.Calls[i]
		out.Calls = append(out.Calls, view.UsedCall{
			Hash: call.Hash, Step: call.Step, Attempt: call.Attempt, PromptVersion: call.PromptVersion, Cost: cost(call.CostNano, p.Currency),
		})
	}
	return out
}

func cost(nano int64, currency string) *view.Money {
	if currency == "" {
		return nil
	}
	return &view.Money{Amount: llm.FormatAmount(nano), Currency: currency}
}

// present makes an empty list [] rather than null.
func present[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
