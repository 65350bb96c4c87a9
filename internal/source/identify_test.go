package source

import (
	"strings"
	"testing"
)

func TestAllSpellingsOfAnAddressNameOneProblem(t *testing.T) {
	for _, c := range []struct {
		platform, id, canonical string
		spellings               []string
	}{
		{"codeforces", "4A", "https://codeforces.com/contest/4/problem/A", []string{
			"https://codeforces.com/problemset/problem/4/A", "http://www.codeforces.com/contest/4/problem/a/", "https://m1.codeforces.com/contest/4/problem/A?locale=ru",
			"https://codeforces.com/contest/4/problems#A", "https://codeforces.com/contest/4/problems#problem-A", "https://codeforces.com/contest/4/problems/?problem=a",
			"https://codeforces.com./contest/4/problem/A#samples", "https://CODEFORCES.com:443/contest/4/problem/A",
		}},
		{"codeforces", "1468B2", "https://codeforces.com/contest/1468/problem/B2", []string{"https://codeforces.com/contest/1468/problem/b2", "https://codeforces.com/contest/1468/problems#b2"}},
		{"codeforces", "gym100001C", "https://codeforces.com/gym/100001/problem/C", []string{
			"https://codeforces.com/gym/100001/problem/c", "https://codeforces.com/problemset/gymProblem/100001/C", "https://codeforces.com/gym/100001/problems#problem-C",
		}},
		{"codeforces", "group-Ab1cD-200A", "https://codeforces.com/group/Ab1cD/contest/200/problem/A", []string{"https://codeforces.com/group/Ab1cD/contest/200/problem/a"}},
		{"codeforces", "acmsguru-100", "https://codeforces.com/problemsets/acmsguru/problem/99999/100", []string{"https://codeforces.com/problemsets/acmsguru/problem/99999/100"}},
		{"atcoder", "abc153_a", "https://atcoder.jp/contests/abc153/tasks/abc153_a", []string{
			"https://atcoder.jp/contests/abc153/tasks/abc153_a?lang=ja", "https://abc153.contest.atcoder.jp/tasks/abc153_a",
		}},
		{"atcoder", "typical90_a", "https://atcoder.jp/contests/typical90/tasks/typical90_a", []string{"https://atcoder.jp/contests/typical90/tasks/typical90_a"}},
		{"baekjoon", "1000", "https://www.acmicpc.net/problem/1000", []string{"http://acmicpc.net/problem/1000", "https://boj.kr/1000", "https://www.acmicpc.net/problem/1000/"}},
		{"cses", "1068", "https://cses.fi/problemset/task/1068", []string{"https://cses.fi/problemset/task/1068/", "https://www.cses.fi/problemset/view/1068"}},
		{"kattis", "hello", "https://open.kattis.com/problems/hello", []string{
			"https://open.kattis.com/problems/Hello", "https://open.kattis.com/contests/abc12/problems/hello", "https://open.kattis.com/sessions/abc12/problems/hello",
		}},
		{"leetcode", "two-sum", "https://leetcode.com/problems/two-sum/", []string{"https://leetcode.com/problems/two-sum/description/?envType=x", "https://leetcode.cn/problems/two-sum"}},
		{"spoj", "TEST", "https://www.spoj.com/problems/TEST/", []string{"http://spoj.com/problems/TEST/en/"}},
		{"timus", "1000", "https://acm.timus.ru/problem.aspx?num=1000", []string{"https://acm.timus.ru/problem.aspx?space=1&num=1000&locale=ru"}},
		{"judge-example", "ships", "https://judge.example/ships", []string{"https://www.judge.example/ships?utm_source=x", "https://judge.example/ships/#top"}},
	} {
		for _, spelling := range append(c.spellings, c.canonical) {
			key, canonical, err := Identify(spelling)
			if err != nil || key.Platform != c.platform || key.ID != c.id {
				t.Errorf("%s is %s (%v), want %s/%s", spelling, key, err, c.platform, c.id)
			}
			if strings.HasPrefix(c.platform, "judge-") {
				continue // The name of an unknown host is kept as it is.
			}
			if canonical != c.canonical {
				t.Errorf("%s has the canonical address %s, want %s", spelling, canonical, c.canonical)
			}
		}
	}
}

func TestAddressesThatNameNoProblemAreRefused(t *testing.T) {
	for address, want := range map[string]Reason{
		"https://codeforces.com/problemset":                  ListPage,
		"https://codeforces.com/contest/4":                   ListPage,
		"https://codeforces.com/contest/4/problems":          ListPage,
		"https://codeforces.com/contest/4/problems#comments": ListPage,
		"https://atcoder.jp/contests/abc153/tasks":           ListPage,
		"https://www.acmicpc.net/step/1":                     ListPage,
		"https://cses.fi/problemset/":                        ListPage,
		"https://open.kattis.com/problems":                   ListPage,
		"https://judge.example/":                             URLInvalid,
		"https://judge.example":                              URLInvalid,
		"https://xn--zz--.example/1":                         URLInvalid,
		"https://2130706433/1":                               URLInvalid,
		"ftp://judge.example/1":                              URLInvalid,
		"not an address":                                     URLInvalid,
	} {
		_, _, err := Identify(address)
		wantError(t, address, err, Stalled, want)
	}
}

func TestPagesOfUnknownHostsNeverShareAName(t *testing.T) {
	seen := map[string]string{}
	for _, address := range []string{
		"https://judge.example/ships", "https://judge.example/Ships", "https://judge.example/ships?id=1", "https://judge.example/ships?id=2",
		"https://judge.example/ships/1", "https://judge.example/ships-1", "https://judge-example/ships", "https://judge.example/ships%2F1", "https://judge.example/ships//1",
		"https://inline/ships", "https://codeforces/ships", "https://judge.example/" + strings.Repeat("a", 200), "https://judge.example/" + strings.Repeat("a", 201),
		"https://codeforces.com/ships/1", "https://codeforces.com/ships-1", "https://" + strings.Repeat("a.", 60) + "example/ships",
	} {
		key, _, err := Identify(address)
		if err != nil {
			t.Errorf("%s: %v", address, err)
		}
		if other, taken := seen[key.String()]; taken {
			t.Errorf("%s and %s are both %s", address, other, key)
		}
		seen[key.String()] = address
	}
}
