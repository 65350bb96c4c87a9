package library

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/algoitny/algoitny-operator/internal/facade/catalogue"
	"github.com/algoitny/algoitny-operator/internal/facade/fault"
	"github.com/algoitny/algoitny-operator/internal/facade/view"
	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// Providers are the health of all ModelProviders.
func (l *Library) Providers(context.Context) ([]view.Provider, error) {
	out := []view.Provider{}
	for _, r := range l.o.Catalogue.All(catalogue.Provider) {
		facts, _ := r.Facts.(*view.Provider)
		p := *facts
		p.Live = *r.Live()
		out = append(out, p)
	}
	return out, nil
}

// Statistics count everything.
func (l *Library) Statistics(context.Context) (*view.Statistics, error) {
	return l.o.Catalogue.Statistics(), nil
}

// SubmissionQuery are the parameters of a list of submissions.
type SubmissionQuery struct {
	Namespace string `query:"namespace" maxLength:"63" doc:"Left out, it is the one in which the facade makes resources."`
	Platform  string `query:"platform" maxLength:"63"`
	ID        string `query:"problem_id" maxLength:"128"`
	Language  string `query:"language" maxLength:"64"`
	Verdict   string `query:"verdict" maxLength:"8" enum:"AC,WA,PE,TLE,MLE,OLE,RTE,CE,JE"`
	Limit     int    `query:"limit" default:"20" minimum:"1" maximum:"100"`
	Cursor    string `query:"cursor" maxLength:"2048"`
}

// when is where a submission stands: the newest first.
type when struct {
	At   time.Time `json:"a"`
	Name string    `json:"n"`
}

func (w when) compare(other when) int {
	return cmp.Or(other.At.Compare(w.At), cmp.Compare(w.Name, other.Name))
}

// Submissions is a page of the submissions of a namespace, the newest first.
func (l *Library) Submissions(ctx context.Context, q *SubmissionQuery) (*view.SubmissionPage, error) {
	cursors, err := l.cursors(ctx)
	if err != nil {
		return nil, err
	}
	list := "submissions " + q.Namespace + " " + q.Platform + " " + q.ID + " " + q.Language + " " + q.Verdict
	var after *when
	if q.Cursor != "" {
		after = &when{}
		if cursors.Read(list, q.Cursor, after) != nil {
			return nil, errCursor
		}
	}
	found := l.wanted(q)
	out := &view.SubmissionPage{Results: []view.Submission{}}
	for i := range found {
		place := when{found[i].Live.CreatedAt, found[i].Live.Name}
		if after != nil && place.compare(*after) <= 0 {
			continue
		}
		if len(out.Results) == q.Limit {
			last := &out.Results[q.Limit-1]
			out.Next, err = cursors.Write(list, when{last.Live.CreatedAt, last.Live.Name})
			return out, err
		}
		out.Results = append(out.Results, found[i])
	}
	return out, nil
}

func (l *Library) wanted(q *SubmissionQuery) []view.Submission {
	var found []view.Submission
	for _, r := range l.o.Catalogue.All(catalogue.Submission) {
		if r.Namespace != q.Namespace {
			continue
		}
		s := l.submission(r)
		if q.Platform != "" && s.Platform != q.Platform || q.ID != "" && s.ID != q.ID ||
			q.Language != "" && s.Language != q.Language || q.Verdict != "" && string(s.Verdict) != q.Verdict {
			continue
		}
		found = append(found, s)
	}
	slices.SortFunc(found, func(a, b view.Submission) int {
		return when{a.Live.CreatedAt, a.Live.Name}.compare(when{b.Live.CreatedAt, b.Live.Name})
	})
	return found
}

// Submission is one of them.
func (l *Library) Submission(namespace, name string) (*view.Submission, error) {
	r, ok := l.o.Catalogue.Get(catalogue.Ref{Kind: catalogue.Submission, Namespace: namespace, Name: name})
	if !ok {
		return nil, notFound("there is no such submission")
	}
	s := l.submission(r)
	return &s, nil
}

func (l *Library) submission(r *catalogue.Resource) view.Submission {
	key, _ := l.o.Catalogue.ProblemOf(r)
	return catalogue.Shown(r, key)
}

// monthLayout is that of a month.
const monthLayout = "2006-01"

// spender is the part of the table that lists what was paid.
type spender interface {
	Calls(ctx context.Context, month string) iter.Seq2[store.CallSummary, error]
}

// Spending is what a month's calls have cost; month is such as 2006-01, empty
// is the present one in UTC.
func (l *Library) Spending(ctx context.Context, month string) (*view.Spending, error) {
	if month == "" {
		month = l.o.Now().UTC().Format(monthLayout)
	}
	if _, err := time.Parse(monthLayout, month); err != nil {
		return nil, fault.Invalid("month", "must be written as 2006-01")
	}
	type line struct{ day, provider, currency string }
	spent, counts := map[line]int64{}, map[line]view.DaySpending{}
	totals := map[string]int64{}
	for call, err := range l.o.Table.Calls(ctx, month) {
		if err != nil {
			return nil, Failed(err)
		}
		if call.State != store.CallRecorded && call.State != store.CallUnknown {
			continue
		}
		at := line{call.At.UTC().Format(time.DateOnly), call.Provider, call.Currency}
		sum := counts[at]
		sum.Calls++
		sum.Tokens += call.Tokens.Prompt + call.Tokens.Cached + call.Tokens.Output + call.Tokens.Thinking
		counts[at] = sum
		spent[at] += call.CostNano
		totals[call.Currency] += call.CostNano
	}
	out := &view.Spending{Month: month, Days: []view.DaySpending{}, Totals: []view.Money{}}
	for at, sum := range counts {
		sum.Day, sum.Provider = at.day, at.provider
		sum.Money = view.Money{Amount: llm.FormatAmount(spent[at]), Currency: at.currency}
		out.Days = append(out.Days, sum)
	}
	slices.SortFunc(out.Days, func(a, b view.DaySpending) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.Currency, b.Currency))
	})
	for _, currency := range slices.Sorted(maps.Keys(totals)) {
		out.Totals = append(out.Totals, view.Money{Amount: llm.FormatAmount(totals[currency]), Currency: currency})
	}
	return out, nil
}
