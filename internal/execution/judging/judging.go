// Package judging leads one judging: it has an agent compile the program and
// run it on every test, compares what comes out and writes the report. All
// backends share it; they differ in where the agents live.
package judging

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/execution/protocol"
	"github.com/algoitny/algoitny-operator/internal/execution/toolchain"
	"github.com/algoitny/algoitny-operator/internal/judge"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// ErrNoMore is an Agents' answer when a program has ended the only agent that
// there is.
var ErrNoMore = errors.New("there are no more agents")

// errTooLarge ends the compiling late: only an agent that is to run a program
// finds out how large it has become.
var errTooLarge = fmt.Errorf("the compiled program is larger than %d MiB, or has too many files", protocol.MaxProgram>>20)

// Agents starts agents that share one working folder.
type Agents interface {
	// Compiler is an agent that may write the folder and the compile cache.
	Compiler(ctx context.Context) (*protocol.Client, error)
	// Program is an agent that runs the program and cannot change it.
	Program(ctx context.Context) (*protocol.Client, error)
}

// What everything but the problem's own limits is bounded by.
const (
	maxSource  = 512 << 10
	maxOutput  = 64 << 20
	maxFile    = 64 << 20
	maxProcess = 64
	// maxExcerpt bounds each text of a report.
	maxExcerpt = 4 << 10
)

// CompileMemory is what a compiler may use, in bytes.
const CompileMemory = 1 << 30

// compileLimits are generous: a compiler is trusted, its input is not.
var compileLimits = protocol.Limits{
	CPU: 2 * time.Minute, Idle: time.Minute, Wall: 5 * time.Minute, MemoryBytes: CompileMemory, StackBytes: 64 << 20,
	OutputBytes: 1 << 20, FileBytes: 64 << 20, Processes: 256,
}

// judging is one request on its way.
type judging struct {
	request execution.Request
	tools   toolchain.Toolchain
	agents  Agents
	limits  problem.Limits
	program *protocol.Client
	// ran: the program has been started at least once.
	ran bool
	// gone: the program, or its compiler, has ended an agent.
	gone bool
}

// Run judges one program. An error means that no judging took place.
func Run(ctx context.Context, req execution.Request, tools toolchain.Toolchain, agents Agents) (*problem.Report, error) {
	if len(req.Tests) == 0 {
		return nil, fmt.Errorf("judge %s: there are no tests", req.Key)
	}
	j := &judging{request: req, tools: tools, agents: agents, limits: tools.Limits(req.Limits)}
	defer j.dropProgram()
	report := &problem.Report{Total: len(req.Tests), Limits: j.limits, Verdict: problem.Accepted}
	log, ok, err := j.compile(ctx)
	if err != nil {
		return nil, fmt.Errorf("compile %s: %w", req.Key, err)
	}
	report.CompileLog, report.SandboxLost = log, j.gone
	if !ok {
		report.Verdict = problem.CompileError
		return report, nil
	}
	for _, test := range req.Tests {
		result, err := j.test(ctx, test)
		if errors.Is(err, ErrNoMore) && j.gone {
			break
		}
		if errors.Is(err, errTooLarge) {
			report.Verdict, report.CompileLog = problem.CompileError, err.Error()
			return report, nil
		}
		if err != nil {
			return nil, fmt.Errorf("run %s on %s: %w", req.Key, test.Name, err)
		}
		add(report, result)
		if result.Verdict != problem.Accepted && req.StopAtFirst {
			break
		}
	}
	report.SandboxLost = j.gone
	return report, nil
}

// add counts a test. The first that is not accepted decides.
func add(report *problem.Report, result *problem.TestResult) {
	report.Tests = append(report.Tests, *result)
	switch {
	case result.Verdict == problem.Accepted:
		report.Passed++
	case report.Verdict == problem.Accepted:
		report.Verdict = result.Verdict
	}
}

