package cli

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/algoitny/algoitny-operator/internal/ledger"
	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/store"
	"github.com/algoitny/algoitny-operator/internal/store/embedded"
)

// The usage objects of the three wires; each is 80 + 20 prompt and 30 + 10
// output tokens.
const (
	chatUsage     = `{"prompt_tokens":100,"completion_tokens":40,"total_tokens":140,"prompt_tokens_details":{"cached_tokens":20},"completion_tokens_details":{"reasoning_tokens":10}}`
	responseUsage = `{"input_tokens":100,"input_tokens_details":{"cached_tokens":20},"output_tokens":40,"output_tokens_details":{"reasoning_tokens":10}}`
	geminiUsage   = `{"promptTokenCount":100,"cachedContentTokenCount":20,"candidatesTokenCount":30,"totalTokenCount":140}`
)

// price makes that 80 × 2 + 20 × 1 + 40 × 10 = 580 units of 1e-9.
var price = store.Price{Input: 2e6, CachedInput: 1e6, Output: 10e6}

const costOfOne = 580

// books is a table with settled calls, at times of its own.
type books struct {
	*table
	now time.Time
}

func newBooks(t *testing.T) *books {
	t.Helper()
	b := &books{now: time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)}
	engine, err := embedded.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(engine.Close)
	client, err := store.NewClient(t.Context(), engine.Endpoint, "")
	if err != nil {
		t.Fatal(err)
	}
	s := store.New(client, store.Options{Table: "books", Now: func() time.Time { return b.now }})
	if err := s.EnsureTable(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.table = &table{s, []string{"--table", "books", "--dynamodb-endpoint", engine.Endpoint}}
	return b
}

