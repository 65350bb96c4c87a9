package source_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/source"
)

// expectedPage is an entry of the index beside a folder of real pages, which
// are not ours to distribute.
type expectedPage struct {
	File      string `json:"file"`
	Judge     string `json:"judge"`
	URL       string `json:"url"`
	IsProblem bool   `json:"is_problem_page"`
	Expect    struct {
		Problems []expectedProblem `json:"problems"`
	} `json:"expect"`
}

type expectedProblem struct {
	Title       string           `json:"title"`
	TimeMillis  int64            `json:"time_limit_ms"`
	MemoryMiB   int64            `json:"memory_mb"`
	Samples     []problem.Sample `json:"samples"`
	Interactive bool             `json:"interactive"`
}

// address is the URL that names one problem of a page.
func (p *expectedPage) address(of expectedProblem) string {
	if p.URL == "" {
		return "https://judge.example/" + strings.ToLower(p.File)
	}
	if contest, whole := strings.CutSuffix(p.URL, "/problems"); whole {
		index, _, _ := strings.Cut(of.Title, ".")
		return contest + "/problem/" + index
	}
	return p.URL
}

// pagesFolder is the folder that ALGOITNY_PAGES names, or the one beside a
// checkout of the team's workspace.
func pagesFolder(t *testing.T) string {
	t.Helper()
	if folder := os.Getenv("ALGOITNY_PAGES"); folder != "" {
		return folder
	}
	folder := filepath.Join("..", "..", "..", "shared", "data", "pages")
	if _, err := os.Stat(folder); err != nil {
		t.Skipf("ALGOITNY_PAGES is not set and %s does not exist: there are no saved pages to read", folder)
	}
	return folder
}

func TestRealPagesReadAsTheirIndexSays(t *testing.T) {
	folder := pagesFolder(t)
	raw, err := os.ReadFile(filepath.Join(folder, "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	var pages []expectedPage
	if err := json.Unmarshal(raw, &pages); err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		body, err := os.ReadFile(filepath.Join(folder, page.File))
		if err != nil {
			t.Fatal(err)
		}
		if !page.IsProblem {
			t.Run(page.File, func(t *testing.T) { page.refused(t, body) })
		}
		for _, wanted := range page.Expect.Problems {
			t.Run(page.File+"/"+wanted.Title, func(t *testing.T) { page.check(t, body, wanted) })
		}
	}
}

func (p *expectedPage) read(t *testing.T, body []byte, of expectedProblem) (*source.Facts, error) {
	t.Helper()
	address := p.address(of)
	key, _, err := source.Identify(address)
	if err != nil {
		t.Fatal(err)
	}
	return source.Read(source.Page{URL: address, Body: body}, key)
}

func (p *expectedPage) refused(t *testing.T, body []byte) {
	facts, err := p.read(t, body, expectedProblem{})
	if refusal, ok := errors.AsType[*source.Error](err); !ok || refusal.Class != source.Stalled {
		t.Errorf("read %+v, %v; want a refusal", facts, err)
	}
}

func (p *expectedPage) check(t *testing.T, body []byte, wanted expectedProblem) {
	facts, err := p.read(t, body, wanted)
	if p.Judge == "leetcode" || wanted.Interactive {
		refusal, ok := errors.AsType[*source.Error](err)
		if !ok || refusal.Reason != source.FunctionSignature && refusal.Reason != source.InteractiveProblem {
			t.Fatalf("read %+v, %v; want a refusal", facts, err)
		}
		// The API's answer may hold the title only as the function's name.
		name := strings.ReplaceAll(wanted.Title, " ", "")
		if p.Judge == "leetcode" && !strings.Contains(strings.ToLower(strings.ReplaceAll(refusal.Message, " ", "")), strings.ToLower(name)) {
			t.Errorf("message %q does not name %q", refusal.Message, wanted.Title)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if facts.Title != wanted.Title {
		t.Errorf("title %q, want %q", facts.Title, wanted.Title)
	}
	if got := facts.Limits.Time; got != time.Duration(wanted.TimeMillis)*time.Millisecond {
		t.Errorf("time limit %v, want %d ms", got, wanted.TimeMillis)
	}
	if got := facts.Limits.MemoryBytes; got != wanted.MemoryMiB<<20 {
		t.Errorf("memory limit %d bytes, want %d MiB", got, wanted.MemoryMiB)
	}
	if !slices.Equal(facts.Samples, wanted.Samples) {
		t.Errorf("samples\n got %q\nwant %q", facts.Samples, wanted.Samples)
	}
	if !facts.States(wanted.Title) {
		t.Error("the page does not state its own title")
	}
}
