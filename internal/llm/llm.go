// Package llm is the product's view of a language model: one request, one
// answer, typed errors and exact usage. Adapters live in the folders below;
// retries, budgets and records are the ledger's.
package llm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Model is one model behind one set of credentials.
type Model interface {
	// Complete makes exactly one paid request and never retries. Every error
	// is an *Error. An answer the model did give, however useless (refused,
	// cut off, empty), is a Response, because it was paid for.
	Complete(ctx context.Context, req Request) (*Response, error)
	// Check asks for free whether the model exists and the key may use it.
	Check(ctx context.Context) error
}

// Request is one prompt.
type Request struct {
	// System says who the model is and what the rules are.
	System string
	// User carries the task and all untrusted text.
	User string
	// SchemaName and Schema ask for structured output: a JSON Schema of an
	// object in the subset both vendors take (type, properties, required,
	// items, enum, description; additionalProperties false). Empty means text.
	SchemaName string
	Schema     json.RawMessage
	// MaxOutputTokens bounds the answer, thinking included.
	MaxOutputTokens int
}

// Finish says why the model stopped.
type Finish string

// The reasons a model stops for.
const (
	FinishStop    Finish = "stop"
	FinishLength  Finish = "length"
	FinishRefusal Finish = "refusal"
	FinishOther   Finish = "other"
)

// Response is one paid answer.
type Response struct {
	Text   string `json:"text"`
	Finish Finish `json:"finish"`
	// Model is what the provider says answered; ID is its name for the call.
	Model string `json:"model,omitempty"`
	ID    string `json:"id,omitempty"`
	Usage Usage  `json:"usage"`
	// RawUsage is the provider's own usage object, so that cost can be
	// computed again.
	RawUsage json.RawMessage `json:"rawUsage,omitempty"`
}

// Usage counts tokens. The four numbers do not overlap: Prompt excludes
// CachedPrompt, and Output excludes Thinking.
type Usage struct {
	Prompt       int64 `json:"prompt"`
	CachedPrompt int64 `json:"cachedPrompt,omitempty"`
	Output       int64 `json:"output"`
	Thinking     int64 `json:"thinking,omitempty"`
}

// Total is the number of tokens of all kinds.
func (u Usage) Total() int64 { return u.Prompt + u.CachedPrompt + u.Output + u.Thinking }

// Class says what a caller can do about an error.
type Class string

// The classes of errors.
const (
	// ClassWait means that the provider is fine and wants us to slow down.
	ClassWait Class = "Wait"
	// ClassRetry means that the same request may well succeed soon.
	ClassRetry Class = "Retry"
	// ClassStalled means that a person has to change something.
	ClassStalled Class = "Stalled"
)

// Reason names an error in a form fit for a condition.
type Reason string

// The reasons a call fails for.
const (
	ReasonRateLimited     Reason = "RateLimited"
	ReasonOverloaded      Reason = "ProviderOverloaded"
	ReasonTimeout         Reason = "CallTimeout"
	ReasonCanceled        Reason = "CallCanceled"
	ReasonConnection      Reason = "ConnectionFailed"
	ReasonUnauthorized    Reason = "Unauthorized"
	ReasonForbidden       Reason = "Forbidden"
	ReasonModelNotFound   Reason = "ModelNotFound"
	ReasonQuotaExhausted  Reason = "QuotaExhausted"
	ReasonContextTooLong  Reason = "ContextTooLong"
	ReasonBadRequest      Reason = "RequestRejected"
	ReasonInvalidResponse Reason = "InvalidResponse"
	// ReasonAccountSuspended is an account that the provider has closed, or
	// barred for a breach of its rules.
	ReasonAccountSuspended Reason = "AccountSuspended"
	// ReasonCallGone is a started call or batch whose answer the provider does
	// not have, now or ever. What it billed is unknown.
	ReasonCallGone Reason = "CallGone"
)

// Error is every failure of an adapter.
type Error struct {
	Class  Class
	Reason Reason
	// Status is the HTTP status, 0 when there was no answer.
	Status int
	// RetryAfter is what the provider asked for, 0 when it did not.
	RetryAfter time.Duration
	// Unclear is true when the request left and no complete answer came: the
	// provider may have done, and billed, the work.
	Unclear bool
	// Ended is true for an error of asking for a started call or batch after
	// which no answer will come: it failed at the provider, which bills
	// nothing for that, or ReasonCallGone. Otherwise only the asking failed,
	// and asking again may bring the answer.
	Ended bool
	// Message is stable, at most 256 characters and free of secrets.
	Message string
	// Err is the cause, already redacted.
	Err error
}

func (e *Error) Error() string {
	if e.Status != 0 {
		return fmt.Sprintf("%s (HTTP %d): %s", e.Reason, e.Status, e.Message)
	}
	return fmt.Sprintf("%s: %s", e.Reason, e.Message)
}

func (e *Error) Unwrap() error { return e.Err }

// BlamesProvider tells whether the cause is the provider's own configuration,
// so that every other call of it would fail as well.
func (e *Error) BlamesProvider() bool {
	switch e.Reason {
	case ReasonUnauthorized, ReasonForbidden, ReasonModelNotFound, ReasonAccountSuspended:
		return true
	}
	return false
}

// AsError returns the *Error in err's chain, or nil.
func AsError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return nil
}
