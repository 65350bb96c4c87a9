package mutation

import "slices"

// sortedPython forgets to sort, and sorts the other way.
func sortedPython(_ *program, n *node) []change {
	var changes []change
	switch args := n.args(); {
	case n.callee().str() == "sort" && n.parent.is("expression_statement"):
		changes = append(changes, dropped(n.parent, "pass"))
	case n.callee().str() == "sorted" && len(args) > 0 && !args[0].is("generator_expression"):
		changes = append(changes, replaced(n, "list("+args[0].text+")"))
	default:
		return nil
	}
	if slices.ContainsFunc(n.args(), func(a *node) bool { return a.get("name").str() == "reverse" }) {
		return changes
	}
	text := "reverse=True"
	if len(n.args()) > 0 {
		text = ", " + text
	}
	end := n.get("arguments").end - 1
	return append(changes, change{at: n, says: quote(n.text) + " sorts the other way", edits: []edit{{end, end, text}}})
}

// sortKey sorts by something else: without the key, without its second part
// that breaks ties, or without its sign.
func sortKey(_ *program, n *node) []change {
	name, value := n.get("name").str(), n.get("value")
	if call := n.parent.parent; !call.calls("sort", "sorted", "min", "max") || name != "key" && name != "reverse" {
		return nil
	}
	changes := []change{{at: n, says: quote(n.text) + " was dropped", edits: []edit{n.asArgument()}}}
	body := value.get("body")
	parts := body.parts()
	if !body.is("tuple") {
		parts = []*node{body}
	} else if len(parts) > 1 {
		changes = append(changes, replaced(body, parts[0].text))
	}
	for _, part := range parts {
		if part.is("unary_operator") && part.token("-") != nil {
			changes = append(changes, replaced(part, part.get("argument").text))
		}
	}
	return changes
}

// asArgument takes an argument out together with a comma.
func (n *node) asArgument() edit {
	all := n.parent.children
	i := slices.Index(all, n)
	if all[i-1].is(",") {
		return edit{all[i-1].start, n.end, ""}
	}
	if all[i+1].is(",") {
		return edit{n.start, all[i+1].end, ""}
	}
	return n.with("")
}

// sortedCpp forgets to sort, sorts the other way, or not stably.
func sortedCpp(p *program, n *node) []change {
	call := n.part(0)
	if !call.calls("sort", "stable_sort", "reverse") {
		return nil
	}
	changes := []change{dropped(n, ";")}
	args := call.args()
	if call.callee().text == "reverse" {
		return changes
	}
	if call.callee().text == "stable_sort" {
		changes = append(changes, replaced(call.callee(), "sort"))
	}
	if len(args) == 3 && !p.elements(args[0].leftmostReceiver()) {
		changes = append(changes, change{at: args[2], says: quote(args[2].text) + " was dropped", edits: []edit{args[2].asArgument()}})
	}
	if len(args) >= 2 && args[0].calls("begin") && args[1].calls("end") {
		changes = append(changes, change{
			at: n, says: quote(n.text) + " sorts the other way",
			edits: []edit{args[0].callee().with("rbegin"), args[1].callee().with("rend")},
		})
	}
	return changes
}

// leftmostReceiver is a in a.begin().
func (n *node) leftmostReceiver() string {
	if n.is("call_expression") {
		return n.receiver().leftmostName()
	}
	return n.leftmostName()
}

// elements tells whether a name may hold structs, which have no order unless
// one is given.
func (p *program) elements(name string) bool {
	return !p.typed(name, func(t string) bool { return !slices.ContainsFunc(words(t), p.declaresStruct) })
}

// otherOrder exchanges less and greater, and turns a heap round.
func otherOrder(p *program, n *node) []change {
	name := n.callee()
	if n.is("template_type") {
		name = n.get("name")
	}
	switch name.str() {
	case "greater":
		return []change{replaced(name, "less")}
	case "less":
		return []change{replaced(name, "greater")}
	case "priority_queue":
		of := n.get("arguments").parts()
		if len(of) == 1 && !p.declaresStruct(of[0].text) {
			t := of[0].text
			return []change{replaced(n, "priority_queue<"+t+", vector<"+t+">, greater<"+t+">>")}
		}
	}
	return nil
}

// otherComparator turns what a comparator returns.
func otherComparator(_ *program, n *node) []change {
	if !n.compares() {
		return nil
	}
	sign := n.token("<", ">")
	return []change{replaced(sign, comparisons[sign.kind])}
}

// compares tells whether a comparison is what a lambda returns of its two
// parameters.
func (n *node) compares() bool {
	around := n.within("return_statement", "lambda_expression").up().within("lambda_expression")
	return n.token("<", ">") != nil && len(around.get("declarator").get("parameters").parts()) == 2
}
