package store_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/store"
	"github.com/algoitny/algoitny-operator/internal/store/storetest"
)

// big is a problem whose statement needs more than one item.
func big(seed uint64) store.ProblemRecord {
	rec := problemOf("1A", ann)
	rec.Problem.Statement.Description = noise(seed, 700<<10)
	return rec
}

func TestAProblemIsReadAsItWasWritten(t *testing.T) {
	cases := map[string]func(*store.ProblemRecord){
		"whole":            func(*store.ProblemRecord) {},
		"split over items": func(r *store.ProblemRecord) { r.Problem.Statement.Description = noise(1, 700<<10) },
		"of other scripts": func(r *store.ProblemRecord) {
			r.Problem.Title, r.Problem.Statement.Input = "두 수의 합 # %23", "√2 ≤ x"
		},
		"with few facts": func(r *store.ProblemRecord) {
			r.Problem.Tags, r.Problem.Rating, r.Problem.Limits, r.Problem.URL = nil, 0, problem.Limits{}, ""
			r.Source, r.Provenance = store.Source{}, store.Provenance{}
		},
	}
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		for name, change := range cases {
			t.Run(name, func(t *testing.T) {
				s, want := e.NewTable(t, store.Options{Now: clock}), problemOf("1A", ann)
				change(&want)
				if version := put(t, s, want); version != 1 {
					t.Errorf("version %d, want 1", version)
				}
				got, err := s.Problem(t.Context(), want.Problem.Key)
				if err != nil {
					t.Fatal(err)
				}
				want.ContentDigest, want.Version, want.CreatedAt, want.UpdatedAt = want.Problem.Digest(), 1, noon, noon
				if !reflect.DeepEqual(*got, want) {
					t.Error("what was read is not what was written")
				}
			})
		}
	})
}

func TestAProblemThatIsNotStoredIsNotFound(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		s, k := e.NewTable(t, store.Options{}), problem.Key{Platform: "codeforces", ID: "1A"}
		if _, err := s.Problem(t.Context(), k); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("Problem: %v, want ErrNotFound", err)
		}
		if _, err := s.ProblemStamp(t.Context(), k); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("ProblemStamp: %v, want ErrNotFound", err)
		}
		if err := s.DeleteProblem(t.Context(), k, ann.UID); err != nil {
			t.Errorf("nothing to delete: %v, want success", err)
		}
	})
}

func TestALeftOutStatementStaysOutOfTheTable(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		o := store.Options{Table: storetest.TableName()}
		s, rec := e.NewTable(t, o), big(1)
		digest := rec.Problem.Digest()
		put(t, s, rec)
		rec.OmitStatement, rec.Version = true, 1
		if version := put(t, s, rec); version != 2 {
			t.Errorf("version %d, want 2: the content is the same, the choice is not", version)
		}
		got, err := s.Problem(t.Context(), rec.Problem.Key)
		if err != nil {
			t.Fatal(err)
		}
		if got.Problem.Statement != (problem.Statement{}) || got.Problem.Samples != nil || got.Problem.Title != rec.Problem.Title || got.ContentDigest != digest {
			t.Errorf("read %+v with digest %s", got.Problem, got.ContentDigest)
		}
		if keys := stored(t, e, o.Table, store.ProblemPartition(rec.Problem.Key)); !slices.Equal(keys, []string{"METADATA"}) {
			t.Errorf("stored %q, want METADATA only", keys)
		}
	})
}

