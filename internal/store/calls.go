package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// callRow is a row of the ledger. The response is apart, as a binary.
type callRow struct {
	State    CallState `json:"State"`
	Version  int64     `json:"Version"`
	WriteID  string    `json:"WriteID"`
	Owner    string    `json:"Owner"`
	Provider string    `json:"Provider"`
	Month    string    `json:"Month"`
	Step     string    `json:"Step,omitempty"`
	Problem  string    `json:"Problem,omitempty"`
	Attempt  int       `json:"Attempt"`
	// Reserve is the worst-case cost, Cost the real one, in 1e-9 units.
	Reserve   int64     `json:"Reserve"`
	Cost      int64     `json:"Cost"`
	ClaimedAt time.Time `json:"ClaimedAt"`
	ExpiresAt time.Time `json:"ExpiresAt"`
	Body      bodyRef   `json:"Body"`
}

// usageRow is the total of a provider's month.
type usageRow struct {
	Committed int64 `json:"Committed"`
	Spent     int64 `json:"Spent"`
	Requests  int64 `json:"Requests"`
	Prompt    int64 `json:"Prompt"`
	Cached    int64 `json:"Cached"`
	Output    int64 `json:"Output"`
	Thinking  int64 `json:"Thinking"`
}

// ErrCallLost means that the row is no longer the writer's: its claim expired
// and somebody counted it as spent, or it was never made.
var ErrCallLost = errors.New("store: the claim is no longer this owner's")

// Claim writes the row of a call that is about to be paid for and reserves
// its worst case, in one transaction. budgetNano 0 is no budget. It fails with
// *CallExistsError or *BudgetExceededError; a released row is claimed anew.
func (s *Store) Claim(ctx context.Context, c Call, budgetNano int64) error {
	if err := checkNames(c.Hash, c.Owner, c.Provider, c.Month); err != nil {
		return err
	}
	var writeID string
	for range maxRaces {
		old, err := s.callRow(ctx, c.Hash)
		if err != nil {
			return err
		}
		// The last try was applied after all: its answer was lost.
		if old != nil && old.WriteID == writeID {
			return nil
		}
		if old != nil && old.State != CallReleased {
			return s.exists(ctx, c.Hash)
		}
		writeID = newWriteID()
		err = s.applyClaim(ctx, &c, writeID, old, budgetNano)
		if _, refused := isCancelled(err); !refused {
			return err
		}
		if over, err := s.overBudget(ctx, c, budgetNano); err != nil || over != nil {
			return errors.Join(err, over.orNil())
		}
	}
	return contention()
}

// applyClaim puts the row in the place of old, nil when there is none.
func (s *Store) applyClaim(ctx context.Context, c *Call, writeID string, old *callRow, budgetNano int64) error {
	row := callRow{
		State: CallClaimed, Version: 1, WriteID: writeID, Owner: c.Owner,
		Provider: c.Provider, Month: c.Month, Step: c.Step, Problem: c.Problem, Attempt: c.Attempt,
		Reserve: c.ReserveNano, ClaimedAt: c.ClaimedAt.UTC(), ExpiresAt: c.ExpiresAt.UTC(),
	}
	when := absent()
	if old != nil {
		row.Version, when = old.Version+1, unchanged(old.Version, old.WriteID)
	}
	it, err := encode(row)
	if err != nil {
		return err
	}
	k := callKey(c.Hash)
	it[attrPK], it[attrSK] = attribute(k.pk), attribute(k.sk)
	leave, err := s.lanes.enter(ctx, usageKey(c.Provider, c.Month))
	if err != nil {
		return err
	}
	defer leave()
	return s.commit(ctx, k, writeID, s.putWrite(it, when), s.reserveWrite(*c, budgetNano))
}

// orNil keeps a nil pointer from becoming an error that is not nil.
func (e *BudgetExceededError) orNil() error {
	if e == nil {
		return nil
	}
	return e
}

// exists reads the row that is in the way, its answer included.
func (s *Store) exists(ctx context.Context, hash string) error {
	call, err := s.Call(ctx, hash)
	if err != nil {
		return err
	}
	return &CallExistsError{Call: *call}
}

