package budget

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/ledger"
	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// Accounts finds what the calls for a Problem count towards.
type Accounts struct {
	Cached client.Reader
	Now    func() time.Time
}

// Payer has calls for a Problem be paid on the accounts of its namespace.
// object asks, on the terms of its specification.
func (a *Accounts) Payer(kind string, object client.Object, problem client.ObjectKey, terms v1alpha1.CallTerms) ledger.Payer {
	payer := ledger.Payer{
		Object:   kind + "/" + client.ObjectKeyFromObject(object).String(),
		Renewal:  object.GetAnnotations()[v1alpha1.RetryAnnotation],
		Refresh:  terms.Refresh,
		Delivery: ledger.Delivery(terms.Delivery),
		Accounts: func(ctx context.Context, currency string) ([]store.Bound, error) { return a.of(ctx, problem, currency) },
	}
	if terms.Deadline != nil {
		payer.Deadline = terms.Deadline.Time
	}
	return payer
}

// Urgency changes with how soon answers are wanted, so that work begins anew
// with other terms; empty where nothing is said.
func Urgency(terms v1alpha1.CallTerms) string {
	urgency := string(terms.Delivery)
	if terms.Deadline != nil {
		urgency += " by " + terms.Deadline.UTC().Format(time.RFC3339)
	}
	return urgency
}

// of are the Problem's own account and those of every Budget that is for it.
func (a *Accounts) of(ctx context.Context, name client.ObjectKey, currency string) ([]store.Bound, error) {
	var problem v1alpha1.Problem
	if err := a.Cached.Get(ctx, name, &problem); err != nil && !apierrors.IsNotFound(err) {
		return nil, unread(err)
	}
	own, err := ofProblem(&problem, name, currency)
	if err != nil {
		return nil, err
	}
	bounds := []store.Bound{own}
	var budgets v1alpha1.BudgetList
	if err := a.Cached.List(ctx, &budgets, client.InNamespace(name.Namespace)); err != nil {
		return nil, unread(err)
	}
	for i := range budgets.Items {
		b := &budgets.Items[i]
		concerned, err := isFor(b, &problem)
		if err != nil {
			return nil, invalid(b, err)
		}
		if !concerned || !b.DeletionTimestamp.IsZero() {
			continue
		}
		bound, err := a.bound(b, currency)
		if err != nil {
			return nil, err
		}
		bounds = append(bounds, bound)
	}
	return bounds, nil
}

// ProblemAccount is what everything for a Problem counts towards.
func ProblemAccount(name client.ObjectKey, currency string) store.Account {
	return store.Account{Kind: store.AccountProblem, Name: name.String(), Period: store.PeriodTotal, Currency: currency}
}

func ofProblem(problem *v1alpha1.Problem, name client.ObjectKey, currency string) (store.Bound, error) {
	out := store.Bound{Account: ProblemAccount(name, currency)}
	budget := &problem.Spec.Budget
	if budget.Amount == "" {
		return out, nil
	}
	if budget.Currency != currency {
		return out, differs(fmt.Sprintf("spec.budget of Problem %q", name.Name), budget.Currency, currency)
	}
	limit, err := llm.ParseAmount(string(budget.Amount))
	if err != nil {
		return out, &ledger.Error{Class: llm.ClassStalled, Reason: v1alpha1.ReasonInvalidSpec, Message: "spec.budget.amount: " + err.Error()}
	}
	out.LimitNano, out.Limited = limit, true
	return out, nil
}

// bound is a Budget's account of the period at this moment.
func (a *Accounts) bound(b *v1alpha1.Budget, currency string) (store.Bound, error) {
	if b.Spec.Currency != currency {
		return store.Bound{}, differs(fmt.Sprintf("Budget %q", b.Name), b.Spec.Currency, currency)
	}
	limit, err := llm.ParseAmount(string(b.Spec.Amount))
	if err != nil {
		return store.Bound{}, invalid(b, err)
	}
	return store.Bound{Account: accountOf(b, a.Now()), LimitNano: limit, Limited: true}, nil
}

func accountOf(b *v1alpha1.Budget, at time.Time) store.Account {
	period := ledger.Month(at)
	if b.Spec.Period == v1alpha1.BudgetTotal {
		period = store.PeriodTotal
	}
	return store.Account{Kind: store.AccountBudget, Name: client.ObjectKeyFromObject(b).String(), Period: period, Currency: b.Spec.Currency}
}

// isFor tells whether a Budget counts the calls for a Problem.
func isFor(b *v1alpha1.Budget, problem *v1alpha1.Problem) (bool, error) {
	if b.Spec.ProblemSelector == nil {
		return true, nil
	}
	selector, err := metav1.LabelSelectorAsSelector(b.Spec.ProblemSelector)
	if err != nil {
		return false, err
	}
	return selector.Matches(labels.Set(problem.Labels)), nil
}

func differs(what, counts, bills string) error {
	return &ledger.Error{
		Class: llm.ClassStalled, Reason: ledger.ReasonBudgetCurrency,
		Message: fmt.Sprintf("%s counts %s and the ModelProvider bills %s; give them one currency", what, counts, bills),
	}
}

func invalid(b *v1alpha1.Budget, err error) error {
	return &ledger.Error{
		Class: llm.ClassStalled, Reason: v1alpha1.ReasonInvalidSpec, Err: err,
		Message: fmt.Sprintf("Budget %q cannot be read; see its conditions", b.Name),
	}
}

func unread(err error) error {
	return &ledger.Error{
		Class: llm.ClassRetry, Reason: v1alpha1.ReasonRetrying, Err: err,
		Message: "the budgets could not be read from the cluster; the operator tries again",
	}
}
