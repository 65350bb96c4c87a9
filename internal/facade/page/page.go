// Package page shows the problems in a browser: HTML made here, which needs no
// script to be read, and a little script that keeps it up to date.
package page

import (
	"context"
	"net/url"

	"github.com/algoitny/algoitny-operator/internal/facade/view"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// Library is where the pages get what they show. Errors are *fault.Fault where
// a person can do something about them.
type Library interface {
	// List takes the parameters of GET /api/problems.
	List(ctx context.Context, query url.Values) (*view.ProblemPage, error)
	Problem(ctx context.Context, key problem.Key) (*view.Problem, error)
	// Suites are whole, with their tests and the matrix.
	Suites(ctx context.Context, key problem.Key) ([]view.Suite, error)
	Solutions(ctx context.Context, key problem.Key) ([]view.Solution, error)
	Providers(ctx context.Context) ([]view.Provider, error)
	Statistics(ctx context.Context) (*view.Statistics, error)
	// Spending is that of a month such as 2006-01; empty is the present one.
	Spending(ctx context.Context, month string) (*view.Spending, error)
}
