package mutation

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

var otherStarts = map[string]string{
	"0": "1", "1": "0", "-1": "0", "0LL": "1LL", "0.0": "1.0",
	"True": "False", "False": "True", "true": "false", "false": "true",
}

// otherStart begins with another value.
func otherStart(_ *program, n *node) []change {
	text, ok := otherStarts[n.text]
	if !ok || !starts(n) {
		return nil
	}
	return []change{replaced(n, text)}
}

// starts tells whether a literal is what a variable or a container's elements
// begin with. Loops' counters are left to OffByOne.
func starts(n *node) bool {
	parent := n.parent
	switch {
	case parent.is("assignment", "default_parameter", "assignment_expression"):
		return n.field == "right" && parent.token("=") != nil || n.field == "value"
	case parent.is("init_declarator"):
		return !parent.parent.parent.is(loopKinds...)
	case parent.is("expression_list"):
		return parent.parent.is("assignment")
	case parent.is("list"):
		return parent.parent.is("binary_operator")
	case parent.is("list_comprehension"):
		return n.field == "body"
	case parent.is("initializer_list"):
		return parent.parent.is("init_declarator")
	case parent.is("argument_list"):
		call := parent.parent
		return parent.part(-1) == n && parent.part(0) != n && (call.is("init_declarator") || call.calls("vector", "assign", "fill", "accumulate")) ||
			call.calls("memset") && parent.part(1) == n
	}
	return false
}

// What counts as an infinity, and what comes in its place: a number that
// large inputs still exceed.
const (
	infinity      = 1e6
	largeInfinity = 1e12
)

// primes are moduli, which are as large as infinities.
var primes = []float64{998244353, 1e9 + 7, 1e9 + 9}

// smallInfinityPython begins with a value that is not beyond all others.
func smallInfinityPython(_ *program, n *node) []change {
	value := magnitude(n)
	if value < infinity || slices.Contains(primes, value) || n.parent.is("binary_operator") || setting(n) {
		return nil
	}
	text := "10**4"
	if value >= largeInfinity {
		text = "10**9"
	}
	return []change{replaced(n, text), replaced(n, "0")}
}

// magnitude is the value of a large constant, 0 of everything else.
func magnitude(n *node) float64 {
	switch {
	case n.is("integer", "float"):
		v, _ := strconv.ParseFloat(strings.ReplaceAll(n.text, "_", ""), 64)
		return v
	case n.calls("float") && strings.Contains(n.arg().str(), "inf"), n.is("attribute") && (n.text == "math.inf" || n.text == "sys.maxsize"):
		return math.Inf(1)
	case n.token("**") != nil && n.get("left").is("integer") && n.get("right").is("integer"):
		return math.Pow(magnitude(n.get("left")), magnitude(n.get("right")))
	case n.token("<<") != nil && n.get("left").is("integer") && n.get("right").is("integer"):
		return magnitude(n.get("left")) * math.Exp2(magnitude(n.get("right")))
	}
	return 0
}

var smallInfinities = map[string][]string{
	"INT_MAX": {"10000", "0"}, "INT_MIN": {"-10000", "0"},
	"LLONG_MAX": {"1000000000LL", "0LL"}, "LLONG_MIN": {"-1000000000LL", "0LL"},
}

// smallInfinityCpp keeps the type, which templates depend on.
func smallInfinityCpp(p *program, n *node) []change {
	var texts []string
	switch {
	case n.is("number_literal"):
		texts = smallLiterals(n)
	case n.is("identifier"):
		texts = smallInfinities[n.text]
	case n.token("<<") != nil:
		texts = smallShifts(n)
	case n.calls("max", "lowest", "min") && n.get("function").get("scope").get("name").str() == "numeric_limits":
		of := n.get("function").get("scope").get("arguments").part(0).str()
		texts = []string{"((" + of + ")10000)", "((" + of + ")0)"}
		if p.wide(of) {
			texts[0] = "((" + of + ")1000000000)"
		}
	}
	changes := make([]change, 0, len(texts))
	for _, text := range texts {
		changes = append(changes, replaced(n, text))
	}
	return changes
}

// smallShifts are for 1LL << 60.
func smallShifts(n *node) []string {
	one, bits := n.get("left"), n.get("right")
	base, _ := valueOf(one.text)
	exponent, _ := valueOf(bits.text)
	switch value := base * math.Exp2(exponent); {
	case !one.is("number_literal") || !bits.is("number_literal") || value < infinity:
		return nil
	case value >= largeInfinity:
		return []string{"(" + one.text + " << 30)", "0"}
	}
	return []string{"(" + one.text + " << 13)", "0"}
}

func smallLiterals(n *node) []string {
	value, suffix := valueOf(n.text)
	if value < infinity || slices.Contains(primes, value) || n.parent.is("binary_expression") || setting(n) {
		return nil
	}
	float := strings.ContainsAny(n.text, ".eE") && !strings.HasPrefix(n.text, "0x")
	switch large := value >= largeInfinity; {
	case large && float:
		return []string{"1e9", "0.0"}
	case large:
		return []string{"1000000000" + suffix, "0" + suffix}
	case float:
		return []string{"1e4", "0.0"}
	}
	return []string{"10000" + suffix, "0" + suffix}
}

// valueOf reads a literal in C++: 1'000, 0x3f3f3f3f, 2e5, 7LL.
func valueOf(literal string) (value float64, suffix string) {
	digits := strings.ReplaceAll(literal, "'", "")
	number := strings.TrimRight(digits, "uUlL")
	suffix = digits[len(number):]
	if v, err := strconv.ParseInt(number, 0, 64); err == nil {
		return float64(v), suffix
	}
	value, _ = strconv.ParseFloat(number, 64)
	return value, suffix
}

// The sizes that are large because inputs are.
const (
	minCapacity = 1000
	maxCapacity = 1e8
)

// smallArray makes an array a tenth as long.
func smallArray(p *program, n *node) []change {
	value, _ := valueOf(n.text)
	if value < minCapacity || value > maxCapacity || !p.dimension(n) {
		return nil
	}
	return []change{replaced(n, strconv.Itoa(int(value)/10))}
}

// dimension tells whether a literal sizes an array, itself or by the name of
// a constant.
func (p *program) dimension(n *node) bool {
	if n.within("array_declarator") != nil {
		return true
	}
	constant := n.within("init_declarator")
	if constant == nil || constant.parent.get("type") == nil || !constant.parent.constant() {
		return false
	}
	return slices.ContainsFunc(p.names[constant.get("declarator").str()], func(use *node) bool {
		return use.within("array_declarator", "template_argument_list") != nil
	})
}
