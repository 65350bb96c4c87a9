package library

import (
	"context"
	"encoding/json"
	"errors"
	"unicode/utf8"

	"github.com/algoitny/algoitny-operator/internal/facade/catalogue"
	"github.com/algoitny/algoitny-operator/internal/facade/view"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// shownText bounds what is shown of a test's texts, in bytes.
const shownText = 4096

// SuiteList are the stored suites of a problem, without their tests, and those
// that are being made.
func (l *Library) SuiteList(ctx context.Context, key problem.Key) ([]view.Suite, error) {
	summaries, err := l.o.Table.Suites(ctx, key)
	if err != nil {
		return nil, Failed(err)
	}
	resources := l.o.Catalogue.Of(key, catalogue.Suite)
	if len(summaries) == 0 && len(resources) == 0 {
		if err := l.Known(ctx, key); err != nil {
			return nil, err
		}
	}
	out := make([]view.Suite, 0, len(summaries)+len(resources))
	for i := range summaries {
		s := &summaries[i]
		suite := view.Suite{
			Name: s.Name, Digest: s.Digest, Kinds: kinds(s.Tests), Provenance: provenance(&s.Provenance), UpdatedAt: s.UpdatedAt.UTC(),
		}
		suite.Live, resources = takeSuite(resources, s.Name)
		out = append(out, suite)
	}
	for _, r := range resources {
		out = append(out, view.Suite{Name: r.Namespace + "." + r.Name, Kinds: map[string]int{}, Live: r.Live(), UpdatedAt: r.CreatedAt})
	}
	return out, l.stale(ctx, key, summaries, out)
}

// stale says which suites were made for the problem as it was before.
func (l *Library) stale(ctx context.Context, key problem.Key, summaries []store.SuiteSummary, out []view.Suite) error {
	if len(summaries) == 0 {
		return nil
	}
	record, err := l.o.Table.Problem(ctx, key)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return Failed(err)
	}
	for i := range summaries {
		out[i].Stale = !record.OmitStatement && summaries[i].TaskDigest != record.Problem.TaskDigest()
	}
	return nil
}

// takeSuite takes the resource of a stored suite off the list.
func takeSuite(resources []*catalogue.Resource, name string) (*view.Live, []*catalogue.Resource) {
	for i, r := range resources {
		facts, _ := r.Facts.(*catalogue.SuiteFacts)
		if facts.Stored == name {
			return r.Live(), append(resources[:i:i], resources[i+1:]...)
		}
	}
	return nil, resources
}

func kinds(tests map[problem.TestKind]int) map[string]int {
	out := make(map[string]int, len(tests))
	for kind, n := range tests {
		out[string(kind)] = n
	}
	return out
}

// Suites are all of them, whole.
func (l *Library) Suites(ctx context.Context, key problem.Key) ([]view.Suite, error) {
	out, err := l.SuiteList(ctx, key)
	if err != nil {
		return nil, err
	}
	for i := range out {
		if out[i].Digest != "" {
			if err := l.fill(ctx, key, &out[i]); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// Suite is one of them, whole.
func (l *Library) Suite(ctx context.Context, key problem.Key, name string) (*view.Suite, error) {
	all, err := l.SuiteList(ctx, key)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].Name != name {
			continue
		}
		if all[i].Digest != "" {
			err = l.fill(ctx, key, &all[i])
		}
		return &all[i], err
	}
	return nil, notFound("the problem has no such suite")
}

// made is what the facade shows of the report that goes with a suite.
type made struct {
	LeftOut []string `json:"leftOut"`
	Mutants struct {
		Made, Killed, Equivalent, Survived int
		Survivors                          []string
	} `json:"mutants"`
	Solutions []struct {
		Name, Language string
		MaxCPUNanos    int64
	} `json:"solutions"`
	Matrix struct {
		Tests, Mutants []string
		Kills          [][]int
	} `json:"matrix"`
}

// fill adds the tests and what is known of them.
func (l *Library) fill(ctx context.Context, key problem.Key, s *view.Suite) error {
	record, err := l.o.Table.Suite(ctx, key, s.Name)
	if err != nil {
		return Failed(err)
	}
	suite := &record.Suite
	s.Checker, s.TimeMS, s.Measured = suite.Checker.Name(), suite.Limits.Time.Milliseconds(), suite.Measured
	var report made
	if len(record.Report) > 0 && json.Unmarshal(record.Report, &report) != nil {
		report = made{}
	}
	s.LeftOut = report.LeftOut
	for _, agreed := range report.Solutions {
		s.Solutions = append(s.Solutions, view.Agreed{Name: agreed.Name, Language: agreed.Language, TimeMS: agreed.MaxCPUNanos / 1e6})
	}
	if m := &report.Mutants; m.Made > 0 {
		s.Mutants = &view.Mutants{
			Made: m.Made, Killed: m.Killed, Equivalent: m.Equivalent, Survived: m.Survived, Survivors: present(m.Survivors), Score: 1,
		}
		if counted := m.Made - m.Equivalent; counted > 0 {
			s.Mutants.Score = float64(m.Killed) / float64(counted)
		}
	}
	kills := map[string]int{}
	if m := &report.Matrix; len(m.Tests) > 0 && len(m.Kills) == len(m.Tests) {
		s.Matrix = &view.Matrix{Tests: m.Tests, Mutants: present(m.Mutants), Kills: m.Kills}
		for i, name := range m.Tests {
			kills[name] = len(m.Kills[i])
			m.Kills[i] = present(m.Kills[i])
		}
	}
	for i := range suite.Tests {
		s.Tests = append(s.Tests, l.test(&suite.Tests[i], kills))
	}
	return nil
}

func (l *Library) test(t *problem.Test, kills map[string]int) view.Test {
	out := view.Test{
		Name: t.Name, Kind: string(t.Kind), Purpose: t.Purpose, Kills: kills[t.Name], InputSize: t.Input.Size, AnswerSize: t.Answer.Size,
	}
	if t.Kind == problem.TestSample || l.o.ShowTests {
		var cutInput, cutAnswer bool
		out.Input, cutInput = beginning(&t.Input)
		out.Answer, cutAnswer = beginning(&t.Answer)
		out.Cut = cutInput || cutAnswer
	}
	return out
}

// beginning is what is shown of a text; of one that is stored as a recipe there
// is none.
func beginning(d *problem.Data) (text string, cut bool) {
	text = d.Text
	if len(text) > shownText {
		text = text[:shownText]
		for len(text) > 0 && !utf8.ValidString(text) {
			text = text[:len(text)-1]
		}
	}
	return text, int64(len(text)) < d.Size
}
