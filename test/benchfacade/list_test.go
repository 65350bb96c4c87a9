package benchfacade_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"os/exec"
	"regexp"
	"strings"
)

// listPath is what the frontend asks for first.
const listPath = "/api/problems?limit=20"

// The bounds.
const (
	leastOfBare = 0.7
	leastOfSDK  = 0.8
)

// repeats is how often a load is run, in turn with what it is compared to:
// others work on the same machine.
const repeats = 5

// codings are those that answers come in.
var codings = []string{"identity", "gzip", "zstd"}

// cachedList compares the cached list with a server that does nothing else.
func cachedList(w *world, s *sheet) {
	f := w.facade("cached")
	f.settle()
	s.note("start until ready", "%s with %s problems and as many Problems; %s of CPU until all is read", brief(f.ready), grouped(float64(*problems)), brief(f.cpu()))
	s.note("memory after the start", "%s, at most %s", megabytes(f.memory("VmRSS")), megabytes(f.memory("VmHWM")))
	other, address := w.bareServer(s, f)
	for _, coding := range codings {
		w.compare(s, f, other, address, coding)
	}
	w.apache(s, f)
	s.note("memory after that", "%s, at most %s", megabytes(f.memory("VmRSS")), megabytes(f.memory("VmHWM")))
	other.dismiss()
	f.end()
}

// bareServer is one that answers with the very bodies that a facade does.
func (w *world) bareServer(s *sheet, f *facade) (server *actor, address string) {
	w.b.Helper()
	order := bareOrder{}
	var sizes []string
	for _, coding := range codings {
		order[coding] = w.get(f.address, listPath, coding)
		sizes = append(sizes, coding+" "+grouped(float64(len(order[coding]))))
	}
	if s != nil {
		s.note("bytes of a list of 20", "%s", strings.Join(sizes, ", "))
	}
	server = w.actor(&w.cores.server, "bare", order)
	server.hear(&address)
	return server, address
}

// compare runs the facade and the bare server in turn.
func (w *world) compare(s *sheet, f *facade, other *actor, bare, coding string) {
	var ours, theirs []run
	for range repeats {
		ours = append(ours, w.wrk(f.process, f.address, load(), coding, listPath))
		theirs = append(theirs, w.wrk(other.process, bare, load(), coding, "/"+coding))
	}
	a, b := middle(ours), middle(theirs)
	w.say("facade %s; bare %s (%s)", rates(ours), rates(theirs), coding)
	name := "cached list, " + coding + ": rate to that of bare net/http"
	is := fmt.Sprintf("%.2f (%s of %s a second)", a.rate/b.rate, grouped(a.rate), grouped(b.rate))
	if coding == "identity" {
		s.must(a.failed == 0 && a.rate >= leastOfBare*b.rate, name, fmt.Sprintf("≥ %.1f", leastOfBare), "%s", is)
	} else {
		s.note(name, "%s", is)
	}
	s.note("  facade", "%s", a)
	s.note("  bare net/http", "%s", b)
}

// apache runs the command with which the old backend was measured.
func (w *world) apache(s *sheet, f *facade) {
	const name = "ab -n 2000 -c 10"
	if _, err := exec.LookPath("ab"); err != nil {
		s.note(name, "ab is missing; install it: apt-get install apache2-utils")
		return
	}
	out, err := exec.Command("ab", "-n", "2000", "-c", "10", "http://"+f.address+listPath).CombinedOutput()
	if err != nil {
		w.b.Fatalf("ab: %v: %s", err, out)
	}
	field := func(pattern string) string {
		found := regexp.MustCompile(pattern).FindSubmatch(out)
		if found == nil {
			w.b.Fatalf("ab said something else than was expected: %s", out)
		}
		return string(found[1])
	}
	s.note(name+" on the cached list", "%s requests/s, p99 %s ms, %s failed", field(`Requests per second: +([\d.]+)`), field(` 99% +(\d+)`), field(`Failed requests: +(\d+)`))
	s.note("  the old backend", "350 to 400 requests/s, p99 47 to 64 ms; with its cache 2,000 requests/s (Django on ASGI, 2 workers, the same engine)")
}

// uncached compares a facade that keeps no answers with the SDK alone.
func uncached(w *world, s *sheet) {
	f := w.facade("uncached", "--cache-bytes=-1")
	f.settle()
	lists := variedLists(400)
	var plain, varied, query []run
	for range repeats {
		plain = append(plain, w.wrk(f.process, f.address, load(), "identity", listPath))
		varied = append(varied, w.wrk(f.process, f.address, load(), "identity", lists...))
		query = append(query, w.sdk("list", load()))
	}
	w.say("plain %s; varied %s; SDK %s", rates(plain), rates(varied), rates(query))
	q := middle(query)
	for _, of := range []struct {
		name string
		runs []run
	}{{"uncached list", plain}, {"uncached lists with filters and orders", varied}} {
		r := middle(of.runs)
		s.must(r.failed == 0 && r.rate >= leastOfSDK*q.rate, of.name+": rate to that of the SDK's own Query", fmt.Sprintf("≥ %.1f", leastOfSDK),
			"%.2f (%s of %s a second)", r.rate/q.rate, grouped(r.rate), grouped(q.rate))
		s.note("  facade", "%s", r)
	}
	s.note("  SDK", "%s", q)
	w.oneProblem(s, f)
	f.end()
}

// oneProblem reads what no list has: it goes to the table.
func (w *world) oneProblem(s *sheet, f *facade) {
	var paths []string
	for range 2000 {
		c := w.contents[rand.IntN(len(w.contents))]
		paths = append(paths, "/api/problems/"+c.Platform+"/"+url.PathEscape(c.ID))
	}
	var ours, theirs []run
	for range repeats {
		ours = append(ours, w.wrk(f.process, f.address, load(), "identity", paths...))
		theirs = append(theirs, w.sdk("problem", load()))
	}
	w.say("one problem %s; SDK %s", rates(ours), rates(theirs))
	a, b := middle(ours), middle(theirs)
	s.note("one problem, uncached: rate to that of the SDK's own 3 requests", "%.2f (%s of %s a second)", a.rate/b.rate, grouped(a.rate), grouped(b.rate))
	s.note("  facade", "%s", a)
	s.note("  SDK", "%s", b)
}

// variedLists are queries as people make them: most have a filter or two, and
// an order.
func variedLists(count int) []string {
	dice := rand.New(rand.NewPCG(3, 4))
	some := func(of int, name, value string, into url.Values) {
		if dice.IntN(of) == 0 {
			into.Set(name, value)
		}
	}
	var out []string
	for range count {
		query := url.Values{"limit": {"20"}}
		some(3, "platform", []string{"codeforces", "baekjoon", "cses"}[dice.IntN(3)], query)
		some(3, "tag", tags[dice.IntN(len(tags))], query)
		some(4, "language", []string{"python", "cpp", "go"}[dice.IntN(3)], query)
		some(4, "min_rating", fmt.Sprint(800+100*dice.IntN(10)), query)
		some(4, "max_rating", fmt.Sprint(1800+100*dice.IntN(10)), query)
		some(6, "state", "ready", query)
		some(4, "q", words[dice.IntN(len(words))], query)
		some(2, "sort", []string{"title", "-title", "rating", "-rating", "updated", "-updated", "-cost", "-key"}[dice.IntN(8)], query)
		out = append(out, "/api/problems?"+query.Encode())
	}
	return out
}
