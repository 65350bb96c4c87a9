package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/execution/agent"
	"github.com/algoitny/algoitny-operator/internal/execution/agent/agenttest"
	"github.com/algoitny/algoitny-operator/internal/execution/toolchain"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/test/e2e/torture/pod"
)

// runner is this program, built as it is deployed.
var runner string

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "runner-")
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

func pods(t testing.TB) pod.Pod {
	t.Helper()
	if err := pod.Available(); err != nil {
		if os.Getenv("ALGOITNY_REQUIRE_TOOLCHAINS") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	return pod.Pod{Runner: runner}
}

func adding(language, source string) execution.Request {
	return execution.Request{
		Key: "uid/1/solve/1", Language: language, Source: source, Limits: problem.Limits{Time: time.Second, MemoryBytes: 128 << 20},
		Tests: []execution.Test{
			{Name: "one", Input: execution.Text("1 2\n"), Answer: execution.Text("3\n")},
			{Name: "two", Input: execution.Text("20 22\n"), Answer: execution.Text("42\n")},
			{Name: "three", Input: execution.Text("0 0\n"), Answer: execution.Text("0\n")},
		},
	}
}

const addInPython = "a, b = map(int, input().split())\nprint(a + b)\n"

var programs = map[string]string{
	"python": addInPython,
	"pypy":   addInPython,
	"cpp":    "#include <iostream>\nint main() { long a, b; std::cin >> a >> b; std::cout << a + b; }\n",
	"go":     "package main\n\nimport \"fmt\"\n\nfunc main() {\n\tvar a, b int\n\tfmt.Scan(&a, &b)\n\tfmt.Println(a + b)\n}\n",
	"java":   "public class Main { public static void main(String[] x) { var s = new java.util.Scanner(System.in); System.out.println(s.nextInt() + s.nextInt()); } }\n",
}

// TestEveryLanguageIsJudgedWithAReadOnlyRoot also has Go compile with a cache
// that it cannot write, made as hack/image-prepare.sh does.
func TestEveryLanguageIsJudgedWithAReadOnlyRoot(t *testing.T) {
	p := pods(t)
	p.GoCache = pod.GoCache(t)
	for _, name := range toolchain.Names() {
		t.Run(name, func(t *testing.T) {
			tools, _ := toolchain.Lookup(name)
			if err := tools.Available(); err != nil && os.Getenv("ALGOITNY_REQUIRE_TOOLCHAINS") == "" {
				t.Skip(err)
			}
			outcome := p.Judge(t, adding(name, programs[name]))
			if outcome.Report == nil || outcome.Report.Verdict != problem.Accepted || outcome.Report.SandboxLost {
				t.Fatalf("got %+v", outcome.Report)
			}
			t.Logf("%+v, the judge took %d KiB", outcome.Receipt.Phases, outcome.MaxRSS>>10)
			if len(outcome.Sockets) > 0 || fmt.Sprint(outcome.Agents) != "[<nil> <nil>]" {
				t.Errorf("left %v, the agents ended with %v", outcome.Sockets, outcome.Agents)
			}
		})
	}
}

// repeated is a content of many lines that are nowhere.
type repeated struct {
	line  string
	times int
}

func (r repeated) Open() (io.ReadCloser, error) {
	readers := make([]io.Reader, r.times)
	for i := range readers {
		readers[i] = strings.NewReader(r.line)
	}
	return io.NopCloser(io.MultiReader(readers...)), nil
}

// TestAJudgeHoldsNoTestInMemory: 20 MB in and 20 MB out, of which the judge
// could hold neither within the bound.
func TestAJudgeHoldsNoTestInMemory(t *testing.T) {
	const size = 20 << 20
	big := repeated{strings.Repeat("0123456789abcde\n", 64), size >> 10}
	req := execution.Request{
		Language: "cpp", Limits: problem.Limits{Time: 10 * time.Second, MemoryBytes: 64 << 20},
		Source: "#include <cstdio>\n#include <unistd.h>\nint main() { static char b[65536]; for (ssize_t n; (n = read(0, b, sizeof b)) > 0;) for (ssize_t w = 0; w < n;) w += write(1, b + w, n - w); }\n",
		Tests:  []execution.Test{{Name: "big", Input: big, Answer: big}},
	}
	outcome := pods(t).Judge(t, req)
	if outcome.Report == nil || outcome.Report.Verdict != problem.Accepted {
		t.Fatalf("got %+v", outcome.Report)
	}
	if outcome.MaxRSS > size {
		t.Errorf("the judge took %d bytes", outcome.MaxRSS)
	}
	t.Logf("%+v, the judge took %d KiB", outcome.Receipt.Phases, outcome.MaxRSS>>10)
}

func TestTheJudgesOwnFailuresAreReports(t *testing.T) {
	nobody := pod.Pod{Runner: runner, Without: true, Deadline: time.Second}
	wrong := pod.Pod{Runner: runner, Without: true, Digest: strings.Repeat("0", 64)}
	slow := pod.Pod{Runner: runner, Bare: true, Deadline: 3 * time.Second}
	none := adding("python", addInPython)
	none.Tests = nil
	for name, tt := range map[string]struct {
		pod    pod.Pod
		req    execution.Request
		detail string
	}{
		"another digest":       {wrong, adding("python", addInPython), "not the one that the Job names"},
		"an agent never comes": {nobody, adding("python", addInPython), ""},
		"the whole deadline":   {slow, asleep(), "longer than its deadline"},
		"an unknown language":  {nobody, adding("cobol", ""), "the languages are"},
		"no tests":             {nobody, none, "no tests"},
	} {
		t.Run(name, func(t *testing.T) {
			outcome := tt.pod.Judge(t, tt.req)
			if outcome.ExitCode != 0 || outcome.Failure == nil || outcome.Failure.Reason != "" || outcome.Receipt.Verdict != problem.JudgeError {
				t.Fatalf("got %+v, %+v", outcome, outcome.Report)
			}
			if detail := outcome.Failure.Detail; detail == "" || !strings.Contains(detail, tt.detail) {
				t.Errorf("it says %q", detail)
			}
			if len(outcome.Sockets) > 0 {
				t.Errorf("left %v", outcome.Sockets)
			}
		})
	}
}

func asleep() execution.Request {
	req := adding("python", "import time\ntime.sleep(1000)\n")
	req.Limits.Time = time.Minute
	return req
}

func TestAJudgeWithoutALastWordFails(t *testing.T) {
	p := pod.Pod{Runner: runner, Without: true, Deadline: time.Second, Termination: "/proc/there-is-none"}
	if outcome := p.Judge(t, adding("python", addInPython)); outcome.ExitCode != 1 {
		t.Errorf("got %+v", outcome)
	}
	for _, args := range [][]string{{"judge"}, {"judge", "--nonsense"}, {"agent", "--nonsense"}, {}, {"nonsense"}} {
		if err := exec.Command(runner, args...).Run(); err == nil {
			t.Errorf("%v did not fail", args)
		}
	}
}

// TestAnAgentThatIsGoneStaysGone: a bare agent can be killed by its program.
func TestAnAgentThatIsGoneStaysGone(t *testing.T) {
	const killer = "import os, signal\na, b = map(int, input().split())\nif a == 20:\n    os.kill(os.getppid(), signal.SIGKILL)\nprint(a + b)\n"
	outcome := pod.Pod{Runner: runner, Bare: true}.Judge(t, adding("python", killer))
	r := outcome.Report
	if r == nil || r.Verdict != problem.RuntimeError || !r.SandboxLost || r.Passed != 1 || len(r.Tests) != 2 || r.Total != 3 {
		t.Fatalf("got %+v", r)
	}
	if got := r.Tests[1].Detail; got != "the program ended or froze the sandbox it ran in" {
		t.Errorf("it says %q", got)
	}
}

// TestAnAgentServesItsJudgeAgainAndAgain waits for a judge that starts later,
// and ends when nobody listens any more.
func TestAnAgentServesItsJudgeAgainAndAgain(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "agent.sock")
	command := exec.Command(runner, agent.Command, "--socket", socket)
	command.Dir = t.TempDir()
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(50 * time.Millisecond)
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		conn, err := listener.Accept()
		if err != nil {
			t.Fatal(err)
		}
		first := make([]byte, 1)
		if _, err := io.ReadFull(conn, first); err != nil || first[0] != 'A' {
			t.Errorf("it says %q, %v", first, err)
		}
		_ = conn.Close()
	}
	_ = listener.Close()
	if err := command.Wait(); err != nil {
		t.Error(err)
	}
}

// A container may start when the judging is over already, and must end then.
func TestAnAgentThatComesTooLateEndsAtOnce(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "agent.sock")
	if err := os.WriteFile(agent.OverFile(socket), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	late := exec.CommandContext(t.Context(), runner, agent.Command, "--socket", socket)
	done := make(chan error, 1)
	go func() { done <- late.Run() }()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(30 * time.Second):
		t.Error("it waits for a judge that has gone")
	}
}