// overBudget tells whether a refused claim was refused for money.
func (s *Store) overBudget(ctx context.Context, c Call, budgetNano int64) (*BudgetExceededError, error) {
	if budgetNano <= 0 {
		return nil, nil
	}
	usage, err := s.Usage(ctx, c.Provider, c.Month)
	if err != nil {
		return nil, err
	}
	if usage.CommittedNano+c.ReserveNano <= budgetNano {
		return nil, nil
	}
	return &BudgetExceededError{BudgetNano: budgetNano, CommittedNano: usage.CommittedNano, ReserveNano: c.ReserveNano}, nil
}

// reserveWrite adds the reserve to the month's total, unless that would go
// beyond the budget.
func (s *Store) reserveWrite(c Call, budgetNano int64) types.TransactWriteItem {
	var within condition
	if budgetNano > 0 {
		// A month without a row has nothing committed.
		within = condition{"#Committed <= :room", values{":room": budgetNano - c.ReserveNano}}
		if c.ReserveNano <= budgetNano {
			within.text = "attribute_not_exists(#Committed) OR " + within.text
		}
	}
	return s.updateWrite(usageKey(c.Provider, c.Month), "ADD #Committed :reserve", values{":reserve": c.ReserveNano}, within)
}

// Call reads a row with its answer. ErrNotFound when there is none.
func (s *Store) Call(ctx context.Context, hash string) (*Call, error) {
	if err := checkNames(hash); err != nil {
		return nil, err
	}
	k := callKey(hash)
	it, err := s.get(ctx, k)
	if err != nil {
		return nil, err
	}
	if it == nil {
		return nil, fmt.Errorf("call %s: %w", hash, ErrNotFound)
	}
	row := &callRow{}
	if err := decode(it, row); err != nil {
		return nil, damaged("call", err)
	}
	call := &Call{
		Hash: hash, State: row.State, Owner: row.Owner, Provider: row.Provider, Month: row.Month,
		Step: row.Step, Problem: row.Problem, Attempt: row.Attempt,
		ReserveNano: row.Reserve, CostNano: row.Cost,
		ClaimedAt: row.ClaimedAt, ExpiresAt: row.ExpiresAt, Version: row.Version,
	}
	if row.State != CallRecorded {
		return call, nil
	}
	if row.Body.Chunks > 0 {
		call.Response, err = s.readChunks(ctx, k.pk, prefixResponse, row.Body)
	} else {
		call.Response, err = unpackChecked(data(it), row.Body)
	}
	if err != nil {
		if _, ok := errors.AsType[*Error](err); ok {
			return nil, err
		}
		return nil, damaged("answer", err)
	}
	return call, nil
}

func (s *Store) callRow(ctx context.Context, hash string) (*callRow, error) {
	it, err := s.get(ctx, callKey(hash))
	if err != nil || it == nil {
		return nil, err
	}
	row := &callRow{}
	if err := decode(it, row); err != nil {
		return nil, damaged("call", err)
	}
	return row, nil
}

// Record stores the answer and settles the reserve with the real cost, in one
// transaction. An answer that comes after the claim was given up is stored as
// well: it is paid for. It was counted by then, with its reserve as spent, so
// only the difference to the real cost is added. ErrCallLost says that the
// call is not owner's to record.
func (s *Store) Record(ctx context.Context, hash, owner string, response []byte, costNano int64, used Tokens) error {
	return s.settle(ctx, hash, owner, CallRecorded, func(row *callRow) (item, []types.TransactWriteItem, error) {
		b, err := newBody(row.WriteID, response, inlineBytes)
		if err != nil {
			return nil, nil, err
		}
		if err := s.writeChunks(ctx, callKey(hash).pk, prefixResponse, b); err != nil {
			return nil, nil, err
		}
		spent, requests := costNano, used.Requests
		if row.State == CallUnknown {
			spent, requests = costNano-row.Reserve, used.Requests-1
		}
		row.Cost, row.Body = costNano, b.ref
		extra := item{}
		if b.inline() {
			extra[attrData] = attribute(b.packed)
		}
		return extra, []types.TransactWriteItem{s.usageWrite(row, usageRow{
			Committed: costNano - row.Reserve, Spent: spent,
			Requests: requests, Prompt: used.Prompt, Cached: used.Cached, Output: used.Output, Thinking: used.Thinking,
		})}, nil
	})
}

