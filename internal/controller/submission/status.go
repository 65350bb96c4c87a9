package submission

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	domain "github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/reconcile"
)

// quiet is how old a Submission gets before its status says that it is being
// judged. Most are judged by then and cost one write; until it, the status is
// the one of creation, which is read as in progress too.
const quiet = 5 * time.Second

// quietFor is how long nothing needs to be said of a judging that has begun, 0
// when it is time.
func (s *scope) quietFor(outcome reconcile.Outcome) time.Duration {
	age := s.Now().Sub(s.before.CreationTimestamp.Time)
	if outcome.Reason() != v1alpha1.ReasonProgressing || len(s.before.Status.Conditions) > 0 || age < 0 {
		return 0
	}
	return max(quiet-age, 0)
}

// finished says what the verdict is, from the status alone, so that it is said
// in the same words for ever.
func (s *scope) finished() reconcile.Outcome {
	status := &s.sub.Status
	passed, total := ptr.Deref(status.Passed, 0), ptr.Deref(status.Total, 0)
	switch failed := status.FirstFailure; {
	case status.Verdict == string(domain.Accepted) && status.JudgedAgainst.Suite == "":
		return reconcile.Finished(fmt.Sprintf("%s: passed every sample (%d)", status.Verdict, total))
	case status.Verdict == string(domain.Accepted):
		return reconcile.Finished(fmt.Sprintf("%s: passed every test (%d)", status.Verdict, total))
	case failed == nil:
		return reconcile.Finished(status.Verdict + ": the program does not compile; status.compileLog says why")
	case failed.Detail == "":
		return reconcile.Finished(fmt.Sprintf("%s on %s, passed %d of %d", status.Verdict, failed.Name, passed, total))
	default:
		return reconcile.Finished(fmt.Sprintf("%s on %s, passed %d of %d: %s", status.Verdict, failed.Name, passed, total, failed.Detail))
	}
}

// stamp notes when there was nothing left to do, for the time to live. A stall
// that is looked at again by itself is no end, and one that a person ended
// begins anew.
func (s *scope) stamp(outcome reconcile.Outcome) {
	status := &s.sub.Status
	switch {
	case !outcome.IsDone() && !outcome.Lasts():
		status.FinishedAt = nil
	case outcome.IsDone() || status.FinishedAt == nil:
		// The API has seconds.
		status.FinishedAt = &metav1.Time{Time: s.Now().Truncate(time.Second)}
	}
}
