package page

import (
	"regexp"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/mathml"
)

// formulaRoom is how many bytes of formulas a statement may have drawn, ten
// times what the longest have: each becomes up to a hundred times as long.
const formulaRoom = 32 << 10

// formula draws TeX, or shows it as it is.
func (w *statementWriter) formula(tex string, shown bool) {
	w.room -= len(tex)
	if w.room >= 0 {
		if markup, ok := mathml.Convert(tex, shown); ok {
			if shown {
				// It may be wider than a narrow screen.
				markup = `<span class="region" tabindex="0" role="group" aria-label="Formula">` + markup + "</span>"
			}
			w.out.WriteString(markup)
			return
		}
	}
	w.tagged("code", tex)
}

// part is a piece of a line.
type part struct {
	kind partKind
	text string
}

type partKind int

const (
	plainText partKind = iota
	formula
	shownFormula
	code
	bold
	picture
)

// marks are what a part can begin with, and its end. Longer ones first:
// Codeforces has $$$ for a formula and $$$$$$ for one on a line of its own.
var marks = []struct {
	begin, end string
	kind       partKind
}{
	{"$$$$$$", "$$$$$$", shownFormula}, {"$$$", "$$$", formula}, {"$$", "$$", shownFormula}, {"$", "$", formula},
	{`\(`, `\)`, formula}, {`\[`, `\]`, shownFormula}, {"`", "`", code}, {"**", "**", bold}, {"[image]", "", picture},
}

// line is a line that is cut into its parts.
type line struct {
	text string
	// open are marks that nothing closes from here on: looking for their ends
	// again and again would take the square of the line's length.
	open map[string]bool
}

// cut takes a line apart.
func cut(text string) []part {
	l := &line{text, map[string]bool{}}
	var parts []part
	from := 0
	for at := 0; at < len(text); {
		found, length, ok := l.partAt(at)
		if !ok {
			at++
			if text[at-1] == '\\' && at < len(text) {
				// \$ is no formula's beginning.
				at++
			}
			continue
		}
		parts = append(parts, bareFormulas(text[from:at])...)
		parts = append(parts, found)
		at += length
		from = at
	}
	return append(parts, bareFormulas(text[from:])...)
}

// partAt is the part that begins at a place, with its marks' length.
func (l *line) partAt(at int) (found part, length int, ok bool) {
	for _, mark := range marks {
		inner, begins := strings.CutPrefix(l.text[at:], mark.begin)
		if !begins || l.open[mark.begin] {
			continue
		}
		end := closing(inner, mark.end)
		switch {
		case end > 0 || mark.end == "":
			text := inner[:end]
			if mark.begin == "$" && !dollarFormula(l.text[:at], text, inner[end+1:]) || mark.kind == bold && !emphasis(l.text[:at], text) {
				continue
			}
			return part{mark.kind, text}, len(mark.begin) + end + len(mark.end), true
		case end < 0:
			l.open[mark.begin] = true
		}
		if strings.HasPrefix(mark.begin, "$$") {
			// Several dollars that close nothing are only dollars.
			return part{}, 0, false
		}
	}
	return part{}, 0, false
}

// closing is where the end mark stands, -1 for nowhere. An escaped dollar
// closes nothing.
func closing(text, end string) int {
	for i := 0; i < len(text) && end != ""; i++ {
		if strings.HasPrefix(text[i:], end) {
			return i
		}
		if text[i] == '\\' && end[0] == '$' {
			i++
		}
	}
	if end == "" {
		return 0
	}
	return -1
}

var (
	// words are prose: two of them side by side stand in no formula.
	words = regexp.MustCompile(`[A-Za-z]{3,}[,.]? [A-Za-z]{2,}`)
	// named are commands with their group, in which words may stand.
	named = regexp.MustCompile(`\\[A-Za-z]+(?:\{[^{}]*\})?`)
	// amount is what follows the sign of a currency.
	amount = regexp.MustCompile(`^[,.;:)]|^[0-9][0-9.,]*\s+[A-Za-z]{2,}`)
)

// dollarFormula tells a formula between single dollars from two prices. The
// rule of Pandoc: no space within the dollars, no digit behind them. And no
// letter before them, for US$; no sentence between.
func dollarFormula(before, text, after string) bool {
	if text[0] == ' ' || text[len(text)-1] == ' ' || after != "" && after[0] >= '0' && after[0] <= '9' {
		return false
	}
	if before != "" && letterOrDigit(before[len(before)-1]) {
		return false
	}
	return !words.MatchString(named.ReplaceAllString(text, "")) && !amount.MatchString(text)
}

func letterOrDigit(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// emphasis is **words**, and not 2**3**4.
func emphasis(before, text string) bool {
	return text[0] != ' ' && text[len(text)-1] != ' ' && (before == "" || !letterOrDigit(before[len(before)-1]))
}

var spread = regexp.MustCompile(`(?s)\$\$\$?[^$]*?\$\$\$?|\\\[.*?\\\]`)

// oneLineFormulas brings formulas that are written on several lines onto one.
func oneLineFormulas(text string) string {
	return spread.ReplaceAllStringFunc(text, func(found string) string {
		if strings.Contains(found, "\n\n") {
			return found
		}
		return strings.ReplaceAll(found, "\n", " ")
	})
}
