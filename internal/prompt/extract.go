package prompt

import (
	"fmt"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

var extractStep = lazily("extract", 12_000)

// StepExtract names the prompt that reads a page.
const StepExtract = "extract"

// ExtractInput is what the extraction prompt is made of.
type ExtractInput struct {
	Key problem.Key
	// Title, Limits and Samples are what the markup states; empty ones are
	// asked for.
	Title   string
	Limits  problem.Limits
	Samples []problem.Sample
	// Page is the visible text of the statement.
	Page    string
	Attempt int
	// Complaints say what was wrong with the answer before.
	Complaints []string
}

// AskTitle tells the template to ask for a title.
func (in ExtractInput) AskTitle() bool { return in.Title == "" }

// AskSamples tells the template to ask for samples.
func (in ExtractInput) AskSamples() bool { return len(in.Samples) == 0 }

// AskTime tells the template to ask for the time limit.
func (in ExtractInput) AskTime() bool { return in.Limits.Time == 0 }

// AskMemory tells the template to ask for the memory limit.
func (in ExtractInput) AskMemory() bool { return in.Limits.MemoryBytes == 0 }

// Known names for the template what the markup states.
func (in ExtractInput) Known() string {
	var known []string
	if !in.AskTitle() {
		known = append(known, "the title")
	}
	if !in.AskTime() {
		known = append(known, "the time limit")
	}
	if !in.AskMemory() {
		known = append(known, "the memory limit")
	}
	if !in.AskSamples() {
		known = append(known, fmt.Sprintf("%d sample(s)", len(in.Samples)))
	}
	return strings.Join(known, ", ")
}

// Extract renders the extraction prompt.
func Extract(in ExtractInput) (Prompt, error) {
	return extractStep().render(StepExtract, in.Key, in.Attempt, in)
}

// Kind is what a page turned out to be.
type Kind string

// The kinds of pages.
const (
	KindBatch       Kind = "batch"
	KindInteractive Kind = "interactive"
	KindFunction    Kind = "function"
	KindImageOnly   Kind = "image_only"
	KindNone        Kind = "none"
)

// Extraction is the model's typed answer: claims, until they are checked.
type Extraction struct {
	Kind        Kind     `json:"kind"`
	Language    string   `json:"language"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	Input       string   `json:"input"`
	Output      string   `json:"output"`
	Constraints string   `json:"constraints"`
	Notes       string   `json:"notes"`
	Tags        []string `json:"tags"`
	// TimeLimit and MemoryLimit are the page's own words, for example
	// "2 seconds".
	TimeLimit   string           `json:"time_limit"`
	MemoryLimit string           `json:"memory_limit"`
	Samples     []problem.Sample `json:"samples"`
}

// ParseExtraction reads an answer. The error is a *ParseError.
func ParseExtraction(text string) (*Extraction, error) {
	var e Extraction
	if err := parse(text, &e); err != nil {
		return nil, err
	}
	switch e.Kind {
	case KindBatch, KindInteractive, KindFunction, KindImageOnly, KindNone:
	default:
		return nil, &ParseError{"kind is none of the words that the schema lists"}
	}
	if e.Kind == KindBatch && strings.TrimSpace(e.Description) == "" {
		return nil, &ParseError{"the description is empty"}
	}
	return &e, nil
}
