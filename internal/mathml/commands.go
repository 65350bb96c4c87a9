package mathml

import (
	"regexp"
	"strings"
)

// spaces are commands for empty room, with its width.
var spaces = map[string]string{
	",": "0.1667em", ":": "0.2222em", ">": "0.2222em", ";": "0.2778em", "!": "-0.1667em", " ": "0.3333em", "quad": "1em", "qquad": "2em",
	"enspace": "0.5em", "thinspace": "0.1667em", "medspace": "0.2222em", "thickspace": "0.2778em", "negthinspace": "-0.1667em",
	"enskip": "0.5em", "nobreakspace": "0.3333em",
}

// unseen are commands that change nothing here; those with a number skip as
// many groups behind them.
var unseen = map[string]int{
	"color": 1, "label": 1, "hspace": 1, "vspace": 1, "nonumber": 0, "notag": 0, "hline": 0, "hfill": 0, "strut": 0, "mathstrut": 0,
	"relax": 0, "allowbreak": 0, "nobreak": 0, "noindent": 0, "displaylimits": 0, "/": 0, "mathopen": 0, "mathclose": 0, "mathrel": 0,
	"mathbin": 0, "mathord": 0, "mathop": 0, "mathinner": 0, "mathpunct": 0, "ensuremath": 0, "protect": 0, "large": 0, "small": 0,
}

func gap(width string) item { return markup(nothing, `<mspace width="`+width+`"></mspace>`) }

// command is an atom that begins with a backslash.
func (p *parser) command(name string) item {
	if s, ok := symbols[name]; ok {
		return p.symbol(s)
	}
	if below, ok := functions[name]; ok {
		return function(name, below)
	}
	if width, ok := spaces[name]; ok {
		return gap(width)
	}
	if groups, ok := unseen[name]; ok {
		for range groups {
			p.raw()
		}
		return item{}
	}
	if _, ok := accents[name]; ok {
		return p.accent(name)
	}
	if class, ok := lined[name]; ok {
		return markup(ordinary, element("mrow", ` class="`+class+`"`, p.argument()))
	}
	if size, class, ok := bigDelimiter(name); ok {
		return p.big(size, class)
	}
	if font, ok := fonts[name]; ok {
		if strings.HasPrefix(name, "text") || name == "emph" {
			return p.text(font)
		}
		return p.inAlphabet(font)
	}
	return p.construction(name)
}

// construction is a command with arguments.
func (p *parser) construction(name string) item {
	switch name {
	case "frac", "dfrac", "tfrac", "cfrac":
		return p.fraction(name)
	case "binom", "dbinom", "tbinom":
		return bracketed("(", fractionOf(` linethickness="0"`, p.in(p.smaller()), p.in(p.smaller())), ")")
	case "sqrt":
		return p.root()
	case "text", "mbox", "hbox", "textup", "textmd":
		return p.text("")
	case "operatorname":
		return p.named()
	case "left":
		return p.fenced()
	case "begin":
		return p.environment()
	case "not":
		return p.negated()
	case "stackrel", "overset":
		above := p.in(script)
		return p.around("mover", "", above)
	case "underset":
		below := p.in(script)
		return p.around("munder", "", below)
	case "xrightarrow", "xleftarrow":
		return p.labelledArrow(map[string]string{"xrightarrow": "→", "xleftarrow": "←"}[name])
	case "bmod":
		return item{class: binary, core: &operator{text: "mod"}}
	case "pmod", "mod", "pod":
		return p.modulo(name)
	case "textcolor":
		p.raw()
		return markup(ordinary, p.argument())
	case "phantom", "hphantom", "vphantom":
		return markup(ordinary, element("mphantom", "", p.argument()))
	case "tag":
		return markup(ordinary, "<mtext>\u2003("+escape(plain.Replace(p.raw()))+")</mtext>")
	case "substack":
		return p.substack()
	}
	return p.fail()
}

func (p *parser) symbol(s symbol) item {
	switch s.class {
	case ordinary:
	case operation:
		if strings.ContainsAny(s.text, "∫∬∭∮") {
			return sign(s.text, s.class)
		}
		return item{class: operation, core: &operator{text: s.text, attributes: movable}, limits: true}
	default:
		return sign(s.text, s.class)
	}
	attributes := ""
	if upright(s.text) {
		attributes = ` mathvariant="normal"`
	}
	return markup(ordinary, element("mi", attributes, escape(s.text)))
}

func function(name string, below bool) item {
	o := &operator{text: name}
	if below {
		o.attributes = movable
		if spaced, ok := map[string]string{"limsup": "lim sup", "liminf": "lim inf", "argmax": "arg max", "argmin": "arg min"}[name]; ok {
			o.text = spaced
		}
	}
	return item{class: operation, core: o, limits: below}
}

var plainName = regexp.MustCompile(`^[A-Za-z0-9 .-]+$`)

