package icpc

import (
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/problempackage"
)

// outputArgs are what a test's output validator is given.
func (w *writer) outputArgs(test *problempackage.Test) []string {
	checker := w.p.CheckerOf(test)
	if w.p.CheckerProgram != nil {
		return checker.Args
	}
	return arguments(checker.Rules)
}

// commonOutputArgs are those of all tests, if they are the same.
func (w *writer) commonOutputArgs() ([]string, bool) {
	for i := range w.p.Tests {
		if w.p.Tests[i].Checker != nil {
			return nil, false
		}
	}
	if w.p.CheckerProgram != nil {
		return w.p.Checker.Args, true
	}
	return arguments(w.p.Checker.Rules), true
}

// settings are what is written of a test's configuration.
type settings struct {
	output []string
	input  problempackage.Args
}

func (w *writer) tests() {
	byFolder := map[string][]settings{}
	needed := false
	_, common := w.commonOutputArgs()
	all := slices.Concat(w.p.Tests, w.p.InvalidInputs)
	of := make([]settings, len(all))
	for i := range all {
		test := &all[i]
		s := settings{input: test.ValidatorArgs}
		if test.Answer != nil && (!w.legacy || !common) {
			s.output = w.outputArgs(test)
		}
		of[i] = s
		needed = needed || len(s.output) > 0 || len(s.input.All)+len(s.input.Named) > 0
		folder := path.Dir(test.Name)
		byFolder[folder] = append(byFolder[folder], s)
		w.test(test)
	}
	if needed {
		for _, folder := range keysOf(byFolder) {
			w.group(folder, byFolder[folder])
		}
	}
	for i := range all {
		w.testSettings(&all[i], of[i], byFolder[path.Dir(all[i].Name)][0])
	}
}

func (w *writer) test(test *problempackage.Test) {
	base := dataFolder + "/" + test.Name
	w.Put(base+".in", test.Input)
	if test.Answer != nil {
		w.Put(base+".ans", test.Answer)
	}
	if w.legacy && test.Description != "" {
		w.addText(base+".desc", test.Description+"\n")
	}
}

// group writes the configuration of a folder of tests: that of its first.
func (w *writer) group(folder string, tests []settings) {
	name := dataFolder + "/" + folder + "/" + groupFiles[problempackage.ICPC]
	if !w.legacy {
		w.addYAML(name, keysFor(tests[0]))
		return
	}
	name = dataFolder + "/" + folder + "/" + groupFiles[problempackage.ICPCLegacy]
	for _, other := range tests {
		if !reflect.DeepEqual(other, tests[0]) {
			w.Fail(problempackage.Errorf(name, "the legacy format cannot give tests of one group different arguments; use %s", problempackage.ICPC))
			return
		}
	}
	keys := map[string]any{}
	if len(tests[0].output) > 0 {
		keys["output_validator_flags"] = w.flags(tests[0].output)
	}
	switch input := tests[0].input; {
	case len(input.All) > 0:
		keys["input_validator_flags"] = w.flags(input.All)
	case len(input.Named) == 1:
		for validator, args := range input.Named {
			keys["input_validator_flags"] = map[string]string{"name": validator, "flags": w.flags(args)}
		}
	case len(input.Named) > 1:
		w.Fail(problempackage.Errorf(name, "the legacy format cannot give arguments to more than one input validator; use %s", problempackage.ICPC))
	}
	w.addYAML(name, keys)
}

// flags are arguments in one line.
func (w *writer) flags(args []string) string {
	for _, arg := range args {
		if len(strings.Fields(arg)) != 1 {
			w.Fail(problempackage.Errorf("", "the legacy format cannot have the argument %q: blanks separate them; use %s", arg, problempackage.ICPC))
		}
	}
	return strings.Join(args, " ")
}

func keysFor(s settings) map[string]any {
	keys := map[string]any{}
	if s.output != nil {
		keys["output_validator_args"] = s.output
	}
	switch {
	case s.input.Named != nil:
		keys["input_validator_args"] = s.input.Named
	case s.input.All != nil:
		keys["input_validator_args"] = s.input.All
	}
	return keys
}

// testSettings writes what one test has beyond its group.
func (w *writer) testSettings(test *problempackage.Test, own, group settings) {
	if w.legacy {
		return
	}
	keys := map[string]any{}
	if !reflect.DeepEqual(own, group) {
		keys = keysFor(settings{output: append([]string{}, own.output...), input: own.input})
		if own.input.All == nil && own.input.Named == nil {
			keys["input_validator_args"] = []string{}
		}
	}
	if test.Description != "" {
		keys["description"] = test.Description
	}
	if len(keys) > 0 {
		w.addYAML(dataFolder+"/"+test.Name+".yaml", keys)
	}
}

