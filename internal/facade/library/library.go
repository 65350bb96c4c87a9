// Package library reads what the facade shows: lists from the catalogue, the
// rest from the table. It writes nothing.
package library

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/algoitny/algoitny-operator/internal/facade/catalogue"
	"github.com/algoitny/algoitny-operator/internal/facade/cursor"
	"github.com/algoitny/algoitny-operator/internal/facade/fault"
	"github.com/algoitny/algoitny-operator/internal/facade/view"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// Table is the part of the store that is read.
type Table interface {
	catalogue.Table
	calls
	spender
	CheckTable(ctx context.Context) error
	TableID(ctx context.Context) (string, error)
	Problem(ctx context.Context, key problem.Key) (*store.ProblemRecord, error)
	Solutions(ctx context.Context, key problem.Key) ([]store.SolutionRecord, error)
	Suites(ctx context.Context, key problem.Key) ([]store.SuiteSummary, error)
	Suite(ctx context.Context, key problem.Key, name string) (*store.SuiteRecord, error)
}

// Options configure a Library.
type Options struct {
	Table     Table
	Catalogue *catalogue.Catalogue
	// CursorSecret signs cursors. Empty is the table's own id, which all replicas
	// know and no client does.
	CursorSecret []byte
	// ShowTests shows the inputs and answers of all tests; without it only those
	// of samples are shown.
	ShowTests bool
	// Now is the clock, time.Now when nil.
	Now func() time.Time
}

// Library is safe for concurrent use. Its errors are *fault.Fault where a client
// can be told what is wrong.
type Library struct {
	o Options

	mu     sync.Mutex
	signer *cursor.Signer
}

// New returns a Library.
func New(o Options) *Library {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Library{o: o}
}

// cursors asks the table for its id once.
func (l *Library) cursors(ctx context.Context) (*cursor.Signer, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.signer != nil {
		return l.signer, nil
	}
	secret := l.o.CursorSecret
	if len(secret) == 0 {
		id, err := l.o.Table.TableID(ctx)
		if err != nil {
			return nil, Failed(err)
		}
		secret = []byte(id)
	}
	l.signer = cursor.New(secret)
	return l.signer, nil
}

var errCursor = fault.Invalid("cursor", "was not made by this server for this list; start again without it")

// Check tells whether the table can be used.
func (l *Library) Check(ctx context.Context) error { return Failed(l.o.Table.CheckTable(ctx)) }

// Problem is one problem with its verified solutions. One that is being worked
// on has its facts and its state, but nothing to read yet.
func (l *Library) Problem(ctx context.Context, key problem.Key) (*view.Problem, error) {
	record, err := l.o.Table.Problem(ctx, key)
	if errors.Is(err, store.ErrNotFound) {
		return l.unpublished(key)
	}
	if err != nil {
		return nil, Failed(err)
	}
	solutions, err := l.o.Table.Solutions(ctx, key)
	if err != nil {
		return nil, Failed(err)
	}
	return l.describe(record, solutions), nil
}

func (l *Library) unpublished(key problem.Key) (*view.Problem, error) {
	summary, ok := l.o.Catalogue.Find(key)
	if !ok || summary.Published {
		return nil, notFound("no such problem is published")
	}
	out := &view.Problem{ProblemSummary: summary, Examples: []problem.Sample{}, Solutions: []view.Solution{}, CreatedAt: summary.UpdatedAt}
	out.Live = l.keeper(key)
	return out, nil
}

func (l *Library) keeper(key problem.Key) *view.Live {
	if keeper, ok := l.o.Catalogue.Keeper(key, ""); ok {
		return keeper.Live()
	}
	return nil
}

func notFound(detail string) *fault.Fault { return fault.New(http.StatusNotFound, detail) }

// Failed makes an error of the table one that a client may see. What is not a
// client's to know goes with it as its cause.
func Failed(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, store.ErrNotFound) {
		return notFound("it is not stored")
	}
	e, ok := errors.AsType[*store.Error](err)
	if !ok {
		return err
	}
	switch e.Reason {
	case store.ReasonInvalidCursor:
		return errCursor
	case store.ReasonInvalidKey:
		// What no key can name is not there.
		return notFound("there is no such name")
	case store.ReasonRecordDamaged:
		// To ask again would not help.
		f := fault.New(http.StatusInternalServerError, "what is stored of it is damaged")
		f.Cause = err
		return f
	}
	return fault.Unavailable("the table cannot be read now; try again", err)
}
