package local

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/problem"
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
	solution = problem.Program{
		Name: "solution", Language: "cpp",
		Source: "#include <iostream>\nint main() { int n; std::cin >> n; std::cout << 0 << ' ' << n << std::endl; }\n",
	}
	// checker uses a header that lies beside it, as testlib.h does.
	checker = problem.Program{
		Name: "checker", Language: "cpp", Files: map[string]string{"lib.h": "#include <fstream>\n#include <iostream>\n#include <cstdlib>\n"},
		Source: `#include "lib.h"
int main(int argc, char** argv) {
  long n, x, y, a, b;
  std::ifstream in(argv[1]), out(argv[2]), ans(argv[3]);
  if (!(in >> n) || !(ans >> a >> b) || a + b != n) exit(3);
  if (!(out >> x >> y)) { std::cerr << "two numbers are missing"; exit(2); }
  if (x + y != n) { std::cerr << x + y << " is not " << n; exit(1); }
  std::cerr << "ok";
}
`,
	}
	testlib = problem.Checker{Program: "checker", Protocol: problem.ProtocolTestlib}
)

func sha(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func work(t testing.TB, r *Runner, batch execution.Batch) map[string]execution.StepResult {
	t.Helper()
	report, err := r.Work(t.Context(), batch)
	if err != nil {
		t.Fatal(err)
	}
	results := map[string]execution.StepResult{}
	for i, s := range report.Steps {
		if s.Name != batch.Steps[i].Name {
			t.Fatalf("step %d is called %q", i, s.Name)
		}
		results[s.Name] = s
	}
	for name, log := range report.CompileLogs {
		t.Logf("%s does not compile: %s", name, log)
	}
	return results
}

// suite makes tests, and tries out a right solution and a wrong one.
func suite(checker problem.Checker) execution.Batch {
	wrong := solution
	wrong.Name, wrong.Source = "wrong", strings.Replace(solution.Source, "<< n <<", "<< n % 7 <<", 1)
	batch := execution.Batch{
		Key: "uid/1/suite/1", Programs: []problem.Program{generator, validator, solution, wrong}, Checker: checker,
	}
	for i := range 3 {
		batch.Steps = append(batch.Steps, execution.Step{
			Name: fmt.Sprint("make ", i), Program: "generator", Args: []string{"1000", fmt.Sprint(i)}, Keep: 100,
		})
	}
	each := func(program string, change func(i int, s *execution.Step)) {
		for i := range 3 {
			s := execution.Step{Name: fmt.Sprint(program, " ", i), Program: program, Input: execution.Made(fmt.Sprint("make ", i))}
			change(i, &s)
			batch.Steps = append(batch.Steps, s)
		}
	}
	each("validator", func(int, *execution.Step) {})
	each("solution", func(_ int, s *execution.Step) { s.Keep = 3 })
	each("wrong", func(i int, s *execution.Step) { s.Answer = execution.Made(fmt.Sprint("solution ", i)) })
	return batch
}

func TestASuiteIsMadeFromItsGeneratorToItsChecker(t *testing.T) {
	for mode, runner := range runners(t) {
		for name, rule := range map[string]problem.Checker{"by rules": {}, "by a program": testlib} {
			t.Run(mode+"/"+name, func(t *testing.T) {
				t.Parallel()
				batch := suite(rule)
				batch.Programs = append(batch.Programs, checker)
				got := work(t, runner, batch)
				for i := range 3 {
					made := got[fmt.Sprint("make ", i)]
					if made.Verdict != problem.Accepted || !made.Whole() || made.Digest != sha(string(made.Output)) || made.CPU <= 0 || made.MemoryBytes <= 0 {
						t.Errorf("got %+v", made)
					}
					if r := got[fmt.Sprint("validator ", i)]; r.Verdict != problem.Accepted {
						t.Errorf("got %+v", r)
					}
					right, wrong := got[fmt.Sprint("solution ", i)], got[fmt.Sprint("wrong ", i)]
					if right.Verdict != problem.Accepted || len(right.Output) != 3 || right.Whole() || right.Size != made.Size+2 {
						t.Errorf("got %+v for %q", right, made.Output)
					}
					if wrong.Verdict != problem.WrongAnswer || wrong.Detail == "" {
						t.Errorf("got %+v for %q", wrong, made.Output)
					}
					if says := strings.TrimSpace(string(made.Output)); rule.Program != "" && !strings.HasSuffix(wrong.Detail, "is not "+says) {
						t.Errorf("the checker says %q", wrong.Detail)
					}
				}
			})
		}
	}
}

// request has a test that comes as its recipe.
func recipe(digest string) execution.Request {
	return execution.Request{
		Key: "uid/1/judge/1", Language: "python", Source: "n = int(input())\nprint(1, n - 1)\n", Limits: limits,
		Tools: []problem.Program{generator, solution, checker}, Checker: testlib,
		Make: []execution.Step{
			{Name: "in", Program: "generator", Args: []string{"1000", "7"}, Digest: digest},
			{Name: "ans", Program: "solution", Input: execution.Made("in")},
		},
		Tests: []execution.Test{
			{Name: "stored", Input: execution.Text("5\n"), Answer: execution.Text("2 3\n")},
			{Name: "made", Input: execution.Made("in"), Answer: execution.Made("ans")},
		},
	}
}

// made is what the generator prints for this seed.
func made(t testing.TB, r *Runner) string {
	t.Helper()
	got := work(t, r, execution.Batch{Programs: []problem.Program{generator}, Steps: []execution.Step{
		{Name: "in", Program: "generator", Args: []string{"1000", "7"}},
	}})
	return got["in"].Digest
}

func TestARequestMakesItsTestsAndHasItsCheckerDecide(t *testing.T) {
	for mode, runner := range runners(t) {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			digest := made(t, runner)
			for name, tt := range map[string]struct {
				source string
				want   string
				detail string
			}{
				"another right answer": {"n = int(input())\nprint(1, n - 1)\n", "AC 2/2", ""},
				"a wrong answer":       {"n = int(input())\nprint(1, min(n - 1, 4))\n", "WA 1/2", "5 is not"},
				"no answer":            {"print()\n", "PE 0/2", "two numbers are missing"},
				"a crash":              {"1 // 0\n", "RTE 0/2", "exit code 1"},
			} {
				req := recipe(digest)
				req.Source = tt.source
				report, err := runner.Run(t.Context(), req)
				if err != nil {
					t.Fatal(err)
				}
				if got := fmt.Sprintf("%s %d/%d", report.Verdict, report.Passed, report.Total); got != tt.want {
					t.Errorf("%s: got %s: %+v", name, got, report)
				}
				if failed := report.FirstFailure(); failed != nil && !strings.Contains(failed.Detail, tt.detail) {
					t.Errorf("%s: got %q", name, failed.Detail)
				}
			}
		})
	}
}

