package catalogue

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/algoitny/algoitny-operator/internal/facade/view"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// entry is one problem: its row in the table, the Problems that stand for it,
// or both.
type entry struct {
	key    problem.Key
	stored *store.ProblemSummary
	// keepers are the Problems, the one that is told of first.
	keepers []*Resource
	// summary is never changed: a new one takes its place.
	summary *view.ProblemSummary
	// folded is the title in small letters.
	folded string
	cost   float64
	// version and changed are of the problem with its suites and solutions.
	version uint64
	changed time.Time
}

// entryOf finds or makes the entry of a problem. The caller holds the lock.
func (c *Catalogue) entryOf(key problem.Key) *entry {
	e := c.entries[key]
	if e == nil {
		if len(c.entries) >= c.o.Limit {
			c.health.overflow = true
			return nil
		}
		e = &entry{key: key}
		c.entries[key] = e
	}
	return e
}

// touch notes that something about a problem changed: its summary is made anew,
// and whoever has read it or the list has read something old. It returns the
// summary as it was and as it is; one without a place is gone. The caller holds
// the lock.
func (c *Catalogue) touch(key problem.Key) (before, after *view.ProblemSummary) {
	e := c.entries[key]
	if e == nil {
		return nil, nil
	}
	before = e.summary
	c.bump()
	clear(c.orders)
	if e.stored == nil && len(e.keepers) == 0 {
		delete(c.entries, key)
		return before, nil
	}
	e.version, e.changed = c.version, c.changed
	e.summarize(c.solved(e))
	return before, e.summary
}

// solved are the languages in which a Problem's jobs have verified a program.
func (c *Catalogue) solved(e *entry) []string {
	var out []string
	for _, keeper := range e.keepers {
		for _, child := range c.children[keeper.name()] {
			if facts, ok := child.Facts.(*SolutionFacts); ok && facts.Verified {
				out = append(out, facts.Language)
			}
		}
	}
	return out
}

func (e *entry) summarize(solved []string) {
	s := &view.ProblemSummary{Platform: kept(e.key.Platform), ID: e.key.ID, State: view.Retained, Tags: []string{}}
	if len(e.keepers) > 0 {
		keptBy(s, e.keepers[0])
	}
	if p := e.stored; p != nil {
		s.Title, s.URL, s.Rating, s.Samples = p.Title, p.URL, cmp.Or(p.Rating, s.Rating), p.SampleCount
		s.TimeMS, s.MemoryMB = p.Limits.Time.Milliseconds(), p.Limits.MemoryBytes>>20
		s.Tags, s.UpdatedAt, s.Published = p.Tags, p.UpdatedAt.UTC(), true
		solved = append(solved, p.Languages...)
	}
	slices.Sort(solved)
	s.Languages = keptAll(slices.Compact(solved))
	e.summary, e.folded, e.cost = s, strings.ToLower(s.Title), amount(s.Cost)
}

// keptBy takes over what the Problem says. Where the table has the problem,
// that knows better.
func keptBy(s *view.ProblemSummary, keeper *Resource) {
	facts, _ := keeper.Facts.(*ProblemFacts)
	s.Title, s.URL, s.Rating, s.Samples = facts.Title, facts.URL, facts.Rating, facts.Samples
	s.TimeMS, s.MemoryMB, s.Tags, s.Cost = facts.TimeMS, facts.MemoryMB, keptAll(facts.Tags), facts.Cost
	s.State, s.Reason, s.Message = keeper.State, keeper.Reason, keeper.Message
	s.UpdatedAt = keeper.CreatedAt
}

func keptAll(texts []string) []string {
	out := make([]string, 0, len(texts))
	for _, text := range texts {
		out = append(out, kept(text))
	}
	return out
}

// published tells whether a Problem says that its problem is in the table.
func (e *entry) published() bool {
	return slices.ContainsFunc(e.keepers, func(keeper *Resource) bool {
		facts, _ := keeper.Facts.(*ProblemFacts)
		return facts.Published > 0
	})
}

// drop takes an entry's keeper away.
func (e *entry) drop(ref Ref) {
	e.keepers = slices.DeleteFunc(e.keepers, func(r *Resource) bool { return r.Ref == ref })
}

