package mutation

import "fmt"

// In Python integers are not bounded; a solution that was thought out in
// another language is wrong where they leave 32 bits. As there, a result wraps
// around.
func wrapped(text string) string { return fmt.Sprintf("((%s) + 2**31) %% 2**32 - 2**31", text) }

// wrappedValue keeps 32 bits of what is assigned.
func wrappedValue(p *program, n *node) []change {
	left, right := n.get("left"), n.get("right")
	if right == nil || right.has("float") || !p.number(right) {
		return nil
	}
	if n.is("augmented_assignment") {
		return p.wrappedSum(n, left, right)
	}
	if !left.is("identifier", "subscript") {
		return nil
	}
	product := right.bare()
	if product.token("%") != nil {
		product = product.get("left").bare()
	}
	if !grows(product) || !p.number(product) {
		return nil
	}
	text := wrapped(product.text)
	if product != right {
		text = "(" + text + ")"
	}
	return one(product, quote(product.text)+" is computed in 32 bits", product.with(text))
}

func (p *program) wrappedSum(n, left, right *node) []change {
	sign := n.token("+=", "*=", "-=")
	if sign == nil || right.is("integer") || left.has("call") || p.texts[left.leftmostName()] && left.is("identifier") {
		return nil
	}
	text := wrapped(fmt.Sprintf("%s %s (%s)", left.text, sign.kind[:1], right.text))
	return one(n, quote(n.text)+" is computed in 32 bits", n.with(left.text+" = "+text))
}

// grows tells whether an operation makes numbers that are much larger than
// its operands, or adds up several: indices do not.
func grows(n *node) bool {
	switch {
	case n.calls("sum", "prod", "accumulate"):
		return true
	case !n.is(binary...), !n.has("identifier"):
		// What a constant holds mostly fits.
		return false
	case n.token("*", "**", "<<") != nil:
		return !n.has("list", "string")
	}
	return n.token("+", "-") != nil && !n.get("left").is("integer", "number_literal") && !n.get("right").is("integer", "number_literal")
}

// wrappedOutput keeps 32 bits of what is printed.
func wrappedOutput(p *program, n *node) []change {
	if n.callee().str() != "print" {
		return nil
	}
	var changes []change
	for _, a := range n.args() {
		if p.number(a) && (grows(a) || p.sums[a.text]) {
			changes = append(changes, change{at: a, says: quote(a.text) + " is computed in 32 bits", edits: []edit{a.with(wrapped(a.text))}})
		}
	}
	return changes
}

// floatingRoot rounds a root that has more digits than a float.
func floatingRoot(_ *program, n *node) []change {
	if n.callee().str() != "isqrt" || n.arg() == nil {
		return nil
	}
	return []change{replaced(n, "int(("+n.arg().text+") ** 0.5)")}
}
