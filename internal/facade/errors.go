package facade

import (
	"errors"
	"net/http"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/algoitny/algoitny-operator/internal/store"
)

// Problem is an error as RFC 9457 describes it.
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
	// Errors name the fields that are wrong.
	Errors []FieldError `json:"errors,omitempty"`
}

// FieldError says what is wrong with one field of a request.
type FieldError struct {
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

func (p *Problem) Error() string { return p.Title + ": " + p.Detail }

func invalid(field, detail string) *Problem {
	return &Problem{
		Status: http.StatusBadRequest, Title: "Invalid request", Detail: field + " " + detail,
		Errors: []FieldError{{Field: field, Detail: detail}},
	}
}

// fail sends an error; what is not ours to tell goes to the log only.
func (a *api) fail(w http.ResponseWriter, r *http.Request, err error) {
	problem := classify(err)
	problem.Type = "about:blank"
	if problem.Status >= http.StatusInternalServerError {
		a.Log.Error(err, "a request failed", "method", r.Method, "path", r.URL.Path)
	}
	if problem.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	if problem.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
	}
	a.write(w, problem.Status, "application/problem+json", problem)
}

func classify(err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	if errors.Is(err, store.ErrNotFound) {
		return &Problem{Status: http.StatusNotFound, Title: "Not found", Detail: "no such problem is published"}
	}
	if e, ok := errors.AsType[*store.Error](err); ok {
		if e.Reason == store.ReasonInvalidCursor {
			return invalid("cursor", "was not made by this server; start again without it")
		}
		return &Problem{Status: http.StatusServiceUnavailable, Title: "Unavailable", Detail: "the table cannot be read now; try again"}
	}
	// APIStatus is not an error by itself, so AsType cannot look for it.
	if status := apierrors.APIStatus(nil); errors.As(err, &status) {
		return fromCluster(status)
	}
	return &Problem{Status: http.StatusInternalServerError, Title: "Internal error", Detail: "the server's log says more"}
}

// fromCluster passes the API server's own verdict on a write on.
func fromCluster(status apierrors.APIStatus) *Problem {
	answer := status.Status()
	switch code := int(answer.Code); code {
	case http.StatusUnauthorized:
		return &Problem{Status: code, Title: "Unauthorized", Detail: "the token is not valid; send Authorization: Bearer with a Kubernetes token"}
	case http.StatusForbidden:
		return &Problem{Status: code, Title: "Forbidden", Detail: "this token may not create Problems; ask for the role problem-editor"}
	case http.StatusConflict:
		return &Problem{Status: code, Title: "Conflict", Detail: "a Problem for this address exists already"}
	case http.StatusUnprocessableEntity, http.StatusBadRequest:
		out := &Problem{Status: code, Title: "Invalid problem", Detail: answer.Message}
		if answer.Details != nil {
			for _, cause := range answer.Details.Causes {
				out.Errors = append(out.Errors, FieldError{Field: cause.Field, Detail: cause.Message})
			}
		}
		return out
	}
	return &Problem{Status: http.StatusServiceUnavailable, Title: "Unavailable", Detail: "the cluster cannot be reached now; try again"}
}
