package mutation

import "strings"

// droppedLimit leaves Python's recursion limit of 1000 in place.
func droppedLimit(_ *program, n *node) []change {
	if !n.part(0).calls("setrecursionlimit") {
		return nil
	}
	return []change{dropped(n, "pass")}
}

// firstLine reads one line of the input.
func firstLine(_ *program, n *node) []change {
	if name := n.get("attribute"); name.str() == "read" && strings.Contains(n.get("object").str(), "stdin") {
		return []change{replaced(name, "readline")}
	}
	return nil
}

// firstWord reads a line up to its first space.
func firstWord(_ *program, n *node) []change {
	args := n.args()
	if n.callee().str() != "getline" || len(args) != 2 || args[0].text != "cin" && args[0].text != "std::cin" {
		return nil
	}
	return []change{replaced(n, "("+args[0].text+" >> "+args[1].text+")")}
}
