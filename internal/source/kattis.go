package source

import (
	"regexp"
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
	if d.Find(".sampleinteractionread, .sampleinteractionwrite").Length() > 0 {
		return nil, interactive()
	}
	text := visibleText(body.Nodes[0], nil)
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

// contestLetter stands above the title where the page belongs to a contest.
var contestLetter = regexp.MustCompile(`^Problem [A-Z]\d?\n`)

func kattisTitle(d *document) string {
	title := d.Find("h1.book-page-heading")
	if title.Length() == 0 {
		title = d.Find("h1")
	}
	return fold(contestLetter.ReplaceAllString(visibleText(title.Nodes[0], nil), ""))
}

// kattisSamples reads each row: input on the left, output on the right. Where
// there is none of one side its cell has no pre.
func kattisSamples(d *document) []problem.Sample {
	var samples []problem.Sample
	d.Find("table.sample tr").Each(func(_ int, row *goquery.Selection) {
		cells := row.Find("td")
		if cells.Length() == 2 && cells.Find("pre").Length() > 0 {
			samples = append(samples, problem.Sample{Input: cellText(cells.Nodes[0]), Output: cellText(cells.Nodes[1])})
		}
	})
	return samples
}
