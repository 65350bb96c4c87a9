package mutation

import "slices"

// sharedRows makes one row and refers to it several times.
func sharedRows(_ *program, n *node) []change {
	row, loop := n.get("body"), n.part(1)
	name, rows := loop.get("left"), loop.get("right")
	list := row.is("list") || row.is("binary_operator") && row.get("left").is("list")
	if !list || len(n.parts()) != 2 || !name.is("identifier") || !rows.calls("range") || len(rows.args()) != 1 {
		return nil
	}
	if slices.ContainsFunc(row.under, func(c *node) bool { return c.text == name.text }) {
		return nil
	}
	return one(n, "all rows of "+quote(n.text)+" are one", n.with("["+row.text+"] * ("+rows.arg().text+")"))
}

// sharedCopy keeps a container that is changed later instead of a copy.
func sharedCopy(_ *program, n *node) []change {
	original := n.get("value")
	switch {
	case n.is("subscript") && n.get("subscript").text == ":" && n.field != "left":
	case n.calls("copy", "deepcopy") && n.arg() == nil:
		original = n.receiver()
	case n.calls("list", "copy", "deepcopy") && n.arg().is("identifier") && n.parent.parent.calls("append"):
		original = n.arg()
	default:
		return nil
	}
	return []change{replaced(n, original.text)}
}

// changing are methods that change what they are called on.
var changing = []string{
	"push_back", "emplace_back", "pop_back", "insert", "emplace", "erase", "clear", "resize", "assign", "push", "pop",
	"begin", "end", "swap", "push_front", "pop_front",
}

// droppedReference changes a copy.
func droppedReference(p *program, n *node) []change {
	reference := n.get("declarator")
	sign := reference.token("&")
	if !reference.is("reference_declarator") || sign == nil || n.constant() || n.within("operator_name") != nil {
		return nil
	}
	scope := n
	if n.is("parameter_declaration") {
		scope = n.within(functions...)
	}
	for _, name := range reference.under {
		if name.is("identifier") && p.changed(name.text, scope.get("body")) {
			return one(n, quote(n.get("type").text+" "+reference.text)+" is a copy", sign.with(""))
		}
	}
	return nil
}

// changed tells whether a name's value, or a part of it, is changed.
func (p *program) changed(name string, body *node) bool {
	return slices.ContainsFunc(p.names[name], func(use *node) bool { return body.encloses(use) && changes(use) })
}

func changes(use *node) bool {
	part := use
	for part.parent.is("field_expression", "subscript_expression") && part.field == "argument" {
		part = part.parent
	}
	parent := part.parent
	switch {
	case parent.is("assignment_expression"):
		return part.field == "left"
	case parent.is("update_expression", "pointer_expression"):
		return true
	case parent.is("binary_expression"):
		return part.field == "right" && parent.token(">>") != nil
	case parent.is("argument_list"):
		return parent.parent.calls("swap", "exchange", "iota", "chmin", "chmax")
	}
	return part.field == "function" && slices.Contains(changing, part.get("field").str())
}
