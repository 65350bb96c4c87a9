// Package mathml turns the TeX of problem statements into MathML Core, which
// browsers draw without a script and without a font of their own.
//
// It knows the little of TeX that statements are made of (the names are in
// symbols.go and commands.go) and says so where it does not know enough: then
// the source itself is what should be shown. The spaces between symbols are
// TeX's (D. Knuth, "The TeXbook", chapter 18) where they differ from MathML's.
//
// A stylesheet has to know the classes that MathML Core has no attributes for:
// tex-left and tex-right align the cells of a table, and those of tex-pairs
// stand without room between them; tex-over, tex-under and tex-box have lines
// above, below and around; tex-bf, tex-it, tex-rm, tex-sf and tex-tt are the
// fonts of a text.
package mathml

import (
	"strings"
	"unicode/utf8"
)

// The bounds of a formula: bytes of its source, and groups within groups. The
// longest formulas of contests have a few hundred bytes.
const (
	maxSource = 8 << 10
	maxDepth  = 40
)

// Convert writes TeX as a math element, whose alttext is the source. It is not
// ok where something is not known, not complete or too large. The markup is
// safe to put into a page whatever the source is.
func Convert(tex string, display bool) (markup string, ok bool) {
	tex = strings.TrimSpace(tex)
	if len(tex) > maxSource || !utf8.ValidString(tex) || !printable(tex) {
		return "", false
	}
	p := &parser{tokens: tokenize(tex)}
	inner := p.formula(display)
	if p.failed {
		return "", false
	}
	open := `<math alttext="` + escape(strings.Join(strings.Fields(tex), " ")) + `"`
	if display {
		open += ` display="block"`
	}
	return open + ">" + inner + "</math>", true
}

var escapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;")

func escape(text string) string { return escapes.Replace(text) }

// element is a tag around markup; attributes begin with a space.
func element(name, attributes, inner string) string {
	return "<" + name + attributes + ">" + inner + "</" + name + ">"
}
