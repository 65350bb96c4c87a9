package source

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// judge knows the addresses of one judge. Adding a judge is adding a row.
type judge struct {
	platform string
	// host is the one that canonical addresses have.
	host string
	// aliases serve the same problems; a leading dot means any subdomain.
	aliases []string
	// query names the parameters that belong to the address.
	query []string
	// path gives the path by which the routes know an address; nil takes it as
	// it is.
	path   func(host string, u *url.URL) string
	routes []route
	// lists matches pages that name no single problem.
	lists *regexp.Regexp
}

// route maps a path, with the judge's query parameters after a "?", to an id
// and a canonical path. Both are expansions of the pattern's groups.
type route struct {
	pattern *regexp.Regexp
	// path may say {id} for the folded id.
	id, path string
	// fold is applied to the id.
	fold func(string) string
}

func path(pattern, id, canonical string, fold func(string) string) route {
	return route{pattern: regexp.MustCompile(`^(?:` + pattern + `)/?$`), id: id, path: canonical, fold: fold}
}

func same(text string) string { return text }

// judges is never written to.
var judges = []judge{
	{
		platform: "codeforces", host: "codeforces.com",
		aliases: []string{"mirror.codeforces.com", "m1.codeforces.com", "m2.codeforces.com", "m3.codeforces.com", "codeforces.ml", "codeforc.es"},
		path:    codeforcesPath,
		routes: []route{
			path(`/(?:contest/(\d+)/problem|problemset/problem/(\d+))/([A-Z]\d{0,2})`, "$1$2$3", "/contest/$1$2/problem/$3", same),
			path(`/(?:contest/(\d+)/problem|problemset/problem/(\d+))/(\d{1,2})`, "$1$2-$3", "/contest/$1$2/problem/$3", same),
			path(`/(?:gym/(\d+)/problem|problemset/gymProblem/(\d+))/([A-Z]\d{0,2})`, "gym$1$2$3", "/gym/$1$2/problem/$3", same),
			path(`/group/(\w+)/contest/(\d+)/problem/([A-Z]\d{0,2})`, "group-$1-$2$3", "/group/$1/contest/$2/problem/$3", same),
			path(`/(?:problemsets/acmsguru|acmsguru)/problem/99999/(\d+)`, "acmsguru-$1", "/problemsets/acmsguru/problem/99999/$1", same),
		},
		lists: regexp.MustCompile(`^/(contests?(/\d+(/problems)?)?|problemset(/page/\d+)?|gyms?(/\d+(/problems)?)?|group/\w+(/contests?(/\d+)?)?)/?$`),
	},
	{
		platform: "atcoder", host: "atcoder.jp", aliases: []string{oldAtCoder}, path: atcoderPath,
		routes: []route{path(`/contests/([\w-]+)/tasks/([\w-]+)`, "$2", "/contests/$1/tasks/$2", strings.ToLower)},
		lists:  regexp.MustCompile(`^/(contests(/[\w-]+(/tasks(_print)?)?)?)?/?$`),
	},
	{
		platform: "baekjoon", host: "www.acmicpc.net", aliases: []string{"acmicpc.net", "boj.kr"},
		routes: []route{path(`(?:/problem)?/(\d+)`, "$1", "/problem/$1", same)},
		lists:  regexp.MustCompile(`^/(problemset|step(/\d+)?|category.*|workbook/.*|problem/(tags?|tag/\d+|added.*))?/?$`),
	},
	{
		platform: "cses", host: "cses.fi",
		routes: []route{
			path(`/problemset/(?:task|view)/(\d+)`, "$1", "/problemset/task/$1", same),
			path(`/(\w+)/task/(\w+)`, "$1-$2", "/$1/task/$2", same),
		},
		lists: regexp.MustCompile(`^/(problemset(/list)?)?/?$`),
	},
	{
		platform: "kattis", host: "open.kattis.com", aliases: []string{"kattis.com"},
		routes: []route{path(`(?:/(?:contests|sessions)/\w+)?/problems/([\w-]+)`, "$1", "/problems/{id}", strings.ToLower)},
		lists:  regexp.MustCompile(`^/(problems|contests(/\w+(/problems)?)?|problem-sources.*)?/?$`),
	},
	{
		platform: "leetcode", host: "leetcode.com", aliases: []string{"leetcode.cn", "leetcode-cn.com"},
		routes: []route{
			path(`(?:/contest/[\w-]+)?/problems/([\w-]+)(?:/description|/solutions?|/editorial)?`, "$1", "/problems/{id}/", strings.ToLower),
		},
		lists: regexp.MustCompile(`^/(problemset.*|problem-list/.*|contest(/[\w-]+)?)?/?$`),
	},
	{
		platform: "spoj", host: "www.spoj.com",
		routes: []route{path(`/problems/([A-Z0-9_]+)(?:/en)?`, "$1", "/problems/$1/", same)},
		lists:  regexp.MustCompile(`^/(problems(/[a-z]+)?)?/?$`),
	},
	{
		platform: "programmers", host: "school.programmers.co.kr", aliases: []string{"programmers.co.kr"},
		routes: []route{path(`/learn/courses/\d+/lessons/(\d+)`, "$1", "/learn/courses/30/lessons/$1", same)},
		lists:  regexp.MustCompile(`^/(learn/challenges.*)?/?$`),
	},
	{
		platform: "hackerrank", host: "www.hackerrank.com",
		routes: []route{path(`(?:/contests/([\w-]+))?/challenges/([\w-]+)(?:/problem)?`, "$2", "/challenges/{id}/problem", strings.ToLower)},
		lists:  regexp.MustCompile(`^/(domains/.*|contests/[\w-]+(/challenges)?)?/?$`),
	},
	{
		platform: "codechef", host: "www.codechef.com",
		routes: []route{path(`(?:/\w+)?/problems/(\w+)`, "$1", "/problems/{id}", strings.ToUpper)},
		lists:  regexp.MustCompile(`^/(problems(/\w+)?|practice.*)?/?$`),
	},
	{
		platform: "dmoj", host: "dmoj.ca",
		routes: []route{path(`/problem/(\w+)`, "$1", "/problem/{id}", strings.ToLower)},
		lists:  regexp.MustCompile(`^/(problems)?/?$`),
	},
	{
		platform: "luogu", host: "www.luogu.com.cn", aliases: []string{"www.luogu.com", "www.luogu.org"},
		routes: []route{path(`/problem/(\w+)`, "$1", "/problem/$1", same)},
		lists:  regexp.MustCompile(`^/(problem/list)?/?$`),
	},
	{
		platform: "aizu", host: "onlinejudge.u-aizu.ac.jp", aliases: []string{"judge.u-aizu.ac.jp"}, query: []string{"id"},
		routes: []route{
			path(`/(?:problems|challenges/.*)/(\w+)`, "$1", "/problems/$1", same),
			path(`/onlinejudge/description\.jsp\?id=(\w+)`, "$1", "/problems/$1", same),
		},
	},
	{
		platform: "library-checker", host: "judge.yosupo.jp",
		routes: []route{path(`/problem/(\w+)`, "$1", "/problem/$1", same)},
		lists:  regexp.MustCompile(`^/$`),
	},
	{
		platform: "timus", host: "acm.timus.ru", aliases: []string{"timus.online"}, query: []string{"num"},
		routes: []route{path(`/problem\.aspx\?num=(\d+)`, "$1", "/problem.aspx?num=$1", same)},
		lists:  regexp.MustCompile(`^/(problemset\.aspx.*)?$`),
	},
	{
		platform: "poj", host: "poj.org", query: []string{"id"},
		routes: []route{path(`/problem\?id=(\d+)`, "$1", "/problem?id=$1", same)},
		lists:  regexp.MustCompile(`^/(problemlist.*)?$`),
	},
	{
		platform: "usaco", host: "usaco.org", query: []string{"page", "cpid"},
		routes: []route{path(`/(?:current/)?index\.php\?page=viewproblem2?&cpid=(\d+)`, "$1", "/index.php?page=viewproblem2&cpid=$1", same)},
	},
	{
		platform: "yukicoder", host: "yukicoder.me",
		routes: []route{path(`/problems/no/(\d+)`, "no$1", "/problems/no/$1", same)},
		lists:  regexp.MustCompile(`^/(problems)?/?$`),
	},
	{
		platform: "eolymp", host: "eolymp.com", aliases: []string{"basecamp.eolymp.com", "www.e-olymp.com"},
		routes: []route{path(`/(?:\w\w/)?problems/(\d+)`, "$1", "/en/problems/$1", same)},
		lists:  regexp.MustCompile(`^/(\w\w/?)?(problems)?/?$`),
	},
}

