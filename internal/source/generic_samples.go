package source

import (
	"time"

	"golang.org/x/net/html"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// genericSamples collects the samples of a page of unknown markup.
type genericSamples struct {
	samples []problem.Sample
	// evidence holds the nodes by which the page was known as a problem.
	evidence []*html.Node

	// expects holds the labels of the pres to come: one, or two where both stand
	// above both pres.
	expects []label
	// inputs wait for their output by number; unnumbered ones have 0.
	inputs map[int]string
	// example is the level of the heading that began an example, 7 for one
	// that is no heading, 0 outside.
	example int
	// parts are the plain labels seen outside of examples.
	parts [outputSide + 1]bool
	// labelled says that a sample was announced, though not as a pre.
	labelled bool
}

// maxSideLinks is how many other problems a problem's page links to at most
// beside it: what to solve next, or the rest of a contest.
const maxSideLinks = 7

// looksLikeProblem asks for samples, for the two parts that describe input
// and output, or for two limits on a page that is no list.
func (g *genericSamples) looksLikeProblem(limits problem.Limits, links int) bool {
	return len(g.samples) > 0 || g.labelled || g.parts[inputSide] && g.parts[outputSide] ||
		limits.Time > 0 && limits.MemoryBytes > 0 && links <= maxSideLinks
}

// line takes one visible line; level is that of its heading, 7 for none.
func (g *genericSamples) line(n *html.Node, text string, level int) {
	if copyLabel.MatchString(text) {
		return
	}
	before := g.expects
	g.expects = nil
	found := sampleLabel(text)
	switch {
	case found.side == neither && len(text) <= maxLabel && exampleLabel.MatchString(text):
		g.example = level
		g.evidence = append(g.evidence, n)
	case g.example > 0 && labelledValue.MatchString(text):
		g.labelled = true
		g.evidence = append(g.evidence, n)
	case found.side == neither:
		if level <= g.example && level < noHeading {
			g.example = 0
		}
	case found.plain && g.example == 0:
		g.parts[found.side] = true
		g.evidence = append(g.evidence, n)
	case found.plain && level < g.example && level < noHeading:
		// A larger heading than the example's begins a part of the statement.
		g.example = 0
		g.parts[found.side] = true
	default:
		if len(before) == 1 && before[0].side == inputSide && found.side == outputSide {
			g.expects = before
		}
		g.expects = append(g.expects, found)
		g.labelled = g.labelled || !found.plain
		g.evidence = append(g.evidence, n)
	}
}

func (g *genericSamples) pre(n *html.Node) {
	if g.example > 0 && g.split(n) {
		return
	}
	if len(g.expects) > 0 {
		g.put(g.expects[0], sampleText(n))
		g.expects = g.expects[1:]
	}
}

func (g *genericSamples) put(as label, text string) {
	switch as.side {
	case inputSide:
		if g.inputs == nil {
			g.inputs = map[int]string{}
		}
		g.inputs[as.number] = text
	case outputSide:
		if input, ok := g.inputs[as.number]; ok {
			delete(g.inputs, as.number)
			g.add(problem.Sample{Input: input, Output: text})
		}
	}
}

// add leaves out what stands there already: a page in two languages has each
// sample twice.
func (g *genericSamples) add(s problem.Sample) {
	if s.Output == "" || len(g.samples) >= maxSamples {
		return
	}
	for _, known := range g.samples {
		if known == s {
			return
		}
	}
	g.samples = append(g.samples, s)
}

// onlyTime is the time limit that all labels of a page agree on: a page with
// several states none for the problem.
func onlyTime(text string) time.Duration {
	var only time.Duration
	for _, at := range timeLabel.FindAllStringSubmatchIndex(text, maxSamples) {
		limit := timeOf(text[at[2]:])
		if only != 0 && limit != only {
			return 0
		}
		only = limit
	}
	return only
}

func onlyMemory(text string) int64 {
	var only int64
	for _, at := range memoryLabel.FindAllStringSubmatchIndex(text, maxSamples) {
		limit := memoryOf(text[at[2]:])
		if only != 0 && limit != only {
			return 0
		}
		only = limit
	}
	return only
}
