package mutation

import (
	"fmt"
	"slices"
	"strconv"
)

// maxCounted is the largest literal that people miss by one; larger ones are
// bases, moduli and infinities.
const maxCounted = 100

// The calls whose numbers do not count anything.
var settings = []string{
	"tie", "sync_with_stdio", "setprecision", "precision", "setrecursionlimit", "stack_size", "exit", "lru_cache",
	"setw", "setfill", "round", "reserve", "srand",
}

// literalByOne makes a number larger and smaller by one.
func literalByOne(_ *program, n *node) []change {
	value, err := strconv.Atoi(n.text)
	if err != nil || value < 0 || value > maxCounted || setting(n) {
		return nil
	}
	var changes []change
	if !sizes(n) {
		changes = append(changes, replaced(n, strconv.Itoa(value+1)))
	}
	if value > 1 || value == 1 && !step(n) {
		changes = append(changes, replaced(n, strconv.Itoa(value-1)))
	}
	return changes
}

// setting tells whether a literal is no part of the computation.
func setting(n *node) bool {
	for around := n.parent; around != nil; around = around.parent {
		switch {
		case around.is(binary...) && !around.has("identifier"),
			around.calls(settings...), around.is("template_argument_list", "array_declarator", "enumerator", "decorator", "format_specifier"):
			return true
		case around.is("return_statement"):
			_, name := around.function()
			return name == "main"
		case around.is("expression_statement", "declaration"):
			return false
		}
	}
	return false
}

// sizes tells whether a literal adds to a container's size: a larger one
// makes no difference.
func sizes(n *node) bool {
	for around := n.within(binary...); around != nil; around = around.within(binary...) {
		if around.token("*") != nil && around.get("left").is("list") && around.get("right").encloses(n) {
			return true
		}
	}
	list := n.within("argument_list")
	call := list.up()
	sizing := call.is("init_declarator") || call.calls("vector", "resize", "assign") || call.get("function").is("template_type")
	return sizing && list.part(0).encloses(n)
}

// step tells whether a literal moves a loop on: without it the loop never
// ends.
func step(n *node) bool {
	return n.parent.is("augmented_assignment", "assignment_expression") && n.field == "right" ||
		n.parent.parent.calls("range") && n.parent.part(2) == n
}

// beside is an expression and a small number, neither of which is a literal
// yet: literalByOne has those.
func beside(n *node, sign string) string {
	if n.is("identifier", "call", "call_expression", "subscript", "subscript_expression", "attribute", "field_expression", "parenthesized_expression") ||
		n.is(binary...) && n.token("+", "-", "*", "/", "//", "%") != nil {
		return n.text + " " + sign + " 1"
	}
	return "(" + n.text + ") " + sign + " 1"
}

func literal(n *node) bool {
	if n.is(binary...) && n.token("+", "-") != nil {
		n = n.get("right")
	}
	return n.is("integer", "float", "number_literal", "unary_operator")
}

// rangeByOne misses a loop's first or last round, or takes one too many.
func rangeByOne(_ *program, n *node) []change {
	args := n.args()
	if n.callee().str() != "range" || len(args) == 0 || slices.ContainsFunc(args, func(a *node) bool { return a.is("list_splat") }) {
		return nil
	}
	var changes []change
	first, stop := args[0], args[0]
	if len(args) == 1 {
		changes = append(changes, replaced(n, fmt.Sprintf("range(1, %s)", stop.text)))
	} else {
		stop = args[1]
		if !literal(first) {
			changes = append(changes, replaced(first, beside(first, "+")))
		}
	}
	if !literal(stop) {
		changes = append(changes, replaced(stop, beside(stop, "-")), replaced(stop, beside(stop, "+")))
	}
	return changes
}

// boundsByOne does so in C++; a literal bound and < for <= are found
// elsewhere.
func boundsByOne(p *program, n *node) []change {
	var changes []change
	if condition := n.get("condition"); condition.is("binary_expression") && p.integer(condition.get("left")) && !literal(condition.get("right")) {
		right := condition.get("right")
		switch {
		case condition.token("<", "<=") != nil:
			changes = append(changes, replaced(right, beside(right, "-")))
		case condition.token(">", ">=") != nil:
			changes = append(changes, replaced(right, beside(right, "+")))
		}
	}
	for _, c := range n.get("initializer").parts() {
		if value := c.get("value"); c.is("init_declarator") && p.integer(c.get("declarator")) && !literal(value) {
			changes = append(changes, replaced(value, beside(value, "+")))
		}
	}
	return changes
}

// indexByOne looks at the neighbour.
func indexByOne(p *program, n *node) []change {
	index := n.get("subscript")
	if p.cpp() {
		index = n.get("indices").part(0)
	}
	if !index.is("identifier") || !p.counters[index.text] && !p.integer(index) {
		return nil
	}
	return []change{replaced(index, beside(index, "+")), replaced(index, beside(index, "-"))}
}
