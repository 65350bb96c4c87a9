package problempackage

import (
	"errors"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/algoitny/algoitny-operator/internal/archive/archivetest"
	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestMatchPath(t *testing.T) {
	tests := []struct {
		pattern, name string
		want          bool
	}{
		{"accepted", "accepted/a.py", true},
		{"accepted/*", "accepted/a.py", true},
		{"accepted/*.py", "accepted/a.cpp", false},
		{"*", "accepted/a.py", true},
		{"accepted/*", "accepted", false},
		{"secret/*-easy", "secret/1-easy", true},
		{"secret/*-easy", "secret/group/1-easy", false},
		{"secret/group", "secret/group/1-easy", true},
		{"secret/group", "secret/group2/1", false},
		{"author.{py,cpp}", "author.cpp", true},
		{"author.{py,cpp}", "author.java", false},
		{"{a,b{1,2}}", "b2", true},
		{"a.py", "abpy", false},
		{"[ab]", "a", false},
		{"[ab]", "[ab]", true},
		{"a,b", "a,b", true},
		{"{a", "{a", true},
		{"a}", "a}", true},
		{"}{", "}{", true},
		{"\xff", "\xff", false},
		{strings.Repeat("{", 1100) + strings.Repeat("}", 1100), "a", false},
	}
	for _, tt := range tests {
		if got := MatchPath(tt.pattern, tt.name); got != tt.want {
			t.Errorf("%q on %q: got %v", tt.pattern, tt.name, got)
		}
	}
}

func FuzzMatchPath(f *testing.F) {
	f.Add("{a,b}*/{c", "a/c")
	f.Fuzz(func(_ *testing.T, pattern, name string) { MatchPath(pattern, name) })
}

// report has tests of these verdicts, named as in a package.
func report(verdicts ...problem.Verdict) *problem.Report {
	r := &problem.Report{Verdict: problem.Accepted}
	for i, verdict := range verdicts {
		name := []string{"sample/1", "secret/1", "secret/2"}[i]
		r.Tests = append(r.Tests, problem.TestResult{Name: name, Verdict: verdict})
		if r.Verdict == problem.Accepted {
			r.Verdict = verdict
		}
	}
	return r
}

func TestViolations(t *testing.T) {
	const (
		ac, wa, tle = problem.Accepted, problem.WrongAnswer, problem.TimeLimitExceeded
		rte, mle    = problem.RuntimeError, problem.MemoryLimitExceeded
		pe, ole     = problem.PresentationError, problem.OutputLimitExceeded
	)
	compileError := &problem.Report{Verdict: problem.CompileError}
	tests := []struct {
		name   string
		folder string
		format Format
		report *problem.Report
		want   string
	}{
		{"accepted", "accepted", ICPC, report(ac, ac), ""},
		{"accepted and wrong", "accepted", ICPC, report(ac, wa), "secret/1 gives WA, allowed is AC"},
		{"accepted and not compiled", "accepted", ICPC, compileError, "it does not compile"},
		{"wrong", "wrong_answer", ICPC, report(ac, wa), ""},
		{"wrong in its spaces", "wrong_answer", ICPC, report(ac, pe), ""},
		{"wrong and accepted", "wrong_answer", ICPC, report(ac, ac), "no test gives WA"},
		{"wrong and slow", "wrong_answer", ICPC, report(wa, tle), "secret/1 gives TLE, allowed is AC or WA"},
		{"slow", "time_limit_exceeded", ICPC, report(ac, tle), ""},
		{"slow and wrong", "time_limit_exceeded", ICPC, report(wa, tle), "sample/1 gives WA, allowed is AC or TLE"},
		{"slow and wrong, in the legacy format", "time_limit_exceeded", ICPCLegacy, report(wa, tle), ""},
		{"slow and crashed, in the legacy format", "time_limit_exceeded", ICPCLegacy, report(rte, tle), "sample/1 gives RTE, allowed is AC or WA or TLE"},
		{"crashed", "run_time_error", ICPC, report(ac, rte), ""},
		{"out of memory", "run_time_error", ICPC, report(ac, mle), ""},
		{"too much output", "run_time_error", ICPC, report(ac, ole), ""},
		{"crashed and wrong, in the legacy format", "run_time_error", ICPCLegacy, report(wa, rte), ""},
		{"brute force", "brute_force", ICPC, report(ac, tle, mle), ""},
		{"brute force and wrong", "brute_force", ICPC, report(wa, tle), "sample/1 gives WA, allowed is AC or RTE or TLE"},
		{"rejected", "rejected", ICPC, report(ac, mle), ""},
		{"rejected and accepted", "rejected", ICPC, report(ac), "no test gives RTE or TLE or WA"},
		{"partly accepted", "partially_accepted", ICPCLegacy, report(ac, wa), ""},
		{"partly accepted and wholly wrong", "partially_accepted", ICPCLegacy, report(wa, wa), "no test gives AC"},
		{"partly accepted and wholly right", "partially_accepted", ICPCLegacy, report(ac, ac), "no test gives WA or TLE or RTE"},
		{"not compiled as declared", "compile_error", ICPC, compileError, ""},
		{"compiled against what is declared", "compile_error", ICPC, report(ac), "it ends with AC, expected CE"},
		{"a folder that declares nothing", "mixed", ICPC, report(wa), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			expect, _ := ExpectedOf(tt.folder, tt.format)
			if got := Violation(expect, tt.report); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	groups := []Expectation{{Tests: "sample", Permitted: []Outcome{AC}}, {Tests: "secret/*", Required: []Outcome{TLE}}}
	if got := Violation(groups, report(ac, ac, tle)); got != "" {
		t.Errorf("got %q", got)
	}
	if got := Violation(groups, report(ac, ac, wa)); got != "no test of secret/* gives TLE" {
		t.Errorf("got %q", got)
	}
}

func TestTaggedResults(t *testing.T) {
	for source, want := range map[string]string{
		"// @EXPECTED_RESULTS@: CORRECT\n":                       "AC",
		"/* @EXPECTED_RESULTS@: TIMELIMIT, RUN-ERROR */":         "TLE or RTE",
		"# @EXPECTED_RESULTS@: wrong_answer,NO-OUTPUT\nprint(1)": "WA",
		"# @EXPECTED_RESULTS@: MIRACLE\n":                        "",
		"print(1)":                                               "",
	} {
		if got := either(TaggedResults(source)); got != want {
			t.Errorf("%q: got %q, want %q", source, got, want)
		}
	}
}

func TestTheTimeLimitIsRoundedUp(t *testing.T) {
	for slowest, want := range map[time.Duration]time.Duration{
		0: time.Second, time.Millisecond: time.Second, 500 * time.Millisecond: time.Second, 501 * time.Millisecond: 2 * time.Second,
	} {
		if got := DefaultTiming.Limit(slowest); got != want {
			t.Errorf("%v: got %v, want %v", slowest, got, want)
		}
	}
}

func TestProgramsOfAFolder(t *testing.T) {
	tree := archivetest.Tree(t, "p", map[string]string{
		"s/a.py": "x", "s/b/main.py": "x", "s/b/c.py": "y", "s/README": "x", "s/h.h": "x", "s/.hidden": "x", "s/x.rs": "x",
		"s/c/run": "x", "s/d/e/a.py": "x", "s/f/a.cpp": "x", "s/f/b.h": "y", "s/g/Main.java": "x", "s/g/B.java": "x", "s/i/x.txt": "x",
	})
	want := map[string]string{
		"s/a.py": "a python 0", "s/b": "b python 1", "s/f": "f cpp 1", "s/g": "g java 1",
		"s/x.rs": "no language is known", "s/c": "build and run scripts", "s/d": "folders of their own", "s/i": "0 source files",
	}
	places := Programs(tree, "s")
	if len(places) != len(want) {
		t.Errorf("got %v", places)
	}
	for _, place := range places {
		program, err := ReadProgram(tree, place)
		got := program.Name + " " + program.Language + " " + string(rune('0'+len(program.Files)))
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, want[place]) {
			t.Errorf("%s: got %q, want %q", place, got, want[place])
		}
	}
}

func whole() *Package {
	return &Package{
		Name: "Sum 1", Facts: Facts{Title: "Sum"},
		Statements: []Statement{{Language: "en", Kind: "md", Sections: problem.Statement{Description: "Add."}}},
		Tests: []Test{
			{Name: "sample/1", Sample: true, Input: execution.Text("1\n"), Answer: execution.Text("2\n"), InputSize: 2, AnswerSize: 2},
			{Name: "secret/1", Input: execution.Text("3\n"), Answer: execution.Text("4\n"), InputSize: 2, AnswerSize: 2, Description: "odd"},
		},
	}
}

func TestProblemsAndSuitesThatCannotBeMade(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Package)
		want   string
	}{
		{"no statement", func(p *Package) { p.Statements = nil }, "no statement in LaTeX or Markdown"},
		{"an empty statement", func(p *Package) { p.Statements[0].Sections.Description = "" }, "says nothing"},
		{"a sample that is no text", func(p *Package) { p.Tests[0].Input = execution.Text("\xff") }, "its input is not UTF-8"},
		{"a test that is no text", func(p *Package) { p.Tests[1].Answer = execution.Text("\xff") }, "its answer is not UTF-8"},
		{"a test that lies about its size", func(p *Package) { p.Tests[0].Answer = execution.Text(strings.Repeat("x", MaxSample+1)) }, "more than the"},
		{"too much in all", func(p *Package) { p.Tests[1].InputSize = MaxSuite }, "more than the 128 MiB"},
		{"tests with different rules", func(p *Package) { p.Tests[1].Checker = &problem.Checker{} }, "a suite has one checker"},
		{"a checker that is no text", func(p *Package) {
			p.Checker.Program, p.CheckerProgram = "c", &problem.Program{Name: "c", Source: "\xff"}
		}, "program c is not UTF-8"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := whole()
			tt.change(p)
			of, _, err := p.Problem(p.Key("inline"))
			if err == nil {
				_, err = p.Suite(of)
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want it to say %q", err, tt.want)
			}
		})
	}
}

