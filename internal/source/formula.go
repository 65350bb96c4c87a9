package source

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// formula gives the TeX of a rendered formula. MathJax 2 keeps it in a script
// beside what it drew, KaTeX in an annotation inside. MathJax 3 keeps only the
// MathML for screen readers, which is then written as a line.
func formula(n *html.Node) (text string, ok bool) {
	switch {
	case n.DataAtom == atom.Script && strings.HasPrefix(attribute(n, "type"), "math/tex"):
		return inTeX(n), true
	case n.Data == "mjx-container", hasClass(n, "katex"), n.DataAtom == atom.Math:
		if note := find(n, isTeX); note != nil {
			return inTeX(note), true
		}
		if math := find(n, isMath); math != nil {
			return mathLine(math), true
		}
	case hasClass(n, "MathJax"), hasClass(n, "MathJax_Display"), hasClass(n, "MathJax_SVG"), hasClass(n, "MathJax_CHTML"):
		return "", true
	}
	return "", false
}

func inTeX(n *html.Node) string { return "$" + strings.TrimSpace(rawText(n)) + "$" }

func isTeX(n *html.Node) bool {
	return n.Data == "annotation" && attribute(n, "encoding") == "application/x-tex"
}

func isMath(n *html.Node) bool { return n.DataAtom == atom.Math }

// mathLine writes MathML as a line, so that 10 to the power of 18 does not
// become 1018.
func mathLine(n *html.Node) string {
	if n.Type == html.TextNode {
		return strings.TrimSpace(n.Data)
	}
	var parts []string
	for c := range n.ChildNodes() {
		if part := mathLine(c); part != "" || c.Type == html.ElementNode {
			parts = append(parts, part)
		}
	}
	switch name := strings.ToLower(n.Data); {
	case name == "msup" && len(parts) == 2:
		return parts[0] + "^" + grouped(parts[1])
	case name == "msub" && len(parts) == 2:
		return parts[0] + "_" + grouped(parts[1])
	case (name == "msubsup" || name == "munderover") && len(parts) == 3:
		return parts[0] + "_" + grouped(parts[1]) + "^" + grouped(parts[2])
	case name == "mfrac" && len(parts) == 2:
		return grouped(parts[0]) + "/" + grouped(parts[1])
	case name == "msqrt":
		return "sqrt{" + strings.Join(parts, "") + "}"
	}
	return strings.Join(parts, "")
}

// grouped puts braces around what is more than a single sign.
func grouped(text string) string {
	if len([]rune(text)) == 1 {
		return text
	}
	return "{" + text + "}"
}
