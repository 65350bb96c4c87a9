package polygon

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/algoitny/algoitny-operator/internal/archive"
	"github.com/algoitny/algoitny-operator/internal/archive/archivetest"
	"github.com/algoitny/algoitny-operator/internal/judge"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/problempackage"
)

const xmlStart = `<problem short-name="sum"><names><name language="english" value="Sum"/></names>`

const testsXML = `<testset name="tests"><time-limit>1000</time-limit><memory-limit>1048576</memory-limit>
<input-path-pattern>tests/%02d</input-path-pattern><answer-path-pattern>tests/%02d.a</answer-path-pattern>
<tests><test method="manual" sample="true" points="5"/></tests></testset>`

const judgingXML = `<judging input-file="" output-file="">` + testsXML + `</judging>`

const wordsXML = `<assets><checker name="std::wcmp.cpp" type="testlib"><source path="files/check.cpp" type="cpp.g++17"/></checker></assets>`

// files is a small whole package.
var files = map[string]string{
	"problem.xml":                           xmlStart + judgingXML + wordsXML + `</problem>`,
	"statement-sections/english/legend.tex": "Add.\r\n",
	"tests/01":                              "1 2\r\n", "tests/01.a": "3\n",
}

func readFiles(t *testing.T, files map[string]string) (*problempackage.Package, error) {
	t.Helper()
	return Read(archivetest.Tree(t, "upload", files))
}

func TestReading(t *testing.T) {
	p, err := readFiles(t, files)
	if err != nil {
		t.Fatal(err)
	}
	input, err := problempackage.Text(p.Tests[0].Input, 100)
	if err != nil || input != "1 2\r\n" || p.Tests[0].Name != "sample/01" || p.Name != "sum" || p.Title != "Sum" || p.Limits.MemoryBytes != 1<<20 {
		t.Errorf("got %q, %v, %+v", input, err, p)
	}
	if p.Statements[0].Sections.Description != "Add." || p.CheckerProgram != nil || p.Checker.Rules != (problem.CompareRules{}) {
		t.Errorf("got %+v, %+v", p.Statements, p.Checker)
	}
	notes := strings.Join(p.Notes, "\n")
	if !strings.Contains(notes, "std::wcmp.cpp is not compiled") || !strings.Contains(notes, "points of tests") {
		t.Errorf("got notes %q", p.Notes)
	}
}

func TestPackagesThatAreRefused(t *testing.T) {
	tests := []struct {
		name, xml, want string
	}{
		{"no XML", "problem", "not the XML of a problem"},
		{"XML with an entity that grows", `<!DOCTYPE x [<!ENTITY a "aaaa">]><problem>&a;</problem>`, "not the XML of a problem"},
		{"an interactive problem", xmlStart + judgingXML + `<assets><interactor><source path="files/i.cpp"/></interactor></assets></problem>`, "interactive problem"},
		{"programs that run twice", xmlStart + `<judging run-count="2">` + testsXML + `</judging>` + wordsXML + `</problem>`, "run 2 times"},
		{"programs that read files", xmlStart + `<judging input-file="sum.in" output-file="sum.out">` + testsXML + `</judging>` + wordsXML + `</problem>`, `read "sum.in"`},
		{"no tests", xmlStart + `<judging></judging>` + wordsXML + `</problem>`, "no set of tests"},
		{"a test that was not made", strings.Replace(xmlStart+judgingXML+wordsXML+`</problem>`, "</tests>", `<test method="generated" cmd="gen 1"/></tests>`, 1), "take the full package"},
		{"a path that is no pattern", strings.Replace(xmlStart+judgingXML+wordsXML+`</problem>`, "tests/%02d<", "tests/%s%n<", 1), "has to hold one number"},
		{"a path of enormous width", strings.Replace(xmlStart+judgingXML+wordsXML+`</problem>`, "tests/%02d<", "tests/%0999999999d<", 1), "has to hold one number"},
		{"a negative limit", strings.Replace(xmlStart+judgingXML+wordsXML+`</problem>`, ">1000<", ">-1<", 1), "makes no sense"},
		{"no checker", xmlStart + judgingXML + `</problem>`, "names no checker"},
		{"a checker of another kind", xmlStart + judgingXML + `<assets><checker type="dos"/></assets></problem>`, `type "dos"`},
		{"a checker without a source", xmlStart + judgingXML + `<assets><checker name="std::fcmp.cpp" type="testlib"/></assets></problem>`, "no source in the package"},
		{"a checker that is not there", xmlStart + judgingXML + `<assets><checker type="testlib"><source path="files/c.cpp" type="cpp.g++17"/></checker></assets></problem>`, "no such file"},
		{"a checker in Pascal", xmlStart + judgingXML + `<assets><checker type="testlib"><source path="tests/01" type="pas.fpc"/></checker></assets></problem>`, `"pas.fpc" are not run`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := readFiles(t, archivetest.Changed(files, map[string]string{"problem.xml": tt.xml}))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want it to say %q", err, tt.want)
			}
		})
	}
}

func TestRecipes(t *testing.T) {
	tests := []struct {
		command string
		want    []string
	}{
		{"gen 1 2", []string{"gen", "1", "2"}},
		{`gen "a b" -n=3`, []string{"gen", "a b", "-n=3"}},
		{"", nil},
		{"gen 1 | sort", nil},
	}
	for _, tt := range tests {
		got := recipe(tt.command)
		if (got == nil) != (tt.want == nil) || got != nil && !slices.Equal(append([]string{got.Program}, got.Args...), tt.want) {
			t.Errorf("%q: got %+v, want %q", tt.command, got, tt.want)
		}
	}
}

