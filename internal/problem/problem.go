// Package problem holds the domain's own types. It imports nothing of this
// project, so every other package may import it.
package problem

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

// Sample is one example of a statement: what the program reads and what it
// must print. Both texts end in exactly one newline unless they are empty.
type Sample struct {
	Input  string `json:"input"`
	Output string `json:"output"`
}

// Limits bound one run of a program on one test. A zero value means that the
// page states no limit.
type Limits struct {
	// Time is CPU time.
	Time time.Duration `json:"timeNanos"`
	// MemoryBytes bounds the resident memory of the program.
	MemoryBytes int64 `json:"memoryBytes"`
}

// nearFactor is how much of a limit makes a time near to it: a slower machine
// or a busy one takes that much longer.
const nearFactor = 1.5

// Near tells whether a time comes near to the limit, or is beyond it. Nothing
// is near to no limit.
func (l Limits) Near(t time.Duration) bool {
	return l.Time > 0 && float64(t)*nearFactor >= float64(l.Time)
}

// Key names a problem across the whole product.
type Key struct {
	// Platform is the judge's short name: codeforces, atcoder, baekjoon, …
	Platform string `json:"platform"`
	// ID is the judge's own identifier, for example 1211A or abc153_a.
	ID string `json:"id"`
}

func (k Key) String() string { return k.Platform + "/" + k.ID }

// Statement is the prose of a problem, as plain text with paragraphs kept.
type Statement struct {
	Description string `json:"description"`
	Input       string `json:"input"`
	Output      string `json:"output"`
	Constraints string `json:"constraints,omitempty"`
	Notes       string `json:"notes,omitempty"`
}

// Problem is everything that is known of a problem once it is extracted.
type Problem struct {
	Key
	URL       string    `json:"url,omitempty"`
	Title     string    `json:"title"`
	Language  string    `json:"language,omitempty"`
	Limits    Limits    `json:"limits"`
	Samples   []Sample  `json:"samples"`
	Statement Statement `json:"statement"`
	Tags      []string  `json:"tags,omitempty"`
	// Rating is the judge's difficulty rating, 0 when unknown.
	Rating int `json:"rating,omitempty"`
}

// Digest identifies everything that is published of a problem. Hexadecimal
// SHA-256 of the canonical JSON.
func (p *Problem) Digest() string { return digest(p) }

// TaskDigest identifies what a solver is asked: two problems with equal task
// digests have the same solutions, whatever their rating, tags or address.
func (p *Problem) TaskDigest() string {
	return digest([]any{p.Key, p.Title, p.Limits, p.Samples, p.Statement})
}

func digest(v any) string {
	// Structs of strings, numbers and slices always marshal.
	raw, _ := json.Marshal(v)
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// Verdict is the outcome of judging a program, in the field's short names.
type Verdict string

// The verdicts, from best to worst. JE is the judge's own fault and never
// the program's.
const (
	Accepted            Verdict = "AC"
	WrongAnswer         Verdict = "WA"
	PresentationError   Verdict = "PE"
	TimeLimitExceeded   Verdict = "TLE"
	MemoryLimitExceeded Verdict = "MLE"
	OutputLimitExceeded Verdict = "OLE"
	RuntimeError        Verdict = "RTE"
	CompileError        Verdict = "CE"
	JudgeError          Verdict = "JE"
)

// TestResult is what one test of a judging gave.
type TestResult struct {
	// Name says which test it was, for example "sample 1".
	Name    string  `json:"name"`
	Verdict Verdict `json:"verdict"`
	// CPU and Wall are the time the program took.
	CPU  time.Duration `json:"cpuNanos"`
	Wall time.Duration `json:"wallNanos"`
	// MemoryBytes is the peak resident memory.
	MemoryBytes int64 `json:"memoryBytes"`
	// ExitCode and Signal describe a runtime error; at most one is set.
	ExitCode int    `json:"exitCode,omitempty"`
	Signal   string `json:"signal,omitempty"`
	// Output and Stderr are bounded excerpts, kept for the repair prompt.
	Output string `json:"output,omitempty"`
	Stderr string `json:"stderr,omitempty"`
	// Detail says in words where the output differs.
	Detail string `json:"detail,omitempty"`
	// Retried: it was so near to its time limit that it was run once again,
	// alone. The run that came nearer to passing is the one that is told of.
	Retried bool `json:"retried,omitempty"`
}

// Report is the result of judging one program on a list of tests.
type Report struct {
	Verdict Verdict `json:"verdict"`
	// Passed of Total tests gave Accepted.
	Passed int `json:"passed"`
	Total  int `json:"total"`
	// CompileLog is a bounded excerpt of the compiler's messages.
	CompileLog string `json:"compileLog,omitempty"`
	// Limits are what each test was allowed, the language's factor and the
	// machine's speed included.
	Limits Limits `json:"limits"`
	// Speed is how fast the machine was: 2 is twice as fast as the reference, 0
	// is not known. Times are as measured; times Speed they are the reference's.
	Speed float64      `json:"speed,omitempty"`
	Tests []TestResult `json:"tests,omitempty"`
	// SandboxLost: the program ended a sandbox it ran in. Where there is only
	// one, the rest was not run.
	SandboxLost bool `json:"sandboxLost,omitempty"`
	// Detail explains a JudgeError.
	Detail string `json:"detail,omitempty"`
	// Environment is what the program ran in: an image with its digest, or the
	// versions of the toolchains of a machine without images, with
	// BetweenEnvironments between them. Empty is not known.
	Environment string `json:"environment,omitempty"`
}

// BetweenEnvironments stands between the toolchains of an Environment.
const BetweenEnvironments = "; "

// TimedOut are the names of the tests on which the program ran out of time.
func (r *Report) TimedOut() []string {
	var names []string
	for i := range r.Tests {
		if r.Tests[i].Verdict == TimeLimitExceeded {
			names = append(names, r.Tests[i].Name)
		}
	}
	return names
}

// FirstFailure returns the first test that was not accepted, or nil.
func (r *Report) FirstFailure() *TestResult {
	for i := range r.Tests {
		if r.Tests[i].Verdict != Accepted {
			return &r.Tests[i]
		}
	}
	return nil
}

// MaxCPU is the longest CPU time any test took.
func (r *Report) MaxCPU() time.Duration {
	var longest time.Duration
	for _, t := range r.Tests {
		longest = max(longest, t.CPU)
	}
	return longest
}

// MaxMemory is the largest peak memory any test took, in bytes.
func (r *Report) MaxMemory() int64 {
	var most int64
	for _, t := range r.Tests {
		most = max(most, t.MemoryBytes)
	}
	return most
}
