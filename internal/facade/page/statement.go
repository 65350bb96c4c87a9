package page

import (
	"html/template"
	"regexp"
	"slices"
	"strings"
)

// Statements are plain text and are shown as such: an empty line ends a
// paragraph and every other line break is one. They are not Markdown, in which
// mazes of # and *, 2*3*4 and snake_case would lose their signs. Only marks
// that cannot be anything else are followed: lists, fences, code and formulas.

// statementHTML writes a statement's text as HTML.
func statementHTML(text string) template.HTML {
	w := &statementWriter{room: formulaRoom}
	lines := strings.Split(strings.ReplaceAll(oneLineFormulas(text), "\r\n", "\n"), "\n")
	for len(lines) > 0 {
		lines = w.block(lines)
	}
	return template.HTML(w.out.String()) //nolint:gosec // everything written into it is escaped
}

type statementWriter struct {
	out strings.Builder
	// room is how many bytes of formulas are still drawn.
	room int
}

// block writes the first paragraph and gives the lines behind it.
func (w *statementWriter) block(lines []string) []string {
	if strings.HasPrefix(lines[0], "```") {
		return w.fenced(lines[1:])
	}
	end := 0
	for end < len(lines) && strings.TrimSpace(lines[end]) != "" && (end == 0 || !strings.HasPrefix(lines[end], "```")) {
		end++
	}
	switch block := lines[:end]; {
	case end == 0:
		return lines[1:]
	case !slices.ContainsFunc(block, untabbed):
		w.table(block)
	case end > 1 && slices.ContainsFunc(block, aligned):
		w.preformatted(block)
	default:
		w.lines(block)
	}
	return lines[end:]
}

func (w *statementWriter) fenced(lines []string) []string {
	end := 0
	for end < len(lines) && !strings.HasPrefix(lines[end], "```") {
		end++
	}
	w.preformatted(lines[:end])
	return lines[min(end+1, len(lines)):]
}

func (w *statementWriter) preformatted(lines []string) {
	w.out.WriteString(`<pre class="region" tabindex="0" role="group" aria-label="As it was laid out">` + "\n" + template.HTMLEscapeString(strings.Join(lines, "\n")) + "</pre>\n")
}

// table writes the rows of a table, whose cells have tabs between them.
func (w *statementWriter) table(rows []string) {
	w.out.WriteString(`<div class="region" tabindex="0" role="group" aria-label="Table"><table class="plain">`)
	for _, row := range rows {
		w.out.WriteString("<tr>")
		for cell := range strings.SplitSeq(row, "\t") {
			w.out.WriteString("<td>")
			w.inline(cell)
			w.out.WriteString("</td>")
		}
		w.out.WriteString("</tr>")
	}
	w.out.WriteString("</table></div>\n")
}

// lines writes paragraphs and lists, which may follow each other directly.
func (w *statementWriter) lines(lines []string) {
	for len(lines) > 0 {
		kind := listOf(lines[0])
		end := 1
		for end < len(lines) && listOf(lines[end]) == kind {
			end++
		}
		if kind == "" {
			w.out.WriteString("<p>")
			for i, line := range lines[:end] {
				if i > 0 {
					w.out.WriteString("<br>\n")
				}
				w.inline(strings.TrimSpace(line))
			}
			w.out.WriteString("</p>\n")
		} else {
			w.list(kind, lines[:end])
		}
		lines = lines[end:]
	}
}

func (w *statementWriter) list(kind string, lines []string) {
	start := ""
	if first := numbered.FindStringSubmatch(lines[0]); kind == "ol" && first[1] != "1" {
		start = ` start="` + first[1] + `"`
	}
	w.out.WriteString("<" + kind + start + ">")
	for _, line := range lines {
		w.out.WriteString("<li>")
		w.inline(numbered.ReplaceAllString(bulleted.ReplaceAllString(line, ""), ""))
		w.out.WriteString("</li>")
	}
	w.out.WriteString("</" + kind + ">\n")
}

var (
	bulleted = regexp.MustCompile(`^ {0,3}[-*•–·] +`)
	numbered = regexp.MustCompile(`^ {0,3}(\d{1,3})[.)] +`)
	// columns are two spaces or more that end no sentence.
	columns = regexp.MustCompile(`^ {2,}\S|[^\s.!?:;]\s{2,}\S`)
)

// listOf is the element of the list that a line belongs to, if it is of one.
func listOf(line string) string {
	switch {
	case bulleted.MatchString(line):
		return "ul"
	case numbered.MatchString(line):
		return "ol"
	}
	return ""
}

func untabbed(line string) bool { return !strings.Contains(line, "\t") }

func aligned(line string) bool { return listOf(line) == "" && columns.MatchString(line) }

// inline writes a line: text, formulas, code and what is in bold.
func (w *statementWriter) inline(line string) {
	for _, part := range cut(line) {
		switch part.kind {
		case formula, shownFormula:
			w.formula(part.text, part.kind == shownFormula)
		case code:
			w.tagged("code", part.text)
		case bold:
			w.tagged("strong", part.text)
		case picture:
			w.out.WriteString(`<span class="absent">[picture: see the original page]</span>`)
		default:
			w.out.WriteString(template.HTMLEscapeString(part.text))
		}
	}
}

func (w *statementWriter) tagged(name, text string) {
	w.out.WriteString("<" + name + ">" + template.HTMLEscapeString(text) + "</" + name + ">")
}