// named is \operatorname{popcount}, or with a star for limits.
func (p *parser) named() item {
	below := p.accept(char, "*")
	name := strings.NewReplacer(`\,`, " ", `\ `, " ", "~", " ").Replace(p.raw())
	for _, font := range []string{"mathrm", "mathtt", "mathsf", "text", "rm"} {
		if inner, ok := strings.CutPrefix(name, `\`+font); ok {
			name = strings.Trim(inner, "{} ")
		}
	}
	if !plainName.MatchString(name) {
		return p.fail()
	}
	return function(name, below)
}

func (p *parser) smaller() style {
	if p.style == displayed {
		return inline
	}
	return script
}

func (p *parser) fraction(name string) item {
	before := p.style
	defer func() { p.style = before }()
	shown := ""
	switch name {
	case "dfrac", "cfrac":
		p.style, shown = displayed, "true"
	case "tfrac":
		p.style, shown = inline, "false"
	}
	f := fractionOf("", p.in(p.smaller()), p.in(p.smaller()))
	if shown != "" {
		f = element("mstyle", ` displaystyle="`+shown+`" scriptlevel="0"`, f)
	}
	return markup(ordinary, f)
}

func fractionOf(attributes, above, below string) string {
	return element("mfrac", attributes, above+below)
}

func (p *parser) root() item {
	if !p.accept(char, "[") {
		return markup(ordinary, element("msqrt", "", p.argument()))
	}
	before := p.style
	p.style = script
	degree := p.row("]")
	p.style = before
	p.expect(char, "]")
	return markup(ordinary, element("mroot", "", p.argument()+degree.element()))
}

func (p *parser) accent(name string) item {
	a := accents[name]
	mo := element("mo", ` stretchy="false"`, escape(a.sign))
	if a.wide {
		mo = element("mo", ` stretchy="true"`, escape(a.sign))
	}
	tag, attributes := "mover", ` accent="true"`
	if a.under {
		tag, attributes = "munder", ` accentunder="true"`
	}
	it := markup(ordinary, element(tag, attributes, p.argument()+mo))
	it.limits = strings.HasSuffix(name, "brace")
	return it
}

// inAlphabet reads a group, or the rest of it after an old name such as \bf.
func (p *parser) inAlphabet(font string) item {
	before := p.font
	defer func() { p.font = before }()
	p.font = font
	return markup(ordinary, p.argument())
}

// around puts a mark above or below an atom, which stays the operator it was.
func (p *parser) around(tag, attributes, mark string) item {
	r := p.group()
	base := markup(ordinary, "")
	if len(r.items) == 1 {
		base = r.items[0]
	} else {
		base.before = r.element()
	}
	base.before = "<" + tag + attributes + ">" + base.before
	base.after += mark + "</" + tag + ">"
	return base
}

func (p *parser) labelledArrow(arrow string) item {
	below := ""
	if p.accept(char, "[") {
		r := p.row("]")
		below = r.element()
		p.expect(char, "]")
	}
	base := item{class: relation, core: &operator{text: arrow, attributes: ` stretchy="true"`}, limits: true}
	return attach(base, below, p.in(script))
}

func (p *parser) negated() item {
	it := p.atom()
	if it.core == nil {
		return p.fail()
	}
	to, ok := negated[it.core.text]
	if !ok {
		to = it.core.text + "\u0338"
	}
	it.core.text, it.class = to, relation
	return it
}

func (p *parser) modulo(name string) item {
	inner := p.argument()
	word := `<mi>mod</mi><mspace width="0.3333em"></mspace>`
	switch name {
	case "mod":
		return markup(ordinary, element("mrow", "", `<mspace width="0.6667em"></mspace>`+word+inner))
	case "pod":
		word = ""
	}
	it := bracketed("(", word+inner, ")")
	it.before = `<mspace width="0.4444em"></mspace>` + it.before
	return markup(ordinary, element("mrow", "", it.before))
}

func bracketed(left, inner, right string) item {
	return markup(ordinary, element("mrow", "", fence(left, "prefix")+inner+fence(right, "postfix")))
}

// fence is a delimiter as high as what it encloses, nothing for a point.
func fence(sign, form string) string {
	if sign == "." || sign == "" {
		return ""
	}
	return element("mo", ` form="`+form+`" stretchy="true" fence="true" lspace="0" rspace="0"`, escape(sign))
}

// fenced is \left( … \middle| … \right).
func (p *parser) fenced() item {
	left := p.delimiter()
	first := p.row("")
	inner := first.inner()
	for p.accept(command, "middle") {
		sign := p.delimiter()
		part := p.row("")
		inner += fence(sign, "infix") + part.inner()
	}
	p.expect(command, "right")
	return bracketed(left, inner, p.delimiter())
}

// delimiter reads the sign after \left, and "." for none.
func (p *parser) delimiter() string {
	t := p.take()
	sign := t.text
	switch t.kind {
	case char:
		if sign == "." {
			return sign
		}
		if to, ok := map[string]string{"<": "⟨", ">": "⟩"}[sign]; ok {
			sign = to
		}
	case command:
		sign = symbols[t.text].text
	default:
		p.fail()
	}
	if _, ok := bothWays[sign]; !ok {
		p.fail()
	}
	return sign
}

var bigName = regexp.MustCompile(`^(big|Big|bigg|Bigg)([lrm]?)$`)

// bigDelimiter takes \Bigl and its like apart.
func bigDelimiter(name string) (size string, class class, ok bool) {
	match := bigName.FindStringSubmatch(name)
	if match == nil {
		return "", nothing, false
	}
	size = map[string]string{"big": "1.2em", "Big": "1.8em", "bigg": "2.4em", "Bigg": "3em"}[match[1]]
	switch match[2] {
	case "l":
		return size, opening, true
	case "r":
		return size, closing, true
	case "m":
		return size, relation, true
	}
	return size, ordinary, true
}

func (p *parser) big(size string, class class) item {
	sign := p.delimiter()
	if sign == "." {
		return item{}
	}
	if class == ordinary {
		class = bothWays[sign]
	}
	return item{class: class, core: &operator{text: sign, attributes: ` stretchy="true" minsize="` + size + `" maxsize="` + size + `"`}}
}
