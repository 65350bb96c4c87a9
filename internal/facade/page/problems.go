package page

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/facade/fault"
	"github.com/algoitny/algoitny-operator/internal/facade/view"
)

// problemsPage is the list of problems.
type problemsPage struct {
	// Query is what was asked for, without what was left empty.
	Query url.Values
	List  *view.ProblemPage
	// Fault is what was wrong with the question.
	Fault      *fault.Fault
	Statistics *view.Statistics
	Languages  []string
	Platforms  []string
	// Columns are the headings, which sort.
	Columns []column
	// Events is where changes of the list are told.
	Events string
	// Next is the address of the next page, First that of the first one.
	Next, First string
	// Filtered: not all problems were asked for.
	Filtered bool
}

// filters are the parameters that a problem either passes or not.
var filters = []string{"q", "platform", "tag", "language", "state", "min_rating", "max_rating"}

func (p *Pages) problems(w http.ResponseWriter, r *http.Request) error {
	shown := problemsPage{Query: asked(r.URL.Query()), Languages: p.Languages}
	list, err := p.library.List(r.Context(), shown.Query)
	wrong, ok := errors.AsType[*fault.Fault](err)
	switch {
	case err == nil:
		shown.List = list
	case ok && wrong.Status == http.StatusBadRequest:
		// The form keeps what was typed.
		shown.Fault, shown.List = wrong, &view.ProblemPage{}
	default:
		return err
	}
	// The list is worth more than the numbers above it.
	if shown.Statistics, err = p.library.Statistics(r.Context()); err != nil {
		p.Log.Error(err, "there are no statistics")
	}
	shown.complete()
	return p.site.write(w, "problems", sheet{Title: "Problems", At: "problems", Live: shown.Fault == nil, Data: &shown, status: statusOf(shown.Fault)})
}

func statusOf(f *fault.Fault) int {
	if f == nil {
		return 0
	}
	return f.Status
}

// asked is a query without the fields of a form that were left empty.
func asked(query url.Values) url.Values {
	for name, values := range query {
		values = slices.DeleteFunc(values, func(value string) bool { return strings.TrimSpace(value) == "" })
		query[name] = values
		if len(values) == 0 {
			delete(query, name)
		}
	}
	return query
}

func (s *problemsPage) complete() {
	events := url.Values{}
	for _, name := range filters {
		if values := s.Query[name]; len(values) > 0 {
			events[name] = values
			s.Filtered = true
		}
	}
	s.Events = "/api/events"
	if len(events) > 0 {
		s.Events += "?" + events.Encode()
	}
	if s.List.Next != "" {
		s.Next = s.with("cursor", s.List.Next)
	}
	if s.Query.Has("cursor") {
		s.First = s.with("cursor", "")
	}
	if s.Statistics != nil {
		s.Platforms = slices.Sorted(maps.Keys(s.Statistics.Platforms))
		s.Languages = slices.Compact(slices.Sorted(maps.Keys(counted(s.Statistics.Languages, s.Languages))))
	}
	s.Columns = s.headings()
}

// counted are the keys of a count together with others.
func counted(counts map[string]int, more []string) map[string]int {
	all := map[string]int{}
	maps.Copy(all, counts)
	for _, name := range more {
		all[name] += 0
	}
	return all
}

// with is the address of the list with one parameter changed.
func (s *problemsPage) with(name, value string) string {
	query := maps.Clone(s.Query)
	query.Del("cursor")
	if value == "" {
		query.Del(name)
	} else {
		query.Set(name, value)
	}
	if len(query) == 0 {
		return "/"
	}
	return "/?" + query.Encode()
}

// Value is what a field of the form has.
func (s *problemsPage) Value(name string) string { return s.Query.Get(name) }

// Later tells whether the page is not the first one.
func (s *problemsPage) Later() bool { return s.Query.Has("cursor") }

// column is the heading of a column.
type column struct {
	Name string
	// Address sorts by the column, empty where nothing does.
	Address string
	// Order is that of the list now: ascending, descending or empty.
	Order string
	Class string
}

func (s *problemsPage) headings() []column {
	columns := []column{
		{Name: "Problem", Address: "title"}, {Name: "Rating", Address: "rating", Class: "number"}, {Name: "Limits"}, {Name: "Solved in"},
		{Name: "State"}, {Name: "Cost", Address: "cost", Class: "number"}, {Name: "Changed", Address: "updated"},
	}
	now := s.Query.Get("sort")
	for i := range columns {
		c := &columns[i]
		switch key := c.Address; {
		case key == "":
		case now == key:
			c.Order, c.Address = "ascending", s.with("sort", "-"+key)
		case now == "-"+key:
			c.Order, c.Address = "descending", s.with("sort", key)
		case key == "title":
			c.Address = s.with("sort", key)
		default:
			// Of numbers the largest are looked for first.
			c.Address = s.with("sort", "-"+key)
		}
	}
	return columns
}

// States are those that a list can be asked for.
func (s *problemsPage) States() []view.State { return view.States() }

// order is a way to sort.
type order struct{ Value, Name string }

// Orders are the ways to sort. One that only a link asks for is among them
// when it is the present one.
func (s *problemsPage) Orders() []order {
	orders := []order{
		{"", "platform, id"}, {"title", "title"}, {"-rating", "highest rating"}, {"rating", "lowest rating"},
		{"-updated", "latest change"}, {"updated", "oldest change"}, {"-cost", "most paid"}, {"cost", "least paid"},
	}
	now := s.Query.Get("sort")
	if !slices.ContainsFunc(orders, func(o order) bool { return o.Value == now }) {
		orders = append(orders, order{now, now})
	}
	return orders
}

// Empty stands for a problem that the script hears of later.
func (s *problemsPage) Empty() view.ProblemSummary { return view.ProblemSummary{} }
