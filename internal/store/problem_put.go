package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// problemWrite is one write of a problem on its way into the table.
type problemWrite struct {
	pk   string
	row  problemRow
	body body
	// page is empty where there is none, or the stored one is kept.
	page body
	// old is the row that is replaced, nil when the problem is new.
	old *problemRow
}

// PutProblem stores a problem and returns its new version.
//
// rec.Version 0 means that nothing may be stored yet; when the same owner has
// stored the same content, its version is returned and nothing is written.
// Otherwise rec.Version must be the stored one. A *ConflictError says who or
// what is there instead.
//
// METADATA, STATEMENT and PAGE are one transaction. A statement or page too
// large for one item is written in chunks first, and METADATA, which names them,
// last: a reader sees the old problem or the new one, never half of either.
func (s *Store) PutProblem(ctx context.Context, rec ProblemRecord) (int64, error) {
	if err := checkNames(rec.Problem.Platform, rec.Problem.ID); err != nil {
		return 0, err
	}
	pk := ProblemPartition(rec.Problem.Key)
	digest := rec.Problem.Digest()
	old, err := s.withoutDeleting(ctx, pk)
	if err != nil {
		return 0, err
	}
	if version, done, err := admitProblem(old, &rec, digest); done || err != nil {
		return version, err
	}
	w, err := s.newProblemWrite(pk, &rec, digest, old)
	if err != nil {
		return 0, err
	}
	err = s.applyProblem(ctx, w)
	if _, refused := isCancelled(err); !refused {
		return w.row.Version, err
	}
	// Somebody was quicker.
	now, err := s.problemRow(ctx, pk)
	if err != nil {
		return 0, err
	}
	if version, done, err := admitProblem(now, &rec, digest); done || err != nil {
		return version, err
	}
	return 0, contention()
}

// withoutDeleting reads the row; a deletion that is under way, or was cut
// short, is finished first.
func (s *Store) withoutDeleting(ctx context.Context, pk string) (*problemRow, error) {
	row, err := s.problemRow(ctx, pk)
	if err != nil || row == nil || row.State != stateDeleting {
		return row, err
	}
	if err := s.finishDelete(ctx, pk, row); err != nil {
		return nil, err
	}
	return s.problemRow(ctx, pk)
}

// admitProblem decides whether rec may be written over old. done means that
// the stored version is what rec asks for.
func admitProblem(old *problemRow, rec *ProblemRecord, digest string) (version int64, done bool, err error) {
	if old == nil {
		return admit(nil, rec.Version, rec.Owner, false)
	}
	same := old.ContentDigest == digest && old.OmitStatement == rec.OmitStatement
	return admit(&Stamp{Version: old.Version, Owner: old.Owner}, rec.Version, rec.Owner, same)
}

// admit is the rule for every owned item. The version after the wanted one
// with the same content is the writer's own write, whose answer was lost. An
// item without an owner was released and goes to whoever read it.
func admit(old *Stamp, want int64, owner Owner, same bool) (version int64, done bool, err error) {
	switch {
	case old == nil && want == 0:
		return 0, false, nil
	case old == nil:
		return 0, false, &ConflictError{Want: want}
	case old.Owner.UID == "":
		same = false
	case old.Owner.UID != owner.UID:
		return 0, false, &ConflictError{Owner: old.Owner.String(), Want: want, Have: old.Version}
	}
	switch {
	case same && (want == 0 || old.Version == want+1):
		return old.Version, true, nil
	case old.Version == want:
		return 0, false, nil
	}
	return 0, false, &ConflictError{Want: want, Have: old.Version}
}

