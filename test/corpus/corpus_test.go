// Package corpus_test checks that the corpus can be used: every transcript is
// an answer that the product takes, and no label has too few programs. Whether
// a program deserves its label is measured where suites are.
package corpus_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/prompt"
)

// What the corpus promises.
const (
	minProblems = 14
	minAccepted = 40
	minWrong    = 150
)

// accepted and wrong are the folders of programs, by the verdict they deserve.
var (
	accepted = "accepted"
	wrong    = []string{"wrong_answer", "time_limit_exceeded", "run_time_error"}
)

// written is a problem.yaml.
type written struct {
	Platform string `json:"platform"`
	ID       string `json:"id"`
	Title    string `json:"title"`
	Limits   struct {
		Time      string `json:"time"`
		MemoryMiB int64  `json:"memoryMiB"`
	} `json:"limits"`
	Statement problem.Statement `json:"statement"`
	Samples   []problem.Sample  `json:"samples"`
}

func (w *written) problem(t testing.TB) *problem.Problem {
	t.Helper()
	limit, err := time.ParseDuration(w.Limits.Time)
	if err != nil {
		t.Fatal(err)
	}
	return &problem.Problem{
		Key:       problem.Key{Platform: w.Platform, ID: w.ID},
		Title:     w.Title,
		Limits:    problem.Limits{Time: limit, MemoryBytes: w.Limits.MemoryMiB << 20},
		Statement: w.Statement,
		Samples:   w.Samples,
	}
}

