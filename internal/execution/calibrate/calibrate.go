// Package calibrate tells how fast this machine is, so that a verdict does not
// depend on which node gave it.
package calibrate

import (
	"math"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// nominal is the CPU time that the reference program takes on the machine that
// time limits are meant for, when nothing disturbs it: that of the project's own
// figures, an AMD EPYC with Go 1.26 on amd64. Measure it again after a change to
// the program, and where a new compiler makes another of it: it is the least
// that BenchmarkReference prints.
const nominal = 10 * time.Millisecond

// The bounds of a speed. What is beyond is no machine that programs should be
// judged on, and rather a disturbed measurement.
const (
	Slowest = 0.25
	Fastest = 4
)

// runs is how often the reference program runs; the fastest run counts.
// Whatever disturbs one takes time and never gives any.
const runs = 3

// Measure runs the reference program on one thread, which takes 30 ms on the
// reference machine, and returns its speed: 2 is twice as fast. It counts CPU
// time, which other programs on the machine take none of; they still share its
// caches and cores, and a machine seems slower for it, never faster.
func Measure() float64 {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	table := make([]uint32, tableSize)
	best := time.Duration(1<<63 - 1)
	for range runs {
		began := threadTime()
		reference(table)
		best = min(best, threadTime()-began)
	}
	return speed(best)
}

func speed(took time.Duration) float64 {
	return min(max(float64(nominal)/float64(max(took, 1)), Slowest), Fastest)
}

// The differences of speeds, from 1, up to which nothing is made of them and
// from which on all is. Measurements on one machine differ by a tenth and more
// when it is busy, and a limit that followed them would have a program near to
// it judged in one way today and in another tomorrow; machines that differ by
// more than that are of another kind. In between the limit follows by and by,
// because a step somewhere would only be another place to flap at.
const (
	ignored = 0.1
	counted = 0.2
)

// Scale is a limit of CPU time, meant for the reference machine, on a machine
// of this speed. A speed of 0 is not known.
func Scale(limit time.Duration, speed float64) time.Duration {
	if speed <= 0 {
		return limit
	}
	return time.Duration(float64(limit) / effective(speed))
}

// effective is the part of a speed that counts.
func effective(speed float64) float64 {
	off := math.Abs(speed - 1)
	switch {
	case off <= ignored:
		return 1
	case off >= counted:
		return speed
	}
	return 1 + math.Copysign((off-ignored)*counted/(counted-ignored), speed-1)
}

// threadTime is what the calling thread has taken so far.
func threadTime() time.Duration {
	var now unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &now)
	return time.Duration(now.Nano())
}

const (
	// tableSize has the table fit into a core's own cache, as the data of most
	// programs does: 256 KiB.
	tableSize = 1 << 16
	rounds    = 1_800_000
)

// reference is what programs do: arithmetic, branches that cannot be foreseen,
// and reads and writes all over a table.
//
//go:norace
func reference(table []uint32) uint32 {
	clear(table)
	state, sum := uint32(2463534242), uint32(0)
	for range rounds {
		// Marsaglia's xorshift, with the period 2³²−1.
		state ^= state << 13
		state ^= state >> 17
		state ^= state << 5
		place := &table[state%tableSize]
		if *place < state {
			*place = state
		} else {
			*place = *place*31 + sum
		}
		sum += *place ^ state>>3
	}
	return sum
}
