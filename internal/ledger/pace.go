package ledger

import (
	"encoding/json"
	"maps"
	"time"
)

// Limits bound how fast a provider is called; 0 is no bound.
type Limits struct {
	RequestsPerMinute int
	TokensPerMinute   int
	Concurrent        int
}

// After a provider asked for fewer requests they start at least firstSpacing
// apart; each that is told so again doubles that up to longestSpacing, and each
// that succeeds takes a quarter off until nothing is left to speak of.
const (
	firstSpacing   = time.Second
	longestSpacing = 30 * time.Second
	leastSpacing   = 50 * time.Millisecond
)

// longestRest bounds how long all calls of a provider rest because one of them
// was told to: then one call asks whether the provider still wants that.
const longestRest = 10 * time.Minute

// Those who wait come back after slotPoll where nothing tells when their turn
// is, and their wish is kept for wishGrace longer than they wait.
const (
	slotPoll  = 250 * time.Millisecond
	yieldPoll = 50 * time.Millisecond
	wishGrace = 2 * time.Second
)

// pace is what all replicas know of how a provider is being called. It lives in
// one row of the table and is moved by compare-and-swap.
type pace struct {
	// Requests and Tokens are the theoretical arrival times of the generic cell
	// rate algorithm (ITU-T I.371): when the bucket will be full again.
	Requests time.Time `json:"requests,omitzero"`
	Tokens   time.Time `json:"tokens,omitzero"`
	// Rest is when the provider may be called again at all; Last is when it was
	// called last, and Spacing how far apart calls have to be.
	Rest    time.Time     `json:"rest,omitzero"`
	Last    time.Time     `json:"last,omitzero"`
	Spacing time.Duration `json:"spacing,omitempty"`
	// Slots are the calls in flight with the time at which each is given up.
	Slots map[string]time.Time `json:"slots,omitempty"`
	// Served is the virtual time of start-time fair queueing (Goyal, Vin and
	// Cheng 1997), Turns the tag and the wish of each namespace.
	Served int64           `json:"served,omitempty"`
	Turns  map[string]turn `json:"turns,omitempty"`
}

// turn is one namespace's place in the queue.
type turn struct {
	Tag int64 `json:"tag"`
	// Until is how long somebody of it is known to wait.
	Until time.Time `json:"until,omitzero"`
}

func readPace(state string) (*pace, error) {
	p := &pace{}
	if state != "" {
		if err := json.Unmarshal([]byte(state), p); err != nil {
			return nil, err
		}
	}
	if p.Slots == nil {
		p.Slots = map[string]time.Time{}
	}
	if p.Turns == nil {
		p.Turns = map[string]turn{}
	}
	return p, nil
}

func (p *pace) String() string {
	// Times, numbers and strings always marshal.
	raw, _ := json.Marshal(p)
	return string(raw)
}

// wish is a call that wants to start.
type wish struct {
	slot      string
	namespace string
	tokens    int64
	// until is when the call is certainly over.
	until time.Time
}

// wait is why a call may not start yet, and when to ask again.
type wait struct {
	after time.Duration
	// resting means that the provider asked for it.
	resting bool
}

// take starts a call, or says how long it has to wait. The pace is changed
// either way.
func (p *pace) take(now time.Time, w wish, l Limits) wait {
	p.prune(now)
	if rest := p.Rest.Sub(now); rest > 0 {
		return wait{after: rest, resting: true}
	}
	if l == (Limits{}) && p.Spacing == 0 {
		return wait{}
	}
	mine := p.Turns[w.namespace]
	mine.Tag = max(mine.Tag, p.Served)
	held := p.room(now, w, l)
	if held.after <= 0 && p.yields(now, w.namespace, mine.Tag) {
		held.after = yieldPoll
	}
	if held.after > 0 {
		mine.Until = now.Add(held.after + wishGrace)
		p.Turns[w.namespace] = mine
		return held
	}
	p.start(now, w, l)
	p.Served = mine.Tag
	p.Turns[w.namespace] = turn{Tag: mine.Tag + 1}
	return wait{}
}

// room is how long the limits keep a call from starting.
func (p *pace) room(now time.Time, w wish, l Limits) wait {
	var out wait
	longer := func(after time.Duration, resting bool) {
		if after > out.after {
			out = wait{after: after, resting: resting}
		}
	}
	if l.Concurrent > 0 && len(p.Slots) >= l.Concurrent {
		longer(slotPoll, false)
	}
	if l.RequestsPerMinute > 0 {
		longer(p.Requests.Sub(now), false)
	}
	if l.TokensPerMinute > 0 {
		// A whole minute's tokens may go at once.
		longer(later(p.Tokens, now).Add(share(w.tokens, l.TokensPerMinute)).Sub(now)-time.Minute, false)
	}
	if p.Spacing > 0 {
		longer(p.Last.Add(p.Spacing).Sub(now), true)
	}
	return out
}

// yields tells whether another namespace that waits is to be served before.
func (p *pace) yields(now time.Time, namespace string, tag int64) bool {
	for other, t := range p.Turns {
		if other != namespace && now.Before(t.Until) && t.Tag < tag {
			return true
		}
	}
	return false
}

func (p *pace) start(now time.Time, w wish, l Limits) {
	p.Last = now
	if l.RequestsPerMinute > 0 {
		p.Requests = later(p.Requests, now).Add(share(1, l.RequestsPerMinute))
	}
	if l.TokensPerMinute > 0 {
		p.Tokens = later(p.Tokens, now).Add(share(w.tokens, l.TokensPerMinute))
	}
	if l.Concurrent > 0 {
		p.Slots[w.slot] = w.until
	}
}

// leave ends a call: its place is free, and the provider's word is kept.
// limited says that it asked for fewer requests.
func (p *pace) leave(now time.Time, slot string, limited bool, after time.Duration) {
	p.drop(slot)
	if !limited {
		p.Spacing = p.Spacing * 3 / 4
		if p.Spacing < leastSpacing {
			p.Spacing = 0
		}
		return
	}
	p.Spacing = min(max(2*p.Spacing, firstSpacing), longestSpacing)
	p.Rest = later(p.Rest, now.Add(min(after, longestRest)))
}

// drop frees a place without a word on the provider.
func (p *pace) drop(slot string) { delete(p.Slots, slot) }

// prune forgets calls and wishes of those who are gone.
func (p *pace) prune(now time.Time) {
	maps.DeleteFunc(p.Slots, func(_ string, until time.Time) bool { return !now.Before(until) })
	maps.DeleteFunc(p.Turns, func(_ string, t turn) bool { return !now.Before(t.Until) && t.Tag <= p.Served })
}

// share is the part of a minute that n of perMinute take.
func share(n int64, perMinute int) time.Duration {
	return time.Duration(float64(n) / float64(perMinute) * float64(time.Minute))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
