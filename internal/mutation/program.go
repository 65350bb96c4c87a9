package mutation

import "strings"

// program is a source with what the rules want to know about it.
type program struct {
	language, source string
	root             *node
	kinds            map[string][]*node
	// names are all identifiers, fields' names included.
	names map[string][]*node
	// types are a name's declared types in C++, aliases resolved, whatever
	// the scope. An array's ends in [].
	types   map[string][]string
	aliases map[string]string
	// deduced are names in C++ whose types others depend on.
	deduced map[string]bool
	// texts are names in Python that hold strings or containers, counters
	// those that count, and sums those that add up something.
	texts, counters, sums map[string]bool
	// prefixOf are the arrays whose prefix sums an array holds.
	prefixOf map[string]*prefix
}

func newProgram(language, source string, nodes []*node) *program {
	p := &program{
		language: language, source: source, root: nodes[0],
		kinds: map[string][]*node{}, names: map[string][]*node{},
		types: map[string][]string{}, aliases: map[string]string{},
		deduced: map[string]bool{}, texts: map[string]bool{}, counters: map[string]bool{}, sums: map[string]bool{},
		prefixOf: map[string]*prefix{},
	}
	for _, n := range nodes {
		if n.named || n.is("repeat") {
			p.kinds[n.kind] = append(p.kinds[n.kind], n)
		}
		if n.is("identifier", "field_identifier") {
			p.names[n.text] = append(p.names[n.text], n)
		}
	}
	p.learnPrefixes()
	if p.cpp() {
		p.learnAliases()
		p.learnTypes()
		p.learnDeduced()
	} else {
		p.learnAssignments()
	}
	return p
}

func (p *program) cpp() bool { return p.language == "cpp" }

// line is the indentation of a statement that begins its line, and where the
// line begins.
func (p *program) line(n *node) (indent string, start int, ok bool) {
	start = strings.LastIndexByte(p.source[:n.start], '\n') + 1
	indent = p.source[start:n.start]
	return indent, start, strings.Trim(indent, " \t") == ""
}

// fresh is a name that the program does not have yet.
func (p *program) fresh(name string) string {
	for strings.Contains(p.source, name) {
		name += "_"
	}
	return name
}

// repeats tells whether a node runs several times: in a loop, or in a
// function that is called in one.
func (p *program) repeats(n *node) bool {
	f, name := n.function()
	if loop := n.within(loopKinds...); loop != nil && (f == nil || f.encloses(loop)) {
		return true
	}
	if name == "" {
		return false
	}
	for _, use := range p.names[name] {
		if use.field == "function" && use.within(loopKinds...) != nil {
			return true
		}
	}
	return false
}

// The calls that give no number.
var noNumbers = map[string]bool{
	"str": true, "input": true, "join": true, "list": true, "sorted": true, "tuple": true, "dict": true, "set": true,
	"chr": true, "format": true, "strip": true, "split": true, "readline": true, "read": true, "bin": true, "repeat": true,
	"to_string": true, "substr": true, "string": true, "begin": true, "end": true, "rbegin": true, "rend": true,
	"lower_bound": true, "upper_bound": true, "find": true, "find_if": true, "min_element": true, "max_element": true,
	"next": true, "prev": true, "unique": true, "make_pair": true, "deque": true, "defaultdict": true, "Counter": true,
	"bytearray": true,
}

// number tells whether an operand can be a number as far as one sees.
func (p *program) number(n *node) bool {
	for depth := 0; depth < maxDepth; depth++ {
		switch {
		case n.is("parenthesized_expression"):
			n = n.part(0)
		case n.is(binary...):
			if !p.numberItself(n.get("right").leftmost()) {
				return false
			}
			n = n.get("left")
		default:
			return p.numberItself(n)
		}
	}
	return false
}

// leftmost is the operand at the very left.
func (n *node) leftmost() *node {
	for n.is("parenthesized_expression") || n.is(binary...) {
		n = n.part(0)
	}
	return n
}

func (p *program) numberItself(n *node) bool {
	switch n.str() {
	case "cin", "cout", "cerr":
		return false
	}
	switch {
	case n.is("string", "concatenated_string", "list", "tuple", "list_comprehension", "set", "dictionary",
		"generator_expression", "string_literal", "raw_string_literal", "char_literal", "initializer_list", "lambda_expression"):
		return false
	case n.is("call", "call_expression"):
		return !noNumbers[n.callee().str()]
	case n.is("identifier", "field_identifier"):
		return !p.texts[n.text] && !p.typed(n.text, notArithmetic)
	case n.is("field_expression"):
		return p.numberItself(n.get("field"))
	case n.is("subscript_expression"):
		name := n.leftmostName()
		return !p.typed(name, func(t string) bool {
			return strings.Contains(t, "string") && strings.Contains(t, "<") || strings.Contains(t, "pair<")
		})
	}
	return true
}

// leftmostName is a in a[i].b[j].
func (n *node) leftmostName() string {
	for n != nil && !n.is("identifier") {
		next := n.get("argument")
		if next == nil {
			next = n.get("value")
		}
		if next == nil {
			next = n.get("object")
		}
		n = next
	}
	return n.str()
}
