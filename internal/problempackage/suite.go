package problempackage

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/problempackage/statement"
)

// What a package may bring into the product.
const (
	// MaxSamples and MaxSample, in bytes, are those of an inline Problem.
	MaxSamples = 128
	MaxSample  = 64 << 10
	// MaxSuite bounds the tests of a suite together, in bytes: it is held in
	// memory while it is stored.
	MaxSuite = 128 << 20
	// large tests are those beyond what a person would read.
	large = 64 << 10
)

// Problem is the package's problem, under this key. The notes say what of it
// is left out.
func (p *Package) Problem(key problem.Key) (*problem.Problem, []string, error) {
	s := p.Statement()
	if s == nil {
		return nil, nil, Errorf("", "the package has no statement in LaTeX or Markdown; a problem is published with its text, and a picture or a PDF is none")
	}
	result := &problem.Problem{
		Key: key, URL: p.SourceURL, Title: p.Title, Language: s.Language, Limits: p.Limits, Statement: s.Plain(), Tags: p.Keywords,
	}
	if result.Statement.Description == "" {
		return nil, nil, Errorf("", "the package's statement in %s says nothing before its input and output", s.Language)
	}
	var notes []string
	for i := range p.Tests {
		test := &p.Tests[i]
		if !test.Sample {
			continue
		}
		if test.InputSize > MaxSample || test.AnswerSize > MaxSample || len(result.Samples) == MaxSamples {
			notes = append(notes, fmt.Sprintf("%s is a test, and no sample of the problem: it is too large, or there are %d already", test.Name, MaxSamples))
			continue
		}
		input, answer, err := test.texts(MaxSample)
		if err != nil {
			return nil, nil, err
		}
		result.Samples = append(result.Samples, problem.Sample{Input: input, Output: answer})
	}
	return result, notes, nil
}

// texts are the input and the answer, which must be texts: they are stored as
// such.
func (t *Test) texts(limit int64) (input, answer string, err error) {
	for _, part := range []struct {
		name    string
		content execution.Content
		into    *string
	}{{"input", t.Input, &input}, {"answer", t.Answer, &answer}} {
		if *part.into, err = Text(part.content, limit); err != nil {
			return "", "", fmt.Errorf("the %s of %s: %w", part.name, t.Name, err)
		}
		if !utf8.ValidString(*part.into) {
			return "", "", Errorf(t.Name, "its %s is not UTF-8; tests are stored as text", part.name)
		}
	}
	return input, answer, nil
}

// Suite is the package's tests and checker, for this problem. Tests other than
// samples are counted by their size, for a package does not say what they are.
func (p *Package) Suite(of *problem.Problem) (*problem.Suite, error) {
	suite := &problem.Suite{Problem: of.Key, TaskDigest: of.TaskDigest(), Limits: of.Limits, Checker: p.Checker}
	if p.CheckerProgram != nil {
		suite.Programs = append(suite.Programs, *p.CheckerProgram)
	}
	total := int64(0)
	for i := range p.Tests {
		test := &p.Tests[i]
		if test.Checker != nil {
			return nil, Errorf(test.Name, "the test is checked by other rules or arguments than the first; a suite has one checker")
		}
		if total += test.InputSize + test.AnswerSize; total > MaxSuite {
			return nil, Errorf(test.Name, "with it the tests have more than the %d MiB that are stored of a suite", MaxSuite>>20)
		}
		input, answer, err := test.texts(MaxSuite)
		if err != nil {
			return nil, err
		}
		suite.Tests = append(suite.Tests, problem.Test{
			Name: test.Name, Kind: test.kind(), Purpose: test.Description, Input: problem.TextData(input), Answer: problem.TextData(answer),
		})
	}
	return suite, checkPrograms(suite.Programs)
}

func (t *Test) kind() problem.TestKind {
	switch {
	case t.Sample:
		return problem.TestSample
	case t.InputSize > large:
		return problem.TestLarge
	}
	return problem.TestSmall
}

func checkPrograms(programs []problem.Program) error {
	for i := range programs {
		texts := []string{programs[i].Source}
		for _, body := range programs[i].Files {
			texts = append(texts, body)
		}
		if !utf8.ValidString(strings.Join(texts, "")) {
			return Errorf("", "the program %s is not UTF-8; programs are stored as text", programs[i].Name)
		}
	}
	return nil
}

// keyParts are what an id may not have.
var keyParts = regexp.MustCompile(`[^A-Za-z0-9_.-]+`)

