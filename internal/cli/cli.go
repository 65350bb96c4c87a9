// Package cli holds the commands of algoitny that work on problem packages and
// on the table.
package cli

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/algoitny/algoitny-operator/internal/archive"
	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/manifest"
	"github.com/algoitny/algoitny-operator/internal/offline"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/problempackage"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// The exit codes.
const (
	// ExitOK: done; of a judging: accepted, or everything as declared.
	ExitOK = 0
	// ExitOther: another verdict than accepted, or than declared.
	ExitOther = 1
	// ExitUsage: the command line or the package is wrong.
	ExitUsage = 2
	// ExitFailed: nothing could be judged or written.
	ExitFailed = 3
)

// Environment is what commands work with.
type Environment struct {
	Out, Err io.Writer
	// Engine starts what runs programs.
	Engine func() (offline.Engine, error)
	// Table reaches a table that can be used; OpenTable is one.
	Table func(ctx context.Context, at TableAddress) (*store.Store, error)
	// Now is the clock, time.Now when nil.
	Now func() time.Time
}

func (e *Environment) now() time.Time {
	if e.Now == nil {
		return time.Now()
	}
	return e.Now()
}

// command is one word after algoitny.
type command struct {
	run func(ctx context.Context, e *Environment, args []string) (int, error)
	// usage is the line of the help, without algoitny.
	usage, help string
}

func commands() map[string]command {
	return map[string]command{
		"judge":    {runJudge, judgeUsage, judgeHelp},
		"evaluate": {runEvaluate, evaluateUsage, evaluateHelp},
		"import":   {runImport, importUsage, importHelp},
		"export":   {runExport, exportUsage, exportHelp},
		"cost":     {runCost, costUsage, costHelp},
		"replay":   {runReplay, replayUsage, replayHelp},
	}
}

// Names are the commands, in the order in which the help has them.
func Names() []string { return []string{"judge", "evaluate", "import", "export", "cost", "replay"} }

// Usage is the help on all commands.
func Usage() string {
	var out strings.Builder
	for _, name := range Names() {
		c := commands()[name]
		fmt.Fprintf(&out, "       algoitny %s\n", c.usage)
	}
	for _, name := range Names() {
		fmt.Fprintf(&out, "\n  %-9s%s\n", name, strings.ReplaceAll(commands()[name].help, "\n", "\n           "))
	}
	return out.String()
}

// Run runs the command that args begin with and returns the exit code. Errors
// are written to Err.
func (e *Environment) Run(ctx context.Context, args []string) int {
	c := commands()[args[0]]
	code, err := c.run(ctx, e, args[1:])
	if err == nil {
		return code
	}
	if errors.Is(err, flag.ErrHelp) {
		return ExitOK
	}
	_, _ = fmt.Fprintf(e.Err, "algoitny %s: %s\n", args[0], plain(err.Error()))
	var usage *usageError
	if errors.As(err, &usage) {
		_, _ = fmt.Fprintf(e.Err, "usage: algoitny %s\n", c.usage)
	}
	return exitCode(err)
}

// usageError says what is wrong with the command line.
type usageError struct{ reason string }

func (e *usageError) Error() string { return e.reason }

func usagef(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// exitCode tells errors of the user and of the package from the others. What a
// table says is never theirs, whatever it wraps.
func exitCode(err error) int {
	var table *tableError
	if errors.As(err, &table) {
		return ExitFailed
	}
	var usage *usageError
	var wrong *problempackage.Error
	var hostile *archive.Error
	var unsupported *execution.UnsupportedError
	var unfit *manifest.Error
	switch {
	case errors.As(err, &usage), errors.As(err, &wrong), errors.As(err, &hostile), errors.As(err, &unsupported), errors.As(err, &unfit),
		errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return ExitUsage
	}
	return ExitFailed
}

// flags parses a command line; what is left over has to be this many words.
func (e *Environment) flags(set *flag.FlagSet, args []string, words int) ([]string, error) {
	set.SetOutput(e.Err)
	var rest []string
	for len(args) > 0 {
		if err := set.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return nil, err
			}
			return nil, &usageError{err.Error()}
		}
		// Words may stand before flags too.
		if args = set.Args(); len(args) > 0 {
			rest, args = append(rest, args[0]), args[1:]
		}
	}
	if len(rest) != words {
		return nil, usagef("%d words are expected beside the flags, not %d: %q", words, len(rest), rest)
	}
	return rest, nil
}

// plain leaves nothing in a text that a terminal would obey: packages and
// programs may have been made to abuse it.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || unicode.IsPrint(r) {
			return r
		}
		return '\uFFFD'
	}, text)
}

func (e *Environment) say(format string, args ...any) { sayTo(e.Out, format, args...) }

func sayTo(w io.Writer, format string, args ...any) {
	_, _ = io.WriteString(w, plain(fmt.Sprintf(format, args...))+"\n")
}

// note tells of what was found and does not count.
func (e *Environment) note(notes []string) {
	for _, note := range notes {
		_, _ = fmt.Fprintf(e.Err, "note: %s\n", plain(note))
	}
}

func (e *Environment) json(value any) error {
	encoder := json.NewEncoder(e.Out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

// table writes lines of cells under a heading.
func (e *Environment) table(lines [][]string) error {
	w := tabwriter.NewWriter(e.Out, 0, 0, 2, ' ', 0)
	for _, line := range lines {
		_, _ = fmt.Fprintln(w, plain(strings.TrimRight(strings.Join(line, "\t"), "\t")))
	}
	return w.Flush()
}

func milliseconds(d time.Duration) string { return fmt.Sprintf("%d ms", d.Milliseconds()) }

func mebibytes(bytes int64) string { return fmt.Sprintf("%d MiB", (bytes+1<<20-1)>>20) }

func limitsText(l problem.Limits) string {
	return fmt.Sprintf("%v and %s", l.Time, mebibytes(l.MemoryBytes))
}
