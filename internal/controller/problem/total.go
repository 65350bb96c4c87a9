package problem

import (
	"context"

	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/controller/budget"
	"github.com/algoitny/algoitny-operator/internal/llm"
)

// total tells what was paid for everything about the problem. What cannot be
// read now stays as it was: it decides nothing.
func (s *scope) total(ctx context.Context) {
	currency := s.currency(ctx)
	if currency == "" {
		return
	}
	used, err := s.Table.Usage(ctx, budget.ProblemAccount(client.ObjectKeyFromObject(s.problem), currency))
	if err != nil || used.Requests == 0 {
		return
	}
	s.problem.Status.Total = v1alpha1.Spending{
		Calls: ptr.To(int32(min(used.Requests, 1<<31-1))), Tokens: ptr.To(used.Prompt + used.Cached + used.Output + used.Thinking), //nolint:gosec // bounded
		Amount: llm.FormatAmount(used.SpentNano), Currency: currency,
	}
}

// currency is that of the first paid call, empty before there is one.
func (s *scope) currency(ctx context.Context) string {
	if b := &s.problem.Spec.Budget; b.Amount != "" {
		return b.Currency
	}
	if own := s.problem.Status.Spending.Currency; own != "" {
		return own
	}
	suites, err := s.suites(ctx)
	if err != nil {
		return ""
	}
	for _, suite := range suites {
		if suite.Status.Spending.Currency != "" {
			return suite.Status.Spending.Currency
		}
	}
	jobs, err := s.jobs(ctx)
	if err != nil {
		return ""
	}
	for _, job := range jobs {
		if job.Status.Spending.Currency != "" {
			return job.Status.Spending.Currency
		}
	}
	return ""
}
