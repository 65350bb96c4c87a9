package page_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/go-logr/logr"
	"golang.org/x/net/html"

	"github.com/algoitny/algoitny-operator/internal/facade/fault"
	"github.com/algoitny/algoitny-operator/internal/facade/page"
	"github.com/algoitny/algoitny-operator/internal/facade/view"
)

// open serves the pages of a library, with the description of the API where
// the facade has it.
func open(t *testing.T, library page.Library) *httptest.Server {
	t.Helper()
	pages, err := page.New(library, page.Options{Languages: []string{"python", "cpp", "go"}, Log: logr.Discard(), Now: func() time.Time { return when }})
	if err != nil {
		t.Fatal(err)
	}
	document, err := os.ReadFile("testdata/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	docs, err := page.APIDocs(document)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", pages.Handler())
	mux.Handle("/api/docs", docs)
	mux.HandleFunc("/api/openapi.json", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(document) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

// sheet is a page that was read.
type sheet struct {
	*goquery.Document
	path   string
	status int
	header http.Header
	raw    string
}

func get(t *testing.T, server *httptest.Server, path string) *sheet {
	t.Helper()
	response, err := server.Client().Get(server.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	document, err := goquery.NewDocumentFromReader(strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	return &sheet{document, path, response.StatusCode, response.Header, string(raw)}
}

// text of the first element.
func (s *sheet) text(selector string) string { return said(s.Find(selector).First()) }

// said is what stands in a selection, with a space between its pieces.
func said(s *goquery.Selection) string {
	var pieces []string
	for _, root := range s.Nodes {
		for n := range root.Descendants() {
			if n.Type == html.TextNode {
				pieces = append(pieces, strings.Fields(n.Data)...)
			}
		}
	}
	return strings.Join(pieces, " ")
}

// mustHave fails when nothing matches.
func (s *sheet) mustHave(t *testing.T, selectors ...string) {
	t.Helper()
	for _, selector := range selectors {
		if s.Find(selector).Length() == 0 {
			t.Errorf("%s has no %s", s.path, selector)
		}
	}
}

func TestEveryLinkOfAPageAnswers(t *testing.T) {
	server := open(t, full())
	seen := map[string]bool{}
	todo := []string{"/", "/problems/codeforces/1842C", "/spending"}
	for len(todo) > 0 {
		path := todo[0]
		todo = todo[1:]
		if seen[path] {
			continue
		}
		seen[path] = true
		s := get(t, server, path)
		if s.status != http.StatusOK {
			t.Errorf("%s answers %d", path, s.status)
		}
		s.Find("template").Remove()
		s.Find("a[href], link[href], script[src]").Each(func(_ int, link *goquery.Selection) {
			address, anchor, _ := strings.Cut(link.AttrOr("href", link.AttrOr("src", "")), "#")
			if anchor != "" && s.Find("[id='"+anchor+"']").Length() != 1 {
				t.Errorf("%s has no place %q", path, anchor)
			}
			// Months go on without an end.
			if strings.HasPrefix(address, "/") && len(seen) < 200 && !strings.Contains(path, "month=") {
				todo = append(todo, address)
			}
		})
	}
	if len(seen) < 20 {
		t.Errorf("only %d pages are linked", len(seen))
	}
}

func TestAnAssetNeverChangesUnderItsAddress(t *testing.T) {
	server := open(t, empty())
	s := get(t, server, "/")
	for selector, mediaType := range map[string]string{
		"link[rel=stylesheet]": "text/css; charset=utf-8", "link[rel=icon]": "image/svg+xml", "script[type=module]": "text/javascript; charset=utf-8",
	} {
		element := s.Find(selector)
		address := element.AttrOr("href", element.AttrOr("src", ""))
		a := get(t, server, address)
		if a.status != http.StatusOK || a.header.Get("Cache-Control") != "public, max-age=31536000, immutable" || a.header.Get("Content-Type") != mediaType {
			t.Errorf("%s answers %d, %v", address, a.status, a.header)
		}
		if old := get(t, server, "/assets/0000000000000000"+address[strings.LastIndex(address, "/"):]); old.status != http.StatusNotFound {
			t.Errorf("another version of %s answers %d", address, old.status)
		}
	}
}

func TestAnErrorIsAPageThatSaysWhatToDo(t *testing.T) {
	library := full()
	server := open(t, library)
	s := get(t, server, "/problems/codeforces/0")
	if s.status != http.StatusNotFound || s.text("main h1") != "Not Found" || !strings.Contains(s.text("main"), "There is no problem codeforces/0.") {
		t.Errorf("%d: %s", s.status, s.text("main"))
	}
	s = get(t, server, "/spending?month=yesterday")
	if s.status != http.StatusBadRequest || s.text("main li code") != "month" {
		t.Errorf("%d: %s", s.status, s.text("main"))
	}
	library.spending = nil
	if s = get(t, server, "/spending"); s.status != http.StatusServiceUnavailable || s.header.Get("Retry-After") != "5" {
		t.Errorf("%d with %v", s.status, s.header)
	}
	library.listErr = errors.New("secret of the inside")
	if s = get(t, server, "/"); s.status != http.StatusInternalServerError || strings.Contains(s.raw, "secret") {
		t.Errorf("%d: %s", s.status, s.text("main"))
	}
	response, err := http.Post(server.URL+"/", "text/plain", nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusMethodNotAllowed || response.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST answers %d, %v", response.StatusCode, response.Header)
	}
}

func TestTheListAsksWithWhatTheFormSays(t *testing.T) {
	library := full()
	server := open(t, library)
	s := get(t, server, "/?q=ball&platform=spoj&state=ready&language=pascal&tag=&min_rating=800&max_rating=&sort=-cost&limit=50")
	want := url.Values{"q": {"ball"}, "platform": {"spoj"}, "state": {"ready"}, "language": {"pascal"}, "min_rating": {"800"}, "sort": {"-cost"}, "limit": {"50"}}
	if library.asked.Encode() != want.Encode() {
		t.Errorf("asked for %v, want %v", library.asked, want)
	}
	for selector, value := range map[string]string{
		"#q": "ball", "#platform option[selected]": "spoj", "#state option[selected]": "ready", "#language option[selected]": "pascal",
		"#min_rating": "800", "#sort option[selected]": "-cost", "input[name=limit]": "50",
	} {
		element := s.Find(selector)
		if got := element.AttrOr("value", element.Text()); got != value {
			t.Errorf("%s is %q, want %q", selector, got, value)
		}
	}
	list := s.Find("[data-live=problems]")
	if got := list.AttrOr("data-events", ""); got != "/api/events?language=pascal&min_rating=800&platform=spoj&q=ball&state=ready" || list.AttrOr("data-version", "") != "17.4" {
		t.Errorf("changes are asked for at %q from %q on", got, list.AttrOr("data-version", ""))
	}
	next, err := url.Parse(s.Find("a[rel=next]").AttrOr("href", ""))
	if err != nil || next.Query().Get("cursor") != "b/+&=1" || next.Query().Get("q") != "ball" || next.Query().Get("sort") != "-cost" {
		t.Errorf("the next page is %v", next)
	}
	sorted := s.Find("th[aria-sort=descending]")
	if address := sorted.Find("a").AttrOr("href", ""); sorted.Text() != "Cost" || !strings.Contains(address, "sort=cost") || strings.Contains(address, "cursor") {
		t.Errorf("%s sorts by %s", sorted.Text(), address)
	}
}

func TestALaterPageOfTheListIsLeftAloneByNewProblems(t *testing.T) {
	server := open(t, full())
	if s := get(t, server, "/?cursor=x&q=a"); s.Find("[data-later]").Length() != 1 || s.Find(".pages a").First().AttrOr("href", "") != "/?q=a" {
		t.Errorf("the pages are %s", s.text(".pages"))
	}
	if s := get(t, server, "/"); s.Find("[data-later]").Length() != 0 {
		t.Error("the first page takes no new problems")
	}
}

func TestAListShowsWhatIsKnownOfEachProblem(t *testing.T) {
	s := get(t, open(t, full()), "/")
	rows := s.Find("#rows tr")
	if rows.Length() != 6 {
		t.Fatalf("there are %d rows", rows.Length())
	}
	for i, want := range []string{
		"Tenzing and Balls new codeforces/1842C 1500 2.5 s · 256 MB cpp, python ready Published $0.0635 27 Nov 2026",
		"Serval vs Monster new atcoder/abc153_a 100 2 s · 1024 MB – working WritingSolution The model is asked for attempt 2 of 5 in python. < $0.0001 27 Nov 2026",
	} {
		if got := said(rows.Eq(i)); got != want {
			t.Errorf("row %d is\n%s, want\n%s", i, got, want)
		}
	}
	if got := rows.Eq(5).Find("a").AttrOr("href", ""); got != "/problems/codeforces/13%2F37" {
		t.Errorf("the id with a slash leads to %s", got)
	}
	s.mustHave(t, "template#row", "#news[role=status]", "#connection[role=status]")
	if got := s.text("[data-part=statistics]"); !strings.Contains(got, "Problems 1 234 1 201 published") || !strings.Contains(got, "$318.20") {
		t.Errorf("the numbers are %s", got)
	}
}

func TestAQuestionThatIsWrongKeepsItsForm(t *testing.T) {
	library := full()
	library.listErr = fault.Invalid("min_rating", "must be a number")
	s := get(t, open(t, library), "/?min_rating=x&q=kept")
	if s.status != http.StatusBadRequest || s.Find("#q").AttrOr("value", "") != "kept" || s.text("[role=alert]") != "Bad Request. Min_rating must be a number." || s.Find("script").Length() > 0 {
		t.Errorf("%d: %s", s.status, s.text("main"))
	}
}

func TestAProblemShowsAllOfIt(t *testing.T) {
	s := get(t, open(t, full()), "/problems/codeforces/1842C")
	s.mustHave(t,
		"[data-live=problem][data-events='/api/problems/codeforces/1842C/events']", "#submission[data-address='/api/problems/codeforces/1842C/submissions'][hidden]",
		"[data-part=statement] math[display=block] mfrac", "[data-part=statement] math[alttext='a_i']", "[data-part=statement] ul li math", ".stages .done", ".stages .not",
		"svg.matrix path.first", "svg.matrix rect.survivors", "meter[value='0.949']", "pre .k", ".diff ins", ".diff del", "noscript", "textarea#submit-code", "input[type=file]", "input[type=password]",
	)
	for selector, want := range map[string]string{
		"[data-part=samples] pre": "2 5 1 2 2 3 3 4 1 2 1 2", "[data-part=facts]": "Time limit 2.5 s", "[data-part=provenance]": "10 432",
		"[data-part=suites]": "94.9 % of the mutants are killed: 56 of 60", "[data-part=solutions]": "token 1 of the output of sample 1 is 0",
		".stages .not": "Verified not yet · WaitingForSuite The suite is being made.", "#submit-language": "python cpp go", ".attempts li:nth-child(4)": "The same program as in attempt 2.",
	} {
		if got := s.text(selector); !strings.Contains(got, want) {
			t.Errorf("%s says %s, want %s", selector, got, want)
		}
	}
	// What is killed, and by what, is there in words too.
	if words := s.text(".kill details"); !strings.Contains(words, "sample 1 kills 5, 5 of them first: line 1: < becomes <=") || !strings.Contains(words, "Killed by none: line 8") {
		t.Errorf("the matrix in words: %s", words)
	}
}

func TestAPartThatIsAwayLeavesTheRestOfAProblem(t *testing.T) {
	library := full()
	library.suites, library.solutions, library.err = nil, nil, fault.Unavailable("the table does not answer", nil)
	s := get(t, open(t, library), "/problems/codeforces/1842C")
	if s.status != http.StatusOK || !strings.Contains(s.text("[data-part=suites]"), "cannot be shown: the table does not answer") || s.Find("[data-part=statement] math").Length() == 0 {
		t.Errorf("%d: %s", s.status, s.text("[data-part=suites]"))
	}
}

func TestAddressesThatAreNoneOfTheWebAreNoLinks(t *testing.T) {
	s := get(t, open(t, full()), "/problems/codeforces/13%2F37")
	if got := s.text("[data-part=facts]"); !strings.Contains(got, "javascript:alert(1)") {
		t.Errorf("the address is not shown: %s", got)
	}
	s.mustBeHarmless(t)
}

func TestSpendingIsDrawnAndCounted(t *testing.T) {
	s := get(t, open(t, full()), "/spending")
	if got := s.text("main"); !strings.Contains(got, "Spending in November 2026") || !strings.Contains(got, "$73.90 + 3.00 EUR") || !strings.Contains(got, "$71.03 by day and provider") {
		t.Errorf("the page says %s", got)
	}
	if bars := s.Find("svg.chart rect"); bars.Length() != 37 {
		t.Errorf("there are %d bars", bars.Length())
	}
	if title := s.text("svg.chart .series-1 title"); title != "3: default/openai, $1.25" {
		t.Errorf("a bar says %s", title)
	}
	s.mustHave(t, "a[rel=prev][href='/spending?month=2026-10']", ".badge.stalled", "table caption")
	if s.Find("a[rel=next]").Length() != 0 {
		t.Error("there is a month to come")
	}
	s = get(t, open(t, full()), "/spending?month=2025-12")
	s.mustHave(t, "a[rel=next][href='/spending?month=2026-01']", ".empty")
}

func TestAllPagesFitALargeSuite(t *testing.T) {
	library := full()
	m := &view.Matrix{}
	for i := range 200 {
		m.Tests, m.Mutants = append(m.Tests, "large "+strconv.Itoa(i)), append(m.Mutants, "mutant "+strconv.Itoa(i))
		m.Kills = append(m.Kills, []int{i, (i * 7) % 200})
	}
	library.suites[0].Matrix = m
	s := get(t, open(t, library), "/problems/codeforces/1842C")
	picture, _ := s.Find("svg.matrix").Html()
	if width, _ := strconv.Atoi(s.Find("svg.matrix").AttrOr("width", "")); width > 800 || len(picture) > 60_000 {
		t.Errorf("the picture is %d wide and has %d bytes", width, len(picture))
	}
}

func TestAPageEndsWithItsRequest(t *testing.T) {
	pages, err := page.New(waiting{full()}, page.Options{Log: logr.Discard()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	w := httptest.NewRecorder()
	pages.Handler().ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil))
	if w.Code != http.StatusInternalServerError {
		t.Errorf("the page answers %d", w.Code)
	}
}

// waiting is a library that answers when nobody waits for it any more.
type waiting struct{ *shelf }

func (w waiting) List(ctx context.Context, _ url.Values) (*view.ProblemPage, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}
