package catalogue_test

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/algoitny/algoitny-operator/internal/facade/catalogue"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// awayTable is a table that sometimes does not answer.
type awayTable struct {
	catalogue.Table
	away  atomic.Bool
	asked atomic.Int64
}

func (a *awayTable) ListProblems(ctx context.Context, limit int, cursor string) ([]store.ProblemSummary, string, error) {
	a.asked.Add(1)
	if a.away.Load() {
		return nil, "", errors.New("away")
	}
	return a.Table.ListProblems(ctx, limit, cursor)
}
