package source

import (
	"strings"
	"testing"
	"time"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// codeforcesProblem is one problem in the markup that Codeforces has had from
// the beginning; the samples' markup changed over the years.
func codeforcesProblem(title, header, body, samples string) string {
	return `<div class="problemindexholder" problemindex="` + strings.SplitN(title, ".", 2)[0] + `"><div class="ttypography"><div class="problem-statement">
<div class="header"><div class="title">` + title + `</div>` + header + `</div>
<div><p>Count the lanterns on the pier that are visible from $$$n$$$ boats and print how many of them are lit at dusk.</p></div>` + body + `
<div class="sample-tests"><div class="section-title">Examples</div><div class="sample-test">` + samples + `</div></div></div></div></div>`
}

const codeforcesHeader = `<div class="time-limit"><div class="property-title">time limit per test</div>2 seconds</div>
<div class="memory-limit"><div class="property-title">memory limit per test</div>256 megabytes</div>
<div class="input-file"><div class="property-title">input</div>standard input</div>
<div class="output-file"><div class="property-title">output</div>standard output</div>`

func codeforcesSample(input, output string) string {
	return `<div class="input"><div class="title">Input<div title="Copy" class="input-output-copier">Copy</div></div><pre>` + input +
		`</pre></div><div class="output"><div class="title">Output</div><pre>` + output + `</pre></div>`
}

func TestCodeforcesPagesAreReadByTheMarkupOfEveryYear(t *testing.T) {
	const at = "https://codeforces.com/problemset/problem/4/A"
	one := []problem.Sample{sample("3\n1 2 3\n", "6\n")}
	lines := func(texts ...string) string {
		out := ""
		for i, text := range texts {
			out += `<div class="test-example-line test-example-line-` + []string{"even", "odd"}[i%2] + `">` + text + `</div>`
		}
		return out
	}
	checkReads(t, "codeforces", []readCase{
		{
			name: "lines end in br", url: at, title: "A. Lit Pier", time: 2 * time.Second, memory: 256, samples: one,
			body: codeforcesProblem("A. Lit Pier", codeforcesHeader, "", codeforcesSample("3<br />1 2 3<br />", "6<br />")),
		},
		{
			name: "lines end in br and in a newline of the page", url: at, title: "A. Lit Pier", time: 2 * time.Second, memory: 256, samples: one,
			body: codeforcesProblem("A. Lit Pier", codeforcesHeader, "", codeforcesSample("\n3\n1 2 3\n", "\n6\n")),
		},
		{
			name: "lines are elements", url: at, title: "A. Lit Pier", time: 2 * time.Second, memory: 256, samples: one,
			body: codeforcesProblem("A. Lit Pier", codeforcesHeader, "", codeforcesSample(lines("3", "1 2 3"), "\n6\n")),
		},
		{
			name: "a line of an element is empty", url: at, title: "A. Lit Pier", time: 2 * time.Second, memory: 256,
			samples: []problem.Sample{sample("2\n\nab\n", "0\n")},
			body:    codeforcesProblem("A. Lit Pier", codeforcesHeader, "", codeforcesSample(lines("2", "", "ab"), "0\n")),
		},
		{
			name: "several samples alternate and hold entities", url: at, title: "A. Lit Pier", time: 2 * time.Second, memory: 256,
			samples: []problem.Sample{sample("1 < 2\n", "a & b\n"), sample("x y\n", "z \n")},
			body: codeforcesProblem("A. Lit Pier", codeforcesHeader, "",
				codeforcesSample("1 &lt; 2\n", "a &amp; b\n")+codeforcesSample("x&nbsp;y\n", "z \n")),
		},
		{
			name: "the interface is in Russian", url: at, title: "A. Пирс", time: time.Second, memory: 256, samples: one,
			body: codeforcesProblem("A. Пирс", `<div class="time-limit"><div class="property-title">ограничение по времени на тест</div>1 секунда</div>
<div class="memory-limit"><div class="property-title">ограничение по памяти на тест</div>256 мегабайт</div>`, "", codeforcesSample("3\n1 2 3", "6")),
		},
		{
			name: "the limits have fractions", url: at, title: "A. Lit Pier", time: 500 * time.Millisecond, memory: 64, samples: one,
			body: codeforcesProblem("A. Lit Pier", `<div class="time-limit"><div class="property-title">time limit per test</div>0.5 seconds</div>
<div class="memory-limit"><div class="property-title">memory limit per test</div>64 megabytes</div>`, "", codeforcesSample("3\n1 2 3", "6")),
		},
		{
			name: "the letter has a number", url: "https://codeforces.com/contest/1468/problem/b2", title: "B2. Lit Pier", time: 2 * time.Second, memory: 256, samples: one,
			body: codeforcesProblem("B1. Other", codeforcesHeader, "", codeforcesSample("1", "2")) + codeforcesProblem("B2. Lit Pier", codeforcesHeader, "", codeforcesSample("3\n1 2 3", "6")),
		},
		{
			name: "a gym page", url: "https://codeforces.com/gym/100001/problem/C", title: "C. Lit Pier", time: 2 * time.Second, memory: 256, samples: one,
			body: codeforcesProblem("C. Lit Pier", codeforcesHeader, "", codeforcesSample("3\n1 2 3", "6")),
		},
		{
			name: "a whole gym contest under the problem set's address", url: "https://codeforces.com/problemset/gymProblem/100001/B", title: "B. Lit Pier", time: 2 * time.Second, memory: 256, samples: one,
			body: codeforcesProblem("A. Other", codeforcesHeader, "", codeforcesSample("1", "2")) + codeforcesProblem("B. Lit Pier", codeforcesHeader, "", codeforcesSample("3\n1 2 3", "6")),
		},
		{
			name: "a whole contest with the problem in the fragment", url: "https://codeforces.com/contest/4/problems#B", title: "B. Lit Pier", time: 2 * time.Second, memory: 256, samples: one,
			body: codeforcesProblem("A. Other", codeforcesHeader, "", codeforcesSample("1", "2")) + codeforcesProblem("B. Lit Pier", codeforcesHeader, "", codeforcesSample("3\n1 2 3", "6")),
		},
		{
			name: "a whole contest with the problem spelled out in the fragment", url: "https://codeforces.com/contest/4/problems#problem-b", title: "B. Lit Pier", time: 2 * time.Second, memory: 256, samples: one,
			body: codeforcesProblem("A. Other", codeforcesHeader, "", codeforcesSample("1", "2")) + codeforcesProblem("B. Lit Pier", codeforcesHeader, "", codeforcesSample("3\n1 2 3", "6")),
		},
		{
			name: "the problem is not in the contest", url: "https://codeforces.com/contest/4/problem/Z", reason: ProblemNotOnPage,
			body: codeforcesProblem("A. Other", codeforcesHeader, "", codeforcesSample("1", "2")) + codeforcesProblem("B. Lit Pier", codeforcesHeader, "", codeforcesSample("3", "6")),
		},
		{
			name: "a heading announces a dialogue", url: at, reason: InteractiveProblem,
			body: codeforcesProblem("A. Guess", codeforcesHeader, `<div><div class="section-title">Interaction</div><p>Ask up to ten times.</p></div>`, codeforcesSample("1", "2")),
		},
		{
			name: "a Russian sentence announces a dialogue", url: at, reason: InteractiveProblem,
			body: codeforcesProblem("A. Угадай", codeforcesHeader, `<p>Это интерактивная задача.</p>`, codeforcesSample("1", "2")),
		},
		{
			name: "the statement is empty", url: at, reason: NoProblemFound,
			body: `<div class="problem-statement"><div class="header"><div class="title">A. Gone</div></div><p>Statement is not available</p></div>`,
		},
		{
			name: "a browser typeset the formulas", url: at, title: "A. Lit Pier", time: 2 * time.Second, memory: 256, samples: one,
			body: "<!-- saved from url=(0046)https://codeforces.com/problemset/problem/4/A -->\r\n" + codeforcesProblem("A. Lit Pier", codeforcesHeader,
				`<p>Given <span class="MathJax_Preview" style="color: inherit;"></span><span class="MathJax" id="e1"><nobr>n</nobr></span><script type="math/tex" id="e2">n</script>.</p>`,
				"\r\n"+codeforcesSample("3\r\n1 2 3\r\n", "6\r\n")),
		},
	})
}

func TestCodeforcesStatementsDoNotSpeakOfFilesThatNoProgramGets(t *testing.T) {
	header := strings.NewReplacer("standard input", "lantern.in", "standard output", "lantern.out").Replace(codeforcesHeader)
	facts, err := readAt(t, "https://codeforces.com/gym/100001/problem/A", codeforcesProblem("A. Lit Pier", header, "", codeforcesSample("1", "2")))
	if err != nil || strings.Contains(facts.Text, "lantern.in") || strings.Contains(facts.Text, "lantern.out") {
		t.Errorf("text %v, %v", facts, err)
	}
}

func TestTheSGUArchiveOfCodeforcesHasMarkupOfItsOwn(t *testing.T) {
	const at = "https://codeforces.com/problemsets/acmsguru/problem/99999/100"
	const text = `<p>Read the heights of two piers, one after the other, and print the sum of both heights as a single number.</p>`
	checkReads(t, "generic", []readCase{
		{
			name: "inside a table", url: at, title: "100. Piers", time: 250 * time.Millisecond, memory: 64, samples: []problem.Sample{sample("5 3\n", "8\n")},
			body: `<title>Problem - 100 - Codeforces</title><div class="problemindexholder" problemindex="100"><div class="ttypography"><table class="bordertable"><tbody><tr><td>
<div align="center"><h3>100. Piers</h3></div><div align="center">time limit per test: 0.25 sec.<br>memory limit per test: 65536 KB</div>` + text + `
<p><b>Input</b></p><p>Two numbers.</p><p><b>Output</b></p><p>Their sum.</p><p><b>Sample Input</b></p><font face="Courier"><pre>5 3</pre></font>
<p><b>Sample Output</b></p><font face="Courier"><pre>8</pre></font></td></tr></tbody></table></div></div>`,
		},
		{
			name: "samples in a table whose head is preformatted too", url: at, title: "505. Piers", time: 2 * time.Second, memory: 256, samples: []problem.Sample{sample("5 3\n", "8\n")},
			body: `<title>Problem - 505 - Codeforces</title><div class="problemindexholder" problemindex="505"><div class="ttypography">
<h4>505. Piers</h4><div>Time limit per test: 2 second(s)<br>Memory limit: 262144 kilobytes<br>input: standard<br>output: standard</div>` + text + `
<center><b>Example(s)</b></center><table><tr><td><pre>sample input</pre></td><td><pre>sample output</pre></td></tr>
<tr><td><pre>5 3</pre></td><td><pre>8</pre></td></tr></table></div></div>`,
		},
	})
}
