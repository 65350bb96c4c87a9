package source

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// readCase is a page in a judge's own markup and what has to be read from it.
type readCase struct {
	name, url, body string
	title           string
	time            time.Duration
	// memory is in MiB.
	memory  int64
	samples []problem.Sample
	// reason is the refusal instead of all that.
	reason Reason
}

func sample(input, output string) problem.Sample {
	return problem.Sample{Input: input, Output: output}
}

func checkReads(t *testing.T, adapter string, cases []readCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			facts, err := readAt(t, c.url, c.body)
			if c.reason != "" {
				wantError(t, c.name, err, Stalled, c.reason)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			c.compare(t, facts)
			if facts.Adapter != adapter {
				t.Errorf("read by %q, want %q", facts.Adapter, adapter)
			}
		})
	}
}

func readAt(t *testing.T, address, body string) (*Facts, error) {
	t.Helper()
	key, _, err := Identify(address)
	if err != nil {
		t.Fatal(err)
	}
	facts, err := Read(Page{URL: address, Body: []byte(body), ContentType: "text/html; charset=utf-8"}, key)
	if _, ours := errors.AsType[*Error](err); err != nil && !ours {
		t.Errorf("the error is a %T: %v", err, err)
	}
	return facts, err
}

func textOfHTML(t *testing.T, body string) string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return visibleText(root, nil)
}

func (c *readCase) compare(t *testing.T, facts *Facts) {
	t.Helper()
	if facts.Title != c.title {
		t.Errorf("title %q, want %q", facts.Title, c.title)
	}
	if facts.Limits.Time != c.time || facts.Limits.MemoryBytes != c.memory<<20 {
		t.Errorf("limits %v and %d bytes, want %v and %d MiB", facts.Limits.Time, facts.Limits.MemoryBytes, c.time, c.memory)
	}
	if !slices.Equal(facts.Samples, c.samples) {
		t.Errorf("samples\n got %q\nwant %q", facts.Samples, c.samples)
	}
	for _, s := range facts.Samples {
		if !facts.States(s.Input) || !facts.States(s.Output) || s.Output != "" && !facts.StatesSample(s) {
			t.Errorf("the page does not state its own sample %q", s)
		}
	}
}
