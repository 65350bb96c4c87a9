// Package source reads problem pages: it names a problem by its address,
// fetches the page behind a guard that reaches public addresses only, and
// takes from the markup what the markup states.
package source

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Class says what to do after an error.
type Class string

// The classes of errors.
const (
	// Wait: the same request is fine later, after RetryAfter.
	Wait Class = "Wait"
	// Retry: goes away by itself; try again with backoff.
	Retry Class = "Retry"
	// Stalled: a person has to change something.
	Stalled Class = "Stalled"
)

// Reason is fit for a condition.
type Reason string

// The reasons why a page gives no problem.
const (
	URLInvalid         Reason = "URLInvalid"
	AddressRefused     Reason = "AddressRefused"
	TooManyRedirects   Reason = "TooManyRedirects"
	PageTooLarge       Reason = "PageTooLarge"
	PageNotFound       Reason = "PageNotFound"
	RateLimited        Reason = "RateLimited"
	FetchFailed        Reason = "FetchFailed"
	PageBlocked        Reason = "PageBlocked"
	LoginRequired      Reason = "LoginRequired"
	ListPage           Reason = "ListPage"
	NotHTML            Reason = "NotHTML"
	NoProblemFound     Reason = "NoProblemFound"
	ProblemNotOnPage   Reason = "ProblemNotOnPage"
	InteractiveProblem Reason = "InteractiveProblem"
	FunctionSignature  Reason = "FunctionSignature"
	ImageOnly          Reason = "ImageOnly"
)

// maxMessage keeps messages fit for a condition, in bytes.
const maxMessage = 256

// saveThePage is the way out of everything that only a browser gets past.
const saveThePage = "save the page from a browser in a ConfigMap and name it in source.pageConfigMapRef"

// Error is what every function of this package fails with.
type Error struct {
	Class  Class
	Reason Reason
	// RetryAfter is how long to wait, 0 when unknown.
	RetryAfter time.Duration
	// Message is stable for the same cause, at most 256 bytes, and says what a
	// person can do.
	Message string
	// Err is the cause for the log; it may hold ids and times.
	Err error
}

func (e *Error) Error() string {
	text := string(e.Reason) + ": " + e.Message
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

func stalled(reason Reason, message string) *Error {
	return &Error{Class: Stalled, Reason: reason, Message: clip(message, maxMessage)}
}

func retry(message string, err error) *Error {
	return &Error{Class: Retry, Reason: FetchFailed, Message: clip(message, maxMessage), Err: err}
}

// clip shortens a text to at most size bytes and keeps it valid UTF-8.
func clip(text string, size int) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(text) <= size {
		return text
	}
	for size > 0 && !utf8.RuneStart(text[size]) {
		size--
	}
	return text[:size]
}
