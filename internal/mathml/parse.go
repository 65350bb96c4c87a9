package mathml

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// style is how large a part of a formula is.
type style int

const (
	displayed style = iota
	inline
	script
)

// parser reads tokens. Once it failed, what it returns means nothing.
type parser struct {
	tokens *lexer
	at     int
	depth  int
	style  style
	font   string
	failed bool
}

func (p *parser) fail() item {
	p.failed = true
	return item{}
}

func (p *parser) peek() token {
	if p.failed || p.at >= len(p.tokens.tokens) {
		return token{kind: end, at: len(p.tokens.source)}
	}
	return p.tokens.tokens[p.at]
}

func (p *parser) take() token {
	t := p.peek()
	p.at++
	return t
}

// accept takes the next token if it is this one.
func (p *parser) accept(kind kind, text string) bool {
	t := p.peek()
	if t.kind != kind || t.text != text {
		return false
	}
	p.at++
	return true
}

func (p *parser) expect(kind kind, text string) {
	if !p.accept(kind, text) {
		p.fail()
	}
}

// formula is all tokens, as lines where the source breaks them.
func (p *parser) formula(display bool) string {
	p.style = inline
	if display {
		p.style = displayed
	}
	first := p.row("")
	if p.peek().kind == end {
		return first.element()
	}
	lines := []string{first.element()}
	for p.lineBreak() {
		line := p.row("")
		lines = append(lines, line.element())
	}
	if p.peek().kind != end {
		p.fail()
	}
	return table(lines)
}

// row reads items up to what cannot be one, or to the character stop.
func (p *parser) row(stop string) row {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > maxDepth {
		p.fail()
	}
	r := row{script: p.style == script}
	for !p.ends(stop) {
		t := p.peek()
		switch {
		case t.kind == command && restOfRow(t.text):
			p.at++
			r.items = append(r.items, p.rest(t.text, stop))
		case t.kind == command && stacks(t.text):
			p.at++
			r.items = []item{p.stacked(t.text, r, stop)}
		default:
			r.items = append(r.items, p.item())
		}
	}
	return r
}

func (p *parser) ends(stop string) bool {
	t := p.peek()
	switch t.kind {
	case end, shut, next:
		return true
	case command:
		return t.text == `\` || t.text == "cr" || t.text == "end" || t.text == "right" || t.text == "middle"
	case char:
		return t.text == stop
	}
	return false
}

// group is a row in braces, or a single token without. What it changes of
// style and font ends with it.
func (p *parser) group() row {
	style, font := p.style, p.font
	defer func() { p.style, p.font = style, font }()
	if p.accept(open, "{") {
		r := p.row("")
		p.expect(shut, "}")
		return r
	}
	if t := p.peek(); t.kind == number && len(t.text) > 1 {
		// TeX takes a single digit: \frac12 is a half.
		p.tokens.tokens[p.at] = token{kind: number, text: t.text[1:], at: t.at + 1}
		return row{items: []item{p.digits(t.text[:1])}}
	}
	return row{items: []item{p.atom()}, script: p.style == script}
}

// in reads a group at another size.
func (p *parser) in(s style) string {
	before := p.style
	p.style = s
	r := p.group()
	p.style = before
	return r.element()
}

// argument is a group as one element.
func (p *parser) argument() string { return p.in(p.style) }

// raw is the source of a group, for texts and names.
func (p *parser) raw() string {
	start := p.peek()
	if !p.accept(open, "{") {
		p.fail()
		return ""
	}
	for depth := 1; ; {
		t := p.take()
		switch t.kind {
		case end:
			p.fail()
			return ""
		case open:
			depth++
		case shut:
			if depth--; depth == 0 {
				return p.tokens.source[start.at+1 : t.at]
			}
		}
	}
}

// item is an atom with what stands below and above it.
func (p *parser) item() item {
	if t := p.peek(); t.kind == super || t.kind == sub || t.kind == char && t.text == "'" {
		return p.scripts(markup(ordinary, "<mrow></mrow>"))
	}
	return p.scripts(p.atom())
}

func (p *parser) atom() item {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > maxDepth {
		return p.fail()
	}
	switch t := p.take(); t.kind {
	case number:
		return p.digits(t.text)
	case open:
		p.at--
		r := p.group()
		return markup(ordinary, element("mrow", "", r.inner()))
	case command:
		return p.command(t.text)
	case char:
		return p.character(t.text)
	}
	return p.fail()
}

func (p *parser) digits(text string) item {
	return markup(ordinary, element("mn", p.fontClass(), p.inFont(text)))
}

func (p *parser) character(text string) item {
	c, _ := utf8.DecodeRuneInString(text)
	switch {
	case unicode.IsLetter(c):
		return p.letters(text)
	case text == "~":
		return markup(nothing, "<mtext>\u00a0</mtext>")
	case text == "$":
		return p.fail()
	}
	if to, ok := written[text]; ok {
		text = to
	}
	return sign(text, classOf(text))
}

// letters are one identifier each, but a word in an upright font.
func (p *parser) letters(text string) item {
	if word(p.font) {
		for t := p.peek(); t.kind == char && len(t.text) == 1 && isLetter(t.text[0]); t = p.peek() {
			text += p.take().text
		}
	}
	return p.identifier(text)
}

func (p *parser) identifier(text string) item {
	attributes := p.fontClass()
	if attributes != "" || upright(text) {
		attributes += ` mathvariant="normal"`
	}
	return markup(ordinary, element("mi", attributes, p.inFont(text)))
}

// scripts reads what is below and above an atom, in either order.
func (p *parser) scripts(base item) item {
	var below, above string
	for !p.failed {
		t := p.peek()
		switch {
		case t.kind == sub && below == "":
			p.at++
			below = p.in(script)
		case t.kind == super && above == "":
			p.at++
			above = p.in(script)
		case t.kind == char && t.text == "'" && above == "":
			above = p.primes()
		case t.kind == sub || t.kind == super:
			return p.fail()
		case t.kind == command && (t.text == "limits" || t.text == "nolimits"):
			p.at++
			base.limits = t.text == "limits"
			base.fixLimits()
		default:
			return attach(base, below, above)
		}
	}
	return base
}

// primes reads f”, and the power of f”^2.
func (p *parser) primes() string {
	count := 0
	for p.accept(char, "'") {
		count++
	}
	r := row{items: []item{sign(strings.Repeat("′", count), ordinary)}, script: true}
	if p.accept(super, "^") {
		r.items = append(r.items, markup(ordinary, p.in(script)))
	}
	return r.element()
}

// fixLimits keeps a browser from moving them aside in a line of text.
func (it *item) fixLimits() {
	if it.core != nil {
		it.core.attributes = strings.ReplaceAll(it.core.attributes, movable, "") + ` movablelimits="false"`
	}
}

// movable limits stand beside an operator in a line of text.
const movable = ` movablelimits="true"`

func attach(base item, below, above string) item {
	names := [3]string{"msub", "msup", "msubsup"}
	if base.limits {
		names = [3]string{"munder", "mover", "munderover"}
	}
	var name string
	switch {
	case below == "" && above == "":
		return base
	case above == "":
		name = names[0]
	case below == "":
		name = names[1]
	default:
		name = names[2]
	}
	if base.before == "" && base.core == nil {
		base = markup(ordinary, "<mrow></mrow>")
	}
	base.before = "<" + name + ">" + base.before
	base.after += below + above + "</" + name + ">"
	return base
}
