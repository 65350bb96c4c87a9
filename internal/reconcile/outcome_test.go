package reconcile_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/algoitny/algoitny-operator/internal/dispatch"
	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/ledger"
	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/pipeline"
	"github.com/algoitny/algoitny-operator/internal/reconcile"
	"github.com/algoitny/algoitny-operator/internal/source"
	"github.com/algoitny/algoitny-operator/internal/store"
)

func TestEveryErrorHasItsOutcome(t *testing.T) {
	missing := &store.Error{Class: store.ClassStalled, Reason: store.ReasonTableMissing, Message: "create it"}
	tests := []struct {
		name   string
		err    error
		kind   reconcile.Kind
		reason string
		lasts  bool
	}{
		{"nothing is wrong", nil, reconcile.KindDone, "", false},
		{"the model wants a rest", &llm.Error{Class: llm.ClassWait, Reason: llm.ReasonRateLimited}, reconcile.KindWait, "RateLimited", false},
		{"the model is away", &llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonOverloaded}, reconcile.KindRetry, "ProviderOverloaded", false},
		{"the key is refused", &llm.Error{Class: llm.ClassStalled, Reason: llm.ReasonUnauthorized}, reconcile.KindStalled, "Unauthorized", true},
		{"the budget is used up", &ledger.Error{Class: llm.ClassWait, Reason: ledger.ReasonBudgetExceeded}, reconcile.KindWait, "BudgetExceeded", false},
		{"the ledger's word outranks its cause's", &ledger.Error{Class: llm.ClassWait, Reason: ledger.ReasonProviderPaused, Err: &llm.Error{Class: llm.ClassStalled}}, reconcile.KindWait, "ProviderPaused", false},
		{"the page is behind a wall", &source.Error{Class: source.Stalled, Reason: source.PageBlocked}, reconcile.KindStalled, "PageBlocked", true},
		{"the site is away", &source.Error{Class: source.Retry, Reason: source.FetchFailed}, reconcile.KindRetry, "FetchFailed", false},
		{"the site wants a rest", &source.Error{Class: source.Wait, Reason: source.RateLimited, RetryAfter: time.Hour}, reconcile.KindWait, "RateLimited", false},
		{"the table is throttled", &store.Error{Class: store.ClassWait, Reason: store.ReasonThrottled}, reconcile.KindWait, "TableThrottled", false},
		{"the table is missing, which is looked at again", missing, reconcile.KindStalled, "TableMissing", false},
		{"the table is missing under a call", &ledger.Error{Class: llm.ClassStalled, Reason: "TableMissing", Err: missing}, reconcile.KindStalled, "TableMissing", false},
		{"somebody else owns the item", &store.ConflictError{Owner: "far/away"}, reconcile.KindStalled, "StoredByAnother", false},
		{"the item moved meanwhile", &store.ConflictError{Want: 1, Have: 2}, reconcile.KindRetry, "Retrying", false},
		{"the page holds no sample", &pipeline.Error{Reason: pipeline.ReasonNoSamples}, reconcile.KindStalled, "NoSamples", true},
		{"the language is missing", &execution.UnsupportedError{Language: "go"}, reconcile.KindStalled, "LanguageUnavailable", true},
		{"the cluster has no room", &execution.Error{Class: execution.ClassRetry, Reason: "Unschedulable"}, reconcile.KindRetry, "Unschedulable", false},
		{"the image cannot be had", &execution.Error{Class: execution.ClassStalled, Reason: "ImageUnavailable"}, reconcile.KindStalled, "ImageUnavailable", true},
		{"nobody knows", errors.New("no"), reconcile.KindRetry, "Retrying", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.err
			if err != nil {
				err = fmt.Errorf("doing something: %w", err)
			}
			got := reconcile.FromError(err)
			if got.Kind() != tt.kind || got.Reason() != tt.reason || got.Lasts() != tt.lasts {
				t.Errorf("got %s %s, lasting %v", got.Kind(), got.Reason(), got.Lasts())
			}
		})
	}
}

func TestFailedWorkIsAWaitUnlessOnlyAPersonCanHelp(t *testing.T) {
	retry := &source.Error{Class: source.Retry, Reason: source.FetchFailed, Message: "away"}
	resting := reconcile.FromWork(t.Context(), dispatch.State[int]{Err: retry, Pause: time.Minute})
	running := reconcile.FromWork(t.Context(), dispatch.State[int]{Err: retry, Running: true})
	for name, got := range map[string]reconcile.Outcome{"resting": resting, "running again": running} {
		if got.Kind() != reconcile.KindWait || got.Reason() != "FetchFailed" || got.Message() != "away" || got.Err() != nil {
			t.Errorf("%s: got %+v", name, got)
		}
	}
	stalled := reconcile.FromWork(t.Context(), dispatch.State[int]{Err: &source.Error{Class: source.Stalled, Reason: source.ListPage}})
	if !stalled.Lasts() {
		t.Errorf("got %+v, want a stall", stalled)
	}
}

func TestStepsRunUpToTheFirstThatIsNotDone(t *testing.T) {
	var ran []string
	step := func(name string, outcome reconcile.Outcome) reconcile.Step {
		return func(context.Context) reconcile.Outcome { ran = append(ran, name); return outcome }
	}
	got := reconcile.Run(t.Context(), step("a", reconcile.Done()), step("b", reconcile.Wait(0, "Waiting", "for it")), step("c", reconcile.Done()))
	if got.Reason() != "Waiting" || len(ran) != 2 {
		t.Errorf("ran %v and got %+v", ran, got)
	}
	if last := reconcile.Run(t.Context(), step("d", reconcile.Done()), step("e", reconcile.Finished("all is there"))); last.Message() != "all is there" {
		t.Errorf("got %+v, want the last step's words", last)
	}
}
