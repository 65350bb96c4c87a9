package execution

import (
	"errors"
	"io"
	"time"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// Made is a Content that an earlier step prints, by the step's name. It is there
// once the step's program has ended with exit code 0 and printed what it must,
// whatever a check says of it. It can be read only where the step runs.
type Made string

// errMade says that nobody has made the content yet.
var errMade = errors.New("the content is the output of a step and exists only where that runs")

// Open implements Content.
func (Made) Open() (io.ReadCloser, error) { return nil, errMade }

// What bounds the outputs that come back of one batch together, in bytes.
const (
	// MaxKept has room in the report of a pod.
	MaxKept = 2 << 20
	// MaxKeptHere is what a program may print: no text is left out for its size
	// where no report travels.
	MaxKeptHere = 64 << 20
)

// Batch is many runs of programs that help to make a test suite: generators,
// validators, checkers, solutions and mutants of them.
type Batch struct {
	Owner Owner
	// Key names the work as a Request's does: UID/generation/step/attempt.
	Key      string
	Priority Priority
	Programs []problem.Program
	// Steps run in order. One program is compiled at a time, so that callers
	// put the steps of a program next to each other.
	Steps []Step
	// Checker checks the outputs of the steps that have an answer; its program
	// is one of Programs.
	Checker problem.Checker
	// MaxTimeouts gives a program up after so many runs that ran out of time;
	// its other steps are not run. 0 means never.
	MaxTimeouts int
	// MaxFailures gives a program up in the same way after so many steps that
	// were not accepted, whatever the reason. 0 means never.
	MaxFailures int
	// KeepLarge lets MaxKeptHere come back instead of MaxKept. Such a batch has
	// to run on this machine; pods refuse it.
	KeepLarge bool
	// Held, where it is set, is told why the work waits, as a Request's is.
	Held func(*Error)
}

// Hold tells why the work waits.
func (b *Batch) Hold(why *Error) {
	if b.Held != nil {
		b.Held(why)
	}
}

// MaxKept bounds the outputs that come back together, in bytes.
func (b *Batch) MaxKept() int {
	if b.KeepLarge {
		return MaxKeptHere
	}
	return MaxKept
}

// Step is one run of a program, or, without a program, the check of a given
// output.
type Step struct {
	// Name is unique in its batch.
	Name    string
	Program string
	Args    []string
	// Input is what the program reads; nil is nothing. A step whose input was
	// not made, because the step that makes it failed, is not run.
	Input Content
	// Answer, where it is set, has the output checked against it.
	Answer Content
	// Output is checked instead of a program's, where Program is empty.
	Output Content
	// Limits of the run, for a program in C++; zero means generous ones: 10 s
	// and 1 GiB.
	Limits problem.Limits
	// Digest, where it is set, is the SHA-256 that the output must have.
	Digest string
	// Keep is how many bytes of the output come back; a longer output comes
	// back cut, and so does what is beyond the batch's MaxKept.
	Keep int
}

// StepResult is what became of a step.
type StepResult struct {
	Name string `json:"name"`
	// Verdict is AC where the program ended with exit code 0 and the output,
	// if it was checked, was right. JE is a failure of the checker, a program
	// that could not be started, or an output with another digest than it must
	// have. Empty means not run, and Detail says why.
	Verdict problem.Verdict `json:"verdict,omitempty"`
	// CPU is as it was measured: times the report's Speed it is what the
	// reference machine would take.
	CPU      time.Duration `json:"cpuNanos,omitempty"`
	ExitCode int           `json:"exitCode,omitempty"`
	Signal   string        `json:"signal,omitempty"`
	// MemoryBytes is the peak resident memory.
	MemoryBytes int64 `json:"memoryBytes,omitempty"`
	// Digest and Size are of the whole output.
	Digest string `json:"digest,omitempty"`
	Size   int64  `json:"size,omitempty"`
	// Output is its beginning, at most Keep bytes.
	Output []byte `json:"output,omitempty"`
	// Stderr is a bounded excerpt; Detail says in words what went wrong.
	Stderr string `json:"stderr,omitempty"`
	Detail string `json:"detail,omitempty"`
}

// Whole tells whether all of the output came back.
func (r *StepResult) Whole() bool { return int64(len(r.Output)) == r.Size }

// BatchReport is what became of a batch.
type BatchReport struct {
	// CompileLogs has an entry for each program that could not be compiled.
	CompileLogs map[string]string `json:"compileLogs,omitempty"`
	// Steps are those of the batch, in its order.
	Steps []StepResult `json:"steps"`
	// SandboxLost: a program ended the only sandbox that there was, and the
	// rest was not run.
	SandboxLost bool `json:"sandboxLost,omitempty"`
	// Speed is the machine's, and Environment what the programs ran in, as in a
	// problem.Report.
	Speed       float64 `json:"speed,omitempty"`
	Environment string  `json:"environment,omitempty"`
}
