package mutation

import "slices"

// node is a part of a program: what tree-sitter says of it, copied, so that
// nothing of the C library outlives the parsing. Comments are left out. A nil
// node has no parts, no kind and no text: rules ask deep into a tree and look
// at the end whether something was there.
type node struct {
	// kind is the grammar's name of it; a token's is its text.
	kind string
	// field is the role it plays in its parent, often empty.
	field string
	text  string
	// start and end are byte offsets, line counts from 1.
	start, end, line int
	named            bool
	parent           *node
	children         []*node
	// under is the node itself and everything in it, in the source's order.
	under []*node
}

func (n *node) get(field string) *node {
	if n == nil {
		return nil
	}
	for _, c := range n.children {
		if c.field == field {
			return c
		}
	}
	return nil
}

func (n *node) str() string {
	if n == nil {
		return ""
	}
	return n.text
}

func (n *node) is(kinds ...string) bool {
	return n != nil && slices.Contains(kinds, n.kind)
}

// up is the parent.
func (n *node) up() *node {
	if n == nil {
		return nil
	}
	return n.parent
}

// parts are the children that are no tokens.
func (n *node) parts() []*node {
	if n == nil {
		return nil
	}
	var parts []*node
	for _, c := range n.children {
		if c.named {
			parts = append(parts, c)
		}
	}
	return parts
}

// part is the i-th child that is no token; a negative i counts from the end.
func (n *node) part(i int) *node {
	parts := n.parts()
	if i < 0 {
		i += len(parts)
	}
	if i < 0 || i >= len(parts) {
		return nil
	}
	return parts[i]
}

// token is the child that is this token.
func (n *node) token(kinds ...string) *node {
	if n == nil {
		return nil
	}
	for _, c := range n.children {
		if !c.named && c.is(kinds...) {
			return c
		}
	}
	return nil
}

// within is the nearest node around of one of the kinds.
func (n *node) within(kinds ...string) *node {
	for around := n.up(); around != nil; around = around.parent {
		if around.is(kinds...) {
			return around
		}
	}
	return nil
}

// encloses tells whether other is the node or a part of it.
func (n *node) encloses(other *node) bool {
	return n != nil && other != nil && n.start <= other.start && other.end <= n.end
}

// has tells whether anything in the node is of one of the kinds.
func (n *node) has(kinds ...string) bool {
	return n != nil && slices.ContainsFunc(n.under, func(c *node) bool { return c.is(kinds...) })
}

// bare takes the parentheses off.
func (n *node) bare() *node {
	for n.is("parenthesized_expression") {
		n = n.part(0)
	}
	return n
}

// callee is the last name of what a call calls: sort for a.sort(b), min for
// std::min<int>(a, b).
func (n *node) callee() *node {
	if !n.is("call", "call_expression") {
		return nil
	}
	f := n.get("function")
	for {
		switch {
		case f.is("attribute"):
			return f.get("attribute")
		case f.is("field_expression"):
			f = f.get("field")
		case f.is("qualified_identifier", "template_function", "template_method"):
			f = f.get("name")
		default:
			return f
		}
	}
}

// calls tells whether the node is a call of one of the names.
func (n *node) calls(names ...string) bool {
	return slices.Contains(names, n.callee().str()) && n.callee() != nil
}

// receiver is a in a.sort().
func (n *node) receiver() *node {
	f := n.get("function")
	if f.is("attribute") {
		return f.get("object")
	}
	return f.get("argument")
}

// args are a call's arguments.
func (n *node) args() []*node { return n.get("arguments").parts() }

// arg is the first of them, or nil.
func (n *node) arg() *node { return n.get("arguments").part(0) }

// macroLoop is a loop in C++ that a macro begins, for example rep(i, n) {}.
const macroLoop = "macro_loop"

// The kinds that both grammars name alike, or that play the same role.
var (
	loopKinds = []string{"for_statement", "while_statement", "for_range_loop", "do_statement", macroLoop}
	bodyKinds = []string{"block", "compound_statement"}
	jumpKinds = []string{"return_statement", "break_statement", "continue_statement", "raise_statement", "goto_statement"}
	binary    = []string{"binary_expression", "binary_operator"}
	functions = []string{"function_definition", "lambda_expression", "lambda"}
)

// steersLoop tells whether the node is a loop's condition or a part of it.
func (n *node) steersLoop() bool {
	for ; n.up() != nil; n = n.parent {
		switch {
		case n.parent.is(loopKinds...):
			return n.field == "condition"
		case !n.parent.is("binary_expression", "comparison_operator", "boolean_operator", "not_operator",
			"unary_expression", "parenthesized_expression", "condition_clause"):
			return false
		}
	}
	return false
}

// last is the last statement of a body, or the body if it is a statement.
func (n *node) last() *node {
	if n.is(bodyKinds...) {
		return n.part(-1)
	}
	return n
}

// function is the nearest one around, and its name where it has one.
func (n *node) function() (*node, string) {
	f := n.within(functions...)
	switch {
	case f.is("function_definition") && f.get("name") != nil:
		return f, f.get("name").text
	case f.is("lambda_expression"):
		return f, f.up().get("declarator").str()
	}
	return f, f.get("declarator").get("declarator").str()
}
