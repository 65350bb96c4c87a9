package facade

import (
	"context"
	"errors"
	"net/http"

	"golang.org/x/sync/errgroup"

	"github.com/algoitny/algoitny-operator/internal/facade/access"
	"github.com/algoitny/algoitny-operator/internal/facade/fault"
	"github.com/algoitny/algoitny-operator/internal/facade/view"
)

// atOnce is how many of a bulk go to the cluster at the same time.
const atOnce = 16

type bulkInput struct{ Body view.BulkRegistration }

// registerProblems registers each address as if it were alone; to send the same
// again changes nothing.
func (f *Facade) registerProblems(ctx context.Context, in *bulkInput) (*answer[view.BulkResults], error) {
	as, err := f.caller(ctx)
	if err != nil {
		return nil, err
	}
	// One refusal for all when it is the caller who is refused.
	if err := as.May(ctx, access.Act{Verb: "create", Resource: "problems", Namespace: f.o.Namespace}); err != nil {
		return nil, err
	}
	out := &view.BulkResults{Results: make([]view.BulkResult, len(in.Body.URLs))}
	group := errgroup.Group{}
	group.SetLimit(atOnce)
	for i, address := range in.Body.URLs {
		group.Go(func() error {
			wanted := &view.Registration{URL: address, Languages: in.Body.Languages, Suite: in.Body.Suite}
			made, err := f.registerOne(ctx, as, wanted, "")
			if err != nil && ctx.Err() != nil {
				err = fault.Unavailable("there was no time left for it; send the same again, which changes nothing for those that are registered", err)
			}
			out.Results[i] = f.became(address, made, err)
			return nil
		})
	}
	// Every failure is in its result.
	_ = group.Wait()
	for i := range out.Results {
		if out.Results[i].Status == http.StatusAccepted {
			out.Registered++
		} else {
			out.Refused++
		}
	}
	return &answer[view.BulkResults]{Body: out}, nil
}

func (f *Facade) became(address string, made *accepted, err error) view.BulkResult {
	if err == nil {
		return view.BulkResult{URL: address, Status: http.StatusAccepted, Location: made.Location, Accepted: made.Body}
	}
	refused, ok := errors.AsType[*fault.Fault](err)
	if !ok {
		f.o.Log.Error(err, "an address of a bulk could not be registered")
		return view.BulkResult{URL: address, Status: http.StatusInternalServerError, Detail: "the server's log says more"}
	}
	detail := refused.Detail
	if len(refused.Errors) > 0 {
		detail = refused.Errors[0].Field + ": " + refused.Errors[0].Detail
	}
	return view.BulkResult{URL: address, Status: refused.Status, Detail: detail}
}
