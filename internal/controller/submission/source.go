package submission

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/reconcile"
)

// source reads the program.
func (s *scope) source(ctx context.Context) reconcile.Outcome {
	program, outcome := s.read(ctx)
	if outcome.IsDone() {
		s.program, outcome = program, bounded(program)
	}
	if !outcome.IsDone() {
		// What an earlier judging stalled with is no longer what holds it up.
		s.sub.Status.Inputs = ""
		reconcile.SetStage(s.sub, v1alpha1.ConditionJudged, outcome)
	}
	return outcome
}

func (s *scope) read(ctx context.Context) (program string, outcome reconcile.Outcome) {
	ref := s.sub.Spec.Source.ConfigMapRef
	if ref == nil {
		return s.sub.Spec.Source.Inline, reconcile.Done()
	}
	var saved corev1.ConfigMap
	err := s.Sources.Get(ctx, client.ObjectKey{Namespace: s.sub.Namespace, Name: ref.Name}, &saved)
	if apierrors.IsNotFound(err) {
		return "", reconcile.Wait(0, v1alpha1.ReasonSourceNotFound, fmt.Sprintf("ConfigMap %q does not exist in this namespace; create it from the program", ref.Name))
	}
	if err != nil {
		return "", reconcile.FromError(err)
	}
	if text, ok := saved.Data[ref.Key]; ok {
		return text, reconcile.Done()
	}
	// kubectl puts there what is not UTF-8, which a comment may be.
	if raw, ok := saved.BinaryData[ref.Key]; ok {
		return string(raw), reconcile.Done()
	}
	return "", reconcile.Stalled(v1alpha1.ReasonSourceNotFound, fmt.Sprintf("ConfigMap %q has no entry %q; add it", ref.Name, ref.Key))
}

// bounded refuses what the API server refuses of an inline program, which it
// cannot see of a ConfigMap's.
func bounded(program string) reconcile.Outcome {
	if program == "" {
		return reconcile.Stalled(v1alpha1.ReasonInvalidSpec, "source is empty; submit a program")
	}
	if len(program) > v1alpha1.MaxSource {
		return reconcile.Stalled(v1alpha1.ReasonInvalidSpec, fmt.Sprintf("source is longer than %d bytes; submit a shorter program", v1alpha1.MaxSource))
	}
	return reconcile.Done()
}
