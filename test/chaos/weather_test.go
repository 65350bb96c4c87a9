package chaos_test

import (
	"math/rand/v2"
	"sync"
	"time"
)

// spell is some seconds of the same weather: the parts of the requests to the
// models and to the table that go wrong.
type spell struct {
	name          string
	lasts         time.Duration
	models, table float64
}

// climates are what a spell is drawn from, the frequent ones more than once.
// What is out for a while comes back before everybody gives up.
var climates = []spell{
	{name: "fair", models: 0.01, table: 0.01},
	{name: "fair", models: 0.01, table: 0.01},
	{name: "windy", models: 0.08, table: 0.06},
	{name: "windy", models: 0.08, table: 0.06},
	{name: "windy", models: 0.08, table: 0.06},
	{name: "stormy", models: 0.25, table: 0.2},
	{name: "stormy", models: 0.25, table: 0.2},
	{name: "models out", models: 0.9, table: 0.03},
	{name: "table out", models: 0.03, table: 0.85},
}

// The lengths of spells, and of those in which something is out.
const (
	shortestSpell, longestSpell   = 4 * time.Second, 12 * time.Second
	shortestOutage, longestOutage = 2 * time.Second, 5 * time.Second
)

// forecast is the weather of the whole storm. Afterwards it is calm.
func forecast(d *rand.Rand, length time.Duration) []spell {
	var spells []spell
	for sum := time.Duration(0); sum < length; {
		next := climates[d.IntN(len(climates))]
		next.lasts = between(d, shortestSpell, longestSpell)
		if max(next.models, next.table) > 0.5 {
			next.lasts = between(d, shortestOutage, longestOutage)
		}
		spells = append(spells, next)
		sum += next.lasts
	}
	return spells
}

// sky tells the weather of a moment.
type sky struct {
	mu     sync.Mutex
	began  time.Time
	spells []spell
}

// begin starts the first spell; before that it is calm.
func (s *sky) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.began = time.Now()
}

func (s *sky) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.spells = nil
}

func (s *sky) now() spell {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.began.IsZero() {
		return spell{name: "calm"}
	}
	since := time.Since(s.began)
	for _, now := range s.spells {
		if since -= now.lasts; since < 0 {
			return now
		}
	}
	return spell{name: "calm"}
}

// fault is a way for a request to go wrong; none is that it does not.
type fault string

const none fault = ""

// gremlin draws faults and counts them.
type gremlin struct {
	mu    sync.Mutex
	dice  *rand.Rand
	count map[fault]int
}

func newGremlin(actor string) *gremlin {
	return &gremlin{dice: dice(actor), count: map[fault]int{}}
}

// strike draws one of the faults with the given probability.
func (g *gremlin) strike(odds float64, faults ...fault) fault {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.dice.Float64() >= odds {
		return none
	}
	drawn := faults[g.dice.IntN(len(faults))]
	g.count[drawn]++
	return drawn
}

func (g *gremlin) between(least, most time.Duration) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return between(g.dice, least, most)
}

func (g *gremlin) counts() map[fault]int {
	g.mu.Lock()
	defer g.mu.Unlock()
	counts := map[fault]int{}
	for name, n := range g.count {
		counts[name] = n
	}
	return counts
}
