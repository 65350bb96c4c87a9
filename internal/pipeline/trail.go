package pipeline

import (
	"slices"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/ledger"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// Trail notes what a piece of work is made of, so that it can be made again.
type Trail struct {
	calls        []store.UsedCall
	environments []string
}

// Used notes an answer.
func (t *Trail) Used(q *ledger.Question, a *ledger.Answer) {
	t.calls = append(t.calls, store.UsedCall{
		Hash: a.Hash, Step: q.Step, Attempt: q.Attempt, PromptVersion: q.PromptVersion, CostNano: a.CostNano,
	})
}

// Ran notes what programs ran in, as a report says it; empty is not known.
func (t *Trail) Ran(environment string) {
	for each := range strings.SplitSeq(environment, problem.BetweenEnvironments) {
		if each != "" && !slices.Contains(t.environments, each) {
			t.environments = append(t.environments, each)
		}
	}
}

// Provenance is all of it together with who was asked, on whose account and
// under which parameters.
func (t *Trail) Provenance(p *ledger.Provider, payer *ledger.Payer, spent Spending, parameters store.Parameters) store.Provenance {
	parameters.Refresh, parameters.Renewal = payer.Refresh, payer.Renewal
	if p.Isolated {
		parameters.Scope = p.Namespace()
	}
	out := store.Provenance{
		Provider: p.Name, Identity: p.Identity, Model: p.ModelName, Currency: p.Bills(),
		Tokens: spent.Tokens, CostNano: spent.CostNano,
		Calls: slices.Clone(t.calls), Parameters: parameters, Environments: slices.Sorted(slices.Values(t.environments)),
	}
	if n := len(t.calls); n > 0 {
		out.CallHash, out.PromptVersion = t.calls[n-1].Hash, t.calls[n-1].PromptVersion
	}
	return out
}
