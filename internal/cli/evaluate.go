package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/algoitny/algoitny-operator/internal/archive"
	"github.com/algoitny/algoitny-operator/internal/evaluate"
	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/offline"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/problempackage"
	"github.com/algoitny/algoitny-operator/internal/problempackage/formats"
)

const (
	evaluateUsage = "evaluate (--suite FILE | --package DIR|ZIP) --programs DIR [--parallel N] [--json] [--svg FILE]"
	evaluateHelp  = `judge labelled programs with a suite (its JSON) or a package, and say
how good the tests are: TPR and TNR with 95 % intervals (Wilson), the
kill matrix and the smallest subset that kills as many. The programs lie
in accepted/ or correct/ and in folders named by verdicts`
)

type evaluateOptions struct {
	suite, location, programs, svg string
	json                           bool
	parallel                       int
}

func evaluateFlags(e *Environment, args []string) (*evaluateOptions, error) {
	o := &evaluateOptions{}
	set := flag.NewFlagSet("evaluate", flag.ContinueOnError)
	set.StringVar(&o.suite, "suite", "", "the suite, as JSON")
	set.StringVar(&o.location, "package", "", "the problem package: a folder or a ZIP file")
	set.StringVar(&o.programs, "programs", "", "the folder with the labelled programs")
	set.StringVar(&o.svg, "svg", "", "where to draw the kill matrix")
	set.IntVar(&o.parallel, "parallel", runtime.NumCPU(), "how many programs are judged at a time")
	set.BoolVar(&o.json, "json", false, "write JSON")
	if _, err := e.flags(set, args, 0); err != nil {
		return nil, err
	}
	switch {
	case (o.suite == "") == (o.location == ""):
		return nil, usagef("either --suite or --package is needed")
	case o.programs == "":
		return nil, usagef("--programs is missing")
	}
	return o, nil
}

// subject judges programs on a list of tests.
type subject struct {
	tests []string
	judge func(ctx context.Context, program problem.Program) (*problem.Report, error)
}

// labelled is a program of known worth.
type labelled struct {
	problem.Program
	correct bool
}

// evaluated is what evaluate writes as JSON.
type evaluated struct {
	*evaluate.Evaluation
	// Skipped are the programs that were not judged, and why.
	Skipped map[string]string `json:"skipped,omitempty"`
}

func runEvaluate(ctx context.Context, e *Environment, args []string) (int, error) {
	o, err := evaluateFlags(e, args)
	if err != nil {
		return 0, err
	}
	result := &evaluated{Skipped: map[string]string{}}
	programs, err := readLabelled(o.programs, result.Skipped)
	if err != nil {
		return 0, err
	}
	engine, err := e.Engine()
	if err != nil {
		return 0, err
	}
	s, done, err := e.subject(ctx, o, engine)
	if err != nil {
		return 0, err
	}
	defer func() { _ = done() }()
	judged, err := judgeLabelled(ctx, s, programs, o.parallel, result.Skipped)
	if err != nil {
		return 0, err
	}
	result.Evaluation = evaluate.Evaluate(s.tests, judged)
	if o.svg != "" {
		if err := drawMatrix(o.svg, result.Evaluation); err != nil {
			return 0, err
		}
	}
	if o.json {
		return ExitOK, e.json(result)
	}
	return ExitOK, e.evaluation(result)
}

func drawMatrix(place string, of *evaluate.Evaluation) error {
	var picture bytes.Buffer
	if err := of.SVG(&picture); err != nil {
		return err
	}
	return os.WriteFile(place, picture.Bytes(), 0o644) //nolint:gosec // a picture for everybody
}

// subject is the package or the suite that programs are judged with.
func (e *Environment) subject(ctx context.Context, o *evaluateOptions, engine offline.Engine) (*subject, func() error, error) {
	if o.suite != "" {
		s, err := suiteSubject(o.suite, engine)
		return s, func() error { return nil }, err
	}
	p, done, err := formats.Open(o.location)
	if err != nil {
		return nil, nil, err
	}
	e.note(p.Notes)
	j := &offline.Judge{Engine: engine, Package: p}
	if _, err := j.Prepare(ctx); err != nil {
		return nil, nil, errors.Join(err, done())
	}
	s := &subject{judge: j.Run}
	for i := range p.Tests {
		s.tests = append(s.tests, p.Tests[i].Name)
	}
	return s, done, nil
}