// keep puts a keeper among the others: the one that is Ready first, then the
// oldest, for it was there before somebody wrote it twice.
func (e *entry) keep(r *Resource) {
	e.drop(r.Ref)
	e.keepers = append(e.keepers, r)
	slices.SortFunc(e.keepers, func(a, b *Resource) int {
		return cmp.Or(
			-compareBools(a.State == view.Ready, b.State == view.Ready),
			a.CreatedAt.Compare(b.CreatedAt),
			cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name),
		)
	})
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// set takes a resource's new state over. The caller holds the lock.
func (c *Catalogue) set(r *Resource) {
	old := c.resources[r.Ref]
	if old != nil && old.Revision == r.Revision {
		return
	}
	c.resources[r.Ref] = r
	c.position.see(r.Kind, r.Revision)
	c.link(old, r)
	c.tell(r)
	if r.Kind == Problem {
		c.moved(old, r)
	}
}

// link puts a resource where it is looked for.
func (c *Catalogue) link(old, r *Resource) {
	if r.Kind == Provider {
		return
	}
	name := r.keeper()
	if r.Kind != Problem {
		if c.children[name] == nil {
			c.children[name] = map[Ref]*Resource{}
		}
		c.children[name][r.Ref] = r
		return
	}
	facts, _ := r.Facts.(*ProblemFacts)
	if old != nil {
		if was, _ := old.Facts.(*ProblemFacts); was.Known && was.Key != facts.Key {
			c.unkeep(old, was.Key)
		}
	}
	if facts.Known {
		if e := c.entryOf(facts.Key); e != nil {
			e.keep(r)
		}
	}
}

// unkeep takes a Problem off a problem it does not stand for any more.
func (c *Catalogue) unkeep(r *Resource, key problem.Key) {
	if e := c.entries[key]; e != nil {
		e.drop(r.Ref)
		c.announce(key, nil, false)
	}
	c.refresh.Add(key)
}

// moved has the row in the table read again when the Problem wrote it, or began
// to.
func (c *Catalogue) moved(old, r *Resource) {
	facts, _ := r.Facts.(*ProblemFacts)
	if !facts.Known {
		return
	}
	if old == nil {
		// For those of the first list the whole table is listed.
		if c.health.listed[Problem] {
			c.refresh.Add(facts.Key)
		}
		return
	}
	was, _ := old.Facts.(*ProblemFacts)
	if was.Key != facts.Key || was.Published != facts.Published || was.Rating != facts.Rating {
		c.refresh.Add(facts.Key)
	}
}

// remove forgets a resource. The caller holds the lock.
func (c *Catalogue) remove(ref Ref, revision uint64) {
	old := c.resources[ref]
	if old == nil {
		return
	}
	key, known := c.keyOf(old)
	delete(c.resources, ref)
	c.position.see(ref.Kind, revision)
	c.graves.add(grave{Ref: ref, revision: revision, key: key, known: known})
	if ref.Kind == Problem {
		if known {
			c.entries[key].drop(ref)
			// What it had published may stay, and may go.
			c.refresh.Add(key)
		}
	} else {
		delete(c.children[old.keeper()], ref)
		if len(c.children[old.keeper()]) == 0 {
			delete(c.children, old.keeper())
		}
	}
	gone := *old
	gone.Revision = revision
	if known {
		c.announce(key, &gone, true)
	} else {
		c.bump()
		c.audience.send(c.change(nil, nil, &gone, true))
	}
}

// tell announces a resource, whether it is about a problem or not. The caller
// holds the lock.
func (c *Catalogue) tell(r *Resource) {
	if key, known := c.keyOf(r); known {
		c.announce(key, r, false)
		return
	}
	c.bump()
	c.audience.send(c.change(nil, nil, r, false))
}

// bump makes whatever was read of the list old. The caller holds the lock.
func (c *Catalogue) bump() {
	c.version++
	c.changed = c.o.Now()
}

// replace takes over all resources of a kind, as a new list has them.
func (c *Catalogue) replace(kind Kind, list []*Resource, revision uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	there := make(map[Ref]bool, len(list))
	for _, r := range list {
		there[r.Ref] = true
	}
	for _, ref := range slices.Collect(maps.Keys(c.resources)) {
		if ref.Kind == kind && !there[ref] {
			c.remove(ref, revision)
		}
	}
	// Problems come before what works on them, whichever list is first: children
	// are linked by name.
	for _, r := range list {
		c.set(r)
	}
	if !c.health.listed[kind] {
		c.health.listed[kind] = true
		c.graves.floor[kind.index()] = revision
		if kind == Problem {
			c.relist <- struct{}{}
		}
	}
	c.position.see(kind, revision)
}
