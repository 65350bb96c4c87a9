// Package problempackage holds a problem with everything that belongs to it:
// statement, tests, validators, checker and submissions, whatever format it
// came in. The formats are in the folders below.
package problempackage

import (
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/algoitny/algoitny-operator/internal/archive"
	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/problempackage/statement"
)

// Format is how a package is laid out.
type Format string

// The formats.
const (
	// ICPC is version 2023-07-draft of the Kattis problem package format, and
	// what came after it.
	ICPC Format = "icpc"
	// ICPCLegacy is the version before, which DOMjudge reads too.
	ICPCLegacy Format = "icpc-legacy"
	Polygon    Format = "polygon"
)

// Formats lists all formats.
func Formats() []Format { return []Format{ICPC, ICPCLegacy, Polygon} }

// Error says why a package cannot be used: what is wrong with it, or what it
// needs that is not there.
type Error struct {
	// Where is a file of the package, or empty.
	Where  string
	Reason string
}

func (e *Error) Error() string {
	if e.Where == "" {
		return e.Reason
	}
	return e.Where + ": " + e.Reason
}

// Errorf makes an Error.
func Errorf(where, format string, args ...any) *Error {
	return &Error{Where: where, Reason: fmt.Sprintf(format, args...)}
}

// Package is a problem with everything that belongs to it. Tests are read
// from the archive when they are opened, so that it must stay open.
type Package struct {
	// Name is the short name: what the folder or the archive is called.
	Name   string
	Format Format
	Facts
	// Statements are in the order of their languages, at most one of each.
	Statements []Statement
	Limits     problem.Limits
	Timing     Timing
	// OutputBytes is how much a program may print, 0 where it is not stated.
	OutputBytes int64
	// Checker decides what output is right, unless a test has its own.
	// CheckerProgram is the program it names, nil for one that follows rules.
	Checker        problem.Checker
	CheckerProgram *problem.Program
	Validators     []Validator
	Generators     []problem.Program
	Tests          []Test
	// InvalidInputs are those that a validator must reject.
	InvalidInputs []Test
	Submissions   []Submission
	// Includes are files that are put beside every submission, by its language;
	// those of the empty language beside all.
	Includes map[string]map[string]string
	// Others are files that mean nothing here and belong to the package all
	// the same, by their paths in the ICPC format: pictures, attachments.
	Others []Other
	// Notes say what was found and does not count.
	Notes []string
}

// Facts are what is said of a problem.
type Facts struct {
	Title       string
	UUID        string
	Authors     []string
	Source      string
	SourceURL   string
	License     string
	RightsOwner string
	Keywords    []string
	// ExternalID and Color are DOMjudge's.
	ExternalID string
	Color      string
}

// Timing says how a time limit follows from the accepted submissions.
type Timing struct {
	// Multiplier is what the slowest one's time is multiplied by.
	Multiplier float64
	// Resolution is what the result is rounded up to.
	Resolution time.Duration
}

// DefaultTiming is that of DESIGN.md and of the 2023-07 format.
var DefaultTiming = Timing{Multiplier: 2, Resolution: time.Second}

// Limit is the time limit, for the time of the slowest accepted submission.
func (t Timing) Limit(slowest time.Duration) time.Duration {
	wanted := time.Duration(float64(slowest) * t.Multiplier)
	return max(1, (wanted+t.Resolution-1)/t.Resolution) * t.Resolution
}

// Statement is the text of a problem in one language.
type Statement struct {
	// Language is a code of ISO 639, for example en.
	Language string
	Title    string
	Kind     statement.Kind
	// Body is the whole file of a statement that is written as one, Sections
	// its parts, markup and all.
	Body     string
	Sections problem.Statement
}

// Plain is the statement without its markup.
func (s *Statement) Plain() problem.Statement {
	return statement.Map(s.Sections, func(text string) string { return statement.Plain(s.Kind, text) })
}

// Statement is the one in English, else the first, nil where there is none.
func (p *Package) Statement() *Statement {
	for i := range p.Statements {
		if p.Statements[i].Language == "en" {
			return &p.Statements[i]
		}
	}
	if len(p.Statements) == 0 {
		return nil
	}
	return &p.Statements[0]
}