func TestASplitStatementLeavesNothingBehind(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		o := store.Options{Table: storetest.TableName()}
		s, rec := e.NewTable(t, o), big(1)
		partition := store.ProblemPartition(rec.Problem.Key)
		put(t, s, rec)
		first := stored(t, e, o.Table, partition)
		if len(first) < 3 {
			t.Fatalf("stored %q, want METADATA and several chunks", first)
		}
		rec = big(2)
		rec.Version = 1
		put(t, s, rec)
		second := stored(t, e, o.Table, partition)
		if len(second) != len(first) || slices.ContainsFunc(second, func(k string) bool { return k != "METADATA" && slices.Contains(first, k) }) {
			t.Errorf("%q became %q, want other chunks only", first, second)
		}
		rec = problemOf("1A", ann)
		rec.Version = 2
		put(t, s, rec)
		if keys := stored(t, e, o.Table, partition); !slices.Equal(keys, []string{"METADATA", "STATEMENT"}) {
			t.Errorf("stored %q, want METADATA and STATEMENT", keys)
		}
	})
}

func TestOnlyTheWriterOfTheStoredVersionMayReplaceIt(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		s := e.NewTable(t, store.Options{})
		rec := problemOf("1A", ann)
		rec.Version = 4
		_, err := s.PutProblem(t.Context(), rec)
		wantConflict(t, err, store.ConflictError{Want: 4})
		rec.Version = 0
		put(t, s, rec)
		if version := put(t, s, rec); version != 1 {
			t.Errorf("the same content again got version %d, want 1", version)
		}
		foreign := problemOf("1A", bob)
		_, err = s.PutProblem(t.Context(), foreign)
		wantConflict(t, err, store.ConflictError{Owner: "team-a/ann", Have: 1})
		rec.Problem.Title = "another"
		_, err = s.PutProblem(t.Context(), rec)
		wantConflict(t, err, store.ConflictError{Have: 1})
		rec.Version = 1
		if version := put(t, s, rec); version != 2 {
			t.Errorf("version %d, want 2", version)
		}
		rec.Problem.Title = "a third"
		_, err = s.PutProblem(t.Context(), rec)
		wantConflict(t, err, store.ConflictError{Want: 1, Have: 2})
		stamp, err := s.ProblemStamp(t.Context(), rec.Problem.Key)
		if err != nil || stamp.Version != 2 || stamp.Owner != ann || stamp.ContentDigest == rec.Problem.Digest() {
			t.Errorf("%+v, %v", stamp, err)
		}
	})
}

func TestExactlyOneOfManyWritersOfAProblemWins(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		all := replicas(t, e)
		var wait sync.WaitGroup
		results := make([]error, 12)
		for i := range results {
			wait.Go(func() {
				rec := big(uint64(i + 1))
				rec.Owner = store.Owner{Namespace: "team", Name: fmt.Sprint(i), UID: fmt.Sprint("uid-", i)}
				_, results[i] = all[i%len(all)].PutProblem(t.Context(), rec)
			})
		}
		wait.Wait()
		won := -1
		for i, err := range results {
			if _, conflict := errors.AsType[*store.ConflictError](err); err != nil && !conflict {
				t.Errorf("writer %d: %v", i, err)
			}
			if err == nil {
				if won >= 0 {
					t.Errorf("writers %d and %d both won", won, i)
				}
				won = i
			}
		}
		got, err := all[0].Problem(t.Context(), problem.Key{Platform: "codeforces", ID: "1A"})
		if err != nil || got.Owner.Name != fmt.Sprint(won) || got.Problem.Statement != big(uint64(won+1)).Problem.Statement {
			t.Errorf("the stored problem is not whole or not of writer %d: %v", won, err)
		}
	})
}

func TestALostReplyToAProblemIsRecognised(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		for name, rec := range map[string]store.ProblemRecord{"whole": problemOf("1A", ann), "split": big(1)} {
			for _, n := range lostReplies {
				t.Run(name+" "+times(n), func(t *testing.T) {
					o := store.Options{Table: storetest.TableName()}
					s, line := e.NewTable(t, o), &wire{}
					behind := line.store(t, e, o)
					for version := int64(1); version <= 2; version++ {
						line.lose = map[string]int{"TransactWriteItems": n, "PutItem": 1}
						rec.Version = version - 1
						rec.Problem.Title = fmt.Sprint("version ", version)
						if got := put(t, behind, rec); got != version {
							t.Errorf("version %d, want %d", got, version)
						}
					}
					got, err := s.Problem(t.Context(), rec.Problem.Key)
					if err != nil || got.Version != 2 || got.Problem.Title != "version 2" {
						t.Errorf("%+v, %v", got, err)
					}
				})
			}
		}
	})
}