func TestWhatIsWrongWithASuiteIsNoVerdict(t *testing.T) {
	runner := newRunner(t, true)
	for name, tt := range map[string]struct {
		change func(*execution.Request)
		reason string
	}{
		"a test that comes out as another": {func(r *execution.Request) { r.Make[0].Digest = sha("another") }, execution.ReasonTestNotReproduced},
		"a generator that fails": {func(r *execution.Request) {
			r.Tools[0].Source, r.Make[0].Digest = "1 // 0", ""
		}, execution.ReasonTestNotReproduced},
		"a generator that does not compile": {func(r *execution.Request) {
			r.Tools[0].Source, r.Make[0].Digest = "def f(:", ""
		}, execution.ReasonTestNotReproduced},
		"a checker that fails":            {func(r *execution.Request) { r.Tests[0].Answer = execution.Text("1 1") }, execution.ReasonCheckerFailed},
		"a checker that crashes":          {func(r *execution.Request) { r.Tools[2].Source = "int main() { __builtin_trap(); }" }, execution.ReasonCheckerFailed},
		"a checker that does not compile": {func(r *execution.Request) { r.Tools[2].Source = "int main() {" }, execution.ReasonCheckerFailed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := recipe("")
			tt.change(&req)
			report, err := runner.Run(t.Context(), req)
			var e *execution.Error
			if report != nil || !errors.As(err, &e) || e.Class != execution.ClassStalled || e.Reason != tt.reason || len(e.Message) > 256 {
				t.Errorf("got %+v, %v", report, err)
			}
		})
	}
}

