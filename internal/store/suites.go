package store

import (
	"context"
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// suiteRow is a SUITE item.
type suiteRow struct {
	rowHead
	Name        string                   `json:"Name"`
	SuiteDigest string                   `json:"SuiteDigest"`
	TaskDigest  string                   `json:"TaskDigest"`
	Tests       map[problem.TestKind]int `json:"Tests"`
}

// suiteBody is what can be long of a suite.
type suiteBody struct {
	Suite     problem.Suite     `json:"suite"`
	Report    json.RawMessage   `json:"report,omitempty"`
	Solutions []problem.Program `json:"solutions,omitempty"`
	Brute     problem.Program   `json:"brute,omitzero"`
	// Challengers are those of the record.
	Challengers []problem.Program `json:"challengers,omitempty"`
}

// suiteFields are the attributes of a row without its body.
const suiteFields = "#PK, #SK, #Name, #SuiteDigest, #TaskDigest, #Tests, #Owner, #Provenance, #Version, #CreatedAt, #UpdatedAt"

// suitePlace is where a suite is; names that are no keys are refused.
func suitePlace(k problem.Key, name string) (*place, error) {
	if err := checkNames(k.Platform, k.ID, name); err != nil {
		return nil, err
	}
	return &place{
		key: key{ProblemPartition(k), suiteSK(name)}, problem: k,
		chunks: testsPrefix(name), what: "suite", name: join(name),
	}, nil
}

// PutSuite stores a suite and returns its new version, by the same rule as
// PutProblem. The problem must be stored; ErrNotFound says that it is not. Only
// a suite without an owner may come before its problem: an import stores it for
// the object that is going to own it.
func (s *Store) PutSuite(ctx context.Context, rec SuiteRecord) (int64, error) {
	at, err := suitePlace(rec.Key, rec.Name)
	if err != nil {
		return 0, err
	}
	row := &suiteRow{
		rowHead: rowHead{Owner: rec.Owner, Provenance: rec.Provenance}, Name: rec.Name,
		SuiteDigest: rec.Suite.Digest(), TaskDigest: rec.Suite.TaskDigest, Tests: rec.Suite.Counts(),
	}
	content := suiteBody{Suite: rec.Suite, Report: rec.Report, Solutions: rec.Solutions, Brute: rec.Brute, Challengers: rec.Challengers}
	w, err := s.newRowWrite(at, row, content, rec.Version)
	if err != nil {
		return 0, err
	}
	w.beside = func(ctx context.Context) (types.TransactWriteItem, error) {
		if rec.Owner.UID == "" {
			return s.notDeletingCheck(ctx, rec.Key)
		}
		_, err := s.visible(ctx, rec.Key)
		return s.activeCheck(rec.Key), err
	}
	return s.putRow(ctx, w)
}

// notDeletingCheck holds while the problem is stored, and where it never was:
// only its deletion would take along what is written meanwhile, so that one is
// finished first.
func (s *Store) notDeletingCheck(ctx context.Context, k problem.Key) (types.TransactWriteItem, error) {
	at := key{ProblemPartition(k), skMetadata}
	_, err := s.withoutDeleting(ctx, at.pk)
	return s.checkWrite(at, condition{absent().text + " OR #State = :active", values{":active": string(stateActive)}}), err
}

// Suite reads a suite. ErrNotFound when it is not stored.
func (s *Store) Suite(ctx context.Context, k problem.Key, name string) (*SuiteRecord, error) {
	at, err := suitePlace(k, name)
	if err != nil {
		return nil, err
	}
	row, content := &suiteRow{}, &suiteBody{}
	if err := s.readWhole(ctx, at, row, content); err != nil {
		return nil, err
	}
	return &SuiteRecord{
		Key: k, Name: row.Name, Suite: content.Suite, Report: content.Report,
		Solutions: content.Solutions, Brute: content.Brute, Challengers: content.Challengers,
		Owner: row.Owner, Provenance: row.Provenance,
		Version: row.Version, CreatedAt: row.CreatedAt, UpdatedAt: row.UpdatedAt,
	}, nil
}

// SuiteStamp reads who owns a suite and its version, without its tests, which
// may be damaged. ErrNotFound when it is not stored.
func (s *Store) SuiteStamp(ctx context.Context, k problem.Key, name string) (*Stamp, error) {
	at, err := suitePlace(k, name)
	if err != nil {
		return nil, err
	}
	return s.stamp(ctx, at)
}

// Suites lists the suites of a problem by name, without their tests. A problem
// without any has none, stored or not.
func (s *Store) Suites(ctx context.Context, k problem.Key) ([]SuiteSummary, error) {
	if err := checkNames(k.Platform, k.ID); err != nil {
		return nil, err
	}
	items, err := s.partition(ctx, ProblemPartition(k), prefixSuite, suiteFields)
	if err != nil {
		return nil, err
	}
	suites := []SuiteSummary{}
	for _, it := range items {
		row := suiteRow{}
		if err := decode(it, &row); err != nil {
			return nil, damaged("suite", err)
		}
		suites = append(suites, SuiteSummary{
			Name: row.Name, Digest: row.SuiteDigest, TaskDigest: row.TaskDigest, Tests: row.Tests,
			Owner: row.Owner, Provenance: row.Provenance,
			Version: row.Version, CreatedAt: row.CreatedAt, UpdatedAt: row.UpdatedAt,
		})
	}
	return suites, nil
}

// DeleteSuite removes a suite that belongs to ownerUID. Nothing to delete and
// what belongs to somebody else are success, and stay as they are.
func (s *Store) DeleteSuite(ctx context.Context, k problem.Key, name, ownerUID string) error {
	at, err := suitePlace(k, name)
	if err != nil {
		return err
	}
	return s.deleteRow(ctx, at, ownerUID, func(context.Context, item) ([]types.TransactWriteItem, error) { return nil, nil })
}
