package source

import (
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

const genericAdapter = "generic"

// readGeneric reads a page of a judge it has never seen by the words that all
// judges use. It returns nil where nothing on the page looks like a problem;
// what is ambiguous stays empty, for the model to read and the page to prove.
func readGeneric(d *document) *Facts {
	body := d.Find("body")
	if body.Length() == 0 {
		return nil
	}
	var found genericSamples
	walker := lineWalker{line: found.line, pre: found.pre, table: found.table}
	walker.walk(body.Nodes[0])
	whole := visibleText(body.Nodes[0], pageFurniture)
	limits := problem.Limits{Time: onlyTime(whole), MemoryBytes: onlyMemory(whole)}
	if !found.looksLikeProblem(limits, d.problemLinks()) {
		return nil
	}
	title, titleNode := genericTitle(d)
	text := visibleText(statementRoot(d, titleNode, found.evidence), pageFurniture)
	return &Facts{
		Title:    title,
		Limits:   limits,
		Samples:  found.samples,
		Language: languageOf(text, strings.ToLower(clip(d.Find("html").AttrOr("lang", ""), 2))),
		Text:     text,
		Adapter:  genericAdapter,
	}
}

// pageFurniture stands around a statement and changes from day to day.
func pageFurniture(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Nav, atom.Footer, atom.Form, atom.Aside:
		return true
	}
	return false
}

// knownTitles are where judges without a reader of their own have the title:
// SPOJ, Timus, DMOJ and others; POJ; the SGU archive on Codeforces.
var knownTitles = []string{
	"#problem-name, #problem-title, .problem-title, .problem-name, .problem_title, [itemprop=name]",
	".ptt", ".problemindexholder .ttypography h3", ".problemindexholder .ttypography h4",
}

// genericTitle takes the one heading that the page's own title repeats. Where
// several do, one of them is the site's name and none is taken. An element that
// the markup itself calls the problem's name comes before all that.
func genericTitle(d *document) (string, *html.Node) {
	for _, known := range knownTitles {
		if named := d.Find(known); named.Length() == 1 && heading(named) != "" && len(heading(named)) <= 200 {
			return heading(named), named.Nodes[0]
		}
	}
	declared := fold(d.Find("head title").First().Text() + " | " + d.Find(`meta[property="og:title"]`).AttrOr("content", ""))
	var titles []string
	var nodes []*html.Node
	d.Find("h1, h2, h3").Each(func(_ int, h *goquery.Selection) {
		text := heading(h)
		if text == "" || len(text) > 200 || isRootLink(h) || sampleLabel(text).side != neither || !standsIn(declared, text) {
			return
		}
		if len(titles) == 0 || titles[len(titles)-1] != text {
			titles, nodes = append(titles, text), append(nodes, h.Nodes[0])
		}
	})
	if len(titles) == 1 {
		return titles[0], nodes[0]
	}
	if only := d.Find("h1"); len(titles) == 0 && only.Length() == 1 && !isRootLink(only) {
		return heading(only), only.Nodes[0]
	}
	return "", nil
}

// isRootLink knows a site's logo: a heading that leads to the front page.
func isRootLink(h *goquery.Selection) bool {
	link := h.Find("a[href]").AddSelection(h.Closest("a[href]"))
	return link.Length() == 1 && link.AttrOr("href", "") == "/"
}

// statementRoot is the smallest element that holds the title and everything
// by which the statement was known.
func statementRoot(d *document, title *html.Node, evidence []*html.Node) *html.Node {
	root := title
	for _, n := range evidence {
		root = commonAncestor(root, n)
	}
	if title != nil && len(evidence) > 0 && root != nil {
		return root
	}
	if main := d.Find("main, article, [role=main]"); main.Length() == 1 {
		return main.Nodes[0]
	}
	return d.Find("body").Nodes[0]
}

// commonAncestor of two nodes of one tree; the other one where one is nil.
func commonAncestor(a, b *html.Node) *html.Node {
	if a == nil {
		return b
	}
	above := map[*html.Node]bool{}
	for n := a; n != nil; n = n.Parent {
		above[n] = true
	}
	for n := b; n != nil; n = n.Parent {
		if above[n] {
			return n
		}
	}
	return a
}
