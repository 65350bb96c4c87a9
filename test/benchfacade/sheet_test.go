package benchfacade_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// figure is one line of what is printed.
type figure struct{ name, asked, is, verdict string }

// sheet is what was measured.
type sheet struct{ figures []figure }

// The verdicts.
const (
	kept = "OK"
	lost = "MISSED"
)

// must adds a figure that has a bound.
func (s *sheet) must(ok bool, name, asked, format string, values ...any) {
	verdict := kept
	if !ok {
		verdict = lost
	}
	s.figures = append(s.figures, figure{name, asked, fmt.Sprintf(format, values...), verdict})
}

// note adds one that has none.
func (s *sheet) note(name, format string, values ...any) {
	s.figures = append(s.figures, figure{name: name, is: fmt.Sprintf(format, values...)})
}

func (s *sheet) missed() int {
	count := 0
	for _, f := range s.figures {
		if f.verdict == lost {
			count++
		}
	}
	return count
}

// text is a table of Markdown whose columns are also even as they are.
func (s *sheet) text() string {
	rows := [][]string{{"figure", "asked", "is", ""}, {"---", "---", "---", "---"}}
	for _, f := range s.figures {
		rows = append(rows, []string{f.name, f.asked, f.is, f.verdict})
	}
	var widths [4]int
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	var out strings.Builder
	for _, row := range rows {
		for i, cell := range row {
			out.WriteString("| " + cell + strings.Repeat(" ", widths[i]-len([]rune(cell))) + " ")
		}
		out.WriteString("|\n")
	}
	return out.String()
}

// quantile is the smallest value that at least the part q of all are not above.
// It sorts them.
func quantile[T cmp.Ordered](values []T, q float64) T {
	slices.Sort(values)
	if len(values) == 0 {
		var none T
		return none
	}
	rank := int(q*float64(len(values)) + 0.999999)
	return values[min(max(rank, 1), len(values))-1]
}

func median[T cmp.Ordered](values []T) T { return quantile(slices.Clone(values), 0.5) }

// brief writes a time with as many digits as matter.
func brief(d time.Duration) string {
	switch {
	case d >= 10*time.Second:
		return d.Round(100 * time.Millisecond).String()
	case d >= time.Second:
		return d.Round(10 * time.Millisecond).String()
	case d >= 10*time.Millisecond:
		return d.Round(100 * time.Microsecond).String()
	case d >= time.Millisecond:
		return d.Round(10 * time.Microsecond).String()
	}
	return d.Round(time.Microsecond).String()
}

// grouped writes a number as people do: 12,345.
func grouped(number float64) string {
	digits := fmt.Sprintf("%.0f", number)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// megabytes are of 1,000,000 bytes.
func megabytes(bytes int64) string { return fmt.Sprintf("%.0f MB", float64(bytes)/1e6) }
