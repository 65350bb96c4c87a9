package source

import (
	"strings"
	"testing"
	"time"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

func baekjoonPage(labels, limit, memory, samples string) string {
	return `<html><head><title>1000번: 등대</title></head><body><div class="page-header"><h1><span id="problem_title">등대</span>` + labels + `</h1></div>
<div class="table-responsive"><table class="table" id="problem-info"><thead><tr><th style="width:16%;">시간 제한</th><th>메모리 제한</th><th>제출</th><th>정답</th></tr></thead>
<tbody><tr><td>` + limit + `</td><td>` + memory + `</td><td>1000</td><td>10</td></tr></tbody></table></div>
<section id="description"><div class="headline"><h2>문제</h2></div><div id="problem_description" class="problem-text"><p>항구에 등대가 N개 있다. 밤에 켜져 있는 등대의 수를 구하는 프로그램을 작성하시오.</p></div></section>
<section id="input"><div id="problem_input" class="problem-text"><p>첫째 줄에 N이 주어진다.</p></div></section>
<section id="output"><div id="problem_output" class="problem-text"><p>켜져 있는 등대의 수를 출력한다.</p></div></section>
<section id="limit" style="display:none;"><div id="problem_limit" class="problem-text"></div></section>` + samples + `</body></html>`
}

func baekjoonSample(number, input, output string) string {
	return `<section><div class="headline"><h2>예제 입력 ` + number + ` <button type="button" class="btn btn-link copy-button">복사</button></h2></div>
<pre class="sampledata" id="sample-input-` + number + `">` + input + `</pre></section>
<section><div class="headline"><h2>예제 출력 ` + number + `</h2></div><pre class="sampledata" id="sample-output-` + number + `">` + output + `</pre></section>`
}

func TestBaekjoonPagesAreReadByTheirIDs(t *testing.T) {
	const at = "https://www.acmicpc.net/problem/1000"
	one := []problem.Sample{sample("3\n1 2 3\n", "2\n")}
	shown := baekjoonSample("1", "3\r\n1 2 3\r\n", "2\r\n")
	checkReads(t, "baekjoon", []readCase{
		{name: "an ordinary page", url: at, title: "등대", time: 2 * time.Second, memory: 128, samples: one, body: baekjoonPage("", "2 초", "128 MB", shown)},
		{name: "remarks stand beside the limits", url: at, title: "등대", time: 500 * time.Millisecond, memory: 1024, samples: one, body: baekjoonPage("", "0.5 초 (추가 시간 없음)", "1024 MB (하단 참고)", shown)},
		{name: "a special judge changes nothing", url: at, title: "등대", time: time.Second, memory: 128, samples: one, body: baekjoonPage(`<span class="problem-label problem-label-spj">스페셜 저지</span>`, "1 초 (하단 참고)", "128 MB", shown)},
		{
			name: "a sample has no input", url: at, title: "등대", time: time.Second, memory: 128, samples: []problem.Sample{sample("", "2\n")},
			body: baekjoonPage("", "1 초", "128 MB", baekjoonSample("1", "", "2\n")),
		},
		{
			name: "ten samples stay in their order", url: at, title: "등대", time: time.Second, memory: 128, samples: []problem.Sample{sample("1\n", "1\n"), sample("2\n", "2\n"), sample("10\n", "10\n")},
			body: baekjoonPage("", "1 초", "128 MB", baekjoonSample("10", "10\n", "10\n")+baekjoonSample("2", "2\n", "2\n")+baekjoonSample("1", "1\n", "1\n")),
		},
		{name: "a dialogue", url: at, reason: InteractiveProblem, body: baekjoonPage(`<span class="problem-label problem-label-interactive">인터랙티브</span>`, "1 초", "128 MB", shown)},
		{name: "a dialogue under an English label", url: at, reason: InteractiveProblem, body: baekjoonPage(`<span class="problem-label problem-label-interactive">Interactive</span>`, "1 초", "128 MB", shown)},
		{name: "two runs of one program", url: at, reason: InteractiveProblem, body: baekjoonPage(`<span class="problem-label problem-label-two-steps">투 스텝</span>`, "1 초", "128 MB", shown)},
		{name: "a function", url: at, reason: FunctionSignature, body: baekjoonPage(`<span class="problem-label problem-label-func">함수 구현</span>`, "1 초", "128 MB", shown)},
		{name: "a class", url: at, reason: FunctionSignature, body: baekjoonPage(`<span class="problem-label problem-label-class">클래스 구현</span>`, "1 초", "128 MB", shown)},
	})
}

func TestBaekjoonStatementsKeepWhatExplainsTheSamples(t *testing.T) {
	facts, err := readAt(t, "https://www.acmicpc.net/problem/1000", baekjoonPage("", "1 초", "128 MB", baekjoonSample("1", "1\n", "1\n")+
		`<section id="sample_explain_1"><div id="problem_sample_explain_1" class="problem-text"><p>등대 하나가 켜져 있다.</p></div></section>`))
	if err != nil || !strings.Contains(facts.Text, "등대 하나가 켜져 있다.") || facts.Language != "ko" {
		t.Errorf("facts %+v, %v", facts, err)
	}
}
