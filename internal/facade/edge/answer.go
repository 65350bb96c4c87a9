package edge

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/facade/fault"
)

// How an answer's Vary begins.
var (
	varyEncoding = []string{"Accept-Encoding"}
	varyPrivate  = []string{"Accept-Encoding, Authorization"}
)

// answer is what is sent, ready to be sent often: nothing may change it.
type answer struct {
	status int
	// always are the fields that a 304 has too, content those about the body.
	always, content []field
	vary            []string
	// tag is empty where conditions do not matter.
	tag  string
	body []byte
}

type field struct {
	name   string
	values []string
}

// kind says how an answer is made ready.
type kind struct {
	wanted encoding
	// public is whether it is everybody's, read whether it answers GET or HEAD.
	public, read bool
}

// answerOf makes what a handler said ready.
func (e *Edge) answerOf(c *recorder, k kind) *answer {
	a := &answer{status: c.status, body: c.body, vary: varyPrivate}
	if a.status == 0 {
		a.status = http.StatusOK
	}
	if k.public {
		a.vary = varyEncoding
	}
	if len(c.body) > 0 && c.header["Content-Type"] == nil {
		// The server would guess as well, but from what is compressed.
		c.header.Set("Content-Type", http.DetectContentType(c.body))
	}
	coding := identity
	if c.header["Content-Encoding"] == nil {
		a.body, coding = e.coder.encode(c.body, c.header.Get("Content-Type"), k.wanted)
	}
	a.copyFields(c.header)
	if c.header["Cache-Control"] == nil {
		a.always = append(a.always, field{"Cache-Control", cacheControl(a.status, k.public)})
	}
	if coding != identity {
		a.content = append(a.content, field{"Content-Encoding", []string{coding.name()}})
	}
	if bodyAllowed(a.status) {
		a.content = append(a.content, field{"Content-Length", []string{strconv.Itoa(len(a.body))}})
	}
	if a.status == http.StatusOK && k.read {
		a.tag = tagOf(a.body)
		a.always = append(a.always, field{"Etag", []string{a.tag}})
	}
	return a
}

// copyFields takes the handler's fields, those left out that are made here.
func (a *answer) copyFields(header http.Header) {
	for name, values := range header {
		values = slices.Clip(values)
		switch {
		case name == "Content-Length", name == "Etag", name == "Connection":
		case name == "Vary":
			a.vary = append(slices.Clip(values), a.vary...)
		case strings.HasPrefix(name, "Content-") && name != "Content-Location" && name != "Content-Security-Policy":
			a.content = append(a.content, field{name, values})
		default:
			a.always = append(a.always, field{name, values})
		}
	}
}

func cacheControl(status int, public bool) []string {
	if public && cacheable(status) {
		return valueNoCache
	}
	return valueNoStore
}

// cacheable are the statuses of answers that are kept.
func cacheable(status int) bool { return status == http.StatusOK || status == http.StatusNotFound }

func bodyAllowed(status int) bool {
	return status >= http.StatusOK && status != http.StatusNoContent && status != http.StatusNotModified
}

// send answers a request.
func (a *answer) send(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	for i := range a.always {
		header[a.always[i].name] = a.always[i].values
	}
	setVary(header, a.vary)
	if a.tag != "" {
		switch precondition(r.Header, a.tag) {
		case http.StatusNotModified:
			w.WriteHeader(http.StatusNotModified)
			return
		case http.StatusPreconditionFailed:
			fault.New(http.StatusPreconditionFailed, "what is at this address is none of those in If-Match").Write(w)
			return
		}
	}
	for i := range a.content {
		header[a.content[i].name] = a.content[i].values
	}
	w.WriteHeader(a.status)
	if r.Method != http.MethodHead && len(a.body) > 0 {
		// An error here means that the client has gone.
		_, _ = w.Write(a.body) //nolint:gosec // what a handler wrote, which answers for it
	}
}

// setVary adds to what CORS set; a shared slice is copied, since it is full.
func setVary(header http.Header, vary []string) {
	if before := header["Vary"]; before != nil {
		vary = append(slices.Clip(before), vary...)
	}
	header["Vary"] = vary
}

func isRead(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// size is what an answer holds of memory, about.
func (a *answer) size() int {
	const perField = 48
	size := len(a.body) + len(a.tag)
	for _, f := range slices.Concat(a.always, a.content) {
		size += perField + len(f.name)
		for _, value := range f.values {
			size += len(value)
		}
	}
	return size
}

// compact lets go of what a body's slice holds beyond it.
func (a *answer) compact() {
	if cap(a.body) > len(a.body)+len(a.body)/4 {
		a.body = bytes.Clone(a.body)
	}
}
