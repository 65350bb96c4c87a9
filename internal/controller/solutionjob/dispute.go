package solutionjob

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/reconcile"
)

// exhausted is the end of the attempts. A best program that passes every sample
// and fails the suite by its answers alone is neither believed nor dropped: it
// is stored with its verdict, and the suite is looked at again.
func (s *scope) exhausted(ctx context.Context, so *solved) reconcile.Outcome {
	status := &s.job.Status
	disputes := so.output.Disputes(so.suite)
	// What an earlier suite or task had accepted is no solution any more.
	if so.output.Best >= 0 && (disputes || status.Stored.Name != "") {
		if outcome := s.put(ctx, so); !outcome.IsDone() {
			return outcome
		}
	}
	if !disputes {
		status.Dispute = nil
		return s.noneAccepted("")
	}
	best := &so.output.Attempts[so.output.Best]
	status.Dispute = &v1alpha1.Dispute{Attempt: count(best.Number), Program: problem.SourceDigest(best.Source), Suite: s.tests().SuiteDigest}
	status.Inputs = s.disputeInputs(ctx)
	return s.disputed(ctx)
}

func (s *scope) noneAccepted(besides string) reconcile.Outcome {
	what := "sample"
	if s.tests().SuiteDigest != "" {
		what = "test"
	}
	return reconcile.Stalled(v1alpha1.ReasonAttemptsExhausted, fmt.Sprintf(
		"no program passed every %s in %d attempts%s; raise maxAttempts or choose another model", what, s.attempts(), besides))
}

// disputeInputs is what a dispute depends on: with anything else the programs
// are written or judged again.
func (s *scope) disputeInputs(ctx context.Context) string {
	return digestOf("dispute", s.stallInputs(ctx))
}

// isDisputing tells whether the suite is still to be looked at because of the
// program that is stored.
func (s *scope) isDisputing(ctx context.Context) bool {
	return s.job.Status.Dispute != nil && s.job.Status.Inputs == s.disputeInputs(ctx)
}

// disputed waits until the TestSuite has looked at the program; Done is that
// there is no dispute. A suite that changes has the programs judged again; one
// that stands ends the job.
func (s *scope) disputed(ctx context.Context) reconcile.Outcome {
	dispute := s.job.Status.Dispute
	if dispute == nil || !s.isDisputing(ctx) {
		return reconcile.Done()
	}
	outcome := s.hearing(ctx, dispute)
	if outcome.Lasts() {
		s.job.Status.Inputs = s.stallInputs(ctx)
	}
	reconcile.SetStage(s.job, v1alpha1.ConditionVerified, outcome)
	return outcome
}

func (s *scope) hearing(ctx context.Context, dispute *v1alpha1.Dispute) reconcile.Outcome {
	suite := &v1alpha1.TestSuite{}
	name := s.problem.Status.Suite.Name
	err := s.Client.Get(ctx, client.ObjectKey{Namespace: s.job.Namespace, Name: name}, suite)
	if err != nil && !apierrors.IsNotFound(err) {
		return reconcile.FromError(err)
	}
	if suite.HasHeard(dispute.Program) && suite.Status.Digest == dispute.Suite {
		return s.noneAccepted(" and the suite stands, which was looked at again")
	}
	return reconcile.Wait(0, v1alpha1.ReasonDisagreesWithSuite, fmt.Sprintf(
		"the best program passes every sample and disagrees with other answers of TestSuite %q, which is looked at again", name))
}
