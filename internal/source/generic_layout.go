package source

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// split reads a pre that holds whole samples, their parts under labels on
// lines of their own or in bold, as SPOJ has them.
func (g *genericSamples) split(n *html.Node) bool {
	p := preformatter{label: isBoldLabel}
	p.children(n)
	samples := splitSamples(strings.Split(strings.TrimLeft(p.text(), "\n"), "\n"))
	for _, s := range samples {
		g.add(s)
	}
	return len(samples) > 0
}

func isBoldLabel(n *html.Node) bool {
	if n.DataAtom != atom.B && n.DataAtom != atom.Strong {
		return false
	}
	line := oneLine(n)
	return sampleLabel(line).side != neither || explanationLabel.MatchString(line)
}

// splitSamples cuts lines at their labels; the first line has to be one.
func splitSamples(lines []string) []problem.Sample {
	var samples []problem.Sample
	var parts [outputSide + 1][]string
	at := neither
	finish := func() {
		if at != inputSide && len(parts[inputSide]) > 0 && len(parts[outputSide]) > 0 {
			samples = append(samples, problem.Sample{Input: unframed(parts[inputSide]), Output: unframed(parts[outputSide])})
		}
		parts = [outputSide + 1][]string{}
	}
	for i, line := range lines {
		folded := fold(line)
		switch found := sampleLabel(folded).side; {
		case found == inputSide:
			finish()
			at = inputSide
		case i == 0:
			return nil
		case found == outputSide:
			at = outputSide
		case explanationLabel.MatchString(folded):
			at = neither
		default:
			parts[at] = append(parts[at], line)
		}
	}
	finish()
	return samples
}

// unframed drops the lines that only set a part off from its labels.
func unframed(lines []string) string {
	text := strings.Join(lines, "\n")
	return ended(strings.TrimLeft(strings.TrimRight(text, " \n"), "\n"))
}

// table reads a table whose head names input and output. It returns false for
// every other table. Cells without a pre are samples only where the page says
// that they are: such a table may as well describe a format.
func (g *genericSamples) table(n *html.Node) bool {
	if find(n, func(d *html.Node) bool { return d != n && d.DataAtom == atom.Table }) != nil {
		return false
	}
	var columns sampleColumns
	var found []problem.Sample
	for row := range n.Descendants() {
		if row.DataAtom != atom.Tr {
			continue
		}
		cells := cellsOf(row)
		if !columns.known() {
			columns = columnsOf(cells)
		} else if s, ok := columns.sample(cells, g.example > 0); ok {
			found = append(found, s)
		}
	}
	for _, s := range found {
		g.add(s)
	}
	if len(found) > 0 {
		g.evidence = append(g.evidence, n)
	}
	return len(found) > 0
}

func cellsOf(row *html.Node) []*html.Node {
	var cells []*html.Node
	for c := range row.ChildNodes() {
		if c.DataAtom == atom.Td || c.DataAtom == atom.Th {
			cells = append(cells, c)
		}
	}
	return cells
}

// sampleColumns are the places of input and output in each row.
type sampleColumns struct {
	input, output int
	// plain says that the head does not call them samples.
	plain bool
}

func (c sampleColumns) known() bool { return c.input != c.output }

func columnsOf(head []*html.Node) sampleColumns {
	labels := make([]label, len(head))
	for i, cell := range head {
		labels[i] = sampleLabel(oneLine(cell))
	}
	input := slices.IndexFunc(labels, func(l label) bool { return l.side == inputSide })
	output := slices.IndexFunc(labels, func(l label) bool { return l.side == outputSide })
	if input < 0 || output < 0 {
		return sampleColumns{}
	}
	return sampleColumns{input: input, output: output, plain: labels[input].plain}
}

func (c sampleColumns) sample(cells []*html.Node, example bool) (problem.Sample, bool) {
	if len(cells) <= max(c.input, c.output) {
		return problem.Sample{}, false
	}
	input, output := cells[c.input], cells[c.output]
	if c.plain && !example && (find(input, isPre) == nil || find(output, isPre) == nil) {
		return problem.Sample{}, false
	}
	return problem.Sample{Input: cellText(input), Output: cellText(output)}, true
}

// cellText is a cell's pre or, without one, its lines as they are seen.
func cellText(cell *html.Node) string {
	if pre := find(cell, isPre); pre != nil {
		return sampleText(pre)
	}
	return ended(visibleText(cell, nil))
}

func isPre(n *html.Node) bool { return n.DataAtom == atom.Pre }
