package calibrate

import (
	"testing"
	"time"
)

func TestASpeedIsThatOfTheReferenceWithinBounds(t *testing.T) {
	for name, tt := range map[string]struct {
		took time.Duration
		want float64
	}{
		"the reference itself": {nominal, 1},
		"twice as fast":        {nominal / 2, 2},
		"half as fast":         {2 * nominal, 0.5},
		"faster than there is": {nominal / 1000, Fastest},
		"in no time":           {0, Fastest},
		"slower than there is": {1000 * nominal, Slowest},
	} {
		if got := speed(tt.took); got != tt.want {
			t.Errorf("%s: got %g, want %g", name, got, tt.want)
		}
	}
}

func TestALimitFollowsASpeedThatIsReallyAnother(t *testing.T) {
	for name, tt := range map[string]struct {
		speed float64
		want  time.Duration
	}{
		"the reference":      {1, time.Second},
		"not known":          {0, time.Second},
		"a little slower":    {0.91, time.Second},
		"a little faster":    {1.09, time.Second},
		"half as fast":       {0.5, 2 * time.Second},
		"twice as fast":      {2, 500 * time.Millisecond},
		"as slow as can be":  {Slowest, 4 * time.Second},
		"a quarter faster":   {1.25, 800 * time.Millisecond},
		"a quarter slower":   {0.8, 1250 * time.Millisecond},
		"no speed whatever":  {-1, time.Second},
		"faster than any is": {Fastest, 250 * time.Millisecond},
		"in between":         {0.85, time.Second * 10 / 9},
	} {
		if got := Scale(time.Second, tt.speed); (got - tt.want).Abs() > time.Microsecond {
			t.Errorf("%s: got %s, want %s", name, got, tt.want)
		}
	}
}

// A measurement that differs a little from the one before must not make much
// of a difference, wherever it is.
func TestALimitHasNoStepToFlapAt(t *testing.T) {
	const step = 0.001
	for speed := Slowest + step; speed < Fastest; speed += step {
		before, now := Scale(time.Second, speed-step), Scale(time.Second, speed)
		if now > before || float64(before-now) > 3*step/speed*float64(before) {
			t.Fatalf("at %.3f it goes from %s to %s", speed, before, now)
		}
	}
}

// The race detector and other work on the machine must not matter much.
func TestThisMachineHasASpeedThatStaysTheSame(t *testing.T) {
	first := Measure()
	for range 5 {
		if again := Measure(); again < first/2 || again > first*2 {
			t.Errorf("%g once and %g then", first, again)
		}
	}
	t.Logf("the speed is %.3f", first)
}

func TestTheReferenceAlwaysDoesTheSame(t *testing.T) {
	first := reference(make([]uint32, tableSize))
	if second := reference(make([]uint32, tableSize)); second != first || first == 0 {
		t.Errorf("%d once and %d then", first, second)
	}
}

// BenchmarkReference is what nominal should be.
func BenchmarkReference(b *testing.B) {
	table := make([]uint32, tableSize)
	for b.Loop() {
		reference(table)
	}
}