// Validator is a program that accepts or rejects an input, which it reads
// from its standard input.
type Validator struct {
	Program problem.Program
	// Accepts are the exit codes of a valid input.
	Accepts []int
}

// Args are the arguments of validators: those of all, or of each by its name.
type Args struct {
	All   []string
	Named map[string][]string
}

// For are the arguments of a validator.
func (a Args) For(name string) []string {
	if a.Named != nil {
		return a.Named[name]
	}
	return a.All
}

// Test is one input with its answer.
type Test struct {
	// Name is the path without an extension, for example secret/03-big.
	Name          string
	Sample        bool
	Input, Answer execution.Content
	// InputSize and AnswerSize are in bytes.
	InputSize, AnswerSize int64
	// Description says what the test is for.
	Description string
	// Recipe is how the input was made, nil where that is not known.
	Recipe *problem.Recipe
	// Checker is the test's own, nil for the package's.
	Checker       *problem.Checker
	ValidatorArgs Args
}

// Other is a file that is carried along.
type Other struct {
	Name    string
	Content archive.Opener
}

// Submission is a program with what is expected of it.
type Submission struct {
	// Folder is the verdict that the submission is filed under, in the words
	// of the ICPC format, for example wrong_answer.
	Folder  string
	Program problem.Program
	Expect  []Expectation
	// Model marks the solution that is to be shown.
	Model bool
	// Unsupported says why it cannot be judged here, empty where it can.
	Unsupported string
}

// Path names the submission within the package.
func (s *Submission) Path() string { return s.Folder + "/" + s.Program.Name }

// maxNotes bounds what is noted: a package that is wrong everywhere is not
// read to its end.
const maxNotes = 50

// Note adds to the notes.
func (p *Package) Note(format string, args ...any) {
	switch {
	case len(p.Notes) < maxNotes:
		p.Notes = append(p.Notes, fmt.Sprintf(format, args...))
	case len(p.Notes) == maxNotes:
		p.Notes = append(p.Notes, "there is more of that kind, which is not listed")
	}
}

// Carry takes a file along. Of two with the same name the first stays.
func (p *Package) Carry(name string, content archive.Opener) {
	if slices.ContainsFunc(p.Others, func(o Other) bool { return o.Name == name }) {
		p.Note("there are two files for %s, of which the first is carried along", name)
		return
	}
	p.Others = append(p.Others, Other{Name: name, Content: content})
}

// CheckerOf is what decides on a test.
func (p *Package) CheckerOf(test *Test) problem.Checker {
	if test.Checker != nil {
		return *test.Checker
	}
	return p.Checker
}

// WithIncludes is a submission with what belongs beside it.
func (p *Package) WithIncludes(program problem.Program) problem.Program {
	common, own := p.Includes[""], p.Includes[program.Language]
	if len(common)+len(own) == 0 {
		return program
	}
	files := map[string]string{}
	for _, more := range []map[string]string{program.Files, common, own} {
		maps.Copy(files, more)
	}
	program.Files = files
	return program
}

// SetCheckers gives every test its checker. The package's is that of the first
// test, and other tests have one of their own only where it differs.
func (p *Package) SetCheckers(checkers []problem.Checker) {
	if len(checkers) > 0 {
		p.Checker = checkers[0]
	}
	for i := range p.Tests {
		if !reflect.DeepEqual(checkers[i], p.Checker) {
			p.Tests[i].Checker = &checkers[i]
		}
	}
}

// Check finds what every format must have.
func (p *Package) Check() error {
	if len(p.Tests) == 0 {
		return Errorf("", "the package has no tests")
	}
	if len(p.Tests) > execution.MaxTests {
		return Errorf("", "the package has %d tests, more than the %d that are judged", len(p.Tests), execution.MaxTests)
	}
	if (p.Checker.Program != "") != (p.CheckerProgram != nil) {
		return Errorf("", "the package names a checker that it does not have")
	}
	return nil
}

// Text is a whole content of at most limit bytes.
func Text(content execution.Content, limit int64) (string, error) {
	r, err := content.Open()
	if err != nil {
		return "", err
	}
	defer func() { _ = r.Close() }()
	raw, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return "", err
	}
	if int64(len(raw)) > limit {
		return "", Errorf("", "the text has more than the %d bytes that are read of it", limit)
	}
	return string(raw), nil
}
