package submission

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/controller/problem"
	"github.com/algoitny/algoitny-operator/internal/reconcile"
)

// awaitProblem waits until the problem is published and its suite is verified,
// where it asks for one.
func (s *scope) awaitProblem(ctx context.Context) reconcile.Outcome {
	name := client.ObjectKey{Namespace: s.sub.Namespace, Name: s.sub.Spec.ProblemRef.Name}
	published, outcome := problem.Judgeable(ctx, s.Client, name)
	s.problem = published
	reconcile.SetStage(s.sub, v1alpha1.ConditionProblemReady, outcome)
	return outcome
}
