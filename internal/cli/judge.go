package cli

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/execution/toolchain"
	"github.com/algoitny/algoitny-operator/internal/offline"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/problempackage"
	"github.com/algoitny/algoitny-operator/internal/problempackage/formats"
)

const (
	judgeUsage = "judge --package DIR|ZIP (--submission FILE [--language L] | --all) [--same-time] [--parallel N] [--json]"
	judgeHelp  = `judge a program on this machine against a problem package (ICPC/Kattis
legacy and 2023-07, DOMjudge, Polygon), or with --all every submission
of the package against what its folder declares. Exit code 0: accepted,
or all as declared; 1: not; 2: the command or the package is wrong;
3: nothing could be judged. A language's factor comes on top of the
time limit unless --same-time is given`
)

// judgeOptions are the flags of judge.
type judgeOptions struct {
	location, submission, language string
	all, json, sameTime            bool
	parallel                       int
}

func judgeFlags(e *Environment, args []string) (*judgeOptions, error) {
	o := &judgeOptions{}
	set := flag.NewFlagSet("judge", flag.ContinueOnError)
	set.StringVar(&o.location, "package", "", "the problem package: a folder or a ZIP file")
	set.StringVar(&o.submission, "submission", "", "the program to judge")
	set.StringVar(&o.language, "language", "", "its language; otherwise that of its ending")
	set.BoolVar(&o.all, "all", false, "judge all submissions of the package")
	set.BoolVar(&o.sameTime, "same-time", false, "give every language the same time, as ICPC's judges do")
	set.IntVar(&o.parallel, "parallel", runtime.NumCPU(), "how many programs are judged at a time, with --all")
	set.BoolVar(&o.json, "json", false, "write JSON")
	if _, err := e.flags(set, args, 0); err != nil {
		return nil, err
	}
	if o.location == "" {
		return nil, usagef("--package is missing")
	}
	if o.all == (o.submission != "") {
		return nil, usagef("either --submission or --all is needed")
	}
	return o, nil
}

// judged is what judge writes as JSON.
type judged struct {
	Package  string                `json:"package"`
	Format   problempackage.Format `json:"format"`
	Limits   *offline.Limits       `json:"limits"`
	Notes    []string              `json:"notes,omitempty"`
	Report   *problem.Report       `json:"report,omitempty"`
	Near     []string              `json:"near,omitempty"`
	Judged   []offline.Judged      `json:"judged,omitempty"`
	Differ   int                   `json:"differ"`
	Skipped  int                   `json:"skipped"`
	Language string                `json:"language,omitempty"`
}

func runJudge(ctx context.Context, e *Environment, args []string) (int, error) {
	o, err := judgeFlags(e, args)
	if err != nil {
		return 0, err
	}
	var program problem.Program
	if !o.all {
		if program, err = readSubmission(o.submission, o.language); err != nil {
			return 0, err
		}
	}
	p, done, err := formats.Open(o.location)
	if err != nil {
		return 0, err
	}
	defer func() { _ = done() }()
	engine, err := e.Engine()
	if err != nil {
		return 0, err
	}
	j := &offline.Judge{Engine: engine, Package: p, SameTime: o.sameTime, Parallel: o.parallel}
	if err := j.CheckInputs(ctx); err != nil {
		return 0, err
	}
	limits, err := j.Prepare(ctx)
	if err != nil {
		return 0, err
	}
	result := &judged{Package: p.Name, Format: p.Format, Limits: limits, Notes: p.Notes}
	if !o.json {
		e.heading(p, limits)
	}
	if o.all {
		return e.judgeAll(ctx, j, result, o.json)
	}
	return e.judgeOne(ctx, j, program, result, o.json)
}

// readSubmission reads a program of the user's.
func readSubmission(place, language string) (problem.Program, error) {
	info, err := os.Stat(place)
	if err != nil {
		return problem.Program{}, err
	}
	if !info.Mode().IsRegular() || info.Size() > problempackage.MaxText {
		return problem.Program{}, usagef("%s is no file of at most %d KiB", place, problempackage.MaxText>>10)
	}
	if language == "" {
		known, ok := problempackage.Language(place)
		if !ok {
			return problem.Program{}, usagef("%s does not say its language by its ending; give one with --language: %s", place, strings.Join(toolchain.Names(), ", "))
		}
		language = known
	}
	if _, err := toolchain.Find(language); err != nil {
		return problem.Program{}, err
	}
	source, err := os.ReadFile(place) //nolint:gosec // the user names the file
	return problem.Program{Name: filepath.Base(place), Language: language, Source: string(source)}, err
}

