package mutation

import (
	"fmt"
	"strings"
)

// repeatedWorkCpp makes a loop quadratic. The volatile counter keeps the
// compiler from leaving the work out.
func repeatedWorkCpp(p *program, n *node) []change {
	body := n.get("body")
	if body == nil || p.short(n) {
		return nil
	}
	rounds, again := p.fresh("rounds"), p.fresh("again")
	work := fmt.Sprintf(" %[1]s = %[1]s + 1; for (volatile long long %[2]s = 0; %[2]s < %[1]s; %[2]s = %[2]s + 1) {} ", rounds, again)
	edits := []edit{n.before("{ long long " + rounds + " = 0; ")}
	if body.is("compound_statement") {
		edits = append(edits, edit{body.start + 1, body.start + 1, work})
	} else {
		edits = append(edits, body.before("{"+work), body.after(" }"))
	}
	return one(n, repeats, append(edits, n.after(" }"))...)
}

// copiedParameter copies a container at each call.
func copiedParameter(p *program, n *node) []change {
	reference := n.get("declarator")
	container := n.get("type").is("template_type", "qualified_identifier") || p.resolve(n.get("type").str()) == "string"
	if !reference.is("reference_declarator") || !container || !n.constant() || reference.token("&") == nil {
		return nil
	}
	return one(n, quote(n.text)+" is copied at each call", reference.token("&").with(""))
}

// includes tells whether a header of the library is there.
func (p *program) includes(header string) bool {
	return strings.Contains(p.source, "<bits/stdc++.h>") || strings.Contains(p.source, "<"+header+">")
}

// linearSearch looks at every element instead of halving.
func linearSearch(p *program, n *node) []change {
	args := n.args()
	if !n.calls("lower_bound", "upper_bound") || n.get("function").is("field_expression") || len(args) != 3 || !p.includes("algorithm") {
		return nil
	}
	if args[2].is("initializer_list") {
		return nil
	}
	test := "!(item < (" + args[2].text + "))"
	if n.callee().text == "upper_bound" {
		test = "(" + args[2].text + ") < item"
	}
	test = strings.ReplaceAll(test, "item", p.fresh("item"))
	text := fmt.Sprintf("std::find_if(%s, %s, [&](const auto& %s) { return %s; })", args[0].text, args[1].text, p.fresh("item"), test)
	return one(n, quote(n.text)+" looks at every element", n.with(text))
}

// lookups ask a set; each form walks over its elements instead.
var lookups = map[string]string{
	"count":       "std::count(%[1]s.begin(), %[1]s.end(), %[2]s)",
	"contains":    "(std::find(%[1]s.begin(), %[1]s.end(), %[2]s) != %[1]s.end())",
	"find":        "std::find(%[1]s.begin(), %[1]s.end(), %[2]s)",
	"lower_bound": "std::lower_bound(%[1]s.begin(), %[1]s.end(), %[2]s)",
	"upper_bound": "std::upper_bound(%[1]s.begin(), %[1]s.end(), %[2]s)",
}

// linearLookup walks over a set.
func linearLookup(p *program, n *node) []change {
	set := n.receiver()
	form := lookups[n.callee().str()]
	if form == "" || !n.get("function").is("field_expression") || !set.is("identifier") || !p.includes("algorithm") {
		return nil
	}
	if len(n.args()) != 1 || n.arg().is("initializer_list") || !p.holds(set.text, "set", "multiset", "unordered_set") {
		return nil
	}
	return one(n, quote(n.text)+" walks over the whole set", n.with(fmt.Sprintf(form, set.text, n.arg().text)))
}
