package benchfacade_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// run is what wrk says of one run.
type run struct {
	// rate is in answers a second.
	rate     float64
	requests int
	p50, p99 time.Duration
	// failed are requests without a good answer.
	failed int
	// cpu is what one answer took of the server's processor time.
	cpu time.Duration
}

// script has wrk tell its numbers in one line, and ask for the addresses of a
// file one after the other where there is one.
const script = `
local requests, at = {}, 0
function init(args)
  if args[1] then
    for line in io.lines(args[1]) do requests[#requests + 1] = wrk.format("GET", line) end
    request = function()
      at = at % #requests + 1
      return requests[at]
    end
  end
end
function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("report %d %d %d %d %d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), e.connect + e.read + e.write + e.status + e.timeout))
end
`

// connections are kept alive, as those of a proxy are.
const connections = 16

// wrk sends as many requests as come back for a while; paths may be one or many.
func (w *world) wrk(server *process, address string, duration time.Duration, encoding string, paths ...string) run {
	w.b.Helper()
	return w.wrkOver(connections, server, address, duration, encoding, paths...)
}

// wrkOver does it over as many connections.
func (w *world) wrkOver(connections int, server *process, address string, duration time.Duration, encoding string, paths ...string) run {
	w.b.Helper()
	lua := filepath.Join(w.b.TempDir(), "report.lua")
	w.must(os.WriteFile(lua, []byte(script), 0o600))
	arguments := []string{
		"-t1", fmt.Sprintf("-c%d", connections), fmt.Sprintf("-d%.0fs", duration.Seconds()), "-s", lua,
		"-H", "Accept-Encoding: " + encoding, "http://" + address + paths[0],
	}
	if len(paths) > 1 {
		list := filepath.Join(w.b.TempDir(), "paths")
		w.must(os.WriteFile(list, []byte(strings.Join(paths, "\n")), 0o600))
		arguments = append(arguments, "--", list)
	}
	var errs bytes.Buffer
	command := exec.Command("wrk", arguments...)
	command.Stderr = &errs
	before := server.cpu()
	out, err := command.Output()
	if err != nil {
		w.b.Fatalf("wrk: %v: %s%s", err, out, errs.Bytes())
	}
	r, err := reported(string(out))
	w.must(err)
	if r.requests > 0 {
		r.cpu = (server.cpu() - before) / time.Duration(r.requests)
	}
	return r
}

func reported(out string) (run, error) {
	_, line, ok := strings.Cut(out, "report ")
	var r run
	var micros, p50, p99 int64
	if _, err := fmt.Sscanf(line, "%d %d %d %d %d", &r.requests, &micros, &p50, &p99, &r.failed); !ok || err != nil || micros == 0 {
		return run{}, errors.New("wrk said something else than was expected: " + out)
	}
	r.rate = float64(r.requests) / (float64(micros) / 1e6)
	r.p50, r.p99 = time.Duration(p50)*time.Microsecond, time.Duration(p99)*time.Microsecond
	return r, nil
}

// middle is the median of each number of several runs.
func middle(runs []run) run {
	var out run
	var rates []float64
	var p50, p99, cpu []time.Duration
	for _, r := range runs {
		rates, p50, p99, cpu = append(rates, r.rate), append(p50, r.p50), append(p99, r.p99), append(cpu, r.cpu)
		out.failed += r.failed
		out.requests += r.requests
	}
	out.rate, out.p50, out.p99, out.cpu = median(rates), median(p50), median(p99), median(cpu)
	return out
}

func (r run) String() string {
	out := fmt.Sprintf("p50 %s, p99 %s, %d failed", brief(r.p50), brief(r.p99), r.failed)
	if r.cpu > 0 {
		out += ", " + brief(r.cpu) + " of CPU a request"
	}
	return out
}

// rates are those of several runs, for who wonders about the noise.
func rates(runs []run) string {
	var out []string
	for _, r := range runs {
		out = append(out, grouped(r.rate))
	}
	return strings.Join(out, " ")
}
