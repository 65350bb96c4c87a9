package llm

import (
	"context"
	"errors"
)

// ErrNoBatch is in the chain of the error of an endpoint that has no batches.
// Nothing was started.
var ErrNoBatch = errors.New("the endpoint has no batches")

// Batcher is a Model that takes many requests at once, at a lower price, for
// answers within a day.
type Batcher interface {
	Model
	// SendBatch uploads the items and starts a batch of them. The mark goes
	// with it, so that FindBatch finds the batch when the answer to SendBatch
	// was lost. An *Error that is Unclear says that the batch may have been
	// started; with ErrNoBatch in its chain nothing was.
	SendBatch(ctx context.Context, mark string, items []BatchItem) (id string, err error)
	// FindBatch looks for free for the batch of a mark; "" when there is none.
	FindBatch(ctx context.Context, mark string) (id string, err error)
	// FetchBatch asks for free how a batch is doing. Its errors are *Error and
	// never Unclear; one that is Ended says that no result will ever come, any
	// other that asking again may bring them.
	FetchBatch(ctx context.Context, id string) (*Batch, error)
}

// BatchItem is one request of a batch. Its ID is unique there and at most 64
// characters long.
type BatchItem struct {
	ID      string
	Request Request
}

// Batch is how a batch is doing.
type Batch struct {
	// Done is true when nothing will be added any more.
	Done bool
	// Results are the items' outcomes by their IDs, once the batch is done.
	Results map[string]BatchResult
	// Failed is why items that have no result were not worked on: the batch was
	// rejected, expired or canceled. Nothing was billed for them.
	Failed *Error
}

// BatchResult is one item's outcome: a Response that was paid for, or an Error.
type BatchResult struct {
	Response *Response
	Err      *Error
}

// Result is the outcome of one item of a batch that is done. An item about
// which the provider says nothing at all may have been worked on and billed.
func (b *Batch) Result(itemID string) BatchResult {
	if r, ok := b.Results[itemID]; ok {
		return r
	}
	if b.Failed != nil {
		return BatchResult{Err: b.Failed}
	}
	return BatchResult{Err: &Error{
		Class: ClassRetry, Reason: ReasonInvalidResponse, Unclear: true,
		Message: "the finished batch says nothing about this request",
	}}
}
