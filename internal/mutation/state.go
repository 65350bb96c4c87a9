package mutation

import "slices"

// emptyCalls make a new container.
var emptyCalls = []string{"list", "set", "dict", "deque", "defaultdict", "Counter", "OrderedDict", "int", "float", "bytearray"}

// independent tells whether an initial value is the same wherever it is
// computed.
func independent(n *node) bool {
	return n != nil && !slices.ContainsFunc(n.under, func(c *node) bool {
		return c.is("identifier") && !slices.Contains(emptyCalls, c.text) || c.is("await", "yield", "lambda", "interpolation")
	})
}

// hoisted initialises a variable once, before the loop over the test cases.
func hoisted(p *program, n *node) []change {
	loop := n.parent.parent
	value := n.part(0).get("right")
	if !n.part(0).is("assignment") || !loop.is("for_statement", "while_statement") || !independent(value) || n.part(0).get("left").has("subscript", "attribute") {
		return nil
	}
	indent, start, ok := p.line(loop)
	if _, _, alone := p.line(n); !ok || !alone {
		return nil
	}
	return one(n, quote(n.text)+" was moved out of the loop", edit{start, start, indent + n.text + "\n"}, n.with("pass"))
}

// mutableDefault makes a container once for all calls of a function.
func mutableDefault(p *program, n *node) []change {
	assignment, f := n.part(0), n.parent.parent
	name, value := assignment.get("left"), assignment.get("right")
	if !assignment.is("assignment") || !f.is("function_definition") || !name.is("identifier") || !independent(value) {
		return nil
	}
	if !value.is("list", "dictionary", "call") || !p.repeats(n) {
		return nil
	}
	parameters := f.get("parameters")
	if parameters.has("list_splat_pattern", "dictionary_splat_pattern", "keyword_separator") {
		return nil
	}
	text := name.text + "=" + value.text
	if parameters.part(0) != nil {
		text = ", " + text
	}
	end := parameters.end - 1
	return one(n, quote(n.text)+" became a default argument", edit{end, end, text}, n.with("pass"))
}

// static initialises a variable once for all test cases.
func static(p *program, n *node) []change {
	declarator := n.get("declarator")
	qualified := slices.ContainsFunc(n.children, func(c *node) bool { return c.is("type_qualifier", "storage_class_specifier") })
	if !n.parent.is("compound_statement") || qualified || !p.repeats(n) {
		return nil
	}
	if declarator.has("lambda_expression", "reference_declarator") || n.get("type").is("placeholder_type_specifier") {
		return nil
	}
	value := declarator.get("value")
	if !value.is("number_literal", "true", "false", "string_literal") && !n.get("type").is("template_type") {
		return nil
	}
	return one(n, quote(n.text)+" is initialised only once", n.before("static "))
}

// droppedReset forgets to empty a container, or to take back what a
// recursion has tried.
func droppedReset(p *program, n *node) []change {
	call := n.part(0)
	switch {
	case call.calls("clear"), call.calls("memset", "fill", "fill_n") && p.cpp(), p.undoes(n):
		return []change{dropped(n, p.nothing())}
	case call.calls("assign") && p.repeats(n) && len(call.args()) == 2:
		return []change{replaced(call.callee(), "resize")}
	}
	return nil
}

// undoes tells whether a statement follows a recursion and takes something
// back.
func (p *program) undoes(n *node) bool {
	done := n.part(0)
	back := done.calls("pop", "pop_back", "remove", "discard", "erase") && done.receiver() != nil ||
		done.is("assignment", "assignment_expression") && slices.Contains([]string{"0", "False", "false"}, done.get("right").str())
	_, name := n.function()
	if !back || name == "" {
		return false
	}
	return slices.ContainsFunc(p.names[name], func(use *node) bool {
		call := use.within("expression_statement")
		return use.field == "function" && call != nil && call.parent == n.parent && call.end <= n.start
	})
}