// claim claims a call, changed before.
func (b *books) claim(t *testing.T, hash string, change func(*store.Call)) {
	t.Helper()
	c := store.Call{
		Hash: hash, Owner: "test", Provider: "default/openai", Model: "gpt-5", Object: "SolutionJob/default/a",
		Problem: "codeforces/1A", Step: "solve", Attempt: 1, Month: ledger.Month(b.now), Currency: "USD", Price: price,
		ReserveNano: 1000, ClaimedAt: b.now, ExpiresAt: b.now.Add(time.Minute),
	}
	change(&c)
	c.Accounts = []store.Bound{{Account: ledger.ProviderAccount(c.Provider, c.Currency, b.now)}}
	if err := b.Claim(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

// record settles it with a usage object, at a cost.
func (b *books) record(t *testing.T, hash, usage string, cost int64) {
	t.Helper()
	raw, err := json.Marshal(llm.Response{Text: "answer", RawUsage: json.RawMessage(usage)})
	if err != nil {
		t.Fatal(err)
	}
	used := store.Tokens{Requests: 1, Prompt: 80, Cached: 20, Output: 30, Thinking: 10}
	if err := b.Record(t.Context(), hash, "test", raw, cost, used); err != nil {
		t.Fatal(err)
	}
}

func (b *books) lose(t *testing.T, hash string) {
	t.Helper()
	if err := b.Abandon(t.Context(), hash); err != nil {
		t.Fatal(err)
	}
}

// filled has four recorded calls and a lost one, in two currencies.
func filled(t *testing.T) *books {
	t.Helper()
	b := newBooks(t)
	as := func(problem, step, currency string) func(*store.Call) {
		return func(c *store.Call) { c.Problem, c.Step, c.Currency = problem, step, currency }
	}
	b.claim(t, "a", as("codeforces/1A", "extract", "USD"))
	b.record(t, "a", chatUsage, costOfOne)
	b.claim(t, "b", as("codeforces/1A", "solve", "EUR"))
	b.record(t, "b", geminiUsage, costOfOne)
	b.claim(t, "c", as("cses/1068", "solve", "USD"))
	b.lose(t, "c")
	b.now = b.now.Add(24 * time.Hour)
	b.claim(t, "d", as("cses/1068", "solve", "USD"))
	b.record(t, "d", responseUsage, costOfOne)
	b.claim(t, "half price", func(c *store.Call) {
		c.Problem, c.Price.Percent = "atcoder/abc153_a", 50
	})
	b.record(t, "half price", responseUsage, costOfOne/2)
	return b
}

// rows are the cells of a table.
func rows(text string) [][]string {
	var all [][]string
	for line := range strings.Lines(text) {
		all = append(all, strings.Fields(line))
	}
	return all
}

func wantRows(t *testing.T, got outcome, code int, want ...string) {
	t.Helper()
	if got.code != code {
		t.Fatalf("got %+v", got)
	}
	lines := rows(got.out)
	if len(lines) < len(want)+1 {
		t.Fatalf("got\n%s", got.out)
	}
	for i, line := range want {
		if had := strings.Join(lines[i+1], " "); had != line {
			t.Errorf("line %d: got %q, want %q", i+1, had, line)
		}
	}
}

func TestCostsAreSummedByCurrencyAndTheDearestComesFirst(t *testing.T) {
	t.Parallel()
	b := filled(t)
	wantRows(t, algoitny(t, b.with("cost", "--month", "2026-03")...), ExitOK,
		"cses/1068 1 1 80 20 40 0.00000158 0.000001 USD",
		"codeforces/1A 1 0 80 20 40 0.00000058 0 EUR",
		"codeforces/1A 1 0 80 20 40 0.00000058 0 USD",
		"atcoder/abc153_a 1 0 80 20 40 0.00000029 0 USD",
		"total 1 0 80 20 40 0.00000058 0 EUR",
		"total 3 1 240 60 120 0.00000245 0.000001 USD")
}

func TestCostsOfDaysAreInTheirOrder(t *testing.T) {
	t.Parallel()
	b := filled(t)
	wantRows(t, algoitny(t, b.with("cost", "--month", "2026-03", "--by", "day")...), ExitOK,
		"2026-03-05 1 0 80 20 40 0.00000058 0 EUR",
		"2026-03-05 1 1 80 20 40 0.00000158 0.000001 USD",
		"2026-03-06 2 0 160 40 80 0.00000087 0 USD",
		"total 1 0 80 20 40 0.00000058 0 EUR")
	for by, want := range map[string]string{
		"step":     "solve 2 1 160 40 80 0.00000187 0.000001 USD",
		"model":    "gpt-5 3 1 240 60 120 0.00000245 0.000001 USD",
		"object":   "SolutionJob/default/a 3 1 240 60 120 0.00000245 0.000001 USD",
		"provider": "default/openai 3 1 240 60 120 0.00000245 0.000001 USD",
	} {
		wantRows(t, algoitny(t, b.with("cost", "--month", "2026-03", "--by", by)...), ExitOK, want)
	}
}

func TestAMonthWithoutCallsIsSaid(t *testing.T) {
	t.Parallel()
	got := algoitny(t, filled(t).with("cost", "--month", "2026-02")...)
	if got.code != ExitOK {
		t.Fatalf("got %+v", got)
	}
	says(t, got.out, "no call was settled in 2026-02")
}

func TestTheMonthIsTheCurrentOneInUTC(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	late := time.Date(2026, 2, 28, 23, 30, 0, 0, time.FixedZone("west", -3600))
	e := &Environment{Out: &out, Err: &errs, Table: OpenTable, Now: func() time.Time { return late }}
	code := e.Run(t.Context(), filled(t).with("cost"))
	wantRows(t, outcome{code, out.String(), errs.String()}, ExitOK, "cses/1068 1 1 80 20 40 0.00000158 0.000001 USD")
}

func TestRecordedCostsAreComputedAgain(t *testing.T) {
	t.Parallel()
	got := algoitny(t, filled(t).with("cost", "--month", "2026-03", "--recompute")...)
	if got.code != ExitOK {
		t.Fatalf("got %+v", got)
	}
	says(t, got.out, "4 recorded calls computed again: 4 as recorded, 0 differ")
}

func TestEveryDifferenceToWhatTheProviderCountedIsReported(t *testing.T) {
	t.Parallel()
	b := filled(t)
	for hash, usage := range map[string]string{
		"dear":    responseUsage,
		"wrong":   strings.Replace(responseUsage, "100", "200", 1),
		"unknown": `{"units":4}`,
	} {
		b.claim(t, hash, func(c *store.Call) { c.Step = hash })
		cost := int64(costOfOne)
		if hash == "dear" {
			cost++
		}
		b.record(t, hash, usage, cost)
	}
	args := b.with("cost", "--month", "2026-03", "--recompute")
	got := algoitny(t, args...)
	if got.code != ExitOther {
		t.Fatalf("got %+v", got)
	}
	says(t, got.out,
		"DIFFERS: dear (codeforces/1A, dear, attempt 1): it costs 0.00000058 USD, recorded is 0.000000581; it costs 0.00000058 USD, listed is 0.000000581",
		"DIFFERS: wrong (codeforces/1A, wrong, attempt 1): the provider counted 180+20 prompt and 30+10 output tokens, recorded is 80+20 prompt",
		"DIFFERS: unknown (codeforces/1A, unknown, attempt 1): the recorded answer has no usage of the provider's that is known",
		"7 recorded calls computed again: 4 as recorded, 3 differ")
	var result costs
	asJSON := algoitny(t, append(args, "--json")...)
	if err := json.Unmarshal([]byte(asJSON.out), &result); err != nil || asJSON.code != ExitOther {
		t.Fatalf("got %v, %+v", err, asJSON)
	}
	if result.Recomputed.Calls != 7 || len(result.Recomputed.Differences) != 3 || result.Totals[0].Currency != "EUR" {
		t.Errorf("got %+v", result)
	}
}
