package store_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/store"
	"github.com/algoitny/algoitny-operator/internal/store/storetest"
)

// solved is a table with one problem.
func solved(t *testing.T, e *storetest.Engine, o store.Options) (*store.Store, problem.Key) {
	t.Helper()
	s, rec := e.NewTable(t, o), problemOf("1A", ann)
	put(t, s, rec)
	return s, rec.Problem.Key
}

func wantLanguages(t *testing.T, s *store.Store, want ...string) {
	t.Helper()
	page, _, err := s.ListProblems(t.Context(), 10, "")
	if err != nil || len(page) != 1 || !slices.Equal(page[0].Languages, want) {
		t.Errorf("listed %+v, %v, want the languages %q", page, err, want)
	}
}

func TestASolutionIsReadAsItWasWritten(t *testing.T) {
	sources := map[string]string{"short": "print(1)\n", "empty": "", "split over items": noise(3, 700<<10)}
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		for name, source := range sources {
			t.Run(name, func(t *testing.T) {
				s, k := solved(t, e, store.Options{Now: clock})
				want := solutionOf(k, "python", "team-a.job", problem.Accepted)
				want.Source = source
				if version := putSolution(t, s, want); version != 1 {
					t.Errorf("version %d, want 1", version)
				}
				want.Version, want.CreatedAt, want.UpdatedAt = 1, noon, noon
				got, err := s.Solution(t.Context(), k, "python", "team-a.job")
				if err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(*got, want) {
					t.Error("what was read is not what was written")
				}
				all, err := s.Solutions(t.Context(), k)
				if err != nil || !reflect.DeepEqual(all, []store.SolutionRecord{want}) {
					t.Errorf("the list of %d is not the one solution: %v", len(all), err)
				}
			})
		}
	})
}

func TestSolutionsAreListedByLanguageAndName(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		s, k := solved(t, e, store.Options{})
		var want []string
		for i, language := range []string{"rust", "cpp", "go", "cpp"} {
			rec := solutionOf(k, language, fmt.Sprint("job-", i), problem.Accepted)
			// More than one page of a query.
			rec.Source = noise(uint64(i), 300<<10)
			putSolution(t, s, rec)
			want = append(want, rec.Language+" "+rec.Name)
		}
		slices.Sort(want)
		all, err := s.Solutions(t.Context(), k)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, rec := range all {
			got = append(got, rec.Language+" "+rec.Name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("listed %q, want %q", got, want)
		}
		if none, err := s.Solutions(t.Context(), problem.Key{Platform: "codeforces", ID: "none"}); err != nil || len(none) != 0 {
			t.Errorf("%d solutions of a problem without any, %v", len(none), err)
		}
	})
}

func TestASolutionNeedsItsProblem(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		o := store.Options{Table: storetest.TableName()}
		s, k := e.NewTable(t, o), problem.Key{Platform: "codeforces", ID: "1A"}
		rec := solutionOf(k, "python", "a", problem.Accepted)
		rec.Source = noise(1, 700<<10)
		if _, err := s.PutSolution(t.Context(), rec); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("got %v, want ErrNotFound", err)
		}
		if _, err := s.Solution(t.Context(), k, "python", "a"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("got %v, want ErrNotFound", err)
		}
		if keys := stored(t, e, o.Table, store.ProblemPartition(k)); len(keys) != 0 {
			t.Errorf("%q are left", keys)
		}
	})
}

func TestTheListOfLanguagesFollowsTheVerdicts(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		s, k := solved(t, e, store.Options{})
		rec := solutionOf(k, "python", "a", problem.WrongAnswer)
		putSolution(t, s, rec)
		wantLanguages(t, s)
		rec.Version, rec.Verdict = 1, problem.Accepted
		putSolution(t, s, rec)
		wantLanguages(t, s, "python")
		// Writing the problem anew leaves the list alone.
		changed := problemOf("1A", ann)
		changed.Version, changed.Problem.Rating = 1, 900
		if version := put(t, s, changed); version != 2 {
			t.Errorf("solutions moved the problem's version: %d, want 2", version)
		}
		wantLanguages(t, s, "python")
		rec.Version, rec.Verdict = 2, problem.TimeLimitExceeded
		putSolution(t, s, rec)
		wantLanguages(t, s)
		rec.Version, rec.Verdict = 3, problem.Accepted
		putSolution(t, s, rec)
		if err := s.DeleteSolution(t.Context(), k, "python", "a", ann.UID); err != nil {
			t.Fatal(err)
		}
		wantLanguages(t, s)
	})
}

func TestOnlyTheOwnerReplacesASolution(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		s, k := solved(t, e, store.Options{})
		rec := solutionOf(k, "python", "a", problem.Accepted)
		putSolution(t, s, rec)
		if version := putSolution(t, s, rec); version != 1 {
			t.Errorf("the same again got version %d, want 1", version)
		}
		foreign := rec
		foreign.Owner, foreign.Version = bob, 1
		_, err := s.PutSolution(t.Context(), foreign)
		wantConflict(t, err, store.ConflictError{Owner: "team-a/ann", Want: 1, Have: 1})
		rec.ProblemDigest = "another task"
		_, err = s.PutSolution(t.Context(), rec)
		wantConflict(t, err, store.ConflictError{Have: 1})
		rec.Version = 3
		_, err = s.PutSolution(t.Context(), rec)
		wantConflict(t, err, store.ConflictError{Want: 3, Have: 1})
		rec.Version = 1
		if version := putSolution(t, s, rec); version != 2 {
			t.Errorf("version %d, want 2", version)
		}
	})
}

