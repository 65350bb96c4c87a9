// Package torture is a corpus of programs that want more than to be judged:
// they try to take the machine, to learn what they must not know, or to leave
// something to the next test. The local tests and those on a cluster share it.
package torture

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

//go:embed testdata
var files embed.FS

// Case is one program and what may become of it.
type Case struct {
	Name, Language, Source string
	Tests                  []execution.Test
	// Want are the verdicts that the whole may have, WantTests those of each
	// test; none where no test may be run.
	Want      []problem.Verdict
	WantTests [][]problem.Verdict
	// Why says what another verdict would mean.
	Why string
}

// The limits that the corpus is made for.
var limits = problem.Limits{Time: time.Second, MemoryBytes: 128 << 20}

// Request asks for all tests of the case.
func (c *Case) Request() execution.Request {
	return execution.Request{
		Key: "torture/" + c.Name, Priority: execution.PriorityGeneration,
		Language: c.Language, Source: c.Source, Tests: c.Tests, Limits: limits,
	}
}

// Check tells what is wrong with a report. All tests must have been run.
func Check(c *Case, r *problem.Report) error {
	switch {
	case r == nil:
		return fmt.Errorf("%s: there is no report", c.Name)
	case !slices.Contains(c.Want, r.Verdict):
		return fmt.Errorf("%s: got %s, want one of %v: %s\n%+v", c.Name, r.Verdict, c.Want, c.Why, *r)
	case len(r.Tests) != len(c.WantTests):
		return fmt.Errorf("%s: %d tests were run, want %d: %s\n%+v", c.Name, len(r.Tests), len(c.WantTests), c.Why, *r)
	}
	for i := range r.Tests {
		if !slices.Contains(c.WantTests[i], r.Tests[i].Verdict) {
			return fmt.Errorf("%s, test %s: got %s, want one of %v: %s\n%+v",
				c.Name, r.Tests[i].Name, r.Tests[i].Verdict, c.WantTests[i], c.Why, r.Tests[i])
		}
	}
	return nil
}

// Plain is a program that does what it should: judged after a case, it shows
// that judging still works.
func Plain() *Case {
	return &Case{
		Name: "plain", Language: "python", Tests: attack,
		Source: "_, a, b = input().split()\nprint(int(a) + int(b))\n",
		Want:   accepted, WantTests: [][]problem.Verdict{accepted, accepted},
		Why: "the case before has broken the judging",
	}
}

// secret is an answer that no program can make up. It must not stand in any
// program of the corpus.
const secret = "algoitny-answer-" + "5d3c0f1e9b7a2468"

var (
	// attack has the program attack in the first test and behave in the second.
	attack = []execution.Test{
		{Name: "attack", Input: execution.Text("attack 1 2\n"), Answer: execution.Text("3\n")},
		{Name: "behave", Input: execution.Text("behave 20 22\n"), Answer: execution.Text("42\n")},
	}
	// seek is answered rightly only by a program that has found something.
	seek   = []execution.Test{{Name: "seek", Input: execution.Text("seek 20 22\n"), Answer: execution.Text("42\n")}}
	hidden = []execution.Test{{Name: "seek", Input: execution.Text("seek 20 22\n"), Answer: execution.Text(secret + "\n")}}
)

var (
	accepted = []problem.Verdict{problem.Accepted}
	// A search that took too long has found nothing either.
	nothing = []problem.Verdict{problem.WrongAnswer, problem.TimeLimitExceeded}
	compile = []problem.Verdict{problem.CompileError}
	// fails are what becomes of a program that asks for too much.
	fails = []problem.Verdict{
		problem.RuntimeError, problem.TimeLimitExceeded, problem.MemoryLimitExceeded, problem.OutputLimitExceeded, problem.WrongAnswer,
	}
	// any is for attacks that the program may survive.
	whatever = append([]problem.Verdict{problem.Accepted}, fails...)
)

// why explains each kind of case.
const (
	whyAttack  = "an attack must cost a program its own test only, and the next test must find everything as before"
	whySeek    = "the program has found what it must not see"
	whyLeft    = "something of the first test was left to the second"
	whyCompile = "a compiler must come to an end within its limits, and read nothing but the program"
)

var languages = map[string]string{".py": "python", ".cpp": "cpp", ".go": "go", ".java": "java"}

// fromFile is a case whose program is a file of the corpus.
func fromFile(name string, tests []execution.Test, why string, want []problem.Verdict, wantTests ...[]problem.Verdict) Case {
	raw, err := files.ReadFile("testdata/" + name)
	if err != nil {
		panic(err) // it is embedded
	}
	return Case{
		Name: strings.ReplaceAll(name, ".", "-"), Language: languages[path.Ext(name)], Source: string(raw),
		Tests: tests, Want: want, WantTests: wantTests, Why: why,
	}
}

