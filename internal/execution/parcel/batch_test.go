package parcel

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

func batchReport() *execution.BatchReport {
	return &execution.BatchReport{
		CompileLogs: map[string]string{"mutant 1": "no;"}, SandboxLost: true, Speed: 1.5,
		Steps: []execution.StepResult{
			{
				Name: "make", Verdict: problem.Accepted, CPU: time.Millisecond, MemoryBytes: 1 << 20,
				Digest: strings.Repeat("0a", 32), Size: 3, Output: []byte{0, 0xff},
			},
			{Name: "check", Verdict: problem.RuntimeError, ExitCode: 1, Stderr: "no", Detail: "exit code 1"},
			{Name: "not run", Detail: "its input was not made"},
		},
	}
}

func TestTheReportOfABatchArrivesAsItWasWritten(t *testing.T) {
	log, termination := saidAll(t, &Outcome{Batch: batchReport()})
	got, receipt, err := Read(strings.NewReader(log), termination, true)
	if err != nil || !reflect.DeepEqual(got, &Outcome{Batch: batchReport()}) || receipt.Verdict != "" {
		t.Errorf("got %+v, %+v, %v", got, receipt, err)
	}
}

func TestAFailureArrivesAsItWasWritten(t *testing.T) {
	for _, batch := range []bool{true, false} {
		want := &Outcome{Failure: &Failure{Reason: execution.ReasonCheckerFailed, Message: "mend it", Detail: "exit code 3"}}
		log, termination := saidAll(t, want)
		got, receipt, err := Read(strings.NewReader(log), termination, batch)
		if err != nil || !reflect.DeepEqual(got, want) || receipt.Verdict != problem.JudgeError {
			t.Errorf("got %+v, %+v, %v", got, receipt, err)
		}
	}
}

func TestWhatWasNotAskedForIsDamaged(t *testing.T) {
	both := &Outcome{Report: report(), Batch: batchReport()}
	for name, tt := range map[string]struct {
		outcome *Outcome
		batch   bool
	}{
		"a report for a batch":   {&Outcome{Report: report()}, true},
		"a batch for a report":   {&Outcome{Batch: batchReport()}, false},
		"both":                   {both, true},
		"both for a report":      {both, false},
		"nothing":                {&Outcome{}, true},
		"nothing for a report":   {&Outcome{}, false},
		"a report and a failure": {&Outcome{Report: report(), Failure: &Failure{}}, false},
	} {
		raw, _ := json.Marshal(tt.outcome)
		if got, _, err := Read(bytes.NewReader(raw), receiptFor(raw, tt.outcome.verdict()), tt.batch); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

// All that a batch may ask for fits, and what programs say beside it goes first.
func TestTheReportOfALargeBatchFits(t *testing.T) {
	text := strings.Repeat("\x00é", 1000)
	r := &execution.BatchReport{CompileLogs: map[string]string{}}
	for i := range execution.MaxPrograms {
		r.CompileLogs[fmt.Sprint("mutant ", i)] = text
	}
	for i := range execution.MaxSteps {
		r.Steps = append(r.Steps, execution.StepResult{
			Name: fmt.Sprint("mutant on test ", i), Verdict: problem.WrongAnswer, CPU: time.Minute, MemoryBytes: 1 << 30, Stderr: text, Detail: "why",
			Digest: strings.Repeat("0a", 32), Size: 1 << 20, Output: bytes.Repeat([]byte{0xff}, execution.MaxKept/execution.MaxSteps),
		})
	}
	log, termination := saidAll(t, &Outcome{Batch: r})
	got, _, err := Read(strings.NewReader(log), termination, true)
	if err != nil || len(log) > MaxBatchReport {
		t.Fatalf("%d bytes, %v", len(log), err)
	}
	for i, s := range got.Batch.Steps {
		if s.Detail != "why" || s.Digest == "" || i < execution.MaxSteps*8/10 && len(s.Output) == 0 {
			t.Fatalf("step %d lost more than it had to: %+v", i, s)
		}
	}
	if r.Steps[0].Stderr != text || r.CompileLogs["mutant 0"] != text {
		t.Error("the report itself was changed")
	}
}

func TestAnImplausibleBatchIsDamaged(t *testing.T) {
	long := strings.Repeat("x", maxText+1)
	for name, change := range map[string]func(*execution.BatchReport){
		"an unknown verdict":         func(r *execution.BatchReport) { r.Steps[0].Verdict = "OK" },
		"negative time":              func(r *execution.BatchReport) { r.Steps[0].CPU = -1 },
		"negative memory":            func(r *execution.BatchReport) { r.Steps[0].MemoryBytes = -1 },
		"more output than there was": func(r *execution.BatchReport) { r.Steps[0].Size = 1 },
		"no digest":                  func(r *execution.BatchReport) { r.Steps[0].Digest = "0a" },
		"a long name":                func(r *execution.BatchReport) { r.Steps[0].Name = long },
		"a long error output":        func(r *execution.BatchReport) { r.Steps[0].Stderr = long },
		"a long detail":              func(r *execution.BatchReport) { r.Steps[0].Detail = long },
		"a long signal":              func(r *execution.BatchReport) { r.Steps[0].Signal = long },
		"a long log":                 func(r *execution.BatchReport) { r.CompileLogs["x"] = long },
		"a log of a long name":       func(r *execution.BatchReport) { r.CompileLogs[long] = "" },
		"too many steps":             func(r *execution.BatchReport) { r.Steps = make([]execution.StepResult, execution.MaxSteps+1) },
		"too much output": func(r *execution.BatchReport) {
			r.Steps[0].Output, r.Steps[0].Size = make([]byte, execution.MaxKept+1), execution.MaxKept+1
		},
		"a machine that cannot be": func(r *execution.BatchReport) { r.Speed = -1 },
	} {
		r := batchReport()
		change(r)
		raw, _ := json.Marshal(Outcome{Batch: r})
		if got, _, err := Read(bytes.NewReader(raw), receiptFor(raw, ""), true); !errors.Is(err, ErrDamaged) || got != nil {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}
