package page

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/algoitny/algoitny-operator/internal/facade/view"
)

var mathElement = regexp.MustCompile(`<math alttext="([^"]*)"( display="block")?>.*?</math>`)

// shown is a statement with its formulas as M(source), those on a line of
// their own as D(source).
func shown(text string) string {
	html := mathElement.ReplaceAllStringFunc(string(statementHTML(text)), func(found string) string {
		match := mathElement.FindStringSubmatch(found)
		return map[bool]string{false: "M(", true: "D("}[match[2] != ""] + match[1] + ")"
	})
	html = regexp.MustCompile(` class="region"[^>]*`).ReplaceAllString(html, "")
	html = regexp.MustCompile(`<span>(D\(.*?\))</span>`).ReplaceAllString(html, "$1")
	return strings.TrimSpace(strings.ReplaceAll(html, "\n", ""))
}

func TestStatementsKeepTheirShape(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"paragraphs":                       {"One.\n\nTwo.", "<p>One.</p><p>Two.</p>"},
		"line breaks":                      {"the next city\nthe one after it", "<p>the next city<br>the one after it</p>"},
		"a list":                           {"Such that:\n- a\n- b\nAnd so on.", "<p>Such that:</p><ul><li>a</li><li>b</li></ul><p>And so on.</p>"},
		"a list with numbers":              {"2. a\n3) b", `<ol start="2"><li>a</li><li>b</li></ol>`},
		"a number at a line's beginning":   {"3 <= n", "<p>3 &lt;= n</p>"},
		"a table":                          {"a\tb\nc\t$d$", `<div><table class="plain"><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>M(d)</td></tr></table></div>`},
		"a picture of letters":             {"#..#  #\n#.##  #", "<pre>#..#  ##.##  #</pre>"},
		"a maze is no heading":             {"# is a wall, * is a coin", "<p># is a wall, * is a coin</p>"},
		"a fence":                          {"```\n$a$\n\n  b\n```\nc", "<pre>$a$  b</pre><p>c</p>"},
		"a fence that stays open":          {"```\na", "<pre>a</pre>"},
		"two sentences with two spaces":    {"One.  Two.\nThree.", "<p>One.  Two.<br>Three.</p>"},
		"code":                             {"print `a_i < $b$`", "<p>print <code>a_i &lt; $b$</code></p>"},
		"bold":                             {"**exactly** one of 2**3**4", "<p><strong>exactly</strong> one of 2**3**4</p>"},
		"a picture":                        {"[image] of a tree", `<p><span class="absent">[picture: see the original page]</span> of a tree</p>`},
		"three dollars":                    {"$$$n$$$ and $$$s_i$$$='R'", "<p>M(n) and M(s_i)=&#39;R&#39;</p>"},
		"six dollars":                      {"$$$$$$x^2$$$$$$", "<p>D(x^2)</p>"},
		"no formula between six":           {"empty $$$$$$ here", "<p>empty $$$$$$ here</p>"},
		"two dollars on several lines":     {"so\n$$\na+b\n$$\nends", "<p>so<br>D(a+b)<br>ends</p>"},
		"one dollar":                       {"for $1\\le i$, 정수$n$이다", "<p>for M(1\\le i), 정수M(n)이다</p>"},
		"brackets":                         {`\(x\) and \[y\]`, "<p>M(x) and D(y)</p>"},
		"prices":                           {"costs $5 and $10", "<p>costs $5 and $10</p>"},
		"prices side by side":              {"$5/$10, US$3 or 5$ (10$)", "<p>$5/$10, US$3 or 5$ (10$)</p>"},
		"prices around a sentence":         {"$5 for Alice and the rest for Bob$", "<p>$5 for Alice and the rest for Bob$</p>"},
		"a price before a formula":         {"pay $5 for $n$ balls", "<p>pay $5 for M(n) balls</p>"},
		"a dollar that is escaped":         {`\$5 and \$6`, `<p>\$5 and \$6</p>`},
		"words within a formula":           {`$x \text{ is the best of all}$`, `<p>M(x \text{ is the best of all})</p>`},
		"what is no TeX that we know":      {`$\foo{x}$`, `<p><code>\foo{x}</code></p>`},
		"a line without dollars":           {`1 \leq H \leq 10^4`, `<p>M(1 \leq H \leq 10^4)</p>`},
		"a bound as it is spoken":          {"1 ≤ A_i ≤ 10^18.", "<p>M(1 ≤ A_i ≤ 10^{18}).</p>"},
		"indices without dollars":          {"a M_{i,1}, M_{i,2} (in O(N^2)).", "<p>a M(M_{i,1}), M(M_{i,2}) (in M(O(N^2))).</p>"},
		"names that look like indices":     {"max_value, a_file.txt and http://x.y/a_1 or snake_case", "<p>max_value, a_file.txt and http://x.y/a_1 or snake_case</p>"},
		"numbers that are no formula":      {"1 < 2 and a = b", "<p>1 &lt; 2 and a = b</p>"},
		"markup":                           {"<b>x</b> &amp; \"y\"", "<p>&lt;b&gt;x&lt;/b&gt; &amp;amp; &#34;y&#34;</p>"},
		"a link is text":                   {"[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"},
		"nothing":                          {" \n\n ", ""},
		"a dollar at the end":              {"$", "<p>$</p>"},
		"a backslash at the end":           {`a\`, `<p>a\</p>`},
		"a mark that stays open":           {"`a $$b **c \\(d", "<p>`a $$b **c \\(d</p>"},
		"lines as Windows ends them":       {"a\r\nb\r\n\r\nc", "<p>a<br>b</p><p>c</p>"},
		"a formula that is punctuation":    {"$,$", "<p>$,$</p>"},
		"a formula with an escaped dollar": {`$a\$b$`, `<p>M(a\$b)</p>`},
	} {
		if got := shown(c.text); got != c.want {
			t.Errorf("%s: %q is\n%s, want\n%s", name, c.text, got, c.want)
		}
	}
}

func TestAStatementFullOfFormulasStaysSmall(t *testing.T) {
	text := strings.Repeat(`$a_{b_{c_{d}}}^{\frac{x}{y}}$ `, 7000)
	if html := statementHTML(text); len(html) > 2<<20 || !strings.Contains(string(html), "<code>a_") {
		t.Errorf("%d bytes became %d", len(text), len(html))
	}
}

func TestALongLineTakesNoLongerThanManyShortOnes(t *testing.T) {
	const size = 40_000
	took := func(text string) time.Duration {
		start := time.Now()
		statementHTML(text)
		return time.Since(start)
	}
	for _, piece := range []string{`\(`, `\[ `, "`a ", "**a ", "$ ", "$$a", "$$$", "$5 ", "1 + ", "a_i + ", "a_i \\foo ", "1 \\leq ", "(((", "_{"} {
		long := "A_i " + strings.Repeat(piece, size/len(piece))
		short := strings.Repeat("A_i "+strings.Repeat(piece, 100/len(piece))+"\n", size/100)
		if one, many := took(long), took(short); one > 10*many+200*time.Millisecond {
			t.Errorf("%q took %v in a line and %v in many", piece, one, many)
		}
	}
}

func FuzzStatementsStayText(f *testing.F) {
	for _, text := range []string{"$$$a$$$ <b>", "- a\n1. b\n```\n$x$", "a\tb\n\n`c` **d** \\(e\\) A_i", "$<script>$", "1 \\leq <img src=x> \\leq 3"} {
		f.Add(text)
	}
	allowed := regexp.MustCompile(`^<(?:/?(?:p|ul|ol|li|pre|div|table|tr|td|code|strong|span|br|math|m[a-z]+))(?: [a-z-]+="[^"<>]*")*>`)
	f.Fuzz(func(t *testing.T, text string) {
		html := string(statementHTML(text))
		for i := range len(html) {
			if html[i] == '<' && !allowed.MatchString(html[i:]) {
				t.Fatalf("%q has %.60q", text, html[i:])
			}
		}
	})
}

func TestAmountsReadAsPeopleWriteThem(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{money("0.00635425", "USD"), "$0.0064"}, {money("12.5", "USD"), "$12.50"}, {money("0", "EUR"), "0.00 EUR"}, {money("0.00000001", "USD"), "< $0.0001"},
		{money("0.00000001", "EUR"), "< 0.0001 EUR"}, {money("much", "USD"), "much USD"}, {money("-3", "USD"), "$-3.00"}, {sum(nil), "nothing"},
		{sum([]view.Money{{Amount: "1", Currency: "USD"}, {Amount: "2", Currency: "KRW"}}), "$1.00 + 2.00 KRW"},
		{byteSize(0), "0 B"}, {byteSize(999), "999 B"}, {byteSize(1000), "1.0 kB"}, {byteSize(12_345), "12 kB"}, {byteSize(999_600), "1.0 MB"}, {byteSize(3 << 40), "3299 GB"},
		{span(999), "999 ms"}, {span(1000), "1 s"}, {span(2500), "2.5 s"}, {count(1234567), "1\u202f234\u202f567"}, {count(int64(-1000)), "-1\u202f000"}, {count(12), "12"},
		{percent(0.949), "94.9 %"}, {brief("0123456789abcdef"), "0123456789ab"}, {brief("01"), "01"}, {sentence("do it"), "Do it."}, {sentence(""), ""},
		{web("https://a.b/c?d#e"), "https://a.b/c?d#e"}, {web("javascript:alert(1)"), ""}, {web("//a.b"), ""}, {web("https:"), ""}, {web("data:text/html,x"), ""}, {web("%"), ""},
		{problemPath("a/b", "c d?"), "/problems/a%2Fb/c%20d%3F"}, {verdictName("AC"), "Accepted"}, {verdictName("XX"), "XX"}, {clip("abcdef", 4), "abc…"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

func TestAxesHaveRoundSteps(t *testing.T) {
	for _, c := range []struct{ value, step, most float64 }{{0, 1, 1}, {5.4, 2, 6}, {1, 0.2, 1}, {0.03, 0.01, 0.03}, {99, 20, 100}, {12, 2.5, 12.5}} {
		if step, most := ticks(c.value); step < c.step*0.999 || step > c.step*1.001 || most < c.most*0.999 || most > c.most*1.001 {
			t.Errorf("%v: %v up to %v, want %v up to %v", c.value, step, most, c.step, c.most)
		}
	}
}

func TestProgramsAreColouredOrLeftAsTheyAre(t *testing.T) {
	for name, c := range map[string]struct{ language, source, want string }{
		"a language that is known":  {"python", "x = 1 # <b>", `x = <span class="m">1</span> <span class="c"># &lt;b&gt;</span>`},
		"PyPy is Python":            {"pypy", "def f", `<span class="k">def</span> <span class="nf">f</span>`},
		"a language that is not":    {"brainfork", "<b>", "&lt;b&gt;"},
		"more than a program is":    {"go", strings.Repeat("<", maxHighlighted+1), strings.Repeat("&lt;", maxHighlighted+1)},
		"what begins with newlines": {"go", "\n\nx", "\n\nx"},
	} {
		if got := string(highlighted(c.language, c.source)); strings.TrimSuffix(got, "\n") != c.want {
			t.Errorf("%s: %.200s", name, got)
		}
	}
}
