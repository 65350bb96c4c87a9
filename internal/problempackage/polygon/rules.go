package polygon

import (
	_ "embed" // the checker
	"regexp"
	"strconv"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

//go:embed checker/rules.cpp
var rulesChecker string

// standard are the checkers that every Polygon package may name and that rules
// stand for. The others of that kind are run from their source.
var standard = map[string]problem.CompareRules{
	"std::wcmp.cpp":   {},
	"std::ncmp.cpp":   {},
	"std::icmp.cpp":   {},
	"std::hcmp.cpp":   {},
	"std::yesno.cpp":  {IgnoreCase: true},
	"std::nyesno.cpp": {IgnoreCase: true},
	"std::rcmp4.cpp":  {AbsTolerance: 1e-4, RelTolerance: 1e-4},
	"std::rcmp6.cpp":  {AbsTolerance: 1e-6, RelTolerance: 1e-6},
	"std::rcmp9.cpp":  {AbsTolerance: 1e-9, RelTolerance: 1e-9},
}

// wordChecker is the standard checker that compares word by word.
const wordChecker = "std::wcmp.cpp"

// rulesSource is a checker of its own for rules that no standard one has.
func rulesSource(r problem.CompareRules) string {
	number := func(value float64) string { return strconv.FormatFloat(value, 'g', -1, 64) }
	return strings.NewReplacer(
		"{{IGNORE_CASE}}", strconv.FormatBool(r.IgnoreCase),
		"{{SPACE_SENSITIVE}}", strconv.FormatBool(r.SpaceSensitive),
		"{{PRESENTATION_ERRORS}}", strconv.FormatBool(r.PresentationErrors),
		"{{ABS_TOLERANCE}}", number(r.AbsTolerance), "{{REL_TOLERANCE}}", number(r.RelTolerance),
	).Replace(rulesChecker)
}

var ruleValues = regexp.MustCompile(`(?m)^const (?:bool|double) ([A-Z_]+) = ([a-z0-9.+-]+);$`)

// rulesOf are the rules of a checker that rulesSource made.
func rulesOf(source string) (problem.CompareRules, bool) {
	values := map[string]string{}
	for _, match := range ruleValues.FindAllStringSubmatch(source, -1) {
		values[match[1]] = match[2]
	}
	var r problem.CompareRules
	r.IgnoreCase = values["IGNORE_CASE"] == "true"
	r.SpaceSensitive = values["SPACE_SENSITIVE"] == "true"
	r.PresentationErrors = values["PRESENTATION_ERRORS"] == "true"
	r.AbsTolerance, _ = strconv.ParseFloat(values["ABS_TOLERANCE"], 64)
	r.RelTolerance, _ = strconv.ParseFloat(values["REL_TOLERANCE"], 64)
	return r, source == rulesSource(r)
}
