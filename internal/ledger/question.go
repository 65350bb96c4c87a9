package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// maxSends bounds how often one attempt is sent again after an answer was
// lost in flight; each of them may have been billed.
const maxSends = 3

// Provider is a model together with what may be spent on it.
type Provider struct {
	// Name is namespace/name of the ModelProvider.
	Name string
	// Identity is equal for providers of which the same answers may be used:
	// the vendor, the endpoint and the model.
	Identity string
	// Gate is equal for providers that share their limits at the vendor, because
	// they use the same key for the same model; empty is the Name.
	Gate      string
	Model     llm.Model
	ModelName string
	Currency  string
	Price     llm.Price
	// PriceVersion is a person's name for the price list.
	PriceVersion string
	// BatchPercent of the price is what a call in a batch costs; 0 is all of it.
	BatchPercent int64
	// Budget bounds a calendar month in UTC.
	Budget Limit
	// Timeout bounds one call.
	Timeout time.Duration
	Limits  Limits
	// Isolated keeps the answers within the provider's namespace.
	Isolated bool
}

// Limit is the most that may be spent, in 1e-9 of a currency; the zero value is
// no limit.
type Limit struct {
	Nano int64
	Set  bool
}

// Namespace of the ModelProvider.
func (p *Provider) Namespace() string {
	namespace, _, _ := strings.Cut(p.Name, "/")
	return namespace
}

func (p *Provider) gate() string {
	if p.Gate != "" {
		return p.Gate
	}
	return p.Name
}

// mayFetch tells whether the vendor gives this provider the answer to a call:
// it was made with the same key, or by this provider before its key changed.
func (p *Provider) mayFetch(row *store.Call) bool {
	return row.Provider == p.Name || row.Gate == p.gate()
}

// account is the provider's own, of the month at now.
func (p *Provider) account(now time.Time) store.Bound {
	return store.Bound{
		Account:   ProviderAccount(p.Name, p.Bills(), now),
		LimitNano: p.Budget.Nano, Limited: p.Budget.Set,
	}
}

// ProviderAccount is what a ModelProvider's calls of a month count towards.
func ProviderAccount(name, currency string, at time.Time) store.Account {
	return store.Account{Kind: store.AccountProvider, Name: name, Period: Month(at), Currency: currency}
}

// Month is the calendar month of a moment, in UTC, as 2006-01.
func Month(at time.Time) string { return at.UTC().Format("2006-01") }

// defaultCurrency is that of a provider that names none.
const defaultCurrency = "USD"

// Bills is the currency of the prices.
func (p *Provider) Bills() string {
	if p.Currency == "" {
		return defaultCurrency
	}
	return p.Currency
}

// Delivery says how soon an answer is wanted.
type Delivery string

// The deliveries.
const (
	// DeliveryImmediate has every question sent at once.
	DeliveryImmediate Delivery = "Immediate"
	// DeliveryBatch has questions sent in batches, which are cheaper and take
	// up to a day, where the provider has them.
	DeliveryBatch Delivery = "Batch"
)

// batchPatience is how far away a deadline must be for batches: the vendor
// promises a day, and what fails in a batch is sent at once then.
const batchPatience = 26 * time.Hour

// Payer is on whose account a question is asked, and how.
type Payer struct {
	// Object is kind/namespace/name of what asks.
	Object string
	// Accounts are what calls in a currency count towards beside the provider's
	// own month. It is asked before every call, so that a budget that was
	// raised meanwhile holds as it is. Its errors are *Error. Nil is none.
	Accounts func(ctx context.Context, currency string) ([]store.Bound, error)
	// Renewal lets a question be sent again of which every answer was lost:
	// any new text will do. What is recorded is found all the same.
	Renewal string
	// Refresh asks anew what is recorded already: any new text will do.
	Refresh  string
	Delivery Delivery
	// Deadline is when the work has to be done; a distant one lets questions go
	// in batches, a near one keeps them from it.
	Deadline time.Time
	// Held is told why a question waits, and nil when it goes on. It may be
	// nil, must not block and may be called from several goroutines.
	Held func(*Error)
	// aside gives the worker's place to others for the time of a wait.
	aside func(ctx context.Context, wait func(context.Context) error) error
}

