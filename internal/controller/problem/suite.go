package problem

import (
	"context"
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/reconcile"
)

// suite keeps the TestSuite of the template and waits until it is verified.
func (s *scope) suite(ctx context.Context) reconcile.Outcome {
	status, template := &s.problem.Status, s.problem.Spec.TestSuite
	own, err := s.suites(ctx)
	if err == nil {
		err = s.dropSuites(ctx, own)
	}
	if err != nil {
		return reconcile.FromError(err)
	}
	if template == nil {
		status.Suite = v1alpha1.VerifiedSuite{}
		meta.RemoveStatusCondition(&status.Conditions, v1alpha1.ConditionSuiteReady)
		return reconcile.Done()
	}
	suite, outcome := s.wantedSuite(ctx, own)
	switch {
	case outcome.IsDone():
		outcome = s.verified(suite)
	case outcome.Kind() != reconcile.KindRetry:
		status.Suite = v1alpha1.VerifiedSuite{}
	}
	reconcile.SetStage(s.problem, v1alpha1.ConditionSuiteReady, outcome)
	return outcome
}

// suiteName is that of the TestSuite that the Problem asks for, empty when it
// asks for none.
func (s *scope) suiteName() string {
	switch template := s.problem.Spec.TestSuite; {
	case template == nil:
		return ""
	case template.SuiteRef.Name != "":
		return template.SuiteRef.Name
	}
	return s.problem.Name + "-suite"
}

// suites are the Problem's own, by name.
func (s *scope) suites(ctx context.Context) (map[string]*v1alpha1.TestSuite, error) {
	var list v1alpha1.TestSuiteList
	if err := s.Client.List(ctx, &list, client.InNamespace(s.problem.Namespace), ownedSuites(s.problem)); err != nil {
		return nil, err
	}
	suites := map[string]*v1alpha1.TestSuite{}
	for i := range list.Items {
		suites[list.Items[i].Name] = &list.Items[i]
	}
	return suites, nil
}

// dropSuites deletes the Problem's own that it does not ask for any more.
func (s *scope) dropSuites(ctx context.Context, own map[string]*v1alpha1.TestSuite) error {
	var err error
	for name, suite := range own {
		if name != s.suiteName() && suite.DeletionTimestamp.IsZero() {
			err = errors.Join(err, client.IgnoreNotFound(s.Client.Delete(ctx, suite)))
		}
	}
	return err
}

// wantedSuite finds the TestSuite that is named, or makes the template's.
func (s *scope) wantedSuite(ctx context.Context, own map[string]*v1alpha1.TestSuite) (*v1alpha1.TestSuite, reconcile.Outcome) {
	template := s.problem.Spec.TestSuite
	if template.SuiteRef.Name != "" {
		return s.namedSuite(ctx, template.SuiteRef.Name)
	}
	want := &v1alpha1.TestSuite{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.problem.Namespace, Name: s.suiteName()},
		Spec:       template.Spec(s.problem),
	}
	if err := controllerutil.SetControllerReference(s.problem, want, s.Client.Scheme()); err != nil {
		return nil, reconcile.FromError(fmt.Errorf("own the TestSuite: %w", err))
	}
	suite, err := s.applySuite(ctx, own[want.Name], want)
	if apierrors.IsAlreadyExists(err) {
		return nil, reconcile.Stalled(v1alpha1.ReasonNameTaken, fmt.Sprintf(
			"a TestSuite %q exists that is not this Problem's; delete it, or name it in testSuite.suiteRef", want.Name)).Recheck(nameRecheck)
	}
	return suite, reconcile.FromError(err)
}

func (s *scope) namedSuite(ctx context.Context, name string) (*v1alpha1.TestSuite, reconcile.Outcome) {
	suite := &v1alpha1.TestSuite{}
	err := s.Client.Get(ctx, client.ObjectKey{Namespace: s.problem.Namespace, Name: name}, suite)
	if apierrors.IsNotFound(err) {
		return nil, reconcile.Wait(0, v1alpha1.ReasonSuitePending, fmt.Sprintf("TestSuite %q does not exist in this namespace; create it or change testSuite.suiteRef", name))
	}
	if err != nil {
		return nil, reconcile.FromError(err)
	}
	if other := suite.Spec.ProblemRef.Name; other != s.problem.Name {
		return nil, reconcile.Stalled(v1alpha1.ReasonInvalidSpec, fmt.Sprintf("TestSuite %q is for the Problem %q; name one for this Problem in testSuite.suiteRef", name, other)).Recheck(nameRecheck)
	}
	return suite, reconcile.Done()
}

// applySuite creates a TestSuite or brings its specification in line, and
// returns it as it is then.
func (s *scope) applySuite(ctx context.Context, have, want *v1alpha1.TestSuite) (*v1alpha1.TestSuite, error) {
	if have == nil {
		made := want.DeepCopy()
		return made, s.Client.Create(ctx, made)
	}
	if equality.Semantic.DeepEqual(have.Spec, want.Spec) {
		return have, nil
	}
	patched := have.DeepCopy()
	patched.Spec = want.Spec
	return patched, s.Client.Patch(ctx, patched, client.MergeFrom(have))
}

// verified takes a suite over once it is verified for the problem as it is now.
// The one that was taken over before stays in use for as long as it is for the
// same task, whatever is made of it meanwhile.
func (s *scope) verified(suite *v1alpha1.TestSuite) reconcile.Outcome {
	status, is := &s.problem.Status, &suite.Status
	task := status.Published.TaskDigest
	if status.Suite.Name != suite.Name || status.Suite.TaskDigest != task {
		status.Suite = v1alpha1.VerifiedSuite{}
	}
	current := is.ObservedGeneration == suite.Generation
	stored := is.Stored.TaskDigest == task && is.Stored.Platform == status.Platform && is.Stored.ID == status.ID
	switch {
	case current && stored && meta.IsStatusConditionTrue(is.Conditions, v1alpha1.ConditionReady):
		status.Suite = v1alpha1.VerifiedSuite{
			Name: suite.Name, StoredName: is.Stored.Name, Digest: is.Digest, TaskDigest: task,
			Tests: is.Tests, Score: is.MutationScore,
		}
		return reconcile.Done()
	case current && meta.IsStatusConditionTrue(is.Conditions, v1alpha1.ConditionStalled):
		return reconcile.Stalled(v1alpha1.ReasonSuiteStalled, fmt.Sprintf("TestSuite %q is stalled; see its conditions", suite.Name))
	}
	return reconcile.Wait(0, v1alpha1.ReasonSuitePending, fmt.Sprintf("published; waiting for TestSuite %q to be verified", suite.Name))
}
