package mathml

import (
	"strings"
	"unicode/utf8"
)

// plain are the commands of text that stand for characters.
var plain = strings.NewReplacer(
	`\_`, "_", `\%`, "%", `\{`, "{", `\}`, "}", `\$`, "$", `\#`, "#", `\&`, "&", `\ `, "\u00a0", `\,`, "\u00a0", `\textbackslash`, `\`,
	`\ldots`, "…", `\dots`, "…", `\textasciitilde`, "~", `\textasciicircum`, "^", `\textunderscore`, "_",
	"---", "—", "--", "–", "``", "“", "''", "”", "~", "\u00a0", "{", "", "}", "",
)

// text is words within a formula. There may be formulas in it again.
func (p *parser) text(font string) item {
	return markup(ordinary, p.words(p.raw(), font))
}

func (p *parser) words(source, font string) string {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > maxDepth {
		p.fail()
	}
	var parts []string
	for source != "" && !p.failed {
		at := strings.IndexAny(source, `$\`)
		switch {
		case at < 0:
			parts, source = append(parts, plainText(source, font)), ""
		case source[at] == '$':
			inner, rest, closed := strings.Cut(source[at+1:], "$")
			if !closed {
				p.fail()
			}
			parts = append(parts, plainText(source[:at], font), p.within(inner))
			source = rest
		default:
			name, rest := source[at:at+nameLength(source[at:])], source[at+nameLength(source[at:]):]
			if to, ok := fonts[name[1:]]; ok && strings.HasPrefix(rest, "{") {
				inner, after, closed := braced(rest)
				if !closed {
					p.fail()
				}
				parts = append(parts, plainText(source[:at], font), p.words(inner, to))
				source = after
				break
			}
			character := plain.Replace(name)
			if strings.HasPrefix(character, `\`) && name != `\textbackslash` {
				p.fail()
			}
			parts = append(parts, plainText(source[:at], font), textElement(character, font))
			source = rest
		}
	}
	return together(parts)
}

// together is one element of all parts that are there.
func together(parts []string) string {
	var there []string
	for _, part := range parts {
		if part != "" {
			there = append(there, part)
		}
	}
	if len(there) == 1 {
		return there[0]
	}
	return element("mrow", "", strings.Join(there, ""))
}

func plainText(source, font string) string { return textElement(plain.Replace(source), font) }

// textElement keeps the spaces at both ends, which a browser would leave out.
func textElement(text, font string) string {
	if text == "" {
		return ""
	}
	attributes := ""
	if font != "" {
		attributes = ` class="tex-` + font + `"`
	}
	inner := strings.Join(strings.Fields(text), " ")
	if first, _ := utf8.DecodeRuneInString(text); isSpace(first) {
		inner = "\u00a0" + inner
	}
	if last, _ := utf8.DecodeLastRuneInString(text); isSpace(last) && inner != "\u00a0" {
		inner += "\u00a0"
	}
	return element("mtext", attributes, escape(inner))
}

func isSpace(c rune) bool { return strings.ContainsRune(" \t\r\n\u00a0", c) }

// within is a formula in a text.
func (p *parser) within(source string) string {
	q := &parser{tokens: tokenize(source), depth: p.depth + 1, style: max(p.style, inline)}
	r := q.row("")
	if q.failed || q.peek().kind != end || q.depth > maxDepth {
		p.fail()
	}
	return r.element()
}

// braced splits a source that begins with a brace behind the closing one.
func braced(source string) (inner, rest string, closed bool) {
	depth := 0
	for i := 0; i < len(source); i++ {
		switch source[i] {
		case '\\':
			i++
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return source[1:i], source[i+1:], true
			}
		}
	}
	return "", "", false
}
