package source

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html/charset"
)

// encoded is a page as a browser saved it in a charset.
func encoded(t *testing.T, name, page string) string {
	t.Helper()
	encoding, _ := charset.Lookup(name)
	body, err := encoding.NewEncoder().String(page)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestSavedPagesAreReadInTheCharsetOfTheirJudge(t *testing.T) {
	const saved = "<!DOCTYPE html>\r\n<!-- saved from url=(0035)https://www.acmicpc.net/problem/1000 -->\r\n"
	korean := baekjoonPage("", "1 초", "128 MB", baekjoonSample("1", "3\r\n1 2 3\r\n", "2\r\n"))
	japanese := atcoderPage("A - 折り鶴", "実行時間制限: 1 sec / メモリ制限: 128 MB", `<h3>問題文</h3><p>毎日鶴を折ります。三日後に何羽になるかを求めてください。数字は空白で区切られます。</p><h3>入力例 1</h3><pre>3
1 2 3</pre><h3>出力例 1</h3><pre>2</pre>`)
	russian := codeforcesProblem("A. Пирс", `<div class="time-limit">1 секунда</div><div class="memory-limit">128 мегабайт</div>`, "", codeforcesSample("3<br>1 2 3", "2"))
	meta := func(name string) string {
		return `<meta http-equiv="Content-Type" content="text/html; charset=` + name + `">`
	}
	for name, c := range map[string]struct{ url, title, body string }{
		"Korean with a meta element":         {"https://www.acmicpc.net/problem/1000", "등대", encoded(t, "euc-kr", saved+meta("euc-kr")+korean)},
		"Korean with a meta element far on":  {"https://www.acmicpc.net/problem/1000", "등대", encoded(t, "euc-kr", saved+"<script>"+strings.Repeat("/* extension */", 200)+"</script>"+meta("euc-kr")+korean)},
		"Korean in UTF-8 under a stale meta": {"https://www.acmicpc.net/problem/1000", "등대", saved + meta("euc-kr") + korean},
		"Korean after a byte order mark":     {"https://www.acmicpc.net/problem/1000", "등대", "\ufeff" + korean},
		"Korean in UTF-16":                   {"https://www.acmicpc.net/problem/1000", "등대", encoded(t, "utf-16le", "\ufeff"+saved+korean)},
		"Korean in UTF-16, the other way":    {"https://www.acmicpc.net/problem/1000", "등대", encoded(t, "utf-16be", "\ufeff"+saved+korean)},
		"Japanese of Windows":                {"https://atcoder.jp/contests/abc001/tasks/abc001_1", "A - 折り鶴", encoded(t, "shift_jis", `<meta charset="Shift_JIS">`+japanese)},
		"Japanese of Unix":                   {"https://atcoder.jp/contests/abc001/tasks/abc001_1", "A - 折り鶴", encoded(t, "euc-jp", `<meta charset=euc-jp>`+japanese)},
		"Russian":                            {"https://codeforces.com/contest/4/problem/A", "A. Пирс", encoded(t, "windows-1251", meta("windows-1251")+russian)},
	} {
		t.Run(name, func(t *testing.T) {
			facts, err := readAt(t, c.url, c.body)
			if err != nil {
				t.Fatal(err)
			}
			if facts.Title != c.title || facts.Limits.Time != time.Second || facts.Limits.MemoryBytes != 128<<20 ||
				len(facts.Samples) != 1 || facts.Samples[0] != sample("3\n1 2 3\n", "2\n") {
				t.Errorf("read %+v", facts)
			}
		})
	}
}

func TestSavedPagesKeepNothingOfTheBrowser(t *testing.T) {
	page := `<html><head></head><body bis_register="x"><grammarly-desktop-integration></grammarly-desktop-integration><div id="ext-popup" style="display: none">Install us!</div>` +
		strings.ReplaceAll(codeforcesProblem("A. Lit Pier", codeforcesHeader, "", codeforcesSample("1", "2")), "<div ", `<div bis_skin_checked="1" `) + `</body></html>`
	saved, err := readAt(t, "https://codeforces.com/contest/4/problem/A", page)
	if err != nil {
		t.Fatal(err)
	}
	fetched, err := readAt(t, "https://codeforces.com/contest/4/problem/A", codeforcesProblem("A. Lit Pier", codeforcesHeader, "", codeforcesSample("1", "2")))
	if err != nil || fetched.Digest != saved.Digest || saved.Title != "A. Lit Pier" {
		t.Errorf("saved %+v\nfetched %+v, %v", saved, fetched, err)
	}
}

func TestBinaryFilesAreNoPages(t *testing.T) {
	for name, body := range map[string]string{
		"a PDF": "%PDF-1.4\n\xff\xfe\x00", "an archive": "PK\x03\x04\x00\x00\xff", "zeros": "<html>\x00</html>",
	} {
		_, err := readAt(t, "https://judge.example/1", body)
		wantError(t, name, err, Stalled, NotHTML)
	}
}
