package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/test/e2e/torture/pod"
)

// The tools of a problem that asks for two numbers with a given sum.
var (
	generator = problem.Program{
		Name: "generator", Language: "python",
		Source: "import random, sys\nrandom.seed(int(sys.argv[2]))\nprint(random.randint(1, int(sys.argv[1])))\n",
	}
	validator = problem.Program{
		Name: "validator", Language: "python",
		Source: "import sys\nn = int(sys.stdin.read())\nsys.exit(not 1 <= n <= 1000)\n",
	}
	solution = problem.Program{Name: "solution", Language: "python", Source: "print(0, int(input()))\n"}
	wrong    = problem.Program{Name: "wrong", Language: "python", Source: "print(0, int(input()) + 1)\n"}
	// checker also looks for what is not its own.
	checker = problem.Program{
		Name: "checker", Language: "cpp", Files: map[string]string{"lib.h": "#include <cstdio>\n#include <initializer_list>\n#include <dirent.h>\n"},
		Source: `#include "lib.h"
int main(int argc, char** argv) {
  long n, x, y, a, b;
  int files = 0;
  for (const char* folder : {".", "/tmp", "/dev/shm"}) {
    DIR* d = opendir(folder);
    while (d && readdir(d)) files++;
  }
  // main, main.cpp, lib.h, input, output and answer; "." and ".." everywhere.
  if (files != 12) { fprintf(stderr, "%d files are here", files); return 3; }
  FILE *in = fopen(argv[1], "r"), *out = fopen(argv[2], "r"), *ans = fopen(argv[3], "r");
  if (fscanf(in, "%ld", &n) != 1 || fscanf(ans, "%ld%ld", &a, &b) != 2 || a + b != n) return 3;
  if (fscanf(out, "%ld%ld", &x, &y) != 2) return 2;
  if (x + y != n) { fprintf(stderr, "%ld is not %ld", x + y, n); return 1; }
}
`,
	}
	testlib = problem.Checker{Program: "checker", Protocol: problem.ProtocolTestlib}
)

// suite makes a test, validates it, answers it and has a wrong answer checked.
// first comes before all of that.
func suite(first problem.Program) execution.Batch {
	return execution.Batch{
		Key: "uid/1/suite/1", Programs: []problem.Program{first, generator, validator, solution, wrong, checker}, Checker: testlib,
		Steps: []execution.Step{
			{Name: "first", Program: first.Name, Keep: 1000, Limits: problem.Limits{Time: 5 * time.Second, MemoryBytes: 256 << 20}},
			{Name: "make", Program: "generator", Args: []string{"1000", "7"}, Keep: 100},
			{Name: "validate", Program: "validator", Input: execution.Made("make")},
			{Name: "answer", Program: "solution", Input: execution.Made("make")},
			{Name: "right", Program: "solution", Input: execution.Made("make"), Answer: execution.Made("answer")},
			{Name: "wrong", Program: "wrong", Input: execution.Made("make"), Answer: execution.Made("answer")},
		},
	}
}

// became is the verdict of every step but the first, and what is said of those
// that have none.
func became(r *execution.BatchReport) string {
	var all []string
	for _, s := range r.Steps[1:] {
		verdict := string(s.Verdict)
		if verdict == "" {
			verdict = s.Detail
		}
		all = append(all, verdict)
	}
	return strings.Join(all, ", ")
}

const asItShould = "AC, AC, AC, AC, WA"

func TestASuiteIsMadeInAPodFromItsGeneratorToItsChecker(t *testing.T) {
	outcome := pods(t).Work(t, suite(problem.Program{Name: "first", Language: "python", Source: "print(1)"}))
	if outcome.Batch == nil {
		t.Fatalf("got %+v", outcome)
	}
	if got := became(outcome.Batch); got != asItShould || outcome.Batch.SandboxLost {
		t.Errorf("got %s: %+v", got, outcome.Batch)
	}
	if outcome.Batch.Speed <= 0 {
		t.Error("the machine was not measured")
	}
	if len(outcome.Sockets) > 0 || fmt.Sprint(outcome.Agents) != "[<nil> <nil>]" {
		t.Errorf("left %v, the agents ended with %v", outcome.Sockets, outcome.Agents)
	}
	t.Logf("%+v, the judge took %d KiB", outcome.Receipt.Phases, outcome.MaxRSS>>10)
}

