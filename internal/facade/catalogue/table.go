package catalogue

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/store"
)

const (
	// readers is how many rows are read again at once.
	readers = 4
	// pageSize is the store's largest page.
	pageSize = 500
	// again is when a table that did not answer is asked again.
	again = 2 * time.Second
	// patience bounds one read of a row, and lists of the whole table.
	patience      = 5 * time.Second
	listsPatience = 5 * time.Minute
)

// load lists the table at the start, once more when the cluster has told of its
// Problems, and every now and then. One list of all at the start is a fraction of
// the requests that reading the row of every Problem would be.
func (c *Catalogue) load(ctx context.Context) error {
	for {
		wait := c.o.Reload + rand.N(c.o.Reload/4) //nolint:gosec // spreads the replicas, hides nothing
		if err := c.list(ctx); err != nil {
			if ctx.Err() != nil {
				return nil //nolint:nilerr // the end was asked for
			}
			c.o.Log.Error(err, "the table cannot be listed; lists show what is known of it", "again", again.String())
			wait = again
		}
		select {
		case <-ctx.Done():
			return nil
		case <-c.relist:
		case <-time.After(wait):
		}
	}
}

// list reads the whole table. What changes meanwhile is told of by its resource
// and read again, so that only rows that are not newer are taken over.
func (c *Catalogue) list(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, listsPatience)
	defer cancel()
	rows := map[problem.Key]*store.ProblemSummary{}
	for cursor := ""; ; {
		page, next, err := c.o.Table.ListProblems(ctx, pageSize, cursor)
		if err != nil {
			return err
		}
		for i := range page {
			rows[page[i].Key] = &page[i]
		}
		if cursor = next; cursor == "" || len(rows) >= c.o.Limit {
			c.takeOver(rows, cursor != "")
			return nil
		}
	}
}

func (c *Catalogue) takeOver(rows map[problem.Key]*store.ProblemSummary, more bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.health.overflow = more
	for key, row := range rows {
		e := c.entryOf(key)
		if e == nil {
			break
		}
		switch {
		case e.stored == nil:
			c.store(key, row)
		case !same(e.stored, row):
			// The index is a little behind; the row itself knows.
			c.refresh.Add(key)
		}
	}
	for key, e := range c.entries {
		if rows[key] == nil && (e.stored != nil && !more || e.stored == nil && e.published()) {
			c.refresh.Add(key)
		}
	}
	c.health.loaded = true
}

// store takes a row over; nil is none. The caller holds the lock.
func (c *Catalogue) store(key problem.Key, row *store.ProblemSummary) {
	e := c.entryOf(key)
	if e == nil {
		return
	}
	if e.stored = row; row != nil {
		row.Tags, row.Languages = keptAll(row.Tags), keptAll(row.Languages)
	}
	c.announce(key, nil, false)
}

// reread reads rows again that may have changed.
func (c *Catalogue) reread(ctx context.Context) error {
	for {
		key, ended := c.refresh.Get()
		if ended {
			return nil
		}
		c.rereadOne(ctx, key)
		c.refresh.Done(key)
	}
}

func (c *Catalogue) rereadOne(ctx context.Context, key problem.Key) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	row, err := c.o.Table.ProblemSummary(ctx, key)
	if errors.Is(err, store.ErrNotFound) {
		row, err = nil, nil
	}
	if err != nil {
		if ctx.Err() == nil {
			c.o.Log.Error(err, "a problem cannot be read; the list shows what was known of it", "problem", key.String())
			time.AfterFunc(again, func() { c.refresh.Add(key) })
		}
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.entries[key]
	if e == nil && row == nil || e != nil && same(e.stored, row) {
		return
	}
	c.store(key, row)
}

// same tells whether two rows show the same.
func same(a, b *store.ProblemSummary) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.UpdatedAt.Equal(b.UpdatedAt) && a.Title == b.Title && a.Rating == b.Rating &&
		slices.Equal(a.Languages, b.Languages) && slices.Equal(a.Tags, b.Tags)
}
