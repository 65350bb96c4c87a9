package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// What is stored of a report.
const (
	maxReportTests = 200
	maxReportText  = 4 << 10
)

// solutionRow is a SOLUTION item. The source and the report are beside it: in
// Data, or in chunks of the same partition when Body says so.
type solutionRow struct {
	Version       int64           `json:"Version"`
	WriteID       string          `json:"WriteID"`
	Owner         Owner           `json:"Owner"`
	Language      string          `json:"Language"`
	Name          string          `json:"Name"`
	Verdict       problem.Verdict `json:"Verdict"`
	Attempts      int             `json:"Attempts"`
	Provenance    Provenance      `json:"Provenance"`
	ProblemDigest string          `json:"ProblemDigest"`
	ContentDigest string          `json:"ContentDigest"`
	Body          bodyRef         `json:"Body"`
	CreatedAt     time.Time       `json:"CreatedAt"`
	UpdatedAt     time.Time       `json:"UpdatedAt"`

	// data is the packed body where the row itself carries it.
	data []byte
}

// solutionBody is what can be long of a solution.
type solutionBody struct {
	Source string         `json:"source"`
	Report problem.Report `json:"report"`
}

// Solution reads a program with its report. ErrNotFound when it is not stored.
func (s *Store) Solution(ctx context.Context, k problem.Key, language, name string) (*SolutionRecord, error) {
	if err := checkNames(k.Platform, k.ID, language, name); err != nil {
		return nil, err
	}
	row, err := s.solutionRow(ctx, key{ProblemPartition(k), solutionSK(language, name)})
	if err != nil {
		return nil, err
	}
	if row == nil {
		return nil, fmt.Errorf("solution %s of %s: %w", join(language, name), k, ErrNotFound)
	}
	return s.readSolution(ctx, k, row)
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
		row, err := decodeSolution(it)
		if err != nil {
			return nil, err
		}
		solution, err := s.readSolution(ctx, k, row)
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

// solutionRow reads a row, nil when there is none.
func (s *Store) solutionRow(ctx context.Context, k key) (*solutionRow, error) {
	it, err := s.get(ctx, k)
	if it == nil || err != nil {
		return nil, err
	}
	return decodeSolution(it)
}

func decodeSolution(it item) (*solutionRow, error) {
	row := &solutionRow{data: data(it)}
	if err := decode(it, row); err != nil {
		return nil, damaged("solution", err)
	}
	return row, nil
}

// readSolution reads what belongs to a row. Chunks that do not fit it were
// replaced since; when the row did not move either, they are damaged.
func (s *Store) readSolution(ctx context.Context, k problem.Key, row *solutionRow) (*SolutionRecord, error) {
	for {
		content, err := s.readSolutionBody(ctx, k, row)
		if err == nil {
			return row.record(k, content), nil
		}
		if _, table := errors.AsType[*Error](err); table {
			return nil, err
		}
		now, readErr := s.solutionRow(ctx, key{ProblemPartition(k), solutionSK(row.Language, row.Name)})
		switch {
		case readErr != nil:
			return nil, readErr
		case now == nil:
			return nil, fmt.Errorf("solution %s of %s: %w", join(row.Language, row.Name), k, ErrNotFound)
		case now.WriteID == row.WriteID:
			return nil, damaged("solution", err)
		}
		row = now
	}
}

func (s *Store) readSolutionBody(ctx context.Context, k problem.Key, row *solutionRow) (*solutionBody, error) {
	var raw []byte
	var err error
	if row.Body.Chunks > 0 {
		raw, err = s.readChunks(ctx, ProblemPartition(k), sourcePrefix(row.Language, row.Name), row.Body)
	} else {
		raw, err = unpackChecked(row.data, row.Body)
	}
	if err != nil {
		return nil, err
	}
	content := &solutionBody{}
	if err := json.Unmarshal(raw, content); err != nil {
		return nil, fmt.Errorf("read the solution: %w", err)
	}
	return content, nil
}

func (r *solutionRow) record(k problem.Key, content *solutionBody) *SolutionRecord {
	return &SolutionRecord{
		Key: k, Name: r.Name, Language: r.Language, Source: content.Source,
		Verdict: r.Verdict, Report: content.Report, Attempts: r.Attempts,
		Owner: r.Owner, Provenance: r.Provenance, ProblemDigest: r.ProblemDigest,
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
