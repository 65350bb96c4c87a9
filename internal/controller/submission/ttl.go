package submission

import (
	"context"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/internal/reconcile"
)

// expireAgain is how soon an object is looked at again that is due but has not
// been recorded as finished, or could not be deleted.
const expireAgain = time.Second

// expire deletes a Submission that finished long enough ago, and has others
// looked at when they are due, which a restart does anyway. What is not
// recorded yet stays until it is, so that a time of 0 still shows a verdict to
// those who watch.
func (s *scope) expire(ctx context.Context, outcome reconcile.Outcome) reconcile.Outcome {
	ttl, finished := s.sub.Spec.TTLAfterFinished, s.sub.Status.FinishedAt
	if ttl == nil || finished == nil {
		return outcome
	}
	left := finished.Add(ttl.Duration).Sub(s.Now())
	if left > 0 || !finished.Equal(s.before.Status.FinishedAt) {
		return outcome.Recheck(max(left, expireAgain))
	}
	if err := s.delete(ctx); client.IgnoreNotFound(err) != nil {
		// The verdict stands, so this is no state of the object.
		if !apierrors.IsConflict(err) {
			ctrl.LoggerFrom(ctx).Error(err, "delete a Submission whose time is over")
		}
		return outcome.Recheck(time.Minute)
	}
	return outcome
}

// delete removes the object as it was read: neither its successor of the same
// name nor one whose time was just made longer.
func (s *scope) delete(ctx context.Context) error {
	return s.Client.Delete(ctx, s.before.DeepCopy(), client.Preconditions{UID: &s.before.UID, ResourceVersion: &s.before.ResourceVersion})
}
