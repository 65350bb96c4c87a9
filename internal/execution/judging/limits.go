package judging

import (
	"fmt"
	"time"

	"github.com/algoitny/algoitny-operator/internal/execution/calibrate"
	"github.com/algoitny/algoitny-operator/internal/execution/protocol"
	"github.com/algoitny/algoitny-operator/internal/execution/toolchain"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// What everything but the problem's own limits is bounded by.
const (
	maxSource  = 512 << 10
	maxFiles   = 2 << 20
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

// generous are the limits of a tool for which nobody has said any.
var generous = problem.Limits{Time: 10 * time.Second, MemoryBytes: 1 << 30}

// ToolLimits are what a step is allowed on the reference machine.
func ToolLimits(stated problem.Limits, language toolchain.Toolchain) problem.Limits {
	if stated.Time <= 0 {
		stated.Time = generous.Time
	}
	if stated.MemoryBytes <= 0 {
		stated.MemoryBytes = generous.MemoryBytes
	}
	return language.Limits(stated)
}

// scaled are limits on this machine.
func scaled(l problem.Limits, speed float64) problem.Limits {
	l.Time = calibrate.Scale(l.Time, speed)
	return l
}

// graceShare is the part of its time limit that a candidate may run on beyond
// it: one that ends within a fifth is run again, for it may have been the
// machine's fault. More than that no machine takes by chance.
const graceShare = 5

// runLimits give a sleeping program little more than its time. A program that
// wants to run gets much more of the wall clock: on a busy machine it has to
// wait for its turn.
func runLimits(allowed problem.Limits) protocol.Limits {
	return protocol.Limits{
		CPU: allowed.Time, Idle: allowed.Time + 2*time.Second, Wall: 10*allowed.Time + 10*time.Second,
		// Deep recursion may use all the memory there is.
		MemoryBytes: allowed.MemoryBytes, StackBytes: allowed.MemoryBytes,
		OutputBytes: maxOutput, FileBytes: maxFile, Processes: maxProcess,
	}
}

// near tells whether a program has ended by itself, but beyond its time.
func near(r *protocol.Result, allowed problem.Limits) bool {
	return r.Cause == "" && r.CPU > allowed.Time
}

// verdict is that on what a program did, whatever it printed.
func verdict(r *protocol.Result, allowed problem.Limits) (problem.Verdict, string) {
	switch {
	case r.Cause != "":
		return beyond(r.Cause, allowed)
	case near(r, allowed):
		return problem.TimeLimitExceeded, fmt.Sprintf("%s of CPU time, which is more than %s", r.CPU.Round(time.Millisecond), allowed.Time)
	case r.Signal == "SIGKILL":
		return problem.MemoryLimitExceeded, "killed by the system, which does so when memory runs out"
	case r.Signal != "":
		return problem.RuntimeError, "ended by " + r.Signal
	case r.ExitCode != 0:
		return problem.RuntimeError, fmt.Sprintf("exit code %d", r.ExitCode)
	}
	return problem.Accepted, ""
}

// beyond is the verdict on a program that went beyond a limit.
func beyond(cause protocol.Cause, allowed problem.Limits) (problem.Verdict, string) {
	limits := runLimits(allowed)
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

// crash are the exit code and signal of a program whose end is a verdict of its
// own; at most one is set.
func crash(r *protocol.Result) (exitCode int, signal string) {
	switch {
	case r.Cause != "" || r.Signal == "SIGKILL":
		return 0, ""
	case r.Signal != "":
		return 0, r.Signal
	}
	return r.ExitCode, ""
}
