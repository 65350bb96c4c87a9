package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"

	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/problempackage"
	"github.com/algoitny/algoitny-operator/internal/problempackage/formats"
)

const (
	exportUsage = "export DIR|ZIP|PLATFORM/ID -o FILE.zip [--format icpc|icpc-legacy|polygon] [--suite NAME] " + tableUsage
	exportHelp  = `write a problem package in another format, or a problem of the table
with its suite and its solutions as a package; the same content gives
the same bytes. What does not fit the format is said. Tests that are
stored as recipes are made again on this machine`
)

type exportOptions struct {
	place, out, suite string
	format            problempackage.Format
	table             TableAddress
}

func exportFlags(e *Environment, args []string) (*exportOptions, error) {
	o := &exportOptions{}
	set := flag.NewFlagSet("export", flag.ContinueOnError)
	set.StringVar(&o.out, "o", "", "the ZIP file to write")
	set.StringVar((*string)(&o.format), "format", string(problempackage.ICPC), fmt.Sprintf("one of %v", problempackage.Formats()))
	set.StringVar(&o.suite, "suite", "", "the stored name of the suite, where the problem has several")
	o.table.flags(set)
	words, err := e.flags(set, args, 1)
	switch {
	case err != nil:
		return nil, err
	case o.out == "":
		return nil, usagef("-o is missing")
	case !slices.Contains(problempackage.Formats(), o.format):
		return nil, usagef("the format %q is not known; the formats are %v", o.format, problempackage.Formats())
	}
	o.place = words[0]
	return o, nil
}

func runExport(ctx context.Context, e *Environment, args []string) (int, error) {
	o, err := exportFlags(e, args)
	if err != nil {
		return 0, err
	}
	p, done, err := e.exported(ctx, o)
	if err != nil {
		return 0, err
	}
	defer func() { _ = done() }()
	builder, left, err := formats.Write(p, o.format)
	if err != nil {
		return 0, err
	}
	e.note(append(p.Notes, left...))
	if err := builder.Save(o.out); err != nil {
		return 0, err
	}
	e.say("%s: %s, %d tests, %d submissions", o.out, o.format, len(p.Tests), len(p.Submissions))
	return ExitOK, nil
}

// exported is the package that lies there, or one that is made of a stored
// problem.
func (e *Environment) exported(ctx context.Context, o *exportOptions) (p *problempackage.Package, done func() error, err error) {
	key, ok := storedKey(o.place)
	if !ok {
		return formats.Open(o.place)
	}
	p, err = e.storedPackage(ctx, o, key)
	return p, func() error { return nil }, err
}

// storedName is what the key of a stored problem looks like, as Kubernetes
// objects have it.
var storedName = regexp.MustCompile(`^([a-z0-9][a-z0-9-]*)/([A-Za-z0-9][A-Za-z0-9_.-]*)$`)

// storedKey names a problem of the table, where there is no such file.
func storedKey(place string) (problem.Key, bool) {
	match := storedName.FindStringSubmatch(place)
	if _, err := os.Stat(place); match == nil || !errors.Is(err, fs.ErrNotExist) {
		return problem.Key{}, false
	}
	return problem.Key{Platform: match[1], ID: match[2]}, true
}
