// Package catalogue knows all problems at once: what the table lists, and what
// the cluster says of each. It watches both, so that lists, filters and orders
// that DynamoDB has no index for cost no request at all, and everybody hears of
// a change as it comes.
package catalogue

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/go-logr/logr"
	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/workqueue"

	"github.com/algoitny/algoitny-operator/internal/facade/view"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// Table is the part of the store that lists problems.
type Table interface {
	ListProblems(ctx context.Context, limit int, cursor string) ([]store.ProblemSummary, string, error)
	ProblemSummary(ctx context.Context, key problem.Key) (*store.ProblemSummary, error)
}

// Options configure a Catalogue.
type Options struct {
	Table Table
	// Cluster is the API server under an identity that may watch this product's
	// resources.
	Cluster *rest.Config
	// Namespace is the one that is watched; empty is all.
	Namespace string
	// Reload is how often the whole table is listed anew, 5 min when zero: what
	// no resource tells of shows after that.
	Reload time.Duration
	// Limit bounds the number of problems, 100,000 when zero. What is beyond it
	// is not listed, and Health says so.
	Limit int
	// Now is the clock, time.Now when nil.
	Now func() time.Time
	Log logr.Logger
}

const (
	defaultReload = 5 * time.Minute
	defaultLimit  = 100_000
)

// Catalogue is safe for concurrent use.
type Catalogue struct {
	o Options
	// refresh holds the keys whose row in the table may have changed.
	refresh workqueue.TypedInterface[problem.Key]
	// relist has the whole table listed now, once.
	relist chan struct{}

	mu      sync.RWMutex
	entries map[problem.Key]*entry
	// resources are all that are watched, children those of a Problem by its
	// own name.
	resources map[Ref]*Resource
	children  map[types.NamespacedName]map[Ref]*Resource
	// version and changed are of the whole list.
	version uint64
	changed time.Time
	orders  map[Field][]listed
	// sorting is held by who makes one of the orders, without the lock.
	sorting sync.Mutex
	// position is what has been seen of each kind.
	position Position
	graves   graves
	audience audience
	health   health
}

// New returns an empty Catalogue; Run fills it.
func New(o Options) *Catalogue {
	if o.Reload == 0 {
		o.Reload = defaultReload
	}
	if o.Limit == 0 {
		o.Limit = defaultLimit
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Catalogue{
		o: o, refresh: workqueue.NewTyped[problem.Key](), relist: make(chan struct{}, 1), entries: map[problem.Key]*entry{}, resources: map[Ref]*Resource{},
		children: map[types.NamespacedName]map[Ref]*Resource{}, orders: map[Field][]listed{}, changed: o.Now(), audience: newAudience(), health: newHealth(),
	}
}

// Run keeps the catalogue up to date until ctx ends.
func (c *Catalogue) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return c.watch(ctx) })
	group.Go(func() error { return c.load(ctx) })
	for range readers {
		group.Go(func() error { return c.reread(ctx) })
	}
	group.Go(func() error {
		<-ctx.Done()
		c.refresh.ShutDown()
		return nil
	})
	return group.Wait()
}

// Version is that of the whole list and when it became so.
func (c *Catalogue) Version() (uint64, time.Time) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.version, c.changed
}

// VersionOf is that of one problem with its suites and solutions. What is not
// known has the list's.
func (c *Catalogue) VersionOf(key problem.Key) (uint64, time.Time) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if e := c.entries[key]; e != nil {
		return e.version, e.changed
	}
	return c.version, c.changed
}

// Find returns the summary of a problem.
func (c *Catalogue) Find(key problem.Key) (view.ProblemSummary, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if e := c.entries[key]; e != nil {
		return *e.summary, true
	}
	return view.ProblemSummary{}, false
}

// Keeper is the Problem resource that keeps a problem. Where there are several
// it is one of the namespace, if there is one there.
func (c *Catalogue) Keeper(key problem.Key, namespace string) (*Resource, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	e := c.entries[key]
	if e == nil || len(e.keepers) == 0 {
		return nil, false
	}
	for _, keeper := range e.keepers {
		if keeper.Namespace == namespace {
			return keeper, true
		}
	}
	return e.keepers[0], true
}

// Of returns the resources of a kind that work on a problem, by namespace and
// name.
func (c *Catalogue) Of(key problem.Key, kind Kind) []*Resource {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var out []*Resource
	if e := c.entries[key]; e != nil {
		for _, keeper := range e.keepers {
			for _, child := range c.children[keeper.name()] {
				if child.Kind == kind {
					out = append(out, child)
				}
			}
		}
	}
	sortResources(out)
	return out
}

// All returns the resources of a kind, by namespace and name.
func (c *Catalogue) All(kind Kind) []*Resource {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var out []*Resource
	for _, r := range c.resources {
		if r.Kind == kind {
			out = append(out, r)
		}
	}
	sortResources(out)
	return out
}

// Get returns one resource.
func (c *Catalogue) Get(ref Ref) (*Resource, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	r, ok := c.resources[ref]
	return r, ok
}

// ProblemOf names the problem that a resource works on.
func (c *Catalogue) ProblemOf(r *Resource) (problem.Key, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.keyOf(r)
}

// keyOf is ProblemOf for who holds the lock.
func (c *Catalogue) keyOf(r *Resource) (problem.Key, bool) {
	name := r.keeper()
	keeper := c.resources[Ref{Kind: Problem, Namespace: name.Namespace, Name: name.Name}]
	if keeper == nil {
		return problem.Key{}, false
	}
	facts, _ := keeper.Facts.(*ProblemFacts)
	return facts.Key, facts.Known && c.entries[facts.Key] != nil
}

func sortResources(list []*Resource) {
	slices.SortFunc(list, func(a, b *Resource) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
}
