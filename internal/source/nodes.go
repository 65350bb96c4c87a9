package source

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func hasAttribute(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func hasClass(n *html.Node, class string) bool {
	return slices.Contains(strings.Fields(attribute(n, "class")), class)
}

// find returns the first node of a tree, itself included, in document order.
func find(n *html.Node, wanted func(*html.Node) bool) *html.Node {
	if wanted(n) {
		return n
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if found := find(c, wanted); found != nil {
			return found
		}
	}
	return nil
}

// rawText joins all text of a tree without looking at its elements.
func rawText(n *html.Node) string {
	var out strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			out.WriteString(d.Data)
		}
	}
	return out.String()
}

// preText is the text of a preformatted element as a browser shows it: text
// verbatim, br as a newline, every block on lines of its own.
func preText(n *html.Node) string {
	p := preformatter{lined: find(n, isExampleLine) != nil}
	p.children(n)
	return p.text()
}

// preformatter walks a preformatted element.
type preformatter struct {
	out strings.Builder
	// lined says that each line is an element of its own, so that the text
	// between the elements is only how the page was indented.
	lined bool
	// label knows the elements that get a line of their own, whatever follows.
	label func(*html.Node) bool
	// labelled says that such an element has just been written.
	labelled bool
}

func (p *preformatter) text() string {
	return strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u00a0", " ").Replace(p.out.String())
}

// isExampleLine knows the markup Codeforces has had since 2022.
func isExampleLine(n *html.Node) bool { return hasClass(n, "test-example-line") }

func (p *preformatter) children(n *html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if p.lined && n.DataAtom == atom.Pre && c.Type == html.TextNode && strings.TrimSpace(c.Data) == "" {
			continue
		}
		p.node(c)
	}
}

func (p *preformatter) node(n *html.Node) {
	switch n.Type {
	case html.TextNode:
		text := n.Data
		if p.labelled {
			text = strings.TrimLeft(text, " \t")
		}
		p.out.WriteString(text)
		p.labelled = false
	case html.ElementNode:
		p.element(n)
	}
}

func (p *preformatter) element(n *html.Node) {
	if tex, ok := formula(n); ok {
		p.out.WriteString(strings.Trim(tex, "$"))
		return
	}
	switch {
	case n.DataAtom == atom.Br:
		p.out.WriteByte('\n')
	case invisible(n):
	case p.label != nil && p.label(n):
		p.endLine()
		p.out.WriteString(oneLine(n) + "\n")
		p.labelled = true
	case blockLines(n) > 0:
		p.block(n)
	default:
		p.children(n)
	}
}

func (p *preformatter) block(n *html.Node) {
	p.endLine()
	before := p.out.Len()
	p.children(n)
	if p.out.Len() > before {
		p.endLine()
	} else if n.DataAtom == atom.Li || isExampleLine(n) {
		p.out.WriteByte('\n')
	}
}

func (p *preformatter) endLine() {
	if text := p.out.String(); text != "" && !strings.HasSuffix(text, "\n") {
		p.out.WriteByte('\n')
	}
}

// sampleText is a preformatted text as a sample: it ends in exactly one
// newline unless it is empty.
func sampleText(n *html.Node) string { return ended(preText(n)) }

func ended(text string) string {
	if text = strings.TrimRight(text, "\n"); text == "" {
		return ""
	}
	return text + "\n"
}

// oneLine is visible text with all white space folded.
func oneLine(n *html.Node) string { return fold(visibleText(n, nil)) }

// fold makes every run of white space one space.
func fold(text string) string {
	return strings.Join(strings.Fields(strings.Map(func(c rune) rune {
		if zeroWidth(c) {
			return -1
		}
		return c
	}, text)), " ")
}