// submissionFolders are where submissions go that have no folder of their own
// in the format.
var submissionFolders = map[string]string{
	"memory_limit_exceeded": "run_time_error", "output_limit_exceeded": "run_time_error", "no_output": "wrong_answer",
}

// submissions writes every submission, and submissions.yaml where the folders
// alone would ask for something else.
func (w *writer) submissions() {
	format := problempackage.ICPC
	if w.legacy {
		format = problempackage.ICPCLegacy
	}
	declarations := map[string]any{}
	byFolder := map[string][]placed{}
	for i := range w.p.Submissions {
		s := &w.p.Submissions[i]
		if s.Unsupported != "" && s.Program.Source == "" {
			w.Note("the submission %s is left out: %s", s.Path(), s.Unsupported)
			continue
		}
		folder := s.Folder
		if other, ok := submissionFolders[folder]; ok {
			folder = other
		}
		place := strings.TrimPrefix(w.program(submissionsFolder+"/"+folder, s.Program), submissionsFolder+"/")
		byFolder[folder] = append(byFolder[folder], placed{place, s})
		if s.Model {
			declarations[place] = map[string]any{"model_solution": true}
		}
	}
	for _, folder := range keysOf(byFolder) {
		w.expectations(folder, format, byFolder[folder], declarations)
	}
	if len(declarations) > 0 && !w.legacy {
		w.addYAML(submissionsFile, declarations)
	}
}

// placed is a submission and where it was written.
type placed struct {
	place string
	*problempackage.Submission
}

// expectations declares what is expected of the submissions of a folder where
// its name does not say so.
func (w *writer) expectations(folder string, format problempackage.Format, all []placed, declarations map[string]any) {
	byName, named := problempackage.ExpectedOf(folder, format)
	plain := func(s placed) bool {
		return reflect.DeepEqual(s.Expect, byName) || problempackage.TaggedResults(s.Program.Source) != nil && !slices.Contains(untagged, folder)
	}
	if !slices.ContainsFunc(all, func(s placed) bool { return !plain(s) }) {
		return
	}
	if w.legacy {
		w.Note("what is expected of submissions/%s goes beyond what its name says in the legacy format, and is left out", folder)
		return
	}
	same := !slices.ContainsFunc(all, func(s placed) bool { return !reflect.DeepEqual(s.Expect, all[0].Expect) })
	if same && len(all[0].Expect) == 1 && all[0].Expect[0].Tests == "" && len(all[0].Expect[0].Final) == 0 {
		declarations[folder] = keysOfExpectation(all[0].Expect[0])
		return
	}
	// The folder asks for nothing, and each submission for its own.
	if named {
		declarations[folder] = keysOfExpectation(problempackage.Expectation{})
	}
	for _, s := range all {
		w.declare(s, declarations)
	}
}

var allOutcomes = []problempackage.Outcome{problempackage.AC, problempackage.WA, problempackage.TLE, problempackage.RTE}

func keysOfExpectation(e problempackage.Expectation) map[string]any {
	keys := map[string]any{"permitted": e.Permitted, "required": e.Required}
	for key, list := range map[string][]problempackage.Outcome{"permitted": e.Permitted, "required": e.Required} {
		if len(list) == 0 {
			keys[key] = allOutcomes
		}
	}
	return keys
}

// declare writes what is expected of one submission. A pattern can be there
// only once, so that of several expectations on the same tests the first is
// written under the path, and the next under patterns that match the same.
func (w *writer) declare(s placed, declarations map[string]any) {
	keys, _ := declarations[s.place].(map[string]any)
	if keys == nil {
		keys = map[string]any{}
	}
	for _, e := range s.Expect {
		switch {
		case len(e.Final) > 0:
			w.Note("submissions/%s: that its final verdict is one of %v cannot be said in this format, and is left out", s.place, e.Final)
		case e.Tests != "":
			keys[e.Tests] = keysOfExpectation(e)
		case keys["permitted"] == nil:
			for key, value := range keysOfExpectation(e) {
				keys[key] = value
			}
		default:
			keys["{sample,secret}"] = keysOfExpectation(e)
		}
	}
	if len(keys) > 0 {
		declarations[s.place] = keys
	}
}
