package facade

import (
	"context"
	"net/http"
	"net/url"
	"regexp"

	"github.com/danielgtaylor/huma/v2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/facade/access"
	"github.com/algoitny/algoitny-operator/internal/facade/fault"
	"github.com/algoitny/algoitny-operator/internal/facade/view"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/source"
)

// maxRegistration bounds a request, in bytes; a registration is a few hundred.
// The framework refuses what reaches its bound.
const maxRegistration = 64<<10 + 1

// Idempotent is what makes a write one, however often it is sent. It is embedded,
// and the framework looks only into what is exported.
type Idempotent struct {
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"128" doc:"A name of your own for this request, such as a UUID: sent again with the same body it is the same request; with another it is refused with 422."`
}

// accepted is the answer to what has become a resource.
type accepted struct {
	Location string `header:"Location" doc:"Where to read what comes of it."`
	Body     *view.Accepted
}

type registerInput struct {
	Idempotent
	Body view.Registration
}

// registerProblem makes a Problem. To register a problem again changes nothing.
func (f *Facade) registerProblem(ctx context.Context, in *registerInput) (*accepted, error) {
	as, err := f.caller(ctx)
	if err != nil {
		return nil, err
	}
	return f.registerOne(ctx, as, &in.Body, in.IdempotencyKey)
}

func (f *Facade) registerOne(ctx context.Context, as *access.Caller, wanted *view.Registration, idempotencyKey string) (*accepted, error) {
	key, canonical, err := source.Identify(wanted.URL)
	if err != nil {
		return nil, fault.Invalid("problem_url", "must be the http or https address of one problem")
	}
	object := f.manifest(wanted, key, canonical)
	act := access.Act{Verb: "create", Resource: "problems", Namespace: object.Namespace}
	if err := stamp(ctx, as, object, idempotencyKey); err != nil {
		return nil, err
	}
	if idempotencyKey != "" {
		if err := usedOnce(ctx, as, object); err != nil {
			return nil, access.Refused(err, act)
		}
	}
	err = as.Create(ctx, object)
	if apierrors.IsAlreadyExists(err) {
		act.Verb = "get"
		err = registeredAlready(ctx, as, client.ObjectKeyFromObject(object), key)
	}
	if err != nil {
		return nil, inRequestTerms(access.Refused(err, act))
	}
	return &accepted{
		Location: location(key),
		Body:     &view.Accepted{Platform: key.Platform, ID: key.ID, Kind: "Problem", Namespace: object.Namespace, Name: object.Name},
	}, nil
}

func location(key problem.Key) string {
	return "/api/problems/" + key.Platform + "/" + url.PathEscape(key.ID) + "/"
}

func (f *Facade) manifest(wanted *view.Registration, key problem.Key, canonical string) *v1alpha1.Problem {
	object := &v1alpha1.Problem{
		ObjectMeta: metav1.ObjectMeta{Namespace: f.o.Namespace, Name: objectName(key)},
		Spec: v1alpha1.ProblemSpec{
			Source:           v1alpha1.ProblemSource{URL: canonical},
			DifficultyRating: wanted.Rating,
		},
	}
	if wanted.Suite {
		object.Spec.TestSuite = &v1alpha1.SuiteTemplate{}
	}
	for _, language := range wanted.Languages {
		object.Spec.Solutions = append(object.Spec.Solutions, v1alpha1.SolutionTemplate{Language: v1alpha1.Language(language)})
	}
	return object
}

// registeredAlready tells whether the object that is there stands for the same
// problem, however its address is spelled.
func registeredAlready(ctx context.Context, as client.Client, name client.ObjectKey, key problem.Key) error {
	existing := &v1alpha1.Problem{}
	if err := as.Get(ctx, name, existing); err != nil {
		return err
	}
	if !existing.DeletionTimestamp.IsZero() {
		return fault.New(http.StatusConflict, "the Problem of this address is being deleted; try again when it is gone")
	}
	there, _, err := source.Identify(existing.Spec.Source.URL)
	if err != nil || there != key {
		return fault.New(http.StatusConflict, "the Problem "+name.Name+" exists for another address")
	}
	return nil
}

// usedOnce refuses an Idempotency-Key that another problem was registered with:
// the name of a Problem comes of its address, so that the two would not meet.
func usedOnce(ctx context.Context, as client.Client, object *v1alpha1.Problem) error {
	list := &v1alpha1.ProblemList{}
	err := as.List(ctx, list, client.InNamespace(object.Namespace), client.MatchingLabels{labelKey: object.Labels[labelKey]}, client.Limit(1))
	if err != nil {
		return err
	}
	if len(list.Items) > 0 && list.Items[0].Name != object.Name {
		return errKeyUsed
	}
	return nil
}

// fieldNames gives the request's name for each field of the object it makes.
var fieldNames = []struct {
	object  *regexp.Regexp
	request string
}{
	{regexp.MustCompile(`^spec\.source(\.url)?$`), "problem_url"},
	{regexp.MustCompile(`^spec\.source\.inline$`), "code"},
	{regexp.MustCompile(`^spec\.difficultyRating$`), "difficulty_rating"},
	{regexp.MustCompile(`^spec\.solutions(\[\d+\])?(\.language)?$`), "languages$1"},
	{regexp.MustCompile(`^spec\.language$`), "language"},
	{regexp.MustCompile(`^spec\.maxAttempts$`), "max_attempts"},
}

// inRequestTerms names the fields of a refused object as the request does.
func inRequestTerms(err error) error {
	f, ok := err.(*fault.Fault) //nolint:errorlint // as it was just made
	if !ok {
		return err
	}
	for i := range f.Errors {
		for _, name := range fieldNames {
			if name.object.MatchString(f.Errors[i].Field) {
				f.Errors[i].Field = name.object.ReplaceAllString(f.Errors[i].Field, name.request)
				break
			}
		}
	}
	return f
}

// write is an operation that makes or deletes a resource.
func write(id, method, path, tag, summary string, middlewares huma.Middlewares) huma.Operation {
	return huma.Operation{
		OperationID: id, Method: method, Path: path, Tags: []string{tag}, Summary: summary, DefaultStatus: http.StatusAccepted,
		Security: []map[string][]string{{bearer: {}}}, Middlewares: middlewares,
		Errors: []int{
			http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusConflict,
			http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusServiceUnavailable,
		},
	}
}
