package source

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

func isAtCoder(d *goquery.Document) bool { return d.Find("#task-statement").Length() > 0 }

func readAtCoder(d *document) (*Facts, error) {
	statements := d.Find("[id=task-statement]")
	statement, err := chooseProblem(statements, func(s *goquery.Selection) string { return indexOf(atcoderTitle(d, s)) }, d.key)
	if err != nil {
		return nil, err
	}
	copied, language := atcoderCopy(statement)
	text := visibleText(copied, nil)
	if interactivePhrase.MatchString(fold(text)) {
		return nil, interactive()
	}
	limits := atcoderLimits(d, statement)
	return &Facts{
		Title:    atcoderTitle(d, statement),
		Limits:   problem.Limits{Time: statedTime(limits), MemoryBytes: statedMemory(limits)},
		Samples:  atcoderSamples(copied),
		Language: languageOf(text, language),
		Text:     text,
	}, nil
}

// atcoderCopy picks one of the translations: each has all the samples.
func atcoderCopy(statement *goquery.Selection) (*html.Node, string) {
	for _, language := range []string{"en", "ja"} {
		translated := statement.Find("span.lang-" + language)
		if translated.Length() > 0 && strings.TrimSpace(translated.First().Text()) != "" {
			return translated.Nodes[0], language
		}
	}
	return statement.Nodes[0], "en"
}

// atcoderTitle is the last title before a statement: a page for printing has
// all tasks of a contest one after the other.
func atcoderTitle(d *document, statement *goquery.Selection) string {
	var title *html.Node
	find(d.Nodes[0], func(n *html.Node) bool {
		if n == statement.Nodes[0] {
			return true
		}
		if n.DataAtom == atom.Span && hasClass(n, "h2") || n.DataAtom == atom.H2 {
			title = n
		}
		return false
	})
	if title != nil {
		return fold(visibleText(title, func(n *html.Node) bool { return n.DataAtom == atom.A || hasClass(n, "btn") }))
	}
	return fold(d.Find("head title").First().Text())
}

// atcoderLimits is the line before the statement that holds the limits.
func atcoderLimits(d *document, statement *goquery.Selection) string {
	var limits string
	find(d.Nodes[0], func(n *html.Node) bool {
		if n == statement.Nodes[0] {
			return true
		}
		if n.DataAtom == atom.P {
			if line := oneLine(n); statedTime(line) > 0 || statedMemory(line) > 0 {
				limits = line
			}
		}
		return false
	})
	return limits
}

var atcoderHeading = regexp.MustCompile(`(?i)^(?:(sample input|入力例|input example)|(sample output|出力例|output example))[\s　]*#?([0-9０-９]*)`)

// atcoderSamples takes the first pre after each sample's heading; headings
// stand inside or before the section of their pre, depending on the age of
// the page.
func atcoderSamples(root *html.Node) []problem.Sample {
	var c sampleCollector
	for n := range root.Descendants() {
		switch n.DataAtom {
		case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
			c.heading(oneLine(n))
		case atom.Pre:
			c.pre(n)
		}
	}
	return c.samples
}

// sampleCollector pairs inputs with outputs by the numbers of their headings.
type sampleCollector struct {
	samples []problem.Sample
	// input waits for its output; number is what its heading says.
	input   *string
	number  int
	expects side
}

type side int

const (
	neither side = iota
	inputSide
	outputSide
)

func (c *sampleCollector) heading(text string) {
	m := atcoderHeading.FindStringSubmatch(text)
	c.expects = neither
	if m == nil {
		return
	}
	number := digits(m[3])
	switch {
	case m[1] != "":
		c.expects, c.input, c.number = inputSide, nil, number
	case c.input != nil && number == c.number:
		c.expects = outputSide
	}
}

func (c *sampleCollector) pre(n *html.Node) {
	text := sampleText(n)
	switch c.expects {
	case inputSide:
		c.input = &text
	case outputSide:
		c.samples = append(c.samples, problem.Sample{Input: *c.input, Output: text})
		c.input = nil
	}
	c.expects = neither
}

// digits reads a number in half-width or full-width digits; 0 when empty.
func digits(text string) int {
	text = strings.Map(func(c rune) rune {
		if c >= '０' && c <= '９' {
			return c - '０' + '0'
		}
		return c
	}, text)
	number, _ := strconv.Atoi(text)
	return number
}
