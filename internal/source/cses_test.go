package source

import (
	"testing"
	"time"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

func csesPage(body string) string {
	return `<html><head><title>CSES - Canal Locks</title></head><body><div class="skeleton"><div class="navigation"><div class="title-block"><h3><a href="/problemset/list/">CSES Problem Set</a></h3><h1>Canal Locks</h1></div></div>
<div class="content-wrapper"><div class="content"><ul class="task-constraints"><li><b>Time limit:</b> 1.00 s</li><li><b>Memory limit:</b> 512 MB</li></ul>
<div class="md"><p>A boat has to pass <span class="math math-inline">n</span> locks. Print how many minutes that takes altogether.</p>
<h1 id="input">Input</h1><p>The only line has an integer.</p><pre>n</pre><h1 id="output">Output</h1><p>Print one integer.</p>` + body + `</div></div></div></body></html>`
}

func TestCSESPagesAreReadByTheirExampleSections(t *testing.T) {
	const at = "https://cses.fi/problemset/task/1068"
	one := []problem.Sample{sample("3\n1 2 3\n", "6\n")}
	checkReads(t, "cses", []readCase{
		{
			name: "one example", url: at, title: "Canal Locks", time: time.Second, memory: 512, samples: one,
			body: csesPage(`<h1 id="example">Example</h1><p>Input:</p><pre>
3
1 2 3
</pre><p>Output:</p><pre>
6
</pre><p>Explanation: three locks.</p><pre>1+2+3</pre>`),
		},
		{
			name: "an old page with code inside", url: at, title: "Canal Locks", time: time.Second, memory: 512, samples: one,
			body: csesPage(`<h2>Example</h2><p>Input:<br></p><pre><code>3
1 2 3
</code></pre><p><b>Output:</b></p><pre><code>6
</code></pre>`),
		},
		{
			name: "several numbered examples", url: at, title: "Canal Locks", time: time.Second, memory: 512, samples: []problem.Sample{sample("1\n5\n", "5\n"), one[0]},
			body: csesPage(`<h1 id="example-1">Example 1</h1><p>Input:</p><pre>1
5
</pre><p>Output:</p><pre>5
</pre><h1 id="example-2">Example 2</h1><p>Input:</p><pre>3
1 2 3
</pre><p>Output:</p><pre>6
</pre>`),
		},
		{
			name: "several examples under one heading", url: at, title: "Canal Locks", time: time.Second, memory: 512, samples: []problem.Sample{sample("1\n5\n", "5\n"), one[0]},
			body: csesPage(`<h1>Samples</h1><p>Input 1:</p><pre>1
5</pre><p>Output 1:</p><pre>5</pre><p>Input 2:</p><pre>3
1 2 3</pre><p>Output 2:</p><pre>6</pre>`),
		},
		{
			name: "an interactive task", url: at, reason: InteractiveProblem,
			body: csesPage(`<p>This is an interactive problem.</p><h1>Example</h1><pre>? 1</pre>`),
		},
		{
			name: "an interactive task that only a heading tells", url: at, reason: InteractiveProblem,
			body: csesPage(`<h1 id="interaction">Interaction</h1><p>Ask for a lock.</p><h1>Example</h1><pre>? 1</pre>`),
		},
	})
}
