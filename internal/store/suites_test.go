package store_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/store"
	"github.com/algoitny/algoitny-operator/internal/store/storetest"
)

func suiteOf(k problem.Key, name string, inputs ...string) store.SuiteRecord {
	rec := store.SuiteRecord{
		Key: k, Name: name,
		Suite: problem.Suite{
			Problem: k, TaskDigest: "task", Validator: "validator",
			Checker:  problem.Checker{Rules: problem.CompareRules{AbsTolerance: 1e-6}},
			Programs: []problem.Program{{Name: "validator", Language: "python", Source: "input()\n"}},
		},
		Report:    json.RawMessage(`{"mutants":{"made":3,"killed":2}}`),
		Solutions: []problem.Program{{Name: "solution-1", Language: "cpp", Source: "int main() {}\n"}},
		Brute:     problem.Program{Name: "brute-force", Language: "python", Source: "print(3)\n"},
		Owner:     ann, Provenance: store.Provenance{Provider: "openai", Tokens: 9},
	}
	for i, input := range append([]string{"1 2\n"}, inputs...) {
		kind := problem.TestWorstCase
		if i == 0 {
			kind = problem.TestSample
		}
		rec.Suite.Tests = append(rec.Suite.Tests, problem.Test{
			Name: fmt.Sprint("test ", i), Kind: kind, Input: problem.TextData(input), Answer: problem.TextData("3\n"),
		})
	}
	return rec
}

func putSuite(t *testing.T, s *store.Store, rec store.SuiteRecord) int64 {
	t.Helper()
	version, err := s.PutSuite(t.Context(), rec)
	if err != nil {
		t.Fatalf("put %s of %s: %v", rec.Name, rec.Key, err)
	}
	return version
}

// longSuite needs more than one item.
func longSuite(k problem.Key, name string, seed uint64) store.SuiteRecord {
	return suiteOf(k, name, noise(seed, 500<<10), noise(seed+100, 400<<10))
}

func TestASuiteIsReadAsItWasWritten(t *testing.T) {
	k := problem.Key{Platform: "codeforces", ID: "1A"}
	bare := suiteOf(k, "team-a.ts")
	bare.Report, bare.Solutions, bare.Brute, bare.Provenance = nil, nil, problem.Program{}, store.Provenance{}
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		for name, want := range map[string]store.SuiteRecord{
			"short": suiteOf(k, "team-a.ts"), "split over items": longSuite(k, "team-a.ts", 1), "tests alone": bare,
			"of an odd name": suiteOf(k, "a#b%23"),
		} {
			t.Run(name, func(t *testing.T) {
				s, _ := solved(t, e, store.Options{Now: clock})
				if version := putSuite(t, s, want); version != 1 {
					t.Errorf("version %d, want 1", version)
				}
				want.Version, want.CreatedAt, want.UpdatedAt = 1, noon, noon
				got, err := s.Suite(t.Context(), k, want.Name)
				if err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(*got, want) || got.Suite.Digest() != want.Suite.Digest() {
					t.Error("what was read is not what was written")
				}
			})
		}
	})
}

func TestSuitesAreListedWithoutTheirTests(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		s, k := solved(t, e, store.Options{Now: clock})
		long, short := longSuite(k, "b", 1), suiteOf(k, "a")
		putSuite(t, s, long)
		putSuite(t, s, short)
		all, err := s.Suites(t.Context(), k)
		want := []store.SuiteSummary{
			{Name: "a", Digest: short.Suite.Digest(), Tests: map[problem.TestKind]int{problem.TestSample: 1}},
			{Name: "b", Digest: long.Suite.Digest(), Tests: map[problem.TestKind]int{problem.TestSample: 1, problem.TestWorstCase: 2}},
		}
		for i := range want {
			want[i].TaskDigest, want[i].Owner, want[i].Provenance = "task", ann, long.Provenance
			want[i].Version, want[i].CreatedAt, want[i].UpdatedAt = 1, noon, noon
		}
		if err != nil || !reflect.DeepEqual(all, want) {
			t.Errorf("listed %+v, %v, want %+v", all, err, want)
		}
		if solutions, err := s.Solutions(t.Context(), k); err != nil || len(solutions) != 0 {
			t.Errorf("%d suites count as solutions, %v", len(solutions), err)
		}
		if none, err := s.Suites(t.Context(), problem.Key{Platform: "codeforces", ID: "none"}); err != nil || len(none) != 0 {
			t.Errorf("%d suites of a problem without any, %v", len(none), err)
		}
	})
}

func TestASuiteNeedsItsProblem(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		o := store.Options{Table: storetest.TableName()}
		s, k := e.NewTable(t, o), problem.Key{Platform: "codeforces", ID: "1A"}
		if _, err := s.PutSuite(t.Context(), longSuite(k, "a", 1)); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("got %v, want ErrNotFound", err)
		}
		_, err := s.Suite(t.Context(), k, "a")
		_, err2 := s.SuiteStamp(t.Context(), k, "a")
		if !errors.Is(err, store.ErrNotFound) || !errors.Is(err2, store.ErrNotFound) {
			t.Errorf("got %v and %v, want ErrNotFound", err, err2)
		}
		if keys := stored(t, e, o.Table, store.ProblemPartition(k)); len(keys) != 0 {
			t.Errorf("%q are left", keys)
		}
	})
}

