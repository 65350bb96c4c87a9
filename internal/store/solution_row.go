package store

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// What is stored of a report.
const (
	maxReportTests = 200
	maxReportText  = 4 << 10
)

// solutionRow is a SOLUTION item.
type solutionRow struct {
	rowHead
	Language      string          `json:"Language"`
	Name          string          `json:"Name"`
	Verdict       problem.Verdict `json:"Verdict"`
	Attempts      int             `json:"Attempts"`
	ProblemDigest string          `json:"ProblemDigest"`
	SuiteDigest   string          `json:"SuiteDigest,omitempty"`
}

// solutionBody is what can be long of a solution.
type solutionBody struct {
	Source string         `json:"source"`
	Report problem.Report `json:"report"`
	Tried  []Tried        `json:"tried,omitempty"`
}

// solutionPlace is where a solution is; names that are no keys are refused.
func solutionPlace(k problem.Key, language, name string) (*place, error) {
	if err := checkNames(k.Platform, k.ID, language, name); err != nil {
		return nil, err
	}
	return &place{
		key: key{ProblemPartition(k), solutionSK(language, name)}, problem: k,
		chunks: sourcePrefix(language, name), what: "solution", name: join(language, name),
	}, nil
}

// Solution reads a program with its report. ErrNotFound when it is not stored.
func (s *Store) Solution(ctx context.Context, k problem.Key, language, name string) (*SolutionRecord, error) {
	at, err := solutionPlace(k, language, name)
	if err != nil {
		return nil, err
	}
	row, content := &solutionRow{}, &solutionBody{}
	if err := s.readWhole(ctx, at, row, content); err != nil {
		return nil, err
	}
	return row.record(k, content), nil
}

// SolutionStamp is SuiteStamp for a program.
func (s *Store) SolutionStamp(ctx context.Context, k problem.Key, language, name string) (*Stamp, error) {
	at, err := solutionPlace(k, language, name)
	if err != nil {
		return nil, err
	}
	return s.stamp(ctx, at)
}

// Solutions reads all programs of a problem, ordered by language and name.
// A problem without any has none, stored or not.
func (s *Store) Solutions(ctx context.Context, k problem.Key) ([]SolutionRecord, error) {
	if err := checkNames(k.Platform, k.ID); err != nil {
		return nil, err
	}
	items, err := s.partition(ctx, ProblemPartition(k), prefixSolution, "")
	if err != nil {
		return nil, err
	}
	solutions := []SolutionRecord{}
	for _, it := range items {
		solution, err := s.listedSolution(ctx, k, it)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		solutions = append(solutions, *solution)
	}
	return solutions, nil
}

func (s *Store) listedSolution(ctx context.Context, k problem.Key, it item) (*SolutionRecord, error) {
	row, content := &solutionRow{}, &solutionBody{}
	if err := decode(it, row); err != nil {
		return nil, damaged("solution", err)
	}
	at, err := solutionPlace(k, row.Language, row.Name)
	if err != nil {
		return nil, err
	}
	if err := s.readBody(ctx, at, it, row, content); err != nil {
		return nil, err
	}
	return row.record(k, content), nil
}

func (r *solutionRow) record(k problem.Key, content *solutionBody) *SolutionRecord {
	return &SolutionRecord{
		Key: k, Name: r.Name, Language: r.Language, Source: content.Source,
		Verdict: r.Verdict, Report: content.Report, Attempts: r.Attempts, Tried: content.Tried,
		Owner: r.Owner, Provenance: r.Provenance, ProblemDigest: r.ProblemDigest, SuiteDigest: r.SuiteDigest,
		Version: r.Version, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
	}
}

// boundReport cuts a report to what is stored, and leaves the given one whole.
func boundReport(r problem.Report) problem.Report {
	r.CompileLog, r.Detail = boundText(r.CompileLog), boundText(r.Detail)
	tests := make([]problem.TestResult, min(len(r.Tests), maxReportTests))
	for i := range tests {
		t := r.Tests[i]
		for _, text := range []*string{&t.Name, &t.Signal, &t.Output, &t.Stderr, &t.Detail} {
			*text = boundText(*text)
		}
		tests[i] = t
	}
	if r.Tests = tests; len(tests) == 0 {
		r.Tests = nil
	}
	return r
}

// boundText cuts between characters. Bytes that are no text are replaced
// first, as encoding them would make them longer.
func boundText(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(text) <= maxReportText {
		return text
	}
	end := maxReportText
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}