func TestDeletingASolutionTouchesNothingElse(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		o := store.Options{Table: storetest.TableName()}
		s, k := solved(t, e, o)
		long := solutionOf(k, "python", "a", problem.Accepted)
		long.Source = noise(5, 700<<10)
		putSolution(t, s, long)
		putSolution(t, s, solutionOf(k, "go", "a", problem.Accepted))
		for name, uid := range map[string]string{"of another owner": bob.UID, "of nobody": ""} {
			if err := s.DeleteSolution(t.Context(), k, "python", "a", uid); err != nil {
				t.Errorf("%s: %v, want success", name, err)
			}
		}
		wantLanguages(t, s, "go", "python")
		for range 2 {
			if err := s.DeleteSolution(t.Context(), k, "python", "a", ann.UID); err != nil {
				t.Fatal(err)
			}
		}
		wantLanguages(t, s, "go")
		if keys := stored(t, e, o.Table, store.ProblemPartition(k)); !slices.Equal(keys, []string{"METADATA", "SOLUTION#go#a", "STATEMENT"}) {
			t.Errorf("stored %q", keys)
		}
		if err := s.DeleteProblem(t.Context(), k, ann.UID); err != nil {
			t.Fatal(err)
		}
		if err := s.DeleteSolution(t.Context(), k, "go", "a", ann.UID); err != nil {
			t.Errorf("after its problem: %v, want success", err)
		}
	})
}

func TestAReplacedLongSourceLeavesNothingBehind(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		o := store.Options{Table: storetest.TableName()}
		s, k := solved(t, e, o)
		rec := solutionOf(k, "python", "a", problem.Accepted)
		for version, source := range []string{noise(1, 700<<10), noise(2, 700<<10), "print(1)"} {
			rec.Version, rec.Source = int64(version), source
			putSolution(t, s, rec)
			got, err := s.Solution(t.Context(), k, "python", "a")
			if err != nil || got.Source != source {
				t.Fatalf("version %d: %v", version+1, err)
			}
		}
		if keys := stored(t, e, o.Table, store.ProblemPartition(k)); !slices.Equal(keys, []string{"METADATA", "SOLUTION#python#a", "STATEMENT"}) {
			t.Errorf("stored %q", keys)
		}
	})
}

func TestAReportIsStoredBounded(t *testing.T) {
	s, k := solved(t, &storetest.Engine{Endpoint: embeddedEndpoint(t)}, store.Options{})
	// The bound of 4096 bytes falls into a character of three.
	long := strings.Repeat("한", 2000)
	rec := solutionOf(k, "python", "a", problem.WrongAnswer)
	rec.Report.CompileLog, rec.Report.Detail, rec.Report.Tests, rec.Report.Total = long, "\xff\xfe", nil, 1000
	for i := range 1000 {
		rec.Report.Tests = append(rec.Report.Tests, problem.TestResult{Name: fmt.Sprint("test ", i), Output: long, Stderr: long, Detail: long})
	}
	putSolution(t, s, rec)
	got, err := s.Solution(t.Context(), k, "python", "a")
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Report.Tests) != 200 || got.Report.Total != 1000 {
		t.Errorf("%d tests of %d, want 200 of 1000", len(got.Report.Tests), got.Report.Total)
	}
	for _, text := range []string{got.Report.CompileLog, got.Report.Detail, got.Report.Tests[199].Output, got.Report.Tests[0].Stderr} {
		if len(text) > 4096 || !utf8.ValidString(text) || text == "" {
			t.Errorf("a text of %d bytes, valid %v", len(text), utf8.ValidString(text))
		}
	}
	if len(rec.Report.Tests) != 1000 || rec.Report.Tests[0].Output != long {
		t.Error("the caller's own report was cut")
	}
	if version := putSolution(t, s, rec); version != 1 {
		t.Errorf("the same again got version %d, want 1", version)
	}
}

func TestSolversAtTheSameTimeAreAllListed(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		s, k := solved(t, e, store.Options{})
		var want []string
		var wait sync.WaitGroup
		for i := range 20 {
			language := fmt.Sprintf("language-%02d", i)
			want = append(want, language)
			wait.Go(func() {
				if _, err := s.PutSolution(t.Context(), solutionOf(k, language, "a", problem.Accepted)); err != nil {
					t.Errorf("%s: %v", language, err)
				}
			})
		}
		wait.Wait()
		wantLanguages(t, s, want...)
	})
}

func TestALostReplyToASolutionIsRecognised(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		for _, n := range lostReplies {
			t.Run(times(n), func(t *testing.T) {
				o, line := store.Options{Table: storetest.TableName()}, &wire{}
				s, k := solved(t, e, o)
				behind := line.store(t, e, o)
				rec := solutionOf(k, "python", "a", problem.Accepted)
				rec.Source = noise(1, 600<<10)
				line.lose = map[string]int{"TransactWriteItems": n, "PutItem": 1}
				if version := putSolution(t, behind, rec); version != 1 {
					t.Errorf("version %d, want 1", version)
				}
				wantLanguages(t, s, "python")
				line.lose = map[string]int{"TransactWriteItems": n}
				if err := behind.DeleteSolution(t.Context(), k, "python", "a", ann.UID); err != nil {
					t.Error(err)
				}
				wantLanguages(t, s)
				if keys := stored(t, e, o.Table, store.ProblemPartition(k)); !slices.Equal(keys, []string{"METADATA", "STATEMENT"}) {
					t.Errorf("stored %q, want the problem only", keys)
				}
			})
		}
	})
}
