// Package stored makes packages of what the table has of a problem.
package stored

import (
	"fmt"
	"path"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/problempackage"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// Package makes a package of a problem with one of its suites and its
// solutions. The texts that the suite holds as recipes are in made, by their
// digests; problempackage.ErrNotMade says that one is missing.
func Package(of *problem.Problem, suite *store.SuiteRecord, solutions []store.SolutionRecord, made map[string]execution.Content) (*problempackage.Package, error) {
	submissions, notes := accepted(suite, solutions)
	if suite.Suite.TaskDigest != of.TaskDigest() {
		notes = append(notes, fmt.Sprintf("the suite %s was made for the problem as it was before", suite.Name))
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

// accepted are the suite's own solutions, and the stored programs that have
// passed it. What passed other tests may well be wrong on these.
func accepted(suite *store.SuiteRecord, solutions []store.SolutionRecord) (submissions []problempackage.Submission, notes []string) {
	for _, solution := range suite.Solutions {
		solution.Name = strings.TrimSuffix(path.Base(solution.Name), problempackage.Ending(solution.Language))
		submissions = append(submissions, submission(solution))
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
	return submissions, notes
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
