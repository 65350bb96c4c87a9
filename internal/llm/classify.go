package llm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
	"unicode/utf8"
)

const (
	maxMessage = 256
	maxDetail  = 1024
)

// Refusal is what a vendor's error body says, decoded by its adapter.
type Refusal struct {
	// Recognized is true when the body has the vendor's shape, so that the
	// vendor itself answered and not something in front of it.
	Recognized bool
	// Reason follows from the vendor's code; empty leaves it to the status.
	Reason Reason
	// Code and Param are the vendor's identifiers, fit for a message.
	Code  string
	Param string
	// Detail is the vendor's own words. They may name organizations, requests
	// and times, so they go into the cause and never into the message.
	Detail string
	// RetryAfter is the delay the body asks for, 0 when it does not.
	RetryAfter time.Duration
}

// judge turns the record of a call into its error, nil for a complete answer.
func (w *Wire) judge(ctx, callCtx context.Context, ex *Exchange, sdkErr error) error {
	switch {
	case ex.requests == 0:
		return w.unsent(ctx, sdkErr)
	case ex.err != nil:
		return w.broken(ctx, callCtx, ex)
	case !isSuccess(ex.Status):
		return w.refused(ex)
	case ex.download == nil && !json.Valid(ex.Body):
		return w.Unreadable(ex, errors.New("the body is not JSON"))
	}
	return nil
}

// unsent is a call for which the SDK, or the caller's context, allowed no
// request at all.
func (w *Wire) unsent(ctx context.Context, cause error) error {
	if ctx.Err() != nil {
		return w.fail(Error{Reason: endReason(ctx)}, ctx.Err(), ctx.Err())
	}
	return w.fail(Error{Reason: ReasonBadRequest}, cause, nil)
}

// broken is a request that got no complete answer.
func (w *Wire) broken(ctx, callCtx context.Context, ex *Exchange) error {
	e := Error{Reason: ReasonConnection, Status: ex.Status, Unclear: ex.sent}
	var timeout net.Error
	switch {
	case errors.Is(ex.err, errBodyTooLarge):
		e.Reason = ReasonInvalidResponse
	case callCtx.Err() != nil:
		e.Reason = endReason(ctx)
		return w.fail(e, ex.err, callCtx.Err())
	case errors.As(ex.err, &timeout) && timeout.Timeout():
		e.Reason = ReasonTimeout
	}
	return w.fail(e, ex.err, nil)
}

// endReason tells a caller that gave up from a call that took too long.
func endReason(ctx context.Context) Reason {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ReasonCanceled
	}
	return ReasonTimeout
}

// refused is a complete answer with an error status. The vendors bill nothing
// for it, so it is never unclear, with one exception: 502 and 504 from
// something in front of the vendor only say that it lost the vendor's answer.
func (w *Wire) refused(ex *Exchange) error {
	r := w.opts.Refusal(ex.Body)
	r.RetryAfter = max(r.RetryAfter, retryAfter(ex.Header, w.opts.Now))
	gateway := ex.Status == http.StatusBadGateway || ex.Status == http.StatusGatewayTimeout
	return w.refusal(Error{Status: ex.Status, Unclear: gateway && !r.Recognized}, r)
}

// Refused is the error of a refusal that the vendor reports inside of another
// answer, so that no gateway can have lost anything. The status is the one it
// states, or 0.
func (w *Wire) Refused(status int, r Refusal) error { return w.refusal(Error{Status: status}, r) }

func (w *Wire) refusal(e Error, r Refusal) error {
	e.Reason = r.Reason
	if e.Reason == "" {
		e.Reason = reasonOf(e.Status)
	}
	e.RetryAfter = r.RetryAfter
	e.Message = advice(e.Reason) + named(r)
	detail := r.Detail
	if e.Reason == ReasonUnauthorized {
		// OpenAI repeats parts of a wrong key here, starred out in the middle
		// and so beyond the reach of Redact.
		detail = ""
	}
	return w.fail(e, errors.New(detail), nil)
}

// Unreadable is the error of an answer that came, and may have been billed,
// but cannot be understood.
func (w *Wire) Unreadable(ex *Exchange, cause error) error {
	e := Error{Reason: ReasonInvalidResponse, Status: ex.Status, Unclear: true}
	return w.fail(e, cause, nil)
}

// Rejected is the error of a request that is not worth sending.
func (w *Wire) Rejected(cause error) error {
	return w.fail(Error{Reason: ReasonBadRequest}, cause, nil)
}

// Unsupported is the error of an ability that the endpoint does not have, such
// as ErrNoBackground. It is in the error's chain.
func (w *Wire) Unsupported(ability error) error {
	return w.fail(Error{Reason: ReasonBadRequest}, ability, ability)
}

// Gone is the error of asking for a started call or batch of which the
// provider has no answer.
func (w *Wire) Gone(ex *Exchange) error {
	return w.fail(Error{Reason: ReasonCallGone, Status: ex.Status, Ended: true}, nil, nil)
}