func TestSamplesThatAreTooLargeAreOnlyTests(t *testing.T) {
	p := whole()
	p.Tests[0].InputSize = MaxSample + 1
	of, notes, err := p.Problem(p.Key("inline"))
	if err != nil || len(of.Samples) != 0 || len(notes) != 1 {
		t.Errorf("got %v, notes %v, %v", of.Samples, notes, err)
	}
	if of.String() != "inline/Sum-1" {
		t.Errorf("got %v", of)
	}
}

func TestARecipeHasToBeMadeBeforeItIsExported(t *testing.T) {
	data := problem.Data{Recipe: &problem.Recipe{Program: "gen", Args: []string{"7"}}, Digest: "d", Size: 2}
	o := Origin{
		Problem: &problem.Problem{Key: problem.Key{Platform: "inline", ID: "sum"}, Title: "Sum", Statement: problem.Statement{Description: "Add *all*."}},
		Suite: &problem.Suite{
			Programs: []problem.Program{{Name: "gen", Language: "python"}, {Name: "unused", Language: "python"}},
			Tests: []problem.Test{
				{Name: "large 1", Kind: problem.TestLarge, Input: data, Answer: problem.TextData("1\n")},
				{Name: "sample 1", Kind: problem.TestSample, Input: problem.TextData("1\n"), Answer: problem.TextData("2\n")},
			},
		},
	}
	if _, err := From(o); !errors.Is(err, ErrNotMade) {
		t.Errorf("got %v", err)
	}
	o.Made = map[string]execution.Content{"d": execution.Text("7\n")}
	p, err := From(o)
	if err != nil {
		t.Fatal(err)
	}
	if p.Tests[0].Name != "sample/001" || p.Tests[1].Name != "secret/001-large" || len(p.Generators) != 1 || p.Statement().Plain().Description != "Add *all*." {
		t.Errorf("got %+v", p)
	}
	o.Suite.Checker.Program = "nobody"
	if _, err := From(o); err == nil || !strings.Contains(err.Error(), `no program "nobody"`) {
		t.Errorf("got %v", err)
	}
}

