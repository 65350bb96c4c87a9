package testgen

import (
	"time"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// Report is what is known of a suite, for people.
type Report struct {
	// Stage is what is being done; empty once the suite is made.
	Stage string `json:"stage,omitempty"`
	// Attempts are the answers each step took.
	Attempts map[string]int `json:"attempts,omitempty"`
	// PromptVersions and Calls tell for each step where its last answer comes
	// from: the digest of the prompt, and the ledger's row.
	PromptVersions map[string]string `json:"promptVersions,omitempty"`
	Calls          map[string]string `json:"calls,omitempty"`
	// Validator, Checker count the cases by which they were proved.
	Validator Proof `json:"validator,omitzero"`
	Checker   Proof `json:"checker,omitzero"`
	// Made are the tests of each kind before the smallest suite was kept.
	Made map[problem.TestKind]int `json:"made,omitempty"`
	// BruteForced is how many of them the brute force decided.
	BruteForced int `json:"bruteForced,omitempty"`
	// Solutions are those that agree on every test.
	Solutions []Solution `json:"solutions,omitempty"`
	// LeftOut says what of the answers could not be used, and why.
	LeftOut []string `json:"leftOut,omitempty"`
	// Slowest is the longest CPU time of a solution on a test, brought down to
	// what a program in C++ may take; Near says that it comes close to the
	// limit.
	Slowest time.Duration `json:"slowestNanos,omitempty"`
	Near    bool          `json:"nearTheLimit,omitempty"`
	Mutants Mutants       `json:"mutants,omitzero"`
	// Rounds are those in which tests against survivors were asked for.
	Rounds []Round `json:"rounds,omitempty"`
	Matrix Matrix  `json:"matrix,omitzero"`
	// TimedOut are the steps of each batch of work that ran out of time. Which
	// tests are kept depends on it, and another machine may measure otherwise.
	TimedOut map[string][]string `json:"timedOut,omitempty"`
}

// Proof counts the cases that a program took as it should.
type Proof struct {
	// Accepted were right and were accepted, Rejected wrong and rejected.
	Accepted int `json:"accepted"`
	Rejected int `json:"rejected"`
}

// Solution is a program that agrees with the others.
type Solution struct {
	Name     string        `json:"name"`
	Language string        `json:"language"`
	MaxCPU   time.Duration `json:"maxCPUNanos"`
}

// Mutants count the changed programs.
type Mutants struct {
	// Made are all that could be compiled.
	Made   int `json:"made"`
	Killed int `json:"killed"`
	// Equivalent survive, and agree with the brute force on so many small
	// tests that they are taken to do the same as before.
	Equivalent int `json:"equivalent"`
	// Survived are the others: no test was found that shows their mistake.
	Survived int `json:"survived"`
	// NotCompiled are no programs.
	NotCompiled int `json:"notCompiled,omitempty"`
	// Survivors describes some that survived.
	Survivors []string `json:"survivors,omitempty"`
}

// Score is the part killed of those that are not taken as equivalent, from 0
// to 1; 1 where there are none.
func (m Mutants) Score() float64 {
	if m.Made == m.Equivalent {
		return 1
	}
	return float64(m.Killed) / float64(m.Made-m.Equivalent)
}

// Round is one attempt at killing what survives.
type Round struct {
	// Name is stress for the generator's own commands with other seeds, or
	// round-1 and so on for what the model was asked.
	Name      string `json:"name"`
	Survivors int    `json:"survivors"`
	// Tests were valid and new, Killed the mutants that they killed.
	Tests  int `json:"tests"`
	Killed int `json:"killed"`
}

// Matrix tells which test kills which mutant. A mutant is given up after a few
// kills, so that an empty cell behind them says nothing.
type Matrix struct {
	// Tests are the names of the tests of the suite, Mutants those of all
	// mutants that were killed.
	Tests   []string `json:"tests,omitempty"`
	Mutants []string `json:"mutants,omitempty"`
	// Kills has for each test the indices of the mutants it kills.
	Kills [][]int `json:"kills,omitempty"`
}
