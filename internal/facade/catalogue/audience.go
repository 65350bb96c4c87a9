package catalogue

import (
	"sync"
)

// backlog is how many changes somebody may be behind before being cut off. Who
// is cut off comes back with a position and loses nothing.
const backlog = 64

// Subscription hears of changes until Close.
type Subscription struct {
	// Changes is closed when the subscriber is too slow.
	Changes <-chan *Change
	// From is where the subscription began.
	From Position

	of      *Catalogue
	changes chan *Change
	wanted  func(*Change) bool
	close   func()
	once    sync.Once
}

// Position is what the subscriber has heard of when it has taken every change so
// far; ok is false while one waits to be taken.
func (s *Subscription) Position() (at Position, ok bool) {
	s.of.mu.RLock()
	defer s.of.mu.RUnlock()
	return s.of.position, len(s.changes) == 0
}

// Close ends the subscription.
func (s *Subscription) Close() { s.once.Do(s.close) }

// audience is all who listen. The catalogue's lock guards it.
type audience struct {
	all map[*Subscription]struct{}
}

func newAudience() audience { return audience{all: map[*Subscription]struct{}{}} }

// send tells everybody who wants to know, and waits for nobody.
func (a *audience) send(c *Change) {
	for s := range a.all {
		if !s.wanted(c) {
			continue
		}
		select {
		case s.changes <- c:
		default:
			close(s.changes)
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
	changes := make(chan *Change, backlog)
	s = &Subscription{Changes: changes, From: c.position, of: c, changes: changes, wanted: wanted}
	s.close = func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.audience.all, s)
	}
	c.audience.all[s] = struct{}{}
	return missed, s
}
