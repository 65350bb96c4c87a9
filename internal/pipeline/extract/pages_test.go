package extract_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/algoitny/algoitny-operator/internal/pipeline/extract"
	"github.com/algoitny/algoitny-operator/internal/pipeline/pipelinetest"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/prompt"
	"github.com/algoitny/algoitny-operator/internal/source"
)

// savedPage is an entry of the index beside the real pages.
type savedPage struct {
	File      string `json:"file"`
	Judge     string `json:"judge"`
	URL       string `json:"url"`
	IsProblem bool   `json:"is_problem_page"`
	Expect    struct {
		Problems []savedProblem `json:"problems"`
	} `json:"expect"`
}

type savedProblem struct {
	Title      string           `json:"title"`
	TimeMillis int64            `json:"time_limit_ms"`
	MemoryMiB  int64            `json:"memory_mb"`
	Samples    []problem.Sample `json:"samples"`
}

// address is the URL of one problem of a page.
func (p savedPage) address(title string) string {
	if p.URL == "" {
		return "https://judge.example/" + strings.ToLower(p.File)
	}
	if contest, whole := strings.CutSuffix(p.URL, "/problems"); whole {
		index, _, _ := strings.Cut(title, ".")
		return contest + "/problem/" + index
	}
	return p.URL
}

// The pages are not ours to distribute: ALGOITNY_PAGES names their folder, or
// they lie beside a checkout of the team's workspace.
func savedPages(t *testing.T) (folder string, pages []savedPage) {
	t.Helper()
	folder = os.Getenv("ALGOITNY_PAGES")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "..", "shared", "data", "pages")
	}
	raw, err := os.ReadFile(filepath.Join(folder, "index.json"))
	if errors.Is(err, os.ErrNotExist) && os.Getenv("ALGOITNY_PAGES") == "" {
		t.Skipf("ALGOITNY_PAGES is not set and %s does not exist: there are no saved pages to read", folder)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &pages); err != nil {
		t.Fatal(err)
	}
	return folder, pages
}

// The model gives the prose only: title, limits and samples come from the
// markup, and are what the page says.
func TestRealPagesNeedTheModelForTheirProseOnly(t *testing.T) {
	folder, pages := savedPages(t)
	for _, page := range pages {
		body, err := os.ReadFile(filepath.Join(folder, page.File))
		if err != nil {
			t.Fatal(err)
		}
		for _, wanted := range page.Expect.Problems {
			t.Run(page.File+"/"+wanted.Title, func(t *testing.T) {
				out, calls, err := readSaved(t, page.address(wanted.Title), body)
				if page.Judge == "leetcode" {
					if refusal, ok := errors.AsType[*source.Error](err); !ok || refusal.Reason != source.FunctionSignature || calls != 0 {
						t.Errorf("%+v, %v after %d calls; want a refusal for free", out, err, calls)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				wantSaved(t, out, wanted)
				if calls != 1 {
					t.Errorf("%d calls", calls)
				}
			})
		}
	}
}

func readSaved(t *testing.T, address string, body []byte) (*extract.Output, int, error) {
	t.Helper()
	key, _, err := source.Identify(address)
	if err != nil {
		t.Fatal(err)
	}
	w := pipelinetest.New(t, key, prompt.StepExtract, claim(map[string]any{
		"title": "", "time_limit": "", "memory_limit": "", "samples": samples(), "tags": []string{},
	}))
	x := extract.Extractor{Ledger: w.Ledger()}
	out, err := x.Extract(t.Context(), extract.Input{
		Provider: w.Provider(), URL: address, Saved: &source.Page{URL: address, Body: body},
	})
	return out, w.Calls(), err
}

func wantSaved(t *testing.T, out *extract.Output, wanted savedProblem) {
	t.Helper()
	p := out.Problem
	limits := problem.Limits{Time: time.Duration(wanted.TimeMillis) * time.Millisecond, MemoryBytes: wanted.MemoryMiB << 20}
	if p.Title != wanted.Title || p.Limits != limits || !slices.Equal(p.Samples, wanted.Samples) {
		t.Errorf("extracted %q, %+v, %q\nwant %q, %+v, %q", p.Title, p.Limits, p.Samples, wanted.Title, limits, wanted.Samples)
	}
	if p.Statement.Description != "Count the posts." || out.LeftOut != nil {
		t.Errorf("output %+v", out)
	}
}
