package source

import (
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxText bounds the statement's text, in bytes.
const maxText = 200_000

// renderer writes the visible text of a tree: one line per block, single
// spaces within, tabs between the cells of a table, preformatted text as it
// is, formulas as their TeX.
type renderer struct {
	out strings.Builder
	// skip is left out with everything below it.
	skip func(*html.Node) bool
	// space and cell say that a space or a tab is due before the next word.
	space  bool
	cell   bool
	breaks int
}

// visibleText of a tree, at most maxText bytes.
func visibleText(root *html.Node, skip func(*html.Node) bool) string {
	if root == nil {
		return ""
	}
	r := renderer{skip: skip}
	r.node(root)
	return clip(strings.TrimSpace(r.out.String()), maxText)
}

func (r *renderer) node(n *html.Node) {
	if r.out.Len() > maxText {
		return
	}
	switch n.Type {
	case html.TextNode:
		r.text(n.Data)
	case html.ElementNode:
		r.element(n)
	case html.DocumentNode:
		r.children(n)
	}
}

func (r *renderer) children(n *html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		r.node(c)
	}
}

func (r *renderer) element(n *html.Node) {
	if text, ok := formula(n); ok {
		r.text(text)
		return
	}
	if invisible(n) || r.skip != nil && r.skip(n) {
		return
	}
	switch n.DataAtom {
	case atom.Br:
		r.newline(1)
	case atom.Img:
		r.text(pictureText(n))
	case atom.Pre:
		r.preformatted(n)
	case atom.Sup:
		r.script("^", n)
	case atom.Sub:
		r.script("_", n)
	case atom.Td, atom.Th:
		r.cell = true
		r.children(n)
		r.cell = true
	default:
		r.block(n)
	}
}

func (r *renderer) block(n *html.Node) {
	lines := blockLines(n)
	r.newline(lines)
	r.children(n)
	r.newline(lines)
}

// preformatted writes a sample as a sample is read, so that both agree.
func (r *renderer) preformatted(n *html.Node) {
	r.newline(2)
	text := strings.TrimRight(preText(n), "\n")
	if text != "" {
		r.flush()
		r.out.WriteString(text)
	}
	r.newline(2)
}

// script keeps 10<sup>18</sup> from becoming 1018.
func (r *renderer) script(mark string, n *html.Node) {
	inner := renderer{skip: r.skip}
	inner.children(n)
	text := strings.TrimSpace(inner.out.String())
	switch {
	case text == "":
	case len(text) == 1:
		r.text(mark + text)
	default:
		r.text(mark + "{" + text + "}")
	}
}

func (r *renderer) text(text string) {
	for _, c := range text {
		switch {
		case unicode.IsSpace(c):
			r.space = true
		case zeroWidth(c):
		default:
			r.flush()
			r.out.WriteRune(c)
		}
	}
}

// flush writes the white space that is due, and only between words.
func (r *renderer) flush() {
	switch {
	case r.out.Len() == 0:
	case r.breaks > 0:
		r.out.WriteString(strings.Repeat("\n", r.breaks))
	case r.cell:
		r.out.WriteByte('\t')
	case r.space:
		r.out.WriteByte(' ')
	}
	r.breaks, r.space, r.cell = 0, false, false
}

func (r *renderer) newline(lines int) { r.breaks = max(r.breaks, lines) }

func zeroWidth(c rune) bool {
	return c == '\u200b' || c == '\u200c' || c == '\u200d' || c == '\ufeff' || c == '\u2060' || c == '\u00ad'
}

// blockLines is how many line breaks surround an element.
func blockLines(n *html.Node) int {
	switch n.DataAtom {
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Ul, atom.Ol, atom.Table,
		atom.Section, atom.Article, atom.Blockquote, atom.Hr, atom.Center, atom.Dl, atom.Figure:
		return 2
	case atom.Div, atom.Li, atom.Tr, atom.Dt, atom.Dd, atom.Main, atom.Header, atom.Footer, atom.Nav, atom.Aside,
		atom.Form, atom.Fieldset, atom.Legend, atom.Caption, atom.Figcaption, atom.Details, atom.Summary,
		atom.Tbody, atom.Thead, atom.Body, atom.Option, atom.Textarea, atom.Address:
		return 1
	}
	return 0
}

// invisible elements carry nothing a reader sees.
func invisible(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Noscript, atom.Template, atom.Head, atom.Iframe, atom.Svg,
		atom.Button, atom.Select, atom.Object, atom.Canvas, atom.Audio, atom.Video:
		return true
	}
	style := strings.ReplaceAll(strings.ToLower(attribute(n, "style")), " ", "")
	return hasAttribute(n, "hidden") || strings.Contains(style, "display:none") || strings.Contains(style, "visibility:hidden") ||
		hasClass(n, "MathJax_Preview") || hasClass(n, "input-output-copier")
}

// pictureText stands for a picture: old judges show formulas as pictures and
// keep the formula in the alternative text.
func pictureText(n *html.Node) string {
	if alt := strings.TrimSpace(attribute(n, "alt")); alt != "" {
		return " " + alt + " "
	}
	return " [image] "
}
