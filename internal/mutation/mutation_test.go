package mutation

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write testdata anew")

// solution is a program of testdata, named like its file.
type solution struct {
	name, language, source string
}

const anyLanguage = ""

// solutions are accepted programs as people and models write them.
func solutions(t testing.TB, language string) []solution {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "programs", "*"))
	if err != nil || len(files) < 10 {
		t.Fatalf("%d programs, %v", len(files), err)
	}
	var found []solution
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s := solution{filepath.Base(file), "cpp", string(source)}
		if filepath.Ext(file) == ".py" {
			s.language = "python"
		}
		if language == anyLanguage || language == s.language {
			found = append(found, s)
		}
	}
	return found
}

func (s solution) mutants(t testing.TB, limit int) []Mutant {
	t.Helper()
	mutants, err := Mutants(s.language, s.source, limit)
	if err != nil {
		t.Fatalf("%s: %v", s.name, err)
	}
	return mutants
}

// each runs a test for every program in a language.
func each(t *testing.T, language string, test func(*testing.T, solution)) {
	t.Helper()
	for _, s := range solutions(t, language) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			test(t, s)
		})
	}
}

func TestMutantsAreProgramsOfTheirOwn(t *testing.T) {
	each(t, anyLanguage, func(t *testing.T, s solution) {
		mutants := s.mutants(t, MaxMutants)
		if len(mutants) < 40 {
			t.Errorf("only %d mutants", len(mutants))
		}
		ids, lines := map[string]bool{}, strings.Count(s.source, "\n")+1
		for _, m := range mutants {
			if m.Source == s.source || ids[m.ID] {
				t.Errorf("%s is not new", m.Description)
			}
			ids[m.ID] = true
			if _, err := Mutants(s.language, m.Source, 0); err != nil {
				t.Errorf("%s: %v", m.Description, err)
			}
			if m.Line < 1 || m.Line > lines || !strings.HasPrefix(m.Description, fmt.Sprintf("line %d: ", m.Line)) {
				t.Errorf("%s is on line %d of %d", m.Description, m.Line, lines)
			}
		}
	})
}

func TestMutantsAreTheSameEachTime(t *testing.T) {
	each(t, anyLanguage, func(t *testing.T, s solution) {
		all := s.mutants(t, MaxMutants)
		for _, limit := range []int{-1, 0, 1, 2, 17, len(all), MaxMutants + 1} {
			want := all[:max(min(limit, len(all)), 0)]
			if diff := cmp.Diff(slices.Clone(want), append([]Mutant{}, s.mutants(t, limit)...)); diff != "" {
				t.Errorf("at most %d are not the first of all (-want +got):\n%s", limit, diff)
			}
		}
	})
}

func TestOperatorsTakeTurns(t *testing.T) {
	each(t, anyLanguage, func(t *testing.T, s solution) {
		all := s.mutants(t, MaxMutants)
		totals := count(all)
		for limit := range len(all) {
			counts := count(all[:limit])
			for a := range counts {
				for b, total := range totals {
					if counts[a] > counts[b]+1 && counts[b] < total {
						t.Fatalf("of the first %d are %d %s and %d %s", limit, counts[a], a, counts[b], b)
					}
				}
			}
		}
	})
}

func count(mutants []Mutant) map[Operator]int {
	counts := map[Operator]int{}
	for _, m := range mutants {
		counts[m.Operator]++
	}
	return counts
}

func TestMutantsSpreadOverTheProgram(t *testing.T) {
	each(t, anyLanguage, func(t *testing.T, s solution) {
		few := s.mutants(t, 20)
		seen, half, upper := map[int]bool{}, strings.Count(s.source, "\n")/2, 0
		for _, m := range few {
			seen[m.Line] = true
			if m.Line <= half {
				upper++
			}
		}
		if len(seen) < 12 || upper < 4 || upper > 16 {
			t.Errorf("20 mutants are on %d lines, %d in the upper half", len(seen), upper)
		}
	})
}

