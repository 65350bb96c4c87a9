package demo

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// display shows the resources as they advance: a table that is drawn anew in
// place on a terminal, and a line for every change elsewhere.
type display struct {
	out     io.Writer
	started time.Time
	// width is that of the terminal, 0 where there is none.
	width int
	// drawn is the number of lines that the next drawing replaces.
	drawn int
	seen  map[string]string
	since map[string]time.Duration
}

func newDisplay(out io.Writer, started time.Time) *display {
	d := &display{out: out, started: started, seen: map[string]string{}, since: map[string]time.Duration{}}
	if file, ok := out.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		d.width, _, _ = term.GetSize(int(file.Fd()))
	}
	d.heading()
	return d
}

func (d *display) heading() {
	d.line("\n%7s  %-28s %-8s %-20s %s", "AFTER", "RESOURCE", "READY", "REASON", "MESSAGE")
}

// goOn begins a new table below what was said meanwhile.
func (d *display) goOn() {
	d.heading()
	d.drawn = 0
}

// show takes all resources as they are now.
func (d *display) show(rows []row) {
	changed := false
	for _, r := range rows {
		if d.seen[r.name] == r.String() {
			continue
		}
		changed = true
		d.seen[r.name], d.since[r.name] = r.String(), time.Since(d.started)
		if d.width == 0 {
			d.print(r)
		}
	}
	if changed && d.width > 0 {
		d.draw(rows)
	}
}

func (d *display) draw(rows []row) {
	if d.drawn > 0 {
		// Up by the lines that were drawn, and clear to the end of the screen.
		_, _ = fmt.Fprintf(d.out, "\x1b[%dA\x1b[J", d.drawn)
	}
	for _, r := range rows {
		d.print(r)
	}
	d.drawn = len(rows)
}

func (d *display) print(r row) { d.line("%6.1fs  %s", d.since[r.name].Seconds(), r) }

// line prints one line; a terminal would break a longer one in two.
func (d *display) line(format string, args ...any) {
	text := []rune(fmt.Sprintf(format, args...))
	if d.width > 0 {
		text = text[:min(len(text), d.width)]
	}
	_, _ = fmt.Fprintln(d.out, string(text))
}
