package facade

import (
	"errors"
	"net/http"

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
	// allow lists the methods that the address takes.
	allow string
	// cause is for the log only.
	cause error
}

// FieldError says what is wrong with one field of a request.
type FieldError struct {
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

func (p *Problem) Error() string { return p.Title + ": " + p.Detail }

func (p *Problem) Unwrap() error { return p.cause }

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
		a.Log.Error(err, "a request failed", "method", r.Method, "path", r.URL.Path, "cause", errors.Unwrap(err))
	}
	for name, value := range problem.headers() {
		w.Header().Set(name, value)
	}
	a.write(w, problem.Status, "application/problem+json", problem)
}

// headers are those that HTTP wants with the status.
func (p *Problem) headers() map[string]string {
	switch p.Status {
	case http.StatusUnauthorized:
		return map[string]string{"WWW-Authenticate": "Bearer"}
	case http.StatusMethodNotAllowed:
		return map[string]string{"Allow": p.allow}
	case http.StatusServiceUnavailable:
		return map[string]string{"Retry-After": "5"}
	}
	return nil
}

func classify(err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	notFound := &Problem{Status: http.StatusNotFound, Title: "Not found", Detail: "no such problem is published"}
	if errors.Is(err, store.ErrNotFound) {
		return notFound
	}
	if e, ok := errors.AsType[*store.Error](err); ok {
		switch e.Reason {
		case store.ReasonInvalidCursor:
			return invalid("cursor", "was not made by this server; start again without it")
		case store.ReasonInvalidKey:
			// What no key can name is not there.
			return notFound
		case store.ReasonRecordDamaged:
			// To ask again would not help.
			return &Problem{Status: http.StatusInternalServerError, Title: "Internal error", Detail: "what is stored of the problem is damaged"}
		}
		return unavailable("the table cannot be read now; try again", err)
	}
	return &Problem{Status: http.StatusInternalServerError, Title: "Internal error", Detail: "the server's log says more"}
}

func unavailable(detail string, cause error) *Problem {
	return &Problem{Status: http.StatusServiceUnavailable, Title: "Unavailable", Detail: detail, cause: cause}
}
