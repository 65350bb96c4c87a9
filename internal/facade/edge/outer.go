package edge

import (
	"fmt"
	"net/http"
	"runtime/debug"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/algoitny/algoitny-operator/internal/facade/fault"
)

// statusClientGone is what the log and the metrics call an answer that nobody
// waited for; the number is nginx's.
const statusClientGone = 499

// Values of headers are shared between answers: nothing may change them.
var (
	valueClose       = []string{"close"}
	valueCSP         = []string{"default-src 'none'; frame-ancestors 'none'"}
	valueNosniff     = []string{"nosniff"}
	valueDeny        = []string{"DENY"}
	valueNoReferrer  = []string{"no-referrer"}
	valueHSTS        = []string{"max-age=31536000"}
	valueSameOrigin  = []string{"same-origin"}
	valueCrossOrigin = []string{"cross-origin"}
	valueNoStore     = []string{"no-store"}
	valueNoCache     = []string{"no-cache"}
)

// Outer wraps the handler of every request, streams too: it buffers nothing,
// and an http.ResponseController works through it.
func (e *Edge) Outer(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := e.begin(w, r)
		defer x.finish()
		if e.admit(x) {
			next.ServeHTTP(x, x.r)
		}
	})
}

func (e *Edge) begin(w http.ResponseWriter, r *http.Request) *exchange {
	e.metrics.inFlight.Inc()
	x := &exchange{edge: e, w: w, started: e.now()}
	x.identified = identified{Context: r.Context(), id: idOf(r), client: clientOf(r, e.o.TrustedProxies)}
	x.idValue[0] = x.id
	x.r = r.WithContext(&x.identified)
	return x
}

// admit sets the headers that every answer has, and answers what no handler
// needs to see.
func (e *Edge) admit(x *exchange) bool {
	header := x.w.Header()
	header["X-Request-Id"] = x.idValue[:]
	secure(header)
	if overTLS(x.r, e.o.TrustedProxies) {
		header["Strict-Transport-Security"] = valueHSTS
	}
	if e.cors != nil {
		e.cors.HandlerFunc(x, x.r)
		if header["Access-Control-Allow-Origin"] != nil {
			header["Cross-Origin-Resource-Policy"] = valueCrossOrigin
		}
		if x.status != 0 {
			// It was a preflight.
			return false
		}
	}
	if refusal := e.refuse(x); refusal != nil {
		refusal.Write(x)
		return false
	}
	if x.r.Body != nil && x.r.Body != http.NoBody {
		// The server's own writer learns from it to close the connection.
		x.r.Body = http.MaxBytesReader(x.w, x.r.Body, e.o.MaxBody)
	}
	return true
}

// secure sets what a browser is to keep to; a handler may set its own.
func secure(header http.Header) {
	header["Content-Security-Policy"] = valueCSP
	header["X-Content-Type-Options"] = valueNosniff
	header["X-Frame-Options"] = valueDeny
	header["Referrer-Policy"] = valueNoReferrer
	header["Cross-Origin-Resource-Policy"] = valueSameOrigin
	header["Cache-Control"] = valueNoStore
}

// refuse says that there were too many requests, where there were.
func (e *Edge) refuse(x *exchange) *fault.Fault {
	if e.limits.off() || e.o.Unlimited(x.r) {
		return nil
	}
	scope, wait := e.limits.take(x.client, x.started)
	if scope == "" {
		return nil
	}
	e.metrics.rateLimited.WithLabelValues(scope).Inc()
	f := fault.New(http.StatusTooManyRequests, tooMany[scope])
	f.RetryAfter = wait
	return f
}

var tooMany = map[string]string{
	scopeClient: "you ask too often; ask again later, or less often",
	scopeGlobal: "too many ask at present; ask again later",
}

// finish is deferred: it ends what the handler left, and takes note.
func (x *exchange) finish() {
	again := x.survive(recover())
	switch {
	case x.status != 0:
	case again != nil:
		x.status = statusClientGone
	default:
		// The server would, where a handler writes nothing.
		x.WriteHeader(http.StatusOK)
	}
	x.route, x.took = x.edge.o.Route(x.r), x.edge.now().Sub(x.started)
	x.edge.metrics.inFlight.Dec()
	x.edge.metrics.observe(x)
	if x.edge.access != nil {
		if line := x.edge.access.Check(zapcore.InfoLevel, "request"); line != nil {
			line.Write(zap.Inline(x))
		}
	}
	if again != nil {
		panic(again)
	}
}

// survive turns a panic into an answer. Where one has begun, a client must not
// take it for whole: what is returned is to panic again and ends the connection.
func (x *exchange) survive(panicked any) any {
	if panicked == nil {
		return nil
	}
	//nolint:errorlint // a panic's value is compared as net/http compares it
	if panicked == http.ErrAbortHandler {
		return panicked
	}
	x.edge.o.Log.Error(fmt.Errorf("panic: %v", panicked), "a handler panicked", "method", x.r.Method,
		"path", cut(x.r.URL.Path, maxLoggedPath), "requestID", x.id, "stack", string(debug.Stack()))
	if x.status != 0 {
		return http.ErrAbortHandler
	}
	header := x.w.Header()
	for _, name := range []string{"Content-Encoding", "Etag", "Last-Modified", "Location", "Set-Cookie"} {
		header.Del(name)
	}
	internal().Write(x)
	return nil
}

func internal() *fault.Fault {
	return fault.New(http.StatusInternalServerError, "the server's log says more")
}