func TestWritesCostAFixedNumberOfRequests(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		var c counter
		s := e.NewTable(t, store.Options{Observe: c.observe})
		rec := problemOf("1A", ann)
		measure := func(name string, want map[string]int, do func() error) {
			t.Helper()
			c.take()
			if err := do(); err != nil {
				t.Fatal(err)
			}
			if got := c.take(); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %v, want %v", name, got, want)
			}
		}
		putIt := func() error { _, err := s.PutProblem(t.Context(), rec); return err }
		measure("a new problem", map[string]int{"GetItem": 1, "TransactWriteItems": 1}, putIt)
		measure("the same again", map[string]int{"GetItem": 1}, putIt)
		measure("its stamp", map[string]int{"GetItem": 1}, func() error { _, err := s.ProblemStamp(t.Context(), rec.Problem.Key); return err })
		measure("reading it", map[string]int{"GetItem": 2}, func() error { _, err := s.Problem(t.Context(), rec.Problem.Key); return err })
		solution := solutionOf(rec.Problem.Key, "python", "a", problem.Accepted)
		measure("a new solution", map[string]int{"GetItem": 2, "TransactWriteItems": 1}, func() error { _, err := s.PutSolution(t.Context(), solution); return err })
		measure("all solutions", map[string]int{"Query": 1}, func() error { _, err := s.Solutions(t.Context(), rec.Problem.Key); return err })
		measure("a claim", map[string]int{"TransactWriteItems": 1}, func() error { return claim.do(t, s) })
		measure("a record", map[string]int{"GetItem": 1, "TransactWriteItems": 1}, func() error { return record.do(t, s) })
	})
}

func TestPagesListEveryProblemOnceAndInOrder(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		s := e.NewTable(t, store.Options{Now: clock})
		var want []string
		for i := range 45 {
			rec := problemOf(fmt.Sprintf("%d#A", i), ann)
			if i%3 == 0 {
				rec.Problem.Platform = "at%coder"
			}
			put(t, s, rec)
			want = append(want, rec.Problem.String())
		}
		gone := problem.Key{Platform: "codeforces", ID: "7#A"}
		if err := s.DeleteProblem(t.Context(), gone, ann.UID); err != nil {
			t.Fatal(err)
		}
		want = slices.DeleteFunc(want, func(name string) bool { return name == gone.String() })
		slices.Sort(want)
		for _, size := range []int{1, 7, 500} {
			var got []string
			for cursor := ""; ; {
				page, next, err := s.ListProblems(t.Context(), size, cursor)
				if err != nil {
					t.Fatal(err)
				}
				for _, p := range page {
					got = append(got, p.String())
				}
				if cursor = next; cursor == "" {
					break
				}
				if len(page) != size {
					t.Fatalf("a page of %d before the last, want %d", len(page), size)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("pages of %d list %q, want %q", size, got, want)
			}
		}
	})
}

func TestAListShowsTheFactsAndTheSolvedLanguages(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		s, rec := e.NewTable(t, store.Options{Now: clock}), problemOf("1A", ann)
		put(t, s, rec)
		for _, language := range []string{"python", "c#", "cpp"} {
			putSolution(t, s, solutionOf(rec.Problem.Key, language, "x", problem.Accepted))
		}
		putSolution(t, s, solutionOf(rec.Problem.Key, "cpp", "y", problem.Accepted))
		putSolution(t, s, solutionOf(rec.Problem.Key, "go", "x", problem.WrongAnswer))
		page, next, err := s.ListProblems(t.Context(), 0, "")
		if err != nil || next != "" || len(page) != 1 {
			t.Fatalf("%d problems, cursor %q, %v", len(page), next, err)
		}
		p := rec.Problem
		want := store.ProblemSummary{
			Key: p.Key, Title: p.Title, URL: p.URL, Rating: p.Rating, Tags: p.Tags, Limits: p.Limits,
			SampleCount: 2, Languages: []string{"c#", "cpp", "python"}, UpdatedAt: noon,
		}
		if !reflect.DeepEqual(page[0], want) {
			t.Errorf("%+v, want %+v", page[0], want)
		}
	})
}