// attacks gets these verdicts for the attack, and the next test must be right.
func attacks(name string, want ...problem.Verdict) Case {
	return fromFile(name, attack, whyAttack, want, want, accepted)
}

func seeks(name string) Case { return fromFile(name, seek, whySeek, nothing, nothing) }

// leaves is right in both tests as long as nothing of the first is left.
func leaves(name string) Case {
	return fromFile(name, attack, whyLeft, accepted, accepted, accepted)
}

func failsToCompile(name string) Case { return fromFile(name, seek, whyCompile, compile) }

// made is a case whose program is too long to be read.
func made(name, language, source string, want []problem.Verdict, wantTests ...[]problem.Verdict) Case {
	return Case{Name: name, Language: language, Source: source, Tests: seek, Want: want, WantTests: wantTests, Why: whyCompile}
}

// Cases is the corpus.
func Cases() []Case {
	return slices.Concat(resources(), processes(), searches(), remains(), compilers())
}

func resources() []Case {
	return []Case{
		attacks("fork-bomb.cpp", fails...),
		attacks("fork-bomb-sessions.cpp", fails...),
		attacks("threads.cpp", fails...),
		attacks("Threads.java", fails...),
		attacks("memory-fast.cpp", problem.MemoryLimitExceeded, problem.RuntimeError),
		attacks("memory-slow.py", problem.MemoryLimitExceeded, problem.TimeLimitExceeded),
		attacks("memory-many.cpp", problem.MemoryLimitExceeded),
		attacks("memory.go", problem.MemoryLimitExceeded, problem.TimeLimitExceeded, problem.RuntimeError),
		attacks("memory-in-files.py", whatever...),
		attacks("deep-recursion.cpp", problem.MemoryLimitExceeded, problem.RuntimeError, problem.TimeLimitExceeded),
		attacks("inodes.cpp", fails...),
		attacks("deep-folders.py", whatever...),
		attacks("descriptors.py", whatever...),
		attacks("output.cpp", problem.OutputLimitExceeded, problem.TimeLimitExceeded),
		attacks("stderr.cpp", problem.OutputLimitExceeded, problem.TimeLimitExceeded),
		attacks("busy.cpp", problem.TimeLimitExceeded),
		attacks("sleep.cpp", problem.TimeLimitExceeded),
	}
}

func processes() []Case {
	return []Case{
		attacks("kills-everything.py", whatever...),
		attacks("kills-its-agent.py", whatever...),
		attacks("removes-everything.py", whatever...),
		attacks("new-namespaces.py", whatever...),
	}
}

func searches() []Case {
	answers := seeks("finds-answers.py")
	answers.Tests = hidden
	return []Case{
		answers,
		seeks("finds-tokens.py"),
		seeks("finds-secrets.py"),
		seeks("finds-processes.py"),
		seeks("finds-network.py"),
		seeks("finds-higher-limits.py"),
		seeks("finds-its-agent.py"),
		seeks("forges-results.py"),
		seeks("prints-a-report.py"),
	}
}

func remains() []Case {
	return []Case{
		leaves("outlives.cpp"),
		leaves("leaves-notes.py"),
		leaves("modifies-itself.cpp"),
		leaves("modifies-itself.py"),
	}
}

func compilers() []Case {
	return []Case{
		failsToCompile("template-bomb.cpp"),
		failsToCompile("constexpr-loop.cpp"),
		failsToCompile("includes-zero.cpp"),
		failsToCompile("includes-stdin.cpp"),
		failsToCompile("includes-answers.cpp"),
		failsToCompile("includes-itself.cpp"),
		failsToCompile("huge-initialised-array.cpp"),
		failsToCompile("many-errors.cpp"),
		failsToCompile("cgo.go"),
		failsToCompile("embed.go"),
		fromFile("huge-array.cpp", seek, whyAttack, fails, fails),
		made("python-literal", "python", "x = "+strings.Repeat("(", 100_000)+"1"+strings.Repeat(")", 100_000), compile),
		made("python-number", "python", "x = 0x"+strings.Repeat("7", 400_000)+"\nprint(1)\n", nothing, nothing),
		made("python-nothing", "python", strings.Repeat("\x00", 100_000), compile),
		made("java-literal", "java", "public class Main { String x = \""+strings.Repeat("x", 70_000)+"\"; }", compile),
	}
}
