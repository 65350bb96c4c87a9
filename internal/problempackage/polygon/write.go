package polygon

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/archive"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/problempackage"
	"github.com/algoitny/algoitny-operator/internal/problempackage/statement"
)

type writer struct {
	problempackage.Output
	p     *problempackage.Package
	doc   document
	added map[string]string
}

// Write lays a package out as Polygon does. The notes say what does not fit.
func Write(p *problempackage.Package) (*archive.Builder, []string, error) {
	w := &writer{p: p, added: map[string]string{}}
	w.doc = document{Revision: 1, ShortName: p.Name, URL: p.SourceURL, Judging: judging{RunCount: 1}}
	for _, word := range p.Keywords {
		w.doc.Tags = append(w.doc.Tags, tag{word})
	}
	return w.All(w.statements, w.checker, w.validators, w.generators, w.tests, w.solutions, w.leftOut, w.document)
}

// addText adds a text; the same one may come twice.
func (w *writer) addText(name, body string) {
	if known, ok := w.added[name]; ok {
		if known != body {
			w.Fail(problempackage.Errorf(name, "two programs bring different files of this name, and Polygon has one folder for them"))
		}
		return
	}
	w.added[name] = body
	w.Put(name, archive.Text(body))
}

func (w *writer) document() {
	sort.Slice(w.doc.Resources, func(i, j int) bool { return w.doc.Resources[i].Path < w.doc.Resources[j].Path })
	var body bytes.Buffer
	body.WriteString(`<?xml version="1.0" encoding="utf-8" standalone="no"?>` + "\n")
	encoder := xml.NewEncoder(&body)
	encoder.Indent("", "    ")
	if err := encoder.Encode(w.doc); err != nil {
		w.Fail(fmt.Errorf("write %s: %w", problemFile, err))
	}
	body.WriteByte('\n')
	w.addText(problemFile, body.String())
}

// statements writes the sections of every statement, in LaTeX.
func (w *writer) statements() {
	for _, s := range w.p.Statements {
		language, ok := languageName(s.Language)
		if !ok {
			w.Note("the statement in %s is left out: Polygon's name of that language is not known", s.Language)
			continue
		}
		if s.Kind == statement.Markdown {
			s.Sections = statement.Map(s.Plain(), func(text string) string { return statement.Escape(statement.TeX, text) })
			w.Note("the statement in %s was written in Markdown and is rewritten in LaTeX, without its markup", s.Language)
		}
		if s.Title == "" {
			s.Title = w.p.Title
		}
		w.statement(s, language)
	}
	if len(w.doc.Names) == 0 {
		w.doc.Names = []name{{"english", w.p.Title}}
	}
}

func (w *writer) statement(s problempackage.Statement, language string) {
	if s.Sections.Constraints != "" {
		// Polygon has no place for them but with the input.
		s.Sections.Input = strings.TrimSpace(s.Sections.Input + "\n\n" + s.Sections.Constraints)
		s.Sections.Constraints = ""
	}
	w.doc.Names = append(w.doc.Names, name{language, s.Title})
	folder := sectionsFolder + "/" + language
	w.addText(folder+"/name.tex", s.Title+"\n")
	for file, body := range sectionFiles(&s.Sections) {
		if *body != "" {
			w.addText(folder+"/"+file, *body+"\n")
		}
	}
	for i, n := 0, 0; i < len(w.p.Tests); i++ {
		if test := &w.p.Tests[i]; test.Sample {
			n++
			w.Put(fmt.Sprintf("%s/example.%02d", folder, n), test.Input)
			w.Put(fmt.Sprintf("%s/example.%02d.a", folder, n), test.Answer)
		}
	}
	for _, other := range w.p.Others {
		if base, ok := strings.CutPrefix(other.Name, "statement/"); ok && !strings.Contains(base, "/") {
			w.Put(folder+"/"+base, other.Content)
		}
	}
	whole := "statements/" + language + "/problem.tex"
	w.addText(whole, statement.Join(statement.TeX, s.Title, s.Sections))
	w.doc.Statements = append(w.doc.Statements, reference{Charset: "UTF-8", Language: language, Path: whole, Type: "application/x-tex"})
}

