package store

import (
	"context"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// ReleaseProblem leaves a problem of ownerUID in the table without an owner,
// so that the next object of that page may take it over. What is not there or
// belongs to somebody else stays as it is, and is success.
func (s *Store) ReleaseProblem(ctx context.Context, k problem.Key, ownerUID string) error {
	if err := checkNames(k.Platform, k.ID); err != nil {
		return err
	}
	at := key{ProblemPartition(k), skMetadata}
	return s.release(ctx, at, func() (*ownedRow, error) {
		row, err := s.problemRow(ctx, at.pk)
		if err != nil || row == nil || row.State != stateActive || row.Owner.UID != ownerUID {
			return nil, err
		}
		return &ownedRow{row.Version, row.WriteID, row.Owner}, nil
	})
}

// ReleaseSolution is ReleaseProblem for a program.
func (s *Store) ReleaseSolution(ctx context.Context, k problem.Key, language, name, ownerUID string) error {
	at, err := solutionPlace(k, language, name)
	if err != nil {
		return err
	}
	return s.releaseRow(ctx, at, ownerUID)
}

// ReleaseSuite is ReleaseProblem for a suite.
func (s *Store) ReleaseSuite(ctx context.Context, k problem.Key, name, ownerUID string) error {
	at, err := suitePlace(k, name)
	if err != nil {
		return err
	}
	return s.releaseRow(ctx, at, ownerUID)
}

func (s *Store) releaseRow(ctx context.Context, at *place, ownerUID string) error {
	return s.release(ctx, at.key, func() (*ownedRow, error) {
		head, err := s.head(ctx, at)
		if err != nil || head == nil || head.Owner.UID != ownerUID {
			return nil, err
		}
		return &ownedRow{head.Version, head.WriteID, head.Owner}, nil
	})
}

// ownedRow is what a release needs of a row.
type ownedRow struct {
	version int64
	writeID string
	owner   Owner
}

// release takes the owner off the row that read returns, nil when there is
// none to release. The owner's name stays, for people who read the table.
func (s *Store) release(ctx context.Context, at key, read func() (*ownedRow, error)) error {
	for range maxRaces {
		row, err := read()
		if err != nil || row == nil {
			return err
		}
		writeID := newWriteID()
		owner := map[string]any{"namespace": row.owner.Namespace, "name": row.owner.Name, "uid": ""}
		err = s.commit(ctx, at, writeID, s.updateWrite(at,
			"SET #Owner = :owner, #WriteID = :id, #Version = :version",
			values{":owner": owner, ":id": writeID, ":version": row.version + 1},
			unchanged(row.version, row.writeID)))
		if _, raced := isCancelled(err); !raced {
			return err
		}
	}
	return contention()
}
