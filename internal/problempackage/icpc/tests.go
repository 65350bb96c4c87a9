package icpc

import (
	"path"
	"slices"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/archive"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/problempackage"
)

const dataFolder = "data"

// testFiles collects the files of each test by its name below data.
type testFiles struct {
	input, answer, config, description *archive.File
}

// readTests reads the sample and the secret tests, in the format's order:
// sample first, then by the names of tests and groups.
func (r *reader) readTests() error {
	files := map[string]*testFiles{}
	var names []string
	for _, file := range r.tree.Under(dataFolder) {
		stem, ok := r.collect(files, file)
		if ok {
			names = append(names, stem)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return slices.Compare(strings.Split(a, "/"), strings.Split(b, "/")) })
	var args [][]string
	for _, name := range names {
		if err := r.test(name, files[name], &args); err != nil {
			return err
		}
	}
	return r.setCheckers(args)
}

// collect files a file under the test it belongs to, and tells whether it
// declares one.
func (r *reader) collect(files map[string]*testFiles, file archive.File) (string, bool) {
	name := strings.TrimPrefix(file.Name, dataFolder+"/")
	ending := path.Ext(name)
	stem := strings.TrimSuffix(name, ending)
	if files[stem] == nil {
		files[stem] = &testFiles{}
	}
	known := files[stem]
	switch group, _, _ := strings.Cut(name, "/"); {
	case path.Base(name) == "testdata.yaml" || path.Base(name) == "test_group.yaml":
		if path.Base(name) != groupFiles[r.p.Format] {
			r.p.Note("%s: it is not read; this version of the format has %s", file.Name, groupFiles[r.p.Format])
		}
	case group != "sample" && group != "secret" && group != "invalid_input":
		r.other(file.Name, file)
	case ending == ".in":
		known.input = &file
		return stem, true
	case ending == ".ans":
		known.answer = &file
	case ending == ".yaml" && r.p.Format == problempackage.ICPC:
		known.config = &file
	case ending == ".desc" && r.p.Format == problempackage.ICPCLegacy:
		known.description = &file
	default:
		r.other(file.Name, file)
	}
	return "", false
}

// test adds one test. What its output validator is given is added to args.
func (r *reader) test(name string, files *testFiles, args *[][]string) error {
	input := *files.input
	if len(r.tree.Under(dataFolder+"/"+name+".files")) > 0 {
		return problempackage.Errorf(input.Name, "the test has files beside its input, which programs are not given here")
	}
	settings, err := r.settings(name, files)
	if err != nil {
		return err
	}
	if settings.Args != nil && len(*settings.Args) > 0 {
		return problempackage.Errorf(input.Name, "the test has arguments for the program; programs only read their input here")
	}
	test := problempackage.Test{
		Name: name, Sample: strings.HasPrefix(name, "sample/"), Input: input, InputSize: input.Size, Description: string(settings.Description),
	}
	if settings.InputArgs != nil {
		test.ValidatorArgs = settings.InputArgs.Args
	}
	if strings.HasPrefix(name, "invalid_input/") {
		r.p.InvalidInputs = append(r.p.InvalidInputs, test)
		return nil
	}
	if files.answer == nil {
		return problempackage.Errorf(input.Name, "the test has no answer; %s.ans is missing", strings.TrimSuffix(input.Name, ".in"))
	}
	test.Answer, test.AnswerSize = *files.answer, files.answer.Size
	r.p.Tests = append(r.p.Tests, test)
	own := slices.Clone(r.meta.ValidatorFlags)
	if settings.OutputArgs != nil {
		own = append(own, *settings.OutputArgs...)
	}
	*args = append(*args, own)
	return nil
}

func (r *reader) settings(name string, files *testFiles) (config, error) {
	settings, err := r.groups.of(path.Dir(dataFolder + "/" + name))
	if err != nil {
		return config{}, err
	}
	if files.config != nil {
		own, _, err := r.groups.read(files.config.Name)
		return own.over(settings), err
	}
	if files.description != nil {
		body, err := files.description.Text(problempackage.MaxText)
		settings.Description = text(strings.TrimSpace(body))
		return settings, err
	}
	return settings, nil
}

// setCheckers makes a checker of what each test's output validator is given.
func (r *reader) setCheckers(args [][]string) error {
	checkers := make([]problem.Checker, len(args))
	for i := range args {
		checkers[i] = r.p.Checker
		if r.p.CheckerProgram != nil {
			if len(args[i]) > 0 {
				checkers[i].Args = args[i]
			}
			continue
		}
		rules, err := rules(r.p.Tests[i].Name, args[i])
		if err != nil {
			return err
		}
		checkers[i].Rules = rules
	}
	r.p.SetCheckers(checkers)
	return nil
}
