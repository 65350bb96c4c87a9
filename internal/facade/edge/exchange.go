package edge

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"time"

	"go.uber.org/zap/zapcore"
)

// The bounds of what a client writes into the access log, in bytes.
const (
	maxLoggedAgent = 128
	maxLoggedPath  = 512
)

// maxRequestID bounds an id that a client gives.
const maxRequestID = 64

// exchange is one request and its answer: the ResponseWriter that notes what is
// sent. One allocation holds all that a request needs here.
type exchange struct {
	identified
	edge    *Edge
	w       http.ResponseWriter
	r       *http.Request
	started time.Time
	idValue [1]string

	// route and took are known when the exchange has ended.
	route string
	took  time.Duration
	// status is 0 until the answer begins.
	status   int
	bytes    int64
	streamed bool
	hijacked bool
}

// identified is a context that knows its request's id and whose it is.
type identified struct {
	context.Context
	id     string
	client netip.Addr
}

type (
	idKey     struct{}
	clientKey struct{}
)

// Value adds the id and the client to what the context knows.
func (c *identified) Value(key any) any {
	switch key {
	case idKey{}:
		return c.id
	case clientKey{}:
		return c.client
	}
	return c.Context.Value(key)
}

// Client is who sent the request whose context ctx is, as the rate limits tell
// clients apart: an address, of IPv6 that of its /64. It is empty where nobody
// did.
func Client(ctx context.Context) string {
	client, _ := ctx.Value(clientKey{}).(netip.Addr)
	return clientName(bucketOf(client))
}

// RequestID is the id of the request whose context ctx is, or empty.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(idKey{}).(string)
	return id
}

// idOf takes a client's id over where it is harmless.
func idOf(r *http.Request) string {
	if given := r.Header["X-Request-Id"]; len(given) == 1 && validID(given[0]) {
		return given[0]
	}
	var raw [16]byte
	//nolint:gosec // an id must be unique; it is no secret
	binary.LittleEndian.PutUint64(raw[:8], rand.Uint64())
	binary.LittleEndian.PutUint64(raw[8:], rand.Uint64()) //nolint:gosec // as above
	return hex.EncodeToString(raw[:])
}

func validID(id string) bool {
	if id == "" || len(id) > maxRequestID {
		return false
	}
	for i := range len(id) {
		c := id[i]
		if !isAlphanumeric(c) && c != '.' && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

func isAlphanumeric(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// Header is that of the answer.
func (x *exchange) Header() http.Header { return x.w.Header() }

// WriteHeader begins the answer.
func (x *exchange) WriteHeader(status int) {
	if x.status == 0 && (status >= http.StatusOK || status == http.StatusSwitchingProtocols) {
		x.status = status
		if x.edge.o.Draining() {
			x.w.Header()["Connection"] = valueClose
		}
	}
	x.w.WriteHeader(status)
}

func (x *exchange) Write(p []byte) (int, error) {
	if x.status == 0 {
		x.WriteHeader(http.StatusOK)
	}
	n, err := x.write(p)
	x.bytes += int64(n)
	return n, err
}

// write has a body leave together with the head, where it comes in one piece.
func (x *exchange) write(p []byte) (n int, err error) {
	if len(p) < minWhole || len(p) > maxWhole {
		return x.w.Write(p)
	}
	c := wireOf(x.Context)
	if c == nil {
		return x.w.Write(p)
	}
	sent := c.whole(func() {
		n, err = x.w.Write(p)
		err = errors.Join(err, http.NewResponseController(x.w).Flush())
	})
	return n, errors.Join(err, sent)
}

// FlushError sends what is written so far.
func (x *exchange) FlushError() error {
	if x.status == 0 {
		x.WriteHeader(http.StatusOK)
	}
	x.streamed = true
	return http.NewResponseController(x.w).Flush()
}

// Flush is FlushError for who asks for an http.Flusher.
func (x *exchange) Flush() { _ = x.FlushError() }

// Hijack hands the connection over.
func (x *exchange) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(x.w).Hijack()
	if err == nil {
		x.hijacked, x.streamed, x.status = true, true, http.StatusSwitchingProtocols
	}
	return conn, rw, err
}

// Unwrap lets an http.ResponseController reach the connection's deadlines.
func (x *exchange) Unwrap() http.ResponseWriter { return x.w }

// MarshalLogObject writes the access log's fields: never a header that may hold
// a secret, no query, and no body.
func (x *exchange) MarshalLogObject(enc zapcore.ObjectEncoder) error {
	enc.AddString("method", x.r.Method)
	enc.AddString("path", cut(x.r.URL.Path, maxLoggedPath))
	enc.AddString("route", x.route)
	enc.AddInt("status", x.status)
	enc.AddInt64("bytes", x.bytes)
	enc.AddDuration("duration", x.took)
	enc.AddString("request_id", x.id)
	enc.AddString("client", clientName(x.client))
	if agent := x.r.Header["User-Agent"]; len(agent) > 0 {
		enc.AddString("user_agent", cut(agent[0], maxLoggedAgent))
	}
	return nil
}

func clientName(client netip.Addr) string {
	if !client.IsValid() {
		return ""
	}
	return client.String()
}

func cut(text string, most int) string { return text[:min(len(text), most)] }
