package torture

import (
	"os"
	"strings"
	"testing"

	"github.com/go-logr/logr"
	"go.uber.org/goleak"

	"github.com/algoitny/algoitny-operator/internal/execution/agent"
	"github.com/algoitny/algoitny-operator/internal/execution/agent/agenttest"
	"github.com/algoitny/algoitny-operator/internal/execution/local"
	"github.com/algoitny/algoitny-operator/internal/execution/toolchain"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/test/e2e/torture/pod"
)

// runner is cmd/runner as it is deployed.
var runner string

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "torture-")
	if err == nil {
		err = os.Chmod(folder, 0o755)
	}
	if err == nil {
		runner, err = agenttest.Build(folder)
	}
	if err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(folder)
		os.Exit(code)
	}))
}

// sandboxed skips where nothing keeps these programs in.
func sandboxed(t *testing.T) {
	t.Helper()
	err := pod.Available()
	switch {
	case err != nil && required():
		t.Fatal(err)
	case err != nil:
		t.Skip(err)
	}
}

func required() bool { return os.Getenv("ALGOITNY_REQUIRE_TOOLCHAINS") != "" }

func installed(t *testing.T, language string) {
	t.Helper()
	tools, ok := toolchain.Lookup(language)
	if !ok {
		t.Fatalf("%q is no language", language)
	}
	if err := tools.Available(); err != nil && !required() {
		t.Skip(err)
	}
}

// TestUnderBubblewrap runs the corpus as `algoitny demo` would.
func TestUnderBubblewrap(t *testing.T) {
	sandboxed(t)
	judge, err := local.New(local.Options{AgentCommand: []string{runner, agent.Command}, Dir: t.TempDir(), Log: logr.Discard()})
	if err != nil {
		t.Fatal(err)
	}
	all(t, func(t *testing.T, c *Case) *problem.Report {
		t.Helper()
		if c.Name == "fork-bomb-sessions-cpp" && os.Geteuid() == 0 {
			t.Skip("the kernel does not bound the processes of root, and shares the CPU between sessions: this one takes the machine")
		}
		report, err := judge.Run(t.Context(), c.Request())
		if err != nil {
			t.Fatal(err)
		}
		return report
	})
}

// TestInAPodsProcesses runs the corpus by the judge and the agents of a pod.
func TestInAPodsProcesses(t *testing.T) {
	sandboxed(t)
	p := pod.Pod{Runner: runner, GoCache: pod.GoCache(t)}
	all(t, func(t *testing.T, c *Case) *problem.Report {
		t.Helper()
		outcome := p.Judge(t, c.Request())
		for _, err := range outcome.Agents {
			if err != nil {
				t.Error("an agent ended with", err)
			}
		}
		if outcome.ExitCode != 0 || len(outcome.Sockets) > 0 {
			t.Errorf("the judge ended with %d and left %v", outcome.ExitCode, outcome.Sockets)
		}
		return outcome.Report
	})
}

// all runs every case, and after each a program that must be judged rightly.
func all(t *testing.T, judge func(*testing.T, *Case) *problem.Report) {
	t.Helper()
	for _, c := range Cases() {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			installed(t, c.Language)
			report := judge(t, &c)
			if err := Check(&c, report); err != nil {
				t.Error(err)
			}
			if report != nil && report.SandboxLost {
				t.Error("the program has ended its sandbox")
			}
			if err := Check(Plain(), judge(t, Plain())); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestTheCorpusIsWhole(t *testing.T) {
	used := map[string]bool{}
	for _, c := range Cases() {
		if used[c.Name] || c.Source == "" || c.Language == "" || len(c.Want) == 0 || c.Why == "" || len(c.WantTests) > len(c.Tests) {
			t.Errorf("%s: %+v", c.Name, c)
		}
		if strings.Contains(c.Source, secret) {
			t.Errorf("%s has the answer", c.Name)
		}
		used[c.Name] = true
	}
	entries, err := files.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !used[strings.ReplaceAll(e.Name(), ".", "-")] {
			t.Errorf("%s is in no case", e.Name())
		}
	}
}

func TestCheckFindsWhatIsWrong(t *testing.T) {
	c := Plain()
	right := problem.Report{Verdict: problem.Accepted, Passed: 2, Total: 2, Tests: []problem.TestResult{{Verdict: problem.Accepted}, {Verdict: problem.Accepted}}}
	if err := Check(c, &right); err != nil {
		t.Error(err)
	}
	other, short, mixed := right, right, right
	other.Verdict = problem.JudgeError
	short.Tests = right.Tests[:1]
	mixed.Tests = []problem.TestResult{{Verdict: problem.Accepted}, {Verdict: problem.WrongAnswer}}
	for name, r := range map[string]*problem.Report{"no report": nil, "another verdict": &other, "a test that was not run": &short, "a test's verdict": &mixed} {
		if Check(c, r) == nil {
			t.Errorf("%s is taken for right", name)
		}
	}
}