// Release gives the reserve of a call back that was certainly not billed.
// One that was given up stays so, because others have gone on to the next.
func (s *Store) Release(ctx context.Context, hash, owner string) error {
	return s.settle(ctx, hash, owner, CallReleased, func(row *callRow) (item, []types.TransactWriteItem, error) {
		return nil, []types.TransactWriteItem{s.usageWrite(row, usageRow{Committed: -row.Reserve})}, nil
	})
}

// Abandon counts a call whose answer is lost as spent. ErrCallLost says that
// it was recorded or released meanwhile, so nothing is lost: read it again.
func (s *Store) Abandon(ctx context.Context, hash string) error {
	return s.settle(ctx, hash, "", CallUnknown, func(row *callRow) (item, []types.TransactWriteItem, error) {
		return nil, []types.TransactWriteItem{s.usageWrite(row, usageRow{Spent: row.Reserve, Requests: 1})}, nil
	})
}

// change prepares the other writes of a settlement. It may fill row in, whose
// WriteID is already the new one and whose State is still the old one.
type change func(row *callRow) (extra item, writes []types.TransactWriteItem, err error)

// settle moves a claimed row on. A row that is there already is success. owner
// empty is anybody.
func (s *Store) settle(ctx context.Context, hash, owner string, to CallState, prepare change) error {
	if err := checkNames(hash); err != nil {
		return err
	}
	for range maxRaces {
		row, err := s.callRow(ctx, hash)
		if err != nil {
			return err
		}
		switch {
		case row == nil || owner != "" && row.Owner != owner:
			return ErrCallLost
		case row.State == to:
			return nil
		case row.State == CallClaimed:
		case row.State == CallUnknown && to == CallRecorded:
		default:
			return ErrCallLost
		}
		when := unchanged(row.Version, row.WriteID)
		row.WriteID = newWriteID()
		extra, writes, err := prepare(row)
		if err != nil {
			return err
		}
		row.State, row.Version = to, row.Version+1
		err = s.applySettlement(ctx, hash, row, extra, when, writes)
		if _, raced := isCancelled(err); !raced {
			return err
		}
		s.dropChunks(ctx, callKey(hash).pk, prefixResponse, row.Body)
	}
	return contention()
}

// applySettlement replaces the row, extra attributes included, together with
// the other writes.
func (s *Store) applySettlement(ctx context.Context, hash string, row *callRow, extra item, when condition, writes []types.TransactWriteItem) error {
	it, err := encode(row)
	if err != nil {
		return err
	}
	maps.Copy(it, extra)
	k := callKey(hash)
	it[attrPK], it[attrSK] = attribute(k.pk), attribute(k.sk)
	leave, err := s.lanes.enter(ctx, usageKey(row.Provider, row.Month))
	if err != nil {
		return err
	}
	defer leave()
	return s.commit(ctx, k, row.WriteID, append([]types.TransactWriteItem{s.putWrite(it, when)}, writes...)...)
}

// usageWrite adds to the month's total of the row's provider.
func (s *Store) usageWrite(row *callRow, add usageRow) types.TransactWriteItem {
	return s.updateWrite(usageKey(row.Provider, row.Month),
		"ADD #Committed :committed, #Spent :spent, #Requests :requests, #Prompt :prompt, #Cached :cached, #Output :output, #Thinking :thinking",
		values{
			":committed": add.Committed, ":spent": add.Spent, ":requests": add.Requests,
			":prompt": add.Prompt, ":cached": add.Cached, ":output": add.Output, ":thinking": add.Thinking,
		}, condition{})
}

// Usage is what a provider has cost in a month such as 2006-01; zero when it
// has made no call.
func (s *Store) Usage(ctx context.Context, provider, month string) (Usage, error) {
	if err := checkNames(provider, month); err != nil {
		return Usage{}, err
	}
	it, err := s.get(ctx, usageKey(provider, month))
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
