package store_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/algoitny/algoitny-operator/internal/store"
	"github.com/algoitny/algoitny-operator/internal/store/storetest"
)

func wantPage(t *testing.T, s *store.Store, want []byte) {
	t.Helper()
	got, err := s.ProblemPage(t.Context(), problemOf("1A", ann).Problem.Key)
	if want == nil && !errors.Is(err, store.ErrNotFound) || want != nil && (err != nil || !bytes.Equal(got, want)) {
		t.Errorf("got %d bytes, %v, want %d", len(got), err, len(want))
	}
}

func TestThePageOfAProblemIsStoredBesideIt(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		// Other writes than the transaction, of which there is always one.
		writes, transactions := 0, 0
		s := e.NewTable(t, store.Options{Observe: func(op string, _ float64) {
			if op == "PutItem" || op == "DeleteItem" {
				writes++
			}
			if op == "TransactWriteItems" {
				transactions++
			}
		}})
		rec := problemOf("1A", ann)
		put := func(change func(), want int) {
			t.Helper()
			change()
			writes, transactions = 0, 0
			version, err := s.PutProblem(t.Context(), rec)
			if err != nil || writes != want || transactions != 1 {
				t.Fatalf("version %d after %d transactions and %d other writes, %v, want %d", version, transactions, writes, err, want)
			}
			rec.Version = version
		}
		first, second := []byte("<html>a page</html>"), []byte(noise(1, 1000<<10))

		put(func() { rec.Page = first }, 0)
		wantPage(t, s, first)
		got, err := s.Problem(t.Context(), problemOf("1A", ann).Problem.Key)
		if err != nil || got.Page != nil || got.Provenance.Page.Size != int64(len(first)) || len(got.Provenance.Page.Digest) != 64 {
			t.Fatalf("got %+v, %v", got, err)
		}

		put(func() { rec.Problem.Rating++ }, 0)
		wantPage(t, s, first)

		put(func() { rec.Page, rec.Provenance, rec.Problem.Rating = nil, got.Provenance, rec.Problem.Rating+1 }, 0)
		wantPage(t, s, first)

		// It takes three chunks.
		put(func() { rec.Page, rec.Problem.Rating = second, rec.Problem.Rating+1 }, 3)
		wantPage(t, s, second)

		put(func() { rec.Problem.Rating++; rec.OmitStatement = true }, 3)
		wantPage(t, s, nil)

		put(func() { rec.OmitStatement = false }, 3)
		wantPage(t, s, second)

		put(func() { rec.Page, rec.Problem.Rating = first, rec.Problem.Rating+1 }, 3)
		wantPage(t, s, first)

		put(func() { rec.Page, rec.Provenance.Page, rec.Problem.Rating = nil, store.Page{}, rec.Problem.Rating+1 }, 0)
		wantPage(t, s, nil)

		put(func() { rec.Page, rec.Problem.Rating = first, rec.Problem.Rating+1 }, 0)
		if err := s.DeleteProblem(t.Context(), rec.Problem.Key, rec.Owner.UID); err != nil {
			t.Fatal(err)
		}
		wantPage(t, s, nil)
	})
}

func TestWhatAnItemWasMadeOfIsStored(t *testing.T) {
	s := storetest.New(t)
	rec := problemOf("1A", ann)
	rec.Provenance = store.Provenance{
		CallHash: "h", PromptVersion: "v", Provider: "default/gemini", Identity: "Gemini  flash", Model: "flash", Currency: "USD",
		Calls:        []store.UsedCall{{Hash: "g", Step: "extract", Attempt: 1, PromptVersion: "v", CostNano: 3}, {Hash: "h", Step: "extract", Attempt: 2, PromptVersion: "v"}},
		Parameters:   store.Parameters{URL: "http://a", MaxAttempts: 3, Challengers: []string{"c"}, Scope: "default", Refresh: "1"},
		Environments: []string{"runner@sha256:1"},
	}
	if _, err := s.PutProblem(t.Context(), rec); err != nil {
		t.Fatal(err)
	}
	got, err := s.Problem(t.Context(), problemOf("1A", ann).Problem.Key)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(rec.Provenance, got.Provenance); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
