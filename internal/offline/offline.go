// Package offline judges programs against a problem package on one machine:
// one program, or all submissions of the package against what their folders
// declare.
package offline

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/execution/toolchain"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/problempackage"
)

// Engine runs programs; execution/local is one.
type Engine interface {
	Run(ctx context.Context, req execution.Request) (*problem.Report, error)
	Work(ctx context.Context, batch execution.Batch) (*execution.BatchReport, error)
}

// Judge judges programs against one package.
type Judge struct {
	Engine  Engine
	Package *problempackage.Package
	// SameTime gives every language the package's time limit as it stands, as
	// ICPC's judges do. Otherwise the toolchain's factor comes on top.
	SameTime bool
	// Parallel bounds the judgings at a time; 0 is one.
	Parallel int

	limits problem.Limits
}

// Limits are what a program in C++ is allowed, and where the time comes from.
type Limits struct {
	problem.Limits
	// Measured: the package states none.
	Measured bool `json:"measured,omitempty"`
	// Slowest is the time of the slowest accepted submission, as it would be
	// in C++, where the limit was measured by it.
	Slowest time.Duration `json:"slowestNanos,omitempty"`
}

// What counts where a package says nothing, and while its limit is measured.
const (
	// defaultMemory is the "typical system default" of the ICPC format.
	defaultMemory = 2 << 30
	measuringTime = 20 * time.Second
)

// Prepare finds the limits. It has to be called first. An error that is a
// *problempackage.Error is the package's fault.
func (j *Judge) Prepare(ctx context.Context) (*Limits, error) {
	j.limits = j.Package.Limits
	if j.limits.MemoryBytes == 0 {
		j.limits.MemoryBytes = defaultMemory
	}
	if j.limits.Time > 0 {
		return &Limits{Limits: j.limits}, nil
	}
	j.limits.Time = measuringTime
	slowest, err := j.slowest(ctx)
	if err != nil {
		return nil, err
	}
	j.limits.Time = j.Package.Timing.Limit(slowest)
	return &Limits{Limits: j.limits, Measured: true, Slowest: slowest}, nil
}

// slowest is the longest time that any accepted submission takes on any test,
// on the reference machine and without its language's factor.
func (j *Judge) slowest(ctx context.Context) (time.Duration, error) {
	var longest time.Duration
	found := false
	for i := range j.Package.Submissions {
		s := &j.Package.Submissions[i]
		if s.Folder != "accepted" || s.Unsupported != "" {
			continue
		}
		report, err := j.Run(ctx, s.Program)
		if err != nil {
			return 0, err
		}
		if report.Verdict != problem.Accepted {
			return 0, problempackage.Errorf(s.Path(), "the package states no time limit, and its accepted submission is not accepted: %s", Explain(report))
		}
		found = true
		longest = max(longest, j.reference(s.Program.Language, report))
	}
	if !found {
		return 0, problempackage.Errorf("", "the package states no time limit and has no accepted submission to measure one by; state one")
	}
	return longest, nil
}

func (j *Judge) reference(language string, report *problem.Report) time.Duration {
	took := float64(report.MaxCPU())
	if report.Speed > 0 {
		took *= report.Speed
	}
	if tools, ok := toolchain.Lookup(language); ok && !j.SameTime {
		took /= tools.TimeFactor
	}
	return time.Duration(took)
}

// Run judges a program on every test of the package.
func (j *Judge) Run(ctx context.Context, program problem.Program) (*problem.Report, error) {
	program = j.Package.WithIncludes(program)
	results := make([]*problem.TestResult, len(j.Package.Tests))
	var whole *problem.Report
	for _, group := range j.groups() {
		report, err := j.part(ctx, program, group)
		if err != nil {
			return nil, fmt.Errorf("judge %s: %w", program.Name, err)
		}
		if whole == nil {
			whole = report
		}
		if report.Verdict == problem.CompileError {
			return report, nil
		}
		for i := range report.Tests {
			results[group.tests[i]] = &report.Tests[i]
		}
	}
	return merge(whole, results), nil
}

// group are the tests that one checker decides on.
type group struct {
	checker problem.Checker
	tests   []int
}

func (j *Judge) groups() []group {
	var groups []group
	at := map[string]int{}
	for i := range j.Package.Tests {
		checker := j.Package.CheckerOf(&j.Package.Tests[i])
		// A checker is strings, numbers and booleans.
		key, _ := json.Marshal(checker)
		n, ok := at[string(key)]
		if !ok {
			n = len(groups)
			at[string(key)] = n
			groups = append(groups, group{checker: checker})
		}
		groups[n].tests = append(groups[n].tests, i)
	}
	return groups
}

