package llm

import (
	"context"
	"errors"
)

// ErrNoBackground is in the chain of the error of an endpoint that has no
// background calls. Nothing that could be billed was sent.
var ErrNoBackground = errors.New("the endpoint has no background calls")

// Background is a Model whose paid calls go on at the provider when the caller
// dies.
type Background interface {
	Model
	// Start sends the request and returns the provider's id for the call before
	// there is an answer. It makes exactly one paid request and never retries.
	// Every error is an *Error. With ErrNoBackground in its chain nothing was
	// sent that could be billed, now or ever, and Complete is the way.
	Start(ctx context.Context, req Request) (id string, err error)
	// Fetch asks for free for the answer to a started call: nil and nil while
	// it is on its way. Its errors are *Error and never Unclear, because asking
	// bills nothing. One that is Ended is the outcome of the call itself; after
	// any other the call may still be on its way.
	Fetch(ctx context.Context, id string) (*Response, error)
}