// The checker of the ICPC is given the output on standard input, and a folder.
func TestAnICPCCheckerIsCalledAsItIsUsedTo(t *testing.T) {
	icpc := problem.Program{Name: "checker", Language: "python", Source: `import os, sys
_, input, answer, feedback, flag = sys.argv
with open(os.path.join(feedback, 'judgemessage.txt'), 'w') as note:
    note.write('x')
assert os.listdir(feedback) == ['judgemessage.txt'] and flag == 'strict', sys.argv
sys.exit(42 if sys.stdin.read() == open(answer).read() + open(input).read() else 43)
`}
	for mode, runner := range runners(t) {
		t.Run(mode, func(t *testing.T) {
			step := func(name, output string) execution.Step {
				return execution.Step{Name: name, Input: execution.Text("in"), Output: execution.Text(output), Answer: execution.Text("ans")}
			}
			got := work(t, runner, execution.Batch{
				Programs: []problem.Program{icpc}, Steps: []execution.Step{step("right", "ansin"), step("wrong", "an"), step("again", "ansin")},
				Checker: problem.Checker{Program: "checker", Protocol: problem.ProtocolICPC, Args: []string{"strict"}},
			})
			for name, want := range map[string]problem.Verdict{"right": problem.Accepted, "wrong": problem.WrongAnswer, "again": problem.Accepted} {
				if got[name].Verdict != want {
					t.Errorf("%s: got %+v", name, got[name])
				}
			}
		})
	}
}

// A tool that finds anything of another, or of its own run before, says so.
func TestNoToolFindsAnythingOfAnother(t *testing.T) {
	const source = `import os, sys
found = [f for folder in ('.', '/tmp', '/dev/shm') for f in os.listdir(folder) if 'note' in f]
for folder in ('.', '/tmp', '/dev/shm'):
    try:
        open(folder + '/note', 'w').close()
    except OSError:
        pass
open('main.py', 'w').write('print("mine")')
print(found)
`
	runner, ok := runners(t)["bubblewrap"]
	if !ok {
		return
	}
	batch := execution.Batch{}
	for _, name := range []string{"first", "second"} {
		batch.Programs = append(batch.Programs, problem.Program{Name: name, Language: "python", Source: source})
		for i := range 2 {
			batch.Steps = append(batch.Steps, execution.Step{Name: fmt.Sprint(name, i), Program: name, Keep: 100})
		}
	}
	for name, r := range work(t, runner, batch) {
		if r.Verdict != problem.Accepted || string(r.Output) != "[]\n" {
			t.Errorf("%s: got %+v %q", name, r, r.Output)
		}
	}
}

func TestBigContentsReachToolsAndTheChecker(t *testing.T) {
	const size = 20 << 20
	big := problem.Program{
		Name: "big", Language: "cpp",
		Source: "#include <cstdio>\nint main() { for (int i = 0; i < (20 << 20); i++) putchar(i % 16 == 15 ? 10 : 'a' + i % 16); }\n",
	}
	same := problem.Program{Name: "checker", Language: "python", Source: `import sys
i, o, a = (open(f, 'rb').read() for f in sys.argv[1:4])
sys.exit(0 if i == o == a else 1)
`}
	echo := problem.Program{
		Name: "echo", Language: "cpp",
		Source: "#include <cstdio>\nint main() { static char b[65536]; for (size_t n; (n = fread(b, 1, sizeof b, stdin)) > 0;) fwrite(b, 1, n, stdout); }\n",
	}
	for mode, runner := range runners(t) {
		t.Run(mode, func(t *testing.T) {
			got := work(t, runner, execution.Batch{
				Programs: []problem.Program{big, echo, same}, Checker: testlib,
				Steps: []execution.Step{
					{Name: "make", Program: "big"},
					{Name: "echo", Program: "echo", Input: execution.Made("make"), Answer: execution.Made("make"), Keep: 10},
				},
			})
			for _, name := range []string{"make", "echo"} {
				if r := got[name]; r.Verdict != problem.Accepted || r.Size != size || r.Digest != got["make"].Digest {
					t.Errorf("%s: got %+v", name, r)
				}
			}
		})
	}
}

func TestAProgramThatKeepsRunningOutOfTimeIsGivenUp(t *testing.T) {
	runner := newRunner(t, true)
	batch := execution.Batch{
		Programs:    []problem.Program{{Name: "slow", Language: "cpp", Source: "int main() { volatile long x = 0; for (;;) x = x + 1; }\n"}},
		MaxTimeouts: 2,
	}
	for i := range 4 {
		batch.Steps = append(batch.Steps, execution.Step{Name: fmt.Sprint(i), Program: "slow", Limits: problem.Limits{Time: 100 * time.Millisecond}})
	}
	var said []string
	got := work(t, runner, batch)
	for i := range 4 {
		said = append(said, string(got[fmt.Sprint(i)].Verdict))
	}
	if strings.Join(said, " ") != "TLE TLE  " || !strings.Contains(got["2"].Detail, "given up") {
		t.Errorf("got %q, %q", said, got["2"].Detail)
	}
}
