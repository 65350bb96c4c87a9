package store

import (
	"sync/atomic"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
)

// promptly is how soon an answer has to come to tell the time: one that lay
// about, while this process was paused, tells an old one.
const promptly = 2 * time.Second

// leastSkew is the difference from which on the table's clock is believed: its
// answers give whole seconds and take a while to arrive.
const leastSkew = 5 * time.Second

// clock is the time as the table has it, so that replicas agree on when a
// claim's time is over although their own clocks do not.
type clock struct{ skew atomic.Int64 }

// learn takes the time from the answer to a request that was sent at asked; an
// engine that states none changes nothing.
func (c *clock) learn(asked time.Time, answer middleware.Metadata) {
	if time.Since(asked) > promptly {
		return
	}
	served, ok := awsmiddleware.GetServerTime(answer)
	received, known := awsmiddleware.GetResponseAt(answer)
	if !ok || !known {
		return
	}
	skew := served.Sub(received)
	if skew.Abs() < leastSkew {
		skew = 0
	}
	c.skew.Store(int64(skew))
}

// Clock is this machine's time, set right by the table's when the two are far
// apart.
func (s *Store) Clock() time.Time {
	return time.Now().Add(time.Duration(s.clock.skew.Load()))
}
