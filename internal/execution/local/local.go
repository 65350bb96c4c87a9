// Package local runs programs as subprocesses of this machine, for the demo
// and tests; it is no security boundary.
//
// Under bubblewrap a program sees no files, network or processes but its own,
// cannot reach its agent, and is as good as new for every test; only the
// kernel stands between it and the machine. Without bubblewrap it has all the
// rights of the user: it can read the user's files, use the network, end its
// agent, which costs it the test, and then leave processes behind and change
// its own folder. As long as its agent lives, the folder is put back for every
// test.
package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/go-logr/logr"
	"golang.org/x/sync/semaphore"
	"golang.org/x/sys/unix"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/execution/calibrate"
	"github.com/algoitny/algoitny-operator/internal/execution/judging"
	"github.com/algoitny/algoitny-operator/internal/execution/toolchain"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// Options configure a Runner.
type Options struct {
	// AgentCommand starts an agent of ours: a program and the word it knows.
	AgentCommand []string
	// Dir is where working folders are made, the system's when empty.
	Dir string
	// CacheDir is kept between runs for compilers, the user's when empty.
	CacheDir string
	// MaxConcurrent bounds the judgings at a time, the number of CPUs when 0.
	MaxConcurrent int64
	// Speed is this machine's, see package calibrate; it is measured when 0.
	Speed float64
	// Plain does without bubblewrap.
	Plain bool
	Log   logr.Logger
}

// Runner judges programs on this machine.
type Runner struct {
	o Options
	// slots are for judgings and batches. turns are for single runs of programs:
	// who wants to be alone takes all, and waits for no more than those.
	slots, turns *semaphore.Weighted
	sandbox      sandbox
	versions     versions
}

// New returns a Runner. It says in the log how little it protects.
func New(o Options) (*Runner, error) {
	if len(o.AgentCommand) == 0 {
		return nil, errors.New("no command for the agent was given")
	}
	if o.MaxConcurrent <= 0 {
		o.MaxConcurrent = int64(runtime.NumCPU())
	}
	if o.CacheDir == "" {
		folder, err := os.UserCacheDir()
		if err != nil {
			folder = os.TempDir()
		}
		o.CacheDir = filepath.Join(folder, "algoitny", "compile")
	}
	if o.Speed == 0 {
		o.Speed = calibrate.Measure()
	}
	removeStale(o.Dir)
	r := &Runner{o: o, slots: semaphore.NewWeighted(o.MaxConcurrent), turns: semaphore.NewWeighted(o.MaxConcurrent)}
	err := errors.New("it was not asked for")
	if !o.Plain {
		r.sandbox, err = newSandbox()
	}
	if err == nil {
		o.Log.Info("programs run on this machine under bubblewrap, which is no security boundary")
		return r, nil
	}
	o.Log.Info("programs run on this machine without a sandbox, which is no security boundary; install bubblewrap", "reason", err.Error())
	return r, hideSelf()
}

// hideSelf keeps this process's memory and environment, which hold answers and
// keys, from programs that have the same user. It does not help against
// programs of root, and costs core dumps and debuggers.
func hideSelf() error {
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("hide this process from programs: %w", err)
	}
	return nil
}

// Run implements execution.Runner.
func (r *Runner) Run(ctx context.Context, req execution.Request) (*problem.Report, error) {
	names := []string{req.Language}
	for _, p := range req.Needed() {
		names = append(names, p.Language)
	}
	return at(ctx, r, false, names, func(lab judging.Lab) (*problem.Report, error) {
		report, err := judging.Run(ctx, req, lab)
		if report != nil {
			report.Environment = r.versions.of(names)
		}
		return report, err
	})
}

// Work implements execution.Workshop. A batch takes the place of one judging.
func (r *Runner) Work(ctx context.Context, batch execution.Batch) (*execution.BatchReport, error) {
	var names []string
	for _, p := range batch.Needed() {
		names = append(names, p.Language)
	}
	return at(ctx, r, true, names, func(lab judging.Lab) (*execution.BatchReport, error) {
		report, err := judging.Work(ctx, batch, lab)
		if report != nil {
			report.Environment = r.versions.of(names)
		}
		return report, err
	})
}

// Forget implements execution.Runner: nothing is kept.
func (r *Runner) Forget(context.Context, execution.Owner) error { return nil }

// at does a judging or a batch with these languages, when there is room for it.
func at[T any](ctx context.Context, r *Runner, batch bool, languages []string, do func(judging.Lab) (*T, error)) (*T, error) {
	for _, name := range languages {
		language, err := toolchain.Find(name)
		if err == nil {
			err = language.Available()
		}
		if err != nil {
			return nil, err
		}
	}
	if err := r.slots.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	defer r.slots.Release(1)
	s, err := r.site(batch)
	if err != nil {
		return nil, err
	}
	defer s.remove()
	return do(judging.Lab{Sandbox: s, Scratch: s.outputs(), Room: judging.ScratchBytes, Speed: func() float64 { return r.o.Speed }})
}