// merge is one report of all tests, in the package's order. The first that is
// not accepted decides.
func merge(report *problem.Report, results []*problem.TestResult) *problem.Report {
	report.Verdict, report.Passed, report.Total, report.Tests = problem.Accepted, 0, len(results), nil
	for _, result := range results {
		if result == nil {
			continue
		}
		report.Tests = append(report.Tests, *result)
		switch {
		case result.Verdict == problem.Accepted:
			report.Passed++
		case report.Verdict == problem.Accepted:
			report.Verdict = result.Verdict
		}
	}
	return report
}

// part judges a program on the tests of one checker. One of several files is
// run as a tool is: a submission has only one.
func (j *Judge) part(ctx context.Context, program problem.Program, g group) (*problem.Report, error) {
	if len(program.Files) > 0 {
		return j.partOfFiles(ctx, program, g)
	}
	request := execution.Request{
		Key: "offline/" + program.Name, Priority: execution.PrioritySubmission, Language: program.Language, Source: program.Source,
		Limits: j.limitsOf(program.Language), Checker: g.checker, Tools: j.tools(g.checker),
	}
	for _, i := range g.tests {
		test := &j.Package.Tests[i]
		request.Tests = append(request.Tests, execution.Test{Name: test.Name, Input: test.Input, Answer: test.Answer})
	}
	return j.Engine.Run(ctx, request)
}

func (j *Judge) tools(checker problem.Checker) []problem.Program {
	if checker.Program == "" {
		return nil
	}
	return []problem.Program{*j.Package.CheckerProgram}
}

// limitsOf are the limits that are asked for a program in a language.
func (j *Judge) limitsOf(language string) problem.Limits {
	limits := j.limits
	if tools, ok := toolchain.Lookup(language); ok && j.SameTime {
		limits.Time = time.Duration(float64(limits.Time) / tools.TimeFactor)
	}
	return limits
}

func (j *Judge) partOfFiles(ctx context.Context, program problem.Program, g group) (*problem.Report, error) {
	const name = "submission"
	program.Name = name
	batch := execution.Batch{
		Key: "offline/" + name, Priority: execution.PrioritySubmission, Checker: g.checker,
		Programs: append([]problem.Program{program}, j.tools(g.checker)...),
	}
	for _, i := range g.tests {
		test := &j.Package.Tests[i]
		batch.Steps = append(batch.Steps, execution.Step{
			Name: test.Name, Program: name, Input: test.Input, Answer: test.Answer, Limits: j.limitsOf(program.Language),
		})
	}
	done, err := j.Engine.Work(ctx, batch)
	if err != nil {
		return nil, err
	}
	tools, err := toolchain.Find(program.Language)
	if err != nil {
		return nil, err
	}
	report := &problem.Report{Limits: tools.Limits(j.limitsOf(program.Language)), Speed: done.Speed, Total: len(batch.Steps), SandboxLost: done.SandboxLost}
	if log, ok := done.CompileLogs[name]; ok {
		report.Verdict, report.CompileLog = problem.CompileError, log
		return report, nil
	}
	return report, addSteps(report, done)
}

// addSteps makes results of tests from steps.
func addSteps(report *problem.Report, done *execution.BatchReport) error {
	for i := range done.Steps {
		step := &done.Steps[i]
		if step.Verdict == "" && done.SandboxLost {
			step.Verdict, step.Detail = problem.RuntimeError, "the program ended the sandbox it ran in"
		}
		if step.Verdict == "" || step.Verdict == problem.JudgeError {
			return &execution.Error{
				Class: execution.ClassStalled, Reason: execution.ReasonCheckerFailed,
				Message: fmt.Sprintf("%s was not judged: %s %s", step.Name, step.Detail, step.Stderr),
			}
		}
		report.Tests = append(report.Tests, problem.TestResult{
			Name: step.Name, Verdict: step.Verdict, CPU: step.CPU, MemoryBytes: step.MemoryBytes,
			ExitCode: step.ExitCode, Signal: step.Signal, Stderr: step.Stderr, Detail: step.Detail,
		})
	}
	return nil
}

// Explain says in one line why a report is not accepted.
func Explain(report *problem.Report) string {
	failure := report.FirstFailure()
	if failure == nil {
		return string(report.Verdict)
	}
	return fmt.Sprintf("%s on %s: %s", failure.Verdict, failure.Name, failure.Detail)
}

// Near are the accepted tests whose time comes within a factor of 1.5 of the
// limit: on a slower day they might not be.
func Near(report *problem.Report) []string {
	var names []string
	for i := range report.Tests {
		test := &report.Tests[i]
		if test.Verdict == problem.Accepted && report.Limits.Near(test.CPU) {
			names = append(names, test.Name)
		}
	}
	return slices.Clip(names)
}
