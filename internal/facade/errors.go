package facade

import (
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-logr/logr"

	"github.com/algoitny/algoitny-operator/internal/facade/fault"
)

// asFault is what a client may know of an error; the rest is logged.
func asFault(log logr.Logger, err error) *fault.Fault {
	f, ok := errors.AsType[*fault.Fault](err)
	if !ok {
		f = fault.New(http.StatusInternalServerError, "the server's log says more")
		f.Cause = err
	}
	if f.Status >= http.StatusInternalServerError {
		log.Error(err, "a request failed", "cause", f.Cause)
	}
	return f
}

// complete gives an error the headers that HTTP wants with it, and the log what
// a client may not know. It runs on every answer.
func (f *Facade) complete(ctx huma.Context, _ string, body any) (any, error) {
	failed, ok := body.(*fault.Fault)
	if !ok {
		return body, nil
	}
	// Some are shared, and none is changed.
	out := *failed
	out.Type = "about:blank"
	if out.Status >= http.StatusInternalServerError {
		f.o.Log.Error(failed, "a request failed", "method", ctx.Method(), "path", ctx.URL().Path, "cause", out.Cause)
	}
	header := http.Header{}
	out.SetHeaders(header)
	for name := range header {
		ctx.SetHeader(name, header.Get(name))
	}
	return &out, nil
}
