package facade_test

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
)

// declare makes a Problem of cses, as a person does.
func (s *site) declare(id string) *v1alpha1.Problem {
	s.t.Helper()
	object := s.named("cses-"+id, v1alpha1.ProblemSource{URL: "https://cses.fi/problemset/task/" + id})
	s.create(object)
	return object
}

// ready is what the operator writes once all is done.
func (s *site) ready(object *v1alpha1.Problem, title string) {
	s.t.Helper()
	s.say(object, metav1.ConditionTrue, "Succeeded", "published with 2 samples", func() {
		object.Status.Title, object.Status.Platform, object.Status.ID = title, "cses", object.Name[len("cses-"):]
		object.Status.Total = v1alpha1.Spending{Calls: ptr.To[int32](3), Amount: "0.25", Currency: "USD"}
	})
}

// conditioned is a resource whose status can be written.
type conditioned interface {
	client.Object
	StatusConditions() *[]metav1.Condition
	SetObservedGeneration(generation int64)
}

// say writes a status as the operator does.
func (s *site) say(object conditioned, ready metav1.ConditionStatus, reason, message string, change func()) {
	s.t.Helper()
	object.SetObservedGeneration(object.GetGeneration())
	*object.StatusConditions() = []metav1.Condition{{
		Type: v1alpha1.ConditionReady, Status: ready, Reason: reason, Message: message,
		ObservedGeneration: object.GetGeneration(), LastTransitionTime: metav1.Now(),
	}}
	if ready == metav1.ConditionFalse {
		*object.StatusConditions() = append(*object.StatusConditions(), metav1.Condition{
			Type: v1alpha1.ConditionStalled, Status: metav1.ConditionTrue, Reason: reason, Message: message,
			ObservedGeneration: object.GetGeneration(), LastTransitionTime: metav1.Now(),
		})
	}
	if change != nil {
		change()
	}
	if err := s.client.Status().Update(s.t.Context(), object); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) remove(object client.Object) {
	s.t.Helper()
	if err := s.client.Delete(s.t.Context(), object); err != nil {
		s.t.Fatal(err)
	}
}

// submitted makes a Submission for the problem 1068.
func (s *site) submitted(name string) *v1alpha1.Submission {
	s.t.Helper()
	object := &v1alpha1.Submission{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: name},
		Spec: v1alpha1.SubmissionSpec{
			ProblemRef: v1alpha1.LocalReference{Name: "cses-1068"}, Language: "python", Source: v1alpha1.SubmissionSource{Inline: "print('" + secretCode + "')"},
		},
	}
	s.create(object)
	return object
}

// secretCode stands in every program that is submitted here.
const secretCode = "a program of my own"

// judged is what the operator writes about a program.
func (s *site) judged(object *v1alpha1.Submission, verdict string, passed int32) {
	s.t.Helper()
	total := int32(3)
	s.say(object, metav1.ConditionTrue, "Succeeded", fmt.Sprintf("%s: passed %d of %d", verdict, passed, total), func() {
		object.Status.Verdict, object.Status.Passed, object.Status.Total = verdict, &passed, &total
		object.Status.JudgedAgainst = v1alpha1.JudgedProblem{Platform: "cses", ID: "1068"}
	})
}

// own makes an object one that a Problem's template asks for.
func own(object, owner client.Object) {
	object.SetOwnerReferences([]metav1.OwnerReference{{
		APIVersion: v1alpha1.GroupVersion.String(), Kind: "Problem", Name: owner.GetName(), UID: owner.GetUID(), Controller: ptr.To(true),
	}})
}
