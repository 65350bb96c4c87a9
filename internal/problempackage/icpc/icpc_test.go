package icpc

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/algoitny/algoitny-operator/internal/archive"
	"github.com/algoitny/algoitny-operator/internal/archive/archivetest"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/problempackage"
)

// legacy and modern are small whole packages.
var legacy = map[string]string{
	"problem.yaml":                          "name: Sum\nvalidation: default\n",
	"problem_statement/problem.en.tex":      "\\problemname{Sum}\nAdd.\n",
	"data/sample/1.in":                      "1 2\n",
	"data/sample/1.ans":                     "3\n",
	"data/secret/1.in":                      "2 2\n",
	"data/secret/1.ans":                     "4\n",
	"input_validators/v.py":                 "exit(42)\n",
	"submissions/accepted/a.py":             "print(3)\n",
	"submissions/time_limit_exceeded/t.cpp": "int main() { for (;;); }\n",
}

var modern = archivetest.Changed(legacy, map[string]string{
	"problem.yaml":                     "problem_format_version: 2023-07-draft\nname: Sum\nuuid: 1\n",
	"problem_statement/problem.en.tex": "",
	"statement/problem.en.md":          "Add.\n",
})

func readFiles(t *testing.T, files map[string]string) (*problempackage.Package, error) {
	t.Helper()
	return Read(archivetest.Tree(t, "sum", files))
}

