package cli

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/manifest"
	"github.com/algoitny/algoitny-operator/internal/offline"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/problempackage"
	"github.com/algoitny/algoitny-operator/internal/problempackage/formats"
	"github.com/algoitny/algoitny-operator/internal/store"
)

const (
	importUsage = "import DIR|ZIP [--namespace N] [--name NAME] [--suite NAME] [--platform P] [-o DIR|-] [--dry-run] " + tableUsage
	importHelp  = `publish a problem package: check its inputs, store its tests and its
accepted submissions in the table, and print the manifests of a Problem
and a TestSuite that takes them over, for kubectl apply -f -. With
-o DIR they become problem.yaml and testsuite.yaml there, beside
suite.json, which evaluate reads. With --dry-run nothing is stored`
)

type importOptions struct {
	place, namespace, name, suite, platform, out string
	dryRun                                       bool
	table                                        TableAddress
}

func importFlags(e *Environment, args []string) (*importOptions, error) {
	o := &importOptions{}
	set := flag.NewFlagSet("import", flag.ContinueOnError)
	set.StringVar(&o.namespace, "namespace", "default", "the namespace of both objects")
	set.StringVar(&o.name, "name", "", "the name of the Problem; otherwise that of the package")
	set.StringVar(&o.suite, "suite", "", "the name of the TestSuite; otherwise that of the Problem with -tests")
	set.StringVar(&o.platform, "platform", "inline", "what the problem is filed under")
	set.StringVar(&o.out, "o", "-", "a folder to write into, or - for standard output")
	set.BoolVar(&o.dryRun, "dry-run", false, "check and write the manifests, and store nothing")
	o.table.flags(set)
	words, err := e.flags(set, args, 1)
	if err != nil {
		return nil, err
	}
	o.place = words[0]
	return o, nil
}

// imported is a package as it is stored and applied.
type imported struct {
	record store.SuiteRecord
	// problem and testSuite are manifests.
	problem, testSuite []byte
}

// runImport finds whatever is wrong before anything is stored, and hands the
// manifests out only once the tests are there that they name.
func runImport(ctx context.Context, e *Environment, args []string) (int, error) {
	o, err := importFlags(e, args)
	if err != nil {
		return 0, err
	}
	p, done, err := formats.Open(o.place)
	if err != nil {
		return 0, err
	}
	defer func() { _ = done() }()
	var table *store.Store
	if !o.dryRun {
		if table, err = e.Table(ctx, o.table); err != nil {
			return 0, err
		}
	}
	made, err := e.convert(ctx, o, p)
	if err != nil {
		return 0, err
	}
	told := "nothing is stored"
	if !o.dryRun {
		version, err := putSuite(ctx, table, made.record)
		if err != nil {
			return 0, o.refused(err)
		}
		told = fmt.Sprintf("stored in %s as version %d", o.table.Name, version)
	}
	return ExitOK, e.handOut(o, made, told)
}

// convert checks a package and makes of it what is stored. The suite is for the
// problem as the controller is going to read it.
func (e *Environment) convert(ctx context.Context, o *importOptions, p *problempackage.Package) (*imported, error) {
	of, left, err := p.Problem(p.Key(o.platform))
	if err != nil {
		return nil, err
	}
	names, err := manifest.NewNames(o.namespace, o.name, o.suite, of.ID)
	if err != nil {
		return nil, err
	}
	limits, err := e.prove(ctx, p)
	if err != nil {
		return nil, err
	}
	// Without them the CRD would fill in its own.
	of.Limits = limits.Limits
	inline, unfit, err := manifest.Inline(of)
	if err != nil {
		return nil, err
	}
	read := manifest.Read(inline)
	suite, err := p.Suite(&read)
	if err != nil {
		return nil, err
	}
	suite.Measured = limits.Measured
	solutions, without := p.Solutions()
	if len(p.Validators) > 0 {
		without = append(without, "the input validators accept every input, and are not stored with the suite")
	}
	e.note(slices.Concat(p.Notes, left, unstated(p, limits), unfit, without))
	return newImported(names, inline, store.SuiteRecord{Key: read.Key, Name: names.Stored(), Suite: *suite, Solutions: solutions})
}

