package catalogue

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/facade/view"
)

// Field is what a list is ordered by. Equal ones are in the order of their keys.
type Field string

// The fields.
const (
	ByKey     Field = "key"
	ByTitle   Field = "title"
	ByRating  Field = "rating"
	ByUpdated Field = "updated"
	ByCost    Field = "cost"
)

// Fields are all of them.
func Fields() []Field { return []Field{ByKey, ByTitle, ByRating, ByUpdated, ByCost} }

// Filter says which problems are wanted; the zero value wants all.
type Filter struct {
	Platform string
	// MinRating and MaxRating are both included; 0 is no bound. What has no
	// rating is within no bounds.
	MinRating, MaxRating int
	Tag                  string
	// Language is one in which there is a verified solution.
	Language string
	State    view.State
	// Text stands in the title, however its letters are written.
	Text string
}

// Query is a page of a list.
type Query struct {
	Filter
	By         Field
	Descending bool
	Limit      int
	// After is the last problem of the page before.
	After *Place
}

// Place is where a problem stands in an order: the value that it is ordered by
// and its key. It stays where it is, whatever comes or goes around it.
type Place struct {
	Text     string  `json:"t,omitempty"`
	Number   float64 `json:"n,omitempty"`
	Platform string  `json:"p"`
	ID       string  `json:"i"`
}

// Page is what a query gives.
type Page struct {
	Problems []view.ProblemSummary
	// Total is how many the filter leaves.
	Total int
	// Next is the Place of the last problem where there are more behind it.
	Next *Place
	// Position is where changes take over.
	Position Position
}

// wants tells whether a problem passes the filter. The text is compared with a
// title in small letters.
func (f *Filter) wants(s *view.ProblemSummary, folded string) bool {
	switch {
	case f.Platform != "" && s.Platform != f.Platform,
		f.State != "" && s.State != f.State,
		f.MinRating > 0 && s.Rating < f.MinRating,
		f.MaxRating > 0 && (s.Rating > f.MaxRating || s.Rating == 0),
		f.Tag != "" && !slices.ContainsFunc(s.Tags, func(tag string) bool { return strings.EqualFold(tag, f.Tag) }),
		f.Language != "" && !slices.Contains(s.Languages, f.Language):
		return false
	}
	return f.Text == "" || strings.Contains(folded, f.Text)
}

// Changes tells whether a list with the filter shows a change: because the
// problem is in it, or was.
func (f Filter) Changes() func(*Change) bool {
	folded := f.folded()
	return func(c *Change) bool {
		return c.Before != nil && folded.wants(c.Before, c.foldedBefore) || c.After != nil && folded.wants(c.After, c.foldedAfter)
	}
}

func (f Filter) folded() Filter {
	f.Text = strings.ToLower(f.Text)
	return f
}

// List returns a page.
func (c *Catalogue) List(q Query) Page {
	order, position := c.order(q.By)
	filter := q.folded()
	page := Page{Problems: make([]view.ProblemSummary, 0, min(q.Limit, len(order))), Position: position}
	from, at := 0, 0
	if q.After != nil {
		from = behind(order, q)
	}
	everything := filter == Filter{}
	if everything {
		// There is nothing to count.
		page.Total, at = len(order), from
	}
	var last *listed
	for ; at < len(order) && (!everything || page.Next == nil); at++ {
		e := &order[at]
		if q.Descending {
			e = &order[len(order)-1-at]
		}
		if !everything {
			if !filter.wants(e.summary, e.folded) {
				continue
			}
			page.Total++
		}
		switch {
		case at < from:
		case len(page.Problems) < q.Limit:
			page.Problems = append(page.Problems, *e.summary)
			last = e
		case page.Next == nil:
			page.Next = q.By.place(last)
		}
	}
	return page
}

// behind is the first index behind a place, in the direction of the query.
func behind(order []listed, q Query) int {
	after := listed{summary: &view.ProblemSummary{Platform: q.After.Platform, ID: q.After.ID}, folded: q.After.Text, number: q.After.Number}
	if !q.Descending {
		return sort.Search(len(order), func(i int) bool { return q.By.compare(&order[i], &after) > 0 })
	}
	// The first from the end that is smaller.
	return sort.Search(len(order), func(i int) bool { return q.By.compare(&order[len(order)-1-i], &after) < 0 })
}

// listed is an entry as an order has it: what it was when the order was made.
type listed struct {
	summary *view.ProblemSummary
	folded  string
	number  float64
}

// order is all problems in an order, made once for every version of the list.
// It is sorted without the lock, which every request needs for a moment.
func (c *Catalogue) order(by Field) ([]listed, Position) {
	if order, position := c.known(by); order != nil {
		return order, position
	}
	c.sorting.Lock()
	defer c.sorting.Unlock()
	if order, position := c.known(by); order != nil {
		return order, position
	}
	c.mu.RLock()
	order, position, version := make([]listed, 0, len(c.entries)), c.position, c.version
	for _, e := range c.entries {
		order = append(order, listed{summary: e.summary, folded: e.folded, number: by.number(e)})
	}
	c.mu.RUnlock()
	slices.SortFunc(order, func(a, b listed) int { return by.compare(&a, &b) })
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.version == version {
		c.orders[by] = order
	}
	return order, position
}

// known is an order that is there already.
func (c *Catalogue) known(by Field) ([]listed, Position) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.orders[by], c.position
}

// number is what an entry is ordered by, where that is a number.
func (by Field) number(e *entry) float64 {
	switch by {
	case ByRating:
		return float64(e.summary.Rating)
	case ByUpdated:
		return float64(e.summary.UpdatedAt.UnixNano())
	case ByCost:
		return e.cost
	}
	return 0
}

func (by Field) compare(a, b *listed) int {
	first := cmp.Compare(a.number, b.number)
	if by == ByTitle {
		first = cmp.Compare(a.folded, b.folded)
	}
	return cmp.Or(first, cmp.Compare(a.summary.Platform, b.summary.Platform), cmp.Compare(a.summary.ID, b.summary.ID))
}

func (by Field) place(e *listed) *Place {
	p := &Place{Platform: e.summary.Platform, ID: e.summary.ID, Number: e.number}
	if by == ByTitle {
		p.Text = e.folded
	}
	return p
}

// Statistics count everything.
func (c *Catalogue) Statistics() *view.Statistics {
	c.mu.RLock()
	defer c.mu.RUnlock()
	out := &view.Statistics{
		Problems: len(c.entries), States: map[string]int{}, Platforms: map[string]int{}, Languages: map[string]int{},
		Suites: map[string]int{}, Solutions: map[string]int{}, Submissions: map[string]int{}, Cost: []view.Money{},
	}
	costs := sums{}
	for _, e := range c.entries {
		out.States[string(e.summary.State)]++
		out.Platforms[e.summary.Platform]++
		if e.summary.Published {
			out.Published++
		}
		for _, language := range e.summary.Languages {
			out.Languages[language]++
		}
		costs.add(e.summary.Cost)
	}
	out.Cost = costs.all()
	for _, r := range c.resources {
		r.count(out)
	}
	return out
}

func (r *Resource) count(out *view.Statistics) {
	switch r.Kind {
	case Suite:
		out.Suites[string(r.State)]++
	case Solution:
		out.Solutions[string(r.State)]++
	case Submission:
		verdict := "waiting"
		if facts, ok := r.Facts.(*view.Submission); ok && facts.Verdict != "" {
			verdict = string(facts.Verdict)
		}
		out.Submissions[verdict]++
	case Problem, Provider:
	}
}
