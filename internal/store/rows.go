package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// rowHead is what all rows have that belong to a problem and have a body:
// solutions and suites. The body is in Data, or in chunks of the same
// partition when Body says so.
type rowHead struct {
	Version       int64      `json:"Version"`
	WriteID       string     `json:"WriteID"`
	Owner         Owner      `json:"Owner"`
	Provenance    Provenance `json:"Provenance"`
	ContentDigest string     `json:"ContentDigest"`
	Body          bodyRef    `json:"Body"`
	CreatedAt     time.Time  `json:"CreatedAt"`
	UpdatedAt     time.Time  `json:"UpdatedAt"`
}

func (h *rowHead) head() *rowHead { return h }

// headed is a row with a body.
type headed interface{ head() *rowHead }

// place is where a row with a body is.
type place struct {
	key
	problem problem.Key
	// chunks is the prefix of the keys of the body's chunks.
	chunks string
	// what is a solution or a suite, name tells which.
	what, name string
}

func (p *place) missing() error {
	return fmt.Errorf("%s %s of %s: %w", p.what, p.name, p.problem, ErrNotFound)
}

func (p *place) decode(it item, row headed) error {
	if err := decode(it, row); err != nil {
		return damaged(p.what, err)
	}
	return nil
}

// head reads a row's head, nil when there is no row.
func (s *Store) head(ctx context.Context, at *place) (*rowHead, error) {
	it, err := s.get(ctx, at.key)
	if it == nil || err != nil {
		return nil, err
	}
	head := &rowHead{}
	return head, at.decode(it, head)
}

// Stamp is what decides about overwriting an item.
type Stamp struct {
	Owner   Owner
	Version int64
}

func (s *Store) stamp(ctx context.Context, at *place) (*Stamp, error) {
	head, err := s.head(ctx, at)
	if err != nil {
		return nil, err
	}
	if head == nil {
		return nil, at.missing()
	}
	return &Stamp{Owner: head.Owner, Version: head.Version}, nil
}

// readWhole reads a row and the body that belongs to it. ErrNotFound when
// there is none.
func (s *Store) readWhole(ctx context.Context, at *place, row headed, content any) error {
	it, err := s.get(ctx, at.key)
	if err != nil {
		return err
	}
	if it == nil {
		return at.missing()
	}
	return s.readBody(ctx, at, it, row, content)
}

// readBody reads what belongs to a row that was read. Chunks that do not fit
// it were replaced since; when the row did not move either, they are damaged.
func (s *Store) readBody(ctx context.Context, at *place, it item, row headed, content any) error {
	for {
		head := rowHead{}
		if err := at.decode(it, &head); err != nil {
			return err
		}
		raw, err := s.readBytes(ctx, at, it, head.Body)
		if err == nil {
			return at.fill(it, raw, row, content)
		}
		if _, table := errors.AsType[*Error](err); table {
			return err
		}
		now, readErr := s.get(ctx, at.key)
		switch {
		case readErr != nil:
			return readErr
		case now == nil:
			return at.missing()
		case text(now, attrWriteID) == head.WriteID:
			return damaged(at.what, err)
		}
		it = now
	}
}

func (s *Store) readBytes(ctx context.Context, at *place, it item, ref bodyRef) ([]byte, error) {
	if ref.Chunks > 0 {
		return s.readChunks(ctx, at.pk, at.chunks, ref)
	}
	return unpackChecked(data(it), ref)
}

func (p *place) fill(it item, raw []byte, row headed, content any) error {
	if err := p.decode(it, row); err != nil {
		return err
	}
	if err := json.Unmarshal(raw, content); err != nil {
		return damaged(p.what, err)
	}
	return nil
}

// rowWrite is one write of a row with its body on its way into the table.
type rowWrite struct {
	at   *place
	row  headed
	body body
	// want is the version that the writer has read.
	want int64
	// beside is what the same transaction does to the problem.
	beside func(ctx context.Context) (types.TransactWriteItem, error)
	// old is the row that is replaced, nil when it is new.
	old *rowHead
}

// newRowWrite packs the body. facts are what the row itself has of the
// content.
func (s *Store) newRowWrite(at *place, row headed, content any, want int64, facts ...any) (*rowWrite, error) {
	raw, err := json.Marshal(content)
	if err != nil {
		return nil, fmt.Errorf("encode the %s: %w", at.what, err)
	}
	told, err := json.Marshal(facts)
	if err != nil {
		return nil, fmt.Errorf("encode the %s: %w", at.what, err)
	}
	head := row.head()
	head.Version, head.WriteID, head.UpdatedAt = want+1, newWriteID(), s.now()
	head.ContentDigest = sha(append(told, raw...))
	w := &rowWrite{at: at, row: row, want: want}
	if w.body, err = newBody(head.WriteID, raw, inlineBytes); err != nil {
		return nil, err
	}
	head.Body = w.body.ref
	return w, nil
}