func load(t testing.TB, folder string) *problem.Problem {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(folder, "problem.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var w written
	if err := yaml.UnmarshalStrict(raw, &w); err != nil {
		t.Fatal(err)
	}
	return w.problem(t)
}

// folders are the problems' folders.
func folders(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("*/problem.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < minProblems {
		t.Errorf("%d problems, want at least %d", len(files), minProblems)
	}
	for i := range files {
		files[i] = filepath.Dir(files[i])
	}
	return files
}

func TestEveryProblemIsWhole(t *testing.T) {
	for _, folder := range folders(t) {
		t.Run(folder, func(t *testing.T) {
			p := load(t, folder)
			if p.Key != (problem.Key{Platform: "corpus", ID: folder}) {
				t.Errorf("the problem in this folder is %s", p.Key)
			}
			if p.Title == "" || p.Statement.Description == "" || p.Statement.Input == "" || p.Statement.Output == "" || p.Statement.Constraints == "" {
				t.Errorf("a part of the statement is missing: %+v", p)
			}
			if p.Limits.Time <= 0 || p.Limits.MemoryBytes <= 0 {
				t.Errorf("limits are %+v", p.Limits)
			}
			if len(p.Samples) < 1 || len(p.Samples) > 3 {
				t.Errorf("%d samples, want one to three", len(p.Samples))
			}
			for _, sample := range p.Samples {
				for _, text := range []string{sample.Input, sample.Output} {
					if !strings.HasSuffix(text, "\n") || strings.HasSuffix(text, "\n\n") {
						t.Errorf("a sample's text does not end in exactly one newline: %q", text)
					}
				}
			}
		})
	}
}

func TestThereAreEnoughPrograms(t *testing.T) {
	right, bad := 0, 0
	for _, folder := range folders(t) {
		good := programs(t, folder, accepted)
		if !slices.ContainsFunc(good, func(name string) bool { return strings.HasSuffix(name, ".cpp") }) {
			t.Errorf("%s has no accepted program in C++", folder)
		}
		right += len(good)
		for _, label := range wrong {
			bad += len(programs(t, folder, label))
		}
	}
	if right < minAccepted || bad < minWrong {
		t.Errorf("%d accepted and %d wrong programs, want at least %d and %d", right, bad, minAccepted, minWrong)
	}
}

// programs are the files of a label, each of which begins by saying what is
// the matter with it.
func programs(t *testing.T, folder, label string) []string {
	t.Helper()
	files, err := os.ReadDir(filepath.Join(folder, label))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	said := "Mistake: "
	if label == accepted {
		said = "Right: "
	}
	marks := map[string]string{".py": "# ", ".cpp": "// "}
	var names []string
	for _, file := range files {
		name := filepath.Join(folder, label, file.Name())
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		mark, known := marks[filepath.Ext(name)]
		if !known || !strings.HasPrefix(string(raw), mark+said) {
			t.Errorf("%s is no program that begins with %q", name, mark+said)
		}
		names = append(names, name)
	}
	return names
}

// transcript is a file of the replay model's, as far as it is used here.
type transcript struct {
	Answers []struct {
		Attempt int             `json:"attempt"`
		JSON    json.RawMessage `json:"json"`
	} `json:"answers"`
}

// parsers are the product's own, by step.
var parsers = map[string]func(string) error{
	prompt.StepSuitePlan:        parsed(prompt.ParsePlan),
	prompt.StepSuiteValidator:   parsed(prompt.ParseValidator),
	prompt.StepSuiteGenerator:   parsed(prompt.ParseGenerator),
	prompt.StepSuiteBrute:       parsed(prompt.ParseSuiteProgram),
	prompt.StepSuiteSolution(1): parsed(prompt.ParseSuiteProgram),
	prompt.StepSuiteSolution(2): parsed(prompt.ParseSuiteProgram),
	prompt.StepSuiteChecker:     parsed(prompt.ParseChecker),
	prompt.StepSuiteKill:        parsed(prompt.ParseKill),
}

func parsed[T any](parse func(string) (*T, error)) func(string) error {
	return func(text string) error {
		_, err := parse(text)
		return err
	}
}

func TestEveryTranscriptIsAnAnswer(t *testing.T) {
	for _, folder := range folders(t) {
		for step, parse := range parsers {
			name := path.Join("transcripts", load(t, folder).String(), step+".yaml")
			raw, err := os.ReadFile(name)
			if errors.Is(err, fs.ErrNotExist) && step == prompt.StepSuiteChecker {
				continue
			}
			if err != nil {
				t.Error(err)
				continue
			}
			checkAnswers(t, name, raw, parse)
		}
	}
}

func checkAnswers(t *testing.T, name string, raw []byte, parse func(string) error) {
	t.Helper()
	var recorded transcript
	if err := yaml.UnmarshalStrict(raw, &recorded); err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	if len(recorded.Answers) == 0 {
		t.Errorf("%s has no answers", name)
	}
	for i, answer := range recorded.Answers {
		if answer.Attempt != i+1 {
			t.Errorf("%s: answer %d is for attempt %d", name, i+1, answer.Attempt)
		}
		if err := parse(string(answer.JSON)); err != nil {
			t.Errorf("%s, attempt %d: %v", name, answer.Attempt, err)
		}
	}
}

func TestACheckerIsThereWhereThePlanWantsOne(t *testing.T) {
	for _, folder := range folders(t) {
		transcripts := path.Join("transcripts", load(t, folder).String())
		raw, err := os.ReadFile(path.Join(transcripts, prompt.StepSuitePlan+".yaml"))
		if err != nil {
			t.Error(err)
			continue
		}
		var recorded transcript
		if err := yaml.UnmarshalStrict(raw, &recorded); err != nil {
			t.Fatal(err)
		}
		for _, answer := range recorded.Answers {
			plan, err := prompt.ParsePlan(string(answer.JSON))
			if err != nil {
				t.Fatal(err)
			}
			_, err = os.Stat(path.Join(transcripts, prompt.StepSuiteChecker+".yaml"))
			if wanted, is := plan.Checker == prompt.CheckerCustom, err == nil; wanted != is {
				t.Errorf("%s: a checker is wanted: %t, is there: %t", folder, wanted, is)
			}
		}
	}
}
