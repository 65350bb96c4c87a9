package cli

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/offline"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/problempackage"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// storedPackage makes a package of what the table holds of a problem.
func (e *Environment) storedPackage(ctx context.Context, o *exportOptions, key problem.Key) (*problempackage.Package, error) {
	table, err := e.Table(ctx, o.table)
	if err != nil {
		return nil, err
	}
	of, err := o.storedProblem(ctx, table, key)
	if err != nil {
		return nil, err
	}
	suite, err := o.storedSuite(ctx, table, key)
	if err != nil {
		return nil, err
	}
	submissions, notes, err := o.accepted(ctx, table, suite)
	if err != nil {
		return nil, err
	}
	if suite.Suite.TaskDigest != of.TaskDigest() {
		notes = append(notes, fmt.Sprintf("the suite %s was made for the problem as it was before", suite.Name))
	}
	made, err := offline.Make(ctx, e.Engine, &suite.Suite)
	if err != nil {
		return nil, err
	}
	p, err := problempackage.From(problempackage.Origin{
		Problem: of, Suite: &suite.Suite, Validators: validators(&suite.Suite), Submissions: submissions, Made: made,
	})
	if err != nil {
		return nil, err
	}
	p.Notes = append(p.Notes, notes...)
	return p, nil
}

func (o *exportOptions) storedProblem(ctx context.Context, table *store.Store, key problem.Key) (*problem.Problem, error) {
	rec, err := table.Problem(ctx, key)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, problempackage.Errorf("", "there is neither a file or folder %s nor a problem of that name in the table %s", key, o.table.Name)
	case err != nil:
		return nil, o.table.failed(err)
	case rec.OmitStatement:
		return nil, problempackage.Errorf("", "the statement of %s is not stored, only its facts are; a package needs one: publish the problem with its text first", key)
	}
	return &rec.Problem, nil
}

// storedSuite is the one that was asked for, or the only one.
func (o *exportOptions) storedSuite(ctx context.Context, table *store.Store, key problem.Key) (*store.SuiteRecord, error) {
	suites, err := table.Suites(ctx, key)
	if err != nil {
		return nil, o.table.failed(err)
	}
	var names []string
	for i := range suites {
		names = append(names, suites[i].Name)
	}
	name := o.suite
	switch {
	case len(names) == 0:
		return nil, problempackage.Errorf("", "the problem %s has no stored suite; give the Problem a testSuite, and export it once that is Ready", key)
	case name != "" && !slices.Contains(names, name):
		return nil, problempackage.Errorf("", "the problem %s has no suite %s; its suites are %s", key, name, strings.Join(names, ", "))
	case name == "" && len(names) > 1:
		return nil, problempackage.Errorf("", "the problem %s has several suites; name one with --suite: %s", key, strings.Join(names, ", "))
	case name == "":
		name = names[0]
	}
	rec, err := table.Suite(ctx, key, name)
	if err != nil {
		return nil, o.table.failed(err)
	}
	return rec, nil
}

// accepted are the suite's own solutions, and the stored programs that have
// passed it. What passed other tests may well be wrong on these.
func (o *exportOptions) accepted(ctx context.Context, table *store.Store, suite *store.SuiteRecord) ([]problempackage.Submission, []string, error) {
	var submissions []problempackage.Submission
	var notes []string
	for _, solution := range suite.Solutions {
		solution.Name = strings.TrimSuffix(path.Base(solution.Name), problempackage.Ending(solution.Language))
		submissions = append(submissions, submission(solution))
	}
	solutions, err := table.Solutions(ctx, suite.Key)
	if err != nil {
		return nil, nil, o.table.failed(err)
	}
	digest := suite.Suite.Digest()
	for i := range solutions {
		switch s := &solutions[i]; {
		case s.Verdict != problem.Accepted:
		case s.SuiteDigest != digest:
			notes = append(notes, fmt.Sprintf("the solution %s in %s is left out: it was not judged with the suite %s as it is", s.Name, s.Language, suite.Name))
		default:
			submissions = append(submissions, submission(problem.Program{Name: s.Name, Language: s.Language, Source: s.Source}))
		}
	}
	return submissions, notes, nil
}

func submission(program problem.Program) problempackage.Submission {
	const folder = "accepted"
	expect, _ := problempackage.ExpectedOf(folder, problempackage.ICPC)
	return problempackage.Submission{Folder: folder, Program: program, Expect: expect}
}

// validators are the suite's one, if it has any.
func validators(suite *problem.Suite) []problempackage.Validator {
	program := suite.Program(suite.Validator)
	if suite.Validator == "" || program == nil {
		return nil
	}
	return []problempackage.Validator{{Program: *program, Accepts: []int{0}}}
}
