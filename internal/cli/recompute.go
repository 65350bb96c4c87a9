package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/algoitny/algoitny-operator/internal/ledger"
	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/llm/gemini"
	"github.com/algoitny/algoitny-operator/internal/llm/openai"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// readsAtATime bounds the calls that are read at a time.
const readsAtATime = 8

// recomputed is what became of computing costs again.
type recomputed struct {
	// Calls were recorded and read again.
	Calls       int          `json:"calls"`
	Differences []difference `json:"differences"`
}

// difference is a call whose cost is not what its usage and price say.
type difference struct {
	Call    string `json:"call"`
	Problem string `json:"problem,omitempty"`
	Step    string `json:"step,omitempty"`
	Attempt int    `json:"attempt,omitempty"`
	// Why tells what is wrong, in words.
	Why string `json:"why"`
}

func (d *difference) String() string {
	return fmt.Sprintf("%s (%s, %s, attempt %d): %s", d.Call, d.Problem, d.Step, d.Attempt, d.Why)
}

// recompute reads every recorded call and computes its cost again.
func recompute(ctx context.Context, table *store.Store, calls []store.CallSummary) (*recomputed, error) {
	result := &recomputed{Differences: []difference{}}
	whys := make([]string, len(calls))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(readsAtATime)
	for i := range calls {
		if calls[i].State != store.CallRecorded {
			continue
		}
		result.Calls++
		group.Go(func() error {
			call, err := table.Call(ctx, calls[i].Hash)
			if err == nil {
				whys[i] = differs(&calls[i], call)
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for i, why := range whys {
		if c := &calls[i]; why != "" {
			result.Differences = append(result.Differences, difference{Call: c.Hash, Problem: c.Problem, Step: c.Step, Attempt: c.Attempt, Why: why})
		}
	}
	slices.SortFunc(result.Differences, func(a, b difference) int {
		return cmp.Or(cmp.Compare(a.Problem, b.Problem), cmp.Compare(a.Step, b.Step), cmp.Compare(a.Attempt, b.Attempt), cmp.Compare(a.Call, b.Call))
	})
	return result, nil
}

// differs says what of a recorded call is not what the provider's own usage and
// the recorded price give; empty when all is.
func differs(listed *store.CallSummary, call *store.Call) string {
	var response llm.Response
	if err := json.Unmarshal(call.Response, &response); err != nil {
		return "the recorded answer cannot be read"
	}
	usage, ok := readUsage(response.RawUsage)
	if !ok {
		return "the recorded answer has no usage of the provider's that is known, so that its cost cannot be computed again"
	}
	var whys []string
	if had := tokensOf(call.Tokens); usage != had {
		whys = append(whys, fmt.Sprintf("the provider counted %s, recorded is %s", inWords(usage), inWords(had)))
	}
	cost := ledger.PriceOf(call.Price).Cost(usage)
	for _, recorded := range []struct {
		where string
		nano  int64
	}{{"recorded", call.CostNano}, {"listed", listed.CostNano}} {
		if cost != recorded.nano {
			whys = append(whys, fmt.Sprintf("it costs %s %s, %s is %s", llm.FormatAmount(cost), call.Currency, recorded.where, llm.FormatAmount(recorded.nano)))
		}
	}
	return strings.Join(whys, "; ")
}

// readUsage reads the usage object of whichever vendor gave it: their names of
// its fields have nothing in common.
func readUsage(raw json.RawMessage) (llm.Usage, bool) {
	for _, read := range []func(json.RawMessage) (llm.Usage, bool){openai.ReadUsage, gemini.ReadUsage} {
		if usage, ok := read(raw); ok {
			return usage, true
		}
	}
	return llm.Usage{}, false
}

func tokensOf(t store.Tokens) llm.Usage {
	return llm.Usage{Prompt: t.Prompt, CachedPrompt: t.Cached, Output: t.Output, Thinking: t.Thinking}
}

func inWords(u llm.Usage) string {
	return fmt.Sprintf("%d+%d prompt and %d+%d output tokens", u.Prompt, u.CachedPrompt, u.Output, u.Thinking)
}
