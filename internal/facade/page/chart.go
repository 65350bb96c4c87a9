package page

import (
	"fmt"
	"html/template"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/facade/view"
)

// chart is what a month has cost in one currency.
type chart struct {
	Currency string
	Picture  template.HTML
	// Providers have a colour each, in their order.
	Providers []providerSum
	Total     string
}

// providerSum is what one provider has cost.
type providerSum struct {
	Name   string
	Colour int
	Amount string
	Calls  int
	Tokens int64
}

// colours are how many the stylesheet has; further providers share the last.
const colours = 8

// charts are one for each currency, none for a month without calls.
func charts(s *view.Spending) []chart {
	var currencies []string
	for i := range s.Days {
		if !slices.Contains(currencies, s.Days[i].Currency) {
			currencies = append(currencies, s.Days[i].Currency)
		}
	}
	slices.Sort(currencies)
	var out []chart
	for _, currency := range currencies {
		out = append(out, newChart(s, currency))
	}
	return out
}

func newChart(s *view.Spending, currency string) chart {
	sums := map[string]*big.Rat{}
	providers := map[string]*providerSum{}
	total := new(big.Rat)
	for i := range s.Days {
		d := &s.Days[i]
		if d.Currency != currency {
			continue
		}
		p := providers[d.Provider]
		if p == nil {
			p = &providerSum{Name: d.Provider}
			providers[d.Provider], sums[d.Provider] = p, new(big.Rat)
		}
		p.Calls += d.Calls
		p.Tokens += d.Tokens
		sums[d.Provider].Add(sums[d.Provider], exact(d.Amount))
		total.Add(total, exact(d.Amount))
	}
	c := chart{Currency: currency, Total: money(total.FloatString(8), currency)}
	for name, p := range providers {
		p.Amount = money(sums[name].FloatString(8), currency)
		c.Providers = append(c.Providers, *p)
	}
	// The most expensive one stands at the bottom of every bar.
	slices.SortFunc(c.Providers, func(a, b providerSum) int {
		if order := sums[b.Name].Cmp(sums[a.Name]); order != 0 {
			return order
		}
		return strings.Compare(a.Name, b.Name)
	})
	for i := range c.Providers {
		c.Providers[i].Colour = min(i, colours-1)
	}
	c.Picture = c.draw(s)
	return c
}

// exact is an amount as a number, 0 for what is none.
func exact(amount string) *big.Rat {
	if value, ok := new(big.Rat).SetString(amount); ok {
		return value
	}
	return new(big.Rat)
}

// The picture's measures, in its own units.
const (
	chartWidth, chartHeight = 760, 260
	chartLeft, chartTop     = 64, 12
	plotWidth, plotHeight   = chartWidth - chartLeft - 8, chartHeight - chartTop - 28
)

func (c *chart) draw(s *view.Spending) template.HTML {
	days := daysIn(s.Month)
	perDay := make([]float64, days+1)
	for i := range s.Days {
		if day := dayOf(s.Days[i].Day); s.Days[i].Currency == c.Currency && day >= 1 && day <= days {
			value, _ := exact(s.Days[i].Amount).Float64()
			perDay[day] += value
		}
	}
	step, most := ticks(slices.Max(perDay))
	var out strings.Builder
	fmt.Fprintf(&out, `<svg class="chart" width="%d" height="%d" viewBox="0 0 %d %d" role="img" aria-label="What each day of %s cost in %s, by provider: %s in total. The table has the numbers.">`,
		chartWidth, chartHeight, chartWidth, chartHeight, template.HTMLEscapeString(s.Month), template.HTMLEscapeString(c.Currency), template.HTMLEscapeString(c.Total))
	for value := 0.0; value <= most*1.0001; value += step {
		y := chartTop + plotHeight - plotHeight*value/most
		fmt.Fprintf(&out, `<line class="grid" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/><text class="axis" x="%d" y="%.1f" text-anchor="end">%s</text>`,
			chartLeft, chartWidth-8, y, y, chartLeft-8, y+4, template.HTMLEscapeString(money(strconv.FormatFloat(value, 'f', -1, 64), c.Currency)))
	}
	slot := float64(plotWidth) / float64(days)
	for day := 1; day <= days; day++ {
		if day == 1 || day%5 == 0 {
			fmt.Fprintf(&out, `<text class="axis" x="%.1f" y="%d" text-anchor="middle">%d</text>`, chartLeft+slot*(float64(day)-0.5), chartHeight-8, day)
		}
		c.bar(&out, s, day, slot, most)
	}
	out.WriteString("</svg>")
	return template.HTML(out.String()) //nolint:gosec // only numbers and escaped names are written
}

// bar stacks what the providers cost on a day.
func (c *chart) bar(out *strings.Builder, s *view.Spending, day int, slot, most float64) {
	y := float64(chartTop + plotHeight)
	for i := range c.Providers {
		p := &c.Providers[i]
		value := 0.0
		for j := range s.Days {
			d := &s.Days[j]
			if d.Provider == p.Name && d.Currency == c.Currency && dayOf(d.Day) == day {
				amount, _ := exact(d.Amount).Float64()
				value += amount
			}
		}
		height := plotHeight * value / most
		if height <= 0 {
			continue
		}
		y -= height
		fmt.Fprintf(out, `<rect class="series-%d" x="%.1f" y="%.1f" width="%.1f" height="%.1f"><title>%d: %s, %s</title></rect>`,
			p.Colour, chartLeft+slot*(float64(day)-1)+slot*0.14, y, slot*0.72, height, day,
			template.HTMLEscapeString(p.Name), template.HTMLEscapeString(money(strconv.FormatFloat(value, 'f', -1, 64), c.Currency)))
	}
}

// ticks are the steps of an axis up to a value: 1, 2 or 5 times a power of
// ten, four or five of them.
func ticks(value float64) (step, most float64) {
	if value <= 0 {
		return 1, 1
	}
	step = math.Pow(10, math.Floor(math.Log10(value)))
	for _, part := range []float64{0.2, 0.25, 0.5, 1, 2} {
		if value/(step*part) <= 5 {
			step *= part
			break
		}
	}
	return step, step * math.Ceil(value/step)
}
