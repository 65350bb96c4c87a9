package mutation

// oneRound ends a loop after its first round.
func oneRound(p *program, n *node) []change {
	return p.ending(n, n.get("body"), "the loop ends after its first round")
}

// firstHit ends a loop where a condition holds for the first time.
func firstHit(p *program, n *node) []change {
	around := n.within(append(functions, append(loopKinds, "switch_statement")...)...)
	if !around.is(loopKinds...) {
		return nil
	}
	condition := n.get("condition")
	if p.cpp() {
		condition = condition.get("value")
	}
	return p.ending(n, n.get("consequence"), "the loop ends the first time that "+quote(condition.str())+" holds")
}

// ending puts a break at the end of a body.
func (p *program) ending(at, body *node, says string) []change {
	if last := body.last(); last == nil || last.is(jumpKinds...) {
		return nil
	}
	if edits := p.appended(body, "break"); edits != nil {
		return one(at, says, edits...)
	}
	return nil
}

// appended puts a statement at the end of a body.
func (p *program) appended(body *node, statement string) []edit {
	if body.is("compound_statement") {
		return []edit{{body.end - 1, body.end - 1, " " + statement + "; "}}
	}
	if p.cpp() {
		return []edit{body.before("{ "), body.after(" " + statement + "; }")}
	}
	if indent, _, ok := p.line(body.part(0)); ok {
		return []edit{body.after("\n" + indent + statement)}
	}
	if body.has(loopKinds...) || body.has("if_statement") {
		return nil
	}
	return []edit{body.after("; " + statement)}
}

// oneCaseLess counts down before it asks.
func oneCaseLess(p *program, n *node) []change {
	update := n.get("condition").get("value")
	counter := update.get("argument")
	if !update.is("update_expression") || update.token("--") == nil || counter.start != update.start || !p.integer(counter) {
		return nil
	}
	return []change{replaced(update, "--"+counter.text)}
}
