package ledger

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// Reasons of the ledger's own.
const (
	ReasonCallInFlight    llm.Reason = "CallInFlight"
	ReasonCallsLost       llm.Reason = "CallsLost"
	ReasonRecordDamaged   llm.Reason = "RecordDamaged"
	ReasonBudgetExceeded  llm.Reason = "BudgetExceeded"
	ReasonBudgetReserved  llm.Reason = "BudgetReserved"
	ReasonBudgetCurrency  llm.Reason = "BudgetCurrencyDiffers"
	ReasonBatchPending    llm.Reason = "BatchPending"
	ReasonBatchItemFailed llm.Reason = "BatchItemFailed"
	ReasonWaitingForTurn  llm.Reason = "WaitingForTurn"
	ReasonRequestTooLarge llm.Reason = "RequestExceedsLimit"
	ReasonProviderPaused  llm.Reason = "ProviderPaused"
	ReasonTableFailed     llm.Reason = "TableFailed"
	ReasonCancelled       llm.Reason = "Cancelled"
)

// Error is every failure of the ledger, the model's own included.
type Error struct {
	Class  llm.Class
	Reason llm.Reason
	// RetryAfter is when asking again makes sense; 0 when it is not known.
	RetryAfter time.Duration
	// Message is stable, at most 256 characters, and says what to do.
	Message string
	Err     error
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %s", e.Reason, e.Message) }

func (e *Error) Unwrap() error { return e.Err }

// errSpent says that a send was paid for, or may have been, and gave nothing.
var errSpent = errors.New("the call counts as spent")

func inFlight(left time.Duration) *Error {
	return &Error{
		Class: llm.ClassWait, Reason: ReasonCallInFlight, RetryAfter: min(max(left, time.Second), 10*time.Second),
		Message: "the same call is in flight; its answer will be used",
	}
}

// Waiting for money: what is reserved comes free soon, what is spent does not.
const (
	reservedPoll = 2 * time.Second
	budgetPoll   = 2 * time.Minute
)

// budgetExceeded says which budget is full and when that ends.
func budgetExceeded(over *store.BudgetExceededError, now time.Time) *Error {
	amount := llm.FormatAmount(over.BudgetNano) + " " + over.Account.Currency
	if over.SpentNano+over.ReserveNano <= over.BudgetNano {
		return &Error{
			Class: llm.ClassWait, Reason: ReasonBudgetReserved, RetryAfter: reservedPoll, Err: over,
			Message: fmt.Sprintf("the rest of %s of %s is reserved for calls in flight; it goes on when they are settled", budgetName(over.Account), amount),
		}
	}
	e := &Error{Class: llm.ClassWait, Reason: ReasonBudgetExceeded, RetryAfter: budgetPoll, Err: over}
	if over.Account.Period == store.PeriodTotal {
		e.Message = fmt.Sprintf("%s of %s is used up; raise %s to go on", budgetName(over.Account), amount, budgetField(over.Account))
		return e
	}
	next := time.Date(now.Year(), now.Month()+1, 1, 0, 0, 0, 0, time.UTC)
	e.RetryAfter = min(next.Sub(now), budgetPoll)
	e.Message = fmt.Sprintf("%s of %s is used up until %s; raise %s to go on before", budgetName(over.Account), amount, next.Format(time.DateOnly), budgetField(over.Account))
	return e
}

func budgetName(a store.Account) string {
	_, name, _ := strings.Cut(a.Name, "/")
	switch a.Kind {
	case store.AccountProblem:
		return fmt.Sprintf("the budget of Problem %q", name)
	case store.AccountBudget:
		return fmt.Sprintf("the Budget %q", name)
	}
	return fmt.Sprintf("the monthly budget of ModelProvider %q", name)
}

func budgetField(a store.Account) string {
	switch a.Kind {
	case store.AccountProblem:
		return "spec.budget.amount"
	case store.AccountBudget:
		return "its spec.amount"
	}
	return "its spec.budget.monthly"
}

func batchPending() *Error {
	return &Error{
		Class: llm.ClassWait, Reason: ReasonBatchPending,
		Message: "the question goes with a batch, which is cheaper and takes up to a day; spec.delivery: Immediate has what is in no batch yet asked at once",
	}
}

func queued(left time.Duration) *Error {
	return &Error{
		Class: llm.ClassWait, Reason: ReasonWaitingForTurn, RetryAfter: left,
		Message: "other calls come first within the limits of the ModelProvider; raise spec.limits if the vendor allows more",
	}
}

func resting(left time.Duration) *Error {
	return &Error{
		Class: llm.ClassWait, Reason: llm.ReasonRateLimited, RetryAfter: left,
		Message: "the provider asked for fewer requests; calls go on after the pause it asked for",
	}
}

func modelError(e *llm.Error) *Error {
	return &Error{Class: e.Class, Reason: e.Reason, RetryAfter: e.RetryAfter, Message: e.Message, Err: e}
}

func tableError(err error) *Error {
	out := &Error{Class: llm.ClassRetry, Reason: ReasonTableFailed, Message: "the table cannot be reached; the operator tries again", Err: err}
	if e, ok := errors.AsType[*store.Error](err); ok {
		out.Class, out.Reason, out.Message = llm.Class(e.Class), llm.Reason(e.Reason), e.Message
	}
	return out
}

func cancelled(err error) *Error {
	return &Error{Class: llm.ClassRetry, Reason: ReasonCancelled, Message: "the work was cancelled", Err: err}
}

// transient tells whether a write to the table may succeed when repeated.
func transient(err error) bool {
	if errors.Is(err, context.Canceled) {
		return false
	}
	e, ok := errors.AsType[*store.Error](err)
	return ok && e.Class != store.ClassStalled
}

// healthy tells the circuit breaker whether the provider works: what it
// refuses for a reason of ours says nothing against it.
func healthy(err error) bool {
	e := llm.AsError(err)
	return err == nil || e != nil && e.Class == llm.ClassStalled
}

func asError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return nil
}
