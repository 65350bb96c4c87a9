package protocol

import (
	"errors"
	"fmt"
	"time"
)

// File asks for a file in the working folder; its content follows.
type File struct {
	// Name has no slash.
	Name string `json:"name"`
	// Once is for a file of the next run only, after which it is gone.
	Once bool `json:"once,omitempty"`
}

// Exec asks for a program to be run in the working folder.
type Exec struct {
	Argv []string `json:"argv"`
	// Env is added to the agent's own clean environment.
	Env    []string `json:"env,omitempty"`
	Limits Limits   `json:"limits"`
	// StderrHead keeps the beginning of the error output, not its end.
	StderrHead bool `json:"stderrHead,omitempty"`
	// Restore puts the working folder back, after the run, as it was before
	// the first run that asks for this, or the first file for one run only.
	Restore bool `json:"restore,omitempty"`
	// Folders are empty ones in the working folder for this run only. Their
	// names have no slash.
	Folders []string `json:"folders,omitempty"`
}

// Limits of one run; all are set.
type Limits struct {
	// CPU is the time of all its processes together.
	CPU time.Duration `json:"cpuNanos"`
	// Idle is the time in which none of them runs or wants to, and none has
	// to wait for the judge. A busy machine does not use it up.
	Idle time.Duration `json:"idleNanos"`
	// Wall bounds everything, however busy the machine is.
	Wall time.Duration `json:"wallNanos"`
	// MemoryBytes bounds the resident memory of all its processes together.
	MemoryBytes int64 `json:"memoryBytes"`
	// StackBytes bounds the main thread's stack, and is what each further
	// thread reserves.
	StackBytes  int64 `json:"stackBytes"`
	OutputBytes int64 `json:"outputBytes"`
	// FileBytes bounds each file.
	FileBytes int64 `json:"fileBytes"`
	Processes int   `json:"processes"`
}

// Cause says which limit ended a run.
type Cause string

// The limits that end a run.
const (
	CauseCPU       Cause = "cpu"
	CauseIdle      Cause = "idle"
	CauseWall      Cause = "wall"
	CauseMemory    Cause = "memory"
	CauseOutput    Cause = "output"
	CauseProcesses Cause = "processes"
	// CauseFiles: the program was not run, it consists of too much.
	CauseFiles Cause = "files"
)

// MaxProgram bounds what a compiled program may consist of, in bytes; an agent
// holds all of it.
const MaxProgram = 64 << 20

// MaxStderr is what is kept of an error output.
const MaxStderr = 4 << 10

// maxWord bounds the name of a signal, maxError what an agent may say of its
// own troubles.
const (
	maxWord  = 32
	maxError = 512
)

// Result ends a request.
type Result struct {
	// Error says that the agent could not do what it was asked; nothing ran.
	Error string `json:"error,omitempty"`
	// Cause is empty when the program ended by itself.
	Cause    Cause         `json:"cause,omitempty"`
	ExitCode int           `json:"exitCode,omitempty"`
	Signal   string        `json:"signal,omitempty"`
	CPU      time.Duration `json:"cpuNanos,omitempty"`
	Wall     time.Duration `json:"wallNanos,omitempty"`
	// PeakBytes is the largest resident memory seen.
	PeakBytes int64  `json:"peakBytes,omitempty"`
	Stderr    []byte `json:"stderr,omitempty"`
}

// check refuses what no agent of ours says: a program may have taken it over.
func (r *Result) check() error {
	switch r.Cause {
	case "", CauseCPU, CauseIdle, CauseWall, CauseMemory, CauseOutput, CauseProcesses, CauseFiles:
	default:
		return fmt.Errorf("a result has an unknown cause of %d bytes", len(r.Cause))
	}
	if r.CPU < 0 || r.Wall < 0 || r.PeakBytes < 0 {
		return errors.New("a result holds a negative number")
	}
	if len(r.Signal) > maxWord || len(r.Stderr) > MaxStderr {
		return errors.New("a result holds a text that is too long")
	}
	return nil
}
