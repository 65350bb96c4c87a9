package source

import (
	"regexp"

	"github.com/PuerkitoBio/goquery"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// isCodeJam knows the archive of Google's Code Jam and Kick Start.
func isCodeJam(d *goquery.Document) bool {
	return d.Find(".sampleio-wrapper .sample-input pre, .sample-interaction-wrapper .sample-interaction-content").Length() > 0
}

var perTestSet = regexp.MustCompile(`(?i)(?:time|memory) limit:[^\n]*`)

func readCodeJam(d *document) (*Facts, error) {
	if d.Find(".sample-interaction-wrapper").Length() > 0 {
		return nil, interactive()
	}
	text := visibleText(d.Find("body").Nodes[0], nil)
	return &Facts{
		Title:  heading(d.Find("h1")),
		Limits: codeJamLimits(text),
		Samples: paired(texts(firstPres(d.Selection, ".sampleio-wrapper .sample-input")),
			texts(firstPres(d.Selection, ".sampleio-wrapper .sample-output"))),
		Language: languageOf(text, "en"),
		Text:     text,
	}, nil
}

// codeJamLimits are those of the most generous test set: one program is judged
// on all of them here.
func codeJamLimits(text string) (limits problem.Limits) {
	for _, line := range perTestSet.FindAllString(text, -1) {
		limits.Time = max(limits.Time, statedTime(line))
		limits.MemoryBytes = max(limits.MemoryBytes, statedMemory(line))
	}
	return limits
}
