package store_test

import (
	"errors"
	"testing"

	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/store"
	"github.com/algoitny/algoitny-operator/internal/store/storetest"
)

func TestAReleasedProblemStaysAndGoesToTheNextOwner(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		s := e.NewTable(t, store.Options{})
		rec := problemOf("1A", ann)
		put(t, s, rec)
		if err := s.ReleaseProblem(t.Context(), rec.Problem.Key, bob.UID); err != nil {
			t.Fatal(err)
		}
		if stamp, err := s.ProblemStamp(t.Context(), rec.Problem.Key); err != nil || stamp.Owner != ann {
			t.Fatalf("somebody else's release changed it: %+v, %v", stamp, err)
		}
		for range 2 {
			if err := s.ReleaseProblem(t.Context(), rec.Problem.Key, ann.UID); err != nil {
				t.Fatal(err)
			}
		}
		stamp, err := s.ProblemStamp(t.Context(), rec.Problem.Key)
		if err != nil || stamp.Owner.UID != "" || stamp.Version != 2 {
			t.Fatalf("got %+v, %v", stamp, err)
		}
		rec.Owner, rec.Version = bob, 0
		_, err = s.PutProblem(t.Context(), rec)
		wantConflict(t, err, store.ConflictError{Have: 2})
		rec.Version = stamp.Version
		if version := put(t, s, rec); version != 3 {
			t.Errorf("version %d, want 3", version)
		}
		if stamp, err := s.ProblemStamp(t.Context(), rec.Problem.Key); err != nil || stamp.Owner != bob {
			t.Errorf("got %+v, %v, want bob's", stamp, err)
		}
	})
}

func TestAReleasedSolutionStaysAndGoesToTheNextOwner(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		s := e.NewTable(t, store.Options{})
		of := problemOf("1A", ann)
		put(t, s, of)
		rec := solutionOf(of.Problem.Key, "python", "ann", problem.Accepted)
		putSolution(t, s, rec)
		if err := s.ReleaseSolution(t.Context(), rec.Key, rec.Language, rec.Name, rec.Owner.UID); err != nil {
			t.Fatal(err)
		}
		rec.Owner, rec.Version = bob, 2
		if version := putSolution(t, s, rec); version != 3 {
			t.Errorf("version %d, want 3", version)
		}
		got, err := s.Solution(t.Context(), rec.Key, rec.Language, rec.Name)
		if err != nil || got.Owner != bob || got.Source != rec.Source {
			t.Errorf("got %+v, %v", got, err)
		}
	})
}

func TestReleasingWhatIsNotThereIsSuccess(t *testing.T) {
	s := storetest.New(t)
	k := problem.Key{Platform: "codeforces", ID: "1A"}
	if err := errors.Join(s.ReleaseProblem(t.Context(), k, ann.UID), s.ReleaseSolution(t.Context(), k, "go", "ann", ann.UID)); err != nil {
		t.Error(err)
	}
}
