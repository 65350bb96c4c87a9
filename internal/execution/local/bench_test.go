package local

import (
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/execution/agent"
	"github.com/algoitny/algoitny-operator/internal/execution/agent/agenttest"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

const sumInCpp = "#include <cstdio>\nint main() { long a, b; scanf(\"%ld%ld\", &a, &b); printf(\"%ld\\n\", a + b); }\n"

// BenchmarkJudgedTest is what one test costs beyond the program itself, which
// is run bare for comparison. Compiling does not count.
func BenchmarkJudgedTest(b *testing.B) {
	bare := bareTime(b)
	for mode, runner := range deployed(b) {
		b.Run(mode, func(b *testing.B) {
			first := judged(b, runner, 1)
			took := judged(b, runner, 1+b.N) - first
			each := took / time.Duration(b.N)
			b.ReportMetric(float64(each.Microseconds()), "µs/test")
			b.ReportMetric(float64(bare.Microseconds()), "µs-bare/test")
			b.ReportMetric(float64((each - bare).Microseconds()), "µs-overhead/test")
		})
	}
}

// tenMillis burns 10 ms of CPU time from its beginning.
const tenMillis = "#include <ctime>\nint main() { clock_t began = clock(); while (clock() - began < CLOCKS_PER_SEC / 100); }\n"

// BenchmarkJudgingTenMillisecondPrograms is what 50 tests of a program that takes
// 10 ms take, compared with what the program itself takes: the ratio is to be
// below 1.3. Compiling does not count.
func BenchmarkJudgingTenMillisecondPrograms(b *testing.B) {
	const tests, rounds = 50, 5
	for mode, runner := range deployed(b) {
		b.Run(mode, func(b *testing.B) {
			ratio := math.Inf(1)
			for b.Loop() {
				for range rounds {
					took, own := running(b, runner, tests)
					// What else goes on here only ever adds to it.
					ratio = min(ratio, float64(took)/float64(own))
				}
			}
			b.ReportMetric(ratio, "×own-time")
		})
	}
}

// clock is an empty content that takes note of when it is first asked for: the
// program is compiled by then.
type clock struct{ first time.Time }

// Open implements execution.Content.
func (c *clock) Open() (io.ReadCloser, error) {
	if c.first.IsZero() {
		c.first = time.Now()
	}
	return execution.Text("").Open()
}

// running is the time that n tests take, and the program's own in it.
func running(b *testing.B, runner *Runner, n int) (took, own time.Duration) {
	b.Helper()
	start := &clock{}
	tests := make([]execution.Test, n)
	for i := range tests {
		tests[i] = execution.Test{Name: "burn", Input: start, Answer: start}
	}
	report, err := runner.Run(b.Context(), execution.Request{Language: "cpp", Source: tenMillis, Tests: tests, Limits: limits})
	if err != nil || report.Verdict != problem.Accepted {
		b.Fatal(report, err)
	}
	took = time.Since(start.first)
	for i := range report.Tests {
		own += report.Tests[i].Wall
	}
	return took, own
}

// deployed are runners whose agent is the one that is deployed, and not this
// test program.
func deployed(b *testing.B) map[string]*Runner {
	b.Helper()
	path, err := agenttest.Build(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	all := runners(b)
	for _, runner := range all {
		runner.o.AgentCommand = []string{path, agent.Command}
	}
	return all
}

// judged is the time of a whole judging on n tests.
func judged(b *testing.B, runner *Runner, n int) time.Duration {
	b.Helper()
	tests := make([]execution.Test, n)
	for i := range tests {
		tests[i] = sum[0]
	}
	started := time.Now()
	report, err := runner.Run(b.Context(), execution.Request{Language: "cpp", Source: sumInCpp, Tests: tests, Limits: limits})
	if err != nil || report.Verdict != problem.Accepted {
		b.Fatal(report, err)
	}
	return time.Since(started)
}

func bareTime(b *testing.B) time.Duration {
	b.Helper()
	folder := b.TempDir()
	source, program := filepath.Join(folder, "main.cpp"), filepath.Join(folder, "main")
	if err := os.WriteFile(source, []byte(sumInCpp), 0o600); err != nil {
		b.Fatal(err)
	}
	if out, err := exec.Command("g++", "-O2", "-o", program, source).CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	const runs = 100
	started := time.Now()
	for range runs {
		cmd := exec.Command(program)
		cmd.Stdin = strings.NewReader(string(sum[0].Input.(execution.Text)))
		if out, err := cmd.Output(); err != nil || execution.Text(out) != sum[0].Answer {
			b.Fatal(string(out), err)
		}
	}
	return time.Since(started) / runs
}
