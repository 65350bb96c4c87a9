package problempackage

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// Outcome is a verdict in the words of the problem package format, which
// knows four.
type Outcome string

// The outcomes.
const (
	AC  Outcome = "AC"
	WA  Outcome = "WA"
	TLE Outcome = "TLE"
	RTE Outcome = "RTE"
	// CE is no outcome of a test: the program was not compiled.
	CE Outcome = "CE"
)

// OutcomeOf is what the format calls a verdict: one that broke any limit but
// that of time has crashed.
func OutcomeOf(verdict problem.Verdict) Outcome {
	switch verdict {
	case problem.Accepted:
		return AC
	case problem.WrongAnswer, problem.PresentationError:
		return WA
	case problem.TimeLimitExceeded:
		return TLE
	case problem.CompileError:
		return CE
	}
	return RTE
}

// Expectation is what a submission must do. Empty fields ask for nothing.
type Expectation struct {
	// Tests names the tests that it is about: a test or a group by its path,
	// with * for any part of a name; empty means all.
	Tests string
	// Permitted is what each of the tests may give, Required what at least one
	// of them must.
	Permitted, Required []Outcome
	// Final is what the first test that is not accepted may give, or AC.
	Final []Outcome
}

// Folders are the verdicts that submissions are filed under, in the order in
// which they are listed.
func Folders() []string {
	return []string{
		"accepted", "partially_accepted", "wrong_answer", "time_limit_exceeded", "run_time_error",
		"memory_limit_exceeded", "brute_force", "rejected", "compile_error", "mixed",
	}
}

// ExpectedOf is what the name of a folder asks for, and whether it asks for
// anything. The legacy format lets a slow program be wrong too, and one that
// crashes do anything else as well; the formats after it do not.
func ExpectedOf(folder string, format Format) ([]Expectation, bool) {
	legacy := format == ICPCLegacy
	switch folder {
	case "accepted":
		return []Expectation{{Permitted: []Outcome{AC}}}, true
	case "partially_accepted":
		// In a problem without scores: some tests, not all.
		return []Expectation{{Required: []Outcome{AC}}, {Required: []Outcome{WA, TLE, RTE}}}, true
	case "wrong_answer", "no_output":
		return []Expectation{{Permitted: []Outcome{AC, WA}, Required: []Outcome{WA}}}, true
	case "time_limit_exceeded":
		if legacy {
			return []Expectation{{Permitted: []Outcome{AC, WA, TLE}, Required: []Outcome{TLE}}}, true
		}
		return []Expectation{{Permitted: []Outcome{AC, TLE}, Required: []Outcome{TLE}}}, true
	case "run_time_error", "memory_limit_exceeded", "output_limit_exceeded":
		if legacy {
			return []Expectation{{Required: []Outcome{RTE}}}, true
		}
		return []Expectation{{Permitted: []Outcome{AC, RTE}, Required: []Outcome{RTE}}}, true
	case "brute_force":
		return []Expectation{{Permitted: []Outcome{AC, RTE, TLE}, Required: []Outcome{RTE, TLE}}}, true
	case "rejected":
		return []Expectation{{Required: []Outcome{RTE, TLE, WA}}}, true
	case "compile_error", "compiler_error":
		return []Expectation{{Final: []Outcome{CE}}}, true
	}
	return nil, false
}

// Violation says in words how a report disagrees with what was expected, and
// nothing where it does not.
func Violation(expect []Expectation, report *problem.Report) string {
	if OutcomeOf(report.Verdict) == CE {
		if slices.ContainsFunc(expect, func(e Expectation) bool { return slices.Contains(e.Final, CE) }) {
			return ""
		}
		return "it does not compile"
	}
	for i := range expect {
		if words := expect[i].violation(report); words != "" {
			return words
		}
	}
	return ""
}

