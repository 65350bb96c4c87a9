package facade

import (
	"context"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/algoitny/algoitny-operator/internal/facade/access"
)

// callerKey is where the caller of a request is.
type callerKey struct{}

// identified lets nobody in without a token, before anything of the request is
// looked at.
func (f *Facade) identified(ctx huma.Context, next func(huma.Context)) {
	as, err := f.gate.Caller(ctx.Header("Authorization"))
	if err != nil {
		_, w := humago.Unwrap(ctx)
		f.fail(w, err)
		return
	}
	next(huma.WithValue(ctx, callerKey{}, as))
}

// caller is who sent the request.
func (f *Facade) caller(ctx context.Context) (*access.Caller, error) {
	as, ok := ctx.Value(callerKey{}).(*access.Caller)
	if !ok {
		return f.gate.Caller("")
	}
	return as, nil
}

// may asks the cluster whether the caller may do something.
func (f *Facade) may(ctx context.Context, act access.Act) error {
	as, err := f.caller(ctx)
	if err != nil {
		return err
	}
	return as.May(ctx, act)
}

// private is an operation that shows what not everybody may see.
func (f *Facade) private(op huma.Operation) huma.Operation {
	op.Security = []map[string][]string{{bearer: {}}}
	op.Middlewares = huma.Middlewares{f.identified}
	op.Errors = append([]int{401, 403}, op.Errors...)
	return op
}
