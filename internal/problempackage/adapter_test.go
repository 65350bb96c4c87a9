package problempackage

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// build writes a program down and returns the command that runs it.
func build(t *testing.T, program problem.Program) []string {
	t.Helper()
	folder := t.TempDir()
	put := func(name, text string) string {
		t.Helper()
		place := filepath.Join(folder, name)
		if err := os.WriteFile(place, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return place
	}
	for name, text := range program.Files {
		put(name, text)
	}
	if program.Language == "python" {
		return []string{"python3", put("main.py", program.Source)}
	}
	binary := filepath.Join(folder, "main")
	if out, err := exec.Command("g++", "-std=c++20", "-O2", "-o", binary, put("main.cpp", program.Source)).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return []string{binary}
}

// The checkers say right where the output's first word is the answer's.
const (
	testlibCpp = `#include <fstream>
#include <string>
int main(int argc, char** argv) {
	std::ifstream out(argv[2]), ans(argv[3]);
	std::string a, b;
	if (!(ans >> b) || argc != 5 || std::string(argv[4]) != "extra") return 3;
	out >> a;
	if (a == "crash") std::abort();
	return a == b ? 0 : a == "" ? 2 : 1;
}
`
	testlibPython = `import sys
a, b = open(sys.argv[2]).read().split(), open(sys.argv[3]).read().split()
if not b or sys.argv[4:] != ["extra"] or a == ["crash"]:
    sys.exit(3)
sys.exit(0 if a == b else 2 if not a else 1)
`
	icpcCpp = `#include <fstream>
#include <iostream>
#include <string>
int main(int argc, char** argv) {
	std::ifstream ans(argv[2]);
	std::ofstream(std::string(argv[3]) + "judgemessage.txt") << "seen";
	std::string a, b;
	if (!(ans >> b) || argc != 5 || std::string(argv[4]) != "extra") return 1;
	std::cin >> a;
	if (a == "crash") std::abort();
	return a == b ? 42 : 43;
}
`
	icpcPython = `import sys
a, b = sys.stdin.read().split(), open(sys.argv[2]).read().split()
open(sys.argv[3] + "judgemessage.txt", "w").close()
if not b or sys.argv[4:] != ["extra"] or a == ["crash"]:
    sys.exit(1)
sys.exit(42 if a == b else 43)
`
)

func TestAnAdaptedCheckerDecidesAsBefore(t *testing.T) {
	tests := []struct {
		name, language, source string
		adapter                Adapter
		// right, wrong and broken are the exit codes of the new protocol.
		right, wrong, broken int
	}{
		{"testlib in C++", "cpp", testlibCpp, CheckerToICPC, 42, 43, 1},
		{"testlib in Python", "python", testlibPython, CheckerToICPC, 42, 43, 1},
		{"ICPC in C++", "cpp", icpcCpp, CheckerToTestlib, 0, 1, 3},
		{"ICPC in Python", "python", icpcPython, CheckerToTestlib, 0, 1, 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			adapted, err := Adapt(problem.Program{Name: "check", Language: tt.language, Source: tt.source}, tt.adapter)
			if err != nil {
				t.Fatal(err)
			}
			command := build(t, adapted)
			for output, want := range map[string]int{"yes\n": tt.right, "no\n": tt.wrong, "": tt.wrong, "crash\n": tt.broken} {
				if got := check(t, command, tt.adapter, output); got != want {
					t.Errorf("output %q gives exit code %d, want %d", output, got, want)
				}
			}
		})
	}
}

// check calls a checker by the protocol it was adapted to.
func check(t *testing.T, command []string, adapter Adapter, output string) int {
	t.Helper()
	folder := t.TempDir()
	for name, text := range map[string]string{"in": "1\n", "ans": "yes\n", "out": output} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(folder, "feedback"), 0o700); err != nil {
		t.Fatal(err)
	}
	args := []string{"in", "ans", "feedback/", "extra"}
	if adapter == CheckerToTestlib {
		args = []string{"in", "out", "ans", "extra"}
	}
	return exitCode(t, folder, output, append(command, args...))
}

func exitCode(t *testing.T, folder, stdin string, command []string) int {
	t.Helper()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir, cmd.Stdin = folder, strings.NewReader(stdin)
	var ended *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode()
}

func TestAnAdaptedValidatorDecidesAsBefore(t *testing.T) {
	const cpp, python = "#include <iostream>\nint main() { int n; return std::cin >> n ? OK : 1; }\n", "import sys\nsys.exit(OK if sys.stdin.read().strip().isdigit() else 1)\n"
	for _, language := range []string{"cpp", "python"} {
		source := map[string]string{"cpp": cpp, "python": python}[language]
		for adapter, codes := range map[Adapter][3]int{ValidatorToICPC: {0, 42, 43}, ValidatorToTestlib: {42, 0, 3}} {
			t.Run(language+" "+string(adapter), func(t *testing.T) {
				t.Parallel()
				ok := map[int]string{0: "0", 42: "42"}[codes[0]]
				adapted, err := Adapt(problem.Program{Name: "v", Language: language, Source: strings.ReplaceAll(source, "OK", ok)}, adapter)
				if err != nil {
					t.Fatal(err)
				}
				command := build(t, adapted)
				if got := exitCode(t, t.TempDir(), "7\n", command); got != codes[1] {
					t.Errorf("a valid input gives %d, want %d", got, codes[1])
				}
				if got := exitCode(t, t.TempDir(), "x\n", command); got != codes[2] {
					t.Errorf("an invalid input gives %d, want %d", got, codes[2])
				}
			})
		}
	}
}

func TestWhatCannotBeAdaptedIsSaid(t *testing.T) {
	_, err := Adapt(problem.Program{Name: "check", Language: "go"}, CheckerToICPC)
	if err == nil || !strings.Contains(err.Error(), "written in go") {
		t.Errorf("got %v", err)
	}
}
