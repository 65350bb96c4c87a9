package source

import (
	"context"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxHosts bounds the memory of the limiter: URLs come from users.
const maxHosts = 1024

// hostLimiter spaces the requests to one host.
type hostLimiter struct {
	interval time.Duration
	now      func() time.Time
	sleep    func(context.Context, time.Duration) error

	mu    sync.Mutex
	hosts map[string]*rate.Limiter
	// rest is shared by all hosts for which there is no room.
	rest *rate.Limiter
}

func newHostLimiter(interval time.Duration, now func() time.Time, sleep func(context.Context, time.Duration) error) *hostLimiter {
	return &hostLimiter{
		interval: interval, now: now, sleep: sleep,
		hosts: map[string]*rate.Limiter{}, rest: rate.NewLimiter(rate.Every(interval), 1),
	}
}

// wait returns when the host may be asked again.
func (l *hostLimiter) wait(ctx context.Context, host string) error {
	now := l.now()
	reservation := l.limiter(strings.TrimSuffix(strings.ToLower(host), "."), now).ReserveN(now, 1)
	delay := reservation.DelayFrom(now)
	if delay == 0 {
		return nil
	}
	if err := l.sleep(ctx, delay); err != nil {
		reservation.CancelAt(l.now())
		return err
	}
	return nil
}

func (l *hostLimiter) limiter(host string, now time.Time) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if known := l.hosts[host]; known != nil {
		return known
	}
	if len(l.hosts) >= maxHosts {
		l.forgetIdle(now)
	}
	if len(l.hosts) >= maxHosts {
		return l.rest
	}
	fresh := rate.NewLimiter(rate.Every(l.interval), 1)
	l.hosts[host] = fresh
	return fresh
}

// forgetIdle drops the hosts whose pause is over: a new limiter would let
// their next request through just the same.
func (l *hostLimiter) forgetIdle(now time.Time) {
	for host, limiter := range l.hosts {
		if limiter.TokensAt(now) >= 1 {
			delete(l.hosts, host)
		}
	}
}

// sleep waits for d or for the end of the context.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