// putRow writes a row by the same rule as PutProblem and returns its new
// version.
func (s *Store) putRow(ctx context.Context, w *rowWrite) (int64, error) {
	leave, err := s.lanes.enter(ctx, key{w.at.pk, skMetadata})
	if err != nil {
		return 0, err
	}
	defer leave()
	head := w.row.head()
	for range maxRaces {
		w.old, err = s.head(ctx, w.at)
		if err != nil {
			return 0, err
		}
		if version, done, err := w.admit(); done || err != nil {
			return version, err
		}
		head.CreatedAt = head.UpdatedAt
		if w.old != nil {
			head.CreatedAt = w.old.CreatedAt
		}
		err = s.applyRow(ctx, w)
		// Refused, it was the row, which is read again, or the problem.
		if _, refused := isCancelled(err); !refused {
			return head.Version, err
		}
	}
	return 0, contention()
}

func (w *rowWrite) admit() (version int64, done bool, err error) {
	head := w.row.head()
	if w.old == nil {
		return admit(nil, w.want, head.Owner, false)
	}
	return admit(&Stamp{Version: w.old.Version, Owner: w.old.Owner}, w.want, head.Owner, w.old.ContentDigest == head.ContentDigest)
}

// applyRow writes the chunks, commits, and removes what the write replaced.
func (s *Store) applyRow(ctx context.Context, w *rowWrite) error {
	beside, err := w.beside(ctx)
	if err != nil {
		return err
	}
	var stale []item
	// As with problems, it has to look before its own chunks are there.
	if w.body.ref.Chunks > 0 || w.old != nil && w.old.Body.Chunks > 0 {
		if stale, err = s.partition(ctx, w.at.pk, w.at.chunks, keysOnly); err != nil {
			return err
		}
	}
	if err := s.writeChunks(ctx, w.at.pk, w.at.chunks, w.body); err != nil {
		return err
	}
	row, err := s.rowItem(w)
	if err != nil {
		return err
	}
	err = s.commit(ctx, w.at.key, w.row.head().WriteID, row, beside)
	if _, refused := isCancelled(err); refused {
		s.dropChunks(ctx, w.at.pk, w.at.chunks, w.body.ref)
	}
	if err != nil {
		return err
	}
	for _, it := range stale {
		// What stays is found again by the next write with chunks.
		_ = s.remove(ctx, it)
	}
	return nil
}

func (s *Store) rowItem(w *rowWrite) (types.TransactWriteItem, error) {
	it, err := encode(w.row)
	if err != nil {
		return types.TransactWriteItem{}, err
	}
	it[attrPK], it[attrSK] = attribute(w.at.pk), attribute(w.at.sk)
	if w.body.inline() {
		it[attrData] = attribute(w.body.packed)
	}
	if w.old == nil {
		return s.putWrite(it, absent()), nil
	}
	return s.putWrite(it, unchanged(w.old.Version, w.old.WriteID)), nil
}

// deleteRow removes a row that belongs to ownerUID, with its chunks. Nothing
// to delete and what belongs to somebody else are success, and stay as they
// are. beside is what the same transaction does, if anything.
func (s *Store) deleteRow(ctx context.Context, at *place, ownerUID string, beside func(ctx context.Context, it item) ([]types.TransactWriteItem, error)) error {
	leave, err := s.lanes.enter(ctx, key{at.pk, skMetadata})
	if err != nil {
		return err
	}
	defer leave()
	for range maxRaces {
		it, err := s.get(ctx, at.key)
		if it == nil || err != nil {
			return err
		}
		head := rowHead{}
		if err := at.decode(it, &head); err != nil {
			return err
		}
		if head.Owner.UID != ownerUID {
			return nil
		}
		more, err := beside(ctx, it)
		if err != nil {
			return err
		}
		err = s.transact(ctx, newWriteID(), append([]types.TransactWriteItem{s.deleteWrite(at.key, unchanged(head.Version, head.WriteID))}, more...)...)
		if err == nil || s.gone(ctx, at.key) {
			s.dropChunks(ctx, at.pk, at.chunks, head.Body)
			return nil
		}
		// Refused, the row was replaced, or the problem was.
		if _, refused := isCancelled(err); !refused {
			return err
		}
	}
	return contention()
}

// gone tells after an error whether a row was deleted all the same.
func (s *Store) gone(ctx context.Context, k key) bool {
	left, err := s.get(ctx, k)
	return err == nil && left == nil
}