func origin() *problempackage.Package {
	return &problempackage.Package{
		Name: "sum", Facts: problempackage.Facts{Title: "Sum"}, Limits: problem.Limits{Time: 1e9},
		Tests: []problempackage.Test{{Name: "sample/1", Sample: true, Input: archive.Text("1 2\n"), Answer: archive.Text("3\n")}},
	}
}

func TestWhatDoesNotFitIsAnError(t *testing.T) {
	tests := []struct {
		name   string
		change func(*problempackage.Package)
		want   string
	}{
		{"a test with a checker of its own", func(p *problempackage.Package) { p.Tests[0].Checker = &problem.Checker{} }, "checker of its own"},
		{"a checker with arguments", func(p *problempackage.Package) { p.Checker.Args = []string{"x"} }, "gives checkers none"},
		{"a generator with a quote", func(p *problempackage.Package) {
			p.Tests[0].Recipe = &problem.Recipe{Program: "gen", Args: []string{`a"b`}}
		}, "cannot stand in Polygon's script"},
		{"headers that differ", func(p *problempackage.Package) {
			for _, body := range []string{"1", "2"} {
				p.Generators = append(p.Generators, problem.Program{Name: "g" + body, Language: "cpp", Source: "x", Files: map[string]string{"h.h": body}})
			}
		}, "bring different files"},
		{"a checker in Go of another protocol", func(p *problempackage.Package) {
			p.CheckerProgram = &problem.Program{Name: "c", Language: "go", Source: "x"}
			p.Checker = problem.Checker{Program: "c", Protocol: problem.ProtocolICPC}
		}, "written in go"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := origin()
			tt.change(p)
			if _, _, err := Write(p); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want it to say %q", err, tt.want)
			}
		})
	}
}

func TestWhatIsLeftOutIsSaid(t *testing.T) {
	p := origin()
	p.Limits.Time = 0
	p.Others = []problempackage.Other{{Name: "attachments/x", Content: archive.Text("x")}}
	p.InvalidInputs = p.Tests
	p.Tests[0].ValidatorArgs.All = []string{"x"}
	p.Submissions = []problempackage.Submission{{Folder: "partially_accepted", Program: problem.Program{Name: "half", Language: "python", Source: "x"}}}
	_, notes, err := Write(p)
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(notes, "\n")
	for _, want := range []string{"no time limit", "attachments/x", "invalid inputs", "arguments of validators", "partially_accepted/half is tagged as rejected", "no submission is accepted"} {
		if !strings.Contains(all, want) {
			t.Errorf("want %q in notes:\n%s", want, all)
		}
	}
}

// The checker that is made for rules decides as the rules do.
func TestTheCheckerOfRulesDecidesAsTheRulesDo(t *testing.T) {
	all := []problem.CompareRules{
		{IgnoreCase: true}, {SpaceSensitive: true}, {PresentationErrors: true}, {AbsTolerance: 0.01}, {RelTolerance: 1e-3}, {IgnoreCase: true, AbsTolerance: 1e-6, RelTolerance: 1e-6},
	}
	outputs := []string{"1 2\n", "1  2\n", "1 2", "1.004 2\n", "1 2.0015", "Yes 2", "1", "1 2 3", "", "nan 2", "0x1 2"}
	answers := []string{"1 2\n", "yes 2\n", "", "1000 2"}
	for _, rules := range all {
		if got, ok := rulesOf(rulesSource(rules)); !ok || got != rules {
			t.Errorf("the rules %+v are read again as %+v", rules, got)
		}
		t.Run(strings.ReplaceAll(strings.Trim(rulesName(rules), "{}"), " ", ","), func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			put(t, folder, "check.cpp", rulesSource(rules))
			if out, err := exec.Command("g++", "-std=c++20", "-Wall", "-Werror", "-o", filepath.Join(folder, "check"), filepath.Join(folder, "check.cpp")).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			for _, output := range outputs {
				for _, answer := range answers {
					c, err := judge.Compare(strings.NewReader(output), strings.NewReader(answer), rules)
					if err != nil {
						t.Fatal(err)
					}
					put(t, folder, "out", output)
					put(t, folder, "ans", answer)
					cmd := exec.Command("./check", "none", "out", "ans")
					cmd.Dir = folder
					_ = cmd.Run()
					want := map[problem.Verdict]int{problem.Accepted: 0, problem.WrongAnswer: 1, problem.PresentationError: 2}[c.Verdict]
					if got := cmd.ProcessState.ExitCode(); got != want {
						t.Errorf("output %q, answer %q: exit code %d, want %d", output, answer, got, want)
					}
				}
			}
		})
	}
}

func rulesName(r problem.CompareRules) string {
	var words []string
	for word, is := range map[string]bool{"case": r.IgnoreCase, "space": r.SpaceSensitive, "presentation": r.PresentationErrors, "absolute": r.AbsTolerance > 0, "relative": r.RelTolerance > 0} {
		if is {
			words = append(words, word)
		}
	}
	slices.Sort(words)
	return strings.Join(words, " ")
}

func put(t *testing.T, folder, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// FuzzRead proves that no problem.xml makes reading panic.
func FuzzRead(f *testing.F) {
	f.Add(files["problem.xml"])
	f.Fuzz(func(t *testing.T, body string) {
		p, err := readFiles(t, archivetest.Changed(files, map[string]string{"problem.xml": body}))
		if err == nil && len(p.Tests) == 0 {
			t.Error("a package without tests was read")
		}
	})
}
