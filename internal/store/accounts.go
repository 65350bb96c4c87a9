package store

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// AccountKind says what an account counts the calls of.
type AccountKind string

// The kinds of accounts.
const (
	// AccountProvider counts the calls of a ModelProvider.
	AccountProvider AccountKind = "PROVIDER"
	// AccountProblem counts what one Problem costs, its suite and solutions
	// included.
	AccountProblem AccountKind = "PROBLEM"
	// AccountBudget counts what a Budget bounds.
	AccountBudget AccountKind = "BUDGET"
)

// PeriodTotal is the period of an account that never begins anew.
const PeriodTotal = "total"

// Account is a sum that calls count towards. Amounts of different currencies
// never meet in one.
type Account struct {
	Kind AccountKind
	// Name is namespace/name of the object.
	Name string
	// Period is a calendar month in UTC as 2006-01, or PeriodTotal.
	Period string
	// Currency is an ISO 4217 code.
	Currency string
}

func (a Account) String() string {
	return join(string(a.Kind), a.Name, a.Period, a.Currency)
}

func (a Account) key() key { return key{"USAGE#" + a.String(), skTotal} }

func (a Account) check() error {
	return checkNames(string(a.Kind), a.Name, a.Period, a.Currency)
}

// accountKey is the key of an account that String named.
func accountKey(name string) key { return key{"USAGE#" + name, skTotal} }

// Bound is an account with the most that may be committed in it.
type Bound struct {
	Account
	// LimitNano is in 1e-9 of the currency. What may be spent is bounded only
	// when Limited is true: a limit of 0 lets nothing through.
	LimitNano int64
	Limited   bool
}

// usageRow is the total of an account.
type usageRow struct {
	Committed int64 `json:"Committed"`
	Spent     int64 `json:"Spent"`
	Requests  int64 `json:"Requests"`
	Prompt    int64 `json:"Prompt"`
	Cached    int64 `json:"Cached"`
	Output    int64 `json:"Output"`
	Thinking  int64 `json:"Thinking"`
}

// Usage is the total of an account; zero when nothing was counted in it.
func (s *Store) Usage(ctx context.Context, a Account) (Usage, error) {
	if err := a.check(); err != nil {
		return Usage{}, err
	}
	it, err := s.get(ctx, a.key())
	if err != nil || it == nil {
		return Usage{}, err
	}
	row := usageRow{}
	if err := decode(it, &row); err != nil {
		return Usage{}, damaged("total", err)
	}
	return Usage{CommittedNano: row.Committed, SpentNano: row.Spent, Tokens: Tokens{
		Requests: row.Requests, Prompt: row.Prompt, Cached: row.Cached, Output: row.Output, Thinking: row.Thinking,
	}}, nil
}

// reserveWrite adds a reserve to an account, unless that would go beyond its
// bound.
func (s *Store) reserveWrite(b Bound, reserve int64) types.TransactWriteItem {
	var within condition
	if b.Limited {
		// An account without a row has nothing committed.
		within = condition{"#Committed <= :room", values{":room": b.LimitNano - reserve}}
		if reserve <= b.LimitNano {
			within.text = "attribute_not_exists(#Committed) OR " + within.text
		}
	}
	return s.updateWrite(b.key(), "ADD #Committed :reserve", values{":reserve": reserve}, within)
}

// usageWrites add to every account of a call.
func (s *Store) usageWrites(row *callRow, add usageRow) []types.TransactWriteItem {
	writes := make([]types.TransactWriteItem, len(row.Accounts))
	for i, name := range row.Accounts {
		writes[i] = s.updateWrite(accountKey(name),
			"ADD #Committed :committed, #Spent :spent, #Requests :requests, #Prompt :prompt, #Cached :cached, #Output :output, #Thinking :thinking",
			values{
				":committed": add.Committed, ":spent": add.Spent, ":requests": add.Requests,
				":prompt": add.Prompt, ":cached": add.Cached, ":output": add.Output, ":thinking": add.Thinking,
			}, condition{})
	}
	return writes
}

// overBudget tells which bound a refused claim was refused for, nil for none.
func (s *Store) overBudget(ctx context.Context, c *Call) (*BudgetExceededError, error) {
	for _, bound := range c.Accounts {
		if !bound.Limited {
			continue
		}
		usage, err := s.Usage(ctx, bound.Account)
		if err != nil {
			return nil, err
		}
		if usage.CommittedNano+c.ReserveNano > bound.LimitNano {
			return &BudgetExceededError{
				Account: bound.Account, BudgetNano: bound.LimitNano,
				CommittedNano: usage.CommittedNano, SpentNano: usage.SpentNano, ReserveNano: c.ReserveNano,
			}, nil
		}
	}
	return nil, nil
}

// ParseAccount reads what String wrote.
func ParseAccount(name string) (Account, bool) {
	parts := strings.Split(name, "#")
	if len(parts) != 4 {
		return Account{}, false
	}
	for i := range parts {
		parts[i] = unescaper.Replace(parts[i])
	}
	a := Account{AccountKind(parts[0]), parts[1], parts[2], parts[3]}
	return a, a.check() == nil && a.String() == name
}
