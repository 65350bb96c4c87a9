// Package access lets callers do in the cluster what the cluster lets them do,
// and nothing else: every write goes there under the caller's own token, and
// before something private is shown the cluster is asked, again as the caller,
// whether it may be. The facade's own rights are never lent to anybody.
package access

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/maypok86/otter/v2"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/facade/fault"
)

const (
	// remembered is how long the cluster's word about a caller holds: a right that
	// is taken away is gone after that.
	remembered = 10 * time.Second
	// callers bounds how many words are remembered.
	callers = 10_000
)

// FieldOwner is who has written what was written through the facade.
const FieldOwner = "algoitny-facade"

// Gate makes callers of tokens.
type Gate struct {
	cluster *rest.Config
	scheme  *runtime.Scheme
	mapper  meta.RESTMapper
	// words are what the cluster said: a name, or that something is allowed.
	words *otter.Cache[word, string]
}

// word is a question about a caller; the token is there as its digest only.
type word struct {
	token                           [sha256.Size]byte
	verb, resource, namespace, name string
}

// New returns a Gate to a cluster, of which only the address and the
// certificates are used.
func New(cluster *rest.Config) (*Gate, error) {
	words, err := otter.New(&otter.Options[word, string]{
		MaximumSize: callers, ExpiryCalculator: otter.ExpiryWriting[word, string](remembered),
	})
	if err != nil {
		return nil, fmt.Errorf("remember what callers may do: %w", err)
	}
	g := &Gate{words: words, scheme: runtime.NewScheme()}
	for _, add := range []func(*runtime.Scheme) error{v1alpha1.AddToScheme, authenticationv1.AddToScheme, authorizationv1.AddToScheme} {
		if err := add(g.scheme); err != nil {
			return nil, err
		}
	}
	g.mapper = mapper()
	if cluster != nil {
		g.cluster = rest.AnonymousClientConfig(cluster)
		// One request of a client may be a thousand here; the server's own fairness
		// bounds them.
		g.cluster.QPS = -1
	}
	return g, nil
}

// mapper knows where the few kinds are, so that a request is one request.
func mapper() meta.RESTMapper {
	m := meta.NewDefaultRESTMapper([]schema.GroupVersion{v1alpha1.GroupVersion})
	for _, kind := range []string{"Problem", "TestSuite", "SolutionJob", "Submission"} {
		m.Add(v1alpha1.GroupVersion.WithKind(kind), meta.RESTScopeNamespace)
	}
	m.Add(authenticationv1.SchemeGroupVersion.WithKind("SelfSubjectReview"), meta.RESTScopeRoot)
	m.Add(authorizationv1.SchemeGroupVersion.WithKind("SelfSubjectAccessReview"), meta.RESTScopeRoot)
	return m
}

// Caller is whoever holds a token.
type Caller struct {
	client.Client

	gate  *Gate
	token [sha256.Size]byte
}

// Caller makes a caller of an Authorization header. Whether the token is any
// good is for the cluster to say. The error is a *fault.Fault.
func (g *Gate) Caller(authorization string) (*Caller, error) {
	scheme, token, _ := strings.Cut(authorization, " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return nil, fault.New(http.StatusUnauthorized, "send Authorization: Bearer with a Kubernetes token, for example from kubectl create token")
	}
	if g.cluster == nil {
		return nil, fault.Unavailable("the facade has no cluster to ask", nil)
	}
	config := rest.CopyConfig(g.cluster)
	config.BearerToken = token
	as, err := client.New(config, client.Options{Scheme: g.scheme, Mapper: g.mapper, FieldOwner: FieldOwner})
	if err != nil {
		return nil, err
	}
	return &Caller{Client: as, gate: g, token: sha256.Sum256([]byte(token))}, nil
}

// Name is what the cluster calls the caller.
func (c *Caller) Name(ctx context.Context) (string, error) {
	question := word{token: c.token}
	if name, ok := c.gate.words.GetIfPresent(question); ok {
		return name, nil
	}
	review := &authenticationv1.SelfSubjectReview{}
	if err := c.Create(ctx, review); err != nil {
		return "", Refused(err, Act{"be", "identified", "", ""})
	}
	name := review.Status.UserInfo.Username
	c.gate.words.Set(question, name)
	return name, nil
}

// Act is something that a caller wants to do.
type Act struct {
	// Verb and Resource are as RBAC has them: get, list, create, delete; problems.
	Verb, Resource  string
	Namespace, Name string
}

func (a Act) String() string { return a.Verb + " " + a.Resource }

// May fails with a *fault.Fault when the caller may not.
func (c *Caller) May(ctx context.Context, act Act) error {
	question := word{c.token, act.Verb, act.Resource, act.Namespace, act.Name}
	if _, ok := c.gate.words.GetIfPresent(question); ok {
		return nil
	}
	review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Namespace: act.Namespace, Verb: act.Verb, Group: v1alpha1.GroupVersion.Group, Resource: act.Resource, Name: act.Name,
		},
	}}
	if err := c.Create(ctx, review); err != nil {
		return Refused(err, act)
	}
	if !review.Status.Allowed {
		return forbidden(act)
	}
	c.gate.words.Set(question, "")
	return nil
}

// Digest is what stands for a text in names and labels: the first hexadecimal
// digits of its SHA-256.
func Digest(digits int, parts ...string) string {
	sum := sha256.New()
	for _, part := range parts {
		// Writing to a hash never fails. The length keeps the parts apart.
		_, _ = fmt.Fprintf(sum, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(sum.Sum(nil))[:digits]
}
