// Package execution runs untrusted programs on tests and judges them. The
// backends are in the folders below and share the protocol, the agent and
// the toolchain table.
package execution

import (
	"context"
	"io"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// Runner judges programs.
type Runner interface {
	// Run judges one program. Whatever the program does is a verdict in the
	// report; an error means that no judging took place. A request whose key
	// was judged before and not forgotten since may be answered with the same
	// report again, without running anything.
	Run(ctx context.Context, req Request) (*problem.Report, error)
	// Forget removes what is kept of an owner's judgings. It is called once
	// their results are recorded, often when there is nothing to remove.
	Forget(ctx context.Context, owner Owner) error
}

// Workshop runs programs that make suites.
type Workshop interface {
	// Work runs a batch. What a program does is in the report; an error, of
	// the same kinds as a Runner's, means that nothing is known of any step.
	Work(ctx context.Context, batch Batch) (*BatchReport, error)
	// Forget is a Runner's.
	Forget(ctx context.Context, owner Owner) error
}

// Owner is the object a judging is for.
type Owner struct {
	APIVersion, Kind string
	Namespace, Name  string
	UID              string
}

// Priority says which of two judgings goes first when there is no room for
// both.
type Priority string

// The priorities: a person waits for a submission.
const (
	PrioritySubmission Priority = "submission"
	PriorityGeneration Priority = "generation"
)

// Request is one judging.
type Request struct {
	Owner Owner
	// Key names the judging for logs and for finding it again:
	// UID/generation/step/attempt.
	Key      string
	Priority Priority
	// Language is a name from the toolchain table.
	Language string
	Source   string
	Tests    []Test
	// Limits are the problem's, for a program in C++; the toolchain's time
	// factor comes on top.
	Limits problem.Limits
	// StopAtFirst ends the judging at the first test that is not accepted.
	StopAtFirst bool
	// Checker decides what output is right; the zero value compares tokens. Its
	// program is one of Tools.
	Checker problem.Checker
	// Tools are the programs that make tests and check outputs, Make the steps
	// that make the tests' contents before the program runs: a test names its
	// step by Made. They run apart from the program. A step that fails, or whose
	// output has another digest than it must have, is an Error with
	// ReasonTestNotReproduced; a checker that fails is one with
	// ReasonCheckerFailed.
	Tools []problem.Program
	Make  []Step
	// Held, where it is set, is told why a judging that goes on waiting does
	// not start, and with nil that it has. It must not block.
	Held func(*Error)
}

// Hold tells why a judging waits.
func (r *Request) Hold(why *Error) {
	if r.Held != nil {
		r.Held(why)
	}
}

// Test is one input with its expected output.
type Test struct {
	Name          string
	Input, Answer Content
}

// Content is a text that may be too large to be held in memory twice.
type Content interface {
	// Open reads it from the beginning, as often as it is called.
	Open() (io.ReadCloser, error)
}

// Text is a Content in memory.
type Text string

// Open implements Content.
func (t Text) Open() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(string(t))), nil }