// hostile are programs that try to say what later ones will have printed.
var hostile = map[string]string{
	"connects to the judge and speaks for its agent": `
import os, socket, struct, time
def frame(kind, payload):
    return kind + struct.pack('>I', len(payload)) + payload
said = b''.join([frame(b'A', b''), frame(b'R', b'{}'), frame(b'O', b'0 1\n'), frame(b'R', b'{}')]) * 20
kept = []
for path in ('/sockets/tools/agent.sock', '/sockets/program/agent.sock'):
    for _ in range(10):
        try:
            s = socket.socket(socket.AF_UNIX)
            s.connect(path)
            s.sendall(said)
            kept.append(s)
        except OSError:
            pass
for fd in range(3, 256):
    try:
        os.write(fd, said)
    except OSError:
        pass
for pid in (1, os.getppid()):
    for fd in range(16):
        try:
            open(f'/proc/{pid}/fd/{fd}', 'wb', buffering=0).write(said)
        except OSError:
            pass
print(len(kept))
`,
	"prints what looks like results": `
import struct, sys
for kind, payload in ((b'R', b'{}'), (b'A', b''), (b'O', b'0 1\n'), (b'R', b'{"exitCode":0}')):
    sys.stdout.buffer.write(kind + struct.pack('>I', len(payload)) + payload)
print('{"batch":{"steps":[{"name":"wrong","verdict":"AC"}]}}', file=sys.stderr)
`,
	"leaves processes that write wherever they can": `
import os, time
for _ in range(8):
    if os.fork() == 0:
        os.setsid()
        if os.fork() != 0:
            os._exit(0)
        os.closerange(0, 3)
        while True:
            for folder in ('.', '/tmp', '/dev/shm'):
                for name in ('main.py', 'main', 'output', 'input'):
                    try:
                        with open(f'{folder}/{name}', 'w') as f:
                            f.write('print(0, 1)')
                    except OSError:
                        pass
            time.sleep(0.001)
print(1)
`,
	"fills its folders and shuts them": `
import os
for folder in ('.', '/tmp', '/dev/shm'):
    try:
        for i in range(20):
            with open(f'{folder}/{i}', 'wb') as f:
                f.write(b'x' * (32 << 20))
    except OSError:
        pass
    os.makedirs(folder + '/a/b', exist_ok=True)
    os.symlink('/', folder + '/link')
    os.chmod(folder + '/a', 0)
    try:
        os.chmod(folder, 0)
    except OSError:
        pass
print(1)
`,
	"leaves modules and settings": `
import os
for folder in ('.', '/tmp', '/dev/shm', '/tmp/.local/lib/python3.11/site-packages'):
    os.makedirs(folder, exist_ok=True)
    for name in ('random.py', 'sitecustomize.py', 'usercustomize.py', 'sys.pth'):
        with open(f'{folder}/{name}', 'w') as f:
            f.write('import os\nprint(0, 1)\nos._exit(0)\n')
for name in ('cc1plus', 'as', 'ld', 'collect2'):
    with open(name, 'w') as f:
        f.write('#!/bin/sh\nexit 0\n')
    os.chmod(name, 0o755)
print(1)
`,
	"kills and stops everything": `
import os, signal
for pid in range(1, 2000):
    for s in (signal.SIGSTOP, signal.SIGKILL):
        try:
            if pid != os.getpid():
                os.kill(pid, s)
        except OSError:
            pass
print(1)
`,
}

func TestAHostileToolChangesNoLaterResult(t *testing.T) {
	p := pods(t)
	for name, source := range hostile {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			outcome := p.Work(t, suite(problem.Program{Name: "first", Language: "python", Source: source}))
			if outcome.Batch == nil {
				t.Fatalf("got %+v", outcome)
			}
			if got := became(outcome.Batch); got != asItShould || outcome.Batch.Steps[0].Verdict == "" {
				t.Errorf("got %s: %+v", got, outcome.Batch)
			}
			if name == "connects to the judge and speaks for its agent" && string(outcome.Batch.Steps[0].Output) != "0\n" {
				t.Errorf("it got through: %+v", outcome.Batch.Steps[0])
			}
		})
	}
}

