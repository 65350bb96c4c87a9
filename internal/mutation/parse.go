package mutation

import (
	"fmt"
	"strings"
	"unsafe"

	sitter "github.com/tree-sitter/go-tree-sitter"
	sittercpp "github.com/tree-sitter/tree-sitter-cpp/bindings/go"
	sitterpython "github.com/tree-sitter/tree-sitter-python/bindings/go"
)

const (
	// chunk is what tree-sitter gets at a time. It keeps a copy of each until
	// it ends, and asks again whenever it had looked ahead too far.
	chunk = 8 << 10
	// maxRead bounds these copies. An ordinary program is read twice.
	maxRead = 64 * MaxSource
	// maxSteps bounds the parsing. One of them is a hundred of tree-sitter's
	// own; a program of 64 KiB takes about a thousand.
	maxSteps = 20_000
)

// parser must be closed.
type parser struct {
	sitter *sitter.Parser
	// tree is the program's, text what it was made of: the program with its
	// macros masked.
	tree *sitter.Tree
	text string
}

func newParser(language string) (*parser, error) {
	grammar := map[string]func() unsafe.Pointer{
		"python": sitterpython.Language, "pypy": sitterpython.Language, "cpp": sittercpp.Language,
	}[language]
	p := &parser{sitter: sitter.NewParser()}
	if err := p.sitter.SetLanguage(sitter.NewLanguage(grammar())); err != nil {
		p.close()
		return nil, fmt.Errorf("load the grammar: %w", err)
	}
	return p, nil
}

func (p *parser) close() {
	p.keep(nil, "")
	p.sitter.Close()
}

func (p *parser) keep(tree *sitter.Tree, text string) {
	if p.tree != nil {
		p.tree.Close()
	}
	p.tree, p.text = tree, text
}

// nodes parses a program into its nodes in the source's order.
func (p *parser) nodes(source string) ([]*node, error) {
	// The binding never frees these options, so they hold nothing large and
	// are used once: what follows takes no longer.
	steps := 0
	p.keep(p.parse(source, &sitter.ParseOptions{ProgressCallback: func(sitter.ParseState) bool {
		steps++
		return steps > maxSteps
	}}), source)
	if p.tree == nil {
		return nil, ErrTooLarge
	}
	if masked := p.masked(); masked != source {
		p.keep(p.parse(masked, nil), masked)
	}
	b := builder{source: source}
	if err := walk(p.tree, b.enter, b.leave); err != nil {
		return nil, err
	}
	return b.nodes, nil
}

// accepts tells whether the program still parses after a change.
func (p *parser) accepts(edits []edit) bool {
	text, ok := apply(p.text, edits)
	if !ok {
		return false
	}
	tree := p.parse(text, nil)
	if tree == nil {
		return false
	}
	defer tree.Close()
	return !tree.RootNode().HasError()
}

func (p *parser) parse(text string, options *sitter.ParseOptions) *sitter.Tree {
	// A parsing that was given up would be gone on with.
	p.sitter.Reset()
	read := 0
	return p.sitter.ParseWithOptions(func(offset int, _ sitter.Point) []byte {
		if offset >= len(text) || read > maxRead {
			return nil
		}
		end := min(offset+chunk, len(text))
		read += end - offset
		return []byte(text[offset:end])
	}, nil, options)
}

// walk visits all nodes, without recursion, which the tree's depth would
// break. It calls leave where it leaves a node that was entered.
func walk(tree *sitter.Tree, enter func(*sitter.TreeCursor) error, leave func()) error {
	cursor := tree.Walk()
	defer cursor.Close()
	for {
		if err := enter(cursor); err != nil {
			return err
		}
		if cursor.GotoFirstChild() {
			continue
		}
		leave()
		for !cursor.GotoNextSibling() {
			if !cursor.GotoParent() {
				return nil
			}
			leave()
		}
	}
}

// mask is what a macro that begins a loop is parsed as, filled up to the
// macro's length: rep(i, n) cin >> a[i]; is no C++, if (i, n) cin >> a[i]; is.
const mask = "if"

// masked is the program with such macros masked where they are used.
func (p *parser) masked() string {
	if !strings.Contains(p.text, "#define") {
		return p.text
	}
	loops := map[string]bool{}
	text := []byte(p.text)
	_ = walk(p.tree, func(cursor *sitter.TreeCursor) error {
		n := cursor.Node()
		if n.Kind() == "preproc_function_def" {
			loops[p.textOf(n.ChildByFieldName("name"))] = isLoop(p.textOf(n.ChildByFieldName("value")))
			return nil
		}
		name := p.textOf(n)
		if loops[name] && len(name) >= len(mask) && n.Parent().Kind() != "preproc_function_def" {
			copy(text[n.StartByte():], fmt.Sprintf("%-*s", len(name), mask))
		}
		return nil
	}, func() {})
	return string(text)
}

func isLoop(macro string) bool {
	macro = strings.TrimSpace(macro)
	return strings.HasPrefix(macro, "for") || strings.HasPrefix(macro, "while")
}

func (p *parser) textOf(n *sitter.Node) string {
	if n == nil {
		return ""
	}
	start, end := n.ByteRange()
	return p.text[start:end]
}

type builder struct {
	source string
	nodes  []*node
	// open are the nodes around the next one with their places in nodes.
	open   []*node
	places []int
}

func (b *builder) enter(cursor *sitter.TreeCursor) error {
	from := cursor.Node()
	start, end := from.ByteRange()
	n := &node{
		kind: from.Kind(), field: cursor.FieldName(), text: b.source[start:end],
		start: int(start), end: int(end), line: int(from.StartPosition().Row) + 1,
		named: from.IsNamed(),
	}
	if len(b.open) > 0 {
		n.parent = b.open[len(b.open)-1]
	}
	if from.IsError() || from.IsMissing() {
		return fmt.Errorf("%w: line %d", ErrSyntax, n.line)
	}
	if len(b.open) >= maxDepth || len(b.nodes) >= maxNodes {
		return ErrTooLarge
	}
	b.open, b.places = append(b.open, n), append(b.places, len(b.nodes))
	if from.IsExtra() {
		return nil
	}
	b.nodes = append(b.nodes, n)
	if n.parent != nil {
		n.parent.children = append(n.parent.children, n)
	}
	n.unmask()
	return nil
}

// unmask tells a masked loop from a condition.
func (n *node) unmask() {
	switch {
	case n.is("if_statement") && !strings.HasPrefix(n.text, mask):
		n.kind = macroLoop
	case n.parent.is(macroLoop) && n.field == "consequence":
		n.field = "body"
	}
}

func (b *builder) leave() {
	last := len(b.open) - 1
	n, place := b.open[last], b.places[last]
	n.under = b.nodes[place:len(b.nodes):len(b.nodes)]
	b.open, b.places = b.open[:last], b.places[:last]
}
