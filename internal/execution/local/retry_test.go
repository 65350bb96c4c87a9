package local

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/go-logr/logr"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/execution/agent"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// burns takes so much CPU time of its own, and the second time, when the file is
// there, next to none.
func burns(millis int, file string) string {
	return fmt.Sprintf(`#include <cstdio>
#include <ctime>
int main() {
  clock_t began = clock();
  if (FILE* f = fopen("%[2]s", "r")) { puts("1"); return 0; }
  if (FILE* f = fopen("%[2]s", "w")) fclose(f);
  while (clock() - began < CLOCKS_PER_SEC / 1000 * %[1]d);
  puts("1");
}
`, millis, file)
}

// crowded runs so many judgings at a time.
func crowded(t *testing.T, atATime int64) *Runner {
	t.Helper()
	r, err := New(Options{
		AgentCommand: []string{os.Args[0], agent.Command}, Dir: t.TempDir(), Plain: true, Speed: 1, MaxConcurrent: atATime, Log: logr.Discard(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Several judgings that all want to be alone at the same time must not wait for
// each other without end, nor for a batch that goes on.
func TestWhoWantsToBeAloneGetsItsTurn(t *testing.T) {
	runner := crowded(t, 2)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	limits := problem.Limits{Time: 500 * time.Millisecond, MemoryBytes: 128 << 20}
	tests := []execution.Test{{Name: "1", Input: execution.Text(""), Answer: execution.Text("1")}}
	folder := t.TempDir()
	var all sync.WaitGroup
	for i, want := range []problem.Verdict{problem.TimeLimitExceeded, problem.Accepted, problem.TimeLimitExceeded, problem.Accepted} {
		file := "/nowhere/at/all"
		if want == problem.Accepted {
			file = filepath.Join(folder, fmt.Sprint(i))
		}
		all.Go(func() {
			report, err := runner.Run(ctx, execution.Request{Language: "cpp", Source: burns(550, file), Tests: tests, Limits: limits})
			if err != nil || report.Verdict != want || !report.Tests[0].Retried {
				t.Errorf("got %+v, %v; want %s", report, err, want)
			}
		})
	}
	all.Go(func() {
		batch := execution.Batch{Programs: []problem.Program{generator}}
		for i := range 30 {
			batch.Steps = append(batch.Steps, execution.Step{Name: fmt.Sprint(i), Program: "generator", Args: []string{"10", "1"}})
		}
		if _, err := runner.Work(ctx, batch); err != nil {
			t.Error(err)
		}
	})
	all.Wait()
}

func TestATurnAloneIsOneWithNobodyElse(t *testing.T) {
	runner := crowded(t, 3)
	s := &site{runner: runner}
	first, err := s.Turn(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan struct{})
	go func() {
		defer close(got)
		done, err := s.Turn(t.Context(), true)
		if err != nil {
			t.Error(err)
			return
		}
		if runner.turns.TryAcquire(1) {
			t.Error("somebody else has a turn")
		}
		done()
	}()
	first()
	<-got
	over, cancel := context.WithCancel(t.Context())
	cancel()
	alone, err := s.Turn(t.Context(), true)
	if err != nil {
		t.Fatal(err)
	}
	defer alone()
	if _, err := s.Turn(over, false); err == nil {
		t.Error("a turn was given to somebody who has gone")
	}
}

func TestTheSpeedOfThisMachineIsMeasuredWhereNobodyKnowsIt(t *testing.T) {
	runner, err := New(Options{AgentCommand: []string{"false"}, Plain: true, Dir: t.TempDir()})
	if err != nil || runner.o.Speed <= 0 {
		t.Errorf("got %+v, %v", runner, err)
	}
}
