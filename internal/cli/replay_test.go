package cli

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/go-logr/logr"

	"github.com/algoitny/algoitny-operator/internal/execution/agent/agenttest"
	"github.com/algoitny/algoitny-operator/internal/execution/local"
	"github.com/algoitny/algoitny-operator/internal/pipeline/extract"
	"github.com/algoitny/algoitny-operator/internal/pipeline/pipelinetest"
	"github.com/algoitny/algoitny-operator/internal/pipeline/solve"
	"github.com/algoitny/algoitny-operator/internal/pipeline/testgen"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/rebuild"
	"github.com/algoitny/algoitny-operator/internal/source"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// The demo's first problem: its page states a time limit, and a model has
// answers to every question about it.
const (
	lanternsPage = "../demo/pages/codeforces.example/9001_a.html"
	lanternsURL  = "http://codeforces.example/9001/a"
	transcripts  = "../demo/transcripts"
)

var lanterns = problem.Key{Platform: "codeforces-example", ID: "9001-a"}

// world is a problem with a suite and a solution, made by the real pipelines of
// what a model at the wire says.
type world struct {
	*pipelinetest.Wire
	t      *testing.T
	runner *local.Runner
}

func newWorld(t *testing.T) *world {
	t.Helper()
	runner, err := local.New(local.Options{AgentCommand: agenttest.Command(t), Dir: t.TempDir(), Speed: speed(), Log: logr.Discard()})
	if err != nil {
		t.Fatal(err)
	}
	return &world{Wire: pipelinetest.Replay(t, os.DirFS(transcripts)), t: t, runner: runner}
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func owner(name string) store.Owner { return store.Owner{Namespace: "default", Name: name, UID: name} }

// extract publishes the problem of a page.
func (w *world) extract(change func(page string) string) *problem.Problem {
	w.t.Helper()
	raw, err := os.ReadFile(lanternsPage)
	w.must(err)
	page := &source.Page{URL: lanternsURL, ContentType: "text/html; charset=utf-8", Body: []byte(change(string(raw)))}
	out, err := (&extract.Extractor{Ledger: w.Ledger()}).Extract(w.t.Context(), extract.Input{Provider: w.Provider(), URL: lanternsURL, Saved: page})
	w.must(err)
	out.Problem.Rating = 800
	_, err = w.Table.PutProblem(w.t.Context(), store.ProblemRecord{
		Problem: out.Problem, Owner: owner("lanterns"), Provenance: out.Provenance, Page: out.Page,
		Source: store.Source{URL: out.Problem.URL, PageDigest: out.PageDigest, Adapter: out.Adapter},
	})
	w.must(err)
	return &out.Problem
}

// suite stores a suite of the problem.
func (w *world) suite(of *problem.Problem) *problem.Suite {
	w.t.Helper()
	out, err := (&testgen.Maker{Ledger: w.Ledger(), Workshop: w.runner}).Make(w.t.Context(), testgen.Input{
		Key: "made", Provider: w.Provider(), Problem: of, MaxAttempts: 3, Rounds: 1, Mutants: 3,
	}, func(testgen.Output) {})
	w.must(err)
	rec, err := out.Record()
	w.must(err)
	rec.Name, rec.Owner = "default.lanterns-suite", owner("suite")
	_, err = w.Table.PutSuite(w.t.Context(), *rec)
	w.must(err)
	return &rec.Suite
}

// solve stores a solution that was judged with a suite, or with the samples.
func (w *world) solve(of *problem.Problem, suite *problem.Suite) {
	w.t.Helper()
	out, err := (&solve.Solver{Ledger: w.Ledger(), Runner: w.runner}).Solve(w.t.Context(), solve.Input{
		Key: "made", Provider: w.Provider(), Problem: of, Suite: suite, Language: "python", Dialect: "Python 3", MaxAttempts: 4,
	}, func(solve.Output) {})
	w.must(err)
	best := out.Attempts[out.Best]
	rec := store.SolutionRecord{
		Key: of.Key, Name: "default.lanterns-python", Language: "python", Source: best.Source, Verdict: best.Verdict, Report: best.Report,
		Attempts: len(out.Attempts), Tried: out.Tried(), Owner: owner("solution"), Provenance: out.Provenance, ProblemDigest: of.TaskDigest(),
	}
	if suite != nil {
		rec.SuiteDigest = suite.Digest()
	}
	_, err = w.Table.PutSolution(w.t.Context(), rec)
	w.must(err)
}

// replay runs the command on the world's table.
func (w *world) replay(words ...string) outcome {
	w.t.Helper()
	before := w.Calls()
	open := func(context.Context, TableAddress) (*store.Store, error) { return w.Table, nil }
	got := in(w.t, open, append([]string{"replay", lanterns.String()}, words...)...)
	if w.Calls() != before {
		w.t.Errorf("%d calls were paid for", w.Calls()-before)
	}
	return got
}

// change writes a solution over the stored one.
func (w *world) change(change func(*store.SolutionRecord)) {
	w.t.Helper()
	rec, err := w.Table.Solution(w.t.Context(), lanterns, "python", "default.lanterns-python")
	w.must(err)
	change(rec)
	_, err = w.Table.PutSolution(w.t.Context(), *rec)
	w.must(err)
}

func decoded(t *testing.T, got outcome) []rebuild.Artefact {
	t.Helper()
	var all []rebuild.Artefact
	if err := json.Unmarshal([]byte(got.out), &all); err != nil {
		t.Fatalf("%v in %+v", err, got)
	}
	return all
}

// Without a stated limit the suite measures one.
func TestAProblemIsMadeAgainOfRecordedAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	of := w.extract(func(page string) string { return strings.ReplaceAll(page, "1 second", "") })
	suite := w.suite(of)
	w.solve(of, suite)
	got := w.replay()
	if got.code != ExitOK || !suite.Measured {
		t.Fatalf("got %+v", got)
	}
	for i, want := range []string{
		"problem codeforces-example/9001-a same 1 0 0.001518 USD",
		"suite default.lanterns-suite same 8 0 0.01243 USD",
		"solution python default.lanterns-python same 1 0 0.001447 USD",
	} {
		if line := strings.Join(rows(got.out)[i+1], " "); line != want {
			t.Errorf("got %q, want %q", line, want)
		}
	}
	says(t, got.out, "page     sha256:", "model    test by default/test", "prompts  extract@", "suite-generator@", " ×2", "ran in   python: Python 3",
		"the rating 800 is a person's", "was measured where the suite was made")

	rec, err := w.Table.Suite(t.Context(), lanterns, "default.lanterns-suite")
	w.must(err)
	rec.Suite.Tests[1].Answer = problem.TextData("41\n")
	_, err = w.Table.PutSuite(t.Context(), *rec)
	w.must(err)
	got = w.replay()
	if got.code != ExitOther {
		t.Fatalf("got %+v", got)
	}
	says(t, got.out, "differs", "suite.tests[1].answer.digest: stored is", "the suite that it was judged with is not in the table any more")
}

