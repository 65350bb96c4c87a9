package page_test

import (
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/algoitny/algoitny-operator/internal/facade/page"
)

func TestTheAPIIsDescribedWithoutAScript(t *testing.T) {
	s := get(t, open(t, empty()), "/api/docs")
	s.mustHave(t, "nav[aria-label=Operations] a[href='#op-register']", "h2#tag-problems", "h2#tag-other", "article[aria-labelledby=op-list-problems]", "#op-get-api-problems-id-events")
	if s.Find("script").Length() != 0 {
		t.Error("the page has a script")
	}
	if got := s.Find("h2").Length(); got != 3 {
		t.Errorf("there are %d groups and errors", got)
	}
	register := s.Find("article[aria-labelledby=op-register]")
	text := said(register)
	for _, want := range []string{
		"POST /api/problems", "Register", "deprecated", "token", "Asks for it.", "Body required", "title string required Of the page <script>. at least 1 characters",
		"cost object Fields of object amount string matches ^[0-9]+$ paid boolean deprecated", "at date-time", "fixed always 7", "whole Fields of size integer",
		"202 Accepted Headers: Location Where it is.", "Or an error : default Error",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is missing in %s", want, text)
		}
	}
	if got := s.text("section[aria-labelledby=errors]"); !strings.Contains(got, "application/problem+json: one of these variant 1 string variant 2 Problem Fields of Problem") {
		t.Errorf("errors are %s", got)
	}
	// What contains itself is told of once.
	if got := strings.Count(text, "parent Problem"); got != 1 {
		t.Errorf("parent is told of %d times", got)
	}
}

func TestEveryOperationHasALineForAShell(t *testing.T) {
	s := get(t, open(t, empty()), "/api/docs")
	lines := map[string]string{}
	s.Find("article.operation").Each(func(_ int, operation *goquery.Selection) {
		lines[operation.Find("h3").AttrOr("id", "")] = operation.Find("pre[aria-label='Call of curl']").Text()
	})
	for id, want := range map[string]string{
		"op-list-problems":              `curl 'https://judge.example/api/problems?kind=a'`,
		"op-get-api-problems-id-events": `curl 'https://judge.example/api/problems/it'\''s/events'`,
		"op-register":                   "curl -X POST 'https://judge.example/api/problems' \\\n  -H \"Authorization: Bearer $TOKEN\" \\\n  -H 'Content-Type: application/json' \\\n  -d '{",
	} {
		if got := lines[id]; !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s", id, got, want)
		}
	}
	if got := lines["op-register"]; !strings.Contains(got, `"title":"It'\''s \u003cb\u003e"`) || !strings.Contains(got, `"fixed":7`) {
		t.Errorf("the example is %s", got)
	}
}

func TestADescriptionThatCannotBeReadIsAnError(t *testing.T) {
	for name, document := range map[string]string{"no JSON": "{", "an operation that is none": `{"paths":{"/x":{"get":[]}}}`} {
		if _, err := page.APIDocs([]byte(document)); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
