package facade

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/algoitny/algoitny-operator/internal/facade/access"
	"github.com/algoitny/algoitny-operator/internal/facade/fault"
	"github.com/algoitny/algoitny-operator/internal/facade/library"
	"github.com/algoitny/algoitny-operator/internal/problempackage"
	"github.com/algoitny/algoitny-operator/internal/problempackage/formats"
	"github.com/algoitny/algoitny-operator/internal/problempackage/stored"
	"github.com/algoitny/algoitny-operator/internal/store"
)

type packageInput struct {
	ProblemPath
	Suite         string `query:"suite" maxLength:"253" doc:"Which, where the problem has several."`
	Format        string `query:"format" default:"icpc" enum:"icpc,icpc-legacy,polygon"`
	Authorization string `header:"Authorization" hidden:"true"`
}

type download struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

func (f *Facade) registerPackages(api huma.API) {
	op := read("download-package", "/api/problems/{platform}/{id}/package", tagProblems, "Download a problem package")
	op.Description = "A ZIP of the problem with its suite and its solutions, for other judges. It has every test: unless the facade is set to show those, a token is needed that may get the TestSuites of the problem. A suite with tests that are stored as recipes cannot be downloaded, because the facade runs no programs: algoitny export does."
	op.Security = []map[string][]string{{}, {bearer: {}}}
	op.Errors = append(op.Errors, http.StatusUnauthorized, http.StatusForbidden, http.StatusConflict)
	op.Responses = map[string]*huma.Response{"200": {
		Description: "OK", Content: map[string]*huma.MediaType{"application/zip": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
	}}
	huma.Register(api, op, f.download)
}

func (f *Facade) download(ctx context.Context, in *packageInput) (*download, error) {
	if err := f.mayDownload(ctx, in); err != nil {
		return nil, err
	}
	p, err := f.pack(ctx, in)
	if err != nil {
		return nil, err
	}
	builder, _, err := formats.Write(p, problempackage.Format(in.Format))
	if err != nil {
		return nil, notPackable(err)
	}
	var out bytes.Buffer
	if err := builder.Write(&out); err != nil {
		return nil, notPackable(err)
	}
	name := problempackage.CleanName(in.Platform + "-" + in.ID)
	return &download{"application/zip", fmt.Sprintf("attachment; filename=%q", name+".zip"), out.Bytes()}, nil
}

// mayDownload asks for the right to read the suite in the namespace that keeps
// the problem.
func (f *Facade) mayDownload(ctx context.Context, in *packageInput) error {
	if f.o.ShowTests {
		return nil
	}
	as, err := f.gate.Caller(in.Authorization)
	if err != nil {
		return err
	}
	namespace := f.o.Namespace
	if keeper, ok := f.catalogue.Keeper(in.key(), namespace); ok {
		namespace = keeper.Namespace
	}
	return as.May(ctx, access.Act{Verb: "get", Resource: "testsuites", Namespace: namespace})
}

func (f *Facade) pack(ctx context.Context, in *packageInput) (*problempackage.Package, error) {
	record, err := f.o.Table.Problem(ctx, in.key())
	if err != nil {
		return nil, library.Failed(err)
	}
	if record.OmitStatement {
		return nil, fault.New(http.StatusConflict, "the statement is not stored, only facts are; a package needs one")
	}
	name, err := f.suiteOf(ctx, in)
	if err != nil {
		return nil, err
	}
	suite, err := f.o.Table.Suite(ctx, in.key(), name)
	if err != nil {
		return nil, library.Failed(err)
	}
	solutions, err := f.o.Table.Solutions(ctx, in.key())
	if err != nil {
		return nil, library.Failed(err)
	}
	p, err := stored.Package(&record.Problem, suite, solutions, nil)
	return p, notPackable(err)
}

func (f *Facade) suiteOf(ctx context.Context, in *packageInput) (string, error) {
	suites, err := f.o.Table.Suites(ctx, in.key())
	if err != nil {
		return "", library.Failed(err)
	}
	switch {
	case len(suites) == 0:
		return "", fault.New(http.StatusConflict, "the problem has no suite yet; a package needs its tests")
	case in.Suite == "" && len(suites) == 1:
		return suites[0].Name, nil
	case in.Suite == "":
		return "", fault.Invalid("suite", "must name one, because the problem has several")
	case !slices.ContainsFunc(suites, func(s store.SuiteSummary) bool { return s.Name == in.Suite }):
		return "", fault.New(http.StatusNotFound, "the problem has no such suite")
	}
	return in.Suite, nil
}

// notPackable says why there is no package.
func notPackable(err error) error {
	if errors.Is(err, problempackage.ErrNotMade) {
		return fault.New(http.StatusConflict, "some tests are stored as the programs that make them, and the facade runs none; use algoitny export")
	}
	if e, ok := errors.AsType[*problempackage.Error](err); ok {
		return fault.New(http.StatusConflict, e.Error())
	}
	return err
}
