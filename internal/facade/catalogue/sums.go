package catalogue

import (
	"maps"
	"slices"
	"strconv"

	"github.com/algoitny/algoitny-operator/internal/facade/view"
	"github.com/algoitny/algoitny-operator/internal/llm"
)

// sums are amounts by their currency, in 1e-9 of it: currencies never meet.
type sums map[string]int64

func (s sums) add(m *view.Money) {
	if m == nil {
		return
	}
	// What is no amount was not written by the operator and counts nothing.
	if nano, err := llm.ParseAmount(m.Amount); err == nil {
		s[m.Currency] += nano
	}
}

func (s sums) all() []view.Money {
	out := []view.Money{}
	for _, currency := range slices.Sorted(maps.Keys(s)) {
		out = append(out, view.Money{Amount: llm.FormatAmount(s[currency]), Currency: currency})
	}
	return out
}

// amount is what a list is ordered by; the currency does not matter for that.
func amount(m *view.Money) float64 {
	if m == nil {
		return 0
	}
	value, _ := strconv.ParseFloat(m.Amount, 64)
	return value
}