func isPlatform(name string) bool {
	return slices.ContainsFunc(judges, func(j judge) bool { return j.platform == name })
}

// judgeOf finds the judge that serves a host; nil for unknown hosts.
func judgeOf(host string) *judge {
	for i := range judges {
		if judges[i].serves(host) {
			return &judges[i]
		}
	}
	return nil
}

func (j *judge) serves(host string) bool {
	bare := strings.TrimPrefix(host, "www.")
	return bare == strings.TrimPrefix(j.host, "www.") || slices.ContainsFunc(j.aliases, func(alias string) bool {
		return host == alias || bare == alias || strings.HasPrefix(alias, ".") && strings.HasSuffix(host, alias)
	})
}

// identify names the problem at an address of this judge. An address of
// another form gets a hashed id: it can never be that of a known form.
func (j *judge) identify(host string, u *url.URL) (problem.Key, string, error) {
	address := j.address(host, u)
	for _, r := range j.routes {
		if m := r.pattern.FindStringSubmatchIndex(address); m != nil {
			id := r.fold(string(r.pattern.ExpandString(nil, braced(r.id), address, m)))
			if len(id) > maxID {
				break
			}
			rest := string(r.pattern.ExpandString(nil, braced(r.path), address, m))
			return problem.Key{Platform: j.platform, ID: id}, "https://" + j.host + strings.ReplaceAll(rest, "{id}", id), nil
		}
	}
	if j.lists != nil && j.lists.MatchString(address) {
		return problem.Key{}, "", stalled(ListPage, "the address is that of a list or a whole contest on "+j.host+"; give source.url the page of one problem")
	}
	slug, err := slugID("-"+j.host, u)
	if err != nil {
		return problem.Key{}, "", err
	}
	c := url.URL{Scheme: "https", Host: j.host, Path: u.Path, RawPath: u.RawPath, RawQuery: essentialQuery(u)}
	return problem.Key{Platform: j.platform, ID: slug}, c.String(), nil
}

