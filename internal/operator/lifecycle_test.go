package operator_test

import (
	"errors"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/store"
)

func (w *world) remove(o object) {
	w.t.Helper()
	if err := w.client.Delete(w.t.Context(), o); err != nil {
		w.t.Fatal(err)
	}
	w.awaitGone(o)
}

func (w *world) isStored(id string) bool {
	w.t.Helper()
	_, err := w.table.Problem(w.t.Context(), key(id))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		w.t.Fatal(err)
	}
	return err == nil
}

func TestDeletingAProblemTakesWhatItPublishedAndItsJobsAlong(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.providers()
	w.answer("ships", "solve-python", rightProgram)
	p := w.problem("ships", "ships", "python")
	w.create(p)
	w.awaitReady(p)
	w.remove(p)
	w.awaitGone(w.job("ships-python", "ships"))
	if w.isStored("ships") {
		t.Error("the problem is still in the table")
	}
}

func TestARetainedProblemStaysAndItsSuccessorTakesItOver(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.providers()
	w.answer("ships", "solve-python", rightProgram)
	retained := func() *v1alpha1.Problem {
		p := w.problem("ships", "ships", "python")
		p.Spec.DeletionPolicy = v1alpha1.DeletionRetain
		return p
	}
	p := retained()
	w.create(p)
	w.awaitReady(p)
	w.remove(p)
	w.awaitGone(w.job("ships-python", "ships"))
	solutions, err := w.table.Solutions(t.Context(), key("ships"))
	if !w.isStored("ships") || err != nil || len(solutions) != 1 {
		t.Fatalf("not retained: %v, %v", solutions, err)
	}
	paid := w.paid()
	p = retained()
	w.create(p)
	w.awaitReady(p)
	stamp, err := w.table.ProblemStamp(t.Context(), key("ships"))
	if err != nil || stamp.Owner.UID != string(p.UID) {
		t.Errorf("the successor does not own it: %+v, %v", stamp, err)
	}
	if w.paid() != paid {
		t.Errorf("%d calls to take over what is recorded", w.paid()-paid)
	}
}

func TestAnotherURLReplacesWhatWasPublished(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.providers()
	w.answer("ships", "solve-python", rightProgram)
	w.answer("boats", "solve-python", wrongProgram, rightProgram)
	p := w.problem("ships", "ships", "python")
	w.create(p)
	w.awaitReady(p)
	w.page("boats", "Boats")
	update(w, p, func(p *v1alpha1.Problem) { p.Spec.Source.URL = pageURL("boats") })
	w.awaitReady(p)
	if w.isStored("ships") || !w.isStored("boats") || p.Status.ID != "boats" {
		t.Errorf("the old problem is stored: %v, the new one: %v, status %+v", w.isStored("ships"), w.isStored("boats"), p.Status)
	}
	job := w.job("ships-python", "ships")
	w.get(job)
	if job.Status.Stored.ID != "boats" || len(job.Status.Attempts) != 2 {
		t.Errorf("the job's status is not of the new problem: %+v", job.Status)
	}
}

func TestAnotherURLCancelsWorkInFlight(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.providers()
	p := w.problem("ships", "ships")
	w.slowOn(platform, "ships", "extract", extraction("Add two numbers."))
	w.create(p)
	w.eventually("the first call is in flight", func() bool { return w.paid() == 1 })
	w.page("boats", "Boats")
	update(w, p, func(p *v1alpha1.Problem) { p.Spec.Source.URL = pageURL("boats") })
	w.awaitReady(p)
	if w.isStored("ships") || p.Status.ID != "boats" {
		t.Errorf("the cancelled work was published: %+v", p.Status)
	}
}

func TestAnotherRatingIsPublishedWithoutANewCall(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.providers()
	p := w.problem("ships", "ships")
	w.create(p)
	w.awaitReady(p)
	spent := p.Status.Spending
	update(w, p, func(p *v1alpha1.Problem) { p.Spec.DifficultyRating = ptr.To[int32](1200) })
	w.awaitReady(p)
	stored, err := w.table.Problem(t.Context(), key("ships"))
	if err != nil || stored.Problem.Rating != 1200 || stored.Provenance.CallHash == "" || *p.Status.Published.Version != 2 {
		t.Errorf("stored %+v, %v; status %+v", stored, err, p.Status.Published)
	}
	if w.paid() != 1 || p.Status.Spending.Amount != spent.Amount {
		t.Errorf("%d calls; spending went from %+v to %+v", w.paid(), spent, p.Status.Spending)
	}
}