// compile stores and compiles the source; ok is false when it does not compile.
func (j *judging) compile(ctx context.Context) (log string, ok bool, err error) {
	if len(j.request.Source) > maxSource {
		return fmt.Sprintf("the program is longer than %d KiB", maxSource>>10), false, nil
	}
	agent, err := ready(ctx, j.agents.Compiler)
	if err != nil {
		return "", false, err
	}
	defer func() { _ = agent.Close() }()
	if err := agent.PutFile(ctx, protocol.File{Name: j.tools.Source, Data: []byte(j.request.Source)}); err != nil {
		return "", false, err
	}
	if len(j.tools.Compile) == 0 {
		return "", true, nil
	}
	var printed head
	result, err := agent.Exec(ctx, protocol.Exec{
		Argv: j.tools.Compile, Env: j.tools.Env, Limits: compileLimits, StderrHead: true,
	}, strings.NewReader(""), &printed)
	var refused *protocol.RefusedError
	if err != nil && ctx.Err() == nil && !errors.As(err, &refused) {
		j.gone = true
		return "compiling ended or froze the sandbox it ran in", false, nil
	}
	if err != nil {
		return "", false, err
	}
	log = bounded(string(result.Stderr) + string(printed.kept))
	if result.Cause != "" {
		return bounded(fmt.Sprintf("compiling went beyond its %s limit\n%s", result.Cause, log)), false, nil
	}
	return log, result.ExitCode == 0 && result.Signal == "", nil
}

// ready starts an agent and waits for its first word. From there on only a
// program can have ended it.
func ready(ctx context.Context, start func(context.Context) (*protocol.Client, error)) (*protocol.Client, error) {
	agent, err := start(ctx)
	if err != nil {
		return nil, err
	}
	if err := agent.Ready(ctx); err != nil {
		_ = agent.Close()
		return nil, err
	}
	return agent, nil
}

// test runs the program on one test. A program can end its own agent, which
// costs it the test and nothing else.
func (j *judging) test(ctx context.Context, test execution.Test) (*problem.TestResult, error) {
	if j.program == nil {
		agent, err := ready(ctx, j.agents.Program)
		if err != nil {
			return nil, err
		}
		j.program = agent
	}
	input, err := test.Input.Open()
	if err != nil {
		return nil, fmt.Errorf("open the input: %w", err)
	}
	defer func() { _ = input.Close() }()
	answer, err := test.Answer.Open()
	if err != nil {
		return nil, fmt.Errorf("open the answer: %w", err)
	}
	defer func() { _ = answer.Close() }()
	outcome := compare(answer, j.request.Checker.Rules)
	result, err := j.program.Exec(ctx, protocol.Exec{
		Argv: j.tools.RunUnder(j.limits.MemoryBytes), Env: j.tools.Env, Limits: j.runLimits(), Restore: true,
	}, input, outcome)
	comparison, compareErr := outcome.end()
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return j.lost(test, err)
	case compareErr != nil:
		return nil, compareErr
	case result.Cause == protocol.CauseFiles && !j.ran:
		return nil, errTooLarge
	}
	j.ran = true
	return j.judge(test, result, comparison, outcome.excerpt.kept), nil
}

// lost gives the verdict when an agent has no result. One that could not start
// the program may be the machine's fault, unless it has run before and so may
// have removed itself. One that is gone was ended by the program.
func (j *judging) lost(test execution.Test, err error) (*problem.TestResult, error) {
	result := &problem.TestResult{Name: test.Name, Verdict: problem.RuntimeError}
	var refused *protocol.RefusedError
	switch {
	case !errors.As(err, &refused):
		result.Detail = "the program ended or froze the sandbox it ran in"
		j.ran, j.gone = true, true
		j.dropProgram()
	case !j.ran:
		return nil, err
	default:
		result.Detail = "the program could not be started any more"
	}
	return result, nil
}

func (j *judging) dropProgram() {
	if j.program != nil {
		_ = j.program.Close()
		j.program = nil
	}
}