func TestACursorThatWasNotGivenOutIsRefused(t *testing.T) {
	s := storetest.New(t)
	beyond := base64.RawURLEncoding.EncodeToString([]byte("after1:" + strings.Repeat("%23", 200) + "#" + strings.Repeat("%23", 200)))
	for _, cursor := range []string{"x", "!!", "YWZ0ZXIxOg", "YWZ0ZXIyOmEjYg", strings.Repeat("A", 5000), beyond} {
		_, _, err := s.ListProblems(t.Context(), 10, cursor)
		wantReason(t, err, store.ClassStalled, store.ReasonInvalidCursor)
	}
}

func TestADeletedProblemTakesItsSolutionsAlong(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		o := store.Options{Table: storetest.TableName()}
		s, rec := e.NewTable(t, o), big(1)
		put(t, s, rec)
		putSolution(t, s, solutionOf(rec.Problem.Key, "python", "a", problem.Accepted))
		if err := s.DeleteProblem(t.Context(), rec.Problem.Key, bob.UID); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Problem(t.Context(), rec.Problem.Key); err != nil {
			t.Fatalf("somebody else deleted it: %v", err)
		}
		for range 2 {
			if err := s.DeleteProblem(t.Context(), rec.Problem.Key, ann.UID); err != nil {
				t.Fatal(err)
			}
		}
		if keys := stored(t, e, o.Table, store.ProblemPartition(rec.Problem.Key)); len(keys) != 0 {
			t.Errorf("%q are left", keys)
		}
		if version := put(t, s, rec); version != 1 {
			t.Errorf("made anew it has version %d, want 1", version)
		}
	})
}

// TestADeletionCutShortIsTakenUpAgain cuts every deletion of an item in turn.
func TestADeletionCutShortIsTakenUpAgain(t *testing.T) {
	finish := map[string]func(t *testing.T, s *store.Store, rec store.ProblemRecord){
		"by the next deletion": func(t *testing.T, s *store.Store, rec store.ProblemRecord) {
			if err := s.DeleteProblem(t.Context(), rec.Problem.Key, ann.UID); err != nil {
				t.Error(err)
			}
		},
		"by the next writer": func(t *testing.T, s *store.Store, rec store.ProblemRecord) {
			rec.Owner = bob
			put(t, s, rec)
			if err := s.DeleteProblem(t.Context(), rec.Problem.Key, bob.UID); err != nil {
				t.Error(err)
			}
		},
	}
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		for name, again := range finish {
			t.Run(name, func(t *testing.T) {
				o := store.Options{Table: storetest.TableName()}
				s, rec, line := e.NewTable(t, o), big(1), &wire{}
				put(t, s, rec)
				behind := line.store(t, e, o)
				line.cut = map[string]int{"DeleteItem": attempts}
				wantReason(t, behind.DeleteProblem(t.Context(), rec.Problem.Key, ann.UID), store.ClassRetry, store.ReasonUnavailable)
				if _, err := s.Problem(t.Context(), rec.Problem.Key); !errors.Is(err, store.ErrNotFound) {
					t.Errorf("half a problem is shown: %v", err)
				}
				if page, _, err := s.ListProblems(t.Context(), 10, ""); err != nil || len(page) != 0 {
					t.Errorf("half a problem is listed: %v, %v", page, err)
				}
				again(t, s, rec)
				if keys := stored(t, e, o.Table, store.ProblemPartition(rec.Problem.Key)); len(keys) != 0 {
					t.Errorf("%q are left", keys)
				}
			})
		}
	})
}
