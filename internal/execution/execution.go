// Package execution runs untrusted programs on tests and judges them. The
// backends are in the folders below and share the protocol, the agent and
// the toolchain table.
package execution

import (
	"context"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// Runner judges one program. Whatever the program does is a verdict in the
// report; an error means that no judging took place.
type Runner interface {
	Run(ctx context.Context, req Request) (*problem.Report, error)
}

// Request is one judging.
type Request struct {
	// Key names the judging for logs and for finding it again:
	// UID/generation/step/attempt.
	Key string
	// Language is a name from the toolchain table: python, cpp, go.
	Language string
	Source   string
	Tests    []Test
	// Limits are the problem's, for a program in C++; the toolchain's time
	// factor comes on top.
	Limits problem.Limits
	// StopAtFirst ends the judging at the first test that is not accepted.
	StopAtFirst bool
}

// Test is one input with its expected output.
type Test struct {
	Name   string
	Input  string
	Answer string
}
