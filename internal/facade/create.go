package facade

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/source"
)

type registered struct {
	Platform  string `json:"platform"`
	ID        string `json:"problem_id"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
}

// create makes a Problem with the caller's own token, so that the cluster's
// RBAC is the one authority. To register a problem again changes nothing.
func (a *api) create(r *http.Request) (*response, error) {
	token, ok := bearer(r.Header.Get("Authorization"))
	if !ok {
		return nil, &Problem{Status: http.StatusUnauthorized, Title: "Unauthorized", Detail: "send Authorization: Bearer with a Kubernetes token, for example from kubectl create token"}
	}
	wanted, err := read(r)
	if err != nil {
		return nil, err
	}
	cluster, err := a.as(token)
	if err != nil {
		return nil, err
	}
	object := manifest(a.Namespace, wanted)
	err = cluster.Create(r.Context(), object)
	if apierrors.IsAlreadyExists(err) {
		err = registeredAlready(r.Context(), cluster, client.ObjectKeyFromObject(object), wanted.key)
	}
	if err != nil {
		return nil, fromCluster(err)
	}
	return &response{
		status: http.StatusAccepted,
		header: map[string]string{"Location": "/api/problems/" + wanted.key.Platform + "/" + url.PathEscape(wanted.key.ID) + "/"},
		body:   registered{Platform: wanted.key.Platform, ID: wanted.key.ID, Namespace: object.Namespace, Name: object.Name},
	}, nil
}

// bearer takes the token out of an Authorization header.
func bearer(header string) (string, bool) {
	scheme, token, _ := strings.Cut(header, " ")
	token = strings.TrimSpace(token)
	return token, strings.EqualFold(scheme, "Bearer") && token != ""
}

// as returns a client that is nobody but the bearer of the token. It knows
// where Problems are, so that a request is one request.
func (a *api) as(token string) (client.Client, error) {
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		return nil, err
	}
	mapper := meta.NewDefaultRESTMapper([]schema.GroupVersion{v1alpha1.GroupVersion})
	mapper.Add(v1alpha1.GroupVersion.WithKind("Problem"), meta.RESTScopeNamespace)
	config := rest.AnonymousClientConfig(a.Cluster)
	config.BearerToken = token
	return client.New(config, client.Options{Scheme: scheme, Mapper: mapper, FieldOwner: "algoitny-facade"})
}

// registeredAlready tells whether the object that is there stands for the same
// problem, however its address is spelled.
func registeredAlready(ctx context.Context, cluster client.Client, name client.ObjectKey, key problem.Key) error {
	existing := &v1alpha1.Problem{}
	if err := cluster.Get(ctx, name, existing); err != nil {
		return err
	}
	if !existing.DeletionTimestamp.IsZero() {
		return &Problem{Status: http.StatusConflict, Title: "Conflict", Detail: "the Problem of this address is being deleted; try again when it is gone"}
	}
	there, _, err := source.Identify(existing.Spec.Source.URL)
	if err != nil || there != key {
		return &Problem{Status: http.StatusConflict, Title: "Conflict", Detail: "the Problem " + name.Name + " exists for another address"}
	}
	return nil
}

func manifest(namespace string, wanted *registration) *v1alpha1.Problem {
	object := &v1alpha1.Problem{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: objectName(wanted.key)},
		Spec: v1alpha1.ProblemSpec{
			Source:           v1alpha1.ProblemSource{URL: wanted.canonical},
			DifficultyRating: wanted.Rating,
		},
	}
	for _, language := range wanted.Languages {
		object.Spec.Solutions = append(object.Spec.Solutions, v1alpha1.SolutionTemplate{Language: v1alpha1.Language(language)})
	}
	return object
}
