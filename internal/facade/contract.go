package facade

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/danielgtaylor/huma/v2/validation"

	"github.com/algoitny/algoitny-operator/internal/facade/fault"
)

// contractVersion is that of the API: the first number changes when something
// is taken away.
const contractVersion = "1.0.0"

// bearer is the name of the one way to say who one is.
const bearer = "kubernetes"

// The groups of operations.
const (
	tagProblems    = "Problems"
	tagSuites      = "Suites"
	tagSolutions   = "Solutions"
	tagSubmissions = "Submissions"
	tagLive        = "Live"
	tagOperation   = "Operation"
)

// contract is the beginning of the API's description; the operations add
// themselves.
func contract(transformers ...huma.Transformer) huma.Config {
	speakFaults()
	c := huma.DefaultConfig("AlgoItny", contractVersion)
	c.Info.Description = `Problems to practise on: verified, with test suites that catch wrong programs.

Reading problems needs nothing. Writing, and reading submissions, takes a Kubernetes token: what its account may do in the cluster decides. Errors are problem details (RFC 9457) that name the field. A slash at the end of an address changes nothing.`
	c.Transformers = transformers
	// A filter that is misspelled would otherwise be one that is not there.
	c.RejectUnknownQueryParameters = true
	c.OpenAPIPath, c.DocsPath, c.SchemasPath, c.CreateHooks = "/api/openapi", "", "", nil
	// Only JSON is spoken, whatever is asked for.
	c.Formats = map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat}
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		bearer: {Type: "http", Scheme: "bearer", Description: "A Kubernetes token: from kubectl create token, or of the cluster's OIDC issuer."},
	}
	for _, tag := range []struct{ name, text string }{
		{tagProblems, "What there is to solve."}, {tagSuites, "What programs are judged with."}, {tagSolutions, "Programs that passed."},
		{tagSubmissions, "Programs of people."}, {tagLive, "Changes as they come: server-sent events."}, {tagOperation, "How the engine is."},
	} {
		c.Tags = append(c.Tags, &huma.Tag{Name: tag.name, Description: tag.text})
	}
	return c
}

// speakFaults makes the framework's own errors ours. It has one such hook for
// the whole process.
func speakFaults() {
	huma.DefaultArrayNullable, huma.ValidateStrictCasing = false, true
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		return newFault(status, message, errs)
	}
}

// newFault is an error that the framework found, or that a handler returned
// and it does not know.
func newFault(status int, message string, errs []error) *fault.Fault {
	for _, err := range errs {
		if f, ok := errors.AsType[*fault.Fault](err); ok {
			return f
		}
	}
	switch {
	case status >= http.StatusInternalServerError:
		f := fault.New(status, "the server's log says more")
		f.Cause = errors.Join(errs...)
		return f
	case status == http.StatusRequestEntityTooLarge:
		return fault.New(status, "the body is larger than this address takes")
	case status == http.StatusRequestTimeout:
		return fault.New(status, "the body did not arrive in time")
	case status == http.StatusUnsupportedMediaType:
		return fault.New(status, "send the body as JSON and say so: Content-Type: application/json (curl does with --json)")
	case status == http.StatusUnprocessableEntity:
		// What the framework refuses breaks the form of a request; 422 is for what
		// only the cluster's rules refuse.
		status = http.StatusBadRequest
	}
	f := fault.New(status, message)
	for _, err := range errs {
		if detailed, ok := err.(huma.ErrorDetailer); ok {
			f.Errors = append(f.Errors, fieldOf(detailed.ErrorDetail())...)
		}
	}
	if len(f.Errors) > 0 {
		f.Detail = f.Errors[0].Field + ": " + f.Errors[0].Detail
	} else if len(errs) > 0 {
		f.Detail = "the body must be one JSON object, as GET /api/docs describes it"
	}
	return f
}

// fieldOf names what is wrong, where that is one field.
func fieldOf(d *huma.ErrorDetail) []fault.Field {
	_, field, _ := strings.Cut(d.Location, ".")
	var missing string
	if n, _ := fmt.Sscanf(d.Message, validation.MsgExpectedRequiredProperty, &missing); n == 1 {
		return []fault.Field{{Field: strings.TrimPrefix(field+"."+missing, "."), Detail: "is required"}}
	}
	if field == "" {
		return nil
	}
	return []fault.Field{{Field: field, Detail: d.Message}}
}

// OpenAPI is the description of the API, as JSON of OpenAPI 3.1.
func OpenAPI() ([]byte, error) {
	api := humago.New(http.NewServeMux(), contract())
	(&Facade{}).register(api)
	return api.OpenAPI().MarshalJSON()
}

// refuseOtherMethods answers what an address does not take. The mux would, but
// in plain text.
func refuseOtherMethods(mux *http.ServeMux, described *huma.OpenAPI) {
	for path, item := range described.Paths {
		allowed := map[string]bool{}
		for method, operation := range map[string]*huma.Operation{
			http.MethodGet: item.Get, http.MethodHead: item.Get, http.MethodPost: item.Post, http.MethodDelete: item.Delete,
		} {
			if operation != nil {
				allowed[method] = true
			}
		}
		names := strings.Join(slices.Sorted(maps.Keys(allowed)), ", ")
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			f := fault.New(http.StatusMethodNotAllowed, "this address takes "+names)
			f.Allow = names
			f.Write(w)
		})
	}
}