// Key is a guess of what the problem is called within a platform.
func (p *Package) Key(platform string) problem.Key {
	name := p.ExternalID
	if name == "" {
		name = p.Name
	}
	id := strings.TrimLeft(keyParts.ReplaceAllString(name, "-"), "_.-")
	if id == "" {
		id = "problem"
	}
	return problem.Key{Platform: platform, ID: id[:min(len(id), 128)]}
}

// Origin is what a package is made from when it was none before.
type Origin struct {
	Problem     *problem.Problem
	Suite       *problem.Suite
	Validators  []Validator
	Submissions []Submission
	// Made are the texts that the suite holds as recipes, by their digest.
	Made map[string]execution.Content
}

// ErrNotMade says that a text is only there as its recipe.
var ErrNotMade = errors.New("the text has to be made by its recipe first")

// From makes a package of a problem with its suite. The samples come first,
// under names of the ICPC format.
func From(o Origin) (*Package, error) {
	key := o.Problem.Key
	p := &Package{
		Name: key.ID, Format: ICPC, Limits: o.Suite.Limits, Timing: DefaultTiming, Checker: o.Suite.Checker,
		Facts: Facts{
			Title: o.Problem.Title, Keywords: slices.Clone(o.Problem.Tags), ExternalID: key.ID, Source: key.Platform, SourceURL: o.Problem.URL,
		},
		Validators: o.Validators, Submissions: o.Submissions,
	}
	p.Statements = []Statement{statementOf(o.Problem)}
	if err := p.takePrograms(o.Suite); err != nil {
		return nil, err
	}
	for _, sample := range []bool{true, false} {
		for i := range o.Suite.Tests {
			if test := &o.Suite.Tests[i]; (test.Kind == problem.TestSample) == sample {
				if err := p.takeTest(test, o.Made); err != nil {
					return nil, err
				}
			}
		}
	}
	return p, p.Check()
}

func statementOf(of *problem.Problem) Statement {
	s := Statement{Language: of.Language, Title: of.Title, Kind: statement.Markdown}
	if s.Language == "" {
		s.Language = "en"
	}
	s.Sections = statement.Map(of.Statement, func(text string) string { return statement.Escape(statement.Markdown, text) })
	return s
}

// takePrograms finds the checker and the generators. A solution that makes
// answers is among the submissions already.
func (p *Package) takePrograms(suite *problem.Suite) error {
	if suite.Checker.Program != "" {
		if p.CheckerProgram = suite.Program(suite.Checker.Program); p.CheckerProgram == nil {
			return Errorf("", "the suite has no program %q, which is its checker", suite.Checker.Program)
		}
	}
	for i := range suite.Programs {
		name := suite.Programs[i].Name
		makes := func(t problem.Test) bool { return t.Input.Recipe != nil && t.Input.Recipe.Program == name }
		if slices.ContainsFunc(suite.Tests, makes) {
			p.Generators = append(p.Generators, suite.Programs[i])
		}
	}
	return nil
}

// takeTest adds a test under a name that sorts where it stands.
func (p *Package) takeTest(from *problem.Test, made map[string]execution.Content) error {
	group := "secret"
	if from.Kind == problem.TestSample {
		group = "sample"
	}
	n := 1
	for i := range p.Tests {
		if path.Dir(p.Tests[i].Name) == group {
			n++
		}
	}
	name := fmt.Sprintf("%s/%03d", group, n)
	if group != "sample" {
		name += "-" + string(from.Kind)
	}
	test := Test{
		Name: name, Sample: group == "sample", Description: from.Purpose, Recipe: from.Input.Recipe,
		InputSize: from.Input.Size, AnswerSize: from.Answer.Size,
	}
	var err error
	if test.Input, err = contentOf(from.Input, made); err != nil {
		return fmt.Errorf("the input of %s: %w", from.Name, err)
	}
	if test.Answer, err = contentOf(from.Answer, made); err != nil {
		return fmt.Errorf("the answer of %s: %w", from.Name, err)
	}
	p.Tests = append(p.Tests, test)
	return nil
}

func contentOf(data problem.Data, made map[string]execution.Content) (execution.Content, error) {
	if data.Stored() || data.Recipe == nil {
		return execution.Text(data.Text), nil
	}
	if content, ok := made[data.Digest]; ok {
		return content, nil
	}
	return nil, ErrNotMade
}
