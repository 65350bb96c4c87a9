package problem

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/pipeline"
	domain "github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/reconcile"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// publish writes a newly extracted problem and reports it.
func (s *scope) publish(ctx context.Context) reconcile.Outcome {
	if s.result == nil {
		return reconcile.Done()
	}
	s.result.output.Problem.Rating = 0
	if rating := s.problem.Spec.DifficultyRating; rating != nil {
		s.result.output.Problem.Rating = int(*rating)
	}
	version, err := s.put(ctx)
	if err == nil {
		err = s.retire(ctx)
	}
	if err != nil {
		return reconcile.FromError(err)
	}
	s.report(version)
	return reconcile.Done()
}

// put writes over the version that is there, if it is ours or nobody's.
func (s *scope) put(ctx context.Context) (int64, error) {
	record := s.record()
	stamp, err := s.Table.ProblemStamp(ctx, record.Problem.Key)
	if errors.Is(err, store.ErrNotFound) {
		return s.Table.PutProblem(ctx, record)
	}
	if err != nil {
		return 0, err
	}
	if whole, err := s.holdsWhole(ctx, &record); whole || err != nil {
		return stamp.Version, err
	}
	if stamp.Owner.UID == record.Owner.UID || stamp.Owner.UID == "" {
		record.Version = stamp.Version
	}
	return s.Table.PutProblem(ctx, record)
}

// holdsWhole tells whether the table has what is to be written, and what it was
// made of as well: records are older than that.
func (s *scope) holdsWhole(ctx context.Context, record *store.ProblemRecord) (bool, error) {
	has, err := s.own(ctx, record.Problem.Key, record.Problem.Digest())
	if has == nil || err != nil {
		return false, err
	}
	return len(has.Provenance.Calls) > 0 || len(record.Provenance.Calls) == 0, nil
}

func (s *scope) record() store.ProblemRecord {
	output := s.result.output
	record := store.ProblemRecord{
		Problem:    output.Problem,
		Owner:      store.Owner{Namespace: s.problem.Namespace, Name: s.problem.Name, UID: string(s.problem.UID)},
		Source:     store.Source{URL: output.Problem.URL, ETag: output.ETag, PageDigest: output.PageDigest, Adapter: output.Adapter},
		Provenance: output.Provenance, Page: output.Page,
	}
	if output.Unchanged {
		record.Source, record.Provenance = s.result.known.Source, s.result.known.Provenance
	}
	return record
}

// retire takes back what was published under another name before the url
// changed.
func (s *scope) retire(ctx context.Context) error {
	if s.problem.Status.Published.Key == "" || s.publishedKey() == s.result.output.Problem.Key {
		return nil
	}
	return s.leave(ctx, s.publishedKey())
}

// report puts what was published into the status.
func (s *scope) report(version int64) {
	p, output, status := &s.result.output.Problem, s.result.output, &s.problem.Status
	samples := int32(min(max(len(p.Samples), 0), math.MaxInt32))
	status.Title = pipeline.Excerpt(p.Title, 256)
	status.Platform, status.ID = p.Platform, p.ID
	status.TimeLimit, status.MemoryLimit = limits(p.Limits)
	status.Samples = &samples
	status.LeftOut = output.LeftOut[:min(len(output.LeftOut), 16)]
	status.Published = v1alpha1.PublishedProblem{
		Key: store.ProblemPartition(p.Key), Version: &version,
		Digest: p.Digest(), TaskDigest: p.TaskDigest(),
	}
	status.Inputs = s.input.digest
	// An unchanged page asked no model; what it had cost stands already.
	if !output.Unchanged {
		s.spend(output.Spent, s.result.currency)
	}
	reconcile.SetStage(s.problem, v1alpha1.ConditionExtracted, reconcile.Done())
	reconcile.SetStage(s.problem, v1alpha1.ConditionPublished, reconcile.Done())
}

// spend reports what the problem has cost. The work counts recorded answers
// at what they cost when they were paid for.
func (s *scope) spend(spent pipeline.Spending, currency string) {
	calls := int32(min(max(spent.Calls, 0), math.MaxInt32))
	s.problem.Status.Spending = v1alpha1.Spending{
		Calls: &calls, Tokens: &spent.Tokens, Amount: llm.FormatAmount(spent.CostNano), Currency: currency,
	}
}

func limits(l domain.Limits) (time, memory string) {
	if l.Time > 0 {
		time = l.Time.String()
	}
	if l.MemoryBytes > 0 {
		memory = fmt.Sprintf("%dMi", l.MemoryBytes>>20)
	}
	return time, memory
}
