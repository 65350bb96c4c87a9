// Package chaos_test lets several operators work on a table and on models that
// fail, kills and pauses them at random moments, and then checks what must hold
// whatever happens. README.md tells how to read and repeat a run.
package chaos_test

import (
	"flag"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"
)

var (
	seed     = flag.Uint64("seed", 1, "decides on objects, kills, pauses and faults")
	minutes  = flag.Float64("minutes", 0.4, "how long the storm lasts")
	patience = flag.Duration("patience", 6*time.Minute, "how long everything may take to settle afterwards")
	programs = flag.String("programs", "", "folder with the manager and the runner; empty builds them")
	logs     = flag.String("logs", "", "folder for the operators' logs; empty throws them away")
)

func TestNothingIsPaidTwiceLostOrLeftWhateverFails(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes minutes")
	}
	ctrl.SetLogger(logr.Discard())
	w := newWorld(t, time.Duration(*minutes*float64(time.Minute)))
	w.storm()
	unsettled := w.calm()
	w.fleet.end()
	e := w.evidence()
	violations := slices.Concat(unsettled, e.violations(), w.disagreements(), w.overspent())
	slices.Sort(violations)
	violations = slices.Compact(violations)
	t.Log(w.summary(e, len(violations)))
	for _, violation := range violations {
		t.Error(violation)
	}
	if t.Failed() {
		t.Logf("repeat it with -seed=%d -minutes=%v", *seed, *minutes)
		w.fleet.showLogs(t)
	}
}

// dice are an actor's own, so that what one draws does not depend on how fast
// the others are.
func dice(actor string) *rand.Rand {
	name := fnv.New64a()
	_, _ = name.Write([]byte(actor))
	return rand.New(rand.NewPCG(*seed, name.Sum64()))
}

// between draws a duration.
func between(d *rand.Rand, least, most time.Duration) time.Duration {
	return least + time.Duration(d.Int64N(int64(most-least)+1))
}
