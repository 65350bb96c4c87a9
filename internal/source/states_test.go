package source

import (
	"testing"
)

func TestATextStandsInAPageAsWholeWordsAndNumbers(t *testing.T) {
	f := &Facts{Text: "Time limit: 12 seconds, memory 0.5 megabytes\nprint -1 or 1,000 ships\n등대를 세시오 2초\nнайдите корабли\nYES\n3\u00a04\u3000five\ntags: ships, 7-9, 8."}
	for text, want := range map[string]bool{
		"": true, " \n": true, "12 seconds": true, "12\nseconds,": true, "3 4 five": true, "print -1": true, "-1": true, "1,000": true, "0.5 megabytes": true,
		"등대": true, "ships": true, "7": true, "9": true, "8": true, "2초": true, "корабли": true,
		"2 seconds": false, "5 megabytes": false, "1": false, "000": false, "1,": false, "0": false, "ship": false, "кораб": false, "Yes": false, "34": false,
	} {
		if got := f.States(text); got != want {
			t.Errorf("States(%q) = %v, want %v", text, got, want)
		}
	}
}

func TestASampleStandsInAPageOnLinesOfItsOwnAndInItsOrder(t *testing.T) {
	for name, c := range map[string]struct {
		body, input, output string
		want                bool
	}{
		"in a pre":                           {"<pre>3\n1 2 3</pre><pre>6</pre>", "3\n1 2 3\n", "6\n", true},
		"with br":                            {"<p>3<br>1 2 3<br></p><p>6</p>", "3\n1 2 3\n", "6\n", true},
		"with an element for each line":      {"<div><div>3</div><div>1 2 3</div></div><div>6</div>", "3\n1 2 3", "6", true},
		"with spaces that are none in ASCII": {"<p>1&nbsp;2&#x3000;3</p><p>6</p>", "1 2 3\n", "6\n", true},
		"in two cells of a row":              {"<table><tr><td>1 2</td><td>3</td></tr></table>", "1 2", "3", true},
		"after labels":                       {"<p>Input: 1 2</p><p>Output: 3</p>", "1 2", "3", true},
		"after labels in Chinese":            {"<p>输入：1 2</p><p>输出：3</p>", "1 2", "3", true},
		"without an input":                   {"<p>There is no input.</p><pre>3</pre>", "", "3", true},
		"as words of a sentence":             {"<p>There are 3 ships and 6 boats.</p>", "3", "6", false},
		"as the end of a line":               {"<p>There were 3</p><p>or 6</p>", "3", "6", false},
		"as a part of a sample":              {"<pre>3 4</pre><pre>7</pre>", "3", "7", false},
		"the other way round":                {"<pre>6</pre><pre>3</pre>", "3", "6", false},
		"in another case":                    {"<pre>1</pre><pre>YES</pre>", "1", "Yes", false},
		"from one cell into the next":        {"<table><tr><td>1 2</td><td>3 4</td></tr></table>", "2 3", "4", false},
	} {
		f := &Facts{Text: textOfHTML(t, c.body)}
		s := sample(c.input, c.output)
		if got := f.StatesSample(s); got != c.want {
			t.Errorf("%s: StatesSample(%q) = %v, want %v in %q", name, s, got, c.want, f.Text)
		}
		if c.want && (!f.States(c.input) || !f.States(c.output)) {
			t.Errorf("%s: States knows less than StatesSample", name)
		}
	}
}