func (e *Expectation) violation(report *problem.Report) string {
	if final := OutcomeOf(report.Verdict); len(e.Final) > 0 && !slices.Contains(e.Final, final) {
		return fmt.Sprintf("it ends with %s, expected %s", final, either(e.Final))
	}
	required := len(e.Required) == 0
	for i := range report.Tests {
		test := &report.Tests[i]
		if e.Tests != "" && !MatchPath(e.Tests, test.Name) {
			continue
		}
		outcome := OutcomeOf(test.Verdict)
		if len(e.Permitted) > 0 && !slices.Contains(e.Permitted, outcome) {
			return fmt.Sprintf("%s gives %s, allowed is %s", test.Name, outcome, either(e.Permitted))
		}
		required = required || slices.Contains(e.Required, outcome)
	}
	if !required {
		of := "test"
		if e.Tests != "" {
			of = "test of " + e.Tests
		}
		return fmt.Sprintf("no %s gives %s", of, either(e.Required))
	}
	return ""
}

func either(outcomes []Outcome) string {
	words := make([]string, len(outcomes))
	for i, o := range outcomes {
		words[i] = string(o)
	}
	return strings.Join(words, " or ")
}

// Describe says in words what is expected.
func Describe(expect []Expectation) string {
	words := make([]string, 0, len(expect))
	for _, e := range expect {
		part := ""
		switch {
		case len(e.Final) > 0:
			part = either(e.Final)
		case len(e.Required) > 0:
			part = "some " + either(e.Required)
			if len(e.Permitted) > 0 {
				part += ", only " + either(e.Permitted)
			}
		case len(e.Permitted) > 0:
			part = "all " + either(e.Permitted)
		}
		if e.Tests != "" {
			part = e.Tests + ": " + part
		}
		words = append(words, part)
	}
	return strings.Join(words, "; ")
}

// MatchPath tells whether a pattern of the format matches a path or a folder
// that it lies in: * is any part of one name, {a,b} is either. A pattern that
// is no text, or nests braces a thousand deep, matches nothing.
func MatchPath(pattern, name string) bool {
	compiled, err := regexp.Compile(expression(pattern))
	return err == nil && compiled.MatchString(name)
}

var patternParts = regexp.MustCompile(`\*|\{|\}|,|[^*{},]+`)

// expression makes a regular expression of a pattern. A comma outside of
// braces, and a brace that is not closed, stand for themselves.
func expression(pattern string) string {
	var out strings.Builder
	depth, closing := 0, strings.Count(pattern, "}")
	for _, part := range patternParts.FindAllString(pattern, -1) {
		switch {
		case part == "*":
			out.WriteString("[^/]*")
		case part == "{" && closing > depth:
			out.WriteString("(?:")
			depth++
		case part == "}" && depth > 0:
			out.WriteString(")")
			depth, closing = depth-1, closing-1
		case part == "," && depth > 0:
			out.WriteString("|")
		default:
			if part == "}" {
				closing--
			}
			out.WriteString(regexp.QuoteMeta(part))
		}
	}
	out.WriteString(strings.Repeat(")", depth))
	return "^(?:" + out.String() + ")(?:/.*)?$"
}

// expectedResults is DOMjudge's tag in the source of a submission.
var expectedResults = regexp.MustCompile(`@EXPECTED_RESULTS@:[ \t]*([A-Za-z_, \t-]+)`)

// domjudgeResults are DOMjudge's words and those that it takes for them.
var domjudgeResults = map[string]Outcome{
	"CORRECT": AC, "ACCEPTED": AC,
	"WRONG-ANSWER": WA, "WRONG_ANSWER": WA, "NO-OUTPUT": WA, "NO_OUTPUT": WA,
	"TIMELIMIT": TLE, "TIME_LIMIT_EXCEEDED": TLE,
	"RUN-ERROR": RTE, "RUN_TIME_ERROR": RTE, "OUTPUT-LIMIT": RTE, "OUTPUT_LIMIT": RTE,
	"COMPILER-ERROR": CE, "COMPILER_ERROR": CE,
}

// TaggedResults are the final verdicts that DOMjudge's tag in a source allows,
// nil where there is none that is understood.
func TaggedResults(source string) []Outcome {
	match := expectedResults.FindStringSubmatch(source)
	if match == nil {
		return nil
	}
	var outcomes []Outcome
	for word := range strings.SplitSeq(match[1], ",") {
		outcome, ok := domjudgeResults[strings.ToUpper(strings.TrimSpace(word))]
		if ok && !slices.Contains(outcomes, outcome) {
			outcomes = append(outcomes, outcome)
		}
	}
	return outcomes
}
