package extract

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/pipeline"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/prompt"
	"github.com/algoitny/algoitny-operator/internal/source"
)

// The bounds of what a model may claim; real pages stay far below.
const (
	maxTitle   = 300
	maxSamples = 32
	maxTags    = 16
	maxTagLen  = 64
)

// check returns the claims that stand in the page and, in words, those that
// do not. Claims about what the markup states are ignored: it outranks them.
func check(facts *source.Facts, claims *prompt.Extraction) (kept *prompt.Extraction, refused []string) {
	checked := *claims
	complain := func(format string, args ...any) {
		refused = append(refused, pipeline.Excerpt(fmt.Sprintf(format, args...), 256))
	}
	checked.Title = strings.Join(strings.Fields(claims.Title), " ")
	switch {
	case facts.Title != "":
	case checked.Title == "":
		complain("the title is missing")
	case len(checked.Title) > maxTitle || !facts.States(checked.Title):
		complain("the title %q does not stand in the page", checked.Title)
		checked.Title = ""
	}
	if facts.Limits.Time == 0 && claims.TimeLimit != "" {
		if _, ok := source.ParseTimeLimit(claims.TimeLimit); !ok || !facts.States(claims.TimeLimit) {
			complain("the time limit %q does not stand in the page", claims.TimeLimit)
			checked.TimeLimit = ""
		}
	}
	if facts.Limits.MemoryBytes == 0 && claims.MemoryLimit != "" {
		if _, ok := source.ParseMemoryLimit(claims.MemoryLimit); !ok || !facts.States(claims.MemoryLimit) {
			complain("the memory limit %q does not stand in the page", claims.MemoryLimit)
			checked.MemoryLimit = ""
		}
	}
	checked.Samples = nil
	if len(facts.Samples) == 0 {
		for i, s := range claims.Samples[:min(len(claims.Samples), maxSamples)] {
			if strings.TrimSpace(s.Output) == "" || !facts.StatesSample(s) {
				complain("sample %d does not stand in the page as given", i+1)
				continue
			}
			checked.Samples = append(checked.Samples, problem.Sample{Input: ended(s.Input), Output: ended(s.Output)})
		}
	}
	checked.Tags = tags(facts, claims.Tags)
	return &checked, refused
}

// tags keeps those that the page lists: a tag the model made up is no fact,
// and not worth another question either.
func tags(facts *source.Facts, claimed []string) []string {
	var kept []string
	for _, tag := range claimed {
		tag = strings.TrimSpace(tag)
		if tag != "" && len(tag) <= maxTagLen && len(kept) < maxTags && facts.States(tag) {
			kept = append(kept, strings.ToLower(tag))
		}
	}
	return kept
}

// languageCode is ISO 639-1.
var languageCode = regexp.MustCompile(`^[a-z]{2}$`)

// language is what the model says the statement is written in, empty when it
// names no language. No page states it.
func language(claimed string) string {
	code := strings.ToLower(strings.TrimSpace(claimed))
	if !languageCode.MatchString(code) {
		return ""
	}
	return code
}

// ended gives a text exactly one newline at its end.
func ended(text string) string {
	text = strings.TrimRight(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	if text == "" {
		return ""
	}
	return text + "\n"
}
