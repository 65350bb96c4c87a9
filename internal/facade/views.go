package facade

import (
	"slices"
	"time"

	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// The field names are the old backend's.

type listPage struct {
	Results []summary `json:"results"`
	// Next is the cursor of the next page; empty on the last one.
	Next string `json:"next_cursor"`
}

type summary struct {
	Platform  string    `json:"platform"`
	ID        string    `json:"problem_id"`
	Title     string    `json:"title"`
	URL       string    `json:"problem_url"`
	Rating    int       `json:"difficulty_rating,omitempty"`
	Tags      []string  `json:"tags"`
	Languages []string  `json:"solved_languages"`
	Samples   int       `json:"sample_count"`
	TimeMS    int64     `json:"time_limit_ms,omitempty"`
	MemoryMB  int64     `json:"memory_limit_mb,omitempty"`
	UpdatedAt time.Time `json:"updated_at"`
}

type detail struct {
	summary
	Language  string            `json:"language,omitempty"`
	Statement problem.Statement `json:"statement"`
	Examples  []problem.Sample  `json:"samples"`
	Solutions []solution        `json:"solutions"`
	CreatedAt time.Time         `json:"created_at"`
}

type solution struct {
	Language string          `json:"language"`
	Verdict  problem.Verdict `json:"verdict"`
	Code     string          `json:"code"`
	Attempts int             `json:"attempts"`
	TimeMS   int64           `json:"time_ms"`
	MemoryMB int64           `json:"memory_mb"`
}

func summarize(s *store.ProblemSummary) summary {
	return summary{
		Platform: s.Platform, ID: s.ID, Title: s.Title, URL: s.URL, Rating: s.Rating,
		Tags: present(s.Tags), Languages: present(s.Languages), Samples: s.SampleCount,
		TimeMS: s.Limits.Time.Milliseconds(), MemoryMB: s.Limits.MemoryBytes >> 20, UpdatedAt: s.UpdatedAt,
	}
}

func describe(r *store.ProblemRecord, solutions []store.SolutionRecord) detail {
	p := &r.Problem
	out := detail{
		summary: summarize(&store.ProblemSummary{
			Key: p.Key, Title: p.Title, URL: p.URL, Rating: p.Rating, Tags: p.Tags,
			Limits: p.Limits, SampleCount: len(p.Samples), UpdatedAt: r.UpdatedAt,
		}),
		Language: p.Language, Statement: p.Statement, Examples: present(p.Samples),
		Solutions: []solution{}, CreatedAt: r.CreatedAt,
	}
	for i := range solutions {
		s := &solutions[i]
		// What did not pass every test is nobody's solution.
		if s.Verdict != problem.Accepted {
			continue
		}
		if !slices.Contains(out.Languages, s.Language) {
			out.Languages = append(out.Languages, s.Language)
		}
		out.Solutions = append(out.Solutions, solution{
			Language: s.Language, Verdict: s.Verdict, Code: s.Source, Attempts: s.Attempts,
			TimeMS: s.Report.MaxCPU().Milliseconds(), MemoryMB: s.Report.MaxMemory() >> 20,
		})
	}
	slices.Sort(out.Languages)
	return out
}

// present makes an empty list [] rather than null.
func present[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
