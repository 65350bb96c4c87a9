package library

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/facade/catalogue"
	"github.com/algoitny/algoitny-operator/internal/facade/fault"
	"github.com/algoitny/algoitny-operator/internal/facade/view"
)

// The bounds of a page; the default is the old backend's.
const (
	DefaultLimit = 20
	MaxLimit     = 100
)

// Query are the parameters of a list of problems.
type Query struct {
	Filter
	Sort   string `query:"sort" default:"key" enum:"key,-key,title,-title,rating,-rating,updated,-updated,cost,-cost" doc:"Order; a minus turns it round. Equal ones are in the order of platform and id."`
	Limit  int    `query:"limit" default:"20" minimum:"1" maximum:"100"`
	Cursor string `query:"cursor" maxLength:"2048" doc:"next_cursor of the page before, with the same filters and order."`
}

// Filter are the parameters that say which problems are wanted.
type Filter struct {
	Platform  string `query:"platform" maxLength:"63" example:"codeforces"`
	MinRating int    `query:"min_rating" minimum:"0" maximum:"5000" doc:"Included. Problems without a rating are left out."`
	MaxRating int    `query:"max_rating" minimum:"0" maximum:"5000" doc:"Included. Problems without a rating are left out."`
	Tag       string `query:"tag" maxLength:"64" doc:"Upper and lower case are the same."`
	Language  string `query:"language" maxLength:"64" doc:"One in which there is a verified solution." example:"python"`
	State     string `query:"state" enum:"ready,working,stalled,deleting,retained" doc:"retained: published, and no resource in the cluster keeps it."`
	Text      string `query:"q" maxLength:"200" doc:"Stands in the title; upper and lower case are the same."`
}

// Wanted is the filter as the catalogue has it.
func (f *Filter) Wanted() catalogue.Filter {
	return catalogue.Filter{
		Platform: f.Platform, MinRating: f.MinRating, MaxRating: f.MaxRating, Tag: f.Tag, Language: f.Language,
		State: view.State(f.State), Text: f.Text,
	}
}

// list names the list that a cursor is of.
func (q *Query) list() string {
	// Texts and numbers always marshal.
	raw, _ := json.Marshal(q.Filter)
	return "problems " + q.Sort + " " + string(raw)
}

// Problems is a page of the list.
func (l *Library) Problems(ctx context.Context, q *Query) (*view.ProblemPage, error) {
	if !l.o.Catalogue.Health().Table {
		return nil, fault.Unavailable("the table is not listed yet; try again", nil)
	}
	cursors, err := l.cursors(ctx)
	if err != nil {
		return nil, err
	}
	by, descending := strings.CutPrefix(q.Sort, "-")
	query := catalogue.Query{Filter: q.Wanted(), By: catalogue.Field(by), Descending: descending, Limit: q.Limit}
	if q.Cursor != "" {
		query.After = &catalogue.Place{}
		if cursors.Read(q.list(), q.Cursor, query.After) != nil {
			return nil, errCursor
		}
	}
	page := l.o.Catalogue.List(query)
	out := &view.ProblemPage{Results: page.Problems, Total: page.Total, Version: page.Position.String()}
	if page.Next != nil {
		if out.Next, err = cursors.Write(q.list(), page.Next); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// List is Problems for a browser's query, by the same rules.
func (l *Library) List(ctx context.Context, values url.Values) (*view.ProblemPage, error) {
	q := &Query{Sort: "key", Limit: DefaultLimit}
	for _, text := range []struct {
		name string
		into *string
	}{
		{"platform", &q.Platform}, {"tag", &q.Tag}, {"language", &q.Language}, {"state", &q.State}, {"q", &q.Text}, {"cursor", &q.Cursor}, {"sort", &q.Sort},
	} {
		if value := strings.TrimSpace(values.Get(text.name)); value != "" {
			*text.into = value
		}
	}
	for _, number := range []struct {
		name        string
		into        *int
		least, most int
	}{
		{"min_rating", &q.MinRating, 0, 5000}, {"max_rating", &q.MaxRating, 0, 5000}, {"limit", &q.Limit, 1, MaxLimit},
	} {
		value := strings.TrimSpace(values.Get(number.name))
		if value == "" {
			continue
		}
		n, err := strconv.Atoi(value)
		if err != nil || n < number.least || n > number.most {
			return nil, fault.Invalid(number.name, fmt.Sprintf("must be a whole number from %d to %d", number.least, number.most))
		}
		*number.into = n
	}
	if by := strings.TrimPrefix(q.Sort, "-"); !slices.Contains(catalogue.Fields(), catalogue.Field(by)) {
		return nil, fault.Invalid("sort", "must be one of key, title, rating, updated and cost, with or without a minus before it")
	}
	if q.State != "" && !slices.Contains(view.States(), view.State(q.State)) {
		return nil, fault.Invalid("state", "must be one of ready, working, stalled, deleting and retained")
	}
	return l.Problems(ctx, q)
}
