// Package mutation makes programs with one mistake in them out of accepted
// ones. A test suite is worth as much as the mistakes it finds: a mutant that
// passes every test asks for another test.
//
// The table in rules.go lists the mistakes; a new one is an entry there and a
// function in the file of its family.
package mutation

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Operator names a kind of mistake.
type Operator string

// The operators.
const (
	// Boundary takes a border in or out: < for <=, lower_bound for
	// upper_bound.
	Boundary Operator = "boundary"
	// Comparison asks another question: == for !=, < for >.
	Comparison Operator = "comparison"
	// Logic joins conditions wrongly, forgets one, or forgets a negation.
	Logic Operator = "logic"
	// OffByOne misses a number, a loop's bound or an index by one.
	OffByOne Operator = "off-by-one"
	// Arithmetic computes something else: - for +.
	Arithmetic Operator = "arithmetic"
	// Rounding divides up instead of down, or in floating point.
	Rounding Operator = "rounding"
	// Modulus forgets a remainder.
	Modulus Operator = "modulus"
	// Extremum takes the smallest for the largest, and the other way round.
	Extremum Operator = "extremum"
	// NarrowInteger computes in 32 bits.
	NarrowInteger Operator = "narrow-integer"
	// NarrowFloat computes in a shorter floating point format, or prints
	// fewer digits.
	NarrowFloat Operator = "narrow-float"
	// DroppedBranch forgets a case.
	DroppedBranch Operator = "dropped-branch"
	// InitialValue starts from the wrong value.
	InitialValue Operator = "initial-value"
	// Capacity makes an array too small for the largest input.
	Capacity Operator = "capacity"
	// SortOrder forgets to sort, sorts the other way or breaks ties
	// differently.
	SortOrder Operator = "sort-order"
	// EarlyExit ends a loop too early.
	EarlyExit Operator = "early-exit"
	// Slow gives the right answer in a worse complexity class.
	Slow Operator = "slow"
	// StaleState keeps what an earlier test case left behind.
	StaleState Operator = "stale-state"
	// Aliasing copies what should be shared, or shares what should be copied.
	Aliasing Operator = "aliasing"
	// RecursionLimit leaves Python's default limit in place.
	RecursionLimit Operator = "recursion-limit"
	// PartialInput reads less than there is.
	PartialInput Operator = "partial-input"
)

// Mutant is a program with one mistake in it.
type Mutant struct {
	// ID is stable: it depends on the language and the source alone.
	ID       string
	Operator Operator
	// Line is the mistake's first line in the original, counted from 1.
	Line int
	// Description is for people: one line of at most MaxDescription bytes.
	Description string
	Source      string
}

// The bounds of the work. Solutions have some kilobytes, and their syntax
// trees some thousand nodes in less than a hundred levels.
const (
	// MaxSource bounds a program, in bytes.
	MaxSource = 64 << 10
	// MaxMutants bounds the mutants of one program.
	MaxMutants = 500
	// MaxDescription bounds a description, in bytes.
	MaxDescription = 300
	maxNodes       = 150_000
	maxDepth       = 500
	// idBytes of a digest are enough to tell mutants apart.
	idBytes = 6
)

// What is wrong with a program that has no mutants; none of it goes away by
// trying again.
var (
	ErrLanguage = errors.New("no mutants are made of programs in this language")
	ErrTooLarge = fmt.Errorf("the program is longer than %d KiB, or nested too deeply", MaxSource>>10)
	ErrSyntax   = errors.New("the program does not parse")
)

// Supports tells whether programs in a language can be mutated.
func Supports(language string) bool {
	return rulesOf(language) != nil
}

// Mutants makes at most limit programs out of one, and never more than
// MaxMutants. They take turns over the operators and spread over the lines, so
// that a few of them already stand for all. They differ from each other and
// from the original, and parse as it does. Equal arguments give equal mutants.
// The error wraps ErrLanguage, ErrTooLarge or ErrSyntax.
func Mutants(language, source string, limit int) ([]Mutant, error) {
	if !Supports(language) {
		return nil, fmt.Errorf("%w: %s", ErrLanguage, quote(language))
	}
	if len(source) > MaxSource {
		return nil, ErrTooLarge
	}
	if !utf8.ValidString(source) || strings.ContainsRune(source, 0) {
		return nil, fmt.Errorf("%w: it is not UTF-8 text", ErrSyntax)
	}
	parser, err := newParser(language)
	if err != nil {
		return nil, err
	}
	defer parser.close()
	nodes, err := parser.nodes(source)
	if err != nil {
		return nil, err
	}
	c := newChoice(newProgram(language, source, nodes), parser.accepts)
	return c.take(min(limit, MaxMutants)), nil
}

// mutant makes the mistake.
func (c candidate) mutant(p *program) (Mutant, bool) {
	source, ok := apply(p.source, c.edits)
	if !ok {
		return Mutant{}, false
	}
	digest := sha256.Sum256([]byte(p.language + "\x00" + source))
	return Mutant{
		ID:          hex.EncodeToString(digest[:idBytes]),
		Operator:    c.operator,
		Line:        c.at.line,
		Description: fmt.Sprintf("line %d: %s", c.at.line, c.says),
		Source:      source,
	}, true
}
