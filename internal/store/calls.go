package store

import (
	"context"
	"errors"
	"fmt"
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
	Model    string    `json:"Model,omitempty"`
	Object   string    `json:"Object,omitempty"`
	Problem  string    `json:"Problem,omitempty"`
	Step     string    `json:"Step,omitempty"`
	Attempt  int       `json:"Attempt"`
	// Accounts are the names of what the call counts towards.
	Accounts []string `json:"Accounts"`
	Month    string   `json:"Month"`
	Currency string   `json:"Currency,omitempty"`
	Price    Price    `json:"Price"`
	// Reserve is the worst-case cost, Cost the real one, in 1e-9 units.
	Reserve   int64     `json:"Reserve"`
	Cost      int64     `json:"Cost"`
	Tokens    Tokens    `json:"Tokens"`
	ClaimedAt time.Time `json:"ClaimedAt"`
	ExpiresAt time.Time `json:"ExpiresAt"`
	Gate      string    `json:"Gate,omitempty"`
	Resume    string    `json:"Resume,omitempty"`
	Batch     string    `json:"Batch,omitempty"`
	Body      bodyRef   `json:"Body"`
	// The row's place in the index: claimed calls by when they expire, settled
	// ones of a month by when that was.
	ListPK  string       `json:"GSI1PK,omitempty"`
	ListSK  string       `json:"GSI1SK,omitempty"`
	Summary *CallSummary `json:"Summary,omitempty"`
}

// ErrCallLost means that the row is no longer the writer's: its claim expired
// and somebody counted it as spent, or it was never made.
var ErrCallLost = errors.New("store: the claim is no longer this owner's")

// Claim writes the row of a call that is about to be paid for and reserves
// its worst case in every account, in one transaction. It fails with
// *CallExistsError or *BudgetExceededError; a released row is claimed anew.
func (s *Store) Claim(ctx context.Context, c Call) error {
	if err := c.check(); err != nil {
		return err
	}
	var old *callRow
	for range maxRaces {
		writeID := newWriteID()
		err := s.applyClaim(ctx, &c, writeID, old)
		_, refused := isCancelled(err)
		if err == nil || !refused && old != nil {
			return err
		}
		var readErr error
		if old, readErr = s.callRow(ctx, c.Hash); readErr != nil {
			return errors.Join(err, readErr)
		}
		// A row in the way explains an answer that was lost as well.
		if !refused && old == nil {
			return err
		}
		switch {
		case old != nil && old.WriteID == writeID:
			// It was applied after all: its answer was lost.
			return nil
		case old != nil && old.State != CallReleased:
			return s.exists(ctx, c.Hash)
		}
		if over, err := s.overBudget(ctx, &c); err != nil || over != nil {
			return errors.Join(err, over.orNil())
		}
	}
	return contention()
}

func (c *Call) check() error {
	if len(c.Accounts) == 0 {
		return fmt.Errorf("claim %s: the call counts towards no account", c.Hash)
	}
	for _, bound := range c.Accounts {
		if err := bound.check(); err != nil {
			return err
		}
	}
	return checkNames(c.Hash, c.Owner, c.Provider, c.Month)
}

// applyClaim puts the row in the place of old, nil when there is none.
func (s *Store) applyClaim(ctx context.Context, c *Call, writeID string, old *callRow) error {
	row := rowOf(c, writeID)
	when := absent()
	if old != nil {
		row.Version, when = old.Version+1, unchanged(old.Version, old.WriteID)
	}
	it, err := row.item(c.Hash)
	if err != nil {
		return err
	}
	writes := append(make([]types.TransactWriteItem, 0, 1+len(c.Accounts)), s.putWrite(it, when))
	for _, bound := range c.Accounts {
		writes = append(writes, s.reserveWrite(bound, c.ReserveNano))
	}
	leave, err := s.lanes.enter(ctx, row.lane())
	if err != nil {
		return err
	}
	defer leave()
	return s.commit(ctx, callKey(c.Hash), writeID, writes...)
}

func rowOf(c *Call, writeID string) *callRow {
	row := &callRow{
		State: CallClaimed, Version: 1, WriteID: writeID, Owner: c.Owner,
		Provider: c.Provider, Model: c.Model, Object: c.Object, Problem: c.Problem, Step: c.Step, Attempt: c.Attempt,
		Month: c.Month, Currency: c.Currency, Price: c.Price, Reserve: c.ReserveNano,
		ClaimedAt: c.ClaimedAt.UTC(), ExpiresAt: c.ExpiresAt.UTC(), Gate: c.Gate, Batch: c.Batch,
	}
	for _, bound := range c.Accounts {
		row.Accounts = append(row.Accounts, bound.String())
	}
	return row
}

// lane is the account that most calls of this process share.
func (r *callRow) lane() key {
	if len(r.Accounts) == 0 {
		return key{}
	}
	return accountKey(r.Accounts[0])
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
	call := row.call(hash)
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

func (r *callRow) call(hash string) *Call {
	call := &Call{
		Hash: hash, State: r.State, Owner: r.Owner, Provider: r.Provider, Model: r.Model,
		Object: r.Object, Problem: r.Problem, Step: r.Step, Attempt: r.Attempt,
		Month: r.Month, Currency: r.Currency, Price: r.Price,
		ReserveNano: r.Reserve, CostNano: r.Cost, Tokens: r.Tokens,
		ClaimedAt: r.ClaimedAt, ExpiresAt: r.ExpiresAt, Gate: r.Gate, Resume: r.Resume, Batch: r.Batch, Version: r.Version,
	}
	for _, name := range r.Accounts {
		if account, ok := ParseAccount(name); ok {
			call.Accounts = append(call.Accounts, Bound{Account: account})
		}
	}
	return call
}
