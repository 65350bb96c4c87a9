package mutation

import "strings"

var (
	boundaries = map[string]string{"<": "<=", "<=": "<", ">": ">=", ">=": ">"}

	comparisons = map[string]string{
		"==": "!=", "!=": "==", "<": ">", ">": "<", "<=": ">=", ">=": "<=", "in": "not in", "not in": "in",
	}

	connectives = map[string]string{"&&": "||", "||": "&&", "and": "or", "or": "and"}

	bisections = map[string]string{
		"lower_bound": "upper_bound", "upper_bound": "lower_bound",
		"bisect_left": "bisect_right", "bisect_right": "bisect_left", "bisect": "bisect_left",
	}
)

// ordered tells whether both sides have all the operators that order. A
// struct of the program's own has only those that it needs.
func (p *program) ordered(n *node) bool {
	return !p.structure(n.get("left")) && !p.structure(n.get("right"))
}

// asked tells whether a comparison can be turned round. Loops that never run,
// or never end, fail every test; comparators are left to SortOrder.
func (p *program) asked(n *node) bool {
	return p.ordered(n) && !n.steersLoop() && !n.compares() && !strings.Contains(n.text, "__name__")
}

func (p *program) joined(*node) bool { return true }

// importedBisection exchanges the two for the whole program.
func importedBisection(_ *program, n *node) []change {
	var changes []change
	for _, c := range n.children {
		name := c
		if c.is("aliased_import") {
			name = c.get("name")
		}
		other, ok := bisections[name.str()]
		if !ok || c.field != "name" {
			continue
		}
		says := became(name.text, other)
		if name == c {
			other += " as " + name.text
		}
		changes = append(changes, one(name, says, name.with(other))...)
	}
	return changes
}

// droppedOperand forgets one of two conditions.
func droppedOperand(_ *program, n *node) []change {
	if n.token("&&", "||", "and", "or") == nil {
		return nil
	}
	left, right := n.get("left"), n.get("right")
	return []change{
		{at: left, says: quote(left.text) + " was dropped", edits: []edit{n.with(right.text)}},
		{at: right, says: quote(right.text) + " was dropped", edits: []edit{n.with(left.text)}},
	}
}

func droppedNegation(_ *program, n *node) []change {
	if n.token("!", "not") == nil {
		return nil
	}
	return []change{replaced(n, n.get("argument").text)}
}
