package parcel

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// MaxReport bounds a report, in bytes.
const MaxReport = 512 << 10

// What no report of ours is beyond.
const (
	maxReceipt = 4 << 10
	maxText    = 8 << 10
	maxName    = 256
)

// ErrDamaged says that a report is not what its judge has said.
var ErrDamaged = errors.New("the report is damaged")

// Receipt is the judge's last word, which stands in a container's status.
type Receipt struct {
	// Digest is the hexadecimal SHA-256 of the report, Bytes its length.
	Digest string `json:"digest"`
	Bytes  int    `json:"bytes"`
	// Verdict is the report's, for whoever reads a pod's status.
	Verdict problem.Verdict `json:"verdict"`
	Phases  Phases          `json:"phases"`
}

// Phases are where the time of a judging went.
type Phases struct {
	UnpackMillis  int64 `json:"unpackMillis"`
	ReadyMillis   int64 `json:"readyMillis"`
	CompileMillis int64 `json:"compileMillis"`
	RunMillis     int64 `json:"runMillis"`
}

// WriteReport writes one line of JSON of at most MaxReport bytes. What is too
// much goes from the end: the first failure is what people look at.
func WriteReport(w io.Writer, r *problem.Report, p Phases) (Receipt, error) {
	raw, err := encode(r)
	if err != nil {
		return Receipt{}, fmt.Errorf("encode the report: %w", err)
	}
	if _, err := w.Write(raw); err != nil {
		return Receipt{}, fmt.Errorf("write the report: %w", err)
	}
	return Receipt{Digest: digest(raw), Bytes: len(raw), Verdict: r.Verdict, Phases: p}, nil
}

// errTooLong says that even without excerpts a report is too much.
var errTooLong = fmt.Errorf("it has more than %d KiB even without excerpts", MaxReport>>10)

// encode measures each test by itself, so that many large ones take no longer
// than their length.
func encode(r *problem.Report) ([]byte, error) {
	copied := *r
	copied.Tests = slices.Clone(r.Tests)
	excess := 1 - MaxReport
	for i := range copied.Tests {
		excess += size(copied.Tests[i]) + len(",")
	}
	excess += size(problem.Report{
		Verdict: r.Verdict, Passed: r.Passed, Total: r.Total, CompileLog: r.CompileLog, Limits: r.Limits,
		SandboxLost: r.SandboxLost, Detail: r.Detail, Tests: []problem.TestResult{{}},
	})
	for _, drop := range []func(*problem.TestResult){
		func(t *problem.TestResult) { t.Output, t.Stderr = "", "" },
		func(t *problem.TestResult) { t.Detail = "" },
	} {
		for i := len(copied.Tests) - 1; i >= 0 && excess > 0; i-- {
			excess -= size(copied.Tests[i])
			drop(&copied.Tests[i])
			excess += size(copied.Tests[i])
		}
	}
	raw, err := json.Marshal(copied)
	if err == nil && len(raw) >= MaxReport {
		err = errTooLong
	}
	return append(raw, '\n'), err
}

// size is how long a value is when written; strings, numbers and slices can
// always be.
func size(v any) int {
	raw, _ := json.Marshal(v)
	return len(raw)
}

func digest(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// ReadReport reads a log that must be exactly what the termination message is
// the receipt of. Every error wraps ErrDamaged, or is the log's own.
func ReadReport(log io.Reader, termination string) (*problem.Report, Receipt, error) {
	var receipt Receipt
	if len(termination) > maxReceipt || strict([]byte(termination), &receipt) != nil {
		return nil, receipt, fmt.Errorf("%w: its receipt is none", ErrDamaged)
	}
	raw, err := io.ReadAll(io.LimitReader(log, MaxReport+1))
	if err != nil {
		return nil, receipt, fmt.Errorf("read the report: %w", err)
	}
	if len(raw) != receipt.Bytes || digest(raw) != receipt.Digest {
		return nil, receipt, fmt.Errorf("%w: it is not what the receipt is for", ErrDamaged)
	}
	report := &problem.Report{}
	if err := strict(raw, report); err != nil {
		return nil, receipt, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if report.Verdict != receipt.Verdict {
		return nil, receipt, fmt.Errorf("%w: its receipt is for another verdict", ErrDamaged)
	}
	if err := plausible(report); err != nil {
		return nil, receipt, fmt.Errorf("%w: it makes no sense: %w", ErrDamaged, err)
	}
	return report, receipt, nil
}

// strict takes exactly one value, and no field that it does not know.
func strict(raw []byte, value any) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(value); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one value")
	}
	return nil
}

var verdicts = map[problem.Verdict]bool{
	problem.Accepted: true, problem.WrongAnswer: true, problem.PresentationError: true, problem.TimeLimitExceeded: true,
	problem.MemoryLimitExceeded: true, problem.OutputLimitExceeded: true, problem.RuntimeError: true,
	problem.CompileError: true, problem.JudgeError: true,
}

// plausible refuses what no judge of ours says.
func plausible(r *problem.Report) error {
	switch {
	case !verdicts[r.Verdict]:
		return errors.New("its verdict is none")
	case r.Passed < 0 || r.Passed > len(r.Tests) || len(r.Tests) > r.Total || r.Total > maxTests:
		return errors.New("its numbers of tests do not fit")
	case r.Verdict == problem.Accepted && (r.Total == 0 || r.Passed != r.Total):
		return errors.New("it is accepted without having passed every test")
	case r.Limits.Time < 0 || r.Limits.MemoryBytes < 0 || len(r.CompileLog) > maxText || len(r.Detail) > maxText:
		return errors.New("it is out of bounds")
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

func plausibleTest(t *problem.TestResult) error {
	switch {
	case !verdicts[t.Verdict]:
		return errors.New("its verdict is none")
	case t.CPU < 0 || t.Wall < 0 || t.MemoryBytes < 0:
		return errors.New("it holds a negative number")
	case len(t.Name) > maxName || len(t.Output) > maxText || len(t.Stderr) > maxText || len(t.Detail) > maxText || len(t.Signal) > maxName:
		return errors.New("it holds a text that is too long")
	}
	return nil
}
