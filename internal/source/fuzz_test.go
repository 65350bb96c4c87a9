package source

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// wantRefusal fails on every error that is not ours.
func wantRefusal(t *testing.T, err error) {
	t.Helper()
	refusal, ours := errors.AsType[*Error](err)
	if !ours || refusal.Class != Stalled || refusal.Reason == "" {
		t.Fatalf("error %#v", err)
	}
	if len(refusal.Message) > maxMessage || refusal.Message == "" || !utf8.ValidString(refusal.Message) || strings.ContainsAny(refusal.Message, "\r\n") {
		t.Fatalf("message %q", refusal.Message)
	}
}

func FuzzRead(f *testing.F) {
	for _, url := range []string{"https://codeforces.com/contest/4/problem/A", "https://judge.example/1"} {
		f.Add(url, []byte(codeforcesProblem("A. Pier", codeforcesHeader, "", codeforcesSample("1<br>2", `<div class="test-example-line">3</div>`))))
		f.Add(url, []byte(atcoderPage("A - Pier", "Time Limit: 2 sec / Memory Limit: 1024 MB", atcoderProse+"<h3>入力例 1</h3><pre>1</pre><h3>出力例 1</h3><pre>2</pre>")))
		f.Add(url, []byte(baekjoonPage("", "1 초", "128 MB", baekjoonSample("1", "1", "2"))))
		f.Add(url, []byte(csesPage("<h1>Example</h1><p>Input:</p><pre>1</pre><p>Output:</p><pre>2</pre>")))
		f.Add(url, []byte(newKattis("Pier", kattisProse+kattisSample("1", "<td><pre>1</pre></td>", "<td></td>"))))
		f.Add(url, []byte("<h1>Pier</h1>"+genericProse+"<b>Example</b><pre><b>Input:</b> 1\n<b>Output:</b> 2</pre><table><tr><th>Input<th>Output<tr><td>1<td>2</table>"))
		f.Add(url, []byte(`{"data":{"question":{"title":"Pier","content":"x","codeSnippets":[{}]}}}`))
		f.Add(url, []byte("\xff\xfe<\x00p\x00>\x00"))
		f.Add(url, []byte(`<div class="sampleio-wrapper"><div class="sample-input"><pre>1</pre></div></div>Time limit: 1/2 seconds. Memory limit: 99999999999999999999 GB`))
	}
	pages, _ := filepath.Glob(filepath.Join("..", "demo", "pages", "*", "*.html"))
	for _, file := range pages {
		if body, err := os.ReadFile(file); err == nil {
			f.Add("https://judge.example/1", body)
		}
	}
	f.Fuzz(func(t *testing.T, url string, body []byte) {
		key, _, err := Identify(url)
		if err != nil {
			key = problem.Key{Platform: "fuzz", ID: "1"}
		}
		before := bytes.Clone(body)
		facts, err := Read(Page{URL: url, Body: body, ContentType: "text/html; charset=utf-8"}, key)
		if !bytes.Equal(before, body) {
			t.Fatal("the page was changed")
		}
		if err != nil {
			wantRefusal(t, err)
			return
		}
		checkFacts(t, facts)
	})
}

// checkFacts holds what is true of all facts, whatever the page.
func checkFacts(t *testing.T, facts *Facts) {
	t.Helper()
	if facts.Adapter == "" || len(facts.Digest) != 64 || len(facts.Text) > maxText || len(facts.Samples) > maxSamples || len(facts.Title) > 300 {
		t.Fatalf("facts %+v", facts)
	}
	if facts.Limits.Time < 0 || facts.Limits.Time > maxTimeLimit || facts.Limits.MemoryBytes < 0 || facts.Limits.MemoryBytes > maxMemoryLimit {
		t.Fatalf("limits %+v", facts.Limits)
	}
	for _, text := range append(sampleTexts(facts.Samples), facts.Title, facts.Text) {
		if !utf8.ValidString(text) || strings.Contains(text, "\r") {
			t.Fatalf("text %q", text)
		}
	}
	if !facts.States(facts.Title) {
		t.Fatalf("the page does not state its title %q", facts.Title)
	}
}

var (
	platformForm = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$`)
	idForm       = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*$`)
)

func FuzzIdentify(f *testing.F) {
	for _, seed := range []string{
		"https://codeforces.com/contest/4/problem/A", "https://codeforces.com/contest/4/problems#problem-A", "https://codeforces.com/gym/1/problem/a1",
		"https://abc001.contest.atcoder.jp/tasks/abc001_1", "https://atcoder.jp/contests/ABC/tasks/abc_a", "https://boj.kr/1", "https://cses.fi/1/task/A", "https://cses.fi/A/task/B/?q=%2F",
		"https://www.aizu.example/?id=1&b=2&a=%zz", "http://onlinejudge.u-aizu.ac.jp/challenges/a/b/c", "https://usaco.org/index.php?cpid=1&page=viewproblem",
		"http://[::1]:8080/a%2fb//c/", "https://JUDGE.example.:443/%E7%81%AF?ref=1&x=1;2", "https://www.www.example/a?#", "https://bücher.example/ü", "http://1.2.3.4/a", "http://e/0?0=%", "http://../0",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, address string) {
		key, canonical, err := Identify(address)
		if err != nil {
			wantRefusal(t, err)
			return
		}
		if !platformForm.MatchString(key.Platform) || len(key.Platform) > maxPlatform+len("-host") || !idForm.MatchString(key.ID) || len(key.ID) > maxID {
			t.Fatalf("%q gives the key %q", address, key)
		}
		again, same, err := Identify(canonical)
		if err != nil && len(canonical) > maxURL {
			return
		}
		if err != nil || again != key || same != canonical {
			t.Fatalf("%q gives %s at %s, which gives %s at %s (%v)", address, key, canonical, again, same, err)
		}
	})
}
