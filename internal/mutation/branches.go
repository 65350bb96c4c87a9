package mutation

import "strings"

// fixedCondition forgets a case, or takes it for the only one.
func fixedCondition(p *program, n *node) []change {
	condition, yes, no := n.get("condition"), "True", "False"
	if p.cpp() {
		condition, yes, no = condition.get("value"), "true", "false"
	}
	if condition == nil || condition.is("true", "false", "declaration") || strings.Contains(condition.text, "__name__") || n.token("constexpr") != nil {
		return nil
	}
	changes := []change{replaced(condition, yes)}
	if !n.remembers() {
		changes = append(changes, replaced(condition, no))
	}
	return changes
}

// droppedElse forgets what is done otherwise.
func droppedElse(p *program, n *node) []change {
	if p.cpp() {
		return []change{dropped(n, "")}
	}
	if !n.parent.is("if_statement") {
		return nil
	}
	_, start, ok := p.line(n)
	if !ok {
		return nil
	}
	return one(n, quote(n.text)+" was dropped", edit{start, n.end, ""})
}

// droppedChoice takes one of two values always.
func droppedChoice(p *program, n *node) []change {
	yes, no := n.get("consequence"), n.get("alternative")
	if !p.cpp() {
		yes, no = n.part(0), n.part(2)
	}
	if yes == nil || no == nil {
		return nil
	}
	return []change{replaced(n, "("+yes.text+")"), replaced(n, "("+no.text+")")}
}

// droppedJump goes on where the program does not. The only statement of a
// case is left to fixedCondition, and the last one of a body jumps nowhere.
func droppedJump(p *program, n *node) []change {
	if n.is("return_statement") && n.part(0) != nil {
		return nil
	}
	body := n.parent
	if body.is("if_statement", "else_clause", "elif_clause") || len(body.parts()) == 1 && body.is(bodyKinds...) {
		return nil
	}
	if body.last() == n && !n.is("break_statement") && body.parent.is(append(loopKinds, "function_definition")...) {
		return nil
	}
	return []change{dropped(n, p.nothing())}
}

// nothing is a statement that does nothing.
func (p *program) nothing() string {
	if p.cpp() {
		return ";"
	}
	return "pass"
}
