package source

import (
	"slices"
	"strconv"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

func isAtCoder(d *goquery.Document) bool { return d.Find("#task-statement").Length() > 0 }

func readAtCoder(d *document) (*Facts, error) {
	tasks := atcoderTasks(d)
	statement, err := chooseProblem(d.Find("[id=task-statement]"), func(s *goquery.Selection) string { return indexOf(tasks[s.Nodes[0]].title) }, d.key)
	if err != nil {
		return nil, err
	}
	task := tasks[statement.Nodes[0]]
	copied, language := atcoderCopy(statement)
	text := visibleText(copied, copyButton)
	samples := atcoderSamples(copied)
	if len(samples) == 0 {
		// Some translations leave the samples to the original.
		samples = withoutRepeats(atcoderSamples(statement.Nodes[0]))
	}
	return &Facts{
		Title:    task.title,
		Limits:   problem.Limits{Time: statedTime(task.limits), MemoryBytes: statedMemory(task.limits)},
		Samples:  samples,
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

// atcoderTask is what stands before a statement.
type atcoderTask struct{ title, limits string }

// atcoderTasks gives each statement the last title and the last limits before
// it: a page for printing has all tasks of a contest one after the other.
func atcoderTasks(d *document) map[*html.Node]atcoderTask {
	tasks := map[*html.Node]atcoderTask{}
	now := atcoderTask{title: fold(d.Find("head title").First().Text())}
	var title *html.Node
	for n := range d.Nodes[0].Descendants() {
		switch {
		case n.DataAtom == atom.Span && hasClass(n, "h2") || n.DataAtom == atom.H2:
			title = n
		case n.DataAtom == atom.P:
			if line := oneLine(n); statedTime(line) > 0 || statedMemory(line) > 0 {
				now.limits = line
			}
		case attribute(n, "id") == "task-statement":
			if title != nil {
				now.title, title = fold(visibleText(title, atcoderButton)), nil
			}
			tasks[n] = now
		}
	}
	return tasks
}

// atcoderButton stands in the heading beside the title.
func atcoderButton(n *html.Node) bool { return n.DataAtom == atom.A || hasClass(n, "btn") }

// copyButton is what the page's script puts beside each sample.
func copyButton(n *html.Node) bool { return hasClass(n, "btn-copy") }

// withoutRepeats leaves out the copies of samples in a second language.
func withoutRepeats(samples []problem.Sample) []problem.Sample {
	var once []problem.Sample
	for _, s := range samples[:min(len(samples), 2*maxSamples)] {
		if !slices.Contains(once, s) {
			once = append(once, s)
		}
	}
	return once
}

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
	found := sampleLabel(text)
	c.expects = neither
	switch {
	case found.plain:
	case found.side == inputSide:
		c.expects, c.input, c.number = inputSide, nil, found.number
	case found.side == outputSide && c.input != nil && found.number == c.number:
		c.expects = outputSide
	}
}

func (c *sampleCollector) pre(n *html.Node) {
	switch c.expects {
	case inputSide:
		text := sampleText(n)
		c.input = &text
	case outputSide:
		c.samples = append(c.samples, problem.Sample{Input: *c.input, Output: sampleText(n)})
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
