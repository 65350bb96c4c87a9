package page

import (
	"context"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/facade/fault"
	"github.com/algoitny/algoitny-operator/internal/facade/view"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// problemPage is one problem with all that is known of it.
type problemPage struct {
	*view.Problem
	Suites    []view.Suite
	Solutions []solution
	// SuitesFault and SolutionsFault say why there are none to be shown.
	SuitesFault, SolutionsFault string
	// Languages are those that a program can be submitted in.
	Languages []string
	// API is the problem's address there.
	API string
}

// solution is a program with the way that led to it.
type solution struct {
	*view.Solution
	Program template.HTML
	Steps   []step
}

// step is an attempt, and what changed since the one before.
type step struct {
	*view.Attempt
	Program template.HTML
	// Changes are from the last attempt whose program is kept.
	Changes []diffLine
	Since   int
}

func (p *Pages) problem(w http.ResponseWriter, r *http.Request) error {
	key := problem.Key{Platform: strings.ToLower(r.PathValue("platform")), ID: r.PathValue("id")}
	found, err := p.library.Problem(r.Context(), key)
	if err != nil {
		return err
	}
	shown := &problemPage{
		Problem: found, Languages: p.Languages,
		API: "/api/problems/" + url.PathEscape(found.Platform) + "/" + url.PathEscape(found.ID),
	}
	shown.SuitesFault = p.missing(shown.addSuites(r.Context(), p.library, key))
	shown.SolutionsFault = p.missing(shown.addSolutions(r.Context(), p.library, key))
	title := found.Title
	if title == "" {
		title = key.String()
	}
	return p.site.write(w, "problem", sheet{Title: title, At: "problem", Live: true, Data: shown})
}

// missing says on the page why a part of it is not there.
func (p *Pages) missing(err error) string {
	if err == nil {
		return ""
	}
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		return f.Detail
	}
	p.Log.Error(err, "a part of a page cannot be shown")
	return "the log of the facade says why"
}

func (s *problemPage) addSuites(ctx context.Context, library Library, key problem.Key) (err error) {
	s.Suites, err = library.Suites(ctx, key)
	return err
}

func (s *problemPage) addSolutions(ctx context.Context, library Library, key problem.Key) error {
	list, err := library.Solutions(ctx, key)
	h := &highlighter{maxHighlight}
	for i := range list {
		one := &list[i]
		s.Solutions = append(s.Solutions, solution{one, h.program(one.Language, one.Code), h.steps(one)})
	}
	return err
}

// steps compare each attempt with the one before it.
func (h *highlighter) steps(s *view.Solution) []step {
	tried := s.Tried
	var out []step
	last := -1
	for i := range tried {
		s := step{Attempt: &tried[i], Program: h.program(s.Language, tried[i].Code)}
		if tried[i].Code != "" && last >= 0 {
			s.Changes, s.Since = difference(tried[last].Code, tried[i].Code), tried[last].Number
		}
		if tried[i].Code != "" {
			last = i
		}
		out = append(out, s)
	}
	return out
}

// Sections are those of the statement that say something.
func (s *problemPage) Sections() []struct{ Title, Text string } {
	return slices.DeleteFunc([]struct{ Title, Text string }{
		{"", s.Statement.Description}, {"Input", s.Statement.Input}, {"Output", s.Statement.Output},
		{"Constraints", s.Statement.Constraints}, {"Notes", s.Statement.Notes},
	}, func(section struct{ Title, Text string }) bool { return strings.TrimSpace(section.Text) == "" })
}

// kindCount is how many tests of a kind a suite has.
type kindCount struct {
	Kind  string
	Count int
}

// testCounts are the kinds of a suite's tests in the order in which it has
// them; kinds that are not known come last.
func testCounts(kinds map[string]int) []kindCount {
	var out []kindCount
	for kind, n := range kinds {
		out = append(out, kindCount{kind, n})
	}
	rank := func(kind string) int {
		if i := slices.Index(problem.TestKinds(), problem.TestKind(kind)); i >= 0 {
			return i
		}
		return len(problem.TestKinds())
	}
	slices.SortFunc(out, func(a, b kindCount) int {
		if order := rank(a.Kind) - rank(b.Kind); order != 0 {
			return order
		}
		return strings.Compare(a.Kind, b.Kind)
	})
	return out
}
