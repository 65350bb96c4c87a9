package facade

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/algoitny/algoitny-operator/internal/facade/library"
	"github.com/algoitny/algoitny-operator/internal/facade/view"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// answer is a body of JSON.
type answer[T any] struct{ Body *T }

// ProblemPath are the parts of a problem's address. It is embedded, and the
// framework looks only into what is exported.
type ProblemPath struct {
	Platform string `path:"platform" example:"codeforces"`
	ID       string `path:"id" example:"4A"`
}

// key has the platform as the table has it: in small letters.
func (n *ProblemPath) key() problem.Key {
	return problem.Key{Platform: strings.ToLower(n.Platform), ID: n.ID}
}

type suitePath struct {
	ProblemPath
	Name string `path:"name" doc:"As the list of suites has it."`
}

type solutionPath struct {
	ProblemPath
	Language string `path:"language" example:"python"`
	Name     string `path:"name" doc:"As the list of solutions has it."`
}

// read is an operation that everybody may call.
func read(id, path, tag, summary string) huma.Operation {
	return huma.Operation{
		OperationID: id, Method: http.MethodGet, Path: path, Tags: []string{tag}, Summary: summary,
		Errors: []int{http.StatusBadRequest, http.StatusNotFound, http.StatusTooManyRequests, http.StatusServiceUnavailable},
	}
}

// get registers an operation whose answer is what a function returns.
func get[I, T any](api huma.API, op huma.Operation, do func(ctx context.Context, in *I) (*T, error)) {
	huma.Register(api, op, func(ctx context.Context, in *I) (*answer[T], error) {
		out, err := do(ctx, in)
		if err != nil {
			return nil, err
		}
		return &answer[T]{Body: out}, nil
	})
}

// register adds every operation.
func (f *Facade) register(api huma.API) {
	f.registerReads(api)
	f.registerSubmissions(api)
	f.registerWrites(api)
	f.registerStreams(api)
	f.registerPackages(api)
}

func (f *Facade) registerReads(api huma.API) {
	get(api, read("list-problems", "/api/problems", tagProblems, "List problems"),
		func(ctx context.Context, in *library.Query) (*view.ProblemPage, error) {
			return f.library.Problems(ctx, in)
		})
	get(api, read("get-problem", "/api/problems/{platform}/{id}", tagProblems, "Read a problem"),
		func(ctx context.Context, in *ProblemPath) (*view.Problem, error) {
			return f.library.Problem(ctx, in.key())
		})
	get(api, read("list-suites", "/api/problems/{platform}/{id}/suites", tagSuites, "List a problem's suites"),
		func(ctx context.Context, in *ProblemPath) (*view.SuiteList, error) {
			all, err := f.library.SuiteList(ctx, in.key())
			return &view.SuiteList{Results: all}, err
		})
	get(api, read("get-suite", "/api/problems/{platform}/{id}/suites/{name}", tagSuites, "Read a suite with its tests"),
		func(ctx context.Context, in *suitePath) (*view.Suite, error) {
			return f.library.Suite(ctx, in.key(), in.Name)
		})
	get(api, read("list-solutions", "/api/problems/{platform}/{id}/solutions", tagSolutions, "List a problem's solutions with their attempts"),
		func(ctx context.Context, in *ProblemPath) (*view.SolutionList, error) {
			all, err := f.library.Solutions(ctx, in.key())
			return &view.SolutionList{Results: all}, err
		})
	get(api, read("get-solution", "/api/problems/{platform}/{id}/solutions/{language}/{name}", tagSolutions, "Read a solution with its attempts"),
		func(ctx context.Context, in *solutionPath) (*view.Solution, error) {
			return f.library.Solution(ctx, in.key(), in.Language, in.Name)
		})
	get(api, read("list-providers", "/api/providers", tagOperation, "Health of the models, without addresses and keys"),
		func(ctx context.Context, _ *struct{}) (*view.ProviderList, error) {
			all, err := f.library.Providers(ctx)
			return &view.ProviderList{Results: all}, err
		})
	get(api, read("statistics", "/api/statistics", tagOperation, "Count everything"),
		func(ctx context.Context, _ *struct{}) (*view.Statistics, error) { return f.library.Statistics(ctx) })
	get(api, read("spending", "/api/spending", tagOperation, "What the models have cost, by day"), f.spending)
	get(api, read("health", "/api/health", tagOperation, "Whether the facade can do its work"),
		func(ctx context.Context, _ *struct{}) (*view.Health, error) { return f.health(ctx) })
}

type monthQuery struct {
	Month string `query:"month" pattern:"^[0-9]{4}-[0-9]{2}$" doc:"In UTC; left out, it is the present one." example:"2026-11"`
}

func (f *Facade) spending(ctx context.Context, in *monthQuery) (*view.Spending, error) {
	return f.library.Spending(ctx, in.Month)
}

// The ages from which answers are made anew although nothing has said that they
// changed: an import writes to the table without a word to the cluster.
const (
	problemAge  = time.Minute
	spendingAge = 15 * time.Second
)