func (s *Store) newProblemWrite(pk string, rec *ProblemRecord, digest string, old *problemRow) (*problemWrite, error) {
	now, p := s.now(), &rec.Problem
	w := &problemWrite{pk: pk, old: old, row: problemRow{
		State: stateActive, Version: rec.Version + 1, WriteID: newWriteID(),
		Owner: rec.Owner, Source: rec.Source, Provenance: rec.Provenance,
		ContentDigest: digest, OmitStatement: rec.OmitStatement,
		Summary: summaryRow{
			Key: p.Key, Title: p.Title, URL: p.URL, Language: p.Language, Limits: p.Limits,
			Tags: p.Tags, Rating: p.Rating, SampleCount: len(p.Samples), UpdatedAt: now,
		},
		Solved: []string{}, CreatedAt: now, UpdatedAt: now,
	}}
	if err := w.setPage(rec); err != nil || rec.OmitStatement {
		return w, err
	}
	raw, err := json.Marshal(problemBody{Statement: p.Statement, Samples: p.Samples})
	if err != nil {
		return nil, fmt.Errorf("encode the statement: %w", err)
	}
	if w.body, err = newBody(w.row.WriteID, raw, chunkBytes); err != nil {
		return nil, err
	}
	w.row.Body = w.body.ref
	return w, nil
}

// applyProblem writes the chunks, commits, and removes what the write replaced.
func (s *Store) applyProblem(ctx context.Context, w *problemWrite) error {
	stale, err := s.staleChunks(ctx, w)
	if err != nil {
		return err
	}
	if err := s.writeChunks(ctx, w.pk, prefixBody, w.body); err != nil {
		return err
	}
	if err := s.writeChunks(ctx, w.pk, prefixPage, w.page); err != nil {
		return err
	}
	writes, err := s.problemWrites(w)
	if err != nil {
		return err
	}
	err = s.commit(ctx, key{w.pk, skMetadata}, w.row.WriteID, writes...)
	if _, refused := isCancelled(err); refused {
		s.dropChunks(ctx, w.pk, prefixBody, w.body.ref)
		s.dropChunks(ctx, w.pk, prefixPage, w.page.ref)
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

// staleChunks lists the chunks that no reader needs once w is committed: those
// it replaces and those of writers that never committed. It has to look before
// the commit: a writer whose chunks are there by then read an older version,
// so its own commit is bound to be refused.
func (s *Store) staleChunks(ctx context.Context, w *problemWrite) ([]item, error) {
	stale, err := s.stalePages(ctx, w)
	if err != nil || w.body.ref.Chunks == 0 && (w.old == nil || w.old.Body.Chunks == 0) {
		return stale, err
	}
	chunks, err := s.partition(ctx, w.pk, prefixBody, keysOnly)
	return append(stale, chunks...), err
}

// keysOnly are the attributes that removing an item needs.
const keysOnly = "#PK, #SK, #WriteID"

// problemWrites is the transaction.
func (s *Store) problemWrites(w *problemWrite) ([]types.TransactWriteItem, error) {
	metadata, err := encode(w.row)
	if err != nil {
		return nil, err
	}
	k := key{w.pk, skMetadata}
	statement := s.deleteWrite(key{w.pk, skStatement}, condition{})
	if w.body.inline() && !w.row.OmitStatement {
		statement = s.putWrite(w.body.item(key{w.pk, skStatement}), condition{})
	}
	beside := append(s.pageWrites(w), statement)
	if w.old == nil {
		metadata[attrPK], metadata[attrSK] = attribute(k.pk), attribute(k.sk)
		metadata[attrListPK] = attribute(listShard(w.row.Summary.Key))
		metadata[attrListSK] = attribute(strings.TrimPrefix(w.pk, "PROBLEM#"))
		return append([]types.TransactWriteItem{s.putWrite(metadata, absent())}, beside...), nil
	}
	// An update leaves the solved languages to those who write solutions.
	for _, kept := range []string{"Solved", "SolvedRevision", "CreatedAt"} {
		delete(metadata, kept)
	}
	update, vs := setAll(metadata)
	c := unchanged(w.old.Version, w.old.WriteID)
	return append([]types.TransactWriteItem{s.updateWrite(k, update, vs, c)}, beside...), nil
}
