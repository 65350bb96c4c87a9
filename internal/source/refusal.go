package source

import (
	"bytes"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// wallMarks stand in challenge pages and in no problem page. The scripts that
// Cloudflare adds to every ordinary page are not among them.
var wallMarks = [][]byte{
	[]byte("<title>just a moment..."), []byte("_cf_chl_opt"), []byte("cf-browser-verification"), []byte("cf-challenge-running"),
	[]byte("attention required! | cloudflare"), []byte("checking your browser before accessing"), []byte("your browser is being checked"),
	[]byte("enable javascript and cookies to continue"), []byte("sorry, you have been blocked"),
	[]byte("<title>ddos-guard"), []byte("gokuprops"), []byte("awswafcookiedomainlist"), []byte("_incapsula_resource"),
	[]byte("px-captcha"), []byte("captcha-delivery.com"),
}

// captchaMarks also stand in forms of ordinary pages, so that they only tell
// a wall where there is no problem.
var captchaMarks = [][]byte{
	[]byte("g-recaptcha"), []byte("h-captcha"), []byte("cf-turnstile"), []byte("verify you are human"), []byte("you are not a robot"),
}

// maxWall is how far into a page the marks are looked for, in bytes.
const maxWall = 512 << 10

func walled(body []byte) bool { return marked(body, wallMarks) }

func marked(body []byte, marks [][]byte) bool {
	body = bytes.ToLower(body[:min(len(body), maxWall)])
	for _, mark := range marks {
		if bytes.Contains(body, mark) {
			return true
		}
	}
	return false
}

// challenged reads the headers Cloudflare and AWS send with a challenge.
func challenged(h http.Header) bool {
	return strings.EqualFold(h.Get("Cf-Mitigated"), "challenge") || h.Get("X-Amzn-Waf-Action") != ""
}

func blockedPage() *Error {
	return stalled(PageBlocked, "the site answers with a check for bots instead of the page; "+saveThePage)
}

func loginPage() *Error {
	return stalled(LoginRequired, "the site asks for a login instead of showing the page; log in and "+saveThePage)
}

var (
	missingPhrase = regexp.MustCompile(`(?i)\b(?:wrong problem (?:id|code)|no such (?:problem|page|task)|(?:problem|task|page) (?:was )?not found|(?:problem|task) does not exist|404 not found)\b|` +
		`페이지를 찾을 수 없|존재하지 않는 문제|ページが見つかりません|страница не найдена`)
	loginPath   = regexp.MustCompile(`(?i)(?:^|/)(?:log-?in|sign-?in|enter|accounts/login|users/sign_in|auth)(?:/|\.\w+|$)`)
	loginTitle  = regexp.MustCompile(`(?i)^\W*(?:please )?(?:log ?-?in|sign ?-?in|enter$|로그인|ログイン|вход|войти|登录)`)
	loginPhrase = regexp.MustCompile(`(?i)(?:you (?:must|need to|have to|should)|please) (?:be logged in|log ?in|sign ?in)|login required|로그인이 필요|로그인 후|ログインしてください|ログインが必要|необходимо войти`)
	pdfAddress  = regexp.MustCompile(`(?i)\.pdf(?:[?#]|$)`)
	problemLink = regexp.MustCompile(`(?i)/(?:problem|task|challenge|exercise|lesson)s?(?:/|\?|\.\w+\?|et/)`)
)

// minListLinks is how many links to problems make a list of a page that holds
// none itself: the shortest contests have four.
const minListLinks = 4

// refusal tells why a page holds no problem. Only called for pages in which
// no reader found one.
func (d *document) refusal(body []byte) *Error {
	text := visibleText(d.Nodes[0], nil)
	switch {
	case walled(body):
		return blockedPage()
	case len(text) < 4000 && missingPhrase.MatchString(text):
		return stalled(NoProblemFound, "the site says that it has no such problem; correct source.url")
	case d.isLogin(text):
		return loginPage()
	case marked(body, captchaMarks):
		return blockedPage()
	case d.problemLinks() >= minListLinks:
		return stalled(ListPage, "the page lists problems and holds none itself; give source.url the page of one problem")
	case d.embedsPDF():
		return framedPDF()
	case len(text) < 200 && d.Find("script").Length() > 0:
		return stalled(NoProblemFound, "the page shows nothing without its scripts; "+saveThePage)
	}
	return stalled(NoProblemFound, "the page holds no problem; correct source.url, or "+saveThePage)
}

func framedPDF() *Error {
	return stalled(NotHTML, "the statement is a PDF inside the page; write the problem as source.inline")
}

// embedsPDF knows a page that only frames a document.
func (d *document) embedsPDF() bool {
	return find(d.Nodes[0], func(n *html.Node) bool {
		switch n.DataAtom {
		case atom.Embed, atom.Iframe:
			return pdfAddress.MatchString(attribute(n, "src")) || attribute(n, "type") == "application/pdf"
		case atom.Object:
			return pdfAddress.MatchString(attribute(n, "data")) || attribute(n, "type") == "application/pdf"
		}
		return false
	}) != nil
}

// isLogin tells a login page from a page that has a login form at its side.
func (d *document) isLogin(text string) bool {
	if d.Find("input[type=password]").Length() == 0 {
		return len(text) < 2000 && loginPhrase.MatchString(text)
	}
	if loginPath.MatchString(d.url.Path) || loginPhrase.MatchString(text) {
		return true
	}
	return find(d.Nodes[0], func(n *html.Node) bool {
		switch n.DataAtom {
		case atom.Title, atom.H1, atom.H2, atom.H3, atom.Legend:
			return loginTitle.MatchString(fold(rawText(n)))
		}
		return false
	}) != nil
}

// problemLinks counts the different problems that the page links to.
func (d *document) problemLinks() int {
	seen := map[string]bool{}
	for _, n := range d.Find("a[href]").Nodes {
		link, err := url.Parse(attribute(n, "href"))
		if err != nil || !problemLink.MatchString(link.RequestURI()) {
			continue
		}
		link.Fragment = ""
		seen[link.String()] = true
	}
	return len(seen)
}
