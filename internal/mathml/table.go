package mathml

import "strings"

// restOfRow tells whether a command changes all that follows in its group.
func restOfRow(name string) bool {
	switch name {
	case "displaystyle", "textstyle", "scriptstyle", "scriptscriptstyle", "rm", "bf", "it", "tt", "sf", "cal", "frak":
		return true
	}
	return false
}

// rest is what follows such a command.
func (p *parser) rest(name, stop string) item {
	before, font := p.style, p.font
	defer func() { p.style, p.font = before, font }()
	attributes := ""
	switch name {
	case "displaystyle":
		p.style, attributes = displayed, ` displaystyle="true" scriptlevel="0"`
	case "textstyle":
		p.style, attributes = inline, ` displaystyle="false" scriptlevel="0"`
	case "scriptstyle":
		p.style, attributes = script, ` displaystyle="false" scriptlevel="1"`
	case "scriptscriptstyle":
		p.style, attributes = script, ` displaystyle="false" scriptlevel="2"`
	default:
		p.font = fonts[name]
	}
	r := p.row(stop)
	if attributes == "" {
		return markup(ordinary, element("mrow", "", r.inner()))
	}
	return markup(ordinary, element("mstyle", attributes, r.inner()))
}

// stacks tells whether a command puts what stands before it in its group above
// what follows.
func stacks(name string) bool {
	return name == "over" || name == "choose" || name == "atop"
}

func (p *parser) stacked(name string, above row, stop string) item {
	below := p.row(stop)
	switch name {
	case "over":
		return markup(ordinary, fractionOf("", above.element(), below.element()))
	case "choose":
		return bracketed("(", fractionOf(` linethickness="0"`, above.element(), below.element()), ")")
	}
	return markup(ordinary, fractionOf(` linethickness="0"`, above.element(), below.element()))
}

// environment is a kind of table.
type environment struct {
	left, right string
	// columns has l, c or r for each column; the last ones are repeated.
	columns string
	// shown: the cells are as large as a formula on a line of its own.
	shown bool
}

var environments = map[string]environment{
	"matrix": {columns: "c"}, "pmatrix": {"(", ")", "c", false}, "bmatrix": {"[", "]", "c", false}, "Bmatrix": {"{", "}", "c", false},
	"vmatrix": {"|", "|", "c", false}, "Vmatrix": {"‖", "‖", "c", false}, "smallmatrix": {columns: "c"},
	"cases": {left: "{", columns: "l"}, "dcases": {left: "{", columns: "l", shown: true}, "rcases": {right: "}", columns: "l"},
	"aligned": {columns: "rl", shown: true}, "align": {columns: "rl", shown: true}, "alignedat": {columns: "rl", shown: true},
	"split": {columns: "rl", shown: true}, "eqnarray": {columns: "rcl", shown: true}, "array": {columns: "c"}, "subarray": {columns: "c"},
	"gathered": {columns: "c", shown: true}, "gather": {columns: "c", shown: true}, "equation": {columns: "c", shown: true},
	"multline": {columns: "c", shown: true}, "displaymath": {columns: "c", shown: true}, "math": {columns: "c"},
}

func (p *parser) environment() item {
	name := p.raw()
	e, ok := environments[strings.TrimSuffix(name, "*")]
	if !ok {
		return p.fail()
	}
	p.position()
	switch strings.TrimSuffix(name, "*") {
	case "array", "subarray":
		e.columns = columns(p.raw())
	case "alignedat":
		p.raw()
	}
	before, font := p.style, p.font
	p.style = inline
	if e.shown {
		p.style = displayed
	}
	rows := p.rows(e.columns)
	p.style, p.font = before, font
	p.expect(command, "end")
	if p.raw() != name {
		return p.fail()
	}
	attributes := ""
	if e.shown {
		attributes = ` displaystyle="true"`
	}
	if strings.HasPrefix(e.columns, "r") && e.shown {
		attributes += ` class="tex-pairs"`
	}
	inner := element("mtable", attributes, strings.Join(rows, ""))
	return bracketed(e.left, inner, e.right)
}

// position skips [t] or [b] behind the name.
func (p *parser) position() {
	tokens := p.tokens.tokens[p.at:]
	if len(tokens) > 2 && tokens[0].text == "[" && (tokens[1].text == "t" || tokens[1].text == "b") && tokens[2].text == "]" {
		p.at += 3
	}
}

// columns are the letters of an array's argument, without its lines.
func columns(argument string) string {
	letters := strings.Map(func(c rune) rune {
		if strings.ContainsRune("lcr", c) {
			return c
		}
		return -1
	}, argument)
	if letters == "" {
		return "c"
	}
	return letters
}

func (p *parser) rows(columns string) []string {
	var rows []string
	for {
		cells := p.cells(columns)
		last := !p.lineBreak()
		// The last line may end like the others.
		if cells != cell(columns, 0, "<mrow></mrow>") || !last {
			rows = append(rows, element("mtr", "", cells))
		}
		if last {
			return rows
		}
	}
}

func (p *parser) cells(columns string) string {
	var out strings.Builder
	for i := 0; ; i++ {
		r := p.row("")
		out.WriteString(cell(columns, i, r.element()))
		if !p.accept(next, "&") {
			return out.String()
		}
	}
}

func cell(columns string, i int, inner string) string {
	// Columns are repeated as a whole: those of align are pairs.
	attributes := ""
	switch columns[i%len(columns)] {
	case 'l':
		attributes = ` class="tex-left"`
	case 'r':
		attributes = ` class="tex-right"`
	}
	return element("mtd", attributes, inner)
}

// lineBreak takes \\ with the room that may be asked for in brackets.
func (p *parser) lineBreak() bool {
	if !p.accept(command, `\`) && !p.accept(command, "cr") {
		return false
	}
	if !p.peek().spaced && p.accept(char, "[") {
		p.skipTo("]")
	}
	return true
}

func (p *parser) skipTo(text string) {
	for t := p.take(); t.kind != end && t.text != text; {
		t = p.take()
	}
}

// table is lines one below the other.
func table(lines []string) string {
	var out strings.Builder
	for _, line := range lines {
		out.WriteString(element("mtr", "", element("mtd", "", line)))
	}
	return element("mtable", "", out.String())
}

// substack is several lines below a sum.
func (p *parser) substack() item {
	p.expect(open, "{")
	var lines []string
	for {
		r := p.row("")
		lines = append(lines, r.element())
		if !p.lineBreak() {
			break
		}
	}
	p.expect(shut, "}")
	return markup(ordinary, table(lines))
}
