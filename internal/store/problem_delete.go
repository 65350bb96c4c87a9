package store

import (
	"context"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// DeleteProblem removes a problem with its statement, solutions and suites, when
// it belongs to ownerUID; what belongs to somebody else stays. Nothing to delete
// is success. The problem is hidden first and its METADATA goes last, so a
// deletion that was cut short is taken up again by the next DeleteProblem or
// PutProblem.
func (s *Store) DeleteProblem(ctx context.Context, k problem.Key, ownerUID string) error {
	if err := checkNames(k.Platform, k.ID); err != nil {
		return err
	}
	pk := ProblemPartition(k)
	for range maxRaces {
		row, err := s.problemRow(ctx, pk)
		if err != nil {
			return err
		}
		if row == nil {
			row, err = s.markLeftovers(ctx, pk, ownerUID)
		} else if row.Owner.UID == ownerUID && row.State == stateActive {
			err = s.markDeleting(ctx, pk, row)
		}
		if _, raced := isCancelled(err); raced {
			continue
		}
		if err != nil || row == nil || row.Owner.UID != ownerUID {
			return err
		}
		return s.finishDelete(ctx, pk, row)
	}
	return contention()
}

// markDeleting hides a problem.
func (s *Store) markDeleting(ctx context.Context, pk string, row *problemRow) error {
	c := unchanged(row.Version, row.WriteID)
	row.State, row.WriteID, row.Version = stateDeleting, newWriteID(), row.Version+1
	update := "SET #State = :state, #WriteID = :id, #Version = :version"
	vs := values{":state": string(row.State), ":id": row.WriteID, ":version": row.Version}
	k := key{pk, skMetadata}
	return s.commit(ctx, k, row.WriteID, s.updateWrite(k, update, vs, c))
}

// markLeftovers puts the mark where a writer died before its METADATA, so
// that nobody begins anew while its chunks are removed. nil when the
// partition is empty.
func (s *Store) markLeftovers(ctx context.Context, pk, ownerUID string) (*problemRow, error) {
	left, err := s.partition(ctx, pk, "", keysOnly)
	if err != nil || len(left) == 0 {
		return nil, err
	}
	now := s.now()
	row := &problemRow{
		State: stateDeleting, Version: 1, WriteID: newWriteID(), Owner: Owner{UID: ownerUID},
		Solved: []string{}, CreatedAt: now, UpdatedAt: now,
	}
	it, err := encode(row)
	if err != nil {
		return nil, err
	}
	k := key{pk, skMetadata}
	it[attrPK], it[attrSK] = attribute(k.pk), attribute(k.sk)
	return row, s.commit(ctx, k, row.WriteID, s.putWrite(it, absent()))
}

// finishDelete removes the items of a partition that is marked, and the mark
// last. It may run twice at once: each item goes only if it is the one read.
func (s *Store) finishDelete(ctx context.Context, pk string, mark *problemRow) error {
	items, err := s.partition(ctx, pk, "", keysOnly)
	if err != nil {
		return err
	}
	for _, it := range items {
		if text(it, attrSK) == skMetadata {
			continue
		}
		if err := s.remove(ctx, it); err != nil {
			return err
		}
	}
	it := keyItem(key{pk, skMetadata})
	it[attrWriteID] = attribute(mark.WriteID)
	return s.remove(ctx, it)
}
