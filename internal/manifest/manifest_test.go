package manifest

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/controlplane/controlplanetest"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

func TestMain(m *testing.M) { os.Exit(controlplanetest.Run(m)) }

// sums is a problem with texts that YAML could lose something of.
func sums() *problem.Problem {
	return &problem.Problem{
		Key: problem.Key{Platform: "harbour", ID: "Sums_1.a"}, Title: "Sums: \"all\" # of them", URL: "https://example.org", Language: "en", Rating: 800,
		Limits:  problem.Limits{Time: 1500 * time.Millisecond, MemoryBytes: 256 << 20},
		Samples: []problem.Sample{{Input: "1 2\n\n", Output: "3"}, {Input: "", Output: "0 \t\r\n"}, {Input: "  7\nno: yes\n", Output: "- é\u2028\n"}},
		Statement: problem.Statement{
			Description: " Add\n\n\tall.  \n", Input: "null", Output: "0x10", Constraints: "$n \\le 10$", Notes: "---\nEasy.",
		},
		Tags: []string{"math", "math", "yes"},
	}
}

func names(t *testing.T, namespace string) Names {
	t.Helper()
	n, err := NewNames(namespace, "", "", sums().ID)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// serve has the API server take a document, as kubectl would send it, and
// returns what it made of it.
func serve[T client.Object](t *testing.T, document []byte, object T) T {
	t.Helper()
	if err := yaml.UnmarshalStrict(document, object); err != nil {
		t.Fatalf("%v:\n%s", err, document)
	}
	if err := controlplanetest.Client(t).Create(t.Context(), object); err != nil {
		t.Fatalf("%v:\n%s", err, document)
	}
	return object
}

func TestAProblemIsServedAsItWasWritten(t *testing.T) {
	inline, notes, err := Inline(sums())
	if err != nil || len(notes) != 0 {
		t.Fatal(notes, err)
	}
	n := names(t, controlplanetest.Namespace(t))
	document, err := YAML(n.ProblemObject(inline))
	if err != nil || strings.Contains(string(document), "status") || strings.Contains(string(document), "creationTimestamp") {
		t.Fatalf("%v:\n%s", err, document)
	}
	served := serve(t, document, &v1alpha1.Problem{})
	got, want := Read(served.Spec.Source.Inline), Read(inline)
	if diff := cmp.Diff(want, got); diff != "" || got.TaskDigest() != want.TaskDigest() {
		t.Error(diff)
	}
	if served.Spec.TestSuite.SuiteRef.Name != "sums-1-a-tests" || served.Name != "sums-1-a" {
		t.Errorf("got %+v", served)
	}
}

func TestWhatIsReadOfAProblem(t *testing.T) {
	inline, _, err := Inline(sums())
	if err != nil {
		t.Fatal(err)
	}
	want := sums()
	want.URL, want.Language, want.Rating, want.Tags = "", "", 0, []string{"math", "yes"}
	want.Samples[0], want.Samples[1].Output = problem.Sample{Input: "1 2\n", Output: "3\n"}, "0 \t\r\n"
	want.Statement.Constraints, want.Statement.Notes = "$n \\le 10$\n\n---\nEasy.", ""
	if diff := cmp.Diff(*want, Read(inline)); diff != "" {
		t.Error(diff)
	}
}

func TestASuiteIsServedWithItsDigest(t *testing.T) {
	digest := strings.Repeat("0a", 32)
	n := names(t, controlplanetest.Namespace(t))
	document, err := YAML(n.SuiteObject(digest))
	if err != nil {
		t.Fatal(err)
	}
	served := serve(t, document, &v1alpha1.TestSuite{})
	if served.Spec.Imported.Digest != digest || served.Spec.ProblemRef.Name != n.Problem || served.Name != n.Suite {
		t.Errorf("got %+v", served.Spec)
	}
	if n.Stored() != n.Namespace+".sums-1-a-tests" {
		t.Errorf("stored as %q", n.Stored())
	}
}

// What the CRD takes or refuses, and what is said before it is asked.
func TestTheCRDAndTheCheckAgree(t *testing.T) {
	x := func(n int) string { return strings.Repeat("é", n) }
	tests := []struct {
		name   string
		change func(*problem.Problem)
		// want is part of the error, empty where the problem is taken.
		want string
	}{
		{"a platform in capitals", func(p *problem.Problem) { p.Platform = "Harbour" }, "the platform"},
		{"a long platform", func(p *problem.Problem) { p.Platform = strings.Repeat("a", 64) }, "the platform"},
		{"an id with a slash", func(p *problem.Problem) { p.ID = "a/b" }, "the id"},
		{"a long id", func(p *problem.Problem) { p.ID = strings.Repeat("a", 129) }, "the id"},
		{"the longest names", func(p *problem.Problem) { p.Platform, p.ID = strings.Repeat("a", 63), strings.Repeat("a", 128) }, ""},
		{"no title", func(p *problem.Problem) { p.Title = "" }, "the title"},
		{"a long title", func(p *problem.Problem) { p.Title = x(257) }, "the title"},
		{"the longest title", func(p *problem.Problem) { p.Title = x(256) }, ""},
		{"no description", func(p *problem.Problem) { p.Statement.Description = "" }, "the description is empty"},
		{"a long description", func(p *problem.Problem) { p.Statement.Description = x(65537) }, "the description is longer"},
		{"a long input", func(p *problem.Problem) { p.Statement.Input = x(65537) }, "of the input"},
		{"a long output", func(p *problem.Problem) { p.Statement.Output = x(65537) }, "of the output"},
		{"long constraints", func(p *problem.Problem) { p.Statement.Notes = x(65536) }, "constraints and notes"},
		{"only a description", func(p *problem.Problem) { p.Statement = problem.Statement{Description: x(65536)} }, ""},
		{"no samples", func(p *problem.Problem) { p.Samples = nil }, "at least one"},
		{"a short time", func(p *problem.Problem) { p.Limits.Time = 99 * time.Millisecond }, "the time limit is 99ms"},
		{"a long time", func(p *problem.Problem) { p.Limits.Time = 5*time.Minute + 1 }, "the time limit"},
		{"an odd time", func(p *problem.Problem) { p.Limits.Time = 5*time.Minute - 1 }, ""},
		{"no limits", func(p *problem.Problem) { p.Limits = problem.Limits{} }, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			of := sums()
			tt.change(of)
			inline, _, err := Inline(of)
			var refused *Error
			if tt.want != "" && (!errors.As(err, &refused) || !strings.Contains(err.Error(), tt.want)) || tt.want == "" && err != nil {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			object := names(t, controlplanetest.Namespace(t)).ProblemObject(inline)
			if err := controlplanetest.Client(t).Create(t.Context(), object); (err == nil) != (tt.want == "") {
				t.Errorf("the API server says %v, want %q", err, tt.want)
			}
		})
	}
}

// What is too much is left out, and the rest taken by the CRD.
func TestWhatHasNoPlaceIsNoted(t *testing.T) {
	of := sums()
	of.Limits.MemoryBytes = 7 << 20
	of.Samples = append(of.Samples, problem.Sample{Input: "9\n"}, problem.Sample{Input: strings.Repeat("x", 65537), Output: "1\n"})
	for range 130 {
		of.Samples = append(of.Samples, problem.Sample{Input: "1\n", Output: "1\n"})
	}
	of.Tags = append(of.Tags, strings.Repeat("t", 65))
	for i := range 40 {
		of.Tags = append(of.Tags, "tag-"+string(rune('A'+i)))
	}
	inline, notes, err := Inline(of)
	if err != nil {
		t.Fatal(err)
	}
	if len(inline.Samples) != 128 || len(inline.Tags) != 32 || inline.MemoryLimitMiB != 16 {
		t.Errorf("%d samples, %d tags, %d MiB", len(inline.Samples), len(inline.Tags), inline.MemoryLimitMiB)
	}
	told := strings.Join(notes, "\n")
	for _, want := range []string{"the memory limit is 16 MiB", "sample 4 is left out", "sample 5 is left out", "ttt"} {
		if !strings.Contains(told, want) {
			t.Errorf("want %q in:\n%s", want, told)
		}
	}
	document, err := YAML(names(t, controlplanetest.Namespace(t)).ProblemObject(inline))
	if err != nil {
		t.Fatal(err)
	}
	serve(t, document, &v1alpha1.Problem{})
}

func TestNamesThatAreNone(t *testing.T) {
	long := strings.Repeat("a", 181)
	for _, tt := range []struct{ namespace, problem, suite, want string }{
		{"Team", "", "", "the namespace"},
		{"team", "a_b", "", "the name of the Problem"},
		{"team", long, "", "the name of the Problem"},
		{"team", "a", "b_c", "the name of the TestSuite"},
		{"team", "a", long + long, "the name of the TestSuite"},
		{"team", long[1:], "", ""},
	} {
		n, err := NewNames(tt.namespace, tt.problem, tt.suite, "id")
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v gives %v, want %q", n, err, tt.want)
		}
	}
}

// The longest names are taken by the CRDs.
func TestTheLongestNames(t *testing.T) {
	n, err := NewNames(controlplanetest.Namespace(t), strings.Repeat("a", 180), strings.Repeat("b", 190), "id")
	if err != nil {
		t.Fatal(err)
	}
	inline, _, err := Inline(sums())
	if err != nil {
		t.Fatal(err)
	}
	c := controlplanetest.Client(t)
	if err := errors.Join(c.Create(t.Context(), n.ProblemObject(inline)), c.Create(t.Context(), n.SuiteObject(strings.Repeat("0", 64)))); err != nil {
		t.Error(err)
	}
}

func TestDocumentsStandInOneFile(t *testing.T) {
	if got := string(Documents([]byte("a: 1\n"), []byte("b: 2\n"))); got != "a: 1\n---\nb: 2\n" {
		t.Errorf("got %q", got)
	}
}
