package problem

import (
	"crypto/sha256"
	"encoding/hex"
)

// Program is a program by its source.
type Program struct {
	// Name tells the programs of a suite or a judging apart.
	Name string `json:"name"`
	// Language is a name from the toolchain table.
	Language string `json:"language"`
	Source   string `json:"source"`
	// Files lie beside the source when it is compiled, by plain name: a header
	// such as testlib.h.
	Files map[string]string `json:"files,omitempty"`
}

// SourceDigest identifies a program by its source. The first 16 hexadecimal
// digits of the SHA-256.
func SourceDigest(source string) string {
	sum := sha256.Sum256([]byte(source))
	return hex.EncodeToString(sum[:8])
}

// CompareRules say what counts as the same output. The zero value compares the
// tokens between whitespace byte by byte. The rules are those of the ICPC
// default validator, but letters differ by case unless IgnoreCase is set: a
// judge that is too strict costs an attempt, one that is too lax publishes a
// wrong solution.
type CompareRules struct {
	IgnoreCase bool `json:"ignoreCase,omitempty"`
	// SpaceSensitive makes the whitespace between tokens, and at both ends,
	// count too.
	SpaceSensitive bool `json:"spaceSensitive,omitempty"`
	// PresentationErrors gives PE instead of WA where only the whitespace
	// differs. It implies SpaceSensitive.
	PresentationErrors bool `json:"presentationErrors,omitempty"`
	// AbsTolerance and RelTolerance accept a decimal number that differs
	// from the answer's by at most AbsTolerance, or by at most RelTolerance
	// times the answer's magnitude. Zero turns a tolerance off.
	AbsTolerance float64 `json:"absTolerance,omitempty"`
	RelTolerance float64 `json:"relTolerance,omitempty"`
}

// CheckerProtocol says how a checker is called and answers.
type CheckerProtocol string

// The protocols.
const (
	// ProtocolTestlib: the arguments are the files of the input, the output
	// and the answer, in this order; exit code 0 accepts, 1 is a wrong answer,
	// 2 a presentation error, 4 and 8 a wrong answer too (more in the output, or
	// less, than was read), anything else the checker's own failure. What it
	// says on standard error is the detail.
	ProtocolTestlib CheckerProtocol = "testlib"
	// ProtocolICPC: the arguments are the files of the input and the answer
	// and a folder for feedback; the output comes on standard input; exit code
	// 42 accepts, 43 is a wrong answer, anything else the checker's failure.
	ProtocolICPC CheckerProtocol = "icpc"
)

// Checker decides whether an output is right: by rules, or by a program.
type Checker struct {
	Rules CompareRules `json:"rules,omitzero"`
	// Program names the suite's program that decides; empty means the rules.
	Program  string          `json:"program,omitempty"`
	Protocol CheckerProtocol `json:"protocol,omitempty"`
	// Args follow the protocol's own arguments.
	Args []string `json:"args,omitempty"`
}

// Name is how outputs are compared, in one word: tokens, case, space, float or
// program.
func (c *Checker) Name() string {
	switch rules := &c.Rules; {
	case c.Program != "":
		return "program"
	case rules.AbsTolerance > 0 || rules.RelTolerance > 0:
		return "float"
	case rules.SpaceSensitive || rules.PresentationErrors:
		return "space"
	case rules.IgnoreCase:
		return "case"
	}
	return "tokens"
}

// TestKind says what a test is for.
type TestKind string

// The kinds of tests.
const (
	TestSample      TestKind = "sample"
	TestEdge        TestKind = "edge"
	TestSmall       TestKind = "small"
	TestLarge       TestKind = "large"
	TestAdversarial TestKind = "adversarial"
	TestWorstCase   TestKind = "worst-case"
)

// TestKinds are all kinds in the order in which a suite has them.
func TestKinds() []TestKind {
	return []TestKind{TestSample, TestEdge, TestSmall, TestLarge, TestAdversarial, TestWorstCase}
}

// Recipe makes a text.
type Recipe struct {
	// Program names the suite's program that prints the text.
	Program string   `json:"program"`
	Args    []string `json:"args,omitempty"`
	// ReadsInput: the program reads the test's input, as a solution does that
	// makes the answer.
	ReadsInput bool `json:"readsInput,omitempty"`
}

// Data is a text of a test: stored whole, or made anew by its recipe whenever
// it is needed.
type Data struct {
	// Text is the whole text, or empty where only the recipe is stored.
	Text string `json:"text,omitempty"`
	// Recipe is how the text was made; nil for what was written by hand.
	Recipe *Recipe `json:"recipe,omitempty"`
	// Digest is the hexadecimal SHA-256 of the text.
	Digest string `json:"digest"`
	// Size of the text in bytes.
	Size int64 `json:"size"`
}

// Stored tells whether Text is the whole text.
func (d *Data) Stored() bool { return int64(len(d.Text)) == d.Size }

// TextData is a text that is stored as it is.
func TextData(text string) Data {
	sum := sha256.Sum256([]byte(text))
	return Data{Text: text, Digest: hex.EncodeToString(sum[:]), Size: int64(len(text))}
}

// Test is one input of a suite with its answer.
type Test struct {
	Name string   `json:"name"`
	Kind TestKind `json:"kind"`
	// Purpose says what the test is meant to catch.
	Purpose string `json:"purpose,omitempty"`
	Input   Data   `json:"input"`
	Answer  Data   `json:"answer"`
}

// Suite is everything that a program is judged with.
type Suite struct {
	Problem Key `json:"problem"`
	// TaskDigest is of the problem that the suite was made for.
	TaskDigest string `json:"taskDigest"`
	// Limits are for a program in C++; a language's factor comes on top.
	Limits Limits `json:"limits"`
	// Measured: the time limit was measured, for the page states none.
	Measured bool    `json:"measured,omitempty"`
	Checker  Checker `json:"checker,omitzero"`
	// Validator names the program that ends with exit code 0 on a valid input
	// and with another on any other; may be empty.
	Validator string `json:"validator,omitempty"`
	// Programs make tests, check inputs and check outputs.
	Programs []Program `json:"programs,omitempty"`
	Tests    []Test    `json:"tests"`
}

// Digest identifies everything a verdict depends on. Hexadecimal SHA-256 of
// the canonical JSON.
func (s *Suite) Digest() string { return digest(s) }

// Program finds a program by its name, nil when there is none.
func (s *Suite) Program(name string) *Program {
	for i := range s.Programs {
		if s.Programs[i].Name == name {
			return &s.Programs[i]
		}
	}
	return nil
}

// Test finds a test by its name, nil when there is none.
func (s *Suite) Test(name string) *Test {
	for i := range s.Tests {
		if s.Tests[i].Name == name {
			return &s.Tests[i]
		}
	}
	return nil
}

// Counts are the tests of each kind.
func (s *Suite) Counts() map[TestKind]int {
	counts := map[TestKind]int{}
	for i := range s.Tests {
		counts[s.Tests[i].Kind]++
	}
	return counts
}
