package cli

import (
	"fmt"
	"io"

	"github.com/go-logr/logr"
)

// Notes is a log that tells what a person should know, and nothing else.
func Notes(w io.Writer) logr.Logger { return logr.New(&notes{w}) }

type notes struct{ w io.Writer }

func (n *notes) Init(logr.RuntimeInfo) {}

func (n *notes) Enabled(level int) bool { return level == 0 }

func (n *notes) Info(_ int, message string, _ ...any) {
	_, _ = fmt.Fprintf(n.w, "note: %s\n", plain(message))
}

func (n *notes) Error(err error, message string, _ ...any) {
	_, _ = fmt.Fprintf(n.w, "note: %s: %v\n", plain(message), err)
}

func (n *notes) WithValues(...any) logr.LogSink { return n }

func (n *notes) WithName(string) logr.LogSink { return n }
