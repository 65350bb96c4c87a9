package problem

import (
	"context"
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	domain "github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/reconcile"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// Published finds a Problem for those who work on what it published. The
// outcome says what there is to wait for.
func Published(ctx context.Context, c client.Reader, name client.ObjectKey) (*v1alpha1.Problem, reconcile.Outcome) {
	p := &v1alpha1.Problem{}
	err := c.Get(ctx, name, p)
	if apierrors.IsNotFound(err) {
		return nil, reconcile.Wait(0, v1alpha1.ReasonProblemNotFound, fmt.Sprintf("Problem %q does not exist in this namespace; create it", name.Name))
	}
	if err != nil {
		return nil, reconcile.FromError(err)
	}
	published := meta.IsStatusConditionTrue(p.Status.Conditions, v1alpha1.ConditionPublished) &&
		p.Status.ObservedGeneration == p.Generation && p.Status.Published.TaskDigest != ""
	if !published {
		return nil, reconcile.Wait(0, v1alpha1.ReasonProblemNotReady, fmt.Sprintf("Problem %q is not published yet; see its conditions", name.Name))
	}
	return p, reconcile.Done()
}

// Reader is the part of the store that a published problem is read from.
type Reader interface {
	Problem(ctx context.Context, key domain.Key) (*store.ProblemRecord, error)
}

// errStale says that the table and the Problem's status differ.
var errStale = errors.New("the stored problem is not the one in the Problem's status")

// Task reads a problem whose task is the one that was published. AwaitTable
// tells what to do about an error.
func Task(ctx context.Context, table Reader, key domain.Key, taskDigest string) (*domain.Problem, error) {
	rec, err := table.Problem(ctx, key)
	if err != nil {
		return nil, err
	}
	if rec.Problem.TaskDigest() != taskDigest {
		return nil, errStale
	}
	return &rec.Problem, nil
}

// tableDelay is how soon a table is looked at again that lacks the problem.
const tableDelay = 15 * time.Second

// AwaitTable waits until the Problem's own controller has put the table right,
// if that is what an error asks for.
func AwaitTable(err error) (outcome reconcile.Outcome, waits bool) {
	if !errors.Is(err, errStale) && !errors.Is(err, store.ErrNotFound) {
		return outcome, false
	}
	return reconcile.Wait(tableDelay, v1alpha1.ReasonProblemNotReady,
		"the table does not hold the problem that the Problem's status names; it is published again within half an hour"), true
}
