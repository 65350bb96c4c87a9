package mutation

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// enoughCompile is how many of a hundred mutants must compile: each that does
// not takes the place of one that could tell something.
const enoughCompile = 95

// broken compiles nowhere: it proves that the compilers are asked.
var broken = Mutant{ID: "broken", Description: "no program", Source: "int main() { return ) }"}

func checkCompiled(t *testing.T, mutants []Mutant, failed map[string]string) {
	t.Helper()
	if failed[broken.ID] == "" {
		t.Fatal("a broken program compiles")
	}
	for _, m := range mutants {
		if failed[m.ID] != "" {
			t.Logf("%s: %s", m.Description, failed[m.ID])
		}
	}
	if percent := 100 - 100*(len(failed)-1)/len(mutants); percent < enoughCompile {
		t.Errorf("%d %% of %d mutants compile", percent, len(mutants))
	}
}

// compiledCpp are the mutants of each program in C++ that are compiled: as the
// mistakes take turns, every kind is among them.
const compiledCpp = 60

// TestCppMutantsCompile asks once for all mutants of a program, each in a
// namespace of its own: the headers take most of the time.
func TestCppMutantsCompile(t *testing.T) {
	compiler := installed(t, "g++")
	each(t, "cpp", func(t *testing.T, s solution) {
		mutants := s.mutants(t, compiledCpp)
		failed := map[string]string{}
		compile := exec.CommandContext(t.Context(), compiler, "-std=c++20", "-fsyntax-only", "-w", "-fmax-errors=0", "-x", "c++", "-")
		compile.Stdin = strings.NewReader(oneUnit(append(slices.Clone(mutants), broken)))
		var log bytes.Buffer
		compile.Stderr = &log
		_ = compile.Run()
		for line := range strings.Lines(log.String()) {
			if id, rest, ok := strings.Cut(line, ":"); ok && failed[id] == "" {
				failed[id] = rest
			}
		}
		for id := range failed {
			if id != broken.ID && !slices.ContainsFunc(mutants, func(m Mutant) bool { return m.ID == id }) {
				delete(failed, id)
			}
		}
		checkCompiled(t, mutants, failed)
	})
}

// oneUnit puts programs behind each other: what they include comes first,
// once, and what they define ends with each.
func oneUnit(mutants []Mutant) string {
	var headers, programs strings.Builder
	for _, m := range mutants {
		fmt.Fprintf(&programs, "#line 1 %q\nnamespace m%s {\n", m.ID, m.ID)
		var defined []string
		for line := range strings.Lines(m.Source) {
			directive, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
			switch directive {
			case "#include":
				headers.WriteString(line)
				line = "\n"
			case "#define":
				end := strings.IndexAny(rest, " (")
				defined = append(defined, rest[:end])
			}
			programs.WriteString(line)
		}
		programs.WriteString("\n}\n")
		for _, name := range defined {
			programs.WriteString("#undef " + name + "\n")
		}
	}
	return headers.String() + programs.String()
}

// compileAll reads programs by their names and prints what is wrong with them.
const compileAll = `
import json, sys
failed = {}
for name, source in json.load(sys.stdin).items():
    try:
        compile(source, name, "exec")
    except (SyntaxError, ValueError) as e:
        failed[name] = str(e)
json.dump(failed, sys.stdout)
`

func TestPythonMutantsCompile(t *testing.T) {
	interpreter := installed(t, "python3")
	var all []Mutant
	sources := map[string]string{broken.ID: broken.Source}
	for _, s := range solutions(t, "python") {
		for _, m := range s.mutants(t, MaxMutants) {
			all = append(all, m)
			sources[m.ID] = m.Source
		}
	}
	in, err := json.Marshal(sources)
	if err != nil {
		t.Fatal(err)
	}
	compile := exec.CommandContext(t.Context(), interpreter, "-W", "ignore", "-c", compileAll)
	compile.Stdin = bytes.NewReader(in)
	out, err := compile.Output()
	if err != nil {
		t.Fatal(err)
	}
	failed := map[string]string{}
	if err := json.Unmarshal(out, &failed); err != nil {
		t.Fatal(err)
	}
	checkCompiled(t, all, failed)
}

// installed skips a test of a language that is not here, unless all have to be.
func installed(t *testing.T, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil && os.Getenv("ALGOITNY_REQUIRE_TOOLCHAINS") != "" {
		t.Fatal(err)
	}
	if err != nil {
		t.Skip(err)
	}
	return path
}

// Inputs on which a slow mutant must print what the program prints.
var inputs = map[string]string{
	"knapsack.py":   "2\n3 5\n1 2 3\n4 5 6\n1 1\n2\n7\n",
	"paths.py":      "4 5\n1 2 3\n2 3 4\n1 3 9\n3 4 1\n2 4 20\n",
	"ranges.py":     "6 5\n3 1 4 1 5 9\nsum 2 5\ncount 1 4\nmean 2 6\nmean 3 3\nother 3 4\n",
	"components.py": "2\n3 3\n1 2 5\n2 3 1\n1 3 2\n2 0\n",
	"schedule.py":   "3\n4 2\n1 5\n1 9\n2 3\n4 1\n1 1\n1 0\n2 1\n1 1\n1 2\n",
	"words.py":      "banana\nbandana\n",
}

func TestSlowMutantsAreRight(t *testing.T) {
	interpreter := installed(t, "python3")
	run := func(t *testing.T, name, source string) string {
		command := exec.CommandContext(t.Context(), interpreter, "-c", source)
		command.Stdin = strings.NewReader(inputs[name])
		out, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return string(out)
	}
	each(t, "python", func(t *testing.T, s solution) {
		want := run(t, s.name, s.source)
		for _, m := range s.mutants(t, MaxMutants) {
			if m.Operator != Slow {
				continue
			}
			if got := run(t, s.name, m.Source); got != want {
				t.Errorf("%s: got %q, want %q", m.Description, got, want)
			}
		}
	})
}
