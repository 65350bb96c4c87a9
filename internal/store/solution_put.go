package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// solutionWrite is one write of a solution on its way into the table.
type solutionWrite struct {
	k    key
	row  solutionRow
	body body
	// old is the row that is replaced, nil when the solution is new.
	old *solutionRow
}

func (w *solutionWrite) prefix() string { return sourcePrefix(w.row.Language, w.row.Name) }

// PutSolution stores a program and returns its new version, by the same rule
// as PutProblem. The problem must be stored; ErrNotFound says that it is not.
// Its list of solved languages changes in the same transaction.
func (s *Store) PutSolution(ctx context.Context, rec SolutionRecord) (int64, error) {
	if err := checkNames(rec.Key.Platform, rec.Key.ID, rec.Language, rec.Name); err != nil {
		return 0, err
	}
	w, err := s.newSolutionWrite(&rec)
	if err != nil {
		return 0, err
	}
	leave, err := s.lanes.enter(ctx, key{w.k.pk, skMetadata})
	if err != nil {
		return 0, err
	}
	defer leave()
	for range maxRaces {
		w.old, err = s.solutionRow(ctx, w.k)
		if err != nil {
			return 0, err
		}
		if version, done, err := admitSolution(w.old, &rec, w.row.ContentDigest); done || err != nil {
			return version, err
		}
		w.row.CreatedAt = w.row.UpdatedAt
		if w.old != nil {
			w.row.CreatedAt = w.old.CreatedAt
		}
		err = s.applySolution(ctx, &rec, w)
		// Refused, it was the row, which is read again, or the problem's list.
		if _, refused := isCancelled(err); !refused {
			return w.row.Version, err
		}
	}
	return 0, contention()
}

func admitSolution(old *solutionRow, rec *SolutionRecord, digest string) (version int64, done bool, err error) {
	if old == nil {
		return admit(nil, rec.Version, rec.Owner, false)
	}
	return admit(&stamp{Version: old.Version, Owner: old.Owner}, rec.Version, rec.Owner, old.ContentDigest == digest)
}

func (s *Store) newSolutionWrite(rec *SolutionRecord) (*solutionWrite, error) {
	raw, err := json.Marshal(solutionBody{Source: rec.Source, Report: boundReport(rec.Report)})
	if err != nil {
		return nil, fmt.Errorf("encode the solution: %w", err)
	}
	facts, err := json.Marshal([]any{rec.Verdict, rec.Attempts, rec.ProblemDigest})
	if err != nil {
		return nil, fmt.Errorf("encode the solution: %w", err)
	}
	w := &solutionWrite{
		k: key{ProblemPartition(rec.Key), solutionSK(rec.Language, rec.Name)},
		row: solutionRow{
			Version: rec.Version + 1, WriteID: newWriteID(), Owner: rec.Owner,
			Language: rec.Language, Name: rec.Name, Verdict: rec.Verdict, Attempts: rec.Attempts,
			Provenance: rec.Provenance, ProblemDigest: rec.ProblemDigest,
			ContentDigest: sha(append(facts, raw...)), UpdatedAt: s.now(),
		},
	}
	if w.body, err = newBody(w.row.WriteID, raw, inlineBytes); err != nil {
		return nil, err
	}
	w.row.Body = w.body.ref
	return w, nil
}

// applySolution writes the chunks, commits, and removes what the write replaced.
func (s *Store) applySolution(ctx context.Context, rec *SolutionRecord, w *solutionWrite) error {
	list, err := s.solvedWrite(ctx, rec.Key, w.row.Language, w.row.Name, rec.Verdict == problem.Accepted)
	if err != nil {
		return err
	}
	var stale []item
	// As with problems, it has to look before its own chunks are there.
	if w.body.ref.Chunks > 0 || w.old != nil && w.old.Body.Chunks > 0 {
		if stale, err = s.partition(ctx, w.k.pk, w.prefix(), keysOnly); err != nil {
			return err
		}
	}
	if err := s.writeChunks(ctx, w.k.pk, w.prefix(), w.body); err != nil {
		return err
	}
	row, err := s.solutionWrite(w)
	if err != nil {
		return err
	}
	err = s.commit(ctx, w.k, w.row.WriteID, row, list)
	if _, refused := isCancelled(err); refused {
		s.dropChunks(ctx, w.k.pk, w.prefix(), w.body.ref)
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

func (s *Store) solutionWrite(w *solutionWrite) (types.TransactWriteItem, error) {
	it, err := encode(w.row)
	if err != nil {
		return types.TransactWriteItem{}, err
	}
	it[attrPK], it[attrSK] = attribute(w.k.pk), attribute(w.k.sk)
	if w.body.inline() {
		it[attrData] = attribute(w.body.packed)
	}
	if w.old == nil {
		return s.putWrite(it, absent()), nil
	}
	return s.putWrite(it, unchanged(w.old.Version, w.old.WriteID)), nil
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
		return s.checkWrite(metadata, condition{"#State = :active", values{":active": string(stateActive)}}), nil
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

// DeleteSolution removes a program that belongs to ownerUID and takes it off
// the problem's list. Nothing to delete and what belongs to somebody else are
// success, and stay as they are.
func (s *Store) DeleteSolution(ctx context.Context, k problem.Key, language, name, ownerUID string) error {
	if err := checkNames(k.Platform, k.ID, language, name); err != nil {
		return err
	}
	at := key{ProblemPartition(k), solutionSK(language, name)}
	leave, err := s.lanes.enter(ctx, key{at.pk, skMetadata})
	if err != nil {
		return err
	}
	defer leave()
	for range maxRaces {
		row, err := s.solutionRow(ctx, at)
		if err != nil {
			return err
		}
		if row == nil || row.Owner.UID != ownerUID {
			return nil
		}
		err = s.applySolutionDelete(ctx, k, at, row)
		if err == nil || s.gone(ctx, at) {
			s.dropChunks(ctx, at.pk, sourcePrefix(language, name), row.Body)
			return nil
		}
		// Refused, the row was replaced, or the problem's list was.
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

// applySolutionDelete leaves the list alone where it does not name the row or
// goes anyway.
func (s *Store) applySolutionDelete(ctx context.Context, k problem.Key, at key, row *solutionRow) error {
	gone := s.deleteWrite(at, unchanged(row.Version, row.WriteID))
	if row.Verdict != problem.Accepted {
		return s.transact(ctx, newWriteID(), gone)
	}
	list, err := s.solvedWrite(ctx, k, row.Language, row.Name, false)
	if errors.Is(err, ErrNotFound) {
		return s.transact(ctx, newWriteID(), gone)
	}
	if err != nil {
		return err
	}
	return s.transact(ctx, newWriteID(), gone, list)
}
