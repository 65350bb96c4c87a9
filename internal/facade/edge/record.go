package edge

import (
	"errors"
	"net/http"
)

// maxRecorded is the longest body, in bytes, that is held in memory.
const maxRecorded = 8 << 20

// errTooLong tells a handler to stop: its answer cannot be held.
var errTooLong = errors.New("the answer is too long to be held in memory")

// recorder holds a handler's answer. It cannot be flushed, and has no deadlines
// to set: what is inside of Deliver is answered in one piece.
type recorder struct {
	header http.Header
	status int
	body   []byte
	// spill begins to send an answer that is too long to be held; nil refuses it.
	spill   func(*recorder) http.ResponseWriter
	spilled http.ResponseWriter
	tooLong bool
}

// Header is that of the answer.
func (c *recorder) Header() http.Header { return c.header }

// WriteHeader notes the first final status.
func (c *recorder) WriteHeader(status int) {
	if c.status == 0 && status >= http.StatusOK {
		c.status = status
	}
}

func (c *recorder) Write(p []byte) (int, error) {
	if c.status == 0 {
		c.status = http.StatusOK
	}
	if c.spilled != nil {
		return c.spilled.Write(p)
	}
	if len(c.body)+len(p) <= maxRecorded {
		c.body = append(c.body, p...)
		return len(p), nil
	}
	c.tooLong = true
	if c.spill == nil {
		return 0, errTooLong
	}
	c.spilled = c.spill(c)
	if _, err := c.spilled.Write(c.body); err != nil { //nolint:gosec // what a handler wrote, which answers for it
		return 0, err
	}
	c.body = nil
	return c.spilled.Write(p)
}
