package prompt

import (
	"fmt"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// The steps that make a test suite.
var (
	suitePlanStep      = lazily("suite-plan", 8_000)
	suiteValidatorStep = lazily("suite-validator", 12_000)
	suiteGeneratorStep = lazily("suite-generator", 16_000)
	suiteBruteStep     = lazily("suite-brute", 8_000)
	suiteSolutionStep  = lazily("suite-solution", 16_000)
	suiteCheckerStep   = lazily("suite-checker", 12_000)
	suiteKillStep      = lazily("suite-kill", 12_000)
)

// The names of these steps.
const (
	StepSuitePlan      = "suite-plan"
	StepSuiteValidator = "suite-validator"
	StepSuiteGenerator = "suite-generator"
	StepSuiteBrute     = "suite-brute"
	StepSuiteChecker   = "suite-checker"
	StepSuiteKill      = "suite-kill"
)

// StepSuiteSolution names the prompt for the independent solution of a number
// from 1.
func StepSuiteSolution(number int) string { return fmt.Sprintf("suite-solution-%d", number) }

// SuiteInput is what the prompts of a suite are made of; each takes what it
// needs.
type SuiteInput struct {
	Problem *problem.Problem
	Attempt int
	// Failure is what to put right; nil at first.
	Failure *Failure
	// Pitfalls are the plan's, for the generator.
	Pitfalls []string
	// Number and Language are an independent solution's; an empty Language
	// leaves the choice to the model.
	Number   int
	Language string
}

// Samples are those that the prompt quotes.
func (in SuiteInput) Samples() ShownSamples { return shown(in.Problem) }

// Failure is an answer that did not do, with small excerpts only.
type Failure struct {
	// Code is the program that was answered; may be empty.
	Code string
	// Said says in one line what went wrong.
	Said     string
	Evidence []Evidence
}

// Evidence is a text that shows what went wrong.
type Evidence struct{ Label, Text string }

// SuitePlan renders the question for the plan of a suite.
func SuitePlan(in SuiteInput) (Prompt, error) { return in.render(suitePlanStep(), StepSuitePlan) }

// SuiteValidator renders the question for the validator.
func SuiteValidator(in SuiteInput) (Prompt, error) {
	return in.render(suiteValidatorStep(), StepSuiteValidator)
}

// SuiteGenerator renders the question for the generator and its commands.
func SuiteGenerator(in SuiteInput) (Prompt, error) {
	return in.render(suiteGeneratorStep(), StepSuiteGenerator)
}

// SuiteBrute renders the question for the solution that tries everything.
func SuiteBrute(in SuiteInput) (Prompt, error) { return in.render(suiteBruteStep(), StepSuiteBrute) }

// SuiteSolution renders the question for an independent solution.
func SuiteSolution(in SuiteInput) (Prompt, error) {
	return in.render(suiteSolutionStep(), StepSuiteSolution(in.Number))
}

// SuiteChecker renders the question for the checker.
func SuiteChecker(in SuiteInput) (Prompt, error) {
	return in.render(suiteCheckerStep(), StepSuiteChecker)
}

func (in SuiteInput) render(s step, name string) (Prompt, error) {
	return s.render(name, in.Problem.Key, in.Attempt, in)
}

// KillInput is what the question for tests that kill mutants is made of.
type KillInput struct {
	Problem *problem.Problem
	// Round counts from 1.
	Round     int
	Generator problem.Program
	// Solutions are those whose mutants survive.
	Solutions []problem.Program
	Survivors []Survivor
	Failure   *Failure
}

// Survivor is a mutant that passes every test.
type Survivor struct {
	ID string
	// Program names the solution it was made of, Change says how.
	Program, Change string
}

// SuiteKill renders the question for tests that kill mutants.
func SuiteKill(in KillInput) (Prompt, error) {
	return suiteKillStep().render(StepSuiteKill, in.Problem.Key, in.Round, in)
}

// CheckerKind is how a plan has outputs compared.
type CheckerKind string

// The kinds of checkers.
const (
	CheckerTokens     CheckerKind = "tokens"
	CheckerIgnoreCase CheckerKind = "case"
	CheckerSpace      CheckerKind = "space"
	CheckerFloat      CheckerKind = "float"
	CheckerCustom     CheckerKind = "custom"
)

// Plan is the answer about a suite as a whole.
type Plan struct {
	Mistake      string      `json:"mistake"`
	Kind         Kind        `json:"kind"`
	Checker      CheckerKind `json:"checker"`
	AbsTolerance float64     `json:"abs_tolerance"`
	RelTolerance float64     `json:"rel_tolerance"`
	Pitfalls     []string    `json:"pitfalls"`
	Edges        []HandTest  `json:"edges"`
}

// HandTest is an input written by hand.
type HandTest struct {
	Input   string `json:"input"`
	Purpose string `json:"purpose"`
}

// SuiteProgram is an answer that is a program.
type SuiteProgram struct {
	Mistake  string `json:"mistake"`
	Plan     string `json:"plan"`
	Language string `json:"language"`
	Code     string `json:"code"`
}

// Validator is a program with inputs that it refuses.
type Validator struct {
	SuiteProgram
	Rejects []Rejected `json:"rejects"`
}

// Rejected is an input that is not valid.
type Rejected struct {
	Input string `json:"input"`
	Why   string `json:"why"`
}

// Generator is a program with the commands that make a suite.
type Generator struct {
	SuiteProgram
	Commands []Command `json:"commands"`
}

// Command runs a generator with Count seeds.
type Command struct {
	Kind    problem.TestKind `json:"kind"`
	Args    []string         `json:"args"`
	Count   int              `json:"count"`
	Purpose string           `json:"purpose"`
}

// Checker is a program with cases for both its ways.
type Checker struct {
	SuiteProgram
	Accepts []CheckerCase `json:"accepts"`
	Rejects []CheckerCase `json:"rejects"`
}

// CheckerCase is what a checker is called with.
type CheckerCase struct {
	Input  string `json:"input"`
	Output string `json:"output"`
	Answer string `json:"answer"`
	Why    string `json:"why"`
}

// Kill is the answer about survivors.
type Kill struct {
	Plan       string       `json:"plan"`
	Inputs     []HandTest   `json:"inputs"`
	Commands   []Command    `json:"commands"`
	Equivalent []Equivalent `json:"equivalent"`
}

// Equivalent is a mutant that is said to do the same as before.
type Equivalent struct {
	ID  string `json:"id"`
	Why string `json:"why"`
}

// Bounds of answers: more than is asked for is taken as nonsense, a little
// more is not.
const (
	maxEdges    = 32
	maxHandTest = 4 << 10
	maxCommands = 64
	maxCount    = 64
	maxArgs     = 16
	maxArg      = 128
	maxCases    = 24
)

// ParsePlan reads an answer. The error is a *ParseError.
func ParsePlan(text string) (*Plan, error) {
	var p Plan
	if err := parse(text, &p); err != nil {
		return nil, err
	}
	switch p.Kind {
	case KindBatch, KindInteractive, KindFunction, KindImageOnly:
	default:
		return nil, &ParseError{"kind is none of batch, interactive, function and image_only"}
	}
	switch p.Checker {
	case CheckerTokens, CheckerIgnoreCase, CheckerSpace, CheckerFloat, CheckerCustom:
	default:
		return nil, &ParseError{"checker is none of tokens, case, space, float and custom"}
	}
	if p.AbsTolerance < 0 || p.RelTolerance < 0 || p.AbsTolerance > 1 || p.RelTolerance > 1 {
		return nil, &ParseError{"a tolerance is not between 0 and 1"}
	}
	if p.Checker == CheckerFloat && p.AbsTolerance == 0 && p.RelTolerance == 0 {
		return nil, &ParseError{"the checker is float and both tolerances are 0"}
	}
	return checked(&p, checkHandTests(p.Edges))
}

// ParseSuiteProgram reads an answer. The error is a *ParseError.
func ParseSuiteProgram(text string) (*SuiteProgram, error) {
	var p SuiteProgram
	if err := parse(text, &p); err != nil {
		return nil, err
	}
	return checked(&p, p.check())
}

// ParseValidator reads an answer. The error is a *ParseError.
func ParseValidator(text string) (*Validator, error) {
	var v Validator
	if err := parse(text, &v); err != nil {
		return nil, err
	}
	if len(v.Rejects) == 0 || len(v.Rejects) > maxCases {
		return nil, &ParseError{"rejects needs 4 to 10 inputs"}
	}
	return checked(&v, v.check())
}

// ParseGenerator reads an answer. The error is a *ParseError.
func ParseGenerator(text string) (*Generator, error) {
	var g Generator
	if err := parse(text, &g); err != nil {
		return nil, err
	}
	if len(g.Commands) == 0 {
		return nil, &ParseError{"there are no commands"}
	}
	if err := checkCommands(g.Commands); err != nil {
		return nil, err
	}
	return checked(&g, g.check())
}

// ParseChecker reads an answer. The error is a *ParseError.
func ParseChecker(text string) (*Checker, error) {
	var c Checker
	if err := parse(text, &c); err != nil {
		return nil, err
	}
	if len(c.Accepts) == 0 || len(c.Rejects) == 0 || len(c.Accepts)+len(c.Rejects) > 2*maxCases {
		return nil, &ParseError{"accepts needs 2 to 6 cases and rejects 4 to 8"}
	}
	return checked(&c, c.check())
}

// ParseKill reads an answer. The error is a *ParseError.
func ParseKill(text string) (*Kill, error) {
	var k Kill
	if err := parse(text, &k); err != nil {
		return nil, err
	}
	if err := checkCommands(k.Commands); err != nil {
		return nil, err
	}
	return checked(&k, checkHandTests(k.Inputs))
}

// checked is an answer, or why it is none.
func checked[T any](answer *T, err error) (*T, error) {
	if err != nil {
		return nil, err
	}
	return answer, nil
}

func (p *SuiteProgram) check() error {
	switch {
	case p.Language != "python" && p.Language != "cpp":
		return &ParseError{"language is neither python nor cpp"}
	case strings.TrimSpace(p.Code) == "":
		return &ParseError{"the code is empty"}
	case len(p.Code) > maxProgramBytes:
		return &ParseError{"the code is longer than 64 KiB"}
	}
	return nil
}

func checkHandTests(tests []HandTest) error {
	if len(tests) > maxEdges {
		return &ParseError{fmt.Sprintf("there are %d tests by hand; give at most %d", len(tests), maxEdges)}
	}
	for i := range tests {
		if len(tests[i].Input) > maxHandTest {
			return &ParseError{fmt.Sprintf("test %d by hand is longer than %d bytes; give a command instead", i+1, maxHandTest)}
		}
	}
	return nil
}

func checkCommands(commands []Command) error {
	if len(commands) > maxCommands {
		return &ParseError{fmt.Sprintf("there are %d commands; give at most %d", len(commands), maxCommands)}
	}
	for i := range commands {
		if problem := commands[i].wrong(); problem != "" {
			return &ParseError{fmt.Sprintf("command %d %s", i+1, problem)}
		}
	}
	return nil
}

// wrong says what is wrong with a command, "" when nothing is.
func (c *Command) wrong() string {
	switch c.Kind {
	case problem.TestSmall, problem.TestLarge, problem.TestAdversarial, problem.TestWorstCase:
	default:
		return "is of none of the kinds small, large, adversarial and worst-case"
	}
	if c.Count < 1 || c.Count > maxCount {
		return fmt.Sprintf("has a count that is not between 1 and %d", maxCount)
	}
	if len(c.Args) > maxArgs {
		return fmt.Sprintf("has more than %d arguments", maxArgs)
	}
	for _, arg := range c.Args {
		if len(arg) > maxArg || strings.ContainsAny(arg, "\x00\n") {
			return fmt.Sprintf("has an argument that is longer than %d bytes or has more than one line", maxArg)
		}
	}
	return ""
}
