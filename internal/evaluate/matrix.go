package evaluate

import (
	"fmt"
	"html"
	"io"
	"slices"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// letters are what the compact matrix shows for verdicts.
var letters = map[problem.Verdict]string{
	problem.Accepted: "·", problem.WrongAnswer: "W", problem.PresentationError: "P", problem.TimeLimitExceeded: "T",
	problem.MemoryLimitExceeded: "M", problem.OutputLimitExceeded: "O", problem.RuntimeError: "R", "": " ",
}

// Legend explains the letters.
const Legend = "· accepted  W wrong answer  T time limit  R runtime error  M memory  O output  P presentation  | smallest subset"

// Matrix writes the kill matrix: a line for each program, correct ones first,
// and in it a letter for each test. A last line marks the smallest subset.
func (e *Evaluation) Matrix(w io.Writer) error {
	width := 0
	for i := range e.Programs {
		width = max(width, len(e.Programs[i].Name))
	}
	var out strings.Builder
	for _, p := range e.rows() {
		fmt.Fprintf(&out, "%-*s  %s  ", width, p.Name, label(p))
		for _, verdict := range p.Verdicts {
			out.WriteString(letter(verdict))
		}
		out.WriteByte('\n')
	}
	fmt.Fprintf(&out, "%-*s  ", width+len("correct")+2, "")
	for _, test := range e.Tests {
		if slices.Contains(e.Smallest.Tests, test) {
			out.WriteByte('|')
		} else {
			out.WriteByte(' ')
		}
	}
	_, err := fmt.Fprintf(w, "%s\n%s\n", strings.TrimRight(out.String(), " "), Legend)
	return err
}

func letter(verdict problem.Verdict) string {
	if l, ok := letters[verdict]; ok {
		return l
	}
	return "?"
}

func label(p *Program) string {
	if p.Correct {
		return "correct"
	}
	return "wrong  "
}

// rows are the programs, correct ones first.
func (e *Evaluation) rows() []*Program {
	rows := make([]*Program, len(e.Programs))
	for i := range e.Programs {
		rows[i] = &e.Programs[i]
	}
	slices.SortStableFunc(rows, func(a, b *Program) int { return strings.Compare(label(a), label(b)) })
	return rows
}

// What the picture is made of, in pixels.
const (
	cell   = 14
	gap    = 2
	margin = 16
	// letterWidth is that of the monospaced font, at most.
	letterWidth = 7.3
	maxLabel    = 42
	lineHeight  = 16
	// minWidth has room for the longest line above the matrix.
	minWidth = 660
)

// classes are the styles of the picture's cells.
var classes = map[problem.Verdict]string{
	problem.Accepted: "ac", problem.WrongAnswer: "wa", problem.PresentationError: "wa", problem.TimeLimitExceeded: "tle",
	problem.MemoryLimitExceeded: "mle", problem.OutputLimitExceeded: "mle", problem.RuntimeError: "rte", "": "none",
}

// style has colours that keep apart for colour-blind readers too (M. Okabe,
// K. Ito, "Color Universal Design", 2008), on light and on dark pages.
const style = `<style>
svg { color-scheme: light dark; }
text { font: 12px ui-monospace, Menlo, Consolas, monospace; fill: #1f2328; }
.page { fill: #ffffff; } .none { fill: none; stroke: #d0d7de; }
.ac { fill: #e6eaee; } .wa { fill: #d55e00; } .tle { fill: #e69f00; } .rte { fill: #0072b2; } .mle { fill: #9b5fa8; }
.chosen { fill: #1f2328; } .wrongly { fill: #d1242f; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; } .page { fill: #0d1117; } .none { stroke: #30363d; }
  .ac { fill: #2b323b; } .chosen { fill: #e6edf3; } .wrongly { fill: #ff7b72; }
}
</style>
`

// SVG draws the kill matrix: a row for each program, a column for each test,
// and a triangle over the tests of the smallest subset. Programs that the
// suite judges wrongly are named in red.
func (e *Evaluation) SVG(w io.Writer) error {
	rows := e.rows()
	left := margin
	for _, p := range rows {
		left = max(left, margin+int(letterWidth*float64(len(short(p.Name))))+10)
	}
	lines := e.Summary()
	top := margin + 22 + lineHeight*len(lines)
	width := max(left+len(e.Tests)*(cell+gap)+margin, minWidth)
	height := top + len(rows)*(cell+gap) + margin + 26
	var out strings.Builder
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img" aria-label="kill matrix">`+"\n", width, height, width, height)
	out.WriteString(style)
	fmt.Fprintf(&out, `<rect class="page" width="%d" height="%d"/>`+"\n", width, height)
	for i, line := range lines {
		fmt.Fprintf(&out, `<text x="%d" y="%d">%s</text>`+"\n", margin, margin+8+i*lineHeight, html.EscapeString(line))
	}
	for column, test := range e.Tests {
		if slices.Contains(e.Smallest.Tests, test) {
			x := left + column*(cell+gap)
			fmt.Fprintf(&out, `<path class="chosen" d="M%d %dh%dl-%d 7z"><title>%s is in the smallest subset</title></path>`+"\n", x+2, top-10, cell-4, (cell-4)/2, html.EscapeString(test))
		}
	}
	for row, p := range rows {
		e.row(&out, p, left, top+row*(cell+gap))
	}
	legend(&out, margin, top+len(rows)*(cell+gap)+margin)
	out.WriteString("</svg>\n")
	_, err := io.WriteString(w, out.String())
	return err
}

func (e *Evaluation) row(out *strings.Builder, p *Program, left, y int) {
	class := ""
	if p.Accepted() != p.Correct {
		class = ` class="wrongly"`
	}
	fmt.Fprintf(out, `<text x="%d" y="%d"%s>%s</text>`+"\n", margin, y+cell-3, class, html.EscapeString(short(p.Name)))
	for column, verdict := range p.Verdicts {
		fmt.Fprintf(out, `<rect class="%s" x="%d" y="%d" width="%d" height="%d"><title>%s on %s: %s</title></rect>`+"\n",
			classOf(verdict), left+column*(cell+gap), y, cell, cell,
			html.EscapeString(p.Name), html.EscapeString(e.Tests[column]), html.EscapeString(string(verdict)))
	}
}

func classOf(verdict problem.Verdict) string {
	if class, ok := classes[verdict]; ok {
		return class
	}
	return "none"
}

func legend(out *strings.Builder, x, y int) {
	for _, item := range []struct{ class, text string }{
		{"ac", "accepted"}, {"wa", "wrong answer"}, {"tle", "time limit"}, {"rte", "runtime error"}, {"mle", "memory, output"},
	} {
		fmt.Fprintf(out, `<rect class="%s" x="%d" y="%d" width="%d" height="%d"/><text x="%d" y="%d">%s</text>`+"\n",
			item.class, x, y, cell, cell, x+cell+4, y+cell-3, item.text)
		x += cell + 14 + int(letterWidth*float64(len(item.text)))
	}
}

func short(name string) string {
	if len(name) <= maxLabel {
		return name
	}
	return "…" + strings.ToValidUTF8(name[len(name)-maxLabel+1:], "")
}

// Summary is the evaluation in a few lines.
func (e *Evaluation) Summary() []string {
	how := "found greedily; there may be a smaller one"
	if e.Smallest.Exact {
		how = "no smaller one exists"
	}
	return []string{
		fmt.Sprintf("TPR %s of the correct programs are accepted", e.TPR),
		fmt.Sprintf("TNR %s of the wrong programs are rejected", e.TNR),
		fmt.Sprintf("smallest subset that kills as many: %d of %d tests (%s)", len(e.Smallest.Tests), len(e.Tests), how),
	}
}

// String is the share in percent, with its interval.
func (r Rate) String() string {
	if r.Total == 0 {
		return "unknown (0 programs)"
	}
	return fmt.Sprintf("%.1f %% (%d/%d, 95 %%: %.1f–%.1f)", 100*r.Value, r.Hits, r.Total, 100*r.Low, 100*r.High)
}