func mustRead(t *testing.T, files map[string]string) *problempackage.Package {
	t.Helper()
	p, err := readFiles(t, files)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPackagesThatAreRefused(t *testing.T) {
	tests := []struct {
		name    string
		base    map[string]string
		changes map[string]string
		want    string
	}{
		{"a scoring problem", modern, map[string]string{"problem.yaml": "problem_format_version: 2023-07\ntype: scoring\n"}, "scoring problem"},
		{"an interactive problem", modern, map[string]string{"problem.yaml": "problem_format_version: 2023-07\ntype: [pass-fail, interactive]\n"}, "interactive problem"},
		{"a multi-pass problem", modern, map[string]string{"problem.yaml": "problem_format_version: draft\ntype: multi-pass\n"}, "multi-pass problem"},
		{"a submit-answer problem", modern, map[string]string{"problem.yaml": "problem_format_version: 2025-09\ntype: submit-answer\n"}, "answers instead of programs"},
		{"a legacy interactive problem", legacy, map[string]string{"problem.yaml": "validation: custom interactive\n"}, "interactive problem"},
		{"a legacy validator with scores", legacy, map[string]string{"problem.yaml": "validation: custom score\n"}, "gives scores"},
		{"a version of the future", legacy, map[string]string{"problem.yaml": "problem_format_version: 2031-01\n"}, "is not known; the versions are"},
		{"a type nobody knows", modern, map[string]string{"problem.yaml": "problem_format_version: 2023-07\ntype: dance\n"}, `"dance" is not known`},
		{"YAML that is none", legacy, map[string]string{"problem.yaml": "name: [\n"}, "not valid YAML"},
		{"YAML with a key twice", legacy, map[string]string{"problem.yaml": "name: a\nname: b\n"}, "not valid YAML"},
		{"YAML that is a list", legacy, map[string]string{"problem.yaml": "- a\n"}, "not a map"},
		{"YAML in another encoding", legacy, map[string]string{"problem.yaml": "name: caf\xe9\n"}, "not UTF-8"},
		{"a name that is a list", legacy, map[string]string{"problem.yaml": "name: [a]\n"}, "a text is expected"},
		{"a negative time limit", modern, map[string]string{"problem.yaml": "problem_format_version: 2023-07\nlimits: {time_limit: -1}\n"}, "time_limit is -1"},
		{"an endless time limit", modern, map[string]string{"problem.yaml": "problem_format_version: 2023-07\nlimits: {time_limit: 1e30}\n"}, "at most"},
		{"a memory limit of nothing", legacy, map[string]string{"problem.yaml": "limits: {memory: 0}\n"}, "limits.memory is 0"},
		{"a multiplier below one", legacy, map[string]string{"problem.yaml": "limits: {time_multiplier: 0.5}\n"}, "multiplier"},
		{"a time limit that is no number", legacy, map[string]string{".timelimit": "soon\n"}, `"soon" is not a number of seconds`},
		{"time limits that disagree", legacy, map[string]string{".timelimit": "2", "domjudge-problem.ini": "timelimit = 3\n"}, "leave only one"},
		{"a special run script", legacy, map[string]string{"domjudge-problem.ini": "special_run = duel\n"}, "special_run"},
		{"an ini file that is none", legacy, map[string]string{"domjudge-problem.ini": "timelimit 3\n"}, "key = value"},
		{"an ini file with an open quote", legacy, map[string]string{"domjudge-problem.ini": "name = 'Sum\n"}, "no closing one"},
		{"no tests", legacy, map[string]string{"data/sample/1.in": "", "data/secret/1.in": ""}, "no tests"},
		{"a test without an answer", legacy, map[string]string{"data/secret/1.ans": ""}, "1.ans is missing"},
		{"a test with files", modern, map[string]string{"data/secret/1.files/x": "x"}, "files beside its input"},
		{"a test with arguments", modern, map[string]string{"data/secret/1.yaml": "args: [-x]\n"}, "arguments for the program"},
		{"a grader", legacy, map[string]string{"data/secret/testdata.yaml": "grading: custom\n"}, "grader"},
		{"a tolerance that is none", legacy, map[string]string{"problem.yaml": "validator_flags: float_tolerance much\n"}, "is no tolerance"},
		{"a tolerance that is missing", legacy, map[string]string{"problem.yaml": "validator_flags: float_tolerance\n"}, "not followed by a number"},
		{"a flag nobody knows", legacy, map[string]string{"problem.yaml": "validator_flags: be_nice\n"}, `no argument "be_nice"`},
		{"a custom validation without a validator", legacy, map[string]string{"problem.yaml": "validation: custom\n"}, "0 output validators"},
		{"two output validators", legacy, map[string]string{"problem.yaml": "validation: custom\n", "output_validators/a.py": "x", "output_validators/b.py": "x"}, "2 output validators"},
		{"an output validator with a run script", legacy, map[string]string{"problem.yaml": "validation: custom\n", "output_validators/v/run": "x", "output_validators/v/a.py": "x"}, "build and run scripts"},
		{"an output validator in another language", legacy, map[string]string{"problem.yaml": "validation: custom\n", "output_validators/v.rb": "x"}, `end in ".rb"`},
		{"a static validator", modern, map[string]string{"static_validator/v.py": "x"}, "static validators"},
		{"two statements in a language", modern, map[string]string{"statement/problem.tex": "x"}, "two statements in en"},
		{"a constant with no name", modern, map[string]string{"problem.yaml": "problem_format_version: 2023-07\nconstants: {\"a b\": 1}\n"}, `constant "a b"`},
		{"submissions.yaml that is none", modern, map[string]string{"submissions/submissions.yaml": "accepted: 3\n"}, "submissions.yaml"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := readFiles(t, archivetest.Changed(tt.base, tt.changes))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want it to say %q", err, tt.want)
			}
		})
	}
}

func TestMetadata(t *testing.T) {
	p := mustRead(t, archivetest.Changed(modern, map[string]string{"problem.yaml": `problem_format_version: 2023-07-draft
name: {sv: Summa, en: 2048}
uuid: 3e5a
credits: {authors: [A <a@b.example>, B]}
source: [{name: Cup, url: https://cup.example}, Other]
license: cc0
keywords: [easy, "two words"]
limits: {time_limit: 1.5, memory: 512, output: 4, code: 100, time_multipliers: {ac_to_time_limit: 3}, time_resolution: 0.1}
languages: all
`}))
	want := problempackage.Facts{
		Title: "2048", UUID: "3e5a", Authors: []string{"A <a@b.example>", "B"}, Source: "Cup", SourceURL: "https://cup.example",
		License: "cc0", Keywords: []string{"easy", "two words"},
	}
	if diff := cmp.Diff(want, p.Facts); diff != "" {
		t.Error(diff)
	}
	if p.Limits.Time != 1500*time.Millisecond || p.Limits.MemoryBytes != 512<<20 || p.OutputBytes != 4<<20 || p.Timing != (problempackage.Timing{Multiplier: 3, Resolution: 100 * time.Millisecond}) {
		t.Errorf("got %+v, %+v, output %d", p.Limits, p.Timing, p.OutputBytes)
	}
	if len(p.Notes) != 2 || p.Notes[0] != "problem.yaml: these keys are not used: languages" || !strings.Contains(p.Notes[1], "limits.output") {
		t.Errorf("got notes %q", p.Notes)
	}
}

