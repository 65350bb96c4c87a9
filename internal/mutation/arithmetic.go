package mutation

import (
	"fmt"
	"strings"
)

var (
	operations = map[string]string{
		"+": "-", "-": "+", "*": "+", "+=": "-=", "-=": "+=", "*=": "+=",
		"&": "|", "|": "&", "^": "|", "&=": "|=", "|=": "&=", "^=": "|=",
	}

	extrema = map[string]string{
		"min": "max", "max": "min", "min_element": "max_element", "max_element": "min_element",
	}
)

// arithmetic replaces an operation on numbers.
func arithmetic(p *program, n *node) []change {
	left, right := n.get("left"), n.get("right")
	for _, c := range n.children {
		text, ok := operations[c.kind]
		if !ok || c.named {
			continue
		}
		if !p.number(left) || !p.number(right) || !n.has("identifier") {
			return nil
		}
		return []change{replaced(c, text)}
	}
	return nil
}

// roundedPython rounds a quotient up, or computes it in floating point, which
// is exact up to 2**53 only.
func roundedPython(_ *program, n *node) []change {
	if n.token("//") == nil {
		return nil
	}
	a, b := n.get("left").bare().text, n.get("right").bare().text
	return []change{
		replaced(n, fmt.Sprintf("(-(-(%s) // (%s)))", a, b)),
		replaced(n, fmt.Sprintf("int((%s) / (%s))", a, b)),
	}
}

// roundedCpp rounds a quotient up. It names the divisor twice, so that must
// not do anything.
func roundedCpp(p *program, n *node) []change {
	a, b := n.get("left"), n.get("right")
	if n.token("/") == nil || b.has("call_expression", "update_expression", "assignment_expression") {
		return nil
	}
	if p.floating(a) || p.floating(b) {
		return nil
	}
	return []change{replaced(n, fmt.Sprintf("(((%[1]s) + (%[2]s) - 1) / (%[2]s))", a.bare().text, b.bare().text))}
}

// floating tells whether an expression looks like a floating point number.
func (p *program) floating(n *node) bool {
	for _, c := range n.under {
		switch {
		case c.is("number_literal") && strings.ContainsAny(c.text, ".eE"),
			c.is("primitive_type") && (c.text == "double" || c.text == "float"),
			c.is("identifier", "field_identifier") && p.typed(c.text, func(t string) bool { return strings.Contains(t, "double") }),
			c.calls("sqrt", "sqrtl", "pow", "sin", "cos", "log", "hypot"):
			return true
		}
	}
	return false
}

// droppedModulus forgets a remainder.
func droppedModulus(p *program, n *node) []change {
	left := n.get("left")
	switch {
	case n.token("%") != nil && p.number(left):
		return []change{{at: n, says: "`% " + quote(n.get("right").text)[1:] + " was dropped", edits: []edit{n.with(left.text)}}}
	case n.token("%=") != nil && n.parent.is("expression_statement"):
		return []change{dropped(n, left.text)}
	}
	return nil
}
