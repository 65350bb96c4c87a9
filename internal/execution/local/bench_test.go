package local

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

const sumInCpp = "#include <cstdio>\nint main() { long a, b; scanf(\"%ld%ld\", &a, &b); printf(\"%ld\\n\", a + b); }\n"

// BenchmarkJudgedTest is what one test costs beyond the program itself, which
// is run bare for comparison. Compiling does not count.
func BenchmarkJudgedTest(b *testing.B) {
	bare := bareTime(b)
	for mode, runner := range runners(b) {
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