// runLimits give a sleeping program little more than its time. A program that
// wants to run gets much more of the wall clock: on a busy machine it has to
// wait for its turn.
func (j *judging) runLimits() protocol.Limits {
	return protocol.Limits{
		CPU: j.limits.Time, Idle: j.limits.Time + 2*time.Second, Wall: 10*j.limits.Time + 10*time.Second,
		// Deep recursion may use all the memory there is.
		MemoryBytes: j.limits.MemoryBytes, StackBytes: j.limits.MemoryBytes,
		OutputBytes: maxOutput, FileBytes: maxFile, Processes: maxProcess,
	}
}

// judge gives the verdict. What the program did comes before what it printed.
func (j *judging) judge(test execution.Test, r *protocol.Result, c judge.Comparison, output []byte) *problem.TestResult {
	result := &problem.TestResult{
		Name: test.Name, CPU: r.CPU, Wall: r.Wall, MemoryBytes: r.PeakBytes,
		Output: bounded(string(output)), Stderr: bounded(string(r.Stderr)),
	}
	switch {
	case r.Cause != "":
		result.Verdict, result.Detail = j.beyond(r.Cause)
	case r.Signal == "SIGKILL":
		result.Verdict, result.Detail = problem.MemoryLimitExceeded, "killed by the system, which does so when memory runs out"
	case r.Signal != "":
		result.Verdict, result.Signal, result.Detail = problem.RuntimeError, r.Signal, "ended by "+r.Signal
	case r.ExitCode != 0:
		result.Verdict, result.ExitCode, result.Detail = problem.RuntimeError, r.ExitCode, fmt.Sprintf("exit code %d", r.ExitCode)
	default:
		result.Verdict, result.Detail = c.Verdict, c.Detail
	}
	return result
}

// beyond is the verdict on a program that went beyond a limit.
func (j *judging) beyond(cause protocol.Cause) (problem.Verdict, string) {
	limits := j.runLimits()
	switch cause {
	case protocol.CauseCPU:
		return problem.TimeLimitExceeded, fmt.Sprintf("more than %s of CPU time", limits.CPU)
	case protocol.CauseIdle:
		return problem.TimeLimitExceeded, fmt.Sprintf("asleep or waiting for more than %s", limits.Idle)
	case protocol.CauseWall:
		return problem.TimeLimitExceeded, fmt.Sprintf("not ended after %s of wall time", limits.Wall)
	case protocol.CauseMemory:
		return problem.MemoryLimitExceeded, fmt.Sprintf("more than %d MiB of memory", limits.MemoryBytes>>20)
	case protocol.CauseOutput:
		return problem.OutputLimitExceeded, fmt.Sprintf("more than %d MiB of output", limits.OutputBytes>>20)
	default:
		return problem.RuntimeError, fmt.Sprintf("more than %d processes", limits.Processes)
	}
}

// outcome compares an output while it streams in and keeps its beginning.
type outcome struct {
	excerpt head
	pipe    *io.PipeWriter
	done    chan struct{}
	result  judge.Comparison
	err     error
}

func compare(answer io.Reader, rules problem.CompareRules) *outcome {
	reader, writer := io.Pipe()
	o := &outcome{pipe: writer, done: make(chan struct{})}
	go func() {
		defer close(o.done)
		o.result, o.err = judge.Compare(reader, answer, rules)
		// The rest is not read: a difference is a difference.
		_ = reader.Close()
	}()
	return o
}

// Write never fails: the excerpt goes on where the comparison has ended.
func (o *outcome) Write(p []byte) (int, error) {
	_, _ = o.excerpt.Write(p)
	_, _ = o.pipe.Write(p)
	return len(p), nil
}

func (o *outcome) end() (judge.Comparison, error) {
	_ = o.pipe.Close()
	<-o.done
	return o.result, o.err
}

// head keeps the beginning of what is written to it.
type head struct{ kept []byte }

func (h *head) Write(p []byte) (int, error) {
	h.kept = append(h.kept, p[:min(len(p), maxExcerpt-len(h.kept))]...)
	return len(p), nil
}

// bounded is valid text of at most maxExcerpt bytes.
func bounded(text string) string {
	valid := strings.ToValidUTF8(text[:min(len(text), maxExcerpt)], "\uFFFD")
	return strings.ToValidUTF8(valid[:min(len(valid), maxExcerpt)], "")
}
