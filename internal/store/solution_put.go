package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// PutSolution stores a program and returns its new version, by the same rule
// as PutProblem. The problem must be stored; ErrNotFound says that it is not.
// Its list of solved languages changes in the same transaction.
func (s *Store) PutSolution(ctx context.Context, rec SolutionRecord) (int64, error) {
	at, err := solutionPlace(rec.Key, rec.Language, rec.Name)
	if err != nil {
		return 0, err
	}
	row := &solutionRow{
		rowHead:  rowHead{Owner: rec.Owner, Provenance: rec.Provenance},
		Language: rec.Language, Name: rec.Name, Verdict: rec.Verdict, Attempts: rec.Attempts,
		ProblemDigest: rec.ProblemDigest, SuiteDigest: rec.SuiteDigest,
	}
	facts := []any{rec.Verdict, rec.Attempts, rec.ProblemDigest}
	if rec.SuiteDigest != "" {
		facts = append(facts, rec.SuiteDigest)
	}
	w, err := s.newRowWrite(at, row, solutionBody{Source: rec.Source, Report: boundReport(rec.Report), Tried: rec.Tried}, rec.Version, facts...)
	if err != nil {
		return 0, err
	}
	w.beside = func(ctx context.Context) (types.TransactWriteItem, error) {
		return s.solvedWrite(ctx, rec.Key, rec.Language, rec.Name, rec.Verdict == problem.Accepted)
	}
	return s.putRow(ctx, w)
}

// solvedWrite keeps the problem's list of accepted solutions right: it adds or
// takes out one of them, or only checks that the problem is there. ErrNotFound
// when it is not.
func (s *Store) solvedWrite(ctx context.Context, k problem.Key, language, name string, accepted bool) (types.TransactWriteItem, error) {
	row, err := s.visible(ctx, k)
	if err != nil {
		return types.TransactWriteItem{}, err
	}
	metadata, entry := key{ProblemPartition(k), skMetadata}, join(language, name)
	if slices.Contains(row.Solved, entry) == accepted {
		return s.activeCheck(k), nil
	}
	solved := []any{}
	for _, other := range row.Solved {
		if other != entry {
			solved = append(solved, other)
		}
	}
	if accepted {
		solved = append(solved, entry)
	}
	// The time of creation tells apart a problem that was deleted and made
	// anew. Version and WriteID stay: they are the problem's own writer's.
	return s.updateWrite(metadata,
		"SET #Solved = :solved, #SolvedRevision = :next",
		values{":solved": solved, ":next": row.SolvedRevision + 1},
		condition{
			"#State = :active AND #SolvedRevision = :revision AND #CreatedAt = :created",
			values{":active": string(stateActive), ":revision": row.SolvedRevision, ":created": row.CreatedAt.Format(time.RFC3339Nano)},
		}), nil
}

// activeCheck holds while the problem is stored.
func (s *Store) activeCheck(k problem.Key) types.TransactWriteItem {
	return s.checkWrite(key{ProblemPartition(k), skMetadata}, condition{"#State = :active", values{":active": string(stateActive)}})
}

// DeleteSolution removes a program that belongs to ownerUID and takes it off
// the problem's list. Nothing to delete and what belongs to somebody else are
// success, and stay as they are.
func (s *Store) DeleteSolution(ctx context.Context, k problem.Key, language, name, ownerUID string) error {
	at, err := solutionPlace(k, language, name)
	if err != nil {
		return err
	}
	return s.deleteRow(ctx, at, ownerUID, func(ctx context.Context, it item) ([]types.TransactWriteItem, error) {
		return s.unsolvedWrites(ctx, at, it)
	})
}

// unsolvedWrites leave the list alone where it does not name the row or goes
// anyway.
func (s *Store) unsolvedWrites(ctx context.Context, at *place, it item) ([]types.TransactWriteItem, error) {
	row := &solutionRow{}
	if err := at.decode(it, row); err != nil {
		return nil, err
	}
	if row.Verdict != problem.Accepted {
		return nil, nil
	}
	list, err := s.solvedWrite(ctx, at.problem, row.Language, row.Name, false)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	return []types.TransactWriteItem{list}, err
}
