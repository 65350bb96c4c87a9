package problem

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	domain "github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/reconcile"
	"github.com/algoitny/algoitny-operator/internal/source"
)

// input is everything that decides what gets published.
type input struct {
	key domain.Key
	// url is where the page is or was saved from; empty for inline problems.
	url string
	// saved is the page from a ConfigMap; nil when it is fetched.
	saved *source.Page
	// digest covers all of it.
	digest string
}

// identify names a problem by its specification alone.
func identify(s *v1alpha1.ProblemSource) (domain.Key, string, error) {
	switch {
	case s.Inline != nil:
		return domain.Key{Platform: s.Inline.Platform, ID: s.Inline.ID}, "", nil
	case s.PageConfigMapRef != nil:
		return source.Identify(s.PageConfigMapRef.URL)
	default:
		return source.Identify(s.URL)
	}
}

// identify reads the specification and the saved page.
func (s *scope) identify(ctx context.Context) reconcile.Outcome {
	spec := &s.problem.Spec
	key, url, err := identify(&spec.Source)
	if err != nil {
		return reconcile.FromError(err)
	}
	s.input = input{key: key, url: url}
	if ref := spec.Source.PageConfigMapRef; ref != nil {
		page, outcome := s.savedPage(ctx, ref)
		if !outcome.IsDone() {
			return outcome
		}
		s.input.saved = page
	}
	s.input.digest = digestOf(s.input, spec, s.problem.Annotations[v1alpha1.RetryAnnotation])
	return reconcile.Done()
}

func (s *scope) savedPage(ctx context.Context, ref *v1alpha1.PageReference) (*source.Page, reconcile.Outcome) {
	var saved corev1.ConfigMap
	err := s.Pages.Get(ctx, client.ObjectKey{Namespace: s.problem.Namespace, Name: ref.Name}, &saved)
	if apierrors.IsNotFound(err) {
		return nil, reconcile.Wait(0, v1alpha1.ReasonPageNotFound, fmt.Sprintf("ConfigMap %q does not exist in this namespace; create it from the saved page", ref.Name))
	}
	if err != nil {
		return nil, reconcile.FromError(err)
	}
	body, text := saved.Data[ref.Key]
	raw, binary := saved.BinaryData[ref.Key]
	if !text && !binary {
		return nil, reconcile.Stalled(v1alpha1.ReasonPageNotFound, fmt.Sprintf("ConfigMap %q has no entry %q; add it or change pageConfigMapRef.key", ref.Name, ref.Key))
	}
	if text {
		raw = []byte(body)
	}
	return &source.Page{URL: ref.URL, Body: raw, ContentType: "text/html; charset=utf-8"}, reconcile.Done()
}

func digestOf(in input, spec *v1alpha1.ProblemSpec, retry string) string {
	var page []byte
	if in.saved != nil {
		page = in.saved.Body
	}
	values := []any{in.key, in.url, page, spec.Source.Inline, spec.DifficultyRating, retry}
	if spec.Refresh != "" {
		values = append(values, spec.Refresh)
	}
	raw, _ := json.Marshal(values)
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:8])
}

// unique lets the oldest Problem of a page have it; the others say whose it is.
func (s *scope) unique(ctx context.Context) reconcile.Outcome {
	var same v1alpha1.ProblemList
	if err := s.Client.List(ctx, &same, client.MatchingFields{indexKey: s.input.key.String()}); err != nil {
		return reconcile.FromError(err)
	}
	for i := range same.Items {
		other := &same.Items[i]
		if other.UID != s.problem.UID && older(other, s.problem) {
			return reconcile.Stalled(v1alpha1.ReasonDuplicateProblem, fmt.Sprintf(
				"Problem %s/%s has the same page (%s); delete one of the two", other.Namespace, other.Name, s.input.key))
		}
	}
	return reconcile.Done()
}

// older orders two Problems of one page. One that is published already goes
// first: a renamed url must not take a stored problem from its owner.
func older(a, b *v1alpha1.Problem) bool {
	if p, q := holds(a), holds(b); p != q {
		return p
	}
	if !a.CreationTimestamp.Equal(&b.CreationTimestamp) {
		return a.CreationTimestamp.Before(&b.CreationTimestamp)
	}
	return a.UID < b.UID
}

// holds tells whether the table has the problem that the specification names.
func holds(p *v1alpha1.Problem) bool {
	key, _, err := identify(&p.Spec.Source)
	published := domain.Key{Platform: p.Status.Platform, ID: p.Status.ID}
	return err == nil && p.Status.Published.Key != "" && key == published &&
		meta.FindStatusCondition(p.Status.Conditions, v1alpha1.ConditionPublished) != nil
}
