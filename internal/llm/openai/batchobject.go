package openai

import (
	"github.com/algoitny/algoitny-operator/internal/llm"
)

// batch is the part of a batch object that the product reads. As for a
// response, the SDK would insist on more.
type batch struct {
	ID         string         `json:"id"`
	Status     string         `json:"status"`
	OutputFile string         `json:"output_file_id"`
	ErrorFile  string         `json:"error_file_id"`
	Metadata   map[string]any `json:"metadata"`
	Counts     struct {
		Completed int `json:"completed"`
	} `json:"request_counts"`
	Errors *struct {
		Data []struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"data"`
	} `json:"errors"`
}

type batchList struct {
	Data    []batch `json:"data"`
	HasMore bool    `json:"has_more"`
}

func (l *batchList) find(mark string) string {
	for _, b := range l.Data {
		if b.Metadata[markKey] == mark {
			return b.ID
		}
	}
	return ""
}

func (l *batchList) last() string {
	if len(l.Data) == 0 {
		return ""
	}
	return l.Data[len(l.Data)-1].ID
}

const statusExpired = "expired"

// done leaves validating, in_progress, finalizing and cancelling out, and
// whatever compatible servers call theirs.
func (b *batch) done() bool {
	switch b.Status {
	case statusCompleted, statusFailed, statusExpired, statusCancelled:
		return true
	}
	return false
}

// failed is why requests that have no result were not worked on. A batch that
// counts more answers than its files have lost some that were paid for, so it
// says nothing about the others; neither does one that was completed.
func (m *Model) failed(b *batch, results map[string]llm.BatchResult) *llm.Error {
	if b.Status == statusCompleted || b.Counts.Completed > answered(results) {
		return nil
	}
	return llm.AsError(m.wire.Refused(0, b.refusal()))
}

func answered(results map[string]llm.BatchResult) int {
	n := 0
	for _, r := range results {
		// An answer that could not be read is one too.
		if r.Response != nil || r.Err.Unclear {
			n++
		}
	}
	return n
}

// refusal reads the first of the errors that a rejected batch has. An expired
// or canceled batch was fine, and may be sent again.
func (b *batch) refusal() llm.Refusal {
	out := llm.Refusal{Recognized: true, Reason: llm.ReasonOverloaded, Code: "batch_" + b.Status}
	if b.Status != statusFailed {
		return out
	}
	out.Reason = llm.ReasonBadRequest
	if b.Errors == nil || len(b.Errors.Data) == 0 {
		return out
	}
	out.Code, out.Detail = b.Errors.Data[0].Code, b.Errors.Data[0].Message
	switch reason := reasonOf(out.Code); {
	case reason != "":
		out.Reason = reason
	case out.Code == "token_limit_exceeded":
		// The tokens of all waiting batches together: it passes as they finish.
		out.Reason = llm.ReasonRateLimited
	}
	return out
}
