package edge

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

const (
	// maxStale is how long after a change an answer from before it may be sent.
	maxStale = 500 * time.Millisecond
	// maxUnconfirmed bounds the same from when the answer was last known to be
	// right: a change before the last one may be much older than that one.
	maxUnconfirmed = 900 * time.Millisecond
	// confirmEvery is how often that is noted.
	confirmEvery = 50 * time.Millisecond
	// maxExcused is how long an answer is sent that cannot be made anew.
	maxExcused = 5 * time.Minute
	// retryEvery is how often that is tried meanwhile.
	retryEvery = time.Second
)

// key is what an answer is kept under. HEAD shares that of GET.
type key struct {
	path, rawPath, query string
	wanted               encoding
}

// lookup is a key, and what was fresh under it at a time.
type lookup struct {
	key   key
	fresh Freshness
	at    time.Time
}

// own lets go of the request that the key was part of.
func (k key) own() key {
	return key{strings.Clone(k.path), strings.Clone(k.rawPath), strings.Clone(k.query), k.wanted}
}

// entry is an answer that is kept. Times are Unix nanoseconds.
type entry struct {
	// answer is nil for one that is too long to be kept.
	answer  *answer
	version uint64
	// made is when work on it began.
	made time.Time
	// confirmed is when it was last known to be what its handler would say.
	confirmed atomic.Int64
	// failing is since when it cannot be made anew, 0 when it can; retry is when
	// to try again.
	failing, retry atomic.Int64
}

func weigh(k key, e *entry) uint32 {
	const perEntry = 256
	size := perEntry + len(k.path) + len(k.rawPath) + len(k.query)
	if e.answer != nil {
		size += e.answer.size()
	}
	return uint32(min(size, math.MaxUint32))
}

// fresh says whether an entry is what its handler would say.
func (e *entry) fresh(l lookup) bool {
	if e.version != l.fresh.Version || l.fresh.MaxAge > 0 && l.at.Sub(e.made) >= l.fresh.MaxAge {
		return false
	}
	if at := l.at.UnixNano(); at-e.confirmed.Load() >= int64(confirmEvery) {
		e.confirmed.Store(at)
	}
	return true
}

// tolerable says whether an entry that is not fresh may be sent while it is
// made anew.
func (e *entry) tolerable(l lookup) bool {
	if e.failing.Load() != 0 {
		return e.excused(l.at)
	}
	if e.version == l.fresh.Version {
		// Nothing is known to have changed.
		return true
	}
	return l.at.Sub(l.fresh.ChangedAt) < maxStale && l.at.UnixNano()-e.confirmed.Load() < int64(maxUnconfirmed)
}

// excused says whether an entry may be sent although it could not be made anew.
func (e *entry) excused(now time.Time) bool {
	since := e.failing.Load()
	return since != 0 && now.UnixNano()-since < int64(maxExcused)
}

// fail notes that an entry could not be made anew.
func (e *entry) fail(now time.Time) {
	e.failing.CompareAndSwap(0, now.UnixNano())
	e.retry.Store(now.Add(retryEvery).UnixNano())
}

// due says whether to make an entry anew now.
func (e *entry) due(now time.Time) bool { return now.UnixNano() >= e.retry.Load() }

// cached answers from the cache, and fills it.
func (d *delivery) cached(w http.ResponseWriter, r *http.Request, l lookup) {
	held, found := d.cache.GetIfPresent(l.key)
	switch {
	case !found:
		d.missed(w, r, l)
	case held.fresh(l):
		if held.answer == nil {
			d.tooLong(w, r, l.key)
			return
		}
		d.metrics.hit.Inc()
		held.answer.send(w, r)
	case held.answer != nil && held.tolerable(l):
		if held.due(l.at) {
			d.load(r, l.key, l.fresh)
		}
		d.metrics.stale.Inc()
		held.answer.send(w, r)
	default:
		d.missed(w, r, l)
	}
}

// missed waits for the answer to be made.
func (d *delivery) missed(w http.ResponseWriter, r *http.Request, l lookup) {
	made, err := d.await(r, l.key, l.fresh)
	if err != nil || made.failed() {
		if held := d.excusedEntry(l.key, err); held != nil {
			d.metrics.stale.Inc()
			held.answer.send(w, r)
			return
		}
	}
	switch {
	case err != nil:
		d.metrics.miss.Inc()
		unanswered(r, err).Write(w)
	case made.answer == nil:
		d.tooLong(w, r, l.key)
	default:
		d.metrics.miss.Inc()
		made.answer.send(w, r)
	}
}

// excusedEntry is what may be sent in place of an answer that could not be made,
// or nil. A load that ended has noted its failure there; one that hangs has not.
func (d *delivery) excusedEntry(k key, err error) *entry {
	held, found := d.cache.GetIfPresent(k)
	if !found || held.answer == nil {
		return nil
	}
	if errors.Is(err, context.DeadlineExceeded) {
		held.fail(d.now())
	}
	if !held.excused(d.now()) {
		return nil
	}
	return held
}

// tooLong has the handler stream what cannot be kept.
func (d *delivery) tooLong(w http.ResponseWriter, r *http.Request, k key) {
	d.metrics.bypass.Inc()
	d.direct(w, r, kind{wanted: k.wanted, public: true, read: true})
}

func (e *entry) failed() bool {
	return e.answer != nil && e.answer.status >= http.StatusInternalServerError
}
