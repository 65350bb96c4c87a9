package page

import (
	"net/http"
	"strings"
	"time"

	"github.com/algoitny/algoitny-operator/internal/facade/fault"
	"github.com/algoitny/algoitny-operator/internal/facade/view"
)

// spendingPage is what a month has cost, and how the providers are.
type spendingPage struct {
	*view.Spending
	// Name is the month as people say it.
	Name   string
	Charts []chart
	// Previous and Next are months, Next empty for what is yet to come.
	Previous, Next string
	Providers      []view.Provider
	ProvidersFault string
}

const monthLayout = "2006-01"

func (p *Pages) spending(w http.ResponseWriter, r *http.Request) error {
	month := strings.TrimSpace(r.URL.Query().Get("month"))
	if month != "" {
		if _, err := time.Parse(monthLayout, month); err != nil {
			return fault.Invalid("month", "must be a month such as 2006-01")
		}
	}
	spent, err := p.library.Spending(r.Context(), month)
	if err != nil {
		return err
	}
	shown := &spendingPage{Spending: spent, Name: spent.Month, Charts: charts(spent)}
	if first, err := time.Parse(monthLayout, spent.Month); err == nil {
		shown.Name = first.Format("January 2006")
		shown.Previous = first.AddDate(0, -1, 0).Format(monthLayout)
		if next := first.AddDate(0, 1, 0); !next.After(p.Now().UTC()) {
			shown.Next = next.Format(monthLayout)
		}
	}
	shown.Providers, err = p.library.Providers(r.Context())
	shown.ProvidersFault = p.missing(err)
	return p.site.write(w, "spending", sheet{Title: "Spending in " + shown.Name, At: "spending", Data: shown})
}

// daysIn is how many days a month has, 31 where it is none.
func daysIn(month string) int {
	first, err := time.Parse(monthLayout, month)
	if err != nil {
		return 31
	}
	return first.AddDate(0, 1, -1).Day()
}

// dayOf is the number of a day such as 2006-01-02, 0 where it is none.
func dayOf(day string) int {
	date, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return 0
	}
	return date.Day()
}
