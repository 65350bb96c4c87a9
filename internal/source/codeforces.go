package source

import (
	"regexp"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

func isCodeforces(d *goquery.Document) bool { return codeforcesStatements(d).Length() > 0 }

func codeforcesStatements(d *goquery.Document) *goquery.Selection {
	return d.Find("div.problem-statement").Has(".header .title")
}

func readCodeforces(d *document) (*Facts, error) {
	all := codeforcesStatements(d.Document)
	statement, err := chooseProblem(all, codeforcesIndex, d.key)
	if err != nil {
		return nil, err
	}
	text := visibleText(statement.Nodes[0], codeforcesFile)
	f := &Facts{
		Title: heading(statement.Find(".header .title")),
		Limits: problem.Limits{
			Time:        timeOf(heading(statement.Find(".header .time-limit"))),
			MemoryBytes: memoryOf(heading(statement.Find(".header .memory-limit"))),
		},
		Samples:  paired(texts(firstPres(statement, ".sample-test .input")), texts(firstPres(statement, ".sample-test .output"))),
		Language: languageOf(text, "en"),
		Text:     text,
	}
	if all.Length() > 1 {
		// The other problems of the contest are no part of this one.
		f.page = visibleText(statement.Nodes[0], nil)
	}
	return f, nil
}

// codeforcesFile says where a program reads and writes: files on Codeforces,
// but standard input and output for every program that is judged here.
func codeforcesFile(n *html.Node) bool {
	return hasClass(n, "input-file") || hasClass(n, "output-file")
}

// firstPres gives one pre for each box.
func firstPres(s *goquery.Selection, boxes string) *goquery.Selection {
	var nodes []*html.Node
	s.Find(boxes).Each(func(_ int, box *goquery.Selection) {
		nodes = append(nodes, box.Find("pre").First().Nodes...)
	})
	return s.FindNodes(nodes...)
}

var titleIndex = regexp.MustCompile(`^([A-Za-z]\d{0,2}|\d{1,2})\s*(?:\.|-|–)\s`)

// codeforcesIndex is the problem's letter in its contest.
func codeforcesIndex(statement *goquery.Selection) string {
	if index, ok := statement.Closest("[problemindex]").Attr("problemindex"); ok {
		return strings.ToUpper(index)
	}
	return indexOf(heading(statement.Find(".header .title")))
}

// indexOf is the letter before a title, as in "B2. Two Heaps".
func indexOf(title string) string {
	if m := titleIndex.FindStringSubmatch(title); m != nil {
		return strings.ToUpper(m[1])
	}
	return ""
}

var (
	contestIndex = regexp.MustCompile(`\d([A-Z]\d{0,2})$|\d-(\d{1,2})$`)
	taskIndex    = regexp.MustCompile(`[_-]([a-z]\d{0,2})$`)
)

// wantedIndex is the letter that an id names; "" when it names none.
func wantedIndex(key problem.Key) string {
	switch key.Platform {
	case "codeforces":
		if m := contestIndex.FindStringSubmatch(key.ID); m != nil {
			return m[1] + m[2]
		}
		return ""
	default:
		if m := taskIndex.FindStringSubmatch(key.ID); m != nil {
			return strings.ToUpper(m[1])
		}
		return ""
	}
}

// chooseProblem picks from the problems of a page the one that the key names.
// A page with one problem is taken unless the judge's own id contradicts it.
func chooseProblem(all *goquery.Selection, index func(*goquery.Selection) string, key problem.Key) (*goquery.Selection, error) {
	wanted := wantedIndex(key)
	var listed []string
	for i := range all.Length() {
		one := all.Eq(i)
		has := index(one)
		if wanted != "" && has == wanted {
			return one, nil
		}
		if has != "" {
			listed = append(listed, has)
		}
	}
	if all.Length() == 1 && (wanted == "" || len(listed) == 0 || key.Platform != "codeforces") {
		return all.First(), nil
	}
	name := wanted
	if name == "" {
		name = key.ID
	}
	has := "has others"
	if len(listed) > 0 {
		has = "has " + clip(strings.Join(listed, ", "), 80)
	}
	return nil, stalled(ProblemNotOnPage, "problem "+clip(name, 60)+" is not on the page, which "+has+"; correct source.url or save the page that has it")
}
