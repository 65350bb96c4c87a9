package problem

import (
	"context"
	"slices"

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

// currency is what the problem is paid in, empty before anything was. Where its
// children are paid in several it is always the same one.
func (s *scope) currency(ctx context.Context) string {
	if b := &s.problem.Spec.Budget; b.Amount != "" {
		return b.Currency
	}
	if own := s.problem.Status.Spending.Currency; own != "" {
		return own
	}
	suites, suitesErr := s.suites(ctx)
	jobs, jobsErr := s.jobs(ctx)
	if suitesErr != nil || jobsErr != nil {
		return ""
	}
	paid := []string{}
	for _, suite := range suites {
		paid = append(paid, suite.Status.Spending.Currency)
	}
	for _, job := range jobs {
		paid = append(paid, job.Status.Spending.Currency)
	}
	paid = slices.DeleteFunc(paid, func(currency string) bool { return currency == "" })
	if len(paid) == 0 {
		return ""
	}
	return slices.Min(paid)
}
