package mutation

import (
	"slices"
	"strings"
)

// narrow is how the program spells a type of 32 bits.
func (p *program) narrow() string {
	if p.wide("int") {
		return "int32_t"
	}
	return "int"
}

// deducing are calls whose arguments must have one type, or the type that a
// format says.
var deducing = []string{"min", "max", "swap", "scanf", "printf", "clamp", "exchange", "tie", "__gcd", "chmin", "chmax", "minmax"}

// narrowDeclaration declares variables too narrow.
func narrowDeclaration(p *program, n *node) []change {
	return p.redeclared(n, func(t *node) (string, bool) { return p.narrow(), p.wide(t.text) })
}

// narrowFloat declares variables too imprecise.
func narrowFloat(p *program, n *node) []change {
	return p.redeclared(n, func(t *node) (string, bool) { return p.shorter(t.text) })
}

func (p *program) shorter(text string) (string, bool) {
	switch p.resolve(text) {
	case "double":
		return "float", true
	case "long double":
		return "double", true
	}
	return "", false
}

// redeclared exchanges the types in one declaration.
func (p *program) redeclared(n *node, other func(*node) (string, bool)) []change {
	t := n.get("type")
	// What a constant holds mostly fits.
	if t == nil || n.constant() || n.get("declarator") == nil || slices.ContainsFunc(n.children, func(c *node) bool { return c.field == "declarator" && p.fixed(n, c) }) {
		return nil
	}
	// The initial value goes with the type: vector<ll> a(n, ll(0)).
	scope := n
	if n.has("lambda_expression") {
		scope = t
	}
	var edits []edit
	for _, c := range scope.types() {
		if text, ok := other(c); ok {
			edits = append(edits, c.with(text))
		}
	}
	ofType, ok := apply(p.source[:t.end], slices.DeleteFunc(slices.Clone(edits), func(e edit) bool { return e.end > t.end }))
	if !ok || ofType[t.start:] == t.text {
		return nil
	}
	name, _ := declared(n.get("declarator"))
	return one(n, quote(name.str())+" is declared as "+quote(ofType[t.start:]), edits...)
}

// types are the names of types in a type, itself included.
func (n *node) types() []*node {
	var types []*node
	for _, c := range n.under {
		if c.is("sized_type_specifier", "primitive_type", "type_identifier", "qualified_identifier") && !c.parent.is("sized_type_specifier", "qualified_identifier") {
			types = append(types, c)
		}
	}
	return types
}

// fixed tells whether a declarator's type cannot change without others, as
// far as one sees.
func (p *program) fixed(n, declarator *node) bool {
	name, _ := declared(declarator)
	if name == nil || declarator.has("reference_declarator", "pointer_declarator", "structured_binding_declarator") {
		return true
	}
	if declarator.is("function_declarator") && !n.parent.is("compound_statement") {
		return true
	}
	if n.get("type").has("abstract_function_declarator") {
		return true
	}
	container := n.get("type").is("template_type", "qualified_identifier")
	return p.deduced[name.text] || container && slices.ContainsFunc(p.names[name.text], wholeUse)
}

// wholeUse tells whether a container is used other than by its elements.
func wholeUse(use *node) bool {
	parent := use.parent
	return parent.is("argument_list", "return_statement", "assignment_expression", "initializer_list") ||
		parent.is("init_declarator") && use.field == "value"
}

// learnDeduced finds the names whose types others depend on.
func (p *program) learnDeduced() {
	for _, n := range p.kinds["call_expression"] {
		if !n.calls(deducing...) || n.get("function").is("template_function") {
			continue
		}
		for _, c := range n.get("arguments").under {
			if c.is("identifier", "field_identifier") {
				p.deduced[c.text] = true
			}
		}
	}
	for _, n := range p.kinds["pointer_expression"] {
		p.deduced[n.get("argument").leftmostName()] = true
	}
}

// narrowValue computes in 32 bits what is kept in 64.
func narrowValue(p *program, n *node) []change {
	value := p.stored(n, p.wide)
	if value.token("%") != nil {
		value = value.get("left").bare()
	}
	if !grows(value) {
		return nil
	}
	return one(value, quote(value.text)+" is computed in 32 bits", value.with("("+p.narrow()+")("+value.text+")"))
}

// narrowFloatValue rounds what is kept in a double.
func narrowFloatValue(p *program, n *node) []change {
	value := p.stored(n, func(t string) bool { _, ok := p.shorter(t); return ok })
	if !value.is("binary_expression", "call_expression") {
		return nil
	}
	return one(value, quote(value.text)+" is rounded to a float", value.with("(float)("+value.text+")"))
}

// stored is what an assignment or a declaration puts into a variable of such
// a type, or of a container of such.
func (p *program) stored(n *node, test func(string) bool) *node {
	left, value := n.get("left"), n.get("right")
	if n.is("init_declarator") {
		left, value = n.get("declarator"), n.get("value")
	}
	name := left.leftmostName()
	if left.is("field_expression") {
		name = left.get("field").str()
	}
	if !p.typed(name, func(t string) bool { return slices.ContainsFunc(words(t), test) }) || p.holds(name, "map", "unordered_map") {
		return nil
	}
	return value.bare()
}

// words are the names of types in a type.
func words(t string) []string {
	return strings.FieldsFunc(strings.ReplaceAll(t, ", ", ","), func(r rune) bool { return strings.ContainsRune("<>,[]*&", r) })
}

// narrowLiteral forgets the suffix that makes a computation wide.
func narrowLiteral(_ *program, n *node) []change {
	value, suffix := valueOf(n.text)
	if !strings.Contains(strings.ToLower(suffix), "l") || value > 1<<30 || strings.ContainsAny(n.text, ".") {
		return nil
	}
	for around := n.parent; around != nil && !around.is(bodyKinds...); around = around.parent {
		if around.calls(deducing...) {
			return nil
		}
	}
	return []change{replaced(n, strings.TrimRight(n.text, "uUlL"))}
}

// narrowEverything does with 32 bits throughout.
func narrowEverything(p *program, n *node) []change {
	if strings.Contains(p.source, "%ll") {
		return nil
	}
	var found []*node
	for _, t := range n.types() {
		if p.wide(t.text) && p.aliases[t.text] == "" && !strings.HasSuffix(t.text, "size_t") {
			found = append(found, t)
		}
	}
	for _, d := range p.kinds["preproc_def"] {
		if value := d.get("value"); value != nil && p.wide(value.text) {
			found = append(found, value)
		}
	}
	if len(found) == 0 {
		return nil
	}
	var edits []edit
	for _, t := range found {
		edits = append(edits, t.with(p.narrow()))
	}
	for _, l := range p.kinds["number_literal"] {
		if value, suffix := valueOf(l.text); strings.Contains(strings.ToLower(suffix), "ll") && value <= 1<<30 {
			edits = append(edits, l.with(strings.TrimRight(l.text, "uUlL")))
		}
	}
	return one(found[0], "every "+quote(p.resolve(found[0].text))+" became "+p.narrow(), edits...)
}

// fewerDigits prints a number less precisely than is asked for.
func fewerDigits(_ *program, n *node) []change {
	digits := n.arg()
	if value, _ := valueOf(digits.str()); n.callee().str() != "setprecision" || value <= 4 {
		return nil
	}
	return []change{replaced(digits, "4")}
}
