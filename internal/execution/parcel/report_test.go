package parcel

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

func report() *problem.Report {
	return &problem.Report{
		Verdict: problem.WrongAnswer, Passed: 1, Total: 3, CompileLog: "a warning",
		Limits: problem.Limits{Time: time.Second, MemoryBytes: 64 << 20},
		Tests: []problem.TestResult{
			{Name: "one", Verdict: problem.Accepted, CPU: time.Millisecond, Wall: time.Millisecond, MemoryBytes: 1 << 20},
			{Name: "two", Verdict: problem.WrongAnswer, Output: "0\n", Detail: `expected "1", got "0"`},
		},
	}
}

// said is what a judge's container leaves.
func said(t testing.TB, r *problem.Report) (log, termination string) {
	t.Helper()
	return saidAll(t, &Outcome{Report: r})
}

func saidAll(t testing.TB, o *Outcome) (log, termination string) {
	t.Helper()
	var out bytes.Buffer
	receipt, err := Write(&out, o, Phases{UnpackMillis: 1, ReadyMillis: 2, CompileMillis: 3, RunMillis: 4})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(receipt)
	if err != nil || len(raw) > maxReceipt {
		t.Fatalf("a receipt of %d bytes, %v", len(raw), err)
	}
	return out.String(), string(raw)
}

// readReport is a request's report.
func readReport(log io.Reader, termination string) (*problem.Report, Receipt, error) {
	o, receipt, err := Read(log, termination, false)
	if err != nil {
		return nil, receipt, err
	}
	return o.Report, receipt, nil
}

func TestAReportArrivesAsItWasWritten(t *testing.T) {
	log, termination := said(t, report())
	if strings.Count(log, "\n") != 1 || !strings.HasSuffix(log, "\n") {
		t.Errorf("it is not one line: %q", log)
	}
	got, receipt, err := readReport(strings.NewReader(log), termination)
	if err != nil || !reflect.DeepEqual(got, report()) {
		t.Errorf("got %+v, %v", got, err)
	}
	if receipt.Verdict != problem.WrongAnswer || receipt.Bytes != len(log) || receipt.Phases != (Phases{1, 2, 3, 4}) {
		t.Errorf("got %+v", receipt)
	}
}

// crowd is a report with as many failures as there can be tests.
func crowd(tests int, each problem.TestResult) *problem.Report {
	r := &problem.Report{Verdict: each.Verdict, Total: tests}
	for i := range tests {
		each.Name = fmt.Sprint("test ", i)
		r.Tests = append(r.Tests, each)
	}
	return r
}

func TestALongReportLosesItsEndFirst(t *testing.T) {
	text := strings.Repeat("\x00é", 1000)
	long := crowd(execution.MaxTests, problem.TestResult{Verdict: problem.WrongAnswer, Output: text, Stderr: text, Detail: "why"})
	log, termination := said(t, long)
	got, _, err := readReport(strings.NewReader(log), termination)
	if err != nil || len(log) > MaxReport || len(log) < MaxReport/2 {
		t.Fatalf("%d bytes, %v", len(log), err)
	}
	first, last := got.Tests[0], got.Tests[execution.MaxTests-1]
	if first.Output != text || first.Stderr != text || last.Output != "" || last.Stderr != "" || last.Detail != "why" {
		t.Errorf("the first keeps %d bytes, the last %d and %q", len(first.Output), len(last.Output), last.Detail)
	}
	if long.Tests[execution.MaxTests-1].Output != text {
		t.Error("the report itself was changed")
	}
	log, termination = said(t, crowd(execution.MaxTests, problem.TestResult{Verdict: problem.WrongAnswer, Detail: text[:900]}))
	if got, _, err = readReport(strings.NewReader(log), termination); err != nil || len(log) > MaxReport || got.Tests[0].Detail == "" || got.Tests[execution.MaxTests-1].Detail != "" {
		t.Errorf("%d bytes of details, %v", len(log), err)
	}
}

func TestAReportThatCannotBeShortenedIsNotWritten(t *testing.T) {
	long := report()
	long.CompileLog = strings.Repeat("x", MaxReport)
	var out bytes.Buffer
	if _, err := Write(&out, &Outcome{Report: long}, Phases{}); !errors.Is(err, errTooLong) || out.Len() > 0 {
		t.Errorf("%d bytes, %v", out.Len(), err)
	}
}