func TestTheSecondProblemOfAPageWaitsForTheFirst(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.providers()
	first := w.problem("first", "ships")
	w.create(first)
	w.awaitReady(first)
	second := w.problem("second", "ships")
	second.Spec.Source.URL += "?utm_source=mail"
	w.create(second)
	stalled := w.await(second, metav1.ConditionFalse, v1alpha1.ReasonDuplicateProblem)
	if !strings.Contains(stalled.Message, w.namespace+"/first") {
		t.Errorf("the message does not name the first: %q", stalled.Message)
	}
	w.remove(first)
	w.awaitReady(second)
	if w.paid() != 1 {
		t.Errorf("%d calls for one page", w.paid())
	}
}

func TestALostOrChangedItemIsPublishedAgainForFree(t *testing.T) {
	for name, spoil := range map[string]func(w *world, owner string) error{
		"lost": func(w *world, owner string) error { return w.table.DeleteProblem(w.t.Context(), key("ships"), owner) },
		"released by hand": func(w *world, owner string) error {
			return w.table.ReleaseProblem(w.t.Context(), key("ships"), owner)
		},
		"changed": func(w *world, _ string) error {
			rec, err := w.table.Problem(w.t.Context(), key("ships"))
			if err != nil {
				return err
			}
			rec.Problem.Title = "Somebody was here"
			_, err = w.table.PutProblem(w.t.Context(), *rec)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			stop := w.start()
			w.providers()
			p := w.problem("ships", "ships")
			w.create(p)
			w.awaitReady(p)
			stop()
			if err := spoil(w, string(p.UID)); err != nil {
				t.Fatal(err)
			}
			w.start()
			w.eventually("the problem is whole again", func() bool {
				rec, err := w.table.Problem(t.Context(), key("ships"))
				return err == nil && rec.Owner.UID == string(p.UID) && rec.Problem.Digest() == p.Status.Published.Digest
			})
			w.awaitReady(p)
			if w.paid() != 1 {
				t.Errorf("%d calls, want the first one only", w.paid())
			}
		})
	}
}

func TestAnItemOfAnotherClusterIsNotTaken(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.providers()
	theirs := store.ProblemRecord{Owner: store.Owner{Namespace: "far", Name: "away", UID: "another"}}
	theirs.Problem.Key, theirs.Problem.Title = key("ships"), "Theirs"
	if _, err := w.table.PutProblem(t.Context(), theirs); err != nil {
		t.Fatal(err)
	}
	p := w.problem("ships", "ships")
	w.create(p)
	stalled := w.await(p, metav1.ConditionFalse, v1alpha1.ReasonStoredByAnother)
	if !strings.Contains(stalled.Message, "far/away") {
		t.Errorf("the message does not name the owner: %q", stalled.Message)
	}
	w.remove(p)
	if !w.isStored("ships") {
		t.Error("another cluster's item was deleted")
	}
}

func TestAJobThatSomebodyElseMadeIsNotTaken(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.providers()
	w.answer("ships", "solve-python", rightProgram)
	w.create(w.job("ships-python", "other"))
	p := w.problem("ships", "ships", "python")
	w.create(p)
	w.await(p, metav1.ConditionFalse, v1alpha1.ReasonNameTaken)
}

func TestAJobWhoseTemplateIsGoneGoesToo(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.providers()
	w.answer("ships", "solve-python", rightProgram)
	p := w.problem("ships", "ships", "python")
	w.create(p)
	w.awaitReady(p)
	update(w, p, func(p *v1alpha1.Problem) { p.Spec.Solutions = nil })
	w.awaitGone(w.job("ships-python", "ships"))
	w.eventually("the solution is gone from the table", func() bool {
		solutions, err := w.table.Solutions(t.Context(), key("ships"))
		return err == nil && len(solutions) == 0
	})
}
