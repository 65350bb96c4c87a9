package edge

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"time"
)

// patience is how much longer than a load may take its callers wait for it, so
// that they get what the handler says of the delay.
const patience = time.Second

var errClosed = errors.New("the server is ending")

// flight is the one load of a key that is under way.
type flight struct {
	version uint64
	done    chan struct{}
	// made is set when done is closed.
	made *entry
}

// await waits for an answer that is as new as the request. Of one that began
// under another version it waits for the next.
func (d *delivery) await(r *http.Request, k key, f Freshness) (*entry, error) {
	ctx, cancel := context.WithTimeout(r.Context(), d.o.Timeout+patience)
	defer cancel()
	for first := true; ; first = false {
		fl := d.load(r, k, f)
		if fl == nil {
			return nil, errClosed
		}
		select {
		case <-fl.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if !first || fl.version == f.Version {
			return fl.made, nil
		}
		if latest, ok := d.o.Freshness(r); ok {
			f = latest
		}
	}
}

// load joins the load that is under way, or starts one. Nobody's leaving ends
// it. It is nil after Close.
func (d *delivery) load(r *http.Request, k key, f Freshness) *flight {
	d.mu.Lock()
	defer d.mu.Unlock()
	if fl := d.flights[k]; fl != nil {
		return fl
	}
	if d.closed {
		return nil
	}
	k = k.own()
	fl := &flight{version: f.Version, done: make(chan struct{})}
	d.flights[k] = fl
	ctx, cancel := context.WithTimeout(&identified{Context: d.life, id: RequestID(r.Context())}, d.o.Timeout)
	request := alone(ctx, r, k.query)
	d.loads.Go(func() {
		defer cancel()
		fl.made = d.make(request, k, f)
		d.keep(k, fl.made)
		d.mu.Lock()
		delete(d.flights, k)
		d.mu.Unlock()
		close(fl.done)
	})
	return fl
}

// make has the handler answer everybody.
func (d *delivery) make(r *http.Request, k key, f Freshness) *entry {
	made := &entry{version: f.Version, made: d.now()}
	made.confirmed.Store(made.made.UnixNano())
	c := &recorder{header: http.Header{}}
	d.run(c, r)
	if c.tooLong && c.status < http.StatusInternalServerError {
		return made
	}
	made.answer = d.answerOf(c, kind{wanted: k.wanted, public: true, read: true})
	made.answer.compact()
	return made
}

// run calls the handler; what goes wrong becomes its answer.
func (d *delivery) run(c *recorder, r *http.Request) {
	defer func() {
		if p := recover(); p != nil {
			d.o.Log.Error(fmt.Errorf("panic: %v", p), "a handler panicked", "path", cut(r.URL.Path, maxLoggedPath),
				"requestID", RequestID(r.Context()), "stack", string(debug.Stack()))
			*c = recorder{header: http.Header{}}
			internal().Write(c)
		}
	}()
	d.next.ServeHTTP(c, r)
	if err := r.Context().Err(); c.status == 0 && err != nil {
		tooSlow(err).Write(c)
	}
}

// keep puts what was made in the place of what is held.
func (d *delivery) keep(k key, made *entry) {
	switch {
	case made.failed():
		if held, found := d.cache.GetEntryQuietly(k); found {
			held.Value.fail(d.now())
		}
	case made.answer == nil || made.answer.keepable():
		d.cache.Set(k, made)
	default:
		d.cache.Invalidate(k)
	}
}

// keepable says whether an answer may be kept. A fault always says that nobody
// may; but that nothing is there holds until the version changes.
func (a *answer) keepable() bool {
	if !cacheable(a.status) {
		return false
	}
	for _, f := range a.always {
		switch f.name {
		case "Set-Cookie":
			return false
		case "Cache-Control":
			if a.status == http.StatusOK && forbidsKeeping(f.values) {
				return false
			}
		}
	}
	return true
}

func forbidsKeeping(cacheControl []string) bool {
	for _, line := range cacheControl {
		line = strings.ToLower(line)
		if strings.Contains(line, "no-store") || strings.Contains(line, "private") {
			return true
		}
	}
	return false
}
