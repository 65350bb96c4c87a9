package parcel

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// The bounds of what a judge says, in bytes. A kubelet cuts a container's log at
// 10 MiB unless it is told otherwise; what it has cut is no report.
const (
	MaxReport = 512 << 10
	// MaxBatchReport has room for execution.MaxKept, written as JSON.
	MaxBatchReport = 4 << 20
)

// maxReceipt is more than any receipt of ours has.
const maxReceipt = 4 << 10

// ErrDamaged says that a report is not what its judge has said.
var ErrDamaged = errors.New("the report is damaged")

// Outcome is what a judge says. Exactly one of the fields is set.
type Outcome struct {
	Report  *problem.Report        `json:"report,omitempty"`
	Batch   *execution.BatchReport `json:"batch,omitempty"`
	Failure *Failure               `json:"failure,omitempty"`
}

// Failure is why there is no report.
type Failure struct {
	// Reason and Message are an execution.Error's that needs a person. Without
	// a reason it is the judge's own failure, and a run that is lost.
	Reason  string `json:"reason,omitempty"`
	Message string `json:"message,omitempty"`
	// Detail is for the log.
	Detail string `json:"detail,omitempty"`
}

// verdict is what a receipt says of the outcome, for whoever reads a pod's
// status; a batch has none.
func (o *Outcome) verdict() problem.Verdict {
	switch {
	case o.Report != nil:
		return o.Report.Verdict
	case o.Failure != nil:
		return problem.JudgeError
	}
	return ""
}

// Limit bounds the outcome of a batch, or of a request.
func Limit(batch bool) int {
	if batch {
		return MaxBatchReport
	}
	return MaxReport
}

// Receipt is the judge's last word, which stands in a container's status.
type Receipt struct {
	// Digest is the hexadecimal SHA-256 of the report, Bytes its length.
	Digest string `json:"digest"`
	Bytes  int    `json:"bytes"`
	// Verdict is the report's.
	Verdict problem.Verdict `json:"verdict"`
	Phases  Phases          `json:"phases"`
}

// Phases are where the time of a judging went. Where tests have to be made,
// that counts as compiling.
type Phases struct {
	UnpackMillis  int64 `json:"unpackMillis"`
	ReadyMillis   int64 `json:"readyMillis"`
	CompileMillis int64 `json:"compileMillis"`
	RunMillis     int64 `json:"runMillis"`
}

// Write writes one line of JSON within its Limit. What is too much goes from the
// end: the first failure is what people look at.
func Write(w io.Writer, o *Outcome, p Phases) (Receipt, error) {
	raw, err := encode(o)
	if err != nil {
		return Receipt{}, fmt.Errorf("encode the report: %w", err)
	}
	if _, err := w.Write(raw); err != nil {
		return Receipt{}, fmt.Errorf("write the report: %w", err)
	}
	return Receipt{Digest: digest(raw), Bytes: len(raw), Verdict: o.verdict(), Phases: p}, nil
}

// errTooLong says that even without excerpts a report is too much.
var errTooLong = errors.New("it is too long even without excerpts")

func encode(o *Outcome) ([]byte, error) {
	limit := Limit(o.Batch != nil)
	raw, err := json.Marshal(o)
	if err == nil && len(raw) >= limit {
		raw, err = json.Marshal(shortened(o, len(raw)+1-limit))
	}
	if err == nil && len(raw) >= limit {
		err = errTooLong
	}
	return append(raw, '\n'), err
}

// shortened is a copy without what is too much.
func shortened(o *Outcome, excess int) *Outcome {
	short := *o
	switch {
	case o.Report != nil:
		report := *o.Report
		report.Tests = slices.Clone(report.Tests)
		drop(report.Tests, &excess, func(t *problem.TestResult) { t.Output, t.Stderr = "", "" })
		drop(report.Tests, &excess, func(t *problem.TestResult) { t.Detail = "" })
		short.Report = &report
	case o.Batch != nil:
		report := *o.Batch
		report.CompileLogs = cut(report.CompileLogs, &excess)
		report.Steps = slices.Clone(report.Steps)
		drop(report.Steps, &excess, func(s *execution.StepResult) { s.Stderr = "" })
		drop(report.Steps, &excess, func(s *execution.StepResult) { s.Output = nil })
		drop(report.Steps, &excess, func(s *execution.StepResult) { s.Detail = "" })
		short.Batch = &report
	}
	return &short
}

// drop takes something out of parts, from the last on, until there is no excess.
// Each part is measured by itself, so that many large ones take no longer than
// their length.
func drop[T any](parts []T, excess *int, from func(*T)) {
	for i := len(parts) - 1; i >= 0 && *excess > 0; i-- {
		*excess -= size(parts[i])
		from(&parts[i])
		*excess += size(parts[i])
	}
}

// shortLog is what is left of a compiler's words when there is too much.
const shortLog = 512

func cut(logs map[string]string, excess *int) map[string]string {
	logs = maps.Clone(logs)
	for _, name := range slices.Backward(slices.Sorted(maps.Keys(logs))) {
		if log := logs[name]; *excess > 0 && len(log) > shortLog {
			logs[name] = log[:shortLog]
			*excess += size(logs[name]) - size(log)
		}
	}
	return logs
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

// Read reads a log that must be exactly what the termination message is the
// receipt of, and speak of what was asked for: a batch, or a request. Every
// error wraps ErrDamaged, or is the log's own.
func Read(log io.Reader, termination string, batch bool) (*Outcome, Receipt, error) {
	var receipt Receipt
	if len(termination) > maxReceipt || strict([]byte(termination), &receipt) != nil {
		return nil, receipt, fmt.Errorf("%w: its receipt is none", ErrDamaged)
	}
	raw, err := io.ReadAll(io.LimitReader(log, int64(Limit(batch))+1))
	if err != nil {
		return nil, receipt, fmt.Errorf("read the report: %w", err)
	}
	if len(raw) != receipt.Bytes || digest(raw) != receipt.Digest {
		return nil, receipt, fmt.Errorf("%w: it is not what the receipt is for", ErrDamaged)
	}
	outcome := &Outcome{}
	if err := strict(raw, outcome); err != nil {
		return nil, receipt, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if outcome.verdict() != receipt.Verdict {
		return nil, receipt, fmt.Errorf("%w: its receipt is for another verdict", ErrDamaged)
	}
	if err := outcome.plausible(batch); err != nil {
		return nil, receipt, fmt.Errorf("%w: it makes no sense: %w", ErrDamaged, err)
	}
	return outcome, receipt, nil
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