func TestOnlyTheOwnerReplacesASuite(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		s, k := solved(t, e, store.Options{})
		rec := suiteOf(k, "a")
		putSuite(t, s, rec)
		if version := putSuite(t, s, rec); version != 1 {
			t.Errorf("the same again got version %d, want 1", version)
		}
		foreign := rec
		foreign.Owner, foreign.Version = bob, 1
		_, err := s.PutSuite(t.Context(), foreign)
		wantConflict(t, err, store.ConflictError{Owner: "team-a/ann", Want: 1, Have: 1})
		rec.Suite.TaskDigest = "another task"
		_, err = s.PutSuite(t.Context(), rec)
		wantConflict(t, err, store.ConflictError{Have: 1})
		rec.Version = 3
		_, err = s.PutSuite(t.Context(), rec)
		wantConflict(t, err, store.ConflictError{Want: 3, Have: 1})
		rec.Version = 1
		if version := putSuite(t, s, rec); version != 2 {
			t.Errorf("version %d, want 2", version)
		}
	})
}

func TestAReleasedSuiteStaysAndGoesToTheNextOwner(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		s, k := solved(t, e, store.Options{})
		rec := longSuite(k, "a", 1)
		putSuite(t, s, rec)
		for _, uid := range []string{bob.UID, ann.UID, ann.UID} {
			if err := s.ReleaseSuite(t.Context(), k, "a", uid); err != nil {
				t.Fatal(err)
			}
		}
		rec.Owner, rec.Version = bob, 2
		if version := putSuite(t, s, rec); version != 3 {
			t.Errorf("version %d, want 3", version)
		}
		got, err := s.Suite(t.Context(), k, "a")
		if err != nil || got.Owner != bob || got.Suite.Digest() != rec.Suite.Digest() {
			t.Errorf("got %+v, %v", got, err)
		}
		if err := s.ReleaseSuite(t.Context(), k, "nowhere", bob.UID); err != nil {
			t.Errorf("nothing to release: %v, want success", err)
		}
	})
}

func TestDeletingASuiteTouchesNothingElse(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		o := store.Options{Table: storetest.TableName()}
		s, k := solved(t, e, o)
		putSuite(t, s, longSuite(k, "a", 1))
		putSuite(t, s, suiteOf(k, "ab"))
		putSolution(t, s, solutionOf(k, "go", "a", problem.Accepted))
		for _, uid := range []string{bob.UID, ""} {
			if err := s.DeleteSuite(t.Context(), k, "a", uid); err != nil {
				t.Errorf("of another owner: %v, want success", err)
			}
		}
		if _, err := s.Suite(t.Context(), k, "a"); err != nil {
			t.Errorf("somebody else deleted it: %v", err)
		}
		for range 2 {
			if err := s.DeleteSuite(t.Context(), k, "a", ann.UID); err != nil {
				t.Fatal(err)
			}
		}
		wantLanguages(t, s, "go")
		if keys := stored(t, e, o.Table, store.ProblemPartition(k)); !slices.Equal(keys, []string{"METADATA", "SOLUTION#go#a", "STATEMENT", "SUITE#ab"}) {
			t.Errorf("stored %q", keys)
		}
	})
}

func TestADeletedProblemTakesItsSuitesAlong(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		o := store.Options{Table: storetest.TableName()}
		s, k := solved(t, e, o)
		putSuite(t, s, longSuite(k, "a", 1))
		if err := s.DeleteProblem(t.Context(), k, ann.UID); err != nil {
			t.Fatal(err)
		}
		if keys := stored(t, e, o.Table, store.ProblemPartition(k)); len(keys) != 0 {
			t.Errorf("%q are left", keys)
		}
		if err := s.DeleteSuite(t.Context(), k, "a", ann.UID); err != nil {
			t.Errorf("after its problem: %v, want success", err)
		}
	})
}

func TestAReplacedLongSuiteLeavesNothingBehind(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		o := store.Options{Table: storetest.TableName()}
		s, k := solved(t, e, o)
		for version, rec := range []store.SuiteRecord{longSuite(k, "a", 1), longSuite(k, "a", 2), suiteOf(k, "a")} {
			rec.Version = int64(version)
			putSuite(t, s, rec)
			got, err := s.Suite(t.Context(), k, "a")
			if err != nil || got.Suite.Digest() != rec.Suite.Digest() {
				t.Fatalf("version %d: %v", version+1, err)
			}
		}
		if keys := stored(t, e, o.Table, store.ProblemPartition(k)); !slices.Equal(keys, []string{"METADATA", "STATEMENT", "SUITE#a"}) {
			t.Errorf("stored %q", keys)
		}
	})
}

