package source

import (
	"strings"
	"testing"
	"time"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

const genericProse = `<p>The keeper of a lighthouse counts the ships that pass by day and by night, and wants to know how many there were altogether.</p>`

func TestPagesOfOtherJudgesAreReadByTheWordsThatAllJudgesUse(t *testing.T) {
	one := []problem.Sample{sample("1 2\n", "3\n")}
	checkReads(t, genericAdapter, []readCase{
		{
			name: "SPOJ has both sides in one pre", url: "https://www.spoj.com/problems/SHIPS/", title: "SHIPS - Passing Ships", time: 1500 * time.Millisecond, memory: 1536, samples: one,
			body: `<title>SPOJ.com - Problem SHIPS</title><div class="prob"><h2 id="problem-name" class="text-center">SHIPS - Passing Ships</h2></div><div id="problem-body">` + genericProse + `<h3>Input</h3><p>Two numbers.</p><h3>Output</h3><p>One number.</p>
<h3>Example</h3><pre><strong>Input:</strong>
1 2

<strong>Output:</strong>
3
</pre></div><table class="probleminfo"><tr><td>Added by:</td><td>keeper</td></tr><tr><td>Time limit:</td><td>0.5s-1.5s</td></tr><tr><td>Source limit:</td><td>50000B</td></tr><tr><td>Memory limit:</td><td>1536MB</td></tr></table>`,
		},
		{
			name: "one pre holds two samples and explanations, and no bold", url: "https://judge.example/ships", title: "Passing Ships", samples: []problem.Sample{one[0], sample("2 2\n", "4\n")},
			body: `<h1>Passing Ships</h1>` + genericProse + `<h2>Examples</h2><pre>
Input:
1 2
Output:
3
Explanation:
one by day

Input:
2 2
Output:
4
</pre>`,
		},
		{
			name: "labels and values share lines and an explanation follows", url: "https://judge.example/ships", title: "Passing Ships", samples: one,
			body: `<h1>Passing Ships</h1>` + genericProse + `<p><b>Example 1:</b></p><pre><strong>Input:</strong> 1 2
<strong>Output:</strong> 3
<strong>Explanation:</strong> one by day, two by night
</pre>`,
		},
		{
			name: "Timus has a table", url: "https://acm.timus.ru/problem.aspx?space=1&num=1000", title: "1000. Passing Ships", time: time.Second, memory: 64, samples: []problem.Sample{one[0], sample("2 2\n", "4\n")},
			body: `<title>1000. Passing Ships @ Timus Online Judge</title><H2 class="problem_title">1000. Passing Ships</H2><DIV class="problem_limits">Time limit: 1.0 second<BR>Memory limit: 64 MB<BR></DIV><DIV ID="problem_text">` + genericProse + `<H3 CLASS="problem_subtitle">Input</H3>a b<H3 CLASS="problem_subtitle">Output</H3>sum
<H3 CLASS="problem_subtitle">Samples</H3><TABLE CLASS="sample"><TR><TH WIDTH="350">input</TH><TH WIDTH="350">output</TH></TR><TR><TD><PRE>1 2
</PRE></TD><TD><PRE>3
</PRE></TD></TR><TR><TD><PRE>2 2
</PRE></TD><TD><PRE>4
</PRE></TD></TR></TABLE></DIV>`,
		},
		{
			name: "a table has no pre, as on acmp.ru", url: "https://acmp.ru/index.asp?main=task&id_task=1", title: "Корабли", time: time.Second, memory: 16, samples: []problem.Sample{one[0], sample("1\n2\n", "3\n")},
			body: `<title>Школа программиста</title><h1>Корабли</h1><center><i>(Время: 1 сек. Память: 16 Мб Сложность: 2%)</i></center><p>Смотритель маяка считает корабли, проходящие днём и ночью. Требуется найти их общее число.</p>
<h2>Входные данные</h2><p>Два числа.</p><h2>Выходные данные</h2><p>Сумма.</p><h2>Примеры</h2><table class="main"><tr><th>№</th><th>INPUT.TXT</th><th>OUTPUT.TXT</th></tr><tr><td>1</td><td>1 2</td><td>3</td></tr><tr><td>2</td><td>1<br>2<br></td><td>3</td></tr></table>`,
		},
		{
			name: "a table has a third column", url: "https://judge.example/ships", title: "Passing Ships", samples: one,
			body: `<h1>Passing Ships</h1>` + genericProse + `<h2>Examples</h2><table><thead><tr><th>Input</th><th>Output</th><th>Notes</th></tr></thead><tbody><tr><td><pre>1 2</pre></td><td><pre>3</pre></td><td><pre>1 + 2</pre></td></tr></tbody></table>`,
		},
		{
			name: "HDU has a limit for Java and one for the others", url: "http://acm.hdu.edu.cn/showproblem.php?pid=1000", title: "Passing Ships", time: 2 * time.Second, memory: 64, samples: one,
			body: `<title>Problem - 1000</title><h1 style='color:#1A5CC8'>Passing Ships</h1><font><b><span>Time Limit: 2000/1000 MS (Java/Others)&nbsp;&nbsp;&nbsp;&nbsp;Memory Limit: 65536/32768 K (Java/Others)<br>Total Submission(s): 9</span></b></font>
<div class=panel_title align=left>Problem Description</div> <div class=panel_content>` + genericProse + `</div><div class=panel_title align=left>Input</div> <div class=panel_content>a b</div><div class=panel_title align=left>Output</div> <div class=panel_content>sum</div>
<div class=panel_title align=left>Sample Input</div><div class=panel_content><pre><div style="font-family:Courier New,Courier,monospace;">1 2
</div></pre></div><div class=panel_title align=left>Sample Output</div><div class=panel_content><pre><div style="font-family:Courier New,Courier,monospace;">3
</div></pre></div>`,
		},
		{
			name: "POJ has no headings", url: "http://poj.org/problem?id=1000", title: "Passing Ships", time: time.Second, memory: 64, samples: one,
			body: `<html><head><title>1000 -- Passing Ships</title></head><body><div class="ptt" lang="en-US">Passing Ships</div><div class="plm"><table><tr><td><b>Time Limit:</b> 1000MS</td><td width="10px"></td><td><b>Memory Limit:</b> 65536K</td></tr></table></div>
<p class="pst">Description</p><div class="ptx" lang="en-US">` + genericProse + `</div><p class="pst">Input</p><div class="ptx">a b</div><p class="pst">Output</p><div class="ptx">sum</div><p class="pst">Sample Input</p><pre class="sio">1 2</pre><p class="pst">Sample Output</p><pre class="sio">3</pre></body></html>`,
		},
		{
			name: "DMOJ has fenced code", url: "https://dmoj.ca/problem/ships", title: "Passing Ships", time: 2 * time.Second, memory: 64, samples: []problem.Sample{one[0], sample("2 2\n", "4\n")},
			body: `<title>Passing Ships - DMOJ: Modern Online Judge</title><div class="problem-title"><h2 style="display: inline-block">Passing Ships</h2></div><div id="content-right"><div class="problem-info-entry"><span class="pi-name">Time limit:</span> <span class="pi-value">2.0s</span></div><div class="problem-info-entry"><span class="pi-name">Memory limit:</span><span class="pi-value">64M</span></div></div>
<div id="content-left"><div class="content-description">` + genericProse + `<h4>Sample Input 1</h4><pre class="code2"><code>1 2
</code></pre><h4>Sample Output 1</h4><pre><code>3
</code></pre><h4>Sample Input 2</h4><pre><code>2 2</code></pre><h4>Sample Output 2</h4><pre><code>4</code></pre></div></div>`,
		},
		{
			name: "HackerRank highlights its samples", url: "https://www.hackerrank.com/challenges/ships/problem", title: "Passing Ships", samples: one,
			body: `<title>Passing Ships | HackerRank</title><h1>Passing Ships</h1><div class="challenge_problem_statement">` + genericProse + `</div><div class="challenge_sample_input"><div class="challenge_sample_input_title"><p><strong>Sample Input</strong></p></div><div class="challenge_sample_input_body"><div class="highlight"><pre><span></span>1 2
</pre></div></div></div><div class="challenge_sample_output"><p><strong>Sample Output</strong></p><pre><code>3
</code></pre></div>`,
		},
		{
			name: "HUSTOJ in Chinese has copy links", url: "https://judge.example/problem.php?id=1000", title: "过往船只", time: time.Second, memory: 128, samples: one,
			body: `<title>过往船只 - OJ</title><h2>过往船只</h2><span class=green>时间限制: </span>1 Sec&nbsp;&nbsp;<span class=green>内存限制: </span>128 MB<h2>题目描述</h2><p>灯塔管理员统计白天和夜间经过的船只数量，请计算总数。</p><h2>输入</h2><p>两个数。</p><h2>输出</h2><p>和。</p>
<h2>样例输入 <a href="javascript:copy()">复制</a></h2><pre class=content><span class=sampledata>1 2</span></pre><h2>样例输出 <a>复制</a></h2><pre class=content><span class=sampledata>3</span></pre>`,
		},
		{
			name: "CodeChef has both labels above both pres", url: "https://www.codechef.com/problems/SHIPS", title: "Passing Ships", samples: []problem.Sample{one[0], sample("2 2\n", "4\n")},
			body: `<title>Passing Ships Practice Coding Problem</title><h1>Passing Ships</h1>` + genericProse + `<h3>Sample 1:</h3><div><div><p>Input</p></div><div><p>Output</p></div></div><div class="values"><div><pre>1 2
</pre></div><div><pre>3
</pre></div></div><h3>Explanation:</h3><p>One by day.</p><pre>1+2</pre><h3>Sample 2:</h3><div><div><p>Input</p><button>Copy</button></div><div><p>Output</p></div></div><div class="values"><div><pre>2 2</pre></div><div><pre>4</pre></div></div>`,
		},
		{
			name: "Luogu numbers plain labels in Chinese", url: "https://www.luogu.com.cn/problem/P1001", title: "P1001 过往船只", samples: []problem.Sample{one[0], sample("2 2\n", "4\n")},
			body: `<title>P1001 过往船只 - 洛谷</title><article><h1>P1001 过往船只</h1><h2>题目描述</h2><p>灯塔管理员统计白天和夜间经过的船只数量，请计算总数。</p><h2>输入格式</h2><p>两个数。</p><h2>输出格式</h2><p>和。</p><h2>输入输出样例</h2>
<h3>输入 #1</h3><pre><code>1 2</code></pre><h3>输出 #1</h3><pre><code>3</code></pre><h3>样例输入 #2</h3><pre><code>2 2</code></pre><h3>样例输出 #2</h3><pre><code>4</code></pre></article>`,
		},
		{
			name: "USACO names files", url: "http://www.usaco.org/index.php?page=viewproblem2&cpid=1", samples: one,
			body: `<title>USACO</title><h2> USACO 2012 Bronze </h2><h2> Problem 1. Ships </h2><div class="problem-text">` + genericProse + `<h4>INPUT FORMAT (file ships.in):</h4><p>a b</p><h4>SAMPLE INPUT (file ships.in):</h4><pre class='in'>
1 2
</pre><h4>OUTPUT FORMAT:</h4><p>sum</p><h4>SAMPLE OUTPUT (file ships.out):</h4><pre class='out'>
3
</pre></div>`,
		},
		{
			name: "Eolymp numbers plain labels", url: "https://eolymp.com/en/problems/1", title: "Ships", time: time.Second, memory: 128, samples: []problem.Sample{one[0], sample("2 2\n", "4\n")},
			body: `<title>Ships - Eolymp</title><h1>Ships</h1><p>Time limit <b>1</b> second</p><p>Memory limit <b>128</b> MiB</p>` + genericProse + `<h2>Input</h2><p>a b</p><h2>Output</h2><p>sum</p><h2>Examples</h2><div><b>Input #1</b></div><pre>1 2</pre><div><b>Answer #1</b></div><pre>3</pre><div><b>Input #2</b></div><pre>2 2</pre><div><b>Answer #2</b></div><pre>4</pre>`,
		},
		{
			name: "a form at the side has a captcha and a password", url: "https://judge.example/ships", title: "Ships", samples: one,
			body: `<title>Ships</title><form><input type="password"><div class="g-recaptcha"></div></form><h1>Ships</h1>` + genericProse + `<h3>Sample Input</h3><pre>1 2</pre><h3>Sample Output</h3><pre>3</pre>`,
		},
		{
			name: "a list of terms", url: "https://judge.example/ships", title: "Ships", samples: one,
			body: `<h1>Ships</h1>` + genericProse + `<dl><dt>Sample Input</dt><dd><pre>1 2</pre></dd><dt>Sample Output</dt><dd><pre>3</pre></dd></dl>`,
		},
		{
			name: "Polish words of the Olympiad", url: "https://szkopul.edu.pl/problemset/problem/abc/site/", title: "Statki", samples: one,
			body: `<h1>Statki</h1><p>Latarnik liczy statki przepływające w dzień i w nocy. Napisz program, który wyznaczy ich łączną liczbę.</p><h2>Wejście</h2><p>Dwie liczby.</p><h2>Wyjście</h2><p>Suma.</p><h2>Przykład</h2><p>Dla danych wejściowych:</p><pre>1 2</pre><p>poprawną odpowiedzią jest:</p><pre>3</pre>`,
		},
		{
			name: "German words", url: "https://judge.example/schiffe", title: "Schiffe", samples: one,
			body: `<h1>Schiffe</h1><p>Der Leuchtturmwärter zählt die Schiffe bei Tag und bei Nacht und will wissen, wie viele es waren.</p><h2>Eingabe</h2><p>Zwei Zahlen.</p><h2>Ausgabe</h2><p>Summe.</p><h2>Beispiel 1</h2><h3>Eingabe</h3><pre>1 2</pre><h3>Ausgabe</h3><pre>3</pre>`,
		},
		{
			name: "French words", url: "https://judge.example/navires", title: "Navires", samples: one,
			body: `<h1>Navires</h1><p>Le gardien du phare compte les navires de jour et de nuit et veut savoir combien il y en a eu.</p><h2>Entrée</h2><p>Deux nombres.</p><h2>Sortie</h2><p>La somme.</p><h3>Exemple d&#39;entrée 1</h3><pre>1 2</pre><h3>Exemple de sortie 1</h3><pre>3</pre>`,
		},
		{
			name: "Russian words", url: "https://judge.example/korabli", title: "Корабли", time: time.Second, memory: 256, samples: one,
			body: `<h1>Корабли</h1><p>Ограничение по времени: 1 секунда<br>Ограничение по памяти: 256 мегабайт</p><p>Смотритель маяка считает корабли днём и ночью.</p><h2>Входные данные</h2><p>Два числа.</p><h2>Выходные данные</h2><p>Сумма.</p><h2>Пример</h2><h3>Входные данные</h3><pre>1 2</pre><h3>Выходные данные</h3><pre>3</pre>`,
		},
		{
			name: "an output goes without an input", url: "https://judge.example/ships", title: "Ships", samples: one,
			body: `<h1>Ships</h1>` + genericProse + `<h3>Sample Output 0</h3><pre>9</pre><h3>Sample Input 1</h3><pre>1 2</pre><h3>Sample Output 1</h3><pre>3</pre>`,
		},
		{
			name: "a title that is longer than any title", url: "https://judge.example/ships", samples: one,
			body: `<h1 id="problem-name">` + strings.Repeat("Passing Ships ", 30) + `</h1>` + genericProse + `<h3>Sample Input</h3><pre>1 2</pre><h3>Sample Output</h3><pre>3</pre>`,
		},
		{
			name: "a heading announces a dialogue", url: "https://judge.example/guess", reason: InteractiveProblem,
			body: `<h1>Guess</h1>` + genericProse + `<h2>Interaction</h2><p>Ask.</p><h3>Sample Input</h3><pre>1</pre><h3>Sample Output</h3><pre>? 1</pre>`,
		},
	})
}

func TestPagesWithoutAProblemAreRefusedWithWhatToDo(t *testing.T) {
	links := `<a href="/problem/1">a</a><a href="/problem/2">b</a><a href="/problem/3">c</a><a href="/problem/4">d</a><a href="/problem/5">e</a><a href="/problem/6">f</a><a href="/problem/7">g</a><a href="/problem/8">h</a>`
	for name, c := range map[string]readCase{
		"a list of problems": {body: `<h1>Problems</h1>` + links, reason: ListPage},
		"a contest of six tasks on AtCoder": {reason: ListPage, url: "https://atcoder.jp/contests/abc001/tasks/abc001_a", body: `<title>Tasks - Contest 1</title><h2>Tasks</h2><table><thead><tr><th></th><th>Task Name</th><th>Time Limit</th><th>Memory Limit</th></tr></thead><tbody>
<tr><td><a href="/contests/abc001/tasks/abc001_a">A</a></td><td><a href="/contests/abc001/tasks/abc001_a">Ab</a></td><td>2 sec</td><td>1024 MB</td></tr><tr><td><a href="/contests/abc001/tasks/abc001_b">B</a></td><td>Cd</td><td>2 sec</td><td>1024 MB</td></tr>
<tr><td><a href="/contests/abc001/tasks/abc001_c">C</a></td><td>Ef</td><td>2 sec</td><td>1024 MB</td></tr><tr><td><a href="/contests/abc001/tasks/abc001_d">D</a></td><td>Gh</td><td>2 sec</td><td>1024 MB</td></tr></tbody></table>`},
		"a login form":                          {body: `<title>Sign In</title><form><input name="u"><input type="password"></form>`, reason: LoginRequired},
		"a login in Codeforces' words":          {url: "https://codeforces.com/gym/100001/problem/A", body: `<title>Login - Codeforces</title><h3>Login into Codeforces</h3><form><input type="password"></form>`, reason: LoginRequired},
		"a check of the browser":                {body: `<title>Just a moment...</title><script>window._cf_chl_opt={}</script>`, reason: PageBlocked},
		"a captcha":                             {body: `<p>Verify you are human</p><div class="h-captcha"></div>`, reason: PageBlocked},
		"no such problem":                       {body: `<h3>Wrong problem code!</h3>`, reason: NoProblemFound},
		"a frame around a PDF":                  {body: `<h1>Ships</h1><iframe src="/static/ships.pdf"></iframe>`, reason: NotHTML},
		"a Kattis page around a PDF":            {url: "https://open.kattis.com/problems/ships", body: newKattis("Ships", `<object data="/problems/ships/file/statement.pdf" type="application/pdf"></object>`), reason: NotHTML},
		"an application that scripts draw":      {body: `<div id="root"></div><script src="/app.js"></script>`, reason: NoProblemFound},
		"an article about programming":          {body: `<h1>How I learned to read input</h1><p>Reading input is easy and writing output is as well, for example in C.</p><pre>scanf</pre>`, reason: NoProblemFound},
		"a PDF":                                 {body: "%PDF-1.7 ...", reason: NotHTML},
		"a picture":                             {url: "https://www.acmicpc.net/problem/1", body: `<span id="problem_title">등대</span><table id="problem-info"></table><div id="problem_description"><img src="a.png"></div>` + baekjoonSample("1", "1", "1"), reason: ImageOnly},
		"a function in the editor":              {url: "https://school.programmers.co.kr/learn/courses/30/lessons/1", body: `<title>등대</title><textarea id="code">def solution(n):</textarea>`, reason: FunctionSignature},
		"a function in the state of LeetCode":   {url: "https://leetcode.com/problems/ships", body: `<script id="__NEXT_DATA__" type="application/json">{"q":{"title":"Ships","content":"<p>x</p>","codeSnippets":[{"lang":"C"}]}}</script>`, reason: FunctionSignature},
		"a function in the answer of LeetCode":  {url: "https://leetcode.com/problems/ships", body: `{"data":{"question":{"questionTitle":"Ships","content":"<p>x</p>","codeDefinition":"[]"}}}`, reason: FunctionSignature},
		"nothing at all":                        {body: "", reason: NoProblemFound},
		"a statement without samples or limits": {body: `<h1>Ships</h1>` + genericProse, reason: NoProblemFound},
	} {
		if c.url == "" {
			c.url = "https://judge.example/ships"
		}
		_, err := readAt(t, c.url, c.body)
		wantError(t, name, err, Stalled, c.reason)
	}
}
