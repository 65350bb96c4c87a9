package problempackage

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// maxSolutionName bounds the name of a solution in bytes, as the status of a
// TestSuite does, where names must differ.
const maxSolutionName = 64

// Solutions are the accepted submissions that a stored suite is proved with:
// those of one file, which is all that a judging in the cluster takes. The notes
// say which are left out.
func (p *Package) Solutions() ([]problem.Program, []string) {
	var solutions []problem.Program
	var notes []string
	taken := map[string]bool{}
	for i := range p.Submissions {
		s := &p.Submissions[i]
		if s.Folder != "accepted" {
			continue
		}
		if why := s.unfit(p); why != "" {
			notes = append(notes, fmt.Sprintf("%s is not stored with the suite: %s", s.Path(), why))
			continue
		}
		solution := s.Program
		solution.Name = solutionName(s, taken)
		solutions = append(solutions, solution)
	}
	return solutions, notes
}

// unfit says why a submission is no solution of a suite.
func (s *Submission) unfit(p *Package) string {
	switch {
	case s.Unsupported != "":
		return s.Unsupported
	case len(p.WithIncludes(s.Program).Files) > 0:
		return "it has several files, and programs of one file are judged in the cluster"
	case !utf8.ValidString(s.Program.Source):
		return "it is not UTF-8; programs are stored as text"
	}
	return ""
}

// solutionName is the path of a submission, or one like it that no other has.
func solutionName(s *Submission, taken map[string]bool) string {
	tail := Ending(s.Program.Language)
	for n := 2; ; n++ {
		stem := s.Path()
		name := strings.ToValidUTF8(stem[:min(len(stem), maxSolutionName-len(tail))], "") + tail
		if !taken[name] {
			taken[name] = true
			return name
		}
		tail = fmt.Sprintf("-%d%s", n, Ending(s.Program.Language))
	}
}
