package icpc

import (
	"encoding/json"
	"errors"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/problempackage"
)

const (
	submissionsFolder = "submissions"
	submissionsFile   = submissionsFolder + "/submissions.yaml"
)

// declared is what submissions.yaml says of the submissions of one pattern.
type declared struct {
	Language  string
	Model     bool
	Expect    problempackage.Expectation
	PerGroup  []problempackage.Expectation
	permitted bool
	required  bool
}

// declaredKeys are the keys that are no patterns of tests.
var declaredKeys = []string{
	"language", "entrypoint", "authors", "model_solution", "permitted", "required", "score", "message", "use_for_time_limit",
}

// UnmarshalJSON implements json.Unmarshaler.
func (d *declared) UnmarshalJSON(raw []byte) error {
	var keys map[string]json.RawMessage
	var own struct {
		Language  text  `json:"language"`
		Model     bool  `json:"model_solution"`
		Permitted words `json:"permitted"`
		Required  words `json:"required"`
	}
	if err := errors.Join(json.Unmarshal(raw, &keys), json.Unmarshal(raw, &own)); err != nil {
		return err
	}
	d.Language, d.Model = string(own.Language), own.Model
	d.permitted, d.required = own.Permitted != nil, own.Required != nil
	d.Expect = problempackage.Expectation{Permitted: outcomes(own.Permitted), Required: outcomes(own.Required)}
	for _, pattern := range slices.Sorted(maps.Keys(keys)) {
		if slices.Contains(declaredKeys, pattern) {
			continue
		}
		var group struct {
			Permitted words `json:"permitted"`
			Required  words `json:"required"`
		}
		if err := json.Unmarshal(keys[pattern], &group); err != nil {
			return err
		}
		d.PerGroup = append(d.PerGroup, problempackage.Expectation{
			Tests: pattern, Permitted: outcomes(group.Permitted), Required: outcomes(group.Required),
		})
	}
	return nil
}

// outcomes are those of a list, and nothing where they are all there are: such
// a list asks for nothing.
func outcomes(list []string) []problempackage.Outcome {
	var some []problempackage.Outcome
	for _, word := range list {
		some = append(some, problempackage.Outcome(word))
	}
	if !slices.ContainsFunc(allOutcomes, func(o problempackage.Outcome) bool { return !slices.Contains(some, o) }) {
		return nil
	}
	return some
}

// asks tells whether an expectation asks for anything.
func asks(e problempackage.Expectation) bool { return len(e.Permitted)+len(e.Required) > 0 }

// readSubmissions reads all submissions. One that cannot be judged here says
// why.
func (r *reader) readSubmissions() error {
	declarations, err := r.readDeclarations()
	if err != nil {
		return err
	}
	for _, folder := range problempackage.Programs(r.tree, submissionsFolder) {
		if _, isFile := r.tree.Find(folder); isFile {
			r.left = append(r.left, folder)
			continue
		}
		for _, place := range problempackage.Programs(r.tree, folder) {
			submission, err := r.submission(place, declarations)
			if err != nil {
				return err
			}
			r.p.Submissions = append(r.p.Submissions, *submission)
		}
	}
	return nil
}

func (r *reader) readDeclarations() (map[string]declared, error) {
	declarations := map[string]declared{}
	file, ok := r.tree.Find(submissionsFile)
	if !ok || r.p.Format != problempackage.ICPC {
		return declarations, nil
	}
	body, err := file.Text(problempackage.MaxText)
	if err != nil {
		return nil, err
	}
	_, err = unmarshal(submissionsFile, body, &declarations)
	return declarations, err
}

func (r *reader) submission(place string, declarations map[string]declared) (*problempackage.Submission, error) {
	folder := path.Base(path.Dir(place))
	program, err := r.program(place)
	submission := &problempackage.Submission{Folder: folder, Program: program}
	var cannot *problempackage.Error
	switch {
	case errors.As(err, &cannot):
		submission.Program.Name = path.Base(place)
		submission.Unsupported = cannot.Reason
	case err != nil:
		return nil, err
	}
	r.expect(submission, strings.TrimPrefix(place, submissionsFolder+"/"), declarations)
	return submission, nil
}

// untagged are the four folders in which DOMjudge ignores its tag.
var untagged = []string{"accepted", "wrong_answer", "time_limit_exceeded", "run_time_error"}

// expect finds what is expected of a submission: of its folder, of every
// pattern that matches it, and of DOMjudge's tag.
func (r *reader) expect(s *problempackage.Submission, place string, declarations map[string]declared) {
	s.Expect, _ = problempackage.ExpectedOf(s.Folder, r.p.Format)
	if own, ok := declarations[s.Folder]; ok {
		s.Expect = own.instead(s.Expect)
	}
	if !slices.Contains(untagged, s.Folder) {
		if final := problempackage.TaggedResults(s.Program.Source); final != nil {
			s.Expect = []problempackage.Expectation{{Final: final}}
		}
	}
	for _, pattern := range slices.Sorted(maps.Keys(declarations)) {
		d := declarations[pattern]
		if !problempackage.MatchPath(pattern, place) {
			continue
		}
		s.Model = s.Model || d.Model
		if d.Language != "" {
			setLanguage(s, d.Language)
		}
		if pattern != s.Folder && asks(d.Expect) {
			s.Expect = append(s.Expect, d.Expect)
		}
		s.Expect = append(s.Expect, d.PerGroup...)
	}
}

// instead replaces a folder's expectation by what is stated of it, key by key.
func (d *declared) instead(known []problempackage.Expectation) []problempackage.Expectation {
	if !d.permitted && !d.required {
		return known
	}
	var merged problempackage.Expectation
	if len(known) > 0 {
		merged = known[0]
	}
	if d.permitted {
		merged.Permitted = d.Expect.Permitted
	}
	if d.required {
		merged.Required = d.Expect.Required
	}
	if !asks(merged) {
		return nil
	}
	return []problempackage.Expectation{merged}
}

// codes are the format's names of the languages that are run here.
var codes = map[string]string{"python3": "python", "cpp": "cpp", "java": "java", "go": "go"}

// setLanguage takes over the language that is stated of a submission.
func setLanguage(s *problempackage.Submission, code string) {
	language, ok := codes[code]
	switch {
	case !ok:
		s.Unsupported = "the language " + code + " is not run here"
	case s.Unsupported == "":
		s.Program.Language = language
	}
}

// readIncludes reads what is put beside every submission; the format's
// "default" is for all languages.
func (r *reader) readIncludes() error {
	for _, file := range r.tree.Under("include") {
		parts := strings.Split(file.Name, "/")
		code := parts[1]
		language, ok := codes[code]
		if code == "default" {
			language, ok = "", true
		}
		if !ok || len(parts) != 3 {
			r.p.Note("%s: it is not put beside submissions: %s is no language that is run here, or the file lies in a folder of its own", file.Name, code)
			continue
		}
		body, err := file.Text(problempackage.MaxText)
		if err != nil {
			return err
		}
		if r.p.Includes == nil {
			r.p.Includes = map[string]map[string]string{}
		}
		if r.p.Includes[language] == nil {
			r.p.Includes[language] = map[string]string{}
		}
		r.p.Includes[language][parts[2]] = r.replace.Replace(body)
	}
	return nil
}