func TestEveryProgramWithALoopCanBeSlow(t *testing.T) {
	each(t, anyLanguage, func(t *testing.T, s solution) {
		if count(s.mutants(t, MaxMutants))[Slow] == 0 {
			t.Error("none is slow")
		}
	})
}

func TestMutantsAreTheRecordedOnes(t *testing.T) {
	for _, s := range solutions(t, anyLanguage) {
		if s.name != "knapsack.py" && s.name != "paths.cpp" {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			var got strings.Builder
			for _, m := range s.mutants(t, MaxMutants) {
				fmt.Fprintf(&got, "%s %s: %s\n", m.ID, m.Operator, m.Description)
			}
			file := filepath.Join("testdata", s.name+".golden")
			if *update {
				if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatalf("%v; run go test ./internal/mutation -update", err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("the mutants are not the recorded ones (-want +got):\n%s", diff)
			}
		})
	}
}

func TestProgramsWithoutMutants(t *testing.T) {
	for name, c := range map[string]struct {
		language, source string
		want             error
	}{
		"an unknown language":              {"go", "package main\n", ErrLanguage},
		"no language":                      {"", "x = 1\n", ErrLanguage},
		"a language that is no text":       {"\xff\n", "x = 1\n", ErrLanguage},
		"a syntax error":                   {"python", "x = = 1\n", ErrSyntax},
		"a missing bracket":                {"cpp", "int main() { f(1; }\n", ErrSyntax},
		"the wrong language":               {"cpp", "def f():\n    return 1\n", ErrSyntax},
		"bytes that are no text":           {"python", "x = '\xff'\n", ErrSyntax},
		"a NUL":                            {"cpp", "int x = 1;\x00", ErrSyntax},
		"a macro that hides what it means": {"cpp", "#define BEGIN {\nint main() BEGIN return 0; }\n", ErrSyntax},
		"too long":                         {"python", strings.Repeat("x = 1\n", MaxSource/6+1), ErrTooLarge},
		"too deep":                         {"python", "x = " + strings.Repeat("(", maxDepth) + "1" + strings.Repeat(")", maxDepth) + "\n", ErrTooLarge},
		"deep and wrong":                   {"cpp", strings.Repeat("{[(", 20_000), ErrSyntax},
		"too dense":                        {"python", "x = " + strings.Repeat("-", 60_000) + "1\n", ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mutants, err := Mutants(c.language, c.source, 10)
			if mutants != nil || !errors.Is(err, c.want) {
				t.Fatalf("%d mutants and %v, want %v", len(mutants), err, c.want)
			}
			if message := err.Error(); len(message) > 200 || strings.ContainsFunc(message, unicode.IsControl) {
				t.Errorf("the error reads %q", message)
			}
		})
	}
}

func TestSupportedLanguages(t *testing.T) {
	for language, want := range map[string]bool{"python": true, "pypy": true, "cpp": true, "java": false, "": false} {
		if got := Supports(language); got != want {
			t.Errorf("Supports(%q) = %t", language, got)
		}
	}
	python, _ := Mutants("python", "x = 1\n", 1)
	pypy, _ := Mutants("pypy", "x = 1\n", 1)
	if len(python) != 1 || len(pypy) != 1 || python[0].Source != pypy[0].Source || python[0].ID == pypy[0].ID {
		t.Errorf("got %v for python and %v for pypy", python, pypy)
	}
}

