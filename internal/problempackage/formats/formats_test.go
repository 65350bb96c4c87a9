package formats

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/algoitny/algoitny-operator/internal/archive"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/problempackage"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const packages = "../../../test/packages/"

func open(t *testing.T, name string) *problempackage.Package {
	t.Helper()
	p, done, err := Open(packages + name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := done(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// pack writes a package and returns the bytes.
func pack(t *testing.T, p *problempackage.Package, format problempackage.Format) ([]byte, []string) {
	t.Helper()
	builder, notes, err := Write(p, format)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := builder.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), notes
}

func unpack(t *testing.T, name string, raw []byte) *problempackage.Package {
	t.Helper()
	tree, err := archive.ReadZIP(bytes.NewReader(raw), int64(len(raw)), func() error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	tree.Name = name
	p, err := Read(tree)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var names = []string{"lanternwire", "twotides", "strangers"}

// An export that is imported and exported again is the same to the byte, from
// every format into every format.
func TestAnExportIsExportedAgainToTheSameBytes(t *testing.T) {
	for _, name := range names {
		for _, format := range problempackage.Formats() {
			t.Run(name+" as "+string(format), func(t *testing.T) {
				first, _ := pack(t, open(t, name), format)
				second, notes := pack(t, unpack(t, name, first), format)
				if !bytes.Equal(first, second) {
					t.Error(cmp.Diff(contents(t, first), contents(t, second)))
				}
				for _, note := range notes {
					if strings.Contains(note, "left out") {
						t.Errorf("the second export has lost something: %s", note)
					}
				}
			})
		}
	}
}

// contents are the files of a ZIP file.
func contents(t *testing.T, raw []byte) map[string]string {
	t.Helper()
	tree, err := archive.ReadZIP(bytes.NewReader(raw), int64(len(raw)), func() error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, file := range tree.Files() {
		text, err := file.Text(archive.MaxMember)
		if err != nil {
			t.Fatal(err)
		}
		all[file.Name] = text
	}
	return all
}

// facts are what must survive every format.
type facts struct {
	Title, Statement string
	Limits           problem.Limits
	Samples          int
	Tests            []string
	Submissions      []string
}

func factsOf(t *testing.T, p *problempackage.Package) facts {
	t.Helper()
	f := facts{Title: p.Title, Limits: p.Limits, Statement: strings.Join(strings.Fields(p.Statement().Plain().Description), " ")}
	for i := range p.Tests {
		input, err := problempackage.Text(p.Tests[i].Input, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := problempackage.Text(p.Tests[i].Answer, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		f.Tests = append(f.Tests, input+answer)
		if p.Tests[i].Sample {
			f.Samples++
		}
	}
	for i := range p.Submissions {
		f.Submissions = append(f.Submissions, p.Submissions[i].Program.Source)
	}
	slices.Sort(f.Submissions)
	return f
}

func TestWhatMattersSurvivesEveryFormat(t *testing.T) {
	for _, name := range names {
		want := factsOf(t, open(t, name))
		for _, format := range problempackage.Formats() {
			raw, _ := pack(t, open(t, name), format)
			if diff := cmp.Diff(want, factsOf(t, unpack(t, name, raw))); diff != "" {
				t.Errorf("%s as %s: %s", name, format, diff)
			}
		}
	}
}

func TestReadingTheLegacyPackage(t *testing.T) {
	p := open(t, "lanternwire")
	if p.Format != problempackage.ICPCLegacy || p.Name != "lanternwire" || p.Title != "Lantern Wire" || p.Color != "#ffb000" || len(p.Notes) != 0 {
		t.Errorf("got %s %s %q %s, notes %v", p.Format, p.Name, p.Title, p.Color, p.Notes)
	}
	if want := (problem.Limits{Time: 5e8, MemoryBytes: 256 << 20}); p.Limits != want {
		t.Errorf("got limits %+v", p.Limits)
	}
	if want := (problem.CompareRules{IgnoreCase: true, AbsTolerance: 1e-6, RelTolerance: 1e-6}); p.Checker.Rules != want {
		t.Errorf("got rules %+v", p.Checker.Rules)
	}
	var got []string
	for i := range p.Tests {
		test := &p.Tests[i]
		got = append(got, test.Name+" "+strings.Join(test.ValidatorArgs.For("format"), ",")+" "+test.Description)
	}
	want := []string{
		"sample/1  ", "sample/2  ", "secret/01-back --most,2000 A wire that goes back over itself.",
		"secret/02-far --most,2000 ", "secret/03-diagonal --most,2000 ", "secret/long/1-random --least,1000,--most,2000 ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, s := range p.Submissions {
		if s.Folder == "mixed" && problempackage.Describe(s.Expect) != "RTE or WA" {
			t.Errorf("the tag asks for %q", problempackage.Describe(s.Expect))
		}
	}
}

func TestReadingTheNewPackage(t *testing.T) {
	p := open(t, "twotides")
	if p.Format != problempackage.ICPC || p.Title != "Two Tides" || p.Limits.Time != 5e8 || len(p.Notes) != 0 || len(p.InvalidInputs) != 2 {
		t.Errorf("got %s %q %+v, notes %v", p.Format, p.Title, p.Limits, p.Notes)
	}
	if want := (problem.Checker{Program: "pair", Protocol: problem.ProtocolICPC}); !cmp.Equal(p.Checker, want) || p.CheckerProgram.Language != "python" {
		t.Errorf("got checker %+v", p.Checker)
	}
	byPath := map[string]problempackage.Submission{}
	for _, s := range p.Submissions {
		byPath[s.Path()] = s
	}
	if split := byPath["accepted/split"]; len(split.Program.Files) != 1 || split.Unsupported != "" {
		t.Errorf("got %+v", split)
	}
	if !byPath["accepted/seen"].Model || byPath["accepted/pointers"].Model {
		t.Error("the model solution is another one")
	}
	if got, want := problempackage.Describe(byPath["mixed/half"].Expect), "sample: all AC; secret/0*: all AC; secret/{10,11}-many-*: some WA, only AC or WA"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestReadingThePolygonPackage(t *testing.T) {
	p := open(t, "strangers")
	if p.Format != problempackage.Polygon || p.Title != "Strangers at the Table" || p.Limits.MemoryBytes != 128<<20 || len(p.Notes) != 0 {
		t.Errorf("got %s %q %+v, notes %v", p.Format, p.Title, p.Limits, p.Notes)
	}
	if p.Checker.Protocol != problem.ProtocolTestlib || len(p.CheckerProgram.Files) != 1 || len(p.Generators) != 1 || len(p.Validators) != 1 {
		t.Errorf("got %+v with %d generators, %d validators", p.Checker, len(p.Generators), len(p.Validators))
	}
	if recipe := p.Tests[4].Recipe; recipe == nil || recipe.Program != "gen" || !slices.Equal(recipe.Args, []string{"5000"}) {
		t.Errorf("got recipe %+v", recipe)
	}
	raw, _ := pack(t, p, problempackage.Polygon)
	if script := contents(t, raw)["script"]; script != "gen 9 > 4\ngen 5000 > 5\n" {
		t.Errorf("got script %q", script)
	}
}

func TestAPackageMayLieInTheOnlyFolderOfAZIPFile(t *testing.T) {
	p := open(t, "lanternwire")
	inner, _ := pack(t, p, problempackage.ICPC)
	builder := &archive.Builder{}
	for name, text := range contents(t, inner) {
		if err := builder.Add("wire/"+name, archive.Text(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := builder.Add("__MACOSX/wire/._problem.yaml", archive.Text("x")); err != nil {
		t.Fatal(err)
	}
	place := filepath.Join(t.TempDir(), "upload.zip")
	if err := builder.Save(place); err != nil {
		t.Fatal(err)
	}
	got, done, err := Open(place)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = done() }()
	if got.Name != "wire" || len(got.Tests) != len(p.Tests) {
		t.Errorf("got %s with %d tests", got.Name, len(got.Tests))
	}
}

func TestWhatIsNoPackageIsSaidToBeNone(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "a.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Open(folder); err == nil || !strings.Contains(err.Error(), "problem.yaml") {
		t.Errorf("got %v", err)
	}
	if _, _, err := Write(open(t, "strangers"), "boca"); err == nil || !strings.Contains(err.Error(), "icpc-legacy") {
		t.Errorf("got %v", err)
	}
}

// A package becomes a problem and a suite, and these a package again.
func TestAPackageSurvivesBeingAProblemAndASuite(t *testing.T) {
	p := open(t, "twotides")
	of, notes, err := p.Problem(p.Key("inline"))
	if err != nil || len(notes) != 0 {
		t.Fatal(notes, err)
	}
	if of.String() != "inline/twotides" || len(of.Samples) != 2 || of.Statement.Input == "" {
		t.Errorf("got %+v", of)
	}
	suite, err := p.Suite(of)
	if err != nil {
		t.Fatal(err)
	}
	if suite.Program("pair") == nil || suite.Counts()[problem.TestSample] != 2 || len(suite.Tests) != len(p.Tests) {
		t.Errorf("got a suite with %v", suite.Counts())
	}
	back, err := problempackage.From(problempackage.Origin{Problem: of, Suite: suite, Validators: p.Validators, Submissions: p.Submissions})
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range problempackage.Formats() {
		raw, _ := pack(t, back, format)
		if diff := cmp.Diff(factsOf(t, p).Tests, factsOf(t, unpack(t, "twotides", raw)).Tests); diff != "" {
			t.Errorf("%s: %s", format, diff)
		}
	}
}