// heading says what is judged against.
func (e *Environment) heading(p *problempackage.Package, limits *offline.Limits) {
	e.note(p.Notes)
	e.say("package  %s (%s): %s", p.Name, p.Format, p.Title)
	inputs := "there is no input validator to check them"
	if n := len(p.Validators); n > 0 {
		inputs = fmt.Sprintf("%d validators accept all inputs", n)
		if n == 1 {
			inputs = "the validator accepts all inputs"
		}
		if invalid := len(p.InvalidInputs); invalid > 0 {
			inputs += fmt.Sprintf(" and rejects the %d invalid ones", invalid)
		}
	}
	e.say("tests    %d; %s", len(p.Tests), inputs)
	from := "of the package"
	if limits.Measured {
		from = measuredBy(p, limits)
	}
	e.say("limits   %s for a program in C++ (%s)\n", limitsText(limits.Limits), from)
}

// measuredBy says where a time limit comes from that the package does not state.
func measuredBy(p *problempackage.Package, limits *offline.Limits) string {
	return fmt.Sprintf("the package states no time: %g × the slowest accepted submission, which takes %s, rounded up to %v",
		p.Timing.Multiplier, milliseconds(limits.Slowest), p.Timing.Resolution)
}

func (e *Environment) judgeOne(ctx context.Context, j *offline.Judge, program problem.Program, result *judged, asJSON bool) (int, error) {
	report, err := j.Run(ctx, program)
	if err != nil {
		return 0, err
	}
	result.Report, result.Near, result.Language = report, offline.Near(report), program.Language
	code := ExitOther
	if report.Verdict == problem.Accepted {
		code = ExitOK
	}
	if asJSON {
		return code, e.json(result)
	}
	return code, e.report(program, result)
}

// report writes one judging for a person.
func (e *Environment) report(program problem.Program, result *judged) error {
	report := result.Report
	if report.Verdict == problem.CompileError {
		e.say("%s (%s): CE, it does not compile\n%s", program.Name, program.Language, report.CompileLog)
		return nil
	}
	lines := [][]string{{"TEST", "VERDICT", "TIME", "MEMORY", ""}}
	near := map[string]bool{}
	for _, name := range result.Near {
		near[name] = true
	}
	for i := range report.Tests {
		test := &report.Tests[i]
		remark := ""
		if near[test.Name] {
			remark = "near the limit"
		}
		lines = append(lines, []string{test.Name, string(test.Verdict), milliseconds(test.CPU), mebibytes(test.MemoryBytes), remark})
	}
	if err := e.table(lines); err != nil {
		return err
	}
	e.say("\n%s (%s): %s, passed %d of %d tests, allowed %s", program.Name, program.Language, report.Verdict, report.Passed, report.Total, limitsText(report.Limits))
	if failure := report.FirstFailure(); failure != nil {
		e.say("first failure: %s on %s: %s", failure.Verdict, failure.Name, failure.Detail)
		if failure.Stderr != "" {
			e.say("it said on standard error:\n%s", strings.TrimRight(failure.Stderr, "\n"))
		}
	}
	return nil
}

func (e *Environment) judgeAll(ctx context.Context, j *offline.Judge, result *judged, asJSON bool) (int, error) {
	var err error
	if result.Judged, err = j.All(ctx); err != nil {
		return 0, err
	}
	for i := range result.Judged {
		switch one := &result.Judged[i]; {
		case one.Skipped != "":
			result.Skipped++
		case one.Differs != "":
			result.Differ++
		}
	}
	code := ExitOK
	if result.Differ > 0 {
		code = ExitOther
	}
	if asJSON {
		return code, e.json(result)
	}
	return code, e.reportAll(result)
}

func (e *Environment) reportAll(result *judged) error {
	lines := [][]string{{"SUBMISSION", "LANGUAGE", "VERDICT", "PASSED", "TIME", "EXPECTED", ""}}
	for i := range result.Judged {
		one := &result.Judged[i]
		line := []string{one.Name, one.Language, "–", "", "", one.Expected, ""}
		switch {
		case one.Skipped != "":
			line[6] = "not judged: " + one.Skipped
		case one.Differs != "":
			line[6] = "DIFFERS: " + one.Differs
		case len(one.Near) > 0:
			line[6] = "near the limit on " + strings.Join(one.Near, ", ")
		case one.Expected == "":
			line[6] = "its folder declares nothing"
		default:
			line[6] = "as declared"
		}
		if r := one.Report; r != nil {
			line[2], line[3], line[4] = string(r.Verdict), fmt.Sprintf("%d/%d", r.Passed, r.Total), milliseconds(r.MaxCPU())
		}
		lines = append(lines, line)
	}
	if err := e.table(lines); err != nil {
		return err
	}
	nothing := 0
	for i := range result.Judged {
		if one := &result.Judged[i]; one.Skipped == "" && one.Expected == "" {
			nothing++
		}
	}
	e.say("\n%d submissions: %d as declared, %d differ, %d not judged, of %d nothing is declared",
		len(result.Judged), len(result.Judged)-result.Differ-result.Skipped-nothing, result.Differ, result.Skipped, nothing)
	return nil
}
