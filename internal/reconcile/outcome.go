// Package reconcile holds what all controllers share: the closed set of
// outcomes a step may have and the one finisher that turns them into status.
package reconcile

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/dispatch"
	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/ledger"
	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/pipeline"
	"github.com/algoitny/algoitny-operator/internal/source"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// tableRecheck is how often a table is tried again that only a person can put
// right: no watch tells when that was done.
const tableRecheck = 10 * time.Minute

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

// Done lets the next step run.
func Done() Outcome { return Outcome{kind: KindDone} }

// Finished is the last step's Done: the object is Ready, and message says what
// is there.
func Finished(message string) Outcome { return Outcome{kind: KindDone, message: message} }

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

// Lasts tells whether only a change of what went in can help, so that nothing
// is tried before.
func (o Outcome) Lasts() bool { return o.Kind() == KindStalled && o.after == 0 }

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

// Run takes the steps in order up to the first that is not done, and returns
// the last outcome.
func Run(ctx context.Context, steps ...Step) Outcome {
	outcome := Done()
	for _, step := range steps {
		if outcome = step(ctx); !outcome.IsDone() {
			break
		}
	}
	return outcome
}

// FromError classes every error the work can end with.
func FromError(err error) Outcome {
	outcome := fromError(err)
	if _, table := errors.AsType[*store.Error](err); table && outcome.Kind() == KindStalled {
		return outcome.Recheck(tableRecheck)
	}
	return outcome
}

func fromError(err error) Outcome {
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
	if e, ok := errors.AsType[*store.ConflictError](err); ok {
		return conflict(e)
	}
	if e, ok := errors.AsType[*pipeline.Error](err); ok {
		return Stalled(string(e.Reason), e.Message)
	}
	if e, ok := errors.AsType[*execution.Error](err); ok {
		return classed(string(e.Class), e.Reason, e.Message, 0, err)
	}
	if e, ok := errors.AsType[*execution.UnsupportedError](err); ok {
		return Stalled(v1alpha1.ReasonLanguageUnavailable, e.Message)
	}
	return Retry(v1alpha1.ReasonRetrying, "an internal step failed; the operator tries again and its log says why", err)
}

// FromWork is FromError for dispatched work that failed. The pool has it rest
// and starts it again, so that what may go away by itself is a wait here.
func FromWork[T any](ctx context.Context, state dispatch.State[T]) Outcome {
	outcome := FromError(state.Err)
	if outcome.Kind() == KindStalled {
		return outcome
	}
	if outcome.Kind() == KindRetry && !state.Running {
		log.FromContext(ctx).Error(state.Err, "work failed and will run again", "reason", outcome.reason, "pause", state.Pause)
	}
	outcome.kind, outcome.err = KindWait, nil
	outcome.after = max(outcome.after, state.Pause)
	if state.Running {
		// Its end wakes the object.
		outcome.after = 0
	}
	return outcome
}

// conflict is a write that met something else than it had read. What another
// object owns stays as it is until a person decides.
func conflict(e *store.ConflictError) Outcome {
	if e.Owner == "" {
		return Retry(v1alpha1.ReasonRetrying, "the stored item changed meanwhile; the operator reads it again", e)
	}
	return Stalled(v1alpha1.ReasonStoredByAnother, fmt.Sprintf(
		"the table holds this for %s, which is not in this cluster; delete it there, or delete its items from the table", e.Owner)).Recheck(tableRecheck)
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
