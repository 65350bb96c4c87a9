// Package icpc reads and writes the problem package format of ICPC and Kattis,
// in its legacy version and in version 2023-07-draft, with the files that
// DOMjudge adds to it.
//
// The format is described at https://icpc.io/problem-package-format/, what
// DOMjudge adds in its manual, "Problem format specification".
package icpc

import (
	"errors"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/algoitny/algoitny-operator/internal/archive"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/problempackage"
	"github.com/algoitny/algoitny-operator/internal/problempackage/statement"
)

// Is tells whether a tree is a package of this format.
func Is(tree *archive.Tree) bool {
	_, yaml := tree.Find(metadataFile)
	_, ini := tree.Find(iniFile)
	return yaml || ini
}

// reader reads one package.
type reader struct {
	tree    *archive.Tree
	p       *problempackage.Package
	meta    metadata
	replace *strings.Replacer
	groups  groups
	left    []string
}

// Read reads a package. An *archive.Error or *problempackage.Error says why it
// cannot be used.
func Read(tree *archive.Tree) (*problempackage.Package, error) {
	r := &reader{tree: tree.Keep(belongs), p: &problempackage.Package{Name: tree.Name}}
	for _, step := range []func() error{
		r.readMetadata, r.readStatements, r.readValidators, r.readChecker, r.readTests, r.readSubmissions, r.readIncludes, r.readRest,
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return r.p, r.p.Check()
}

// belongs leaves out what lies beside a package: the format ignores names that
// begin with a dot or a dash, such as ._1.in and .DS_Store of macOS.
func belongs(name string) bool {
	if name == timelimitFile {
		return true
	}
	for part := range strings.SplitSeq(name, "/") {
		if part[0] == '.' || part[0] == '-' {
			return false
		}
	}
	return true
}

func (r *reader) readMetadata() error {
	body, err := r.tree.Text(metadataFile, problempackage.MaxText)
	if err != nil && !errors.Is(err, archive.ErrMissing) {
		return err
	}
	if !utf8.ValidString(body) {
		return problempackage.Errorf(metadataFile, "it is not UTF-8")
	}
	unknown, err := unmarshal(metadataFile, body, &r.meta, metadataKeys...)
	if err != nil {
		return err
	}
	if len(unknown) > 0 {
		r.p.Note("%s: these keys are not used: %s", metadataFile, strings.Join(unknown, ", "))
	}
	if r.p.Format, err = r.meta.format(); err != nil {
		return err
	}
	if err := errors.Join(r.meta.refuse(), r.meta.apply(r.p)); err != nil {
		return err
	}
	if r.replace, err = r.meta.replacer(); err != nil {
		return err
	}
	r.groups = groups{tree: r.tree, format: r.p.Format, replace: r.replace, known: map[string]config{}, note: r.p.Note}
	return errors.Join(readDOMjudge(r.tree, r.p), readTimelimit(r.tree, r.p))
}

// statementFolders are where statements lie; some packages of each version
// have the other's.
var statementFolders = map[problempackage.Format]string{
	problempackage.ICPC:       "statement",
	problempackage.ICPCLegacy: "problem_statement",
}

// statementFile is the name of a statement; without a language it is English.
var statementFile = regexp.MustCompile(`^problem(?:\.([a-z]{2,3}(?:-[A-Z]{2})?))?\.(tex|md)$`)

func (r *reader) readStatements() error {
	for _, folder := range []string{"statement", "problem_statement"} {
		for _, file := range r.tree.Under(folder) {
			name := strings.TrimPrefix(file.Name, folder+"/")
			match := statementFile.FindStringSubmatch(name)
			if match == nil {
				r.other("statement/"+name, file)
				continue
			}
			if err := r.readStatement(file, match[1], statement.Kind(match[2])); err != nil {
				return err
			}
		}
	}
	slices.SortFunc(r.p.Statements, func(a, b problempackage.Statement) int { return strings.Compare(a.Language, b.Language) })
	if found := r.p.Statement(); found != nil && r.p.Title == "" {
		r.p.Title = found.Title
	}
	if r.p.Title == "" {
		r.p.Title = r.p.Name
	}
	return nil
}

func (r *reader) readStatement(file archive.File, language string, kind statement.Kind) error {
	body, err := file.Text(problempackage.MaxText)
	if err != nil {
		return err
	}
	if !utf8.ValidString(body) {
		r.p.Note("%s: it is not UTF-8 and is carried along unread", file.Name)
		r.other("statement/"+path.Base(file.Name), file)
		return nil
	}
	if language == "" {
		language = "en"
	}
	if slices.ContainsFunc(r.p.Statements, func(s problempackage.Statement) bool { return s.Language == language }) {
		return problempackage.Errorf(file.Name, "there are two statements in %s", language)
	}
	if kind == statement.Markdown {
		body = r.replace.Replace(body)
	}
	text := strings.ReplaceAll(strings.TrimPrefix(body, "\ufeff"), "\r\n", "\n")
	found := problempackage.Statement{Language: language, Kind: kind, Title: r.meta.Name[language], Body: body, Sections: statement.Split(kind, text)}
	if found.Title == "" && kind == statement.TeX {
		found.Title = statement.Title(text)
	}
	r.p.Statements = append(r.p.Statements, found)
	return nil
}

// accepts is the exit code of a validator on a valid input.
const accepts = 42

func (r *reader) readValidators() error {
	for _, folder := range []string{"input_validators", "input_format_validators", "input_validator"} {
		for _, place := range problempackage.Programs(r.tree, folder) {
			program, err := r.program(place)
			var cannot *problempackage.Error
			switch {
			case errors.As(err, &cannot):
				r.p.Note("an input validator is not run: %v", cannot)
				continue
			case err != nil:
				return err
			}
			validator := problempackage.Validator{Program: program, Accepts: []int{accepts}}
			if problempackage.UsesTestlib(&program) {
				// The usual testlib.h says 0; those made for this format say 42.
				validator.Accepts = append(validator.Accepts, 0)
			}
			r.p.Validators = append(r.p.Validators, validator)
		}
	}
	return nil
}

// program reads a program, puts the constants in, and gives it the testlib.h
// that lies elsewhere in the package.
func (r *reader) program(place string) (problem.Program, error) {
	program, err := problempackage.ReadProgram(r.tree, place)
	if err != nil {
		return program, err
	}
	program.Source = r.replace.Replace(program.Source)
	for name, body := range program.Files {
		program.Files[name] = r.replace.Replace(body)
	}
	const testlib = "testlib.h"
	if !problempackage.UsesTestlib(&program) || program.Files[testlib] != "" {
		return program, nil
	}
	for _, file := range r.tree.Files() {
		if path.Base(file.Name) != testlib {
			continue
		}
		body, err := file.Text(problempackage.MaxText)
		if program.Files == nil {
			program.Files = map[string]string{}
		}
		program.Files[testlib] = body
		return program, err
	}
	return program, nil
}

// checkerPlaces are the output validators. In the new format the folder is the
// program, unless it holds just one.
func (r *reader) checkerPlaces() []string {
	const folder = "output_validator"
	direct := slices.ContainsFunc(r.tree.Under(folder), func(file archive.File) bool { return path.Dir(file.Name) == folder })
	if direct && r.p.Format == problempackage.ICPC && len(r.tree.Under(folder)) > 1 {
		return []string{folder}
	}
	return append(problempackage.Programs(r.tree, folder+"s"), problempackage.Programs(r.tree, folder)...)
}

func (r *reader) readChecker() error {
	places := r.checkerPlaces()
	custom := slices.Contains(r.meta.Validation, "custom") || r.p.Format == problempackage.ICPC && len(places) > 0
	switch {
	case !custom && len(places) > 0:
		r.p.Note("output_validators/ is not used: problem.yaml says that the default validation is")
		return nil
	case !custom:
		return nil
	case len(places) != 1:
		return problempackage.Errorf("output_validators", "there are %d output validators; one decides what output is right here", len(places))
	}
	program, err := r.program(places[0])
	if err != nil {
		return err
	}
	r.p.CheckerProgram = &program
	r.p.Checker = problem.Checker{Program: program.Name, Protocol: problem.ProtocolICPC}
	if problempackage.UsesTestlib(&program) && !adaptedTestlib(&program) {
		r.p.Checker.Protocol = problem.ProtocolTestlib
		r.p.Note("%s: it is written with the usual testlib.h, so it is called and read as Polygon does", places[0])
	}
	return nil
}

// adapted is how a testlib.h, or a file before it, is made to speak this
// format: its exit codes are defined anew.
var adapted = regexp.MustCompile(`define\s+OK_EXIT_CODE\s+42\b`)

func adaptedTestlib(program *problem.Program) bool {
	if adapted.MatchString(program.Source) {
		return true
	}
	for _, body := range program.Files {
		if adapted.MatchString(body) {
			return true
		}
	}
	return false
}

// carried are folders and files of the format that mean nothing to judging.
var carried = []string{
	"attachments/", "solution/", "generators/", "include/", "input_visualizer/", "output_visualizer/", "README", "LICENSE",
	"problem.pdf", "problem.html", "problem.txt",
}

// read are the places that have been read.
var read = []string{
	metadataFile, iniFile, timelimitFile, dataFolder + "/", "statement/", "problem_statement/", "submissions/",
	"input_validators/", "input_format_validators/", "input_validator/", "output_validators/", "output_validator/",
}

// readRest carries along what belongs to the format and notes what does not.
func (r *reader) readRest() error {
	begins := func(name string, with []string) bool {
		return slices.ContainsFunc(with, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
	}
	for _, file := range r.tree.Files() {
		switch {
		case begins(file.Name, read):
		case strings.HasPrefix(file.Name, "static_validator/"):
			return problempackage.Errorf(file.Name, "static validators, which look at the source, are not run here")
		case strings.HasPrefix(file.Name, "graders/"):
			return problempackage.Errorf(file.Name, "graders, which give points, are not run here")
		case begins(file.Name, carried):
			r.other(file.Name, file)
		default:
			r.left = append(r.left, file.Name)
		}
	}
	if len(r.left) > 0 {
		r.p.Note("%d files are not part of the format and are left out, the first is %q", len(r.left), r.left[0])
	}
	return nil
}

func (r *reader) other(name string, file archive.File) {
	r.p.Carry(name, file)
}
