package testsuite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	domain "github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/reconcile"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// challenger is a stored program that passes every sample and disagrees with
// the suite.
type challenger struct {
	v1alpha1.HeardDispute
	language, storedAs string
}

// listen finds the programs that disagree with the suite, and those that did
// before. The suite is made again once for each program, and for so many in
// all.
func (s *scope) listen(ctx context.Context) reconcile.Outcome {
	if s.isOutdated() {
		return reconcile.Done()
	}
	var jobs v1alpha1.SolutionJobList
	err := s.Client.List(ctx, &jobs, client.InNamespace(s.suite.Namespace), client.MatchingFields{indexDisputes: s.suite.Spec.ProblemRef.Name})
	if err != nil {
		return reconcile.FromError(err)
	}
	slices.SortFunc(jobs.Items, func(a, b v1alpha1.SolutionJob) int { return strings.Compare(a.Name, b.Name) })
	for i := range jobs.Items {
		s.listenTo(&jobs.Items[i])
	}
	return reconcile.FromError(s.recall(ctx))
}

func (s *scope) listenTo(job *v1alpha1.SolutionJob) {
	dispute, status := job.Status.Dispute, &s.suite.Status
	if dispute == nil || dispute.Suite != status.Digest || s.suite.HasHeard(dispute.Program) {
		return
	}
	twice := slices.ContainsFunc(s.disputes, func(c challenger) bool { return c.Program == dispute.Program })
	if twice || len(status.Disputes)+len(s.disputes) >= v1alpha1.MaxDisputes {
		return
	}
	s.disputes = append(s.disputes, challengerOf(job, v1alpha1.HeardDispute{
		Job: job.Name, UID: string(job.UID), Attempt: dispute.Attempt, Program: dispute.Program, Digest: dispute.Suite,
	}))
}

func challengerOf(job *v1alpha1.SolutionJob, dispute v1alpha1.HeardDispute) challenger {
	return challenger{HeardDispute: dispute, language: string(job.Spec.Language), storedAs: job.Status.Stored.Name}
}

// recall finds the programs that were heard before: they have a voice in every
// suite from then on, or suites would go to and fro. Those whose jobs are gone
// have none.
func (s *scope) recall(ctx context.Context) error {
	for _, dispute := range s.suite.Status.Disputes {
		job := &v1alpha1.SolutionJob{}
		err := s.Client.Get(ctx, client.ObjectKey{Namespace: s.suite.Namespace, Name: dispute.Job}, job)
		if client.IgnoreNotFound(err) != nil {
			return err
		}
		if !apierrors.IsNotFound(err) && string(job.UID) == dispute.UID {
			s.heard = append(s.heard, challengerOf(job, dispute))
		}
	}
	return nil
}

// challengers are all that take part in the suite.
func (s *scope) challengers() []challenger { return slices.Concat(s.heard, s.disputes) }

// hear notes that the suite was made with the voices of those who disagreed.
func (s *scope) hear() {
	for _, c := range s.disputes {
		s.suite.Status.Disputes = append(s.suite.Status.Disputes, c.HeardDispute)
	}
}

// voices reads the challengers' programs. One that was heard before and is no
// longer stored is left out; one that disagrees now is needed.
func voices(ctx context.Context, table Table, key domain.Key, heard, disputes []challenger) ([]domain.Program, error) {
	var programs []domain.Program
	for i, c := range slices.Concat(heard, disputes) {
		rec, err := table.Solution(ctx, key, c.language, c.storedAs)
		switch {
		case err == nil && domain.SourceDigest(rec.Source) == c.Program:
			programs = append(programs, domain.Program{Name: c.Job, Language: c.language, Source: rec.Source})
		case i >= len(heard):
			return nil, fmt.Errorf("read the program of SolutionJob %s that disagrees with the suite: %w", c.Job, errors.Join(err, errReplaced))
		case err != nil && !errors.Is(err, store.ErrNotFound):
			return nil, fmt.Errorf("read the program of SolutionJob %s: %w", c.Job, err)
		}
	}
	return programs, nil
}

// errReplaced says that a SolutionJob is about to say something else.
var errReplaced = errors.New("the table holds another program by now")
