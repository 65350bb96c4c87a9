package catalogue

import (
	"sync"
)

// backlog is how many changes somebody may be behind before being cut off. Who
// is cut off comes back with a position and loses nothing.
const backlog = 64

// Subscription hears of changes until Close.
type Subscription struct {
	// From is where the subscription began.
	From Position

	of     *Catalogue
	wanted func(*Change) bool

	mu sync.Mutex
	// waiting are the changes that were not taken; late means that there were
	// more than the backlog.
	waiting []*Change
	late    bool
	wake    func()
}

// Notify has wake called whenever there is something to take, and now where
// there is already. It is called with the catalogue locked, and must only take
// note.
func (s *Subscription) Notify(wake func()) {
	s.mu.Lock()
	s.wake = wake
	some := s.late || len(s.waiting) > 0
	s.mu.Unlock()
	if some {
		wake()
	}
}

// Take returns the changes that came since it was called last. ok is false when
// the subscriber was too slow: these are the last.
func (s *Subscription) Take() (changes []*Change, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	changes, s.waiting = s.waiting, nil
	return changes, !s.late
}

// Position is what the subscriber has heard of when it has taken every change so
// far; ok is false while one waits to be taken.
func (s *Subscription) Position() (at Position, ok bool) {
	s.of.mu.RLock()
	defer s.of.mu.RUnlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.of.position, len(s.waiting) == 0
}

// Close ends the subscription.
func (s *Subscription) Close() {
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	delete(s.of.audience.all, s)
}

// add has a change wait, where there is room for it.
func (s *Subscription) add(c *Change) (ok bool) {
	s.mu.Lock()
	if s.late = len(s.waiting) == backlog; !s.late {
		s.waiting = append(s.waiting, c)
	}
	ok, wake := !s.late, s.wake
	s.mu.Unlock()
	if wake != nil {
		wake()
	}
	return ok
}

// audience is all who listen. The catalogue's lock guards it.
type audience struct {
	all map[*Subscription]struct{}
}

func newAudience() audience { return audience{all: map[*Subscription]struct{}{}} }

// send tells everybody who wants to know, and waits for nobody.
func (a *audience) send(c *Change) {
	for s := range a.all {
		if s.wanted(c) && !s.add(c) {
			delete(a.all, s)
		}
	}
}

// Subscribe hears of all changes that are wanted from now on, and first of what
// happened after since, where that is given.
func (c *Catalogue) Subscribe(since *Position, wanted func(*Change) bool) (missed []*Change, s *Subscription) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if since != nil {
		missed = c.missed(*since, wanted)
	}
	s = &Subscription{From: c.position, of: c, wanted: wanted}
	c.audience.all[s] = struct{}{}
	return missed, s
}
