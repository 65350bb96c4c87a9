package polygon

import (
	"encoding/xml"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/algoitny/algoitny-operator/internal/archive"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/problempackage"
	"github.com/algoitny/algoitny-operator/internal/problempackage/statement"
)

// Is tells whether a tree is a package of this format.
func Is(tree *archive.Tree) bool {
	_, ok := tree.Find(problemFile)
	return ok
}

type reader struct {
	tree      *archive.Tree
	p         *problempackage.Package
	doc       document
	resources map[string]string
}

// Read reads a package. An *archive.Error or *problempackage.Error says why it
// cannot be used.
func Read(tree *archive.Tree) (*problempackage.Package, error) {
	r := &reader{
		tree: tree, resources: map[string]string{},
		p: &problempackage.Package{Name: tree.Name, Format: problempackage.Polygon, Timing: problempackage.DefaultTiming},
	}
	for _, step := range []func() error{
		r.readDocument, r.readStatements, r.readResources, r.readChecker, r.readPrograms, r.readTests, r.readSolutions,
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return r.p, r.p.Check()
}

func (r *reader) readDocument() error {
	body, err := r.tree.Text(problemFile, problempackage.MaxText)
	if err != nil {
		return err
	}
	if err := xml.Unmarshal([]byte(body), &r.doc); err != nil {
		return problempackage.Errorf(problemFile, "it is not the XML of a problem: %v", err)
	}
	judging := r.doc.Judging
	switch {
	case r.doc.Interactor != nil:
		return problempackage.Errorf(problemFile, "it is an interactive problem; programs are only given their whole input here")
	case judging.RunCount > 1:
		return problempackage.Errorf(problemFile, "programs are to be run %d times on each test; they are run once here", judging.RunCount)
	case judging.InputFile != "" || judging.OutputFile != "":
		return problempackage.Errorf(problemFile, "programs are to read %q and write %q; they only have standard input and output here", judging.InputFile, judging.OutputFile)
	case len(judging.Testsets) == 0:
		return problempackage.Errorf(problemFile, "it has no set of tests")
	}
	if r.doc.ShortName != "" {
		r.p.Name = r.doc.ShortName
	}
	r.p.Title = r.p.Name
	r.p.SourceURL = r.doc.URL
	for _, tag := range r.doc.Tags {
		r.p.Keywords = append(r.p.Keywords, tag.Value)
	}
	return nil
}

// sections are the files of a statement.
const sectionsFolder = "statement-sections"

func (r *reader) readStatements() error {
	for _, name := range r.doc.Names {
		language, ok := languages[name.Language]
		if !ok {
			r.p.Note("%s: the language %q is not known, its statement is left out", problemFile, name.Language)
			continue
		}
		s := problempackage.Statement{Language: language, Title: name.Value, Kind: statement.TeX}
		if err := r.readSections(&s, name.Language); err != nil {
			return err
		}
		if s.Sections != (problem.Statement{}) {
			r.p.Statements = append(r.p.Statements, s)
		}
		if language == "en" || r.p.Title == r.p.Name {
			r.p.Title = name.Value
		}
	}
	slices.SortFunc(r.p.Statements, func(a, b problempackage.Statement) int { return strings.Compare(a.Language, b.Language) })
	return nil
}

// sectionFiles are the files of a statement and where their texts go.
func sectionFiles(s *problem.Statement) map[string]*string {
	return map[string]*string{"legend.tex": &s.Description, "input.tex": &s.Input, "output.tex": &s.Output, "notes.tex": &s.Notes}
}

func (r *reader) readSections(s *problempackage.Statement, language string) error {
	folder := sectionsFolder + "/" + language
	files := sectionFiles(&s.Sections)
	for _, file := range r.tree.Under(folder) {
		base := strings.TrimPrefix(file.Name, folder+"/")
		into, ok := files[base]
		switch {
		case ok:
		case base == "name.tex" || strings.HasPrefix(base, "example.") || strings.Contains(base, "/"):
			continue
		case path.Ext(base) == ".tex":
			r.p.Note("%s: this part of the statement is left out", file.Name)
			continue
		default:
			r.p.Carry("statement/"+base, file)
			continue
		}
		body, err := file.Text(problempackage.MaxText)
		if err != nil {
			return err
		}
		if !utf8.ValidString(body) {
			return problempackage.Errorf(file.Name, "it is not UTF-8")
		}
		*into = strings.TrimSpace(strings.ReplaceAll(body, "\r\n", "\n"))
	}
	return nil
}

// typesetting are the endings of resources that are no part of programs.
var typesetting = []string{".sty", ".tex", ".ftl", ".cls", ".mp"}

func (r *reader) readResources() error {
	for _, resource := range r.doc.Resources {
		if slices.Contains(typesetting, path.Ext(resource.Path)) {
			continue
		}
		body, err := r.tree.Text(resource.Path, problempackage.MaxText)
		if err != nil {
			return err
		}
		r.resources[path.Base(resource.Path)] = body
	}
	return nil
}

// program reads a source with the resources that it names.
func (r *reader) program(source reference) (problem.Program, error) {
	language, ok := languageOf(source.Type)
	if source.Type == "" {
		language, ok = problempackage.Language(source.Path)
	}
	base := path.Base(source.Path)
	program := problem.Program{Name: strings.TrimSuffix(base, path.Ext(base)), Language: language}
	if !ok {
		return program, problempackage.Errorf(source.Path, "programs of type %q are not run here", source.Type)
	}
	body, err := r.tree.Text(source.Path, problempackage.MaxText)
	if err != nil {
		return program, err
	}
	program.Source = body
	r.addResources(&program, body)
	return program, nil
}

// addResources puts the resources beside a program that its text names.
func (r *reader) addResources(program *problem.Program, body string) {
	for name, text := range r.resources {
		stem := strings.TrimSuffix(name, ".py")
		if !strings.Contains(body, name) && (stem == name || !strings.Contains(body, stem)) || program.Files[name] != "" {
			continue
		}
		if program.Files == nil {
			program.Files = map[string]string{}
		}
		program.Files[name] = text
		r.addResources(program, text)
	}
}

func (r *reader) readChecker() error {
	c := r.doc.Checker
	switch {
	case c == nil:
		return problempackage.Errorf(problemFile, "it names no checker")
	case c.Type != "" && c.Type != "testlib":
		return problempackage.Errorf(problemFile, "checkers of type %q are not run here", c.Type)
	}
	if rules, ok := standard[c.Name]; ok {
		r.p.Checker.Rules = rules
		if c.Source != nil {
			r.p.Note("the checker %s is not compiled: outputs are compared by the rules that it stands for", c.Name)
		}
		return nil
	}
	if c.Source == nil {
		return problempackage.Errorf(problemFile, "the checker %q has no source in the package", c.Name)
	}
	program, err := r.program(*c.Source)
	if err != nil {
		return err
	}
	if rules, ok := rulesOf(program.Source); ok {
		r.p.Checker.Rules = rules
		return nil
	}
	r.p.CheckerProgram = &program
	r.p.Checker = problem.Checker{Program: program.Name, Protocol: problem.ProtocolTestlib}
	return nil
}

// readPrograms reads validators and generators.
func (r *reader) readPrograms() error {
	skip := map[string]bool{}
	if c := r.doc.Checker; c != nil && c.Source != nil {
		skip[c.Source.Path] = true
	}
	for _, v := range r.doc.Validators {
		skip[v.Source.Path] = true
		program, err := r.program(v.Source)
		if err != nil {
			return err
		}
		r.p.Validators = append(r.p.Validators, problempackage.Validator{Program: program, Accepts: []int{0}})
	}
	for _, e := range r.doc.Executables {
		if skip[e.Source.Path] {
			continue
		}
		program, err := r.program(e.Source)
		if err != nil {
			r.p.Note("a generator is left out: %v", err)
			continue
		}
		r.p.Generators = append(r.p.Generators, program)
	}
	return nil
}

func (r *reader) readTests() error {
	set := r.doc.Judging.Testsets[0]
	for _, other := range r.doc.Judging.Testsets {
		if other.Name == "tests" {
			set = other
		}
	}
	if len(r.doc.Judging.Testsets) > 1 {
		r.p.Note("%s: only the set of tests %q is used", problemFile, set.Name)
	}
	if set.TimeLimit < 0 || set.TimeLimit > int64(time.Hour/time.Millisecond) || set.MemoryLimit < 0 || set.MemoryLimit > 1<<50 {
		return problempackage.Errorf(problemFile, "a time limit of %d ms or a memory limit of %d bytes makes no sense", set.TimeLimit, set.MemoryLimit)
	}
	r.p.Limits = problem.Limits{Time: time.Duration(set.TimeLimit) * time.Millisecond, MemoryBytes: set.MemoryLimit}
	points := false
	for i, t := range set.Tests {
		if err := r.test(set, t, i+1); err != nil {
			return err
		}
		points = points || t.Points != "" && t.Points != "0"
	}
	if points {
		r.p.Note("%s: the points of tests are left out; programs are accepted or not here", problemFile)
	}
	return nil
}

func (r *reader) test(set testset, t test, n int) error {
	input, err := r.testFile(set.InputPattern, n)
	if err != nil {
		return err
	}
	answer, err := r.testFile(set.AnswerPattern, n)
	if err != nil {
		return err
	}
	layout := "secret/%02d"
	if t.Sample {
		layout = "sample/%02d"
	}
	name, err := numbered(layout, n)
	if err != nil {
		return err
	}
	r.p.Tests = append(r.p.Tests, problempackage.Test{
		Name: name, Sample: t.Sample, Description: t.Description, Recipe: recipe(t.Cmd),
		Input: input, InputSize: input.Size, Answer: answer, AnswerSize: answer.Size,
	})
	return nil
}

func (r *reader) testFile(layout string, n int) (archive.File, error) {
	name, err := numbered(layout, n)
	if err != nil {
		return archive.File{}, err
	}
	file, ok := r.tree.Find(name)
	if !ok {
		return file, problempackage.Errorf(name, "the test has not been made; take the full package, or run doall.sh in this one first")
	}
	return file, nil
}

var word = regexp.MustCompile(`"[^"]*"|[^\s"]+`)

// recipe is the command that makes a test, nil where it is not a program with
// arguments.
func recipe(command string) *problem.Recipe {
	words := word.FindAllString(command, -1)
	if len(words) == 0 || strings.ContainsAny(command, "<>|") {
		return nil
	}
	for i := range words {
		words[i] = strings.Trim(words[i], `"`)
	}
	return &problem.Recipe{Program: words[0], Args: words[1:]}
}

func (r *reader) readSolutions() error {
	for _, s := range r.doc.Solutions {
		known, ok := expectations[s.Tag]
		if !ok {
			r.p.Note("%s: what is expected of a solution tagged %q is not known", s.Source.Path, s.Tag)
			known.folder = "mixed"
		}
		submission := problempackage.Submission{Folder: known.folder, Expect: known.expect, Model: s.Tag == "main"}
		if known.expect == nil {
			submission.Expect, _ = problempackage.ExpectedOf(known.folder, problempackage.Polygon)
		}
		program, err := r.program(s.Source)
		if err != nil {
			submission.Unsupported = err.Error()
		}
		submission.Program = program
		r.p.Submissions = append(r.p.Submissions, submission)
	}
	return nil
}
