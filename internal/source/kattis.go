package source

import (
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

func isKattis(d *goquery.Document) bool {
	return d.Find(".problembody").Length() > 0 && d.Find("h1").Length() > 0
}

func readKattis(d *document) (*Facts, error) {
	body := d.Find(".problembody")
	text := visibleText(body.Nodes[0], nil)
	if d.Find(".sampleinteractionread, .sampleinteractionwrite").Length() > 0 || interactivePhrase.MatchString(fold(text)) {
		return nil, interactive()
	}
	// The limits stand in a card beside the statement, which may itself speak
	// of limits.
	beside := visibleText(d.Nodes[0], func(n *html.Node) bool { return hasClass(n, "problembody") })
	return &Facts{
		Title:    kattisTitle(d),
		Limits:   problem.Limits{Time: statedTime(beside), MemoryBytes: statedMemory(beside)},
		Samples:  kattisSamples(d),
		Language: languageOf(text, strings.ToLower(clip(d.Find("html").AttrOr("lang", "en"), 2))),
		Text:     text,
	}, nil
}

func kattisTitle(d *document) string {
	if title := heading(d.Find("h1.book-page-heading")); title != "" {
		return title
	}
	return heading(d.Find("h1"))
}

// kattisSamples reads each row with two pres: input on the left, output on
// the right.
func kattisSamples(d *document) []problem.Sample {
	var samples []problem.Sample
	d.Find("table.sample tr").Each(func(_ int, row *goquery.Selection) {
		if pres := texts(row.Find("td pre")); len(pres) == 2 {
			samples = append(samples, problem.Sample{Input: pres[0], Output: pres[1]})
		}
	})
	return samples
}
