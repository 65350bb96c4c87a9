package replay

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// FaultKind is a way for a call to go wrong.
type FaultKind string

// The kinds of faults. Drop and hang are also what a transcript's fail takes.
const (
	// FaultRateLimit answers 429 with the fault's RetryAfter.
	FaultRateLimit FaultKind = "rateLimit"
	// FaultQuota answers 429 in the way of an account without credit.
	FaultQuota FaultKind = "quota"
	// FaultServerError answers 500, FaultUnavailable 503.
	FaultServerError FaultKind = "serverError"
	FaultUnavailable FaultKind = "unavailable"
	// FaultDrop closes the connection instead of answering.
	FaultDrop FaultKind = "drop"
	// FaultDropAfterHeaders closes it after the headers of a 200.
	FaultDropAfterHeaders FaultKind = "dropAfterHeaders"
	// FaultTruncated closes it in the middle of the body.
	FaultTruncated FaultKind = "truncated"
	// FaultHang never answers; it ends with the request or with Close.
	FaultHang FaultKind = "hang"
	// FaultInvalidJSON answers 200 with a body that is not JSON.
	FaultInvalidJSON FaultKind = "invalidJSON"
)

// Fault spoils one request for completions: a completion, a background response
// or a batch, whatever it holds.
type Fault struct {
	Kind       FaultKind
	RetryAfter time.Duration
}

// early is true for a fault that needs no transcript.
func (k FaultKind) early() bool {
	switch k {
	case FaultDropAfterHeaders, FaultTruncated, FaultInvalidJSON:
		return false
	}
	return true
}

// FailNext spoils the next such requests, one for each fault, in order. A call
// refused for its key, its model or its Reference line uses a fault up too.
func (s *Server) FailNext(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, faults...)
}

// reply is the answer to a request for one or more logged completions.
type reply struct {
	http.ResponseWriter
	request *http.Request
	server  *Server
	calls   []int
	dialect dialect
}

func (r *reply) refuse(status int, code, message string, retryAfter time.Duration) {
	r.server.setStatus(r.calls, status)
	if retryAfter > 0 {
		seconds := (retryAfter + time.Second - 1) / time.Second
		r.Header().Set("Retry-After", strconv.Itoa(int(seconds)))
		if r.dialect.vendor() == OpenAI {
			r.Header().Set("Retry-After-Ms", strconv.FormatInt(retryAfter.Milliseconds(), 10))
		}
	}
	writeJSON(r, status, r.dialect.failure(status, code, message, retryAfter))
}

func (r *reply) fail(f Fault) {
	switch f.Kind {
	case FaultRateLimit:
		r.refuse(http.StatusTooManyRequests, "rate_limit_exceeded", "Rate limit reached.", f.RetryAfter)
	case FaultQuota:
		r.refuse(http.StatusTooManyRequests, "insufficient_quota", "You exceeded your current quota.", f.RetryAfter)
	case FaultServerError:
		r.refuse(http.StatusInternalServerError, "server_error", "The server had an error.", f.RetryAfter)
	case FaultUnavailable:
		r.refuse(http.StatusServiceUnavailable, "service_unavailable", "The model is overloaded.", f.RetryAfter)
	case FaultHang:
		select {
		case <-r.request.Context().Done():
		case <-r.server.closed:
		}
		panic(http.ErrAbortHandler)
	default:
		// net/http's own way to close a connection without an answer.
		panic(http.ErrAbortHandler)
	}
}

// deliver writes a 200 with the body, or as much of one as the fault lets.
func (r *reply) deliver(body []byte, fault *Fault) {
	r.server.setStatus(r.calls, http.StatusOK)
	r.Header().Set("Content-Type", "application/json")
	var kind FaultKind
	if fault != nil {
		kind = fault.Kind
	}
	if kind == FaultInvalidJSON {
		body = []byte("<html><body>upstream said something else</body></html>")
	}
	r.Header().Set("Content-Length", strconv.Itoa(len(body)))
	r.WriteHeader(http.StatusOK)
	switch kind {
	case FaultDropAfterHeaders:
		body = nil
	case FaultTruncated:
		body = body[:len(body)/2]
	}
	_, _ = r.Write(body)
	if kind == FaultDropAfterHeaders || kind == FaultTruncated {
		_ = http.NewResponseController(r.ResponseWriter).Flush()
		panic(http.ErrAbortHandler)
	}
}

func refuse(w http.ResponseWriter, d dialect, status int, code, message string) {
	writeJSON(w, status, d.failure(status, code, message, 0))
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(mustMarshal(body)) //nolint:gosec // JSON, declared as such
}

// mustMarshal is for values of this package's own making, all of which JSON
// can express.
func mustMarshal(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}