// leftOut says which files have no place here.
func (w *writer) leftOut() {
	var names []string
	for _, other := range w.p.Others {
		if base, ok := strings.CutPrefix(other.Name, "statement/"); !ok || strings.Contains(base, "/") {
			names = append(names, other.Name)
		}
	}
	if len(names) > 0 {
		w.Note("%d files have no place in a Polygon package and are left out, the first is %q", len(names), names[0])
	}
	if len(w.p.InvalidInputs) > 0 {
		w.Note("the %d invalid inputs are left out", len(w.p.InvalidInputs))
	}
}

// source writes a program, and the files beside it as resources.
func (w *writer) source(folder string, program problem.Program) reference {
	place := folder + "/" + problempackage.CleanName(program.Name) + problempackage.Ending(program.Language)
	w.addText(place, program.Source)
	for file, body := range program.Files {
		if file == "__init__.py" && body == "" {
			continue
		}
		resource := reference{Path: "files/" + file}
		if strings.HasSuffix(file, ".h") {
			resource.Type = "h.g++"
		}
		w.addText(resource.Path, body)
		if !slices.Contains(w.doc.Resources, resource) {
			w.doc.Resources = append(w.doc.Resources, resource)
		}
	}
	return reference{Path: place, Type: sourceTypes[program.Language]}
}

func (w *writer) checker() {
	c := w.p.Checker
	for i := range w.p.Tests {
		if w.p.Tests[i].Checker != nil {
			w.Fail(problempackage.Errorf("", "the test %s has a checker of its own or other arguments for it, which Polygon does not know", w.p.Tests[i].Name))
			return
		}
	}
	switch {
	case len(c.Args) > 0:
		w.Fail(problempackage.Errorf("", "the checker %s is given the arguments %q, and Polygon gives checkers none", c.Program, c.Args))
	case w.p.CheckerProgram == nil && c.Rules == (problem.CompareRules{}):
		w.doc.Checker = &checker{Name: wordChecker, Type: "testlib"}
	case w.p.CheckerProgram == nil:
		source := w.source("files", problem.Program{Name: "check", Language: "cpp", Source: rulesSource(c.Rules)})
		w.doc.Checker = &checker{Type: "testlib", Source: &source}
	default:
		w.checkerProgram(*w.p.CheckerProgram, c.Protocol)
	}
}

func (w *writer) checkerProgram(program problem.Program, protocol problem.CheckerProtocol) {
	if protocol == problem.ProtocolICPC {
		var err error
		if program, err = problempackage.Adapt(program, problempackage.CheckerToTestlib); err != nil {
			w.Fail(err)
			return
		}
		w.Note("the checker speaks the ICPC protocol and is exported with an adapter around it")
	}
	source := w.source("files", program)
	w.doc.Checker = &checker{Type: "testlib", Source: &source}
}

func (w *writer) validators() {
	for _, v := range w.p.Validators {
		program := v.Program
		if !slices.Contains(v.Accepts, 0) {
			var err error
			if program, err = problempackage.Adapt(program, problempackage.ValidatorToTestlib); err != nil {
				w.Fail(err)
				return
			}
			w.Note("the validator %s accepts with exit code %d and is exported with an adapter around it", program.Name, v.Accepts)
		}
		w.doc.Validators = append(w.doc.Validators, executable{Source: w.source("files", program)})
	}
}

func (w *writer) generators() {
	for _, generator := range w.p.Generators {
		w.doc.Executables = append(w.doc.Executables, executable{Source: w.source("files", generator)})
	}
}