func TestUnusualPrograms(t *testing.T) {
	for name, c := range map[string]struct {
		language, source string
		// want is in one of the mutants.
		want string
	}{
		"the empty program":           {"python", "", ""},
		"only a comment":              {"cpp", "// nothing\n", ""},
		"Windows line ends":           {"python", "while a:\r\n    b()\r\n", "    b()\n    break\r\n"},
		"no line end":                 {"python", "if a: b()", "if True: b()"},
		"a byte order mark":           {"cpp", "\ufeffint x = 1;\n", "\ufeffint x = 2;"},
		"other scripts":               {"python", "값 = 1  # 하나\n", "값 = 2  # 하나\n"},
		"two statements in a line":    {"python", "for x in a: b(); c()\n", "b(); c(); break"},
		"tabs":                        {"python", "for x in a:\n\tif x:\n\t\tb()\n", "\t\tb()\n\t\tbreak\n"},
		"a name that is taken":        {"python", "while rounds:\n    b()\n", "rounds_ = 0\nwhile rounds:"},
		"macros instead of loops":     {"cpp", "#define FOR(i, n) for (int i = 0; i < n; i++)\nvoid f() { FOR(i, 5) FOR(j, n) { g(i + 1); } }\n", "g(i - 1)"},
		"a macro of one letter":       {"cpp", "#define F(i, n) for (int i = 0; i < n; i++)\nvoid f() { F(i, n) { g(i + 1); } }\n", "g(i - 1)"},
		"statements around directive": {"cpp", "#ifdef LOCAL\nint x = 1;\n#endif\nint y = 2;\n", "int y = 3;"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mutants, err := Mutants(c.language, c.source, MaxMutants)
			if err != nil {
				t.Fatal(err)
			}
			found := c.want == "" && len(mutants) == 0 || c.want != "" &&
				slices.ContainsFunc(mutants, func(m Mutant) bool { return strings.Contains(m.Source, c.want) })
			if !found {
				t.Errorf("none of %d mutants has %q", len(mutants), c.want)
			}
		})
	}
}

func TestDescriptionsAreShortLines(t *testing.T) {
	long := strings.Repeat("가나다라", 100)
	sources := map[string]string{
		"python": "if '" + long + "' == '''`\n\t\u200b''':\n    " + long + "()\n" + "while " + long + ": f()\n",
		"cpp":    "void f() { for (;;) if (" + long + " == \"" + long + "`\") g(); }\nlong long " + long + "[100000];\n",
	}
	for language, source := range sources {
		mutants, err := Mutants(language, source, MaxMutants)
		if err != nil || len(mutants) < 4 {
			t.Fatalf("%s: %d mutants, %v", language, len(mutants), err)
		}
		for _, m := range mutants {
			checkDescription(t, m)
		}
	}
}

func checkDescription(t *testing.T, m Mutant) {
	t.Helper()
	d := m.Description
	unprintable := strings.ContainsFunc(d, func(r rune) bool { return !unicode.IsPrint(r) })
	if len(d) > MaxDescription || !utf8.ValidString(d) || unprintable || strings.Count(d, "`")%2 != 0 {
		t.Errorf("%d bytes: %q", len(d), d)
	}
}

func FuzzMutants(f *testing.F) {
	for _, s := range solutions(f, anyLanguage) {
		f.Add(s.language, s.source)
	}
	for _, source := range []string{
		"", "\x00", "\ufeff", "x\xff", "'''", "f'{f\"{", "((((", "if a: b\nelse", "for x in", "@", "lambda: (yield)", "a[::]", "x: int = 0",
		"#define rep(i) for(;;)\nvoid f(){rep(i)rep(i);}", "R\"(", "a<b<c>>d;", "struct", "template<", "#if\n#else", "[](auto){};", "int a[1000];",
	} {
		f.Add("python", source)
		f.Add("cpp", source)
	}
	f.Fuzz(func(t *testing.T, language, source string) {
		mutants, err := Mutants(language, source, 30)
		if err != nil {
			if mutants != nil || !errors.Is(err, ErrLanguage) && !errors.Is(err, ErrSyntax) && !errors.Is(err, ErrTooLarge) {
				t.Fatalf("%d mutants and %v", len(mutants), err)
			}
			return
		}
		seen := map[string]bool{source: true}
		for _, m := range mutants {
			if seen[m.Source] || m.Line < 1 || m.Line > strings.Count(source, "\n")+1 {
				t.Errorf("line %d: %q", m.Line, m.Source)
			}
			seen[m.Source] = true
			checkDescription(t, m)
		}
	})
}
