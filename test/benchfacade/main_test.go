// Package benchfacade_test measures the HTTP facade: the real program in a
// process of its own, over DynamoDB Local and a real API server with thousands
// of problems. `make bench-facade` prints the figures and fails when one is
// missed; docs/performance.md has them and says what each means.
package benchfacade_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"
)

var (
	problems = flag.Int("problems", 10_000, "problems in the table, and Problems in the cluster")
	streams  = flag.Int("streams", 5_000, "open streams of events")
	seconds  = flag.Float64("seconds", 60, "how long the load of constant rate lasts; other loads are a tenth of it, and repeated")
	program  = flag.String("program", "", "the facade's program; empty builds it")
	logs     = flag.String("logs", "", "folder that keeps the facades' logs; empty throws them away")
	only     = flag.String("only", "", "a word that stands in the names of the parts that are measured; empty measures all")
)

// envRole has the test program be one of the roles.
const envRole = "ALGOITNY_BENCHFACADE_ROLE"

// roles are what the benchmark runs beside itself, so that the time and the
// memory of one are not another's.
var roles = map[string]func() error{"bare": bare, "load": loadGenerator, "listeners": listeners, "sdk": sdk}

func TestMain(m *testing.M) {
	role, ok := roles[os.Getenv(envRole)]
	if !ok {
		os.Exit(m.Run())
	}
	if err := role(); err != nil {
		fmt.Fprintln(os.Stderr, os.Getenv(envRole)+":", err)
		os.Exit(1)
	}
}

// BenchmarkFacade is run once, and takes about a quarter of an hour.
func BenchmarkFacade(b *testing.B) {
	if _, err := exec.LookPath("wrk"); err != nil {
		b.Fatal("wrk is missing, which makes the load; install it: apt-get install wrk")
	}
	ctrl.SetLogger(logr.Discard())
	w := newWorld(b)
	s := &sheet{}
	before := w.machine()
	for _, part := range []struct {
		name    string
		measure func(*world, *sheet)
	}{
		{"cached", cachedList}, {"uncached", uncached}, {"latency", latency}, {"rolling", rollingRestart}, {"streams", openStreams},
	} {
		if wanted(part.name) {
			w.say("measuring: %s", part.name)
			part.measure(w, s)
		}
	}
	s.note("the machine meanwhile", "%s", w.machine().since(before))
	fmt.Print(s.text())
	if missed := s.missed(); missed > 0 {
		b.Errorf("figures that are missed: %d", missed)
	}
}

func wanted(part string) bool { return *only == "" || *only == part }

// load is how long one of several runs of a load lasts.
func load() time.Duration { return span(0.1) }

func span(part float64) time.Duration {
	return max(time.Second, time.Duration(part**seconds*float64(time.Second)).Round(time.Second))
}
