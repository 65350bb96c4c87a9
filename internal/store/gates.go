package store

import (
	"context"
	"errors"
	"time"
)

// ErrMoved means that another writer was quicker.
var ErrMoved = errors.New("store: the row was written meanwhile")

// gateRow is what all replicas know of a provider's pace. The store does not
// look into the state.
type gateRow struct {
	WriteID string `json:"WriteID"`
	State   string `json:"State"`
}

// Gate reads the state of a gate and the write it comes from, both empty at
// first.
func (s *Store) Gate(ctx context.Context, name string) (state, write string, err error) {
	if err := checkNames(name); err != nil {
		return "", "", err
	}
	it, err := s.get(ctx, gateKey(name))
	if err != nil || it == nil {
		return "", "", err
	}
	row := gateRow{}
	if err := decode(it, &row); err != nil {
		return "", "", damaged("pace", err)
	}
	return row.State, row.WriteID, nil
}

// PutGate replaces the state that came from a write and returns the new write.
// ErrMoved when it was replaced meanwhile.
func (s *Store) PutGate(ctx context.Context, name, write, state string) (string, error) {
	row := gateRow{WriteID: newWriteID(), State: state}
	when := absent()
	if write != "" {
		when = condition{"#WriteID = :read", values{":read": write}}
	}
	return row.WriteID, s.replace(ctx, gateKey(name), row.WriteID, row, when)
}

// replace writes a row of its own under a condition; ErrMoved when that does
// not hold.
func (s *Store) replace(ctx context.Context, k key, writeID string, row any, when condition) error {
	it, err := encode(row)
	if err != nil {
		return err
	}
	it[attrPK], it[attrSK] = attribute(k.pk), attribute(k.sk)
	err = s.put(ctx, it, when)
	if err == nil || ctx.Err() != nil {
		return err
	}
	// The answer may have been lost, and the repeat refused.
	if stored, readErr := s.get(ctx, k); readErr == nil && text(stored, attrWriteID) == writeID {
		return nil
	}
	if _, refused := isCancelled(err); refused {
		return ErrMoved
	}
	return err
}

// Batch is one batch of calls on its way.
type Batch struct {
	// Mark is ours; ID is the provider's name for it, empty before it is known.
	Mark     string
	ID       string
	Provider string
	// CreatedAt is when it was claimed.
	CreatedAt time.Time
}

type batchRow struct {
	WriteID   string    `json:"WriteID"`
	ID        string    `json:"ID,omitempty"`
	Provider  string    `json:"Provider"`
	CreatedAt time.Time `json:"CreatedAt"`
}

// PutBatch writes a batch, or its ID as soon as that is known. Whoever writes
// it knows the same.
func (s *Store) PutBatch(ctx context.Context, b Batch) error {
	if err := checkNames(b.Mark, b.Provider); err != nil {
		return err
	}
	row := batchRow{WriteID: newWriteID(), ID: b.ID, Provider: b.Provider, CreatedAt: b.CreatedAt.UTC()}
	when := absent()
	if b.ID != "" {
		when = condition{"attribute_not_exists(#ID) OR #ID = :id", values{":id": b.ID}}
	}
	return s.replace(ctx, batchKey(b.Mark), row.WriteID, row, when)
}

// Batch reads a batch. ErrNotFound when there is none.
func (s *Store) Batch(ctx context.Context, mark string) (*Batch, error) {
	if err := checkNames(mark); err != nil {
		return nil, err
	}
	it, err := s.get(ctx, batchKey(mark))
	if err != nil {
		return nil, err
	}
	if it == nil {
		return nil, ErrNotFound
	}
	row := batchRow{}
	if err := decode(it, &row); err != nil {
		return nil, damaged("batch", err)
	}
	return &Batch{Mark: mark, ID: row.ID, Provider: row.Provider, CreatedAt: row.CreatedAt}, nil
}