func newImported(names manifest.Names, inline *v1alpha1.InlineProblem, record store.SuiteRecord) (*imported, error) {
	of, err := manifest.YAML(names.ProblemObject(inline))
	if err != nil {
		return nil, err
	}
	testSuite, err := manifest.YAML(names.SuiteObject(record.Suite.Digest()))
	return &imported{record: record, problem: of, testSuite: testSuite}, err
}

// prove has the validators see every input and finds the limits. Programs are
// run only where there are validators, or no time limit.
func (e *Environment) prove(ctx context.Context, p *problempackage.Package) (*offline.Limits, error) {
	j := &offline.Judge{Package: p}
	if len(p.Validators) > 0 || p.Limits.Time == 0 {
		engine, err := e.Engine()
		if err != nil {
			return nil, err
		}
		j.Engine = engine
	}
	if err := j.CheckInputs(ctx); err != nil {
		return nil, err
	}
	return j.Prepare(ctx)
}

// unstated says which limits are not the package's own.
func unstated(p *problempackage.Package, limits *offline.Limits) []string {
	var notes []string
	if limits.Measured {
		notes = append(notes, fmt.Sprintf("the time limit is %v: %s", limits.Time, measuredBy(p, limits)))
	}
	if p.Limits.MemoryBytes == 0 {
		notes = append(notes, fmt.Sprintf("the memory limit is %s: the package states none", mebibytes(limits.MemoryBytes)))
	}
	return notes
}

// putSuite stores a suite over the one that is there, which keeps its owner.
func putSuite(ctx context.Context, table *store.Store, rec store.SuiteRecord) (int64, error) {
	stamp, err := table.SuiteStamp(ctx, rec.Key, rec.Name)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return 0, err
	}
	if stamp != nil {
		rec.Owner, rec.Version = stamp.Owner, stamp.Version
	}
	return table.PutSuite(ctx, rec)
}

// refused says what to do where a suite could not be stored.
func (o *importOptions) refused(err error) error {
	if _, raced := errors.AsType[*store.ConflictError](err); raced {
		return fmt.Errorf("the stored suite changed meanwhile, and nothing was written; import again: %w", err)
	}
	if known, ok := errors.AsType[*store.Error](err); ok && known.Reason == store.ReasonTooLarge {
		return problempackage.Errorf("", "the tests are too large together: %s", known.Message)
	}
	return o.table.failed(err)
}

// handOut writes the manifests and says what was stored: on standard error where
// they go to standard output.
func (e *Environment) handOut(o *importOptions, made *imported, told string) error {
	suite := &made.record.Suite
	told = fmt.Sprintf("suite %s of %s, %d tests, %d solutions, digest %s: %s",
		made.record.Name, made.record.Key, len(suite.Tests), len(made.record.Solutions), suite.Digest(), told)
	if o.out == "-" {
		sayTo(e.Err, "%s", told)
		_, err := e.Out.Write(manifest.Documents(made.problem, made.testSuite))
		return err
	}
	e.say("%s", told)
	if err := writeImport(o.out, made.problem, made.testSuite, suite); err != nil {
		return fmt.Errorf("write the manifests: %w", err)
	}
	e.say("%s: problem.yaml, testsuite.yaml and suite.json", o.out)
	return nil
}

func writeImport(folder string, of, testSuite []byte, suite *problem.Suite) error {
	raw, err := json.MarshalIndent(suite, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil { //nolint:gosec // manifests are for everybody
		return err
	}
	for name, body := range map[string][]byte{"problem.yaml": of, "testsuite.yaml": testSuite, "suite.json": append(raw, '\n')} {
		if err := os.WriteFile(filepath.Join(folder, name), body, 0o644); err != nil { //nolint:gosec // as above
			return err
		}
	}
	return nil
}
