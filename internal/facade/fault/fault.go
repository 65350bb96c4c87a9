// Package fault is how the facade says that something went wrong: problem
// details as RFC 9457 has them.
package fault

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// MediaType is that of every error.
const MediaType = "application/problem+json"

// Fault is an error that a client may see.
type Fault struct {
	Type   string `json:"type" doc:"Always about:blank: the status says what kind of error it is."`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty" doc:"What is wrong, and what to do."`
	// Errors name the fields that are wrong.
	Errors []Field `json:"errors,omitempty"`

	// RetryAfter is sent as the header of that name where it is positive.
	RetryAfter time.Duration `json:"-"`
	// Allow is sent as the header of that name where it is not empty.
	Allow string `json:"-"`
	// Cause is for the log only.
	Cause error `json:"-"`
}

// Field says what is wrong with one field of a request.
type Field struct {
	Field  string `json:"field" doc:"Name of the parameter, or path within the body."`
	Detail string `json:"detail"`
}

// New is a fault with its status's own title.
func New(status int, detail string) *Fault {
	return &Fault{Status: status, Title: http.StatusText(status), Detail: detail}
}

// Invalid is a request whose field is wrong.
func Invalid(field, detail string) *Fault {
	f := New(http.StatusBadRequest, field+" "+detail)
	f.Errors = []Field{{Field: field, Detail: detail}}
	return f
}

// Unavailable is a part that does not answer now.
func Unavailable(detail string, cause error) *Fault {
	f := New(http.StatusServiceUnavailable, detail)
	f.Cause, f.RetryAfter = cause, retryAfter
	return f
}

// retryAfter is when a part that is away is worth asking again.
const retryAfter = 5 * time.Second

func (f *Fault) Error() string { return f.Title + ": " + f.Detail }

// Unwrap gives the cause.
func (f *Fault) Unwrap() error { return f.Cause }

// GetStatus makes a Fault an error of the framework.
func (f *Fault) GetStatus() int { return f.Status }

// ContentType is asked for by the framework.
func (f *Fault) ContentType(string) string { return MediaType }

// SetHeaders sets what HTTP wants beside the status.
func (f *Fault) SetHeaders(header http.Header) {
	if f.Status == http.StatusUnauthorized {
		header.Set("WWW-Authenticate", "Bearer")
	}
	if f.Allow != "" {
		header.Set("Allow", f.Allow)
	}
	if f.RetryAfter > 0 {
		// Whole seconds, and never 0, which would be at once.
		header.Set("Retry-After", strconv.FormatInt(int64((f.RetryAfter+time.Second-1)/time.Second), 10))
	}
}

// Write sends the fault.
func (f *Fault) Write(w http.ResponseWriter) {
	f.Type = "about:blank"
	// Texts and numbers always marshal.
	raw, _ := json.Marshal(f)
	header := w.Header()
	f.SetHeaders(header)
	header.Set("Content-Type", MediaType)
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Length", strconv.Itoa(len(raw)))
	w.WriteHeader(f.Status)
	// An error here means that the client has gone.
	_, _ = w.Write(raw)
}