func TestALostReplyToASuiteIsRecognised(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		for _, n := range lostReplies {
			t.Run(times(n), func(t *testing.T) {
				o, line := store.Options{Table: storetest.TableName()}, &wire{}
				_, k := solved(t, e, o)
				behind := line.store(t, e, o)
				line.lose = map[string]int{"TransactWriteItems": n, "PutItem": 1}
				if version := putSuite(t, behind, longSuite(k, "a", 1)); version != 1 {
					t.Errorf("version %d, want 1", version)
				}
				line.lose = map[string]int{"TransactWriteItems": n}
				if err := behind.DeleteSuite(t.Context(), k, "a", ann.UID); err != nil {
					t.Error(err)
				}
				if keys := stored(t, e, o.Table, store.ProblemPartition(k)); !slices.Equal(keys, []string{"METADATA", "STATEMENT"}) {
					t.Errorf("stored %q, want the problem only", keys)
				}
			})
		}
	})
}

// A writer that dies at any of its writes leaves the old suite whole, and the
// next one cleans up behind it.
func TestASuiteWhoseWriterDiesIsTheOldOneAndTheNextWriterCleansUp(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		for name, line := range map[string]*wire{
			"at a chunk": {cut: map[string]int{"PutItem": attempts}}, "at the row": {cut: map[string]int{"TransactWriteItems": attempts}},
			"while it cleans up": {cut: map[string]int{"DeleteItem": attempts}},
		} {
			t.Run(name, func(t *testing.T) {
				o := store.Options{Table: storetest.TableName()}
				s, k := solved(t, e, o)
				old, next := longSuite(k, "a", 1), longSuite(k, "a", 2)
				putSuite(t, s, old)
				next.Version = 1
				_, err := line.store(t, e, o).PutSuite(t.Context(), next)
				want := next
				if name != "while it cleans up" {
					want = old
					wantReason(t, err, store.ClassRetry, store.ReasonUnavailable)
				}
				got, err := s.Suite(t.Context(), k, "a")
				if err != nil || got.Suite.Digest() != want.Suite.Digest() {
					t.Fatalf("half a suite: %v", err)
				}
				last := suiteOf(k, "a", noise(7, 300<<10))
				last.Version = got.Version
				putSuite(t, s, last)
				if keys := stored(t, e, o.Table, store.ProblemPartition(k)); !slices.Equal(keys, []string{"METADATA", "STATEMENT", "SUITE#a"}) {
					t.Errorf("stored %q", keys)
				}
			})
		}
	})
}

func TestADamagedSuiteIsToldFromALostOne(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		o := store.Options{Table: storetest.TableName()}
		s, k := solved(t, e, o)
		putSuite(t, s, longSuite(k, "a", 1))
		keys := stored(t, e, o.Table, store.ProblemPartition(k))
		chunk := keys[slices.IndexFunc(keys, func(k string) bool { return strings.HasPrefix(k, "TESTS#") })]
		client, at := e.Client(t), map[string]types.AttributeValue{
			"PK": &types.AttributeValueMemberS{Value: store.ProblemPartition(k)}, "SK": &types.AttributeValueMemberS{Value: chunk},
		}
		if _, err := client.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &o.Table, Key: at}); err != nil {
			t.Fatal(err)
		}
		_, err := s.Suite(t.Context(), k, "a")
		wantReason(t, err, store.ClassStalled, store.ReasonRecordDamaged)
		// It can be written again all the same.
		again := longSuite(k, "a", 2)
		stamp, err := s.SuiteStamp(t.Context(), k, "a")
		if err != nil || stamp.Owner != ann {
			t.Fatalf("%+v, %v", stamp, err)
		}
		again.Version = stamp.Version
		putSuite(t, s, again)
		if got, err := s.Suite(t.Context(), k, "a"); err != nil || got.Suite.Digest() != again.Suite.Digest() {
			t.Errorf("written again: %v", err)
		}
	})
}

func TestASuiteThatIsTooLargeIsNotStored(t *testing.T) {
	s, k := solved(t, &storetest.Engine{Endpoint: embeddedEndpoint(t)}, store.Options{})
	_, err := s.PutSuite(t.Context(), suiteOf(k, "a", strings.Repeat("1 ", 8<<20)))
	wantReason(t, err, store.ClassStalled, store.ReasonTooLarge)
}

func TestASuiteCostsAFixedNumberOfRequests(t *testing.T) {
	var c counter
	s, k := solved(t, &storetest.Engine{Endpoint: embeddedEndpoint(t)}, store.Options{Observe: c.observe})
	rec := suiteOf(k, "a")
	for _, step := range []struct {
		name string
		want map[string]int
		do   func() error
	}{
		{"a new suite", map[string]int{"GetItem": 2, "TransactWriteItems": 1}, func() error { _, err := s.PutSuite(t.Context(), rec); return err }},
		{"the same again", map[string]int{"GetItem": 1}, func() error { _, err := s.PutSuite(t.Context(), rec); return err }},
		{"reading it", map[string]int{"GetItem": 1}, func() error { _, err := s.Suite(t.Context(), k, "a"); return err }},
		{"all suites", map[string]int{"Query": 1}, func() error { _, err := s.Suites(t.Context(), k); return err }},
	} {
		c.take()
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		if got := c.take(); !reflect.DeepEqual(got, step.want) {
			t.Errorf("%s: %v, want %v", step.name, got, step.want)
		}
	}
}
