package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/problempackage"
	"github.com/algoitny/algoitny-operator/internal/problempackage/formats"
	"github.com/algoitny/algoitny-operator/internal/store"
)

func TestExportingTwiceGivesTheSameBytes(t *testing.T) {
	for _, format := range []string{"icpc", "icpc-legacy", "polygon"} {
		folder := t.TempDir()
		first, second := filepath.Join(folder, "twotides.zip"), filepath.Join(folder, "again", "twotides.zip")
		if err := os.Mkdir(filepath.Dir(second), 0o700); err != nil {
			t.Fatal(err)
		}
		for _, step := range [][2]string{{packages + "twotides", first}, {first, second}} {
			if got := algoitny(t, "export", step[0], "-o", step[1], "--format", format); got.code != ExitOK {
				t.Fatalf("%s: got %+v", format, got)
			}
		}
		sameBytes(t, first, second)
	}
}

func sameBytes(t *testing.T, first, second string) {
	t.Helper()
	a, errA := os.ReadFile(first)
	b, errB := os.ReadFile(second)
	if errors.Join(errA, errB) != nil || !bytes.Equal(a, b) {
		t.Errorf("%s and %s differ (%v, %v)", first, second, errA, errB)
	}
}

// The suite of counting has texts and recipes, one of them larger than what
// comes back of a pod.
const (
	counting      = "default.counting-tests"
	generator     = "import sys\nprint(sys.argv[1] * int(sys.argv[2]))\n"
	counter       = "print(len(input()))\n"
	lettersOnly   = "import sys\nsys.exit(not sys.stdin.read().strip().isalpha())\n"
	longestInput  = execution.MaxKept + 1
	countingInput = "xx\n"
)

var letters = problem.Key{Platform: "codeforces", ID: "1211A"}

func python(name, source string) problem.Program {
	return problem.Program{Name: name, Language: "python", Source: source}
}

// made is a text that is stored as its recipe.
func made(text, program string, readsInput bool, args ...string) problem.Data {
	data := problem.TextData(text)
	data.Text, data.Recipe = "", &problem.Recipe{Program: program, Args: args, ReadsInput: readsInput}
	return data
}

func lettersProblem() problem.Problem {
	return problem.Problem{
		Key: letters, URL: "https://codeforces.com/problemset/problem/1211/A", Title: "Count *all* letters", Language: "en",
		Limits:    problem.Limits{Time: time.Second, MemoryBytes: 256 << 20},
		Samples:   []problem.Sample{{Input: countingInput, Output: "2\n"}},
		Statement: problem.Statement{Description: "How many are there?", Input: "A word.", Output: "A number."},
	}
}

// countingSuite is as the operator stores it.
func countingSuite() store.SuiteRecord {
	of := lettersProblem()
	longest := strings.Repeat("y", longestInput) + "\n"
	return store.SuiteRecord{
		Key: letters, Name: counting, Owner: store.Owner{Namespace: "default", Name: "counting-tests", UID: "s"},
		Solutions: []problem.Program{python("accepted/count.py", counter)},
		Suite: problem.Suite{
			Problem: letters, TaskDigest: of.TaskDigest(), Limits: of.Limits, Validator: "validator",
			Programs: []problem.Program{python("generator", generator), python("validator", lettersOnly), python("solution-1", counter)},
			Tests: []problem.Test{
				{Name: "sample 1", Kind: problem.TestSample, Input: problem.TextData(countingInput), Answer: problem.TextData("2\n")},
				{Name: "worst-case 1", Kind: problem.TestWorstCase, Purpose: "the longest", Input: made(longest, "generator", false, "y", strconv.Itoa(longestInput)), Answer: made(strconv.Itoa(longestInput)+"\n", "solution-1", true)},
				{Name: "edge 1", Kind: problem.TestEdge, Input: problem.TextData("z\n"), Answer: problem.TextData("1\n")},
			},
		},
	}
}

// publish stores what a test wants to be there, each thing changed before.
func (s *table) publish(t *testing.T, change func(*store.ProblemRecord), suites ...store.SuiteRecord) {
	t.Helper()
	rec := store.ProblemRecord{Problem: lettersProblem(), Owner: store.Owner{UID: "p"}}
	change(&rec)
	if _, err := s.PutProblem(t.Context(), rec); err != nil {
		t.Fatal(err)
	}
	for _, suite := range suites {
		if _, err := s.PutSuite(t.Context(), suite); err != nil {
			t.Fatal(err)
		}
	}
}

func unchanged(*store.ProblemRecord) {}