// wait has fn wait aside.
func (p *Payer) wait(ctx context.Context, fn func(context.Context) error) error {
	if p.aside == nil {
		return fn(ctx)
	}
	return p.aside(ctx, fn)
}

func (p *Payer) held(why *Error) {
	if p.Held != nil {
		p.Held(why)
	}
}

// batched tells whether a question asked now goes with a batch.
func (p *Payer) batched(now time.Time) bool {
	if p.Deadline.IsZero() {
		return p.Delivery == DeliveryBatch
	}
	return p.Delivery != DeliveryImmediate && p.Deadline.Sub(now) >= batchPatience
}

// Question is one prompt and what it is about. Equal questions to the same
// model are paid for once in the table's life.
type Question struct {
	// Content is the digest of what is asked about.
	Content string
	// Step names the prompt, PromptVersion its text.
	Step          string
	PromptVersion string
	// Attempt counts from 1; a repair is another attempt.
	Attempt int
	// Problem is shown to people who read the table.
	Problem string
	Payer   Payer
	Request llm.Request
}

// sends name the times a question may be sent: the first few and, when all of
// these are lost, as many again for a person's word.
func (q *Question) sends() []string {
	var names []string
	for send := range maxSends {
		names = append(names, strconv.Itoa(send+1))
	}
	if q.Payer.Renewal != "" {
		for send := range maxSends {
			names = append(names, q.Payer.Renewal+"/"+strconv.Itoa(send+1))
		}
	}
	return names
}

// hash names the row: what is asked about, how, of whom, and which try.
func (q *Question) hash(p *Provider, send string) string {
	scope := ""
	if p.Isolated {
		scope = p.Namespace()
	}
	// Strings and numbers always marshal.
	parts, _ := json.Marshal([]any{
		q.Content, q.Step, q.PromptVersion, p.Identity, p.ModelName,
		q.Request.SchemaName, q.Request.MaxOutputTokens, q.Attempt, send,
		scope, q.Payer.Refresh,
	})
	sum := sha256.Sum256(parts)
	return hex.EncodeToString(sum[:])
}

// reserve is the worst case of one call.
type reserve struct {
	tokens int64
	nano   int64
}

func reservation(q *Question, price llm.Price) reserve {
	prompt := llm.EstimateTokens(q.Request.System + q.Request.User + string(q.Request.Schema))
	return reserve{
		tokens: prompt + int64(q.Request.MaxOutputTokens),
		nano:   price.WorstCase(int(prompt), q.Request.MaxOutputTokens),
	}
}

// rate is the price list of a call, as it is recorded.
func (p *Provider) rate(batch bool) store.Price {
	rate := store.Price{
		Version: p.PriceVersion,
		Input:   p.Price.InputNanoPerMillion, CachedInput: p.Price.CachedInputNanoPerMillion, Output: p.Price.OutputNanoPerMillion,
	}
	if batch {
		rate.Percent = p.BatchPercent
	}
	return rate
}

// PriceOf is the price list that a recorded call was settled with.
func PriceOf(rate store.Price) llm.Price {
	price := llm.Price{
		InputNanoPerMillion: rate.Input, CachedInputNanoPerMillion: rate.CachedInput, OutputNanoPerMillion: rate.Output,
	}
	if rate.Percent <= 0 {
		return price
	}
	for _, part := range []*int64{&price.InputNanoPerMillion, &price.CachedInputNanoPerMillion, &price.OutputNanoPerMillion} {
		// Rounded up, as every amount that is spent; in parts, as a price may
		// be large.
		*part = *part/100*rate.Percent + (*part%100*rate.Percent+99)/100
	}
	return price
}

// Answer is a recorded response.
type Answer struct {
	llm.Response
	// Hash names the row of the call.
	Hash string
	// CostNano is the price of the call in 1e-9 of the provider's currency.
	CostNano int64
}

func decode(row *store.Call) (*Answer, error) {
	answer := &Answer{Hash: row.Hash, CostNano: row.CostNano}
	if err := json.Unmarshal(row.Response, &answer.Response); err != nil {
		return nil, &Error{
			Class: llm.ClassStalled, Reason: ReasonRecordDamaged, Err: err,
			Message: "the recorded answer in the table cannot be read; restore the row CALL#… from a backup",
		}
	}
	return answer, nil
}
