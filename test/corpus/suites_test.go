package corpus_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/execution/agent"
	"github.com/algoitny/algoitny-operator/internal/execution/local"
	"github.com/algoitny/algoitny-operator/internal/pipeline"
	"github.com/algoitny/algoitny-operator/internal/pipeline/pipelinetest"
	"github.com/algoitny/algoitny-operator/internal/pipeline/testgen"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// TestMain lets this program be the agent.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && agent.IsCommand(os.Args[1]) {
		os.Exit(agent.Main(os.Args[1:]))
	}
	os.Exit(m.Run())
}

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
	runner, err := local.New(local.Options{AgentCommand: []string{os.Args[0], agent.Command}, Dir: tb.TempDir(), Log: logr.Discard()})
	if err != nil {
		tb.Fatal(err)
	}
	return runner
}

// make has the suite of a problem made from its transcripts.
func makeSuite(tb testing.TB, runner *local.Runner, p *problem.Problem) *testgen.Output {
	tb.Helper()
	wire := pipelinetest.Replay(tb, os.DirFS("transcripts"))
	maker := testgen.Maker{Ledger: wire.Ledger(), Workshop: runner}
	stage, since := "", time.Now()
	output, err := maker.Make(tb.Context(), testgen.Input{
		Key: "corpus/1/suite", Provider: wire.Provider(), Problem: p, MaxAttempts: 3, Rounds: 3, Mutants: 40,
	}, func(o testgen.Output) {
		if os.Getenv("CORPUS_TRACE") != "" && o.Report.Stage != stage {
			fmt.Printf("%6.1fs %s\n", time.Since(since).Seconds(), stage)
			stage, since = o.Report.Stage, time.Now()
		}
	})
	if err != nil {
		tb.Fatalf("%s: %v\n%+v", p.ID, err, output.Report)
	}
	return output
}

// measure judges every program of a problem with a suite made for it.
func measure(tb testing.TB, folder string, p *problem.Problem) *measured {
	tb.Helper()
	runner, start := newRunner(tb), time.Now()
	m := &measured{output: makeSuite(tb, runner, p)}
	m.took = time.Since(start)
	samples := m.output.Suite
	samples.Tests = samples.Tests[:len(p.Samples)]
	for _, file := range globbed(tb, folder, "accepted") {
		m.accepted++
		if verdict := judged(tb, runner, file, &m.output.Suite); verdict == problem.Accepted {
			m.passed++
		} else {
			m.misjudged = append(m.misjudged, fmt.Sprintf("%s got %s", file, verdict))
		}
	}
	for _, label := range wrong {
		for _, file := range globbed(tb, folder, label) {
			m.wrong++
			if judged(tb, runner, file, &samples) != problem.Accepted {
				m.bySamples++
			}
			if judged(tb, runner, file, &m.output.Suite) != problem.Accepted {
				m.rejected++
			} else {
				m.misjudged = append(m.misjudged, file+" passed")
			}
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

func judged(tb testing.TB, runner *local.Runner, file string, suite *problem.Suite) problem.Verdict {
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
	return report.Verdict
}

// made counts the tests before the smallest suite was kept.
func made(o *testgen.Output) int {
	n := 0
	for _, count := range o.Report.Made {
		n += count
	}
	return n
}

func TestOne(t *testing.T) {
	folder := os.Getenv("CORPUS_ONE")
	if folder == "" {
		t.Skip()
	}
	for _, folder := range strings.Split(folder, ",") {
		m := measure(t, folder, load(t, folder))
		r := m.output.Report
		t.Logf("%s: %s: TPR %d/%d TNR %d/%d (samples %d) tests %d of %d, mutants %+v score %.3f rounds %v leftout %q attempts %v slowest %v near %v",
			folder, m.took, m.passed, m.accepted, m.rejected, m.wrong, m.bySamples, len(m.output.Suite.Tests), made(m.output),
			r.Mutants, r.Mutants.Score(), r.Rounds, r.LeftOut, r.Attempts, r.Slowest, r.Near)
		t.Logf("misjudged %q", m.misjudged)
	}
	_ = pipeline.SampleName
}
