package parcel

import (
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/execution/calibrate"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// What no report of ours is beyond.
const (
	maxText   = 8 << 10
	maxReason = 64
)

var verdicts = map[problem.Verdict]bool{
	problem.Accepted: true, problem.WrongAnswer: true, problem.PresentationError: true, problem.TimeLimitExceeded: true,
	problem.MemoryLimitExceeded: true, problem.OutputLimitExceeded: true, problem.RuntimeError: true,
	problem.CompileError: true, problem.JudgeError: true,
}

var (
	errNoVerdict = errors.New("its verdict is none")
	errNegative  = errors.New("it holds a negative number")
	errLongText  = errors.New("it holds a text that is too long")
)

// plausible refuses what no judge of ours says.
func (o *Outcome) plausible(batch bool) error {
	switch {
	case o.Failure != nil && o.Report == nil && o.Batch == nil:
		return o.Failure.plausible()
	case o.Report != nil && o.Failure == nil && o.Batch == nil && !batch:
		return plausibleReport(o.Report)
	case o.Batch != nil && o.Failure == nil && o.Report == nil && batch:
		return plausibleBatch(o.Batch)
	}
	return errors.New("it is not of the kind that was asked for")
}

func (f *Failure) plausible() error {
	if len(f.Reason) > maxReason || len(f.Message) > maxText || len(f.Detail) > maxText {
		return errLongText
	}
	return nil
}

func plausibleReport(r *problem.Report) error {
	switch {
	case !verdicts[r.Verdict]:
		return errNoVerdict
	case r.Passed < 0 || r.Passed > len(r.Tests) || len(r.Tests) > r.Total || r.Total > execution.MaxTests:
		return errors.New("its numbers of tests do not fit")
	case r.Verdict == problem.Accepted && (r.Total == 0 || r.Passed != r.Total):
		return errors.New("it is accepted without having passed every test")
	case r.Limits.Time < 0 || r.Limits.MemoryBytes < 0 || len(r.CompileLog) > maxText || len(r.Detail) > maxText:
		return errors.New("it is out of bounds")
	}
	if err := plausibleSpeed(r.Speed); err != nil {
		return err
	}
	passed := 0
	for i := range r.Tests {
		if err := plausibleTest(&r.Tests[i]); err != nil {
			return fmt.Errorf("test %d: %w", i+1, err)
		}
		if r.Tests[i].Verdict == problem.Accepted {
			passed++
		}
	}
	if passed != r.Passed {
		return errors.New("its number of passed tests is wrong")
	}
	return nil
}

// plausibleSpeed: 0 is not known.
func plausibleSpeed(speed float64) error {
	if speed != 0 && (speed < calibrate.Slowest || speed > calibrate.Fastest) {
		return errors.New("its machine has a speed that none has")
	}
	return nil
}

func plausibleTest(t *problem.TestResult) error {
	switch {
	case !verdicts[t.Verdict]:
		return errNoVerdict
	case t.CPU < 0 || t.Wall < 0 || t.MemoryBytes < 0:
		return errNegative
	case len(t.Name) > execution.MaxName || len(t.Signal) > execution.MaxName,
		len(t.Output) > maxText || len(t.Stderr) > maxText || len(t.Detail) > maxText:
		return errLongText
	}
	return nil
}

func plausibleBatch(r *execution.BatchReport) error {
	if len(r.Steps) > execution.MaxSteps || len(r.CompileLogs) > execution.MaxPrograms {
		return errors.New("it speaks of more than can be asked for")
	}
	if err := plausibleSpeed(r.Speed); err != nil {
		return err
	}
	for name, log := range r.CompileLogs {
		if len(name) > execution.MaxName || len(log) > maxText {
			return errLongText
		}
	}
	kept := 0
	for i := range r.Steps {
		if err := plausibleStep(&r.Steps[i]); err != nil {
			return fmt.Errorf("step %d: %w", i+1, err)
		}
		kept += len(r.Steps[i].Output)
	}
	if kept > execution.MaxKept {
		return errors.New("its outputs are too much")
	}
	return nil
}

func plausibleStep(s *execution.StepResult) error {
	switch {
	case s.Verdict != "" && !verdicts[s.Verdict]:
		return errNoVerdict
	case s.CPU < 0 || s.MemoryBytes < 0 || s.Size < int64(len(s.Output)):
		return errNegative
	case len(s.Name) > execution.MaxName || len(s.Signal) > execution.MaxName || len(s.Stderr) > maxText || len(s.Detail) > maxText:
		return errLongText
	case s.Digest != "" && !isDigest(s.Digest):
		return errors.New("its digest is none")
	}
	return nil
}

func isDigest(text string) bool {
	raw, err := hex.DecodeString(text)
	return err == nil && len(raw) == 32
}
