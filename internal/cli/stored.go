package cli

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/offline"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/problempackage"
	"github.com/algoitny/algoitny-operator/internal/problempackage/stored"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// storedPackage makes a package of what the table holds of a problem.
func (e *Environment) storedPackage(ctx context.Context, o *exportOptions, key problem.Key) (*problempackage.Package, error) {
	table, err := e.Table(ctx, o.table)
	if err != nil {
		return nil, err
	}
	of, err := o.storedProblem(ctx, table, key)
	if err != nil {
		return nil, err
	}
	suite, err := o.storedSuite(ctx, table, key)
	if err != nil {
		return nil, err
	}
	solutions, err := table.Solutions(ctx, key)
	if err != nil {
		return nil, o.table.failed(err)
	}
	made, err := offline.Make(ctx, e.Engine, &suite.Suite)
	if err != nil {
		return nil, err
	}
	return stored.Package(of, suite, solutions, made)
}

func (o *exportOptions) storedProblem(ctx context.Context, table *store.Store, key problem.Key) (*problem.Problem, error) {
	rec, err := table.Problem(ctx, key)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, problempackage.Errorf("", "there is neither a file or folder %s nor a problem of that name in the table %s", key, o.table.Name)
	case err != nil:
		return nil, o.table.failed(err)
	case rec.OmitStatement:
		return nil, problempackage.Errorf("", "the statement of %s is not stored, only its facts are; a package needs one: publish the problem with its text first", key)
	}
	return &rec.Problem, nil
}

// storedSuite is the one that was asked for, or the only one.
func (o *exportOptions) storedSuite(ctx context.Context, table *store.Store, key problem.Key) (*store.SuiteRecord, error) {
	suites, err := table.Suites(ctx, key)
	if err != nil {
		return nil, o.table.failed(err)
	}
	var names []string
	for i := range suites {
		names = append(names, suites[i].Name)
	}
	name := o.suite
	switch {
	case len(names) == 0:
		return nil, problempackage.Errorf("", "the problem %s has no stored suite; give the Problem a testSuite, and export it once that is Ready", key)
	case name != "" && !slices.Contains(names, name):
		return nil, problempackage.Errorf("", "the problem %s has no suite %s; its suites are %s", key, name, strings.Join(names, ", "))
	case name == "" && len(names) > 1:
		return nil, problempackage.Errorf("", "the problem %s has several suites; name one with --suite: %s", key, strings.Join(names, ", "))
	case name == "":
		name = names[0]
	}
	rec, err := table.Suite(ctx, key, name)
	if err != nil {
		return nil, o.table.failed(err)
	}
	return rec, nil
}
