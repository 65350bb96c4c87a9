package catalogue

import (
	"cmp"
	"slices"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/facade/view"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// Change is something that is not as it was. It is shared by all who hear of
// it, and never changed.
type Change struct {
	// Before and After are the summary of the problem it is about; nil where
	// there was none or is none.
	Before, After *view.ProblemSummary
	// Resource is what changed in the cluster; nil when it was the table.
	Resource *Resource
	// Deleted: the resource is gone.
	Deleted bool
	// Position is what whoever has heard of the change has seen.
	Position Position
	// Reset: what was missed cannot be told any more; read everything again.
	Reset bool

	// The titles in small letters, made once for all who listen.
	foldedBefore, foldedAfter string
	frame                     frame
}

// announce tells of a change of a problem. The caller holds the lock.
func (c *Catalogue) announce(key problem.Key, r *Resource, deleted bool) {
	before, after := c.touch(key)
	if r == nil && before != nil && after != nil && sameSummary(before, after) {
		return
	}
	c.audience.send(c.change(before, after, r, deleted))
}

func (c *Catalogue) change(before, after *view.ProblemSummary, r *Resource, deleted bool) *Change {
	change := &Change{Before: before, After: after, Resource: r, Deleted: deleted, Position: c.position}
	change.fold()
	return change
}

func (c *Change) fold() {
	if c.Before != nil {
		c.foldedBefore = strings.ToLower(c.Before.Title)
	}
	if c.After != nil {
		c.foldedAfter = strings.ToLower(c.After.Title)
	}
}

func sameSummary(a, b *view.ProblemSummary) bool {
	return a.Title == b.Title && a.State == b.State && a.Message == b.Message && a.Rating == b.Rating && a.Published == b.Published &&
		slices.Equal(a.Languages, b.Languages) && slices.Equal(a.Tags, b.Tags) && a.UpdatedAt.Equal(b.UpdatedAt)
}

// Key is the problem that a change is about.
func (c *Change) Key() (problem.Key, bool) {
	for _, s := range []*view.ProblemSummary{c.After, c.Before} {
		if s != nil {
			return problem.Key{Platform: s.Platform, ID: s.ID}, true
		}
	}
	return problem.Key{}, false
}

// grave remembers what was deleted, for those who were not listening then.
type grave struct {
	Ref
	revision uint64
	key      problem.Key
	known    bool
}

// maxGraves bounds what is remembered, about 1 MiB.
const maxGraves = 10_000

// graves are in the order in which they were dug.
type graves struct {
	list []grave
	// floor is for each kind the revision from which on all are remembered.
	floor Position
}

func (g *graves) add(of grave) {
	if len(g.list) == maxGraves {
		// Half at once, so that making room is rare.
		for _, old := range g.list[:maxGraves/2] {
			g.floor.see(old.Kind, old.revision)
		}
		g.list = append(g.list[:0], g.list[maxGraves/2:]...)
	}
	g.list = append(g.list, of)
}

// missed is what happened after a position, one kind after the other, so that
// whoever is cut off in the midst of it can go on from there. The caller holds
// the lock.
func (c *Catalogue) missed(since Position, wanted func(*Change) bool) []*Change {
	for i := range kinds {
		if since[i] < c.graves.floor[i] {
			return []*Change{{Reset: true, Position: c.position}}
		}
	}
	var out []*Change
	for _, kind := range kinds {
		for _, change := range c.missedOf(kind, since) {
			since.see(kind, change.Resource.Revision)
			change.Position = since
			change.fold()
			if wanted(change) {
				out = append(out, change)
			}
		}
	}
	return out
}

func (c *Catalogue) missedOf(kind Kind, since Position) []*Change {
	var out []*Change
	for ref, r := range c.resources {
		if ref.Kind != kind || r.Revision <= since[kind.index()] {
			continue
		}
		change := &Change{Resource: r}
		if key, ok := c.keyOf(r); ok {
			change.After = c.now(key)
		}
		out = append(out, change)
	}
	for i := range c.graves.list {
		of := &c.graves.list[i]
		if of.Kind != kind || of.revision <= since[kind.index()] {
			continue
		}
		gone := &Resource{Ref: of.Ref, Revision: of.revision, State: view.Deleting}
		change := &Change{Resource: gone, Deleted: true}
		if of.known {
			change.After = c.now(of.key)
			change.Before = &view.ProblemSummary{Platform: of.key.Platform, ID: of.key.ID}
		}
		out = append(out, change)
	}
	slices.SortFunc(out, func(a, b *Change) int { return cmp.Compare(a.Resource.Revision, b.Resource.Revision) })
	return out
}

// Last is the newest state of a resource, as a change.
func (c *Catalogue) Last(ref Ref) (*Change, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	r, ok := c.resources[ref]
	if !ok {
		return nil, false
	}
	change := &Change{Resource: r, Position: c.position}
	if key, ok := c.keyOf(r); ok {
		change.After = c.now(key)
	}
	return change, true
}

// now is the summary of a problem, nil where there is none.
func (c *Catalogue) now(key problem.Key) *view.ProblemSummary {
	e := c.entries[key]
	if e == nil {
		return nil
	}
	return e.summary
}
