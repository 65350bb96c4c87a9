package cli

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/algoitny/algoitny-operator/internal/ledger"
	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/store"
)

const (
	costUsage = "cost [--by problem|step|model|day|object|provider] [--month YYYY-MM] [--recompute] [--json] " + tableUsage
	costHelp  = `say what the calls of a month (UTC) have cost, from the table. A lost call,
which may have been billed although no answer came, counts with its
reserve. Currencies are never added together. With --recompute every
recorded cost is computed again from the provider's own usage object and
the price that was recorded with the call: exit code 1 when one differs`
)

// The layouts of months and days.
const (
	monthLayout = "2006-01"
	dayLayout   = "2006-01-02"
)

// groupings are what calls are summed by.
var groupings = []struct {
	name string
	of   func(*store.CallSummary) string
}{
	{"problem", func(c *store.CallSummary) string { return c.Problem }},
	{"step", func(c *store.CallSummary) string { return c.Step }},
	{"model", func(c *store.CallSummary) string { return c.Model }},
	{"day", func(c *store.CallSummary) string { return c.At.UTC().Format(dayLayout) }},
	{"object", func(c *store.CallSummary) string { return c.Object }},
	{"provider", func(c *store.CallSummary) string { return c.Provider }},
}

type costOptions struct {
	by, month       string
	recompute, json bool
	table           TableAddress
}

func costFlags(e *Environment, args []string) (*costOptions, error) {
	o := &costOptions{}
	set := flag.NewFlagSet("cost", flag.ContinueOnError)
	set.StringVar(&o.by, "by", "problem", "what is summed up: "+strings.Join(groupingNames(), ", "))
	set.StringVar(&o.month, "month", ledger.Month(e.now()), "the month in UTC, such as 2006-01")
	set.BoolVar(&o.recompute, "recompute", false, "compute every recorded cost again")
	set.BoolVar(&o.json, "json", false, "write JSON")
	o.table.flags(set)
	if _, err := e.flags(set, args, 0); err != nil {
		return nil, err
	}
	if _, err := time.Parse(monthLayout, o.month); err != nil {
		return nil, usagef("the month %q is not written as 2006-01", o.month)
	}
	if o.grouping() == nil {
		return nil, usagef("--by %s is not known; it is one of %s", o.by, strings.Join(groupingNames(), ", "))
	}
	return o, nil
}

func groupingNames() []string {
	var names []string
	for _, g := range groupings {
		names = append(names, g.name)
	}
	return names
}

func (o *costOptions) grouping() func(*store.CallSummary) string {
	for _, g := range groupings {
		if g.name == o.by {
			return g.of
		}
	}
	return nil
}

func runCost(ctx context.Context, e *Environment, args []string) (int, error) {
	o, err := costFlags(e, args)
	if err != nil {
		return 0, err
	}
	table, err := e.Table(ctx, o.table)
	if err != nil {
		return 0, err
	}
	var calls []store.CallSummary
	for call, err := range table.Calls(ctx, o.month) {
		if err != nil {
			return 0, o.table.failed(err)
		}
		calls = append(calls, call)
	}
	result := sum(calls, o)
	if o.recompute {
		if result.Recomputed, err = recompute(ctx, table, calls); err != nil {
			return 0, o.table.failed(err)
		}
	}
	code := ExitOK
	if result.Recomputed != nil && len(result.Recomputed.Differences) > 0 {
		code = ExitOther
	}
	if o.json {
		return code, e.json(result)
	}
	return code, e.costs(result)
}

// costs is what cost writes as JSON.
type costs struct {
	Month string     `json:"month"`
	By    string     `json:"by"`
	Costs []costLine `json:"costs"`
	// Totals has one line a currency.
	Totals     []costLine  `json:"totals"`
	Recomputed *recomputed `json:"recomputed,omitempty"`
}

// costLine sums calls up that have something in common, and the currency.
type costLine struct {
	What string `json:"what"`
	// Calls are recorded ones, Lost those that may have been billed and whose
	// answers are lost.
	Calls int64 `json:"calls"`
	Lost  int64 `json:"lost"`
	// Output includes thinking, which is billed as output.
	Prompt int64 `json:"promptTokens"`
	Cached int64 `json:"cachedTokens"`
	Output int64 `json:"outputTokens"`
	// Cost is of both, OfLost the lost calls' part of it: their reserve.
	Cost     string `json:"cost"`
	OfLost   string `json:"costOfLost"`
	Currency string `json:"currency"`

	nano, lostNano int64
}

func (l *costLine) add(c *store.CallSummary) {
	l.nano += c.CostNano
	if c.State == store.CallUnknown {
		l.Lost++
		l.lostNano += c.CostNano
		return
	}
	l.Calls++
	l.Prompt += c.Tokens.Prompt
	l.Cached += c.Tokens.Cached
	l.Output += c.Tokens.Output + c.Tokens.Thinking
}

// sum sums calls up. The dearest come first, and days in their order.
func sum(calls []store.CallSummary, o *costOptions) *costs {
	of := o.grouping()
	lines := grouped(calls, of)
	totals := grouped(calls, func(*store.CallSummary) string { return "total" })
	slices.SortFunc(lines, func(a, b costLine) int {
		if o.by == "day" {
			return cmp.Or(cmp.Compare(a.What, b.What), cmp.Compare(a.Currency, b.Currency))
		}
		return cmp.Or(cmp.Compare(b.nano, a.nano), cmp.Compare(a.What, b.What), cmp.Compare(a.Currency, b.Currency))
	})
	slices.SortFunc(totals, func(a, b costLine) int { return cmp.Compare(a.Currency, b.Currency) })
	return &costs{Month: o.month, By: o.by, Costs: lines, Totals: totals}
}

func grouped(calls []store.CallSummary, of func(*store.CallSummary) string) []costLine {
	type group struct{ what, currency string }
	at, lines := map[group]int{}, []costLine{}
	for i := range calls {
		g := group{cmp.Or(of(&calls[i]), "(none)"), calls[i].Currency}
		n, known := at[g]
		if !known {
			n = len(lines)
			at[g] = n
			lines = append(lines, costLine{What: g.what, Currency: g.currency})
		}
		lines[n].add(&calls[i])
	}
	for i := range lines {
		lines[i].Cost, lines[i].OfLost = llm.FormatAmount(lines[i].nano), llm.FormatAmount(lines[i].lostNano)
	}
	return lines
}

// costs writes the table for a person.
func (e *Environment) costs(result *costs) error {
	if len(result.Costs) == 0 {
		e.say("no call was settled in %s", result.Month)
		return nil
	}
	lines := [][]string{{strings.ToUpper(result.By), "CALLS", "LOST", "PROMPT", "CACHED", "OUTPUT", "COST", "OF LOST", "CURRENCY"}}
	for _, l := range slices.Concat(result.Costs, result.Totals) {
		lines = append(lines, []string{
			l.What, number(l.Calls), number(l.Lost), number(l.Prompt), number(l.Cached), number(l.Output), l.Cost, l.OfLost, l.Currency,
		})
	}
	if err := e.table(lines); err != nil {
		return err
	}
	if result.Recomputed != nil {
		return e.recomputed(result.Recomputed)
	}
	return nil
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// recomputed says which costs are not what their usage says.
func (e *Environment) recomputed(r *recomputed) error {
	for i := range r.Differences {
		d := &r.Differences[i]
		e.say("DIFFERS: %s", d.String())
	}
	e.say("%s", fmt.Sprintf("\n%d recorded calls computed again: %d as recorded, %d differ", r.Calls, r.Calls-len(r.Differences), len(r.Differences)))
	return nil
}
