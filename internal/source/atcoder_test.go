package source

import (
	"testing"
	"time"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// atcoderPage puts a statement below the heading and the limits.
func atcoderPage(title, limits, statement string) string {
	return `<html><head><title>` + title + `</title></head><body><div class="row"><div class="col-sm-12"><span class="h2">
	` + title + `
	<a class="btn btn-default btn-sm" href="/contests/abc001/tasks/abc001_a/editorial">Editorial</a></span>
	<span id="task-lang-btn" class="pull-right"><span data-lang="ja">J</span> / <span data-lang="en">E</span></span><hr/>
	<p>` + limits + `</p><div id="task-statement">` + statement + `</div></div></div></body></html>`
}

const atcoderProse = `<div class="part"><section><h3>Problem Statement</h3><p>Fold <var>N</var> paper cranes a day and print how many there are after <var>M</var> days.</p></section></div>
<div class="io-style"><div class="part"><section><h3>Input</h3><pre><var>N</var> <var>M</var></pre></section></div></div>`

func TestAtCoderPagesAreReadByTheMarkupOfEveryYear(t *testing.T) {
	const at, limits = "https://atcoder.jp/contests/abc001/tasks/abc001_a", "Time Limit: 2 sec / Memory Limit: 1024 MiB"
	two := []problem.Sample{sample("3 4\n", "12\n"), sample("1 0\n", "0\n")}
	english := atcoderProse + `<div class="part"><section><h3>Sample Input 1</h3><pre>3 4
</pre></section></div><div class="part"><section><h3>Sample Output 1</h3><pre>12
</pre><p>There are <var>12</var>:</p><pre>3 3 3 3</pre></section></div><hr/>
<div class="part"><section><h3>Sample Input 2</h3><pre>1 0
</pre></section></div><div class="part"><section><h3>Sample Output 2</h3><pre>0
</pre></section></div>`
	japanese := `<div class="part"><section><h3>問題文</h3><p>毎日 <var>N</var> 羽の鶴を折ります。<var>M</var> 日後に何羽になるかを求めてください。</p></section></div>
<div class="io-style"><div class="part"><section><h3>入力</h3><pre><var>N</var> <var>M</var></pre></section></div></div>
<div class="part"><h3>入力例 1</h3><section><pre class="prettyprint linenums">
3 4
</pre></section></div><div class="part"><h3>出力例 1</h3><section><pre class="prettyprint linenums">
12
</pre></section></div><div class="part"><h3>入力例２</h3><section><pre>1 0</pre></section></div><div class="part"><h3>出力例２</h3><section><pre>0</pre></section></div>`
	checkReads(t, "atcoder", []readCase{
		{
			name: "two languages on one page", url: at, title: "A - Paper Cranes", time: 2 * time.Second, memory: 1024, samples: two,
			body: atcoderPage("A - Paper Cranes", limits, `<span class="lang"><span class="lang-ja">`+japanese+`</span><span class="lang-en">`+english+`</span></span>`),
		},
		{
			name: "an old page in Japanese alone", url: at, title: "A - 折り鶴", time: 2 * time.Second, memory: 64, samples: two,
			body: atcoderPage("A - 折り鶴", "実行時間制限: 2 sec / メモリ制限: 64 MB", japanese),
		},
		{
			name: "the oldest limits have no spaces", url: at, title: "A - 折り鶴", time: 1500 * time.Millisecond, memory: 256, samples: two,
			body: atcoderPage("A - 折り鶴", "Time limit : 1.5sec / Memory limit : 256MB", japanese),
		},
		{
			name: "the English copy is empty", url: at, title: "A - Paper Cranes", time: 2 * time.Second, memory: 1024, samples: two,
			body: atcoderPage("A - Paper Cranes", limits, `<span class="lang"><span class="lang-ja">`+japanese+`</span><span class="lang-en">
</span></span>`),
		},
		{
			name: "saved with the copy buttons that the page's script adds", url: at, title: "A - Paper Cranes", time: 2 * time.Second, memory: 1024, samples: two[:1],
			body: atcoderPage("A - Paper Cranes", limits, `<span class="lang"><span class="lang-en">`+atcoderProse+`
<h3>Sample Input 1<span class="btn btn-default btn-sm btn-copy" data-target="pre-sample0">Copy</span></h3><div class="div-btn-copy"><span class="btn-copy btn-pre">Copy</span></div><pre id="pre-sample0">3 4
</pre><h3>Sample Output 1<span class="btn btn-default btn-sm btn-copy">Copy</span></h3><div class="div-btn-copy"><span class="btn-copy btn-pre">Copy</span></div><pre id="pre-sample1">12
</pre></span></span>`),
		},
		{
			name: "saved with the line numbers that the page's script adds", url: at, title: "A - Paper Cranes", time: 2 * time.Second, memory: 1024,
			samples: []problem.Sample{sample("2\n\nab\n", "0\n")},
			body: atcoderPage("A - Paper Cranes", limits, atcoderProse+`<h3>Sample Input 1</h3><pre class="prettyprint linenums prettyprinted"><ol class="linenums"><li class="L0"><span class="lit">2</span></li><li class="L1"><span class="pln"></span></li><li class="L2"><span class="pln">ab</span></li></ol></pre>
<h3>Sample Output 1</h3><pre>0</pre>`),
		},
		{
			name: "an output is empty", url: at, title: "A - Paper Cranes", time: 2 * time.Second, memory: 1024,
			samples: []problem.Sample{sample("0 0\n", ""), sample("3 4\n", "12\n")},
			body: atcoderPage("A - Paper Cranes", limits, atcoderProse+`<h3>Sample Input 1</h3><pre>0 0
</pre><h3>Sample Output 1</h3><pre>
</pre><h3>Sample Input 2</h3><pre>3 4
</pre><h3>Sample Output 2</h3><pre>12
</pre>`),
		},
		{
			name: "the only sample has no number", url: at, title: "A - Paper Cranes", time: 2 * time.Second, memory: 1024, samples: two[:1],
			body: atcoderPage("A - Paper Cranes", limits, atcoderProse+`<h3>Sample Input</h3><pre>3 4</pre><h3>Output for the Sample Input</h3><pre>12</pre>`),
		},
		{
			name: "an explanation of the sample has a pre of its own", url: at, title: "A - Paper Cranes", time: 2 * time.Second, memory: 1024, samples: two[:1],
			body: atcoderPage("A - Paper Cranes", limits, atcoderProse+`<h3>入力例 1</h3><pre>3 4</pre><h3>入力例の説明</h3><pre>3 羽</pre><h3>出力例 1</h3><pre>12</pre>`),
		},
		{
			name: "an English interactive task", url: at, reason: InteractiveProblem,
			body: atcoderPage("A - Guess", limits, `<p>This is an <strong>interactive</strong> task, where your program and the judge interact.</p>`+english),
		},
		{
			name: "a Japanese interactive task with an explanation in between", url: at, reason: InteractiveProblem,
			body: atcoderPage("A - 当てる", limits, `<p>この問題は<strong>インタラクティブ形式</strong>（あなたの作成したプログラムとジャッジシステムが標準入出力を介して対話する形式）の問題です。</p>`+japanese),
		},
		{
			name: "an old Japanese reactive task", url: at, reason: InteractiveProblem,
			body: atcoderPage("A - 当てる", limits, `<p>これは、リアクティブ問題です。</p>`+japanese),
		},
		{
			name: "a task chosen from a page for printing", url: "https://atcoder.jp/contests/abc001/tasks/abc001_b", title: "B - Cranes", time: time.Second, memory: 512, samples: two,
			body: atcoderPage("A - Other", limits, english) + atcoderPage("B - Cranes", "Time Limit: 1 sec / Memory Limit: 512 MB", english),
		},
	})
}