// tests writes the tests and the script that makes those that are generated.
func (w *writer) tests() {
	set := testset{
		Name: "tests", TimeLimit: w.p.Limits.Time.Milliseconds(), MemoryLimit: w.p.Limits.MemoryBytes, Count: len(w.p.Tests),
		InputPattern: "tests/%02d", AnswerPattern: "tests/%02d.a",
	}
	if set.TimeLimit == 0 {
		w.Note("the package states no time limit, and Polygon's has to")
	}
	var script strings.Builder
	withArgs := false
	for i := range w.p.Tests {
		from := &w.p.Tests[i]
		t := test{Method: "manual", Sample: from.Sample, Description: from.Description}
		if from.Recipe != nil && !from.Recipe.ReadsInput {
			t.Method, t.Cmd = "generated", w.command(from.Recipe)
			fmt.Fprintf(&script, "%s > %d\n", t.Cmd, i+1)
		}
		withArgs = withArgs || len(from.ValidatorArgs.All)+len(from.ValidatorArgs.Named) > 0
		set.Tests = append(set.Tests, t)
		w.Put(fmt.Sprintf("tests/%02d", i+1), from.Input)
		w.Put(fmt.Sprintf("tests/%02d.a", i+1), from.Answer)
	}
	if withArgs {
		w.Note("the arguments of validators are left out: Polygon gives them none")
	}
	if script.Len() > 0 {
		w.addText("script", script.String())
	}
	w.doc.Judging.Testsets = []testset{set}
}

var plainWord = regexp.MustCompile(`^[^\s"<>|]+$`)

// command is a recipe as a line of the script.
func (w *writer) command(recipe *problem.Recipe) string {
	words := append([]string{problempackage.CleanName(recipe.Program)}, recipe.Args...)
	for i, word := range words {
		switch {
		case plainWord.MatchString(word):
		case strings.ContainsAny(word, "\"\n<>|"):
			w.Fail(problempackage.Errorf("", "the argument %q of the generator %s cannot stand in Polygon's script", word, recipe.Program))
		default:
			words[i] = `"` + word + `"`
		}
	}
	return strings.Join(words, " ")
}

func (w *writer) solutions() {
	main := slices.IndexFunc(w.p.Submissions, func(s problempackage.Submission) bool { return s.Model && s.Folder == "accepted" })
	if main < 0 {
		main = slices.IndexFunc(w.p.Submissions, func(s problempackage.Submission) bool { return s.Folder == "accepted" && s.Unsupported == "" })
	}
	taken := map[string]bool{}
	for i := range w.p.Submissions {
		s := w.p.Submissions[i]
		if s.Program.Source == "" {
			w.Note("the submission %s is left out: %s", s.Path(), s.Unsupported)
			continue
		}
		program := s.Program
		program.Name = problempackage.CleanName(program.Name)
		for n := 2; taken[strings.ToLower(program.Name+program.Language)]; n++ {
			program.Name = fmt.Sprintf("%s-%d", problempackage.CleanName(s.Program.Name), n)
		}
		taken[strings.ToLower(program.Name+program.Language)] = true
		tag := w.tag(&s)
		if i == main {
			tag = "main"
		}
		w.doc.Solutions = append(w.doc.Solutions, solution{Tag: tag, Source: w.source("solutions", program)})
	}
	if main < 0 {
		w.Note("Polygon wants a main solution, and no submission is accepted")
	}
}

// tags are those of the folders of the ICPC format.
var tags = map[string]string{
	"accepted": "accepted", "wrong_answer": "wrong-answer", "no_output": "wrong-answer", "time_limit_exceeded": "time-limit-exceeded",
	"memory_limit_exceeded": "memory-limit-exceeded", "run_time_error": "failed", "rejected": "rejected",
	"brute_force": "time-limit-exceeded-or-memory-limit-exceeded",
}

func (w *writer) tag(s *problempackage.Submission) string {
	if tag, ok := tags[s.Folder]; ok {
		return tag
	}
	const either = "time-limit-exceeded-or-accepted"
	if problempackage.Describe(s.Expect) == problempackage.Describe(expectations[either].expect) {
		return either
	}
	w.Note("the submission %s is tagged as rejected: Polygon has no tag for what is expected of it", s.Path())
	return "rejected"
}
