package mutation

import "fmt"

// repeatedWorkPython makes a loop quadratic.
func repeatedWorkPython(p *program, n *node) []change {
	indent, start, ok := p.line(n)
	first := n.get("body").part(0)
	if !ok || first == nil || p.short(n) {
		return nil
	}
	inner, body, ok := p.line(first)
	if !ok {
		return nil
	}
	rounds := p.fresh("rounds")
	work := fmt.Sprintf("%s%s += 1\n%sfor _ in range(%s): pass\n", inner, rounds, inner, rounds)
	return one(n, repeats, edit{start, start, indent + rounds + " = 0\n"}, edit{body, body, work})
}

// droppedMemo takes a cache off a function.
func droppedMemo(_ *program, n *node) []change {
	cache := n.part(0)
	if cache.is("call") {
		cache = cache.get("function")
	}
	if cache.is("attribute") {
		cache = cache.get("attribute")
	}
	if cache.str() != "lru_cache" && cache.str() != "cache" {
		return nil
	}
	for _, next := range n.parent.children {
		if next.start > n.start {
			return one(n, quote(n.text)+" was dropped", edit{n.start, next.start, ""})
		}
	}
	return nil
}

// exchange is what takes the place of a container's methods: the text up to
// the first argument.
type exchange map[string]string

var (
	// A set that is only asked can be a list.
	setMethods   = exchange{"add": "append("}
	dequeMethods = exchange{"popleft": "pop(0", "appendleft": "insert(0, ", "append": "append(", "pop": "pop("}
)

// listForSet looks through a list. All uses of the name must be known to mean
// the same for a list.
func listForSet(p *program, n *node) []change {
	edits := p.asList(n, "set")
	if edits == nil {
		return nil
	}
	asked := false
	for _, use := range p.names[n.get("left").text] {
		switch {
		case use.parent.is("assignment") && use.field == "left":
		case use.parent.is("comparison_operator") && use.parent.part(-1) == use && use.parent.token("in", "not in") != nil:
			asked = true
		case use.parent.is("attribute") && use.field == "object" && setMethods[use.parent.get("attribute").text] != "":
			edits = append(edits, methodOf(use, setMethods)...)
		default:
			return nil
		}
	}
	if !asked {
		return nil
	}
	return one(n, "the set "+quote(n.get("left").text)+" became a list", edits...)
}

// listForDeque moves all elements of a queue at each step.
func listForDeque(p *program, n *node) []change {
	edits := p.asList(n, "deque")
	if edits == nil {
		return nil
	}
	moved := false
	for _, use := range p.names[n.get("left").text] {
		if !use.parent.is("attribute") || use.field != "object" {
			continue
		}
		method := use.parent.get("attribute").text
		if dequeMethods[method] == "" {
			return nil
		}
		moved = moved || method == "popleft" || method == "appendleft"
		edits = append(edits, methodOf(use, dequeMethods)...)
	}
	if !moved {
		return nil
	}
	return one(n, "the deque "+quote(n.get("left").text)+" became a list", edits...)
}

// asList exchanges a container for a list in all assignments to a name,
// which are found at the first of them.
func (p *program) asList(n *node, container string) []edit {
	name := n.get("left")
	var edits []edit
	for _, a := range p.kinds["assignment"] {
		if left := a.get("left"); !left.is("identifier") || left.text != name.text {
			continue
		}
		made := a.get("right")
		if !made.calls(container) || len(made.args()) > 1 || made.arg().is("generator_expression", "keyword_argument", "list_splat") || made.get("arguments").is("generator_expression") {
			return nil
		}
		if len(edits) == 0 && a != n {
			return nil
		}
		edits = append(edits, made.get("function").with("list"))
	}
	return edits
}

// methodOf exchanges a method that is called on a name.
func methodOf(use *node, methods exchange) []edit {
	method := use.parent.get("attribute")
	call := use.parent.parent
	if !call.is("call") {
		return nil
	}
	return []edit{{method.start, call.get("arguments").start + 1, methods[method.text]}}
}

var bisectionSigns = map[string]string{"bisect_left": "<", "bisect": "<=", "bisect_right": "<="}

// linearBisection looks at every element.
func linearBisection(p *program, n *node) []change {
	sign := bisectionSigns[n.callee().str()]
	args := n.args()
	if sign == "" || len(args) != 2 || args[1].is("keyword_argument") {
		return nil
	}
	item := p.fresh("item")
	text := fmt.Sprintf("sum(1 for %s in %s if %s %s (%s))", item, args[0].text, item, sign, args[1].text)
	return one(n, quote(n.text)+" looks at every element", n.with(text))
}