var groupNumber = regexp.MustCompile(`\$(\d)`)

// braced keeps Expand from reading "$1_x" as a group named "1_x".
func braced(template string) string { return groupNumber.ReplaceAllString(template, "$${$1}") }

// oldAtCoder hosts one contest each: abc001.contest.atcoder.jp/tasks/abc001_1.
const oldAtCoder = ".contest.atcoder.jp"

func atcoderPath(host string, u *url.URL) string {
	if contest, ok := strings.CutSuffix(host, oldAtCoder); ok {
		return "/contests/" + contest + u.Path
	}
	return u.Path
}

// namedProblem is how an address names a problem on the page of a whole
// contest: /contest/4/problems#A or #problem-A.
var namedProblem = regexp.MustCompile(`(?i)^(?:problem[-_]?)?([a-z]\d{0,2}|\d{1,2})$`)

// lowerIndex is a path that ends in a problem's letter in lower case.
var lowerIndex = regexp.MustCompile(`/(?:problem|gymProblem)/(?:\d+/)?[a-z]\d{0,2}/?$`)

// codeforcesPath raises the problem's letter, and gives a problem on the page
// of its contest the path of its own page.
func codeforcesPath(_ string, u *url.URL) string {
	path := u.Path
	if contest, whole := strings.CutSuffix(strings.TrimSuffix(path, "/"), "/problems"); whole {
		for _, name := range []string{u.Fragment, u.Query().Get("problem"), u.Query().Get("index"), u.Query().Get("problemIndex")} {
			if m := namedProblem.FindStringSubmatch(name); m != nil {
				path = contest + "/problem/" + m[1]
				break
			}
		}
	}
	if !lowerIndex.MatchString(path) {
		return path
	}
	slash := strings.LastIndexByte(strings.TrimSuffix(path, "/"), '/')
	return path[:slash] + strings.ToUpper(path[slash:])
}

// address is the path and the judge's own parameters, in their fixed order.
func (j *judge) address(host string, u *url.URL) string {
	address := u.Path
	if j.path != nil {
		address = j.path(host, u)
	}
	if len(j.query) == 0 {
		return address
	}
	var kept []string
	for _, name := range j.query {
		if value := u.Query().Get(name); value != "" {
			kept = append(kept, name+"="+value)
		}
	}
	if len(kept) > 0 {
		address += "?" + strings.Join(kept, "&")
	}
	return address
}