func TestLegacyMetadata(t *testing.T) {
	p := mustRead(t, archivetest.Changed(legacy, map[string]string{
		"problem.yaml":         "author: A, B and C\nsource: Cup\nsource_url: https://cup.example\nkeywords: easy sums\nvalidator_flags: case_sensitive float_relative_tolerance 1e-4\n",
		"domjudge-problem.ini": "; from the cup\n[problem]\nname = \"The\nSum\" ; two lines\ntimelimit=0.25 ; seconds\ncolor=#ff0000\nspecial_compare = cmp\npoints = 1\nother = x\n",
		".timelimit":           "0.25\n",
	}))
	if !slices.Equal(p.Authors, []string{"A", "B", "C"}) || !slices.Equal(p.Keywords, []string{"easy", "sums"}) || p.Title != "The\nSum" || p.Color != "#ff0000" {
		t.Errorf("got %+v", p.Facts)
	}
	if p.Limits.Time != 250*time.Millisecond || p.Checker.Rules != (problem.CompareRules{RelTolerance: 1e-4}) {
		t.Errorf("got %+v, %+v", p.Limits, p.Checker)
	}
	if notes := strings.Join(p.Notes, "\n"); !strings.Contains(notes, `special_compare = "cmp"`) || !strings.Contains(notes, `"other" is not known`) {
		t.Errorf("got notes %q", p.Notes)
	}
}

func TestATitleIsFoundInTheStatement(t *testing.T) {
	p := mustRead(t, archivetest.Changed(legacy, map[string]string{"problem.yaml": "validation: default\n"}))
	if p.Title != "Sum" {
		t.Errorf("got %q", p.Title)
	}
	p = mustRead(t, archivetest.Changed(legacy, map[string]string{"problem.yaml": "", "domjudge-problem.ini": "timelimit = 1\n", "problem_statement/problem.en.tex": ""}))
	if p.Title != "sum" {
		t.Errorf("got %q, want the package's own name", p.Title)
	}
}

// The settings of groups: the closest file counts in the legacy format, each
// key by itself in the new one.
func TestGroupSettings(t *testing.T) {
	files := map[string]string{
		"data/secret/a/1.in": "1\n", "data/secret/a/1.ans": "1\n", "data/secret/a/2.in": "1\n", "data/secret/a/2.ans": "1\n",
	}
	t.Run("legacy", func(t *testing.T) {
		p := mustRead(t, archivetest.Changed(archivetest.Changed(legacy, files), map[string]string{
			"data/testdata.yaml":          "input_validator_flags: --all\noutput_validator_flags: float_tolerance 0.1\n",
			"data/secret/a/testdata.yaml": "input_validator_flags: {name: v, flags: -x -y}\n",
		}))
		byName := tests(p)
		if got := byName["secret/1"]; !slices.Equal(got.ValidatorArgs.For("v"), []string{"--all"}) || p.CheckerOf(&got).Rules.AbsTolerance != 0.1 {
			t.Errorf("got %+v", got)
		}
		got := byName["secret/a/1"]
		if !slices.Equal(got.ValidatorArgs.For("v"), []string{"-x", "-y"}) || got.ValidatorArgs.For("w") != nil || p.CheckerOf(&got).Rules.AbsTolerance != 0 {
			t.Errorf("got %+v, %+v", got, p.CheckerOf(&got))
		}
	})
	t.Run("new", func(t *testing.T) {
		p := mustRead(t, archivetest.Changed(archivetest.Changed(modern, files), map[string]string{
			"data/test_group.yaml":          "input_validator_args: [--all]\noutput_validator_args: [float_tolerance, '0.1']\n",
			"data/secret/a/test_group.yaml": "input_validator_args: {v: [a b]}\n",
			"data/secret/a/2.yaml":          "output_validator_args: [case_sensitive]\ndescription: another\nhint: no\n",
		}))
		byName := tests(p)
		got := byName["secret/a/1"]
		if !slices.Equal(got.ValidatorArgs.For("v"), []string{"a b"}) || p.CheckerOf(&got).Rules.AbsTolerance != 0.1 {
			t.Errorf("got %+v", got)
		}
		got = byName["secret/a/2"]
		if got.Description != "another" || p.CheckerOf(&got).Rules != (problem.CompareRules{}) || !slices.Equal(got.ValidatorArgs.For("v"), []string{"a b"}) {
			t.Errorf("got %+v", got)
		}
	})
}

