package edge

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/algoitny/algoitny-operator/internal/facade/fault"
)

// delivery is a handler whose answers are buffered.
type delivery struct {
	*Edge
	next http.Handler
}

// Deliver wraps the handler of buffered answers, inside of Outer: they are
// bounded in time, kept, compressed and sent on condition.
func (e *Edge) Deliver(next http.Handler) http.Handler { return &delivery{e, next} }

// ServeHTTP answers from the cache where that may be.
func (d *delivery) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if len(r.URL.RawQuery) > maxQuery {
		fault.New(http.StatusRequestURITooLong, "the query is longer than 2048 bytes").Write(w)
		return
	}
	wanted := negotiate(r.Header["Accept-Encoding"])
	if wanted == unacceptable {
		fault.New(http.StatusNotAcceptable, "Accept-Encoding allows no coding that there is: zstd, gzip, identity").Write(w)
		return
	}
	if l, ok := d.lookupOf(r, wanted); ok {
		d.cached(w, r, l)
		return
	}
	d.metrics.bypass.Inc()
	d.direct(w, r, kind{wanted: wanted, read: isRead(r.Method)})
}

// lookupOf says what a request is kept under, and what would be fresh; ok is
// false where it is not kept.
func (d *delivery) lookupOf(r *http.Request, wanted encoding) (l lookup, ok bool) {
	if d.cache == nil || !isRead(r.Method) || r.ContentLength != 0 || r.Header["Authorization"] != nil || r.Header["Cookie"] != nil {
		return lookup{}, false
	}
	// A change after the clock is read is at most too new.
	l.at = d.now()
	if l.fresh, ok = d.o.Freshness(r); !ok {
		return lookup{}, false
	}
	query, ok := canonical(r.URL.RawQuery)
	l.key = key{r.URL.Path, r.URL.RawPath, query, wanted}
	return l, ok
}

// direct has the handler answer this one request.
func (d *delivery) direct(w http.ResponseWriter, r *http.Request, k kind) {
	ctx, cancel := context.WithTimeout(r.Context(), d.o.Timeout)
	defer cancel()
	inner := r.WithContext(ctx)
	if r.Method == http.MethodHead {
		// What it would be to GET decides the length and the tag.
		inner.Method = http.MethodGet
	}
	c := &recorder{header: http.Header{}, spill: func(c *recorder) http.ResponseWriter { return begin(w, c, k) }}
	d.next.ServeHTTP(c, inner)
	if c.spilled != nil {
		return
	}
	if c.status == 0 && ctx.Err() != nil {
		unanswered(r, ctx.Err()).Write(w)
		return
	}
	d.answerOf(c, k).send(w, r)
}

// begin begins an answer that is too long to be held: as it is, without a tag.
func begin(w http.ResponseWriter, c *recorder, k kind) http.ResponseWriter {
	header := w.Header()
	for name, values := range c.header {
		if name != "Vary" && name != "Etag" {
			header[name] = values
		}
	}
	if c.header["Cache-Control"] == nil {
		header["Cache-Control"] = valueNoStore
	}
	vary := varyPrivate
	if k.public {
		vary = varyEncoding
	}
	setVary(header, append(c.header["Vary"], vary...))
	w.WriteHeader(c.status)
	return w
}

// unanswered is what a request gets whose handler was too slow. Where the
// client has gone it is for the log only.
func unanswered(r *http.Request, cause error) *fault.Fault {
	if errors.Is(r.Context().Err(), context.Canceled) {
		return fault.New(statusClientGone, "")
	}
	return tooSlow(cause)
}

func tooSlow(cause error) *fault.Fault {
	return fault.Unavailable("this takes too long at present; try again", cause)
}

// alone is the request as a handler gets to see it whose answer is everybody's:
// the path and the query, and nothing else that a client wrote. Otherwise one
// client's headers could decide what all others get.
func alone(ctx context.Context, r *http.Request, query string) *http.Request {
	r = r.WithContext(ctx)
	r.URL = &url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: query}
	r.Method, r.RequestURI = http.MethodGet, r.URL.RequestURI()
	r.Header, r.Host, r.RemoteAddr = http.Header{}, "", ""
	r.Body, r.ContentLength, r.TransferEncoding, r.Trailer = http.NoBody, 0, nil, nil
	r.Form, r.PostForm, r.MultipartForm = nil, nil, nil
	return r
}
