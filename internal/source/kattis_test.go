package source

import (
	"testing"
	"time"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

const kattisProse = `<p>Two ferries cross the fjord. Print how many cars both carry together, given the cars on each of them.</p><h2>Input</h2><p>Two numbers.</p><h2>Output</h2><p>Their sum.</p>`

// newKattis is the markup since 2022, oldKattis the one before.
func newKattis(title, body string) string {
	return `<html lang="en"><head><title>Ferries &ndash; Kattis, Kattis</title></head><body><div id="wrapper"><h1 class="book-page-heading">` + title + `</h1>
<div id="instructions-container"><section><div class="metadata-grid"><div class="metadata_list-item" data-name="metadata_item-cpu-time-limit"><span class="attribute_list-label">CPU Time limit</span><span>1 second</span></div>
<div class="metadata_list-item"><span class="attribute_list-label">Memory limit</span><span>1024 MB</span></div></div>
<article><div class="problembody">` + body + `</div></article></section></div></div></body></html>`
}

func oldKattis(title, body string) string {
	return `<html><head><title>Ferries &ndash; Kattis, Kattis</title></head><body><div class="headline-wrapper"><h1>` + title + `</h1></div><div class="problembody">` + body + `</div>
<div class="sidebar-info"><p><strong>Problem ID: </strong>ferries</p><p><strong>CPU Time limit: </strong> 1 second</p><p><strong>Memory limit: </strong> 1024 MB</p></div></body></html>`
}

func kattisSample(number, input, output string) string {
	return `<table class="sample" summary="sample data"><tbody><tr><th>Sample Input ` + number + `</th><th>Sample Output ` + number + `</th></tr><tr>` + input + output + `</tr></tbody></table>`
}

func TestKattisPagesAreReadByTheOldMarkupAndTheNew(t *testing.T) {
	const at = "https://open.kattis.com/problems/ferries"
	one := []problem.Sample{sample("3 4\n", "7\n")}
	shown := kattisSample("1", "<td><pre>3 4\n</pre></td>", "<td><pre>7\n</pre></td>")
	checkReads(t, "kattis", []readCase{
		{name: "the new markup", url: at, title: "Ferries", time: time.Second, memory: 1024, samples: one, body: newKattis("Ferries", kattisProse+shown)},
		{name: "the old markup", url: at, title: "Ferries", time: time.Second, memory: 1024, samples: one, body: oldKattis("Ferries", kattisProse+shown)},
		{
			name: "saved with the limits in a tab that is not open", url: at, title: "Ferries", time: time.Second, memory: 1024, samples: one,
			body: `<div id="instructions-container"><article class="book-page"><h1 class="book-page-heading">Ferries</h1><div class="problembody">` + kattisProse + shown + `</div></article></div>
<div id="edit-and-submit-tab"><select><option>Python 3</option></select><div id="editor" class="ace_editor">XXXX</div></div><div id="metadata-tab" class="tab is-hidden"><div class="metadata_list"><div class="metadata_list-item">
        <span class="metadata_list-label">CPU Time limit</span>
        <span>1 second</span></div><div class="metadata_list-item"><span class="metadata_list-label">Memory limit</span><span>1024 MB</span></div></div></div><div id="submissions-tab" class="is-hidden"><table><tr><td>Accepted</td><td>0.05&nbsp;s</td></tr></table></div>`,
		},
		{name: "a contest puts the letter before the title", url: at, title: "Ferries", time: time.Second, memory: 1024, samples: one, body: oldKattis("Problem A<br/>Ferries", kattisProse+shown)},
		{
			name: "an output is empty and another missing", url: at, title: "Ferries", time: time.Second, memory: 1024,
			samples: []problem.Sample{sample("0 0\n", ""), sample("1 1\n", ""), one[0]},
			body: newKattis("Ferries", kattisProse+kattisSample("1", "<td><pre>0 0\n</pre></td>", "<td><pre></pre></td>")+
				kattisSample("2", "<td><pre>1 1\n</pre></td>", "<td></td>")+kattisSample("3", "<td><pre>3 4\n</pre></td>", "<td><pre>7\n</pre></td>")),
		},
		{
			name: "there is no input", url: at, title: "Ferries", time: time.Second, memory: 1024, samples: []problem.Sample{sample("", "7\n")},
			body: newKattis("Ferries", kattisProse+kattisSample("1", "<td></td>", "<td><pre>7\n</pre></td>")),
		},
		{
			name: "a dialogue", url: at, reason: InteractiveProblem,
			body: newKattis("Ferries", kattisProse+`<table class="sample"><tr><th>Read</th><th>Sample Interaction 1</th><th>Write</th></tr></table><div class="sampleinteractionwrite"><pre>1</pre></div>`),
		},
		{name: "a dialogue told by a heading", url: at, reason: InteractiveProblem, body: newKattis("Ferries", kattisProse+`<h2>Interaction</h2><p>Ask.</p>`)},
	})
}
