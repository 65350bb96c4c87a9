package rebuild

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// slack is how many times its time a run may take that was in time when it was
// recorded: what decided then is the record, and not this machine.
const slack = 4

// generousTime is a step's for which nobody has said any, as the engine has it.
const generousTime = 10 * time.Second

func relaxed(l problem.Limits) problem.Limits {
	if l.Time == 0 {
		l.Time = generousTime
	}
	l.Time *= slack
	return l
}

// timedWorkshop runs batches as they went when they were recorded: a step that
// ran out of time then does so without being run.
type timedWorkshop struct {
	engine Engine
	// timedOut are the steps of each batch.
	timedOut map[string][]string

	mu    sync.Mutex
	count int
}

// taken counts the steps of which the record decided.
func (w *timedWorkshop) taken() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.count
}

// Forget implements execution.Workshop: nothing is kept.
func (w *timedWorkshop) Forget(context.Context, execution.Owner) error { return nil }

// Work implements execution.Workshop.
func (w *timedWorkshop) Work(ctx context.Context, batch execution.Batch) (*execution.BatchReport, error) {
	known := w.timedOut[strings.TrimPrefix(batch.Key, replayKey+"/")]
	run, decided := decide(&batch, known)
	w.mu.Lock()
	w.count += len(known)
	w.mu.Unlock()
	report := &execution.BatchReport{}
	if len(run) > 0 {
		var err error
		rest := batch
		rest.Steps = run
		if report, err = w.engine.Work(ctx, rest); err != nil {
			return nil, err
		}
	}
	ran := map[string]execution.StepResult{}
	for _, result := range report.Steps {
		if result.Verdict == problem.TimeLimitExceeded {
			return nil, &tooSlowError{fmt.Sprintf("step %q of %s", result.Name, batch.Key)}
		}
		ran[result.Name] = result
	}
	report.Steps = nil
	for i := range batch.Steps {
		name := batch.Steps[i].Name
		if result, ok := decided[name]; ok {
			report.Steps = append(report.Steps, result)
		} else if result, ok := ran[name]; ok {
			report.Steps = append(report.Steps, result)
		}
	}
	return report, nil
}

// decide parts the steps of a batch: those to run, and the results of those
// that ran out of time, of those that were not run any more because of that,
// and of those that need what these would have made. It does by MaxTimeouts as
// the engine does.
func decide(batch *execution.Batch, timedOut []string) (run []execution.Step, decided map[string]execution.StepResult) {
	decided = map[string]execution.StepResult{}
	timeouts := map[string]int{}
	for _, step := range batch.Steps {
		result := execution.StepResult{Name: step.Name}
		switch {
		case batch.MaxTimeouts > 0 && timeouts[step.Program] >= batch.MaxTimeouts:
			result.Detail = "given up"
		case slices.ContainsFunc([]execution.Content{step.Input, step.Answer, step.Output}, func(c execution.Content) bool { return madeBy(c, decided) }):
			result.Detail = "what it needs was not made"
		case slices.Contains(timedOut, step.Name):
			timeouts[step.Program]++
			result.Verdict, result.Detail = problem.TimeLimitExceeded, "it ran out of time when it was recorded"
		default:
			step.Limits = relaxed(step.Limits)
			run = append(run, step)
			continue
		}
		decided[step.Name] = result
	}
	return run, decided
}

// madeBy tells whether a content would be the output of a step that is not run.
func madeBy(c execution.Content, decided map[string]execution.StepResult) bool {
	name, made := c.(execution.Made)
	if !made {
		return false
	}
	_, not := decided[string(name)]
	return not
}

// timedRunner judges programs as they were judged when it was recorded.
type timedRunner struct {
	engine Engine
	// tried are the attempts, of which the first has the number 1.
	tried []store.Tried
	taken int
}

// Forget implements execution.Runner: nothing is kept.
func (r *timedRunner) Forget(context.Context, execution.Owner) error { return nil }

// Run implements execution.Runner.
func (r *timedRunner) Run(ctx context.Context, req execution.Request) (*problem.Report, error) {
	known := r.known(req.Key)
	late := func(t execution.Test) bool { return slices.Contains(known, t.Name) }
	rest := req
	rest.Tests = slices.DeleteFunc(slices.Clone(req.Tests), late)
	rest.Limits = relaxed(req.Limits)
	r.taken += len(req.Tests) - len(rest.Tests)
	report := &problem.Report{}
	if len(rest.Tests) > 0 {
		var err error
		if report, err = r.engine.Run(ctx, rest); err != nil || report.Verdict == problem.CompileError || report.Verdict == problem.JudgeError {
			return report, err
		}
	}
	if slow := report.TimedOut(); len(slow) > 0 {
		return nil, &tooSlowError{fmt.Sprintf("%s of attempt %s", slow[0], req.Key)}
	}
	return joined(req.Tests, report, late), nil
}

// known are the tests that took an attempt too long.
func (r *timedRunner) known(key string) []string {
	number, err := strconv.Atoi(strings.TrimPrefix(key, replayKey+"/"))
	if err != nil || number < 1 || number > len(r.tried) {
		return nil
	}
	return r.tried[number-1].TimedOut
}

// joined is the report on all tests, as a judging sums it up.
func joined(tests []execution.Test, ran *problem.Report, late func(execution.Test) bool) *problem.Report {
	whole := *ran
	whole.Verdict, whole.Passed, whole.Total, whole.Tests = problem.Accepted, 0, len(tests), nil
	results := ran.Tests
	for _, test := range tests {
		result := problem.TestResult{Name: test.Name, Verdict: problem.TimeLimitExceeded, Detail: "it ran out of time when it was recorded"}
		if !late(test) {
			if len(results) == 0 || results[0].Name != test.Name {
				continue
			}
			result, results = results[0], results[1:]
		}
		whole.Tests = append(whole.Tests, result)
		switch {
		case result.Verdict == problem.Accepted:
			whole.Passed++
		case whole.Verdict == problem.Accepted:
			whole.Verdict = result.Verdict
		}
	}
	return &whole
}