// A tool that spoils the one sandbox costs what comes after it, and nothing is
// made up for that.
func TestAToolThatSpoilsItsSandboxHasTheRestNotRun(t *testing.T) {
	const lower = `
import resource
resource.prlimit(1, resource.RLIMIT_MSGQUEUE, (0, 0))
print(1)
`
	const kill = "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\n"
	for name, tt := range map[string]struct {
		pod    pod.Pod
		source string
		first  problem.Verdict
	}{
		"by the limits of its agent":       {pods(t), lower, problem.Accepted},
		"by the end of an agent in reach ": {pod.Pod{Runner: runner, Bare: true}, kill, problem.RuntimeError},
	} {
		t.Run(name, func(t *testing.T) {
			outcome := tt.pod.Work(t, suite(problem.Program{Name: "first", Language: "python", Source: tt.source}))
			if outcome.Batch == nil {
				t.Fatalf("got %+v", outcome)
			}
			const why = "a program has ended the sandbox for tools"
			want := why + `, its input was not made: "make" failed or was not run, its input was not made: "make" failed or was not run`
			if got := became(outcome.Batch); !strings.HasPrefix(got, want) || !outcome.Batch.SandboxLost || outcome.Batch.Steps[0].Verdict != tt.first {
				t.Errorf("got %s: %+v", got, outcome.Batch)
			}
		})
	}
}

func sha(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// recipe is a request whose second test is made.
func recipe() execution.Request {
	return execution.Request{
		Key: "uid/1/judge/1", Language: "python", Source: "n = int(input())\nprint(1, n - 1)\n",
		Limits: problem.Limits{Time: time.Second, MemoryBytes: 128 << 20},
		Tools:  []problem.Program{generator, solution, checker}, Checker: testlib,
		Make: []execution.Step{
			{Name: "in", Program: "generator", Args: []string{"1", "7"}, Digest: sha("1\n")},
			{Name: "ans", Program: "solution", Input: execution.Made("in"), Digest: sha("0 1\n")},
		},
		Tests: []execution.Test{
			{Name: "stored", Input: execution.Text("5\n"), Answer: execution.Text("2 3\n")},
			{Name: "made", Input: execution.Made("in"), Answer: execution.Made("ans")},
		},
	}
}

func TestARequestWithToolsIsJudgedInAPod(t *testing.T) {
	p := pods(t)
	for name, tt := range map[string]struct {
		change func(*execution.Request)
		want   string
	}{
		"a right program": {func(*execution.Request) {}, "AC 2/2"},
		"a wrong one":     {func(r *execution.Request) { r.Source = "print(2, 3)\n" }, "WA 1/2"},
		"one that stops": {func(r *execution.Request) {
			r.Source, r.StopAtFirst = "print(1)\n", true
		}, "PE 0/2"},
		"a test that comes out as another": {func(r *execution.Request) { r.Make[0].Digest = sha("2\n") }, execution.ReasonTestNotReproduced},
		"a checker that fails":             {func(r *execution.Request) { r.Tests[0].Answer = execution.Text("x") }, execution.ReasonCheckerFailed},
		"a program that looks for answers": {func(r *execution.Request) {
			r.Source = "import os\nn = int(input())\nseen = [f for d, _, fs in os.walk('/') for f in fs if f in ('answer', 'output', 'input') and not d.startswith(('/proc', '/sys', '/usr'))]\nprint(1, n - 1 + len(seen))\n"
		}, "AC 2/2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := recipe()
			tt.change(&req)
			outcome := p.Judge(t, req)
			got := ""
			switch {
			case outcome.Report != nil:
				got = fmt.Sprintf("%s %d/%d", outcome.Report.Verdict, outcome.Report.Passed, outcome.Report.Total)
			case outcome.Failure != nil:
				got = outcome.Failure.Reason
			}
			if got != tt.want {
				t.Errorf("got %s: %+v %+v", got, outcome.Report, outcome.Failure)
			}
		})
	}
}
