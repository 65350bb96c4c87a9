package access

import (
	"errors"
	"fmt"
	"net/http"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/algoitny/algoitny-operator/internal/facade/fault"
)

// Refused passes the API server's own verdict on. Fields of the object keep the
// object's names.
func Refused(err error, act Act) error {
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		return f
	}
	// APIStatus is not an error by itself, so AsType cannot look for it.
	status := apierrors.APIStatus(nil)
	if !errors.As(err, &status) {
		return fault.Unavailable("the cluster cannot be reached now; try again", err)
	}
	answer := status.Status()
	switch code := int(answer.Code); code {
	case http.StatusUnauthorized:
		return fault.New(code, "the token is not valid; send Authorization: Bearer with a Kubernetes token")
	case http.StatusForbidden:
		return forbidden(act)
	case http.StatusNotFound:
		if act.Name != "" {
			return fault.New(code, fmt.Sprintf("there is no %s %s in the namespace %s", act.Resource, act.Name, act.Namespace))
		}
	case http.StatusUnprocessableEntity, http.StatusBadRequest:
		return invalid(code, &answer)
	case http.StatusTooManyRequests:
		return fault.Unavailable("the cluster is busy; try again", err)
	}
	return fault.Unavailable("the cluster does not take the request now; try again", err)
}

func forbidden(act Act) *fault.Fault {
	return fault.New(http.StatusForbidden, fmt.Sprintf("this token may not %s in the namespace %s; ask for the role problem-editor, or problem-viewer to read", act, act.Namespace))
}

// noField is where the API server says that it did not look at the rest.
var noField = (*field.Path)(nil).String()

// invalid names the fields that break the API's rules.
func invalid(code int, answer *metav1.Status) *fault.Fault {
	out := fault.New(code, "the request breaks the rules of the API")
	if answer.Details == nil {
		return out
	}
	for _, cause := range answer.Details.Causes {
		if cause.Field != noField {
			out.Errors = append(out.Errors, fault.Field{Field: cause.Field, Detail: cause.Message})
		}
	}
	return out
}
