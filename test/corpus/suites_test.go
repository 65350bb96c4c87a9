package corpus_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
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

// figures count how programs were judged.
type figures struct {
	// passed and rejected are right verdicts, of so many programs. bySamples
	// are the wrong programs that the samples alone reject.
	passed, accepted           int
	rejected, wrong, bySamples int
	// kept are the tests of the smallest suite, of those made.
	kept, made int
	// score sums the mutation scores of so many problems up.
	score    float64
	problems int
}

// measured is a suite and how it judges the programs of its problem.
type measured struct {
	figures
	output *testgen.Output
	// misjudged names the programs with a wrong verdict.
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
	m.kept, m.made = len(m.output.Suite.Tests), made(m.output)
	m.score, m.problems = m.output.Report.Mutants.Score(), 1
	for _, file := range globbed(tb, folder, accepted) {
		m.right(file, judged(tb, runner, file, &m.output.Suite))
	}
	for _, label := range wrong {
		for _, file := range globbed(tb, folder, label) {
			m.mistaken(file, judged(tb, runner, file, &m.output.Suite))
		}
	}
	return m
}

// right counts a program that should pass.
func (m *measured) right(file string, report *problem.Report) {
	m.accepted++
	if failure := report.FirstFailure(); failure != nil {
		m.misjudged = append(m.misjudged, fmt.Sprintf("%s got %s on %s", file, failure.Verdict, failure.Name))
		return
	}
	m.passed++
}

// mistaken counts a program that should not.
func (m *measured) mistaken(file string, report *problem.Report) {
	m.wrong++
	failure := report.FirstFailure()
	if failure == nil {
		m.misjudged = append(m.misjudged, file+" passed")
		return
	}
	m.rejected++
	if m.output.Suite.Test(failure.Name).Kind == problem.TestSample {
		m.bySamples++
	}
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
func (f *figures) add(o figures) {
	f.passed, f.accepted = f.passed+o.passed, f.accepted+o.accepted
	f.rejected, f.wrong, f.bySamples = f.rejected+o.rejected, f.wrong+o.wrong, f.bySamples+o.bySamples
	f.kept, f.made = f.kept+o.kept, f.made+o.made
	f.score, f.problems = f.score+o.score, f.problems+o.problems
}

// report prints the figures as a benchmark does.
func (f *figures) report(b *testing.B) {
	b.ReportMetric(percent(f.passed, f.accepted), "TPR-%")
	b.ReportMetric(percent(f.rejected, f.wrong), "TNR-%")
	b.ReportMetric(percent(f.bySamples, f.wrong), "samples-TNR-%")
	b.ReportMetric(percent(f.kept, f.made), "kept-%")
	b.ReportMetric(100*f.score/float64(max(f.problems, 1)), "mutation-%")
}

func percent(part, of int) float64 { return 100 * float64(part) / float64(max(of, 1)) }

// A suite made without ever having seen a labelled program judges them all
// right. One problem stands for the others here; the benchmark has them all.
func TestASuiteJudgesTheLabelledProgramsRightly(t *testing.T) {
	const folder = "festival-stage"
	m := measure(t, folder, load(t, folder), fewMutants)
	if m.passed != m.accepted || m.rejected != m.wrong || m.wrong == 0 {
		t.Errorf("TPR %d/%d, TNR %d/%d: %q", m.passed, m.accepted, m.rejected, m.wrong, m.misjudged)
	}
	if percent(m.kept, m.made) > mostKept {
		t.Errorf("%d of %d tests were kept", m.kept, m.made)
	}
}

// mostKept is the part of the tests made, in percent, that the smallest suite
// may have.
const mostKept = 25

// BenchmarkSuites makes the suite of every problem of the corpus through the
// replay model and judges every labelled program with it. Where
// ALGOITNY_SUITES names a folder, the suites are written there for
// `algoitny evaluate`.
func BenchmarkSuites(b *testing.B) {
	var sum figures
	for _, folder := range folders(b) {
		b.Run(folder, func(b *testing.B) {
			for b.Loop() {
				m := measure(b, folder, load(b, folder), allMutants)
				m.report(b)
				sum.add(m.figures)
				write(b, folder, &m.output.Suite)
				mutants := &m.output.Report.Mutants
				b.Logf("suite made in %.1f s; TPR %d/%d, TNR %d/%d (samples alone %d); %d of %d tests kept; %d mutants: %d killed, %d equivalent, %d survived; misjudged: %q",
					m.took.Seconds(), m.passed, m.accepted, m.rejected, m.wrong, m.bySamples, m.kept, m.made,
					mutants.Made, mutants.Killed, mutants.Equivalent, mutants.Survived, m.misjudged)
			}
		})
	}
	b.Run("all", func(b *testing.B) {
		for b.Loop() {
			sum.report(b)
		}
		b.Logf("%d problems: TPR %d/%d, TNR %d/%d", sum.problems, sum.passed, sum.accepted, sum.rejected, sum.wrong)
	})
}

// write leaves a suite where somebody wants to have it.
func write(b *testing.B, name string, suite *problem.Suite) {
	b.Helper()
	folder := os.Getenv("ALGOITNY_SUITES")
	if folder == "" {
		return
	}
	raw, err := json.Marshal(suite)
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, name+".json"), raw, 0o600)
	}
	if err != nil {
		b.Fatal(err)
	}
}