func TestWhatWasChangedInTheTableDiffers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.solve(w.extract(func(page string) string { return page }), nil)
	if got := w.replay(); got.code != ExitOK {
		t.Fatalf("got %+v", got)
	}
	w.change(func(rec *store.SolutionRecord) {
		rec.Source = strings.Replace(rec.Source, "import sys", "import os, sys", 1)
	})
	got := w.replay("--json")
	all := decoded(t, got)
	if got.code != ExitOther || len(all) != 2 || all[0].Outcome != rebuild.Same || all[1].Calls != 1 || all[1].Paid != 0 {
		t.Fatalf("got %+v", got)
	}
	if want := `source, line 1: stored is "import os, sys\n", made "import sys\n"`; all[1].Outcome != rebuild.Differs || all[1].Why != want {
		t.Errorf("got %+v", all[1])
	}
}

func TestWhatCannotBeReplayedSaysWhy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.solve(w.extract(func(page string) string { return page }), nil)
	for _, tt := range []struct {
		name, want string
		change     func(*store.SolutionRecord)
	}{
		{
			"another version of the prompt", "step solve-python, attempt 1: it was asked with version old of the prompt, and this program has version",
			func(rec *store.SolutionRecord) { rec.Provenance.Calls[0].PromptVersion, rec.Attempts = "old", 2 },
		},
		{
			"a call that is gone", "step solve-python, attempt 1: the table does not have its answer any more (CALL#gone)",
			func(rec *store.SolutionRecord) {
				rec.Provenance.Calls[0].PromptVersion = rec.Provenance.PromptVersion
				rec.Provenance.Calls[0].Hash, rec.Attempts = "gone", 3
			},
		},
		{
			"an attempt that is not recorded", "step solve-python, attempt 1: the record names no answer to it",
			func(rec *store.SolutionRecord) { rec.Provenance.Calls[0].Attempt, rec.Attempts = 2, 4 },
		},
		{
			"a record from before provenance was kept", "set spec.refresh to have it made anew",
			func(rec *store.SolutionRecord) { rec.Provenance, rec.Attempts = store.Provenance{CallHash: "x"}, 5 },
		},
		{
			"another task", "it was made for the problem as it was before",
			func(rec *store.SolutionRecord) { rec.ProblemDigest, rec.Provenance.Calls = "x", []store.UsedCall{{}} },
		},
	} {
		w.change(tt.change)
		got := w.replay("--json")
		all := decoded(t, got)
		if got.code != ExitFailed || all[1].Outcome != rebuild.NotReplayed || !strings.Contains(all[1].Why, tt.want) {
			t.Errorf("%s: got %+v", tt.name, got)
		}
	}
}

func TestReplayingAProblemThatAPersonWrote(t *testing.T) {
	t.Parallel()
	s, suite := newTable(t), countingSuite()
	s.publish(t, func(rec *store.ProblemRecord) { rec.Source.Adapter = "inline" }, suite)
	got := algoitny(t, s.with("replay", letters.String())...)
	wantRows(t, got, ExitOK, "problem codeforces/1211A given 0 0 - a person wrote it", "suite "+counting+" given 0 0 - it came with a package")
	got = algoitny(t, s.with("replay", "codeforces/1A")...)
	if got.code != ExitUsage {
		t.Fatalf("got %+v", got)
	}
	says(t, got.err, "there is no problem codeforces/1A in the table packages")
}

func TestReplayingAProblemWhoseTextIsNotKept(t *testing.T) {
	t.Parallel()
	s, suite := newTable(t), countingSuite()
	suite.Provenance = store.Provenance{Provider: "default/openai"}
	s.publish(t, func(rec *store.ProblemRecord) { rec.OmitStatement = true }, suite)
	got := algoitny(t, s.with("replay", letters.String())...)
	wantRows(t, got, ExitFailed,
		"problem codeforces/1211A cannot be replayed 0 0 - neither its page nor its statement is kept in the table",
		"suite "+counting+" cannot be replayed 0 0 - it was stored before all that it was made of was kept; set spec.refresh to have it made anew, which costs calls")
}
