package llm

import (
	"math"
	"math/big"
)

// Price is what a model costs, in nano currency units (1e-9) for a million
// tokens: 0.15 a million is 150,000,000.
type Price struct {
	InputNanoPerMillion int64
	// CachedInputNanoPerMillion is for the part of the prompt that the
	// provider had cached. 0 means that no discount is known, and the input
	// price counts: better to overstate a cost than to understate it.
	CachedInputNanoPerMillion int64
	// OutputNanoPerMillion covers thinking too, as both vendors bill it.
	OutputNanoPerMillion int64
}

const million = 1_000_000

// Cost is what the usage costs in nano units, rounded up. Counts and prices
// below zero count as zero, and what does not fit is the largest number.
func (p Price) Cost(u Usage) int64 {
	sum := new(big.Int)
	add := func(tokens, price int64) {
		product := new(big.Int).Mul(big.NewInt(max(tokens, 0)), big.NewInt(max(price, 0)))
		sum.Add(sum, product)
	}
	add(u.Prompt, p.InputNanoPerMillion)
	add(u.CachedPrompt, p.cachedInput())
	add(u.Output, p.OutputNanoPerMillion)
	add(u.Thinking, p.OutputNanoPerMillion)
	sum.Add(sum, big.NewInt(million-1)).Quo(sum, big.NewInt(million))
	if !sum.IsInt64() {
		return math.MaxInt64
	}
	return sum.Int64()
}

// WorstCase is the most a call can cost in nano units: nothing of its prompt
// cached at a discount, and its answer as long as allowed.
func (p Price) WorstCase(promptTokens, maxOutput int) int64 {
	// A cache can cost more than it saves: some vendors bill writing to it.
	dearest := p
	dearest.InputNanoPerMillion = max(p.InputNanoPerMillion, p.cachedInput())
	return dearest.Cost(Usage{Prompt: int64(promptTokens), Output: int64(maxOutput)})
}

func (p Price) cachedInput() int64 {
	if p.CachedInputNanoPerMillion == 0 {
		return p.InputNanoPerMillion
	}
	return p.CachedInputNanoPerMillion
}
