package store

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// Class says what a caller can do about an error.
type Class string

// The classes of errors.
const (
	// ClassWait means that the table wants us to slow down.
	ClassWait Class = "Wait"
	// ClassRetry means that the same request may well succeed soon.
	ClassRetry Class = "Retry"
	// ClassStalled means that a person has to change something.
	ClassStalled Class = "Stalled"
)

// Reason names an error in a form fit for a condition.
type Reason string

// The reasons a request fails for.
const (
	ReasonThrottled          Reason = "TableThrottled"
	ReasonContention         Reason = "TableContention"
	ReasonUnavailable        Reason = "TableUnavailable"
	ReasonCancelled          Reason = "Cancelled"
	ReasonTableMissing       Reason = "TableMissing"
	ReasonTableInvalid       Reason = "TableInvalid"
	ReasonTableNotReady      Reason = "TableNotReady"
	ReasonAccessDenied       Reason = "AccessDenied"
	ReasonCredentialsMissing Reason = "CredentialsMissing"
	ReasonRequestRejected    Reason = "TableRequestRejected"
	ReasonTooLarge           Reason = "RecordTooLarge"
	ReasonInvalidKey         Reason = "InvalidKey"
	ReasonInvalidCursor      Reason = "InvalidCursor"
	ReasonRecordDamaged      Reason = "RecordDamaged"
)

// Error is every failure of the table itself.
type Error struct {
	Class  Class
	Reason Reason
	// Message is stable, at most 256 characters, and says what to do.
	Message string
	Err     error
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %s", e.Reason, e.Message) }

func (e *Error) Unwrap() error { return e.Err }

// ConflictError means that the item is not as the writer believed.
type ConflictError struct {
	// Owner names who owns the item, empty when it is the writer's own and
	// only its version moved.
	Owner string
	// Want is the version the writer gave and Have the stored one; 0 is none.
	Want, Have int64
}

func (e *ConflictError) Error() string {
	if e.Owner != "" {
		return "the stored item belongs to " + e.Owner
	}
	return fmt.Sprintf("the stored item has version %d, not %d", e.Have, e.Want)
}

// CallExistsError means that somebody has claimed the call already.
type CallExistsError struct {
	// Call is the row as it stands, read consistently.
	Call Call
}

func (e *CallExistsError) Error() string { return "the call is already " + string(e.Call.State) }

// BudgetExceededError means that the reserve does not fit into the budget.
type BudgetExceededError struct {
	// Account is the first that is full.
	Account    Account
	BudgetNano int64
	// CommittedNano is what is spent plus what is reserved for calls in flight.
	CommittedNano int64
	SpentNano     int64
	ReserveNano   int64
}

func (e *BudgetExceededError) Error() string {
	return fmt.Sprintf("a reserve of %d on top of %d exceeds the budget of %d (1e-9 units)", e.ReserveNano, e.CommittedNano, e.BudgetNano)
}

// cancelledError means that conditions of a transaction did not hold, so
// nothing of it was applied.
type cancelledError struct {
	// failed tells which writes of the transaction were refused. An engine may
	// name only the first.
	failed []bool
}

func (e *cancelledError) Error() string { return "a condition of the write does not hold" }

// The codes of a cancelled transaction, as the API reference of
// TransactWriteItems lists them.
const (
	codeConditionFailed = "ConditionalCheckFailed"
	codeConflict        = "TransactionConflict"
	codeThroughput      = "ProvisionedThroughputExceeded"
	codeThrottling      = "ThrottlingError"
)

// decoded turns an error of the SDK into one of ours.
func decoded(err error) error {
	if err == nil {
		return nil
	}
	if cancelled, ok := errors.AsType[*types.TransactionCanceledException](err); ok {
		return fromCancellation(cancelled)
	}
	if _, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
		return &cancelledError{failed: []bool{true}}
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return &Error{Class: ClassRetry, Reason: ReasonCancelled, Message: "the request to the table was cut short; it is tried again", Err: err}
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return fromCode(api.ErrorCode(), err)
	}
	return unavailable(err)
}

