package prompt

import (
	"strings"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// maxProgramBytes bounds a program; the largest accepted ones on public
// judges are 64 KiB.
const maxProgramBytes = 64 << 10

var solveStep = lazily("solve", 16_000)

// StepSolve names the prompt that writes a program in a language.
func StepSolve(language string) string { return "solve-" + language }

// SolveInput is what the solution prompt is made of.
type SolveInput struct {
	Problem  *problem.Problem
	Language string
	// Dialect tells the model what will compile it, for example C++20.
	Dialect string
	Attempt int
	// Previous is the attempt to repair; nil at first.
	Previous *FailedAttempt
	// History has one line for every other attempt.
	History []string
}

// Samples are those that the prompt quotes.
func (in SolveInput) Samples() ShownSamples { return shown(in.Problem) }

// FailedAttempt is what went wrong, with small excerpts only.
type FailedAttempt struct {
	Code       string
	Verdict    problem.Verdict
	CompileLog string
	Test       string
	Input      string
	Expected   string
	Actual     string
	Stderr     string
	Detail     string
}

// Solve renders the solution prompt.
func Solve(in SolveInput) (Prompt, error) {
	return solveStep().render(StepSolve(in.Language), in.Problem.Key, in.Attempt, in)
}

// Program is the model's typed answer.
type Program struct {
	// Mistake says what was wrong before; empty at the first attempt.
	Mistake string `json:"mistake"`
	Plan    string `json:"plan"`
	Code    string `json:"code"`
}

// ParseProgram reads an answer. The error is a *ParseError.
func ParseProgram(text string) (*Program, error) {
	var p Program
	if err := parse(text, &p); err != nil {
		return nil, err
	}
	if strings.TrimSpace(p.Code) == "" {
		return nil, &ParseError{"the code is empty"}
	}
	if len(p.Code) > maxProgramBytes {
		return nil, &ParseError{"the code is longer than 64 KiB"}
	}
	return &p, nil
}
