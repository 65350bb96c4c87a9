package facade

import (
	"errors"
	"net/http"
	"regexp"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// fromCluster passes the API server's own verdict on a write on.
func fromCluster(err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	// APIStatus is not an error by itself, so AsType cannot look for it.
	status := apierrors.APIStatus(nil)
	if !errors.As(err, &status) {
		return unavailable("the cluster cannot be reached now; try again", err)
	}
	answer := status.Status()
	switch code := int(answer.Code); code {
	case http.StatusUnauthorized:
		return &Problem{Status: code, Title: "Unauthorized", Detail: "the token is not valid; send Authorization: Bearer with a Kubernetes token"}
	case http.StatusForbidden:
		return &Problem{Status: code, Title: "Forbidden", Detail: "this token may not create Problems; ask for the role problem-editor"}
	case http.StatusUnprocessableEntity, http.StatusBadRequest:
		return refused(code, &answer)
	}
	return unavailable("the cluster does not take the problem now; try again", err)
}

// noField is where the API server says that it did not look at the rest.
var noField = (*field.Path)(nil).String()

// refused names the fields that break the API's rules.
func refused(code int, answer *metav1.Status) *Problem {
	out := &Problem{Status: code, Title: "Invalid problem", Detail: "the problem breaks the rules of the API"}
	if answer.Details == nil {
		return out
	}
	for _, cause := range answer.Details.Causes {
		if cause.Field == noField {
			continue
		}
		out.Errors = append(out.Errors, FieldError{Field: requestField(cause.Field), Detail: cause.Message})
	}
	return out
}

// fieldNames gives the request's name for each field of the object it makes.
var fieldNames = []struct {
	object  *regexp.Regexp
	request string
}{
	{regexp.MustCompile(`^spec\.source(\.url)?$`), "problem_url"},
	{regexp.MustCompile(`^spec\.difficultyRating$`), "difficulty_rating"},
	{regexp.MustCompile(`^spec\.solutions(\[\d+\])?(\.language)?$`), "languages$1"},
}

func requestField(path string) string {
	for _, name := range fieldNames {
		if name.object.MatchString(path) {
			return name.object.ReplaceAllString(path, name.request)
		}
	}
	return path
}
