package store_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/store"
	"github.com/algoitny/algoitny-operator/internal/store/storetest"
)

// unowned is a suite as an import stores it.
func unowned(k problem.Key, name string) store.SuiteRecord {
	rec := suiteOf(k, name)
	rec.Owner = store.Owner{}
	return rec
}

func TestAnImportedSuiteMayComeBeforeItsProblem(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		o := store.Options{Table: storetest.TableName()}
		s, k := e.NewTable(t, o), problem.Key{Platform: "codeforces", ID: "1A"}
		rec := longSuite(k, "team-a.ts", 1)
		rec.Owner = store.Owner{}
		if version := putSuite(t, s, rec); version != 1 {
			t.Errorf("version %d, want 1", version)
		}
		wantNoProblem(t, s, k)
		put(t, s, problemOf(k.ID, ann))
		got, err := s.Suite(t.Context(), k, rec.Name)
		if err != nil || got.Suite.Digest() != rec.Suite.Digest() || got.Owner != rec.Owner {
			t.Fatalf("got %+v, %v", got, err)
		}
		got.Owner = ann
		if version := putSuite(t, s, *got); version != 2 {
			t.Errorf("taken over as version %d, want 2", version)
		}
		if err := s.DeleteProblem(t.Context(), k, ann.UID); err != nil {
			t.Fatal(err)
		}
		if keys := stored(t, e, o.Table, store.ProblemPartition(k)); len(keys) != 0 {
			t.Errorf("%q are left", keys)
		}
	})
}

// wantNoProblem checks that nobody sees a problem.
func wantNoProblem(t *testing.T, s *store.Store, k problem.Key) {
	t.Helper()
	_, err := s.Problem(t.Context(), k)
	_, err2 := s.ProblemStamp(t.Context(), k)
	if !errors.Is(err, store.ErrNotFound) || !errors.Is(err2, store.ErrNotFound) {
		t.Errorf("got %v and %v, want ErrNotFound", err, err2)
	}
	if page, _, err := s.ListProblems(t.Context(), 10, ""); err != nil || len(page) != 0 {
		t.Errorf("listed %+v, %v", page, err)
	}
}

func TestAnImportedSuiteGoesWithAProblemThatNeverCame(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		o := store.Options{Table: storetest.TableName()}
		s, k := e.NewTable(t, o), problem.Key{Platform: "codeforces", ID: "1A"}
		putSuite(t, s, unowned(k, "a"))
		if err := s.DeleteProblem(t.Context(), k, ann.UID); err != nil {
			t.Fatal(err)
		}
		if keys := stored(t, e, o.Table, store.ProblemPartition(k)); len(keys) != 0 {
			t.Errorf("%q are left", keys)
		}
	})
}

// An import passes on the owner and the version that it finds.
func TestASuiteIsImportedAgain(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		s, k := solved(t, e, store.Options{})
		rec := unowned(k, "a")
		again := func(owner store.Owner, want int64) {
			t.Helper()
			stamp, err := s.SuiteStamp(t.Context(), k, "a")
			if err != nil || stamp.Owner != owner {
				t.Fatalf("the stamp is %+v, %v, want one of %+v", stamp, err, owner)
			}
			rec.Owner, rec.Version = stamp.Owner, stamp.Version
			if version := putSuite(t, s, rec); version != want {
				t.Errorf("version %d, want %d", version, want)
			}
		}
		putSuite(t, s, rec)
		again(store.Owner{}, 2)
		rec.Suite.TaskDigest = "another task"
		again(store.Owner{}, 3)
		rec.Owner, rec.Version = ann, 3
		putSuite(t, s, rec)
		again(ann, 5)
		// Who has not looked replaces nothing.
		rec.Owner, rec.Version = store.Owner{}, 0
		_, err := s.PutSuite(t.Context(), rec)
		wantConflict(t, err, store.ConflictError{Owner: "team-a/ann", Have: 5})
	})
}

// What is written into a problem that is being deleted would go with it.
func TestAnImportFinishesADeletionThatWasCutShort(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		o, line := store.Options{Table: storetest.TableName()}, &wire{}
		s, k := solved(t, e, o)
		line.cut = map[string]int{"DeleteItem": attempts}
		if err := line.store(t, e, o).DeleteProblem(t.Context(), k, ann.UID); err == nil {
			t.Fatal("the deletion was not cut short")
		}
		putSuite(t, s, unowned(k, "a"))
		wantNoProblem(t, s, k)
		if keys := stored(t, e, o.Table, store.ProblemPartition(k)); !slices.Equal(keys, []string{"SUITE#a"}) {
			t.Errorf("stored %q", keys)
		}
	})
}