func fromCancellation(cancelled *types.TransactionCanceledException) error {
	failed := make([]bool, len(cancelled.CancellationReasons))
	var conditions, conflicts, throttles int
	for i, reason := range cancelled.CancellationReasons {
		if reason.Code == nil {
			continue
		}
		switch *reason.Code {
		case codeConditionFailed:
			failed[i] = true
			conditions++
		case codeConflict:
			conflicts++
		case codeThroughput, codeThrottling:
			throttles++
		}
	}
	switch {
	case conditions > 0:
		return &cancelledError{failed: failed}
	case conflicts > 0:
		return &Error{Class: ClassRetry, Reason: ReasonContention, Message: "other writers hold the same items; the write is tried again", Err: cancelled}
	case throttles > 0:
		return throttled(cancelled)
	}
	return rejected(cancelled)
}

// fromCode sorts the error codes of the API.
func fromCode(code string, err error) error {
	switch code {
	case "ProvisionedThroughputExceededException", "ThrottlingException", "Throttling", "RequestLimitExceeded", "LimitExceededException":
		return throttled(err)
	case "TransactionConflictException", "TransactionInProgressException", "ReplicatedWriteConflictException":
		return &Error{Class: ClassRetry, Reason: ReasonContention, Message: "other writers hold the same items; the write is tried again", Err: err}
	case "ResourceNotFoundException":
		return &Error{Class: ClassStalled, Reason: ReasonTableMissing, Err: err, Message: "the table or its index does not exist; create it from config/dynamodb/table.json (aws dynamodb create-table --cli-input-json)"}
	case "ResourceInUseException":
		return &Error{Class: ClassRetry, Reason: ReasonTableNotReady, Message: "the table is being changed; wait until it is ACTIVE", Err: err}
	case "AccessDeniedException", "UnrecognizedClientException", "InvalidSignatureException", "MissingAuthenticationTokenException",
		"MissingAuthenticationToken", "ExpiredTokenException", "ExpiredToken", "InvalidClientTokenId", "IncompleteSignatureException", "NotSignedException":
		return &Error{Class: ClassStalled, Reason: ReasonAccessDenied, Err: err, Message: "the credentials may not use the table; check the role of the service account and its policy"}
	case "ValidationException", "ItemCollectionSizeLimitExceededException", "IdempotentParameterMismatchException", "SerializationException":
		return rejected(err)
	}
	return unavailable(err)
}

func throttled(err error) error {
	return &Error{Class: ClassWait, Reason: ReasonThrottled, Message: "the table is throttled; the operator slows down, raise its limits if this lasts", Err: err}
}

func rejected(err error) error {
	return &Error{Class: ClassStalled, Reason: ReasonRequestRejected, Message: "the table refuses the request; compare the table with config/dynamodb/table.json", Err: err}
}

// unavailable covers what has no code of its own: server errors and a network
// that gave no answer.
func unavailable(err error) error {
	if response, ok := errors.AsType[*awshttp.ResponseError](err); ok && response.HTTPStatusCode() == http.StatusForbidden {
		return &Error{Class: ClassStalled, Reason: ReasonAccessDenied, Err: err, Message: "the credentials may not use the table; check the role of the service account and its policy"}
	}
	return &Error{Class: ClassRetry, Reason: ReasonUnavailable, Message: "the table cannot be reached; check its endpoint and region if this lasts", Err: err}
}

func damaged(what string, err error) error {
	return &Error{
		Class: ClassStalled, Reason: ReasonRecordDamaged, Err: err,
		Message: "the stored " + what + " is incomplete or damaged; restore the item from a backup or write it again",
	}
}

// isCancelled tells that a condition did not hold, and for which writes.
func isCancelled(err error) (*cancelledError, bool) {
	return errors.AsType[*cancelledError](err)
}

// contention is what a write gives up with that lost every race.
func contention() error {
	return &Error{Class: ClassRetry, Reason: ReasonContention, Message: "other writers keep changing the same item; the write is tried again"}
}
