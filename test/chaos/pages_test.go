package chaos_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// judges are hosts with the problems' pages. There are several because the
// operator asks each only once a second.
const judges = 12

// pages serves the same pages at every judge.
type pages struct {
	port   string
	sky    *sky
	faults *gremlin

	mu     sync.Mutex
	bodies map[string]string
}

func newPages(t *testing.T, s *sky) *pages {
	t.Helper()
	listener, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &pages{
		port: strconv.Itoa(listener.Addr().(*net.TCPAddr).Port), sky: s,
		faults: newGremlin("pages"), bodies: map[string]string{},
	}
	server := &http.Server{Handler: p, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return p
}

// host is one of the judges; all of 127.0.0.0/8 is this machine.
func (p *pages) host(n int) string { return fmt.Sprintf("127.0.0.%d:%s", 1+n%judges, p.port) }

func (p *pages) hosts() string {
	var all []string
	for n := range judges {
		all = append(all, p.host(n))
	}
	return strings.Join(all, ",")
}

// put serves a page under an id, and returns its address at the nth judge.
func (p *pages) put(n int, id, body string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bodies["/"+id] = body
	return "http://" + p.host(n) + "/" + id
}

// The faults of the judges.
const (
	pageBusy fault = "page: 503"
	pageCut  fault = "page: cut"
)

func (p *pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch p.faults.strike(p.sky.now().models/2, pageBusy, pageCut) {
	case pageBusy:
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	case pageCut:
		panic(http.ErrAbortHandler)
	}
	p.mu.Lock()
	body, ok := p.bodies[r.URL.Path]
	p.mu.Unlock()
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = io.WriteString(w, body)
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
