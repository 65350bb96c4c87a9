package llm

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// DefaultTimeout bounds a call for which nothing else was asked. A long answer
// of a thinking model takes minutes.
const DefaultTimeout = 10 * time.Minute

// CheckTimeout bounds a Check, which asks for a description and no thinking.
const CheckTimeout = 30 * time.Second

// What a vendor's SDK is told instead of the truth. The SDKs retry, and print
// URLs and bodies, on their own judgement; an error they know nothing about
// gives them nothing to judge. The truth is in the Exchange.
var (
	errRecorded      = errors.New("llm: the outcome is in the exchange")
	errSecondRequest = errors.New("llm: a call is one request, a second one was refused")
	errOutsideCall   = errors.New("llm: a request outside a call was refused")
)

// WireOptions say how a vendor is reached.
type WireOptions struct {
	// Base carries the requests; nil means http.DefaultTransport.
	Base http.RoundTripper
	Key  Secret
	// Authorize puts the key into a request's headers.
	Authorize func(header http.Header, key string)
	// Refusal decodes a vendor's error body.
	Refusal func(body []byte) Refusal
	// Timeout bounds one call, answer included; 0 means DefaultTimeout.
	Timeout time.Duration
	// Now reads the clock for a Retry-After that is a date when the answer
	// carries no Date of its own; nil means time.Now.
	Now func() time.Time
}

// Wire lets a vendor's SDK make one HTTP exchange at a time and keeps a record
// of it, so that the outcome is judged from what went over the network rather
// than from what the SDK makes of it.
type Wire struct {
	opts WireOptions
}

// Exchange is the record of one HTTP request and what came back.
type Exchange struct {
	Status int
	Header http.Header
	// Body is the whole body of a 2xx answer, or the beginning of another. A
	// download has none but an error's.
	Body []byte

	// download takes a 2xx answer instead of Body.
	download *download
	requests int
	// sent is true when at least the request's headers left.
	sent bool
	// err is why no complete answer came.
	err error
}

type exchangeKey struct{}

// NewWire returns a Wire with the defaults filled in.
func NewWire(opts WireOptions) *Wire {
	if opts.Base == nil {
		opts.Base = http.DefaultTransport
	}
	if opts.Timeout <= 0 {
		opts.Timeout = DefaultTimeout
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	return &Wire{opts: opts}
}

// Client is the HTTP client to give to an SDK. It works only inside Call.
func (w *Wire) Client() *http.Client { return &http.Client{Transport: w} }

// Call lets the SDK send one request under the call's timeout. A nil error
// means that a complete 2xx answer with a JSON body is in the exchange; the
// SDK's own error is then the adapter's to judge. Otherwise it is an *Error,
// and the exchange has whatever came.
func (w *Wire) Call(ctx context.Context, send func(context.Context) error) (*Exchange, error) {
	return w.exchange(ctx, &Exchange{}, send)
}

// Download is Call for a file, which need not be JSON and may be larger than
// any answer: read gets its bytes as they come, and an error of its own or of
// the network, or more than limit bytes, ends it. The SDK sees an empty body.
func (w *Wire) Download(ctx context.Context, limit int64, read func(io.Reader) error, send func(context.Context) error) (*Exchange, error) {
	return w.exchange(ctx, &Exchange{download: &download{limit: limit, read: read}}, send)
}

func (w *Wire) exchange(ctx context.Context, ex *Exchange, send func(context.Context) error) (*Exchange, error) {
	callCtx, cancel := context.WithTimeout(ctx, w.opts.Timeout)
	defer cancel()
	err := ctx.Err()
	if err == nil {
		err = send(context.WithValue(callCtx, exchangeKey{}, ex))
	}
	return ex, w.judge(ctx, callCtx, ex, err)
}

// RoundTrip sends the first request of a call and refuses any other. The SDK
// sees an answer only when it is a complete 2xx: redirects would carry the key
// elsewhere, and an error status would set off the SDK's own retries.
func (w *Wire) RoundTrip(r *http.Request) (*http.Response, error) {
	ex, _ := r.Context().Value(exchangeKey{}).(*Exchange)
	if refusal := admit(ex); refusal != nil {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, refusal
	}
	trace := &sendTrace{}
	resp, err := w.opts.Base.RoundTrip(w.prepare(r, trace))
	if err != nil {
		ex.sent, ex.err = trace.mayHaveLeft(w.opts.Base), err
		return nil, errRecorded
	}
	return ex.record(resp)
}

func admit(ex *Exchange) error {
	if ex == nil {
		return errOutsideCall
	}
	ex.requests++
	if ex.requests > 1 {
		return errSecondRequest
	}
	return nil
}

// prepare takes any key out of the URL, where proxies and errors would show
// it, and puts ours into a header.
func (w *Wire) prepare(r *http.Request, trace *sendTrace) *http.Request {
	out := r.Clone(httptrace.WithClientTrace(r.Context(), trace.hooks()))
	query := out.URL.Query()
	if query.Has("key") {
		query.Del("key")
		out.URL.RawQuery = query.Encode()
	}
	w.opts.Authorize(out.Header, w.opts.Key.Reveal())
	return out
}

func (ex *Exchange) record(resp *http.Response) (*http.Response, error) {
	defer func() { _ = resp.Body.Close() }()
	ex.sent, ex.Status, ex.Header = true, resp.StatusCode, resp.Header
	if !isSuccess(resp.StatusCode) {
		ex.Body = readErrorBody(resp.Body)
		return nil, errRecorded
	}
	body, err := ex.read(resp.Body)
	if err != nil {
		ex.err = err
		return nil, errRecorded
	}
	ex.Body = body
	replayed := *resp
	replayed.Body = bodyOf(body)
	return &replayed, nil
}

func (ex *Exchange) read(body io.Reader) ([]byte, error) {
	if ex.download != nil {
		return nil, ex.download.from(body)
	}
	return readBody(body)
}

func isSuccess(status int) bool { return status >= 200 && status < 300 }

// sendTrace knows whether a request can have reached the provider.
type sendTrace struct {
	asked atomic.Bool
	wrote atomic.Bool
}

// hooks watch for the headers: both HTTP/1 and HTTP/2 announce them before the
// last byte of the body leaves, so a request of which the headers were not
// announced cannot have been understood. Asking for a connection again means
// that net/http knows the attempt before was not processed.
func (t *sendTrace) hooks() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) {
			t.asked.Store(true)
			t.wrote.Store(false)
		},
		WroteHeaders: func() { t.wrote.Store(true) },
	}
}

// mayHaveLeft assumes the worst of a transport that does not report.
func (t *sendTrace) mayHaveLeft(base http.RoundTripper) bool {
	if _, reports := base.(*http.Transport); reports || t.asked.Load() {
		return t.wrote.Load()
	}
	return true
}
