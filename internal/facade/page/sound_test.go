package page_test

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/algoitny/algoitny-operator/internal/facade/fault"
)

var addresses = []string{"/", "/?q=a&state=ready", "/problems/codeforces/1842C", "/problems/codeforces/13%2F37", "/problems/cses/1", "/spending", "/spending?month=2026-10", "/nowhere", "/api/docs"}

// libraries are what pages have to be sound with.
func libraries() map[string]*shelf {
	failing := full()
	failing.err, failing.spending = errors.New("secret of the inside"), nil
	refusing := full()
	refusing.listErr, refusing.err = fault.Invalid("state", "must be one of "+hostile), fault.Unavailable(hostile, nil)
	return map[string]*shelf{"full": full(), "empty": empty(), "failing": failing, "refusing": refusing}
}

func TestEveryPageIsSound(t *testing.T) {
	for name, library := range libraries() {
		server := open(t, library)
		for _, address := range addresses {
			t.Run(name+address, func(t *testing.T) {
				s := get(t, server, address)
				s.mustBeProtected(t)
				s.mustBeAccessible(t)
				s.mustBeHarmless(t)
				if strings.Contains(s.raw, "secret of the inside") {
					t.Error("the page tells of the inside")
				}
			})
		}
	}
}

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func (s *sheet) mustBeProtected(t *testing.T) {
	t.Helper()
	if got := s.header.Get("Content-Security-Policy"); got != policy {
		t.Errorf("the policy is %q", got)
	}
	if s.header.Get("X-Content-Type-Options") != "nosniff" || s.header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("the header is %v", s.header)
	}
	for name, want := range map[string]string{
		"X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
	} {
		if got := s.header.Get(name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	s.Find("style, [style], script:not([src]), iframe, object, embed, base").Each(func(_ int, found *goquery.Selection) {
		t.Errorf("there is a %s that the policy forbids", goquery.NodeName(found))
	})
}

// mustBeHarmless checks that texts stayed texts.
func (s *sheet) mustBeHarmless(t *testing.T) {
	t.Helper()
	if scripts := s.Find("script"); scripts.Length() > 1 || s.Find("img").Length() > 0 {
		t.Error("somebody's text became an element")
	}
	s.Find("*").Each(func(_ int, element *goquery.Selection) {
		for _, a := range element.Nodes[0].Attr {
			if strings.HasPrefix(a.Key, "on") {
				t.Errorf("%s has %s", goquery.NodeName(element), a.Key)
			}
			if !slices.Contains([]string{"href", "src", "action", "formaction"}, a.Key) || strings.HasPrefix(a.Val, "/") || strings.HasPrefix(a.Val, "#") {
				continue
			}
			if address, err := url.Parse(a.Val); err != nil || address.Scheme != "https" || a.Key != "href" || element.AttrOr("rel", "") != "noreferrer noopener" {
				t.Errorf("%s goes to %s", goquery.NodeName(element), a.Val)
			}
		}
	})
}

func (s *sheet) mustBeAccessible(t *testing.T) {
	t.Helper()
	s.mustHave(t, "html[lang]", "title", "header nav[aria-label]", "main#main", "a.skip[href='#main']", "h1")
	ids := map[string]int{}
	s.Find("[id]").Each(func(_ int, element *goquery.Selection) { ids[element.AttrOr("id", "")]++ })
	for id, count := range ids {
		if count > 1 || id == "" {
			t.Errorf("%d elements have the id %q", count, id)
		}
	}
	for _, attribute := range []string{"for", "aria-labelledby", "aria-describedby"} {
		s.Find("[" + attribute + "]").Each(func(_ int, element *goquery.Selection) {
			if id := element.AttrOr(attribute, ""); ids[id] == 0 {
				t.Errorf("%s names %q, which is not there", attribute, id)
			}
		})
	}
	s.Find("input:not([type=hidden]), select, textarea").Each(func(_ int, control *goquery.Selection) {
		if s.Find("label[for='"+control.AttrOr("id", "")+"']").Length() != 1 {
			t.Errorf("%s %q has no label", goquery.NodeName(control), control.AttrOr("name", ""))
		}
	})
	s.headingsMustBeInOrder(t)
	s.Find("table:not(.plain)").Each(func(_ int, table *goquery.Selection) {
		if table.Find("caption").Length() != 1 || table.Find("th:not([scope])").Length() > 0 || table.Find("thead th[scope=col]").Length() == 0 {
			t.Errorf("a table has no caption or scopes: %.60s", table.Text())
		}
	})
	s.Find("svg:not([aria-hidden])").Each(func(_ int, picture *goquery.Selection) {
		if picture.AttrOr("role", "") != "img" || picture.AttrOr("aria-label", "") == "" {
			t.Error("a picture says nothing")
		}
	})
	s.Find("[tabindex='0']").Each(func(_ int, region *goquery.Selection) {
		if region.AttrOr("role", "") == "" || region.AttrOr("aria-label", "")+region.AttrOr("aria-labelledby", "") == "" {
			t.Errorf("a place that takes the focus has no name: %.60s", region.Text())
		}
	})
	s.Find("a, button").Each(func(_ int, control *goquery.Selection) {
		if strings.TrimSpace(control.Text()) == "" {
			t.Error("a link or a button has no name")
		}
	})
}

func (s *sheet) headingsMustBeInOrder(t *testing.T) {
	t.Helper()
	last := 0
	s.Find("h1, h2, h3, h4, h5, h6").Each(func(i int, heading *goquery.Selection) {
		level, _ := strconv.Atoi(goquery.NodeName(heading)[1:])
		if level > last+1 || i > 0 && level == 1 {
			t.Errorf("%s %q follows h%d", goquery.NodeName(heading), heading.Text(), last)
		}
		last = level
	})
}
