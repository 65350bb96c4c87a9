package corpus_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/execution/agent/agenttest"
	"github.com/algoitny/algoitny-operator/internal/execution/local"
	"github.com/algoitny/algoitny-operator/internal/pipeline/pipelinetest"
	"github.com/algoitny/algoitny-operator/internal/pipeline/testgen"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

func TestMain(m *testing.M) { agenttest.Run(m) }

// measured is a suite and how it judges the programs of its problem.
type measured struct {
	output *testgen.Output
	// passed and rejected are right verdicts, of so many programs. bySamples
	// are the wrong programs that the samples alone reject.
	passed, accepted           int
	rejected, wrong, bySamples int
	// misjudged names the others.
	misjudged []string
	took      time.Duration
}

func newRunner(tb testing.TB) *local.Runner {
	tb.Helper()
	runner, err := local.New(local.Options{AgentCommand: agenttest.Command(tb), Dir: tb.TempDir(), Log: logr.Discard()})
	if err != nil {
		tb.Fatal(err)
	}
	return runner
}

// Mutants of each solution: those of a TestSuite in the benchmark, fewer in the
// test, which is to be quick.
const (
	allMutants = int(v1alpha1.DefaultSuiteMutants)
	fewMutants = 12
)

// makeSuite has the suite of a problem made from its transcripts.
func makeSuite(tb testing.TB, runner *local.Runner, p *problem.Problem, mutants int) *testgen.Output {
	tb.Helper()
	wire := pipelinetest.Replay(tb, os.DirFS("transcripts"))
	maker := testgen.Maker{Ledger: wire.Ledger(), Workshop: runner}
	output, err := maker.Make(tb.Context(), testgen.Input{
		Key: "corpus/1/suite", Provider: wire.Provider(), Problem: p, MaxAttempts: 3,
		Rounds: int(v1alpha1.DefaultSuiteRounds), Mutants: mutants,
	}, func(testgen.Output) {})
	if err != nil {
		tb.Fatalf("%s: %v\n%+v", p.ID, err, output.Report)
	}
	return output
}

// measure judges every program of a problem with a suite made for it.
func measure(tb testing.TB, folder string, p *problem.Problem, mutants int) *measured {
	tb.Helper()
	runner, start := newRunner(tb), time.Now()
	m := &measured{output: makeSuite(tb, runner, p, mutants)}
	m.took = time.Since(start)
	for _, file := range globbed(tb, folder, "accepted") {
		m.accepted++
		if report := judged(tb, runner, file, &m.output.Suite); report.Verdict == problem.Accepted {
			m.passed++
		} else {
			m.misjudged = append(m.misjudged, fmt.Sprintf("%s got %s on %s", file, report.Verdict, report.FirstFailure().Name))
		}
	}
	for _, label := range wrong {
		for _, file := range globbed(tb, folder, label) {
			m.wrong++
			failure := judged(tb, runner, file, &m.output.Suite).FirstFailure()
			switch {
			case failure == nil:
				m.misjudged = append(m.misjudged, file+" passed")
				continue
			case m.output.Suite.Test(failure.Name).Kind == problem.TestSample:
				m.bySamples++
			}
			m.rejected++
		}
	}
	return m
}

func globbed(tb testing.TB, folder, label string) []string {
	tb.Helper()
	files, err := filepath.Glob(filepath.Join(folder, label, "*"))
	if err != nil {
		tb.Fatal(err)
	}
	return files
}

// judged runs a program until the first test that it fails; the samples come
// first.
func judged(tb testing.TB, runner *local.Runner, file string, suite *problem.Suite) *problem.Report {
	tb.Helper()
	source, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	language := map[string]string{".py": "python", ".cpp": "cpp"}[filepath.Ext(file)]
	req := execution.Request{Key: file, Language: language, Source: string(source), StopAtFirst: true}
	req.Use(suite)
	report, err := runner.Run(tb.Context(), req)
	if err != nil {
		tb.Fatal(err)
	}
	if report.Verdict != problem.Accepted && report.FirstFailure() == nil {
		tb.Fatalf("%s: %s: %s", file, report.Verdict, report.CompileLog)
	}
	return report
}

// made counts the tests before the smallest suite was kept.
func made(o *testgen.Output) int {
	n := 0
	for _, count := range o.Report.Made {
		n += count
	}
	return n
}

// add sums the counts of several problems up.
func (m *measured) add(o *measured) {
	m.passed, m.accepted = m.passed+o.passed, m.accepted+o.accepted
	m.rejected, m.wrong, m.bySamples = m.rejected+o.rejected, m.wrong+o.wrong, m.bySamples+o.bySamples
}

// A suite made without ever having seen a labelled program judges them all
// right. One problem stands for the others here; the benchmark has them all.
func TestASuiteJudgesTheLabelledProgramsRightly(t *testing.T) {
	const folder = "festival-stage"
	m := measure(t, folder, load(t, folder), fewMutants)
	if m.passed != m.accepted || m.rejected != m.wrong || m.wrong == 0 {
		t.Errorf("TPR %d/%d, TNR %d/%d: %q", m.passed, m.accepted, m.rejected, m.wrong, m.misjudged)
	}
	if kept, all := len(m.output.Suite.Tests), made(m.output); float64(kept) > mostKept*float64(all) {
		t.Errorf("%d of %d tests were kept", kept, all)
	}
}

// mostKept is the part of the tests made that the smallest suite may have.
const mostKept = 0.25

// BenchmarkSuites makes the suite of every problem of the corpus through the
// replay model and judges every labelled program with it.
func BenchmarkSuites(b *testing.B) {
	for b.Loop() {
		var sum measured
		kept, all, score := 0, 0, 0.0
		problems := folders(b)
		for _, folder := range problems {
			m := measure(b, folder, load(b, folder), allMutants)
			sum.add(m)
			r := &m.output.Report
			kept, all, score = kept+len(m.output.Suite.Tests), all+made(m.output), score+r.Mutants.Score()
			// A benchmark's log comes at its end, which is too late for so long.
			fmt.Printf("%-18s %5.1fs  TPR %d/%d  TNR %2d/%2d (samples alone %d)  tests %d of %d  mutants %d/%d killed, %d equivalent, %d survived %s\n",
				folder, m.took.Seconds(), m.passed, m.accepted, m.rejected, m.wrong, m.bySamples, len(m.output.Suite.Tests), made(m.output),
				r.Mutants.Killed, r.Mutants.Made, r.Mutants.Equivalent, r.Mutants.Survived, strings.Join(m.misjudged, ", "))
		}
		b.ReportMetric(100*float64(sum.passed)/float64(sum.accepted), "TPR-%")
		b.ReportMetric(100*float64(sum.rejected)/float64(sum.wrong), "TNR-%")
		b.ReportMetric(100*float64(sum.bySamples)/float64(sum.wrong), "samples-TNR-%")
		b.ReportMetric(100*float64(kept)/float64(all), "kept-%")
		b.ReportMetric(100*score/float64(len(problems)), "mutation-%")
	}
}
