// Package reconcile holds what all controllers share: the closed set of
// outcomes a step may have and the one finisher that turns them into status.
package reconcile

import (
	"context"
	"errors"
	"time"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/ledger"
	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/pipeline"
	"github.com/algoitny/algoitny-operator/internal/source"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// Kind is what became of a step.
type Kind string

// The kinds of outcomes.
const (
	KindDone    Kind = "Done"
	KindWait    Kind = "Wait"
	KindRetry   Kind = "Retry"
	KindStalled Kind = "Stalled"
)

// Outcome is the closed result of a step. The zero value is Done.
type Outcome struct {
	kind    Kind
	after   time.Duration
	reason  string
	message string
	err     error
}

// Done lets the next step run; the last one makes the object Ready.
func Done() Outcome { return Outcome{kind: KindDone} }

// Wait ends the reconcile until an event comes, or after a while when after
// is not 0.
func Wait(after time.Duration, reason, message string) Outcome {
	return Outcome{kind: KindWait, after: after, reason: reason, message: message}
}

// Retry ends the reconcile with an error that goes away by itself.
func Retry(reason, message string, err error) Outcome {
	return Outcome{kind: KindRetry, reason: reason, message: message, err: err}
}

// Stalled ends the reconcile until a person changes something.
func Stalled(reason, message string) Outcome {
	return Outcome{kind: KindStalled, reason: reason, message: message}
}

// Recheck looks again after a while at what no watch tells of, for example a
// Secret; without a change nothing is written.
func (o Outcome) Recheck(after time.Duration) Outcome {
	o.after = after
	return o
}

// Kind of the outcome.
func (o Outcome) Kind() Kind {
	if o.kind == "" {
		return KindDone
	}
	return o.kind
}

// IsDone tells whether the next step may run.
func (o Outcome) IsDone() bool { return o.Kind() == KindDone }

// Reason and Message are fit for a condition.
func (o Outcome) Reason() string { return o.reason }

// Message says what goes on and what a person can do.
func (o Outcome) Message() string { return o.message }

// Err is the cause of a Retry.
func (o Outcome) Err() error { return o.err }

// Step is one small piece of a reconcile.
type Step func(ctx context.Context) Outcome

// Run takes the steps in order up to the first that is not done.
func Run(ctx context.Context, steps ...Step) Outcome {
	for _, step := range steps {
		if outcome := step(ctx); !outcome.IsDone() || outcome.after > 0 {
			return outcome
		}
	}
	return Done()
}

// FromError classes every error the work can end with.
func FromError(err error) Outcome {
	if err == nil {
		return Done()
	}
	if e, ok := errors.AsType[*ledger.Error](err); ok {
		return classed(string(e.Class), string(e.Reason), e.Message, e.RetryAfter, err)
	}
	if e, ok := errors.AsType[*llm.Error](err); ok {
		return classed(string(e.Class), string(e.Reason), e.Message, e.RetryAfter, err)
	}
	if e, ok := errors.AsType[*source.Error](err); ok {
		return classed(string(e.Class), string(e.Reason), e.Message, e.RetryAfter, err)
	}
	if e, ok := errors.AsType[*store.Error](err); ok {
		return classed(string(e.Class), string(e.Reason), e.Message, 0, err)
	}
	if e, ok := errors.AsType[*pipeline.Error](err); ok {
		return Stalled(string(e.Reason), e.Message)
	}
	if e, ok := errors.AsType[*execution.UnsupportedError](err); ok {
		return Stalled(v1alpha1.ReasonLanguageUnavailable, e.Message)
	}
	return Retry(v1alpha1.ReasonRetrying, "an internal step failed; the operator tries again and its log says why", err)
}

func classed(class, reason, message string, after time.Duration, err error) Outcome {
	switch class {
	case string(KindStalled):
		return Stalled(reason, message)
	case string(KindWait):
		return Wait(max(after, time.Second), reason, message)
	}
	return Retry(reason, message, err)
}
