package source

import (
	"bytes"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// The bounds of a page that was not fetched here, but saved by a person.
const (
	maxBody    = 16 << 20
	maxSamples = 64
	maxTitle   = 300
)

// adapter knows the markup of one judge. A page saved elsewhere or served by
// a mirror has the markup of its judge and not its host.
type adapter struct {
	name       string
	recognises func(*goquery.Document) bool
	read       func(*document) (*Facts, error)
}

var adapters = []adapter{
	{"codeforces", isCodeforces, readCodeforces},
	{"atcoder", isAtCoder, readAtCoder},
	{"baekjoon", isBaekjoon, readBaekjoon},
	{"cses", isCSES, readCSES},
	{"kattis", isKattis, readKattis},
	{"codejam", isCodeJam, readCodeJam},
}

// document is a parsed page on its way through an adapter.
type document struct {
	*goquery.Document
	key problem.Key
	url *url.URL
}

// Read takes the facts from a page. Errors are *Error, class Stalled.
func Read(page Page, key problem.Key) (*Facts, error) {
	if len(page.Body) > maxBody {
		return nil, stalled(PageTooLarge, "the page is larger than 16 MiB; save only the statement")
	}
	kind := mediaType(page.ContentType, page.Body)
	body := page.Body
	if !utf8.Valid(body) && !isPDF(body) {
		// A saved page is in the charset its judge served it in.
		body = decode(body, "")
	}
	if isPDF(body) || !readable(kind) || bytes.IndexByte(body, 0) >= 0 {
		return nil, notHTML(kind, body)
	}
	address, err := url.Parse(page.URL)
	if err != nil {
		address = &url.URL{}
	}
	if isJSON(kind, body) {
		return readJSON(body)
	}
	return readHTML(body, key, address)
}

func readHTML(body []byte, key problem.Key, address *url.URL) (*Facts, error) {
	root, err := html.Parse(bytes.NewReader(body))
	if err != nil {
		return nil, stalled(NoProblemFound, "the page cannot be parsed; "+saveThePage)
	}
	d := &document{Document: goquery.NewDocumentFromNode(root), key: key, url: address}
	for _, a := range adaptersFor(address.Hostname()) {
		if !a.recognises(d.Document) {
			continue
		}
		facts, err := a.read(d)
		if err != nil {
			return nil, err
		}
		facts.Adapter = a.name
		return d.finish(facts)
	}
	if walled(body) {
		return nil, blockedPage()
	}
	if refused := d.asksForFunction(); refused != nil {
		return nil, refused
	}
	facts := readGeneric(d)
	if facts == nil {
		return nil, d.refusal(body)
	}
	return d.finish(facts)
}

// adaptersFor puts the host's own adapter first.
func adaptersFor(host string) []adapter {
	ordered := slices.Clone(adapters)
	if j := judgeOf(strings.ToLower(host)); j != nil {
		slices.SortStableFunc(ordered, func(a, b adapter) int {
			return rank(a.name == j.platform) - rank(b.name == j.platform)
		})
	}
	return ordered
}

func rank(first bool) int {
	if first {
		return 0
	}
	return 1
}

// finish checks what every adapter's facts have to pass, and completes them.
func (d *document) finish(f *Facts) (*Facts, error) {
	f.Key = d.key
	if len(f.Title) > maxTitle {
		// Half a title is no fact.
		f.Title = ""
	}
	f.Samples = f.Samples[:min(len(f.Samples), maxSamples)]
	f.Text = clip(f.Text, maxText)
	if refused := d.judge(f); refused != nil {
		return nil, refused
	}
	if f.page == "" {
		f.page = d.Find("title").First().Text() + "\n" + visibleText(d.Nodes[0], nil)
	}
	f.Digest = f.digest()
	return f, nil
}

// judge refuses facts from which no program can be written or judged.
func (d *document) judge(f *Facts) *Error {
	switch short := len(prose(f)) < minProse; {
	case announcesDialogue(f.Text):
		return interactive()
	case short && strings.Contains(f.Text, "[image]"):
		return stalled(ImageOnly, "the statement is a picture; write the problem as source.inline")
	case short && d.embedsPDF():
		return framedPDF()
	case short && len(f.Samples) == 0:
		return stalled(NoProblemFound, "the page has a problem's title and no statement; write the problem as source.inline, or "+saveThePage)
	}
	return nil
}

// minProse is the least a statement has besides its samples, in bytes.
const minProse = 60

// prose is the statement's text without its samples, title and pictures.
func prose(f *Facts) string {
	text := strings.ReplaceAll(fold(f.Text), "[image]", "")
	for _, part := range append([]string{f.Title}, sampleTexts(f.Samples)...) {
		if part = fold(part); part != "" {
			text = strings.Replace(text, part, "", 1)
		}
	}
	return fold(labels.ReplaceAllString(text, ""))
}

// labels are headings that stand around pictures just as around text.
var labels = regexp.MustCompile(`(?i)(sample|example|input|output|time limit|memory limit|문제|입력|출력|예제|問題文|入力|出力|例)s?\s*\d*`)

func sampleTexts(samples []problem.Sample) []string {
	var texts []string
	for _, s := range samples {
		texts = append(texts, s.Input, s.Output)
	}
	return texts
}

// paired joins inputs and outputs in their order. What has no partner is no
// sample.
func paired(inputs, outputs []string) []problem.Sample {
	var samples []problem.Sample
	for i := range min(len(inputs), len(outputs)) {
		samples = append(samples, problem.Sample{Input: inputs[i], Output: outputs[i]})
	}
	return samples
}

func texts(s *goquery.Selection) []string {
	var all []string
	for _, n := range s.Nodes {
		all = append(all, sampleText(n))
	}
	return all
}

// heading is the folded visible text of the first node.
func heading(s *goquery.Selection) string {
	if s.Length() == 0 {
		return ""
	}
	return oneLine(s.Nodes[0])
}

// Judges announce a problem with a dialogue in a sentence, or have a heading
// for what programs say to each other.
var (
	dialoguePhrase = regexp.MustCompile(`(?i)\bthis (?:is|problem is|task is) (?:an? )?(?:interactive|reactive)\b|\bthis is a communication (?:task|problem)\b|\bin this (?:interactive|reactive) (?:task|problem)\b|` +
		`это интерактивная задача|задача является интерактивной|インタラクティブ(?:形式|問題|な問題|の問題)|リアクティブ(?:形式|問題|な問題|の問題)|인터랙티브 문제|这是一道交互|本题是交互`)
	dialogueHeading = regexp.MustCompile(`(?m)^(?:Interaction|Interaction [Pp]rotocol|INTERACTION|Протокол взаимодействия|Взаимодействие)[ :]*$`)
)

func announcesDialogue(text string) bool {
	return dialoguePhrase.MatchString(fold(text)) || dialogueHeading.MatchString(text)
}

func interactive() *Error {
	return stalled(InteractiveProblem, "the problem is interactive: a fixed input cannot judge it; remove the Problem")
}

func functionSignature(title string) *Error {
	what := "the problem"
	if title = clip(fold(title), 80); title != "" {
		what = fmt.Sprintf("%q", title)
	}
	return stalled(FunctionSignature, what+" asks for a function, not for a program; write it as source.inline with standard input and output")
}
