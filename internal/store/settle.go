package store

import (
	"context"
	"maps"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Record stores the answer and settles the reserve with the real cost, in one
// transaction. An answer that comes after the claim was given up is stored as
// well: it is paid for. It was counted by then, with its reserve as spent, so
// only the difference to the real cost is added. owner empty is anybody who
// resumed the call. ErrCallLost says that it is not owner's to record.
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
		row.Cost, row.Tokens, row.Body = costNano, used, b.ref
		extra := item{}
		if b.inline() {
			extra[attrData] = attribute(b.packed)
		}
		return extra, s.usageWrites(row, usageRow{
			Committed: costNano - row.Reserve, Spent: spent,
			Requests: requests, Prompt: used.Prompt, Cached: used.Cached, Output: used.Output, Thinking: used.Thinking,
		}), nil
	})
}

// Attach stores the provider's name for a claimed call, which from then on can
// be resumed by anybody until it expires. ErrCallLost says that the claim is
// not owner's.
func (s *Store) Attach(ctx context.Context, hash, owner, resume string, expires time.Time) error {
	if err := checkNames(hash, resume); err != nil {
		return err
	}
	for range maxRaces {
		row, err := s.callRow(ctx, hash)
		switch {
		case err != nil:
			return err
		case row == nil || row.Owner != owner || row.State != CallClaimed:
			return ErrCallLost
		case row.Resume == resume:
			return nil
		}
		when := unchanged(row.Version, row.WriteID)
		row.WriteID, row.Version, row.Resume, row.ExpiresAt = newWriteID(), row.Version+1, resume, expires.UTC()
		err = s.applySettlement(ctx, hash, row, nil, when, nil)
		if _, raced := isCancelled(err); !raced {
			return err
		}
	}
	return contention()
}

// Release gives the reserve of a call back that was certainly not billed; owner
// empty is anybody.
// One that was given up stays so, because others have gone on to the next.
func (s *Store) Release(ctx context.Context, hash, owner string) error {
	return s.settle(ctx, hash, owner, CallReleased, func(row *callRow) (item, []types.TransactWriteItem, error) {
		return nil, s.usageWrites(row, usageRow{Committed: -row.Reserve}), nil
	})
}

// Abandon counts a call whose answer is lost as spent. ErrCallLost says that
// it was recorded or released meanwhile, so nothing is lost: read it again.
func (s *Store) Abandon(ctx context.Context, hash string) error {
	return s.settle(ctx, hash, "", CallUnknown, func(row *callRow) (item, []types.TransactWriteItem, error) {
		return nil, s.usageWrites(row, usageRow{Spent: row.Reserve, Requests: 1}), nil
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
	row.enlist(hash, s.now())
	it, err := row.item(hash)
	if err != nil {
		return err
	}
	maps.Copy(it, extra)
	leave, err := s.lanes.enter(ctx, row.lane())
	if err != nil {
		return err
	}
	defer leave()
	return s.commit(ctx, callKey(hash), row.WriteID, append([]types.TransactWriteItem{s.putWrite(it, when)}, writes...)...)
}
