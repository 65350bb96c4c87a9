package facade

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/internal/facade/access"
	"github.com/algoitny/algoitny-operator/internal/facade/fault"
)

const (
	// labelKey tells with which Idempotency-Key something was asked for; whose
	// key it was is in it, so that nobody uses another's.
	labelKey = "algoitny.dev/idempotency-key"
	// annotationRequest is a digest of what was asked for.
	annotationRequest = "algoitny.dev/request"
)

// The lengths of digests, in hexadecimal digits: 80 bits and 128 bits.
const (
	nameDigits    = 20
	requestDigits = 32
)

var errKeyUsed = fault.New(http.StatusUnprocessableEntity, "this Idempotency-Key was sent before with another request; use another one")

// stamp notes on an object which request it comes of.
func stamp(ctx context.Context, as *access.Caller, object client.Object, idempotencyKey string) error {
	asked, err := json.Marshal(object)
	if err != nil {
		return fmt.Errorf("note a request: %w", err)
	}
	object.SetAnnotations(map[string]string{annotationRequest: access.Digest(requestDigits, string(asked))})
	if idempotencyKey == "" {
		return nil
	}
	name, err := as.Name(ctx)
	if err != nil {
		return err
	}
	object.SetLabels(map[string]string{labelKey: access.Digest(requestDigits, name, idempotencyKey)})
	return nil
}

// keyed is a name for what an Idempotency-Key stands for, empty without one.
func keyed(ctx context.Context, as *access.Caller, idempotencyKey string) (string, error) {
	if idempotencyKey == "" {
		return "", nil
	}
	name, err := as.Name(ctx)
	if err != nil {
		return "", err
	}
	return access.Digest(nameDigits, name, idempotencyKey), nil
}

// create makes an object, once: what was made by the same request before is
// taken as made now.
func create[T client.Object](ctx context.Context, as *access.Caller, object, existing T, resource string) error {
	act := access.Act{Verb: "create", Resource: resource, Namespace: object.GetNamespace()}
	request := object.GetAnnotations()[annotationRequest]
	err := as.Create(ctx, object)
	if !apierrors.IsAlreadyExists(err) {
		if err != nil {
			err = inRequestTerms(access.Refused(err, act))
		}
		return err
	}
	act.Verb, act.Name = "get", object.GetName()
	if err := as.Get(ctx, client.ObjectKeyFromObject(object), existing); err != nil {
		return access.Refused(err, act)
	}
	switch {
	case existing.GetAnnotations()[annotationRequest] != request:
		return errKeyUsed
	case !existing.GetDeletionTimestamp().IsZero():
		return fault.New(http.StatusConflict, "what this request made before is being deleted; try again when it is gone")
	}
	return nil
}
