package source

import (
	"strings"
	"testing"
	"time"
)

// A large page must not keep a reconciler busy, whatever its author made of it.
func TestHostilePagesAreReadInBoundedTime(t *testing.T) {
	const size = 128 << 10
	for name, c := range map[string]struct{ before, repeated string }{
		"deep":              {"", "<div>"},
		"deep tables":       {"", "<table><tr><td>"},
		"deep formatting":   {"", "<b><a><i>"},
		"many headings":     {"<title>a</title>", "<h1>Sample Input</h1>"},
		"a long title":      {"", "<h1>a</h1><title>a b c"},
		"many pres":         {"", "<h3>Sample Input</h3><pre>1</pre>"},
		"many samples":      {"<h1>Example</h1>", "<pre>Input:\n1\nOutput:\n2\n</pre>"},
		"one long sample":   {"<h1>Example</h1><pre>", "Input:\n1\nOutput:\n2\n"},
		"many rows":         {"<h1>Example</h1><table><tr><th>Input<th>Output", "<tr><td>1<td>2"},
		"many statements":   {"", `<div class="problem-statement"><div class="header"><div class="title">A. B</div></div></div>`},
		"nested statements": {"", `<div class="problem-statement"><div class="header"><div class="title">A. B</div></div>`},
		"many tasks":        {"", `<p>Time Limit: 1 sec</p><div id="task-statement"><h3>Sample Input</h3></div>`},
		"many ids":          {`<span id="problem_title">a</span><div id="problem-info">`, `<pre id="sample-input-1">1</pre>`},
		"many links":        {"", `<a href="/problem/1?a">a</a>`},
		"many limits":       {"", "Time limit: 1 s, memory limit: 1 MB. "},
		"one long number":   {"Time limit: ", "1/1"},
		"one long word":     {"", "a"},
		"many attributes":   {"<p ", "a=b "},
		"deep JSON":         {"", "["},
		"wide JSON":         {`{"a":"`, `\"`},
	} {
		t.Run(name, func(t *testing.T) {
			body := c.before + strings.Repeat(c.repeated, (size-len(c.before))/len(c.repeated))
			began := time.Now()
			facts, err := readAt(t, "https://codeforces.com/contest/4/problem/A", body)
			if err != nil {
				wantRefusal(t, err)
			} else {
				checkFacts(t, facts)
			}
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}
