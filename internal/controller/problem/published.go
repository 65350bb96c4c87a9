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

// Judgeable is Published for those who judge programs: they wait for the suite
// too, where the Problem asks for one.
func Judgeable(ctx context.Context, c client.Reader, name client.ObjectKey) (*v1alpha1.Problem, reconcile.Outcome) {
	p, outcome := Published(ctx, c, name)
	if !outcome.IsDone() {
		return p, outcome
	}
	if _, known := p.JudgedWith(); !known {
		return p, reconcile.Wait(0, v1alpha1.ReasonSuitePending, fmt.Sprintf("the test suite of Problem %q is not verified yet; see its conditions", name.Name))
	}
	return p, reconcile.Done()
}

// Reader is the part of the store that programs are judged from.
type Reader interface {
	Problem(ctx context.Context, key domain.Key) (*store.ProblemRecord, error)
	Suite(ctx context.Context, key domain.Key, name string) (*store.SuiteRecord, error)
}

// KeyOf names the problem that was published.
func KeyOf(p *v1alpha1.Problem) domain.Key {
	return domain.Key{Platform: p.Status.Platform, ID: p.Status.ID}
}

// Places are the problems under which something may be stored for a Problem's
// child: the one in the child's status, and, when a crash came before that, the
// one that is named now. The table lets only the owner's own items go.
func Places(ctx context.Context, c client.Reader, name client.ObjectKey, stored domain.Key) []domain.Key {
	var places []domain.Key
	if stored.ID != "" {
		places = append(places, stored)
	}
	if found, outcome := Published(ctx, c, name); outcome.IsDone() && KeyOf(found) != stored {
		places = append(places, KeyOf(found))
	}
	return places
}

// Tests says where in the table it stands what a Problem's programs are judged
// with.
type Tests struct {
	Key        domain.Key
	TaskDigest string
	// SuiteName and SuiteDigest are empty where the samples are the tests.
	SuiteName, SuiteDigest string
}

// TestsOf is where the tests of a Problem are that is Judgeable.
func TestsOf(p *v1alpha1.Problem) Tests {
	suite, _ := p.JudgedWith()
	return Tests{
		Key:        KeyOf(p),
		TaskDigest: p.Status.Published.TaskDigest, SuiteName: suite.StoredName, SuiteDigest: suite.Digest,
	}
}

// Load reads the task and its suite, which is nil where the samples are the
// tests. AwaitTable tells what to do about an error.
func (t Tests) Load(ctx context.Context, table Reader) (*domain.Problem, *domain.Suite, error) {
	task, err := Task(ctx, table, t.Key, t.TaskDigest)
	if err != nil || t.SuiteDigest == "" {
		return task, nil, err
	}
	rec, err := table.Suite(ctx, t.Key, t.SuiteName)
	if err != nil {
		return nil, nil, err
	}
	if rec.Suite.Digest() != t.SuiteDigest {
		return nil, nil, errStale
	}
	return task, &rec.Suite, nil
}

// errStale says that the table and the Problem's status differ.
var errStale = errors.New("what is stored is not what the Problem's status names")

// taskReader is the part of the store that a published problem is read from.
type taskReader interface {
	Problem(ctx context.Context, key domain.Key) (*store.ProblemRecord, error)
}

// Task reads a problem whose task is the one that was published. AwaitTable
// tells what to do about an error.
func Task(ctx context.Context, table taskReader, key domain.Key, taskDigest string) (*domain.Problem, error) {
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
		"the table does not hold what the Problem's status names; it is stored again within half an hour"), true
}