// solve stores a solution that was judged with a suite.
func (s *table) solve(t *testing.T, name, suite string, verdict problem.Verdict) {
	t.Helper()
	_, err := s.PutSolution(t.Context(), store.SolutionRecord{
		Key: letters, Name: name, Language: "python", Source: "print(len(input().strip()))\n", Verdict: verdict, SuiteDigest: suite, Owner: store.Owner{UID: name},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// texts are the tests of a package, input and answer in turn.
func texts(t *testing.T, p *problempackage.Package) []string {
	t.Helper()
	var all []string
	for i := range p.Tests {
		input, err := problempackage.Text(p.Tests[i].Input, 8<<20)
		answer, err2 := problempackage.Text(p.Tests[i].Answer, 8<<20)
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		all = append(all, input, answer)
	}
	return all
}

func countingTexts() []string {
	return []string{countingInput, "2\n", strings.Repeat("y", longestInput) + "\n", strconv.Itoa(longestInput) + "\n", "z\n", "1\n"}
}

func TestAStoredProblemIsExported(t *testing.T) {
	t.Parallel()
	s, suite := newTable(t), countingSuite()
	s.publish(t, unchanged, suite)
	s.solve(t, "default.letters-python", suite.Suite.Digest(), problem.Accepted)
	s.solve(t, "default.by-samples", "", problem.Accepted)
	s.solve(t, "default.wrong", suite.Suite.Digest(), problem.WrongAnswer)
	folder := t.TempDir()
	for name, format := range map[string]string{"1.zip": "icpc", "2.zip": "icpc", "3.zip": "polygon"} {
		got := algoitny(t, s.with("export", "codeforces/1211A", "-o", filepath.Join(folder, name), "--format", format)...)
		if got.code != ExitOK {
			t.Fatalf("got %+v", got)
		}
		says(t, got.out, "3 tests, 2 submissions")
		says(t, got.err, "the solution default.by-samples in python is left out: it was not judged with the suite "+counting)
		p, done, err := formats.Open(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := texts(t, p); !slices.Equal(got, countingTexts()) {
			t.Errorf("%s: the texts are not those of the suite", format)
		}
		if p.Title != "Count *all* letters" || p.Limits != suite.Suite.Limits || len(p.Validators) != 1 || p.Submissions[0].Path() != "accepted/count" {
			t.Errorf("%s: got %+v", format, p)
		}
		if err := done(); err != nil {
			t.Error(err)
		}
	}
	sameBytes(t, filepath.Join(folder, "1.zip"), filepath.Join(folder, "2.zip"))
}

// An export is a package like any other: it is judged, and imported again.
func TestAnExportIsJudgedAndImportedAgain(t *testing.T) {
	t.Parallel()
	s, folder := newTable(t), t.TempDir()
	s.publish(t, unchanged, countingSuite())
	place := filepath.Join(folder, "letters.zip")
	if got := algoitny(t, s.with("export", "codeforces/1211A", "-o", place)...); got.code != ExitOK {
		t.Fatalf("got %+v", got)
	}
	judged := algoitny(t, "judge", "--package", place, "--all")
	if judged.code != ExitOK {
		t.Errorf("got %+v", judged)
	}
	says(t, judged.out, "3; the validator accepts all inputs", "1 submissions: 1 as declared")
	got := in(t, noTable, "import", place, "--dry-run", "--platform", "codeforces", "-o", folder)
	if got.code != ExitOK {
		t.Fatalf("got %+v", got)
	}
	raw, err := os.ReadFile(filepath.Join(folder, "suite.json"))
	var suite problem.Suite
	if err := errors.Join(err, json.Unmarshal(raw, &suite)); err != nil {
		t.Fatal(err)
	}
	var all []string
	for i := range suite.Tests {
		all = append(all, suite.Tests[i].Input.Text, suite.Tests[i].Answer.Text)
	}
	if !slices.Equal(all, countingTexts()) || suite.Problem != letters || suite.Limits != countingSuite().Suite.Limits {
		t.Errorf("%d texts of %s within %+v are not those of the stored suite", len(all), suite.Problem, suite.Limits)
	}
}

func TestStoredProblemsThatCannotBeExported(t *testing.T) {
	t.Parallel()
	named := func(name string) store.SuiteRecord {
		rec := countingSuite()
		rec.Name = name
		rec.Suite.Tests = rec.Suite.Tests[2:]
		return rec
	}
	spoilt := countingSuite()
	spoilt.Suite.Tests[1].Answer.Digest = strings.Repeat("0", 64)
	tests := []struct {
		name   string
		change func(*store.ProblemRecord)
		suites []store.SuiteRecord
		words  []string
		code   int
		want   string
	}{
		{"another problem", unchanged, nil, []string{"codeforces/9Z"}, ExitUsage, "neither a file or folder codeforces/9Z nor a problem of that name in the table packages"},
		{"no suite", unchanged, nil, nil, ExitUsage, "has no stored suite; give the Problem a testSuite"},
		{"several suites", unchanged, []store.SuiteRecord{named("a.x"), named("b.y")}, nil, ExitUsage, "several suites; name one with --suite: a.x, b.y"},
		{"an unknown suite", unchanged, []store.SuiteRecord{named("a.x"), named("b.y")}, []string{"--suite", "x"}, ExitUsage, "no suite x; its suites are a.x, b.y"},
		{"one of several", unchanged, []store.SuiteRecord{named("a.x"), named("b.y")}, []string{"--suite", "b.y"}, ExitOK, ""},
		{"the suite of an older problem", func(p *store.ProblemRecord) { p.Problem.Title = "Count" }, []store.SuiteRecord{named("a.x")}, nil, ExitOK, "the suite a.x was made for the problem as it was before"},
		{"a statement that is not stored", func(p *store.ProblemRecord) { p.OmitStatement = true }, []store.SuiteRecord{named("a.x")}, nil, ExitUsage, "the statement of codeforces/1211A is not stored"},
		{"a text that cannot be made again", unchanged, []store.SuiteRecord{spoilt}, nil, ExitFailed, "answer 2 of the suite cannot be made again by solution-1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, place := newTable(t), filepath.Join(t.TempDir(), "x.zip")
			s.publish(t, tt.change, tt.suites...)
			words := append([]string{"export", "-o", place}, tt.words...)
			if tt.name != "another problem" {
				words = append(words, "codeforces/1211A")
			}
			got := algoitny(t, s.with(words...)...)
			if got.code != tt.code {
				t.Fatalf("got %+v", got)
			}
			says(t, got.err, tt.want)
			if _, err := os.Stat(place); (err == nil) != (tt.code == ExitOK) {
				t.Errorf("the file: %v", err)
			}
		})
	}
}
