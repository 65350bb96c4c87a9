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
	case !json.Valid(ex.Body):
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
	e := Error{Reason: r.Reason, Status: ex.Status}
	if e.Reason == "" {
		e.Reason = reasonOf(ex.Status)
	}
	gateway := ex.Status == http.StatusBadGateway || ex.Status == http.StatusGatewayTimeout
	e.Unclear = gateway && !r.Recognized
	e.RetryAfter = max(r.RetryAfter, retryAfter(ex.Header, w.opts.Now))
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
	e := AsError(err)
	if e == nil || !e.Unclear {
		return err
	}
	free := *e
	free.Unclear = false
	return &free
}
