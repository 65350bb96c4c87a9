package mutation

import "strings"

// recomputed drops the look into a memo: a case that returns what the memo
// holds.
func recomputed(p *program, n *node) []change {
	if !n.remembers() {
		return nil
	}
	condition, no := n.get("condition"), "False"
	if p.cpp() {
		condition, no = condition.get("value"), "false"
	}
	return one(n, "the memo of "+quote(condition.text)+" is not used", condition.with(no))
}

// remembers tells whether a case asks a memo and returns what it has.
func (n *node) remembers() bool {
	result := n.get("consequence").last()
	value := result.part(0)
	if !result.is("return_statement") || n.get("alternative") != nil || !value.is("subscript", "subscript_expression") {
		return false
	}
	name := value.leftmostName()
	return name != "" && strings.Contains(n.get("condition").text, name)
}

// summedAgain adds up a range instead of subtracting two prefix sums.
func summedAgain(p *program, n *node) []change {
	high, low := n.get("left").bare(), n.get("right").bare()
	name := prefixed(high)
	if n.token("-") == nil || name == "" || prefixed(low) != name || p.prefixOf[name] == nil {
		return nil
	}
	of := p.prefixOf[name]
	from, to := "("+index(low).text+")"+of.shift, "("+index(high).text+")"+of.shift
	text := "sum(" + of.name + "[" + from + ":" + to + "])"
	if p.cpp() {
		text = "std::accumulate(std::begin(" + of.name + ") + " + from + ", std::begin(" + of.name + ") + " + to + ", 0LL)"
	}
	return one(n, quote(n.text)+" is added up each time", n.with(text))
}

// prefix is an array whose prefix sums another holds.
type prefix struct {
	name string
	// shift is what an index into the sums is off by.
	shift string
}

// learnPrefixes finds p[i + 1] = p[i] + a[i] and p[i] = p[i - 1] + a[i].
func (p *program) learnPrefixes() {
	for _, kind := range []string{"assignment", "assignment_expression"} {
		for _, n := range p.kinds[kind] {
			left, sum := n.get("left"), n.get("right")
			name := prefixed(left)
			if name == "" || n.token("=") == nil || sum.token("+") == nil {
				continue
			}
			added := sum.get("right")
			if prefixed(sum.get("left")) != name || prefixed(added) == "" || prefixed(added) == name {
				continue
			}
			shift := ""
			if index(added).text == index(left).text {
				shift = " + 1"
			}
			p.prefixOf[name] = &prefix{name: prefixed(added), shift: shift}
		}
	}
}

// prefixed is a in a[i].
func prefixed(n *node) string {
	array := n.get("value")
	if n.is("subscript_expression") {
		array = n.get("argument")
	}
	if !n.is("subscript", "subscript_expression") || !array.is("identifier") || index(n) == nil {
		return ""
	}
	return array.text
}

// index is i in a[i].
func index(n *node) *node {
	if n.is("subscript_expression") {
		return n.get("indices").part(0)
	}
	return n.get("subscript")
}

// fewRounds bounds loops that are short whatever the input is.
const fewRounds = 100

// short tells whether a loop's rounds are written out.
func (p *program) short(loop *node) bool {
	bound := loop.get("right")
	if bound.calls("range") {
		bound = bound.arg()
	}
	if bound == nil {
		bound = loop.get("condition").get("right")
	}
	if bound.is("list", "tuple", "string", "initializer_list", "string_literal") {
		return true
	}
	value, _ := valueOf(bound.str())
	return bound.is("integer", "number_literal") && value <= fewRounds
}

const repeats = "each round of the loop repeats the work of all rounds before"
