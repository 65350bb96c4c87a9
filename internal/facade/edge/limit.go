package edge

import (
	"fmt"
	"math"
	"net/netip"
	"time"

	"github.com/maypok86/otter/v2"
	"golang.org/x/time/rate"
)

// Rate is a token bucket; zero PerSecond is no limit.
type Rate struct {
	PerSecond float64
	// Burst is how many may come at once, a second's worth when zero.
	Burst int
}

// The bounds on what is remembered of clients.
const (
	maxClients = 100_000
	clientIdle = 5 * time.Minute
)

// The values of the label of refused requests.
const (
	scopeClient = "client"
	scopeGlobal = "global"
)

// limiter is nil-safe in each half: a limit that is not set is not asked.
type limiter struct {
	client  Rate
	global  *rate.Limiter
	clients *otter.Cache[netip.Addr, *rate.Limiter]
}

func newLimiter(client, global Rate) (*limiter, error) {
	l := &limiter{client: client}
	for _, r := range []*Rate{&l.client, &global} {
		if r.PerSecond < 0 || math.IsNaN(r.PerSecond) || math.IsInf(r.PerSecond, 0) || r.Burst < 0 {
			return nil, fmt.Errorf("%g a second with a burst of %d is no rate", r.PerSecond, r.Burst)
		}
		if r.Burst == 0 {
			r.Burst = int(min(math.Ceil(r.PerSecond), math.MaxInt32))
		}
	}
	if global.PerSecond > 0 {
		l.global = rate.NewLimiter(rate.Limit(global.PerSecond), global.Burst)
	}
	if l.client.PerSecond == 0 {
		return l, nil
	}
	var err error
	l.clients, err = otter.New(&otter.Options[netip.Addr, *rate.Limiter]{
		MaximumSize: maxClients, ExpiryCalculator: otter.ExpiryAccessing[netip.Addr, *rate.Limiter](l.client.idle()),
	})
	return l, err
}

// idle is when a bucket may be forgotten: not before it is full again.
func (r Rate) idle() time.Duration {
	full := float64(r.Burst) / r.PerSecond
	return max(clientIdle, time.Duration(min(full, (24*time.Hour).Seconds())*float64(time.Second)))
}

func (l *limiter) off() bool { return l.global == nil && l.clients == nil }

// take takes a token of each bucket. Where one is empty it says which and when
// the next token comes. A client that has none of its own takes none of all's.
func (l *limiter) take(client netip.Addr, now time.Time) (scope string, wait time.Duration) {
	if l.clients != nil {
		if own := l.bucket(bucketOf(client)); !own.AllowN(now, 1) {
			return scopeClient, untilNext(own, now)
		}
	}
	if l.global != nil && !l.global.AllowN(now, 1) {
		return scopeGlobal, untilNext(l.global, now)
	}
	return "", 0
}

func (l *limiter) bucket(client netip.Addr) *rate.Limiter {
	if own, ok := l.clients.GetIfPresent(client); ok {
		return own
	}
	own, _ := l.clients.ComputeIfAbsent(client, func() (*rate.Limiter, bool) {
		return rate.NewLimiter(rate.Limit(l.client.PerSecond), l.client.Burst), false
	})
	return own
}

// untilNext is at least a nanosecond: a fault rounds it up to a whole second.
func untilNext(l *rate.Limiter, now time.Time) time.Duration {
	seconds := (1 - l.TokensAt(now)) / float64(l.Limit())
	return max(1, time.Duration(min(seconds, time.Hour.Seconds())*float64(time.Second)))
}

func (l *limiter) close() {
	if l.clients != nil {
		l.clients.StopAllGoroutines()
	}
}
