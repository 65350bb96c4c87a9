package source

import (
	"regexp"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

func isCSES(d *goquery.Document) bool {
	return d.Find(".title-block h1").Length() > 0 && d.Find("ul.task-constraints").Length() > 0
}

func readCSES(d *document) (*Facts, error) {
	limits := visibleText(d.Find("ul.task-constraints").Nodes[0], nil)
	f := &Facts{
		Title:    heading(d.Find(".title-block h1")),
		Limits:   problem.Limits{Time: statedTime(limits), MemoryBytes: statedMemory(limits)},
		Language: "en",
	}
	body := d.Find("div.md")
	if body.Length() == 0 {
		return f, nil
	}
	f.Text = visibleText(body.Nodes[0], nil)
	f.Language = languageOf(f.Text, "en")
	f.Samples = csesSamples(body.Nodes[0])
	return f, nil
}

var (
	csesExample = regexp.MustCompile(`(?i)^(?:examples?|samples?)\b|^(esimerk|exempel|пример)`)
	csesInput   = regexp.MustCompile(`(?i)^(input|syöte)\s*\d*:?$`)
	csesOutput  = regexp.MustCompile(`(?i)^(output|tuloste)\s*\d*:?$`)
)

// csesSamples reads the pre after each "Input:" and "Output:" paragraph in
// the example sections; a pre elsewhere shows a format.
func csesSamples(body *html.Node) []problem.Sample {
	var inputs, outputs []string
	example, expects := false, neither
	for n := range body.Descendants() {
		switch n.DataAtom {
		case atom.H1, atom.H2, atom.H3:
			example, expects = csesExample.MatchString(oneLine(n)), neither
		case atom.P:
			expects = csesLabel(oneLine(n))
		case atom.Pre:
			switch {
			case !example:
			case expects == inputSide:
				// An input without an output is dropped for the next one.
				inputs = append(inputs[:len(outputs)], sampleText(n))
			case expects == outputSide && len(inputs) > len(outputs):
				outputs = append(outputs, sampleText(n))
			}
			expects = neither
		}
	}
	return paired(inputs, outputs)
}

func csesLabel(text string) side {
	switch {
	case csesInput.MatchString(text):
		return inputSide
	case csesOutput.MatchString(text):
		return outputSide
	}
	return neither
}