func TestNotesAreBounded(t *testing.T) {
	p := &Package{}
	for range 10 * maxNotes {
		p.Note("the same again")
	}
	if len(p.Notes) != maxNotes+1 {
		t.Errorf("got %d notes", len(p.Notes))
	}
}

func TestPackagesThatNoFormatTakes(t *testing.T) {
	p := whole()
	p.Tests = make([]Test, execution.MaxTests+1)
	for want, broken := range map[string]*Package{"no tests": {}, "more than the 1000": p, "does not have": {Tests: whole().Tests, Checker: problem.Checker{Program: "c"}}} {
		if err := broken.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want it to say %q", err, want)
		}
	}
}

func TestTheSolutionsOfASuite(t *testing.T) {
	long := strings.Repeat("é", 40)
	add := func(folder, name, language string, change func(*Submission)) Submission {
		s := Submission{Folder: folder, Program: problem.Program{Name: name, Language: language, Source: "x"}}
		change(&s)
		return s
	}
	as := func(*Submission) {}
	p := &Package{Submissions: []Submission{
		add("accepted", "a", "cpp", as), add("accepted", "a", "python", as), add("accepted", "a", "python", as), add("wrong_answer", "w", "cpp", as),
		add("accepted", "b", "cpp", func(s *Submission) { s.Program.Files = map[string]string{"b.h": ""} }),
		add("accepted", "c", "", func(s *Submission) { s.Unsupported = "it is a poem" }),
		add("accepted", "d", "cpp", func(s *Submission) { s.Program.Source = "\xff" }),
		add("accepted", long, "java", as), add("accepted", long, "java", as),
	}, Includes: map[string]map[string]string{"go": {"x.go": ""}}}
	p.Submissions = append(p.Submissions, add("accepted", "e", "go", as))
	solutions, notes := p.Solutions()
	var names []string
	for _, s := range solutions {
		names = append(names, s.Name)
		if len(s.Name) > 64 {
			t.Errorf("%q has %d bytes", s.Name, len(s.Name))
		}
	}
	want := []string{"accepted/a.cpp", "accepted/a.py", "accepted/a-2.py", "accepted/" + strings.Repeat("é", 25) + ".java", "accepted/" + strings.Repeat("é", 24) + "-2.java"}
	if strings.Join(names, " ") != strings.Join(want, " ") {
		t.Errorf("got %q", names)
	}
	told := strings.Join(notes, "\n")
	for _, part := range []string{"accepted/b is not stored with the suite: it has several files", "accepted/c is not stored with the suite: it is a poem", "accepted/d is not stored with the suite: it is not UTF-8", "accepted/e is not stored with the suite: it has several files"} {
		if !strings.Contains(told, part) {
			t.Errorf("want %q in:\n%s", part, told)
		}
	}
}
