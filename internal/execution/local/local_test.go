package local

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"github.com/go-logr/logr/funcr"
	"go.uber.org/goleak"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/execution/agent"
	"github.com/algoitny/algoitny-operator/internal/execution/toolchain"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// TestMain lets this test program be the agent, as cmd/algoitny is.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && agent.IsCommand(os.Args[1]) {
		os.Exit(agent.Main(os.Args[1:]))
	}
	goleak.VerifyTestMain(m)
}

// runners are one without a sandbox and, where it works, one with bubblewrap.
func runners(t testing.TB) map[string]*Runner {
	t.Helper()
	all := map[string]*Runner{"plain": newRunner(t, true)}
	sandboxed := newRunner(t, false)
	switch {
	case sandboxed.sandbox.path != "":
		all["bubblewrap"] = sandboxed
	case os.Getenv("ALGOITNY_REQUIRE_TOOLCHAINS") != "":
		t.Fatal("bubblewrap is required here and does not work")
	}
	return all
}

func newRunner(t testing.TB, plain bool) *Runner {
	t.Helper()
	r, err := New(Options{
		AgentCommand: []string{os.Args[0], agent.Command}, Dir: t.TempDir(), Plain: plain, Speed: 1, Log: logr.Discard(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// limits leave a race-detecting agent and a busy machine room.
var limits = problem.Limits{Time: time.Second, MemoryBytes: 128 << 20}

var sum = []execution.Test{
	{Name: "sample 1", Input: execution.Text("1 2\n"), Answer: execution.Text("3\n")},
	{Name: "sample 2", Input: execution.Text("20 22\n"), Answer: execution.Text("42\n")},
}

func TestVerdicts(t *testing.T) {
	tests := []struct {
		name, language, source string
		want                   problem.Verdict
		passed                 int
		detail                 string
	}{
		{"python accepted", "python", "a, b = map(int, input().split())\nprint(a + b)\n", problem.Accepted, 2, ""},
		{"cpp accepted", "cpp", "#include <iostream>\nint main() { long a, b; std::cin >> a >> b; std::cout << a + b; }\n", problem.Accepted, 2, ""},
		{"go accepted", "go", "package main\n\nimport \"fmt\"\n\nfunc main() {\n\tvar a, b int\n\tfmt.Scan(&a, &b)\n\tfmt.Println(a + b)\n}\n", problem.Accepted, 2, ""},
		{"pypy accepted", "pypy", "a, b = map(int, input().split())\nprint(a + b)\n", problem.Accepted, 2, ""},
		{"java accepted", "java", javaMain("var s = new java.util.Scanner(System.in); System.out.println(s.nextInt() + s.nextInt());"), problem.Accepted, 2, ""},
		{"java deep", "java", javaMain("System.out.println(deep(200000) - 200000 + 3);"), problem.WrongAnswer, 1, ""},
		{"java memory", "java", javaMain("var l = new java.util.ArrayList<int[]>(); for (;;) l.add(new int[100000]);"), problem.MemoryLimitExceeded, 0, ""},
		{"java leaves garbage", "java", javaMain("long n = 3; for (int i = 0; i < 20000; i++) n += new byte[20000].length - 20000; System.out.println(n);"), problem.WrongAnswer, 1, ""},
		{"java exception", "java", javaMain("throw new RuntimeException();"), problem.RuntimeError, 0, "exit code 1"},
		{"java busy", "java", javaMain("for (long i = 0; ; i++) if (i < 0) System.out.println(i);"), problem.TimeLimitExceeded, 0, "CPU time"},
		{"java does not compile", "java", javaMain("return 1;"), problem.CompileError, 0, ""},
		{"pypy does not compile", "pypy", "def f(:\n", problem.CompileError, 0, ""},
		{"too large a program", "cpp", "char big[(64 << 20) - 60000] = {1};\nint main() { return big[1]; }\n//" + strings.Repeat("x", 400<<10), problem.CompileError, 0, ""},
		{"wrong on the second", "python", "input()\nprint(3)\n", problem.WrongAnswer, 1, `expected "42", got "3"`},
		{"reads nothing", "python", "print(3)\n", problem.WrongAnswer, 1, `expected "42", got "3"`},
		{"busy", "cpp", "int main() { volatile long x = 0; for (;;) x = x + 1; }\n", problem.TimeLimitExceeded, 0, "CPU time"},
		{"asleep", "cpp", "#include <unistd.h>\nint main() { sleep(1000); }\n", problem.TimeLimitExceeded, 0, "asleep"},
		{"memory", "cpp", "#include <cstdlib>\n#include <cstring>\nint main() { for (;;) { void* p = malloc(1 << 20); if (!p) return 0; memset(p, 1, 1 << 20); } }\n", problem.MemoryLimitExceeded, 0, "128 MiB"},
		{"exit code", "python", "import sys\nsys.exit(3)\n", problem.RuntimeError, 0, "exit code 3"},
		{"signal", "cpp", "#include <cstdlib>\nint main() { abort(); }\n", problem.RuntimeError, 0, "SIGABRT"},
		{"exception", "python", "print(1 // 0)\n", problem.RuntimeError, 0, "exit code 1"},
		{"output", "cpp", "#include <cstdio>\nint main() { for (;;) puts(\"0123456789012345678901234567890123456789\"); }\n", problem.OutputLimitExceeded, 0, "64 MiB"},
		{"cpp does not compile", "cpp", "int main() { return x; }\n", problem.CompileError, 0, ""},
		{"python does not compile", "python", "def f(:\n", problem.CompileError, 0, ""},
		{"processes", "cpp", "#include <unistd.h>\nint main() { for (int i = 0; i < 200; i++) if (fork() == 0) { pause(); return 0; } sleep(1000); }\n", problem.RuntimeError, 0, "processes"},
	}
	for mode, runner := range runners(t) {
		for _, tt := range tests {
			t.Run(mode+"/"+tt.name, func(t *testing.T) {
				t.Parallel()
				installed(t, tt.language)
				report, err := runner.Run(t.Context(), execution.Request{
					Key: tt.name, Language: tt.language, Source: tt.source, Tests: sum, Limits: limits,
				})
				if err != nil {
					t.Fatal(err)
				}
				if report.Verdict != tt.want || report.Passed != tt.passed || report.Total != 2 {
					t.Fatalf("got %s, %d of %d passed: %+v", report.Verdict, report.Passed, report.Total, report)
				}
				if tt.want == problem.CompileError {
					if report.CompileLog == "" || len(report.Tests) != 0 {
						t.Errorf("got %+v, want the compiler's words and no test", report)
					}
					return
				}
				if failed := report.FirstFailure(); failed != nil && !strings.Contains(failed.Detail, tt.detail) {
					t.Errorf("detail %q, want it to say %q", failed.Detail, tt.detail)
				}
				if tt.want == problem.Accepted && (report.MaxCPU() <= 0 || report.MaxMemory() <= 0) {
					t.Errorf("nothing was measured: %+v", report.Tests)
				}
			})
		}
	}
}

// javaMain is a Java program with this method.
func javaMain(body string) string {
	return "public class Main {\n  static int deep(int n) { return n == 0 ? 0 : 1 + deep(n - 1); }\n  public static void main(String[] a) { " + body + " }\n}\n"
}

// installed skips a test of a language that is not here, unless all have to be.
func installed(t *testing.T, language string) {
	t.Helper()
	tools, _ := toolchain.Lookup(language)
	if err := tools.Available(); err != nil && os.Getenv("ALGOITNY_REQUIRE_TOOLCHAINS") == "" {
		t.Skip(err)
	}
}

func TestPresentationErrorsAreToldApartWhereAskedFor(t *testing.T) {
	const source = "a, b = map(int, input().split())\nprint('\\n', a + b)\n"
	for asked, want := range map[bool]problem.Verdict{true: problem.PresentationError, false: problem.Accepted} {
		report, err := newRunner(t, true).Run(t.Context(), execution.Request{
			Language: "python", Source: source, Tests: sum, Limits: limits,
			Checker: problem.Checker{Rules: problem.CompareRules{PresentationErrors: asked}},
		})
		if err != nil || report.Verdict != want {
			t.Errorf("asked for %t: got %+v, %v", asked, report, err)
		}
	}
}

// The first test's program puts another one in its place.
func TestAProgramIsTheSameInEveryTest(t *testing.T) {
	const source = "import os\na, b = map(int, input().split())\ntry:\n    open('main.py', 'w').write('print(42)')\n    open('note', 'w').close()\nexcept OSError:\n    pass\nprint(a + b if a == 1 else 0)\n"
	for mode, runner := range runners(t) {
		t.Run(mode, func(t *testing.T) {
			if report := run(t, runner, source); report.Passed != 1 || report.Tests[1].Output != "0\n" {
				t.Errorf("got %+v", report)
			}
		})
	}
}

func TestEveryTestIsMeasured(t *testing.T) {
	const source = "import time\na, b = map(int, input().split())\nx = b'x' * (a << 20)\nend = time.process_time() + a / 100\nwhile time.process_time() < end: pass\ntime.sleep(a / 100)\nprint(a + b)\n"
	for mode, runner := range runners(t) {
		t.Run(mode, func(t *testing.T) {
			report := run(t, runner, source)
			if report.Verdict != problem.Accepted {
				t.Fatalf("got %+v", report)
			}
			little, much := report.Tests[0], report.Tests[1]
			if much.CPU < 200*time.Millisecond || much.Wall < much.CPU+100*time.Millisecond || much.MemoryBytes < little.MemoryBytes+(15<<20) {
				t.Errorf("got %+v and %+v", little, much)
			}
		})
	}
}

func TestAFailureKeepsWhatARepairNeeds(t *testing.T) {
	for mode, runner := range runners(t) {
		t.Run(mode, func(t *testing.T) {
			report := run(t, runner, "import sys\nprint('got', input())\nsys.stderr.write('x' * 100000 + 'the end')\nsys.exit(1)\n")
			failed := report.FirstFailure()
			if failed == nil || failed.Output != "got 1 2\n" || !strings.HasSuffix(failed.Stderr, "the end") || len(failed.Stderr) > 4096 {
				t.Errorf("output %q, %d bytes of stderr that end in %q", failed.Output, len(failed.Stderr), failed.Stderr[max(0, len(failed.Stderr)-20):])
			}
		})
	}
}

func TestStopAtFirst(t *testing.T) {
	report, err := newRunner(t, true).Run(t.Context(), execution.Request{
		Language: "python", Source: "print(0)", Tests: sum, Limits: limits, StopAtFirst: true,
	})
	if err != nil || len(report.Tests) != 1 || report.Total != 2 {
		t.Errorf("got %+v, %v; want one test run", report, err)
	}
}

// TestNothingOutlivesARun leaves a daemon behind that holds the output open.
func TestNothingOutlivesARun(t *testing.T) {
	const daemon = "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        time.sleep(1000)\n    os._exit(0)\nprint(sum(map(int, input().split())))\n"
	for mode, runner := range runners(t) {
		t.Run(mode, func(t *testing.T) {
			if report := run(t, runner, daemon); report.Verdict != problem.Accepted {
				t.Errorf("got %+v", report)
			}
		})
	}
}

func TestAProgramThatEndsItsAgentLosesTheRunOnly(t *testing.T) {
	// The first test's program kills everything above it but the judge.
	const killer = "import os, signal\na, b = map(int, input().split())\nif a == 1:\n    os.kill(os.getppid(), signal.SIGKILL)\nprint(a + b)\n"
	for mode, runner := range runners(t) {
		t.Run(mode, func(t *testing.T) {
			report := run(t, runner, killer)
			if mode == "bubblewrap" {
				if report.Verdict != problem.Accepted {
					t.Errorf("got %+v, want the agent out of reach", report)
				}
				return
			}
			if report.Verdict != problem.RuntimeError || report.Passed != 1 {
				t.Errorf("got %+v, want RTE on the first test and AC on the second", report)
			}
		})
	}
}

func TestBigInputsAndOutputsAreStreamed(t *testing.T) {
	big := strings.Repeat("0123456789abcde\n", 20<<20/16)
	for mode, runner := range runners(t) {
		t.Run(mode, func(t *testing.T) {
			report, err := runner.Run(t.Context(), execution.Request{
				Language: "cpp", Limits: problem.Limits{Time: 5 * time.Second, MemoryBytes: 64 << 20},
				Source: "#include <cstdio>\n#include <unistd.h>\nint main() { static char b[65536]; for (ssize_t n; (n = read(0, b, sizeof b)) > 0;) for (ssize_t w = 0; w < n;) w += write(1, b + w, n - w); }\n",
				Tests:  []execution.Test{{Name: "big", Input: execution.Text(big), Answer: execution.Text(big)}},
			})
			if err != nil || report.Verdict != problem.Accepted {
				t.Errorf("got %+v, %v", report, err)
			}
		})
	}
}

func TestBubblewrapHidesTheMachine(t *testing.T) {
	runner, ok := runners(t)["bubblewrap"]
	if !ok {
		return
	}
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("3"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, source := range map[string]string{
		"files":       "print(open('" + secret + "').read())\n",
		"network":     "import socket\nsocket.create_connection(('127.0.0.1', " + listen(t) + "), 1)\nprint(3)\n",
		"environment": "import os\nprint(3 if 'HOME' in os.environ and len(os.environ) > 12 else 0)\n",
		"its program": "open('main.py', 'w').write('print(3)')\nprint(3)\n",
	} {
		t.Run(name, func(t *testing.T) {
			if report := run(t, runner, source); report.Passed != 0 {
				t.Errorf("got %+v", report)
			}
		})
	}
}

// thief takes the agent's connection out of its process, by every way that a
// program of the same user has. It prints the sum when it gets anywhere.
const thief = `import ctypes, os
libc, agent = ctypes.CDLL(None, use_errno=True), os.getppid()
found = False
def tries(what):
    global found
    try:
        what()
        found = True
    except OSError:
        pass
tries(lambda: os.readlink(f'/proc/{agent}/fd/0'))
tries(lambda: open(f'/proc/{agent}/mem', 'rb').close())
tries(lambda: open(f'/proc/{agent}/environ', 'rb').read())
pidfd = libc.syscall(434, agent, 0)
for fd in range(16):
    if pidfd >= 0 and libc.syscall(438, pidfd, fd, 0) >= 0:
        found = True
if libc.ptrace(16, agent, 0, 0) == 0:
    found = True
a, b = map(int, input().split())
print(a + b if found else 0)
`

func TestBubblewrapKeepsTheAgentOutOfReach(t *testing.T) {
	runner, ok := runners(t)["bubblewrap"]
	if !ok {
		return
	}
	const (
		folders = "import os\nfound = [f for f in ('/', '/dev', '/work', '/usr', '/proc') if os.access(f, os.W_OK)]\nprint(sum(map(int, input().split())) if found else 0)\n"
		memory  = "import os\ntry:\n    for n in range(100):\n        open(f'/tmp/{n}', 'wb').write(b'x' * (16 << 20))\n    print(sum(map(int, input().split())))\nexcept OSError:\n    print(0)\n"
	)
	for name, source := range map[string]string{"its connection": thief, "the root": folders, "memory in files": memory} {
		t.Run(name, func(t *testing.T) {
			report := run(t, runner, source)
			if report.Verdict != problem.WrongAnswer || report.Tests[0].Output != "0\n" {
				t.Errorf("got %+v", report)
			}
		})
	}
}

func TestBubblewrapLeavesNothingForTheNextTest(t *testing.T) {
	runner, ok := runners(t)["bubblewrap"]
	if !ok {
		return
	}
	const source = "import os\nleft = [f for f in ('/tmp/x', '/dev/shm/x') if os.path.exists(f)]\nfor f in ('/tmp/x', '/dev/shm/x'):\n    os.makedirs(f + '/y', exist_ok=True)\nprint(0 if left else sum(map(int, input().split())))\n"
	if report := run(t, runner, source); report.Verdict != problem.Accepted {
		t.Errorf("got %+v", report)
	}
}

func TestTheLogSaysHowLittleARunnerProtects(t *testing.T) {
	tests := []struct {
		name  string
		plain bool
		path  string
		says  []string
	}{
		{"with bubblewrap", false, os.Getenv("PATH"), []string{"bubblewrap", "no security boundary"}},
		{"without bubblewrap", false, t.TempDir(), []string{"without a sandbox", "no security boundary", "install bubblewrap", "(bwrap) is not installed"}},
		{"plain", true, os.Getenv("PATH"), []string{"without a sandbox", "no security boundary"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("PATH", tt.path)
			var said strings.Builder
			log := funcr.New(func(_, args string) { said.WriteString(args) }, funcr.Options{})
			if _, err := New(Options{AgentCommand: []string{os.Args[0], agent.Command}, Plain: tt.plain, Log: log}); err != nil {
				t.Fatal(err)
			}
			for _, words := range tt.says {
				if !strings.Contains(said.String(), words) {
					t.Errorf("the log says %q, not %q", said.String(), words)
				}
			}
		})
	}
}

func TestBubblewrapThatIsNotAllowedIsDoneWithout(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "bwrap"), []byte("#!/bin/sh\necho no namespaces >&2\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", folder+":"+os.Getenv("PATH"))
	var said strings.Builder
	log := funcr.New(func(_, args string) { said.WriteString(args) }, funcr.Options{})
	runner, err := New(Options{AgentCommand: []string{os.Args[0], agent.Command}, Dir: t.TempDir(), Log: log})
	if err != nil || !strings.Contains(said.String(), "no namespaces") {
		t.Fatalf("%v, and the log says %q", err, said.String())
	}
	if report := run(t, runner, "print(sum(map(int, input().split())))\n"); report.Verdict != problem.Accepted {
		t.Errorf("got %+v", report)
	}
}

// TestACancelledRunEndsItsProgram also waits for the processes to be gone.
func TestACancelledRunEndsItsProgram(t *testing.T) {
	for mode, runner := range runners(t) {
		t.Run(mode, func(t *testing.T) {
			marker := "algoitny-test-" + mode
			source := "import subprocess\nsubprocess.run(['sh', '-c', 'sleep 1000; : " + marker + "'])\n"
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go func() {
				for !runs(marker) && ctx.Err() == nil {
					time.Sleep(time.Millisecond)
				}
				cancel()
			}()
			_, err := runner.Run(ctx, execution.Request{Language: "python", Source: source, Tests: sum, Limits: problem.Limits{Time: time.Minute}})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			for deadline := time.Now().Add(10 * time.Second); runs(marker); time.Sleep(time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatal("the program still runs")
				}
			}
		})
	}
}

// runs tells whether a process has the word in its command line.
func runs(word string) bool {
	lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, line := range lines {
		if raw, err := os.ReadFile(line); err == nil && strings.HasPrefix(string(raw), "sh\x00") && strings.Contains(string(raw), word) {
			return true
		}
	}
	return false
}

func TestACancelledRunLeavesNothingBehind(t *testing.T) {
	for mode, runner := range runners(t) {
		t.Run(mode, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if report, err := runner.Run(ctx, execution.Request{Language: "python", Source: "print(3)", Tests: sum, Limits: limits}); err == nil {
				t.Errorf("got %+v, want an error", report)
			}
			left, err := os.ReadDir(runner.o.Dir)
			if err != nil || len(left) != 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

func TestRunsLeaveNoFilesOpen(t *testing.T) {
	const killer = "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\n"
	for mode, runner := range runners(t) {
		t.Run(mode, func(t *testing.T) {
			run(t, runner, killer)
			before := openFiles(t)
			for range 3 {
				run(t, runner, killer)
				run(t, runner, "def f(:\n")
			}
			if after := openFiles(t); after > before {
				t.Errorf("%d files were open before and %d after", before, after)
			}
		})
	}
}

func openFiles(t *testing.T) int {
	t.Helper()
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(open)
}

func TestAMissingLanguageSaysWhatToInstall(t *testing.T) {
	runner := newRunner(t, true)
	_, err := runner.Run(t.Context(), execution.Request{Language: "cobol"})
	if err == nil || !strings.Contains(err.Error(), "python pypy cpp go java") {
		t.Errorf("got %v", err)
	}
	t.Setenv("PATH", t.TempDir())
	_, err = runner.Run(t.Context(), execution.Request{Language: "cpp"})
	if err == nil || !strings.Contains(err.Error(), "install g++") {
		t.Errorf("got %v", err)
	}
}

func TestWithoutAnAgentThereIsNoRunner(t *testing.T) {
	if _, err := New(Options{Log: logr.Discard()}); err == nil {
		t.Error("a runner without an agent")
	}
	runner, err := New(Options{AgentCommand: []string{"false"}, Plain: true, Dir: t.TempDir(), Log: logr.Discard()})
	if err != nil {
		t.Fatal(err)
	}
	if report, err := runner.Run(t.Context(), execution.Request{Language: "python", Source: "print(3)", Tests: sum}); err == nil {
		t.Errorf("got %+v, want an error and no verdict", report)
	}
}

func run(t *testing.T, runner *Runner, source string) *problem.Report {
	t.Helper()
	report, err := runner.Run(t.Context(), execution.Request{Language: "python", Source: source, Tests: sum, Limits: limits})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestHomesAreFoundOutsideOfTheSystem(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Fatal("python3 is needed for the tests: ", err)
	}
	if !within("/usr/local/go", systemFolders) || within("/usrlocal", systemFolders) || within("/home/x", systemFolders) {
		t.Error("a folder is taken for one of the system's, or is not")
	}
}
