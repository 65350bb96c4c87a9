package facade

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/source"
)

// maxBody bounds a request; a registration is a few hundred bytes.
const maxBody = 64 << 10

// registration asks for a problem to be published.
type registration struct {
	URL       string   `json:"problem_url"`
	Rating    *int32   `json:"difficulty_rating"`
	Languages []string `json:"languages"`
}

type registered struct {
	Platform  string `json:"platform"`
	ID        string `json:"problem_id"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
}

// create makes a Problem with the caller's own token, so that the cluster's
// RBAC is the one authority.
func (a *api) create(r *http.Request) (*response, error) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || strings.TrimSpace(token) == "" {
		return nil, &Problem{Status: http.StatusUnauthorized, Title: "Unauthorized", Detail: "send Authorization: Bearer with a Kubernetes token, for example from kubectl create token"}
	}
	wanted, err := decode(r)
	if err != nil {
		return nil, err
	}
	key, canonical, err := source.Identify(wanted.URL)
	if err != nil {
		return nil, invalid("problem_url", "must be the http or https address of a problem")
	}
	object := manifest(a.Namespace, key.Platform, key.ID, canonical, wanted)
	cluster, err := a.as(token)
	if err != nil {
		return nil, err
	}
	if err := cluster.Create(r.Context(), object); err != nil {
		return nil, err
	}
	return &response{
		status: http.StatusAccepted,
		header: map[string]string{"Location": "/api/problems/" + key.Platform + "/" + key.ID + "/"},
		body:   registered{Platform: key.Platform, ID: key.ID, Namespace: object.Namespace, Name: object.Name},
	}, nil
}

// as returns a client that is nobody but the bearer of the token.
func (a *api) as(token string) (client.Client, error) {
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		return nil, err
	}
	config := rest.AnonymousClientConfig(a.Cluster)
	config.BearerToken = strings.TrimSpace(token)
	return client.New(config, client.Options{Scheme: scheme})
}

func decode(r *http.Request) (*registration, error) {
	decoder := json.NewDecoder(io.LimitReader(r.Body, maxBody))
	decoder.DisallowUnknownFields()
	var wanted registration
	if err := decoder.Decode(&wanted); err != nil {
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return nil, invalid(wrong.Field, "must be a "+wrong.Type.String())
		}
		return nil, &Problem{Status: http.StatusBadRequest, Title: "Invalid request", Detail: `the body must be a JSON object like {"problem_url": "https://codeforces.com/problemset/problem/4/A"}`}
	}
	if wanted.URL == "" {
		return nil, invalid("problem_url", "is required")
	}
	return &wanted, nil
}

func manifest(namespace, platform, id, url string, wanted *registration) *v1alpha1.Problem {
	object := &v1alpha1.Problem{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: objectName(platform + "-" + id)},
		Spec: v1alpha1.ProblemSpec{
			Source:           v1alpha1.ProblemSource{URL: url},
			DifficultyRating: wanted.Rating,
		},
	}
	for _, language := range wanted.Languages {
		object.Spec.Solutions = append(object.Spec.Solutions, v1alpha1.SolutionTemplate{Language: v1alpha1.Language(language)})
	}
	return object
}

// objectName turns a problem's name into one that Kubernetes takes. One
// problem always gives one name, which makes registering idempotent.
func objectName(text string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(text))
	return strings.Trim(name[:min(len(name), 200)], "-")
}
