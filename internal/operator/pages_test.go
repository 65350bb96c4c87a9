package operator_test

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// The judge that the tests' problems are on.
const (
	host     = "judge.example"
	platform = "judge-example"
)

func pageURL(id string) string { return "http://" + host + "/" + id }

// judge serves pages at a host that the fetcher is pinned to.
type judge struct {
	address string

	mu      sync.Mutex
	bodies  map[string]string
	fetched map[string]int
}

func newJudge(t testing.TB) *judge {
	j := &judge{bodies: map[string]string{}, fetched: map[string]int{}}
	server := httptest.NewServer(j)
	t.Cleanup(server.Close)
	j.address = strings.TrimPrefix(server.URL, "http://")
	return j
}

func (j *judge) pinned() map[string]string { return map[string]string{host: j.address} }

func (j *judge) put(path, body string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.bodies[path] = body
}

// fetches counts the requests for all pages.
func (j *judge) fetches() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	sum := 0
	for _, n := range j.fetched {
		sum += n
	}
	return sum
}

func (j *judge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	j.mu.Lock()
	body, ok := j.bodies[r.URL.Path]
	j.fetched[r.URL.Path]++
	j.mu.Unlock()
	if !ok {
		http.NotFound(w, r)
		return
	}
	tag := fmt.Sprintf(`"%x"`, sha256.Sum256([]byte(body)))
	w.Header().Set("ETag", tag)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = w.Write([]byte(body))
}

// page is a problem in the markup of Codeforces: add two numbers.
func page(title string) string {
	return `<!DOCTYPE html><html><head><title>Problem - ` + title + `</title></head><body>
<div class="problem-statement"><div class="header"><div class="title">A. ` + title + `</div>
<div class="time-limit"><div class="property-title">time limit per test</div>2 seconds</div>
<div class="memory-limit"><div class="property-title">memory limit per test</div>256 megabytes</div>
<div class="input-file"><div class="property-title">input</div>standard input</div>
<div class="output-file"><div class="property-title">output</div>standard output</div></div>
<div><p>A keeper counts the ships of the day and the ships of the night, and wants to know how many passed in all.</p></div>
<div class="input-specification"><div class="section-title">Input</div><p>One line with two numbers.</p></div>
<div class="output-specification"><div class="section-title">Output</div><p>Their sum.</p></div>
<div class="sample-tests"><div class="section-title">Examples</div><div class="sample-test">
<div class="input"><div class="title">Input</div><pre>1 2
</pre></div><div class="output"><div class="title">Output</div><pre>3
</pre></div>
<div class="input"><div class="title">Input</div><pre>20 22
</pre></div><div class="output"><div class="title">Output</div><pre>42
</pre></div></div></div></div></body></html>`
}

// extraction is what a model makes of such a page.
func extraction(description string) any {
	return map[string]any{
		"kind": "batch", "language": "en", "title": "", "description": description,
		"input": "One line with two numbers.", "output": "Their sum.", "constraints": "", "notes": "",
		"tags": []string{}, "time_limit": "", "memory_limit": "", "samples": []any{},
	}
}

// Programs for such a page, as a model answers them.
var (
	rightProgram = program("a, b = map(int, input().split())\nprint(a + b)\n")
	wrongProgram = program("input()\nprint(3)\n")
	noProgram    = program("def f(:\n")
)

func program(code string) any {
	return map[string]any{"mistake": "", "plan": "Add.", "code": code}
}