func suiteSubject(place string, engine offline.Engine) (*subject, error) {
	raw, err := os.ReadFile(place) //nolint:gosec // the user names the file
	if err != nil {
		return nil, err
	}
	suite := &problem.Suite{}
	if err := json.Unmarshal(raw, suite); err != nil {
		return nil, problempackage.Errorf(place, "it is not the JSON of a suite: %v", err)
	}
	s := &subject{judge: func(ctx context.Context, program problem.Program) (*problem.Report, error) {
		if len(program.Files) > 0 {
			return nil, &execution.UnsupportedError{Language: program.Language, Message: "a program of several files cannot be judged with a suite"}
		}
		request := execution.Request{Key: "offline/" + program.Name, Priority: execution.PrioritySubmission, Language: program.Language, Source: program.Source}
		request.Use(suite)
		return engine.Run(ctx, request)
	}}
	for i := range suite.Tests {
		s.tests = append(s.tests, suite.Tests[i].Name)
	}
	if len(s.tests) == 0 {
		return nil, problempackage.Errorf(place, "the suite has no tests")
	}
	return s, nil
}

// labels are the folders that tell what a program is worth, beside those of
// the problem package format.
var labels = map[string]bool{"correct": true, "wrong": false, "incorrect": false}

// labelOf tells whether the programs of a folder are correct, and whether its
// name says so. One that does not compile tests no tests.
func labelOf(folder string) (correct, known bool) {
	if label, ok := labels[folder]; ok {
		return label, true
	}
	_, known = problempackage.ExpectedOf(folder, problempackage.ICPC)
	return folder == "accepted", known && folder != "compile_error" && folder != "compiler_error"
}

// readLabelled reads the programs of a folder of folders.
func readLabelled(location string, skipped map[string]string) ([]labelled, error) {
	tree, err := archive.Open(location)
	if err != nil {
		return nil, err
	}
	defer func() { _ = tree.Close() }()
	var programs []labelled
	for _, place := range programPlaces(tree) {
		correct, known := labelOf(path.Dir(place))
		if !known {
			skipped[place] = "its folder does not say whether it is right"
			continue
		}
		program, err := problempackage.ReadProgram(tree, place)
		var cannot *problempackage.Error
		switch {
		case errors.As(err, &cannot):
			skipped[place] = cannot.Reason
			continue
		case err != nil:
			return nil, err
		}
		program.Name = place
		programs = append(programs, labelled{program, correct})
	}
	if len(programs) == 0 {
		return nil, usagef("%s has no programs in accepted/, correct/ or in folders named by verdicts such as wrong_answer/", location)
	}
	return programs, nil
}

// programPlaces are the programs of all folders of a tree.
func programPlaces(tree *archive.Tree) []string {
	var places []string
	var folders []string
	for _, file := range tree.Files() {
		if folder, _, ok := strings.Cut(file.Name, "/"); ok && !slices.Contains(folders, folder) {
			folders = append(folders, folder)
			places = append(places, problempackage.Programs(tree, folder)...)
		}
	}
	return places
}

// judgeLabelled judges all programs on all tests. One that does not compile or
// cannot be run here says nothing about the tests.
func judgeLabelled(ctx context.Context, s *subject, programs []labelled, parallel int, skipped map[string]string) ([]evaluate.Program, error) {
	reports := make([]*problem.Report, len(programs))
	reasons := make([]string, len(programs))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(1, parallel))
	for i := range programs {
		group.Go(func() error {
			report, err := s.judge(ctx, programs[i].Program)
			var unsupported *execution.UnsupportedError
			switch {
			case errors.As(err, &unsupported):
				reasons[i] = unsupported.Error()
				return nil
			case err != nil:
				return err
			case report.Verdict == problem.CompileError:
				reasons[i] = "it does not compile"
			}
			reports[i] = report
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var judged []evaluate.Program
	for i := range programs {
		if reasons[i] != "" {
			skipped[programs[i].Name] = reasons[i]
			continue
		}
		judged = append(judged, evaluate.Program{
			Name: programs[i].Name, Language: programs[i].Language, Correct: programs[i].correct, Verdicts: verdicts(s.tests, reports[i]),
		})
	}
	return judged, nil
}

func verdicts(tests []string, report *problem.Report) []problem.Verdict {
	all := make([]problem.Verdict, len(tests))
	for i := range report.Tests {
		if at := slices.Index(tests, report.Tests[i].Name); at >= 0 {
			all[at] = report.Tests[i].Verdict
		}
	}
	return all
}

func (e *Environment) evaluation(result *evaluated) error {
	for _, name := range slices.Sorted(maps.Keys(result.Skipped)) {
		e.note([]string{fmt.Sprintf("%s is not judged: %s", name, result.Skipped[name])})
	}
	if err := result.Matrix(e.Out); err != nil {
		return err
	}
	e.say("\n%s", strings.Join(result.Summary(), "\n"))
	for _, list := range []struct {
		words string
		names []string
	}{{"correct and rejected", result.Rejected}, {"wrong and accepted", result.Survivors}} {
		if len(list.names) > 0 {
			e.say("%s: %s", list.words, strings.Join(list.names, ", "))
		}
	}
	e.say("")
	lines := [][]string{{"TEST", "KILLS MORE"}}
	for i, test := range result.Smallest.Tests {
		lines = append(lines, []string{test, strconv.Itoa(result.Smallest.Kills[i])})
	}
	return e.table(lines)
}
