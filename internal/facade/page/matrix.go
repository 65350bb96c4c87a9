package page

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/facade/view"
)

// maxPicture bounds the tests and the mutants that are drawn. A suite has far
// fewer.
const maxPicture = 400

// killMatrix is the picture of which test kills which mutant, and the same in
// words.
type killMatrix struct {
	Picture template.HTML
	Tests   []testKills
	// Killed of Mutants are killed by some test.
	Killed, Mutants int
	// Survivors are those that no test kills.
	Survivors []string
}

// testKills are the mutants that a test kills.
type testKills struct {
	Name    string
	Mutants []string
	// First are how many of them no test before it kills.
	First int
}

// newMatrix prepares a matrix, nil where there is nothing to show.
func newMatrix(m *view.Matrix) *killMatrix {
	if m == nil || len(m.Tests) == 0 || len(m.Mutants) == 0 {
		return nil
	}
	k := &killMatrix{Mutants: len(m.Mutants)}
	order := columnOrder(m)
	seen := map[int]bool{}
	for i, name := range m.Tests {
		test := testKills{Name: name}
		for _, mutant := range kills(m, i) {
			test.Mutants = append(test.Mutants, m.Mutants[mutant])
			if !seen[mutant] {
				test.First++
			}
			seen[mutant] = true
		}
		k.Tests = append(k.Tests, test)
	}
	k.Killed = len(seen)
	for _, mutant := range order {
		if !seen[mutant] {
			k.Survivors = append(k.Survivors, m.Mutants[mutant])
		}
	}
	if len(m.Tests) <= maxPicture && len(m.Mutants) <= maxPicture {
		k.Picture = drawMatrix(m, k, order)
	}
	return k
}

// kills are the mutants that a test kills, in order and each once.
func kills(m *view.Matrix, test int) []int {
	if test >= len(m.Kills) {
		return nil
	}
	list := slices.DeleteFunc(slices.Clone(m.Kills[test]), func(mutant int) bool { return mutant < 0 || mutant >= len(m.Mutants) })
	slices.Sort(list)
	return slices.Compact(list)
}

// columnOrder puts the mutants in the order in which tests kill them first, so
// that the picture becomes a staircase: each step is what a test adds.
// Survivors come last.
func columnOrder(m *view.Matrix) []int {
	var order []int
	seen := map[int]bool{}
	add := func(mutant int) {
		if !seen[mutant] {
			order = append(order, mutant)
		}
		seen[mutant] = true
	}
	for test := range m.Tests {
		for _, mutant := range kills(m, test) {
			add(mutant)
		}
	}
	for mutant := range m.Mutants {
		add(mutant)
	}
	return order
}

// geometry of the picture, in its own units.
type geometry struct {
	// across and down are from one cell to the next; a cell is a little less.
	across, down int
	// left is where the cells begin, top too.
	left, top int
	// every is how many rows there are from one name to the next.
	every int
}

// lettersOf are the widest names that fit beside the picture.
const lettersOf = 18

func geometryOf(tests, mutants int) geometry {
	fitted := func(room, parts int) int { return min(max(room/parts, 3), 14) }
	g := geometry{across: fitted(600, mutants), down: fitted(640, tests), top: 14, left: 128, every: 1}
	// A name needs 11 units of height.
	for g.every*g.down < 11 {
		g.every++
	}
	return g
}

// inside is a cell's extent without the gap.
func inside(pitch int) int {
	if pitch > 8 {
		return pitch - 2
	}
	return pitch - 1
}

func drawMatrix(m *view.Matrix, k *killMatrix, order []int) template.HTML {
	g := geometryOf(len(m.Tests), len(m.Mutants))
	column := map[int]int{}
	for i, mutant := range order {
		column[mutant] = i
	}
	width := g.left + len(order)*g.across + 44
	height := g.top + len(m.Tests)*g.down + 22
	var out strings.Builder
	fmt.Fprintf(&out, `<svg class="matrix" width="%d" height="%d" viewBox="0 0 %d %d" role="img" aria-label="Kill matrix: %d tests by %d mutants, %d killed. The same in words is below.">`,
		width, height, width, height, len(m.Tests), len(order), k.Killed)
	seen := map[int]bool{}
	for i := range m.Tests {
		g.row(&out, m, i, column, seen)
	}
	if survivors := len(k.Survivors); survivors > 0 {
		fmt.Fprintf(&out, `<rect class="survivors" x="%d" y="%d" width="%d" height="%d"><title>no test kills these</title></rect>`,
			g.left+(len(order)-survivors)*g.across, g.top-6, survivors*g.across, len(m.Tests)*g.down+10)
	}
	fmt.Fprintf(&out, `<text class="axis" x="%d" y="%d">%d mutants, in the order of their first kill</text></svg>`, g.left, height-6, len(order))
	return template.HTML(out.String()) //nolint:gosec // only numbers and escaped names are written
}

// row draws a test: a line, a mark for each kill, and how many it kills.
func (g geometry) row(out *strings.Builder, m *view.Matrix, test int, column map[int]int, seen map[int]bool) {
	y, width, height := g.top+test*g.down, inside(g.across), inside(g.down)
	list := kills(m, test)
	var again, first strings.Builder
	for _, mutant := range list {
		path := &again
		if !seen[mutant] {
			path = &first
		}
		seen[mutant] = true
		fmt.Fprintf(path, "M%d %dh%dv%dh-%dz", g.left+column[mutant]*g.across, y, width, height, width)
	}
	name := template.HTMLEscapeString(m.Tests[test])
	fmt.Fprintf(out, `<g><title>%s kills %d</title><rect class="track" x="%d" y="%d" width="%d" height="%d"/>`,
		name, len(list), g.left, y, len(column)*g.across, height)
	for _, path := range []struct{ class, d string }{{"again", again.String()}, {"first", first.String()}} {
		if path.d != "" {
			fmt.Fprintf(out, `<path class="%s" d="%s"/>`, path.class, path.d)
		}
	}
	if test%g.every == 0 {
		baseline := y + height/2 + 4
		fmt.Fprintf(out, `<text x="%d" y="%d" text-anchor="end">%s</text><text class="axis" x="%d" y="%d">%d</text>`,
			g.left-6, baseline, template.HTMLEscapeString(clip(m.Tests[test], lettersOf)), g.left+len(column)*g.across+6, baseline, len(list))
	}
	out.WriteString("</g>")
}

// clip cuts a name that is too long for its place.
func clip(name string, most int) string {
	letters := []rune(name)
	if len(letters) <= most {
		return name
	}
	return string(letters[:most-1]) + "…"
}