// Astray is the error of asking for something at a URL that something in front
// of the provider does not know, although the provider does: the provider's
// own answer has its shape.
func (w *Wire) Astray(ex *Exchange) error {
	return w.fail(Error{Reason: ReasonConnection, Status: ex.Status}, errors.New("the answer is not the provider's"), nil)
}

// fail completes an error: its class, its message and its redacted cause. is,
// when not nil, is what errors.Is finds.
func (w *Wire) fail(e Error, because, is error) error {
	e.Class = classOf(e.Reason)
	if e.Message == "" {
		e.Message = advice(e.Reason)
	}
	e.Message = shorten(Redact(e.Message, w.opts.Key), maxMessage)
	if because != nil && because.Error() != "" {
		e.Err = &cause{text: shorten(Redact(because.Error(), w.opts.Key), maxDetail), is: is}
	}
	return &e
}

// cause keeps an error's words without the error: what SDKs and net/http
// return holds requests, and requests hold keys.
type cause struct {
	text string
	is   error
}

func (c *cause) Error() string { return c.text }
func (c *cause) Unwrap() error { return c.is }

func reasonOf(status int) Reason {
	switch {
	case status == http.StatusUnauthorized:
		return ReasonUnauthorized
	case status == http.StatusPaymentRequired:
		return ReasonQuotaExhausted
	case status == http.StatusForbidden:
		return ReasonForbidden
	case status == http.StatusNotFound:
		return ReasonModelNotFound
	case status == http.StatusRequestTimeout:
		return ReasonTimeout
	case status == http.StatusConflict:
		return ReasonOverloaded
	case status == http.StatusRequestEntityTooLarge:
		return ReasonContextTooLong
	case status == http.StatusTooManyRequests:
		return ReasonRateLimited
	case status >= http.StatusInternalServerError:
		return ReasonOverloaded
	}
	return ReasonBadRequest
}

func classOf(r Reason) Class {
	switch r {
	case ReasonRateLimited:
		return ClassWait
	case ReasonOverloaded, ReasonTimeout, ReasonConnection, ReasonInvalidResponse, ReasonCanceled:
		return ClassRetry
	}
	return ClassStalled
}

// advice is the stable part of a message: what happened and what to do.
func advice(r Reason) string {
	switch r {
	case ReasonRateLimited:
		return "the provider asks for fewer requests"
	case ReasonOverloaded:
		return "the provider cannot answer at the moment"
	case ReasonTimeout:
		return "the call took longer than it may"
	case ReasonCanceled:
		return "the call was given up before its answer came"
	case ReasonConnection:
		return "the connection to the provider failed: check the endpoint and the network"
	case ReasonUnauthorized:
		return "the API key was refused: check credentialsSecretRef"
	case ReasonForbidden:
		return "the API key may not do this: check what the key, its project and its region allow"
	case ReasonModelNotFound:
		return "the provider has no such model for this key: check the model's name and the endpoint"
	case ReasonQuotaExhausted:
		return "the account has no quota or credit left: check its plan and billing"
	case ReasonContextTooLong:
		return "the request is longer than the model can read: choose a model with a larger context"
	case ReasonInvalidResponse:
		return "the provider's answer could not be read"
	case ReasonAccountSuspended:
		return "the provider has suspended the account: ask its support, or use another key"
	case ReasonCallGone:
		return "the provider has no answer to the started call: what it billed is unknown"
	}
	return "the request was rejected: check that the model takes these parameters"
}

// named adds the vendor's identifiers, as far as they look like identifiers.
func named(r Refusal) string {
	code, param := identifier(r.Code), identifier(r.Param)
	switch {
	case code != "" && param != "":
		return fmt.Sprintf(" (%s, parameter %s)", code, param)
	case code != "":
		return fmt.Sprintf(" (%s)", code)
	case param != "":
		return fmt.Sprintf(" (parameter %s)", param)
	}
	return ""
}

// identifier returns s when it can be nothing but a fixed name of the
// vendor's API, and "" otherwise.
func identifier(s string) string {
	const longest = 48
	if len(s) > longest {
		return ""
	}
	for _, c := range s {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case c == '_', c == '.', c == '[', c == ']':
		default:
			return ""
		}
	}
	return s
}

func shorten(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	s = s[:limit-len("…")]
	for len(s) > 0 && !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return s + "…"
}

// Free marks the error of a call that costs nothing: whatever became of it,
// nothing can have been billed.
func Free(err error) error {
	return changed(err, func(e *Error) { e.Unclear = false })
}

// Final marks an error that is the outcome of a started call, and not of
// asking for it.
func Final(err error) error {
	return changed(err, func(e *Error) { e.Ended = true })
}

func changed(err error, change func(*Error)) error {
	e := AsError(err)
	if e == nil {
		return err
	}
	other := *e
	change(&other)
	return &other
}