func tests(p *problempackage.Package) map[string]problempackage.Test {
	all := map[string]problempackage.Test{}
	for _, test := range p.Tests {
		all[test.Name] = test
	}
	return all
}

func TestTestsComeInTheOrderOfTheFormat(t *testing.T) {
	p := mustRead(t, archivetest.Changed(legacy, map[string]string{
		"data/secret/10.in": "x", "data/secret/10.ans": "x", "data/secret/b/1.in": "x", "data/secret/b/1.ans": "x",
		"data/secret/._1.in": "x", ".DS_Store": "x", "data/secret/b-2.in": "x", "data/secret/b-2.ans": "x", "data/sample/2.in": "x", "data/sample/2.ans": "x", "data/sample/2.png": "x",
	}))
	var got []string
	for _, test := range p.Tests {
		got = append(got, test.Name)
	}
	if want := []string{"sample/1", "sample/2", "secret/1", "secret/10", "secret/b/1", "secret/b-2"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if len(p.Others) != 1 || p.Others[0].Name != "data/sample/2.png" {
		t.Errorf("got %v", p.Others)
	}
}

func TestValidatorsThatCannotBeRunAreNoted(t *testing.T) {
	p := mustRead(t, archivetest.Changed(legacy, map[string]string{
		"input_validators/grammar.ctd": "INT(1,2)\n", "input_validators/built/build": "x", "input_validators/README.md": "x",
	}))
	notes := strings.Join(p.Notes, "\n")
	if len(p.Validators) != 1 || !strings.Contains(notes, "grammar.ctd") || !strings.Contains(notes, "build and run scripts") || len(p.Notes) != 2 {
		t.Errorf("got %d validators, notes %q", len(p.Validators), p.Notes)
	}
}

func TestTestlib(t *testing.T) {
	const checker = "#include \"testlib.h\"\nint main(int, char**) {}\n"
	custom := map[string]string{"problem.yaml": "validation: custom\n", "output_validators/c.cpp": checker, "input_validators/v.py": "", "input_validators/v.cpp": checker}
	t.Run("the usual one is called as Polygon does", func(t *testing.T) {
		p := mustRead(t, archivetest.Changed(archivetest.Changed(legacy, custom), map[string]string{"input_validators/testlib.h": "#define OK_EXIT_CODE 0\n"}))
		if p.Checker.Protocol != problem.ProtocolTestlib || p.CheckerProgram.Files["testlib.h"] == "" || p.Validators[0].Program.Files["testlib.h"] == "" {
			t.Errorf("got %+v, %+v", p.Checker, p.CheckerProgram)
		}
		if !slices.Equal(p.Validators[0].Accepts, []int{42, 0}) || len(p.Notes) != 1 {
			t.Errorf("got %+v, notes %q", p.Validators, p.Notes)
		}
	})
	t.Run("an adapted one speaks the format's protocol", func(t *testing.T) {
		p := mustRead(t, archivetest.Changed(archivetest.Changed(legacy, custom), map[string]string{"output_validators/testlib.h": "#   define OK_EXIT_CODE 42\n"}))
		if p.Checker.Protocol != problem.ProtocolICPC || len(p.Notes) != 0 {
			t.Errorf("got %+v, notes %q", p.Checker, p.Notes)
		}
	})
}

func TestConstantsAreReplaced(t *testing.T) {
	p := mustRead(t, archivetest.Changed(modern, map[string]string{
		"problem.yaml":                "problem_format_version: 2023-07\nconstants: {most: 1000, word: yes it is}\n",
		"statement/problem.en.md":     "At most {{most}}, {{other}}.\n",
		"submissions/accepted/a.py":   "print({{most}})\n",
		"data/secret/test_group.yaml": "input_validator_args: [\"{{most}}\"]\n",
		"data/secret/1.in":            "{{most}}\n",
		"include/python3/lib.py":      "most = {{most}}\n",
		"include/default/data.txt":    "d",
		"include/ada/x.adb":           "d",
	}))
	if got := p.Statement().Sections.Description; got != "At most 1000, {{other}}." {
		t.Errorf("got %q", got)
	}
	test := tests(p)["secret/1"]
	input, err := problempackage.Text(test.Input, 100)
	if err != nil || input != "{{most}}\n" || !slices.Equal(test.ValidatorArgs.All, []string{"1000"}) {
		t.Errorf("got %q, %v, %v", input, err, test.ValidatorArgs)
	}
	program := p.WithIncludes(p.Submissions[0].Program)
	if program.Source != "print(1000)\n" || program.Files["lib.py"] != "most = 1000\n" || program.Files["data.txt"] != "d" {
		t.Errorf("got %+v", program)
	}
}

func TestExpectations(t *testing.T) {
	p := mustRead(t, archivetest.Changed(modern, map[string]string{
		"submissions/mixed/tagged.cpp":    "// @EXPECTED_RESULTS@: TIMELIMIT, wrong_answer\n",
		"submissions/mixed/declared.py":   "",
		"submissions/rejected/r.rb":       "x",
		"submissions/wrong_answer/tag.py": "# @EXPECTED_RESULTS@: CORRECT\n",
		"submissions/wrong_answer/old.py": "#!/usr/bin/python2\n",
		"submissions/accepted/two/a.cpp":  "x",
		"submissions/accepted/two/b.cpp":  "x",
		"submissions/accepted/h/main.cpp": "#include \"h.h\"\n",
		"submissions/accepted/h/h.h":      "x",
		"submissions/README.md":           "x",
		"submissions/mixed/declared.cc":   "x",
		"submissions/submissions.yaml": `
time_limit_exceeded: {permitted: [AC, WA, TLE]}
mixed/declared.{py,cc}: {language: cpp, permitted: [AC, RTE], required: [RTE], sample: {permitted: [AC]}}
accepted/*: {authors: A, model_solution: true}
rejected/r.rb: {language: kotlin}
`,
	}))
	got := map[string]string{}
	for _, s := range p.Submissions {
		got[s.Path()+" "+s.Program.Language] = problempackage.Describe(s.Expect) + "|" + firstWords(s.Unsupported)
	}
	want := map[string]string{
		"accepted/a python":         "all AC|",
		"accepted/h cpp":            "all AC|",
		"accepted/two ":             "all AC|it has 2 source",
		"mixed/tagged cpp":          "TLE or WA|",
		"mixed/declared cpp":        "some RTE, only AC or RTE; sample: all AC|",
		"rejected/r.rb ":            "some RTE or TLE or WA|the language kotlin is",
		"time_limit_exceeded/t cpp": "some TLE, only AC or WA or TLE|",
		"wrong_answer/tag python":   "some WA, only AC or WA|",
		"wrong_answer/old.py ":      "some WA, only AC or WA|it is written for",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !p.Submissions[0].Model {
		t.Error("the model solution is not known")
	}
}

func firstWords(text string) string {
	words := strings.Fields(text)
	return strings.Join(words[:min(4, len(words))], " ")
}

// pack writes a package and returns its files and the notes.
func pack(t *testing.T, p *problempackage.Package, format problempackage.Format) (map[string]string, []string) {
	t.Helper()
	builder, notes, err := Write(p, format)
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	if err := builder.Write(&packed); err != nil {
		t.Fatal(err)
	}
	tree, err := archive.ReadZIP(bytes.NewReader(packed.Bytes()), int64(packed.Len()), func() error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, file := range tree.Files() {
		if files[file.Name], err = file.Text(1 << 20); err != nil {
			t.Fatal(err)
		}
	}
	return files, notes
}

func TestWritingSettingsOfGroups(t *testing.T) {
	files := archivetest.Changed(modern, map[string]string{
		"data/secret/a/1.in": "1\n", "data/secret/a/1.ans": "1\n", "data/secret/a/2.in": "1\n", "data/secret/a/2.ans": "1\n",
		"data/secret/a/test_group.yaml": "output_validator_args: [float_tolerance, '0.1']\ninput_validator_args: {v: [-x]}\n",
	})
	p := mustRead(t, files)
	written, _ := pack(t, p, problempackage.ICPCLegacy)
	if got := written["data/secret/a/testdata.yaml"]; got != "input_validator_flags:\n  flags: -x\n  name: v\noutput_validator_flags: float_tolerance 0.1\n" {
		t.Errorf("got %q", got)
	}
	for _, format := range []problempackage.Format{problempackage.ICPC, problempackage.ICPCLegacy} {
		written, _ := pack(t, p, format)
		again := mustRead(t, written)
		for name, test := range tests(again) {
			before := tests(p)[name]
			if !cmp.Equal(p.CheckerOf(&before), again.CheckerOf(&test)) || !slices.Equal(before.ValidatorArgs.For("v"), test.ValidatorArgs.For("v")) {
				t.Errorf("%s: %s has %+v, %v", format, name, again.CheckerOf(&test), test.ValidatorArgs)
			}
		}
	}
	files["data/secret/a/2.yaml"] = "output_validator_args: [case_sensitive]\n"
	p = mustRead(t, files)
	if _, _, err := Write(p, problempackage.ICPCLegacy); err == nil || !strings.Contains(err.Error(), "use icpc") {
		t.Errorf("got %v", err)
	}
	written, _ = pack(t, p, problempackage.ICPC)
	again := mustRead(t, written)
	if test := tests(again)["secret/a/2"]; again.CheckerOf(&test).Rules != (problem.CompareRules{}) {
		t.Errorf("got %+v", again.CheckerOf(&test))
	}
}

func TestWhatDoesNotFitIsSaid(t *testing.T) {
	p := mustRead(t, archivetest.Changed(modern, map[string]string{
		"submissions/mixed/x.py": "print(1)\n", "submissions/submissions.yaml": "mixed/x.py: {permitted: [AC, TLE]}\n", "input_validators/v.py": "",
	}))
	p.Limits.MemoryBytes = 1<<20 + 5
	p.Checker.Rules.PresentationErrors = true
	_, notes := pack(t, p, problempackage.ICPCLegacy)
	all := strings.Join(notes, "\n")
	for _, want := range []string{"rewritten in LaTeX", "wants an input validator", "submissions/mixed goes beyond", "1048581 bytes become 1 MiB", "no presentation errors"} {
		if !strings.Contains(all, want) {
			t.Errorf("want %q in notes:\n%s", want, all)
		}
	}
}

func TestNamesThatTheFormatCannotHaveAreChanged(t *testing.T) {
	p := mustRead(t, legacy)
	for _, name := range []string{"../evil", "über cool", "a", "A", "…"} {
		p.Submissions = append(p.Submissions, problempackage.Submission{Folder: "accepted", Program: problem.Program{Name: name, Language: "java", Source: "x"}})
	}
	files, _ := pack(t, p, problempackage.ICPCLegacy)
	for _, want := range []string{
		"submissions/accepted/a.py", "submissions/accepted/evil/Main.java", "submissions/accepted/ber-cool/Main.java",
		"submissions/accepted/a-2/Main.java", "submissions/accepted/A-3/Main.java", "submissions/accepted/program/Main.java",
	} {
		if _, ok := files[want]; !ok {
			t.Errorf("no %s", want)
		}
	}
}

// FuzzRead proves that no metadata makes reading panic.
func FuzzRead(f *testing.F) {
	f.Add("name: Sum\n", "timelimit = 1\n", "accepted: {permitted: [AC]}\n", "input_validator_args: {v: [x]}\n")
	f.Add("problem_format_version: 2023-07\nname: {en: x}\nlimits: {time_limit: 1}\n", "", "'*': {secret: {required: [WA]}}", "args: x")
	f.Fuzz(func(t *testing.T, meta, ini, submissions, group string) {
		p, err := Read(archivetest.Tree(t, "sum", map[string]string{
			"problem.yaml": meta, "domjudge-problem.ini": ini, "submissions/submissions.yaml": submissions, "data/secret/test_group.yaml": group,
			"data/secret/1.in": "1", "data/secret/1.ans": "1", "submissions/accepted/a.py": "print(1)",
		}))
		if err == nil && (len(p.Tests) != 1 || p.Limits.Time < 0) {
			t.Errorf("got %+v", p)
		}
	})
}
