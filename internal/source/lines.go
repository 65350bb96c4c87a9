package source

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// noHeading is the level of a line that stands in no heading.
const noHeading = 7

// lineWalker goes once through a tree and reports its visible lines and its
// preformatted elements in their order.
type lineWalker struct {
	line func(at *html.Node, text string, level int)
	pre  func(*html.Node)
	// table returns true where it has read the table, which is then skipped.
	table func(*html.Node) bool

	buffer strings.Builder
	at     *html.Node
	level  int
}

func (w *lineWalker) walk(root *html.Node) {
	w.level = noHeading
	w.children(root)
	w.flush()
}

func (w *lineWalker) children(n *html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch c.Type {
		case html.TextNode:
			w.text(c)
		case html.ElementNode:
			w.element(c)
		}
	}
}

func (w *lineWalker) text(n *html.Node) {
	if w.at == nil && strings.TrimSpace(n.Data) != "" {
		w.at = n
	}
	w.buffer.WriteString(n.Data)
}

func (w *lineWalker) element(n *html.Node) {
	switch {
	case invisible(n) || pageFurniture(n):
		return
	case n.DataAtom == atom.Pre:
		w.flush()
		w.pre(n)
	case n.DataAtom == atom.Table && w.table(n):
		w.flush()
	case n.DataAtom == atom.Br:
		w.flush()
	case n.DataAtom == atom.Td || n.DataAtom == atom.Th || blockLines(n) > 0:
		w.block(n)
	default:
		w.children(n)
	}
}

func (w *lineWalker) block(n *html.Node) {
	w.flush()
	outer := w.level
	if level := headingLevel(n); level > 0 {
		w.level = level
	}
	w.children(n)
	w.flush()
	w.level = outer
}

func (w *lineWalker) flush() {
	text := fold(w.buffer.String())
	at := w.at
	w.buffer.Reset()
	w.at = nil
	if text != "" {
		w.line(at, text, w.level)
	}
}

// headingLevel is 1 to 6 for headings and 0 for everything else.
func headingLevel(n *html.Node) int {
	switch n.DataAtom {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return int(n.Data[1] - '0')
	}
	return 0
}