func TestADamagedReportIsNoReport(t *testing.T) {
	log, termination := said(t, report())
	other, _ := said(t, &problem.Report{Verdict: problem.Accepted, Passed: 1, Total: 1, Tests: []problem.TestResult{{Verdict: problem.Accepted}}})
	for name, tt := range map[string]struct{ log, termination string }{
		"nothing":               {"", termination},
		"a cut":                 {log[:len(log)/2], termination},
		"without its end":       {log[:len(log)-1], termination},
		"with more":             {log + "x", termination},
		"twice":                 {log + log, termination},
		"another report":        {other, termination},
		"a flipped letter":      {strings.Replace(log, "WA", "AC", 1), termination},
		"no receipt":            {log, ""},
		"half a receipt":        {log, termination[:len(termination)/2]},
		"two receipts":          {log, termination + termination},
		"a receipt without end": {log, termination + strings.Repeat(" ", maxReceipt)},
		"an unknown field":      {log, strings.Replace(termination, `"bytes"`, `"b":1,"bytes"`, 1)},
		"another verdict":       {log, strings.Replace(termination, "WA", "AC", 1)},
		"a flood":               {strings.Repeat("x", 4*MaxReport), termination},
	} {
		t.Run(name, func(t *testing.T) {
			if got, _, err := readReport(strings.NewReader(tt.log), tt.termination); !errors.Is(err, ErrDamaged) || got != nil {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

// receiptFor makes anything look as if a judge had said it.
func receiptFor(raw []byte, verdict problem.Verdict) string {
	termination, _ := json.Marshal(Receipt{Digest: digest(raw), Bytes: len(raw), Verdict: verdict})
	return string(termination)
}

func TestAnImplausibleReportIsDamaged(t *testing.T) {
	accepted := problem.TestResult{Verdict: problem.Accepted}
	long := strings.Repeat("x", maxText+1)
	for name, change := range map[string]func(*problem.Report){
		"an unknown verdict":           func(r *problem.Report) { r.Verdict = "OK" },
		"no verdict":                   func(r *problem.Report) { r.Verdict = "" },
		"a test's unknown verdict":     func(r *problem.Report) { r.Tests[1].Verdict = "OK" },
		"fewer than none passed":       func(r *problem.Report) { r.Passed = -1 },
		"more passed than run":         func(r *problem.Report) { r.Passed = 3 },
		"more passed than accepted":    func(r *problem.Report) { r.Passed = 2 },
		"more run than there are":      func(r *problem.Report) { r.Total = 1 },
		"more tests than can be":       func(r *problem.Report) { r.Total = execution.MaxTests + 1 },
		"accepted without every test":  func(r *problem.Report) { r.Verdict = problem.Accepted },
		"accepted without tests":       func(r *problem.Report) { *r = problem.Report{Verdict: problem.Accepted} },
		"accepted with a failure":      func(r *problem.Report) { r.Verdict, r.Passed, r.Total = problem.Accepted, 2, 2 },
		"negative time":                func(r *problem.Report) { r.Tests[0].CPU = -1 },
		"negative wall time":           func(r *problem.Report) { r.Tests[0].Wall = -1 },
		"negative memory":              func(r *problem.Report) { r.Tests[0].MemoryBytes = -1 },
		"negative limits":              func(r *problem.Report) { r.Limits.Time = -1 },
		"a long log":                   func(r *problem.Report) { r.CompileLog = long },
		"a long output":                func(r *problem.Report) { r.Tests[1].Output = long },
		"a long error output":          func(r *problem.Report) { r.Tests[1].Stderr = long },
		"a long detail":                func(r *problem.Report) { r.Tests[1].Detail = long },
		"a long name":                  func(r *problem.Report) { r.Tests[1].Name = long },
		"a long signal":                func(r *problem.Report) { r.Tests[1].Signal = long },
		"a judge's own long complaint": func(r *problem.Report) { r.Detail = long },
		"a machine that cannot be":     func(r *problem.Report) { r.Speed = 100 },
	} {
		t.Run(name, func(t *testing.T) {
			r := report()
			change(r)
			raw, err := json.Marshal(Outcome{Report: r})
			if err != nil {
				t.Fatal(err)
			}
			if got, _, err := readReport(bytes.NewReader(raw), receiptFor(raw, r.Verdict)); !errors.Is(err, ErrDamaged) || got != nil {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
	whole, _ := json.Marshal(Outcome{Report: &problem.Report{Verdict: problem.Accepted, Passed: 1, Total: 1, Tests: []problem.TestResult{accepted}}})
	if _, _, err := readReport(bytes.NewReader(whole), receiptFor(whole, problem.Accepted)); err != nil {
		t.Error(err)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestALogThatCannotBeReadIsNotDamaged(t *testing.T) {
	_, termination := said(t, report())
	if _, _, err := readReport(failing{}, termination); !errors.Is(err, io.ErrClosedPipe) || errors.Is(err, ErrDamaged) {
		t.Errorf("got %v", err)
	}
}

// FuzzRead lets the log be anything that has a receipt: an outcome comes out
// only when it is plausible, and of the kind that was asked for.
func FuzzRead(f *testing.F) {
	log, termination := said(f, report())
	f.Add([]byte(log), termination, false)
	log, termination = saidAll(f, &Outcome{Batch: batchReport()})
	f.Add([]byte(log), termination, true)
	f.Add([]byte(`{"report":{"verdict":"AC","passed":1,"total":1,"limits":{},"tests":[{"verdict":"AC"}]}}`), "AC", false)
	f.Add([]byte(`{"batch":{"steps":[{"verdict":"AC","output":"eA==","size":1}]}}`), "", true)
	f.Add([]byte(`{"failure":{"reason":"CheckerFailed"}}`), "JE", true)
	f.Add([]byte(`{"report":{"verdict":"AC"}}{}`), "AC", false)
	f.Add([]byte(`[]`), `{"bytes":-1}`, false)
	f.Fuzz(func(t *testing.T, log []byte, termination string, batch bool) {
		for _, receipt := range []string{termination, receiptFor(log, problem.Verdict(termination))} {
			got, _, err := Read(bytes.NewReader(log), receipt, batch)
			if (got == nil) == (err == nil) {
				t.Fatalf("got %v and %v", got, err)
			}
			if err != nil {
				if !errors.Is(err, ErrDamaged) {
					t.Fatal(err)
				}
				continue
			}
			if r := got.Report; r != nil && r.Verdict == problem.Accepted && (r.Total == 0 || r.Passed != r.Total) {
				t.Fatalf("accepted: %+v", got)
			}
			if got.Failure == nil && (got.Batch != nil) != batch {
				t.Fatalf("asked for a batch: %t, got %+v", batch, got)
			}
		}
	})
}
