package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// rowState tells whether a problem is there or on its way out.
type rowState string

const (
	stateActive rowState = "ACTIVE"
	// stateDeleting hides a problem from readers while its items are removed.
	stateDeleting rowState = "DELETING"
)

// problemRow is the METADATA item: everything but the statement and samples.
type problemRow struct {
	State         rowState   `json:"State"`
	Version       int64      `json:"Version"`
	WriteID       string     `json:"WriteID"`
	Owner         Owner      `json:"Owner"`
	Source        Source     `json:"Source"`
	Provenance    Provenance `json:"Provenance"`
	ContentDigest string     `json:"ContentDigest"`
	OmitStatement bool       `json:"OmitStatement"`
	Body          bodyRef    `json:"Body"`
	// Page is what the problem was read from. It is never left out: an update
	// leaves alone what it does not name.
	Page    bodyRef    `json:"Page"`
	Summary summaryRow `json:"Summary"`
	// Solved holds language/name of each accepted solution. SolvedRevision
	// counts its changes, apart from Version, so that solutions do not get in
	// the way of the problem's own writer.
	Solved         []string  `json:"Solved"`
	SolvedRevision int64     `json:"SolvedRevision"`
	CreatedAt      time.Time `json:"CreatedAt"`
	UpdatedAt      time.Time `json:"UpdatedAt"`
}

// summaryRow is what lists show; the index carries it.
type summaryRow struct {
	problem.Key
	Title       string         `json:"title"`
	URL         string         `json:"url,omitempty"`
	Language    string         `json:"language,omitempty"`
	Limits      problem.Limits `json:"limits"`
	Tags        []string       `json:"tags,omitempty"`
	Rating      int            `json:"rating,omitempty"`
	SampleCount int            `json:"sampleCount"`
	UpdatedAt   time.Time      `json:"updatedAt"`
}

// problemBody is the STATEMENT.
type problemBody struct {
	Statement problem.Statement `json:"statement"`
	Samples   []problem.Sample  `json:"samples"`
}

// problemRow reads the METADATA of a partition, nil when there is none.
func (s *Store) problemRow(ctx context.Context, pk string) (*problemRow, error) {
	it, err := s.get(ctx, key{pk, skMetadata})
	if it == nil || err != nil {
		return nil, err
	}
	row := &problemRow{}
	if err := decode(it, row); err != nil {
		return nil, damaged("problem", err)
	}
	return row, nil
}

// visible is problemRow for readers: what is being deleted is not there.
func (s *Store) visible(ctx context.Context, k problem.Key) (*problemRow, error) {
	if err := checkNames(k.Platform, k.ID); err != nil {
		return nil, err
	}
	row, err := s.problemRow(ctx, ProblemPartition(k))
	if err != nil {
		return nil, err
	}
	if row == nil || row.State != stateActive {
		return nil, fmt.Errorf("problem %s: %w", k, ErrNotFound)
	}
	return row, nil
}

// ProblemStamp is who owns a stored problem and what it is at the moment.
type ProblemStamp struct {
	Owner         Owner
	Version       int64
	ContentDigest string
}

// ProblemSummary reads what lists show of a problem, as it is now. ErrNotFound
// when it is not stored.
func (s *Store) ProblemSummary(ctx context.Context, k problem.Key) (*ProblemSummary, error) {
	row, err := s.visible(ctx, k)
	if err != nil {
		return nil, err
	}
	summary := row.summary()
	return &summary, nil
}

// ProblemStamp reads a problem's stamp, without its statement. ErrNotFound
// when it is not stored.
func (s *Store) ProblemStamp(ctx context.Context, k problem.Key) (*ProblemStamp, error) {
	row, err := s.visible(ctx, k)
	if err != nil {
		return nil, err
	}
	return &ProblemStamp{Owner: row.Owner, Version: row.Version, ContentDigest: row.ContentDigest}, nil
}

// Problem reads a problem with its statement. ErrNotFound when it is not stored.
func (s *Store) Problem(ctx context.Context, k problem.Key) (*ProblemRecord, error) {
	var last string
	for {
		row, err := s.visible(ctx, k)
		if err != nil {
			return nil, err
		}
		content, err := s.readStatement(ctx, ProblemPartition(k), row)
		if err == nil {
			return row.record(content), nil
		}
		if _, ok := errors.AsType[*Error](err); ok {
			return nil, err
		}
		// A statement that does not fit its row was replaced between the two
		// reads; when the row did not move either, it is damaged.
		if row.WriteID == last {
			return nil, damaged("statement", err)
		}
		last = row.WriteID
	}
}

func (s *Store) readStatement(ctx context.Context, pk string, row *problemRow) (*problemBody, error) {
	content := &problemBody{}
	if row.OmitStatement {
		return content, nil
	}
	raw, err := s.readBeside(ctx, key{pk, skStatement}, prefixBody, row.Body)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(raw, content); err != nil {
		return nil, fmt.Errorf("read the statement: %w", err)
	}
	return content, nil
}

func (r *problemRow) record(content *problemBody) *ProblemRecord {
	sum := &r.Summary
	return &ProblemRecord{
		Problem: problem.Problem{
			Key: sum.Key, URL: sum.URL, Title: sum.Title, Language: sum.Language, Limits: sum.Limits,
			Samples: content.Samples, Statement: content.Statement, Tags: sum.Tags, Rating: sum.Rating,
		},
		Owner: r.Owner, Source: r.Source, Provenance: r.Provenance,
		OmitStatement: r.OmitStatement, ContentDigest: r.ContentDigest,
		Version: r.Version, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
	}
}
