package demo

import (
	"bytes"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/algoitny/algoitny-operator/config/samples"
	"github.com/algoitny/algoitny-operator/internal/source"
)

func nested(o *unstructured.Unstructured, path ...string) string {
	text, _, _ := unstructured.NestedString(o.Object, path...)
	return text
}

// A sample without its page or its recorded answer would stall the demo.
func TestEverySampleHasItsPageAndItsAnswers(t *testing.T) {
	objects, err := manifests(samples.Manifests)
	if err != nil {
		t.Fatal(err)
	}
	recorded, err := Transcripts()
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]string{}
	languages := map[string]bool{}
	has := func(name string) {
		t.Helper()
		if _, err := fs.Stat(recorded, name); err != nil {
			t.Errorf("no transcript: %v", err)
		}
	}
	for _, o := range objects {
		if o.GetKind() != "Problem" {
			continue
		}
		key := "inline/" + nested(o, "spec", "source", "inline", "id")
		if url := nested(o, "spec", "source", "url"); url != "" {
			named, _, err := source.Identify(url)
			if err != nil {
				t.Fatal(err)
			}
			key = named.String()
			has(key + "/extract.yaml")
		}
		keys[o.GetName()] = key
		if _, asks, _ := unstructured.NestedMap(o.Object, "spec", "testSuite"); asks {
			for _, step := range []string{"plan", "validator", "generator", "brute", "solution-1", "solution-2", "kill"} {
				has(key + "/suite-" + step + ".yaml")
			}
		}
		templates, _, _ := unstructured.NestedSlice(o.Object, "spec", "solutions")
		for _, template := range templates {
			language := fmt.Sprint(template.(map[string]any)["language"])
			languages[language] = true
			has(key + "/solve-" + language + ".yaml")
		}
	}
	for _, o := range objects {
		if o.GetKind() == "SolutionJob" {
			languages[nested(o, "spec", "language")] = true
			has(keys[nested(o, "spec", "problemRef", "name")] + "/solve-" + nested(o, "spec", "language") + ".yaml")
		}
	}
	if len(keys) < 5 || len(languages) != 3 {
		t.Errorf("%d problems on pages in %v, want five and every language", len(keys), languages)
	}
}

func TestTheVerdictNamesWhatIsNotReady(t *testing.T) {
	good := row{name: "problem/a", ready: "True", upToDate: true}
	bad := row{name: "problem/b", ready: "False", reason: "ListPage", message: "give another url", upToDate: true}
	if err := verdict([]row{good}); err != nil {
		t.Error(err)
	}
	if err := verdict([]row{good, bad}); err == nil || !strings.Contains(err.Error(), "problem/b (ListPage: give another url)") || strings.Contains(err.Error(), "problem/a") {
		t.Errorf("got %v", err)
	}
	for _, r := range []row{{ready: "Unknown", upToDate: true}, {ready: "True"}} {
		if r.settled() {
			t.Errorf("%+v counts as settled", r)
		}
	}
}

func TestWhatOnlyWaitsForMoneyIsToldApart(t *testing.T) {
	rows := []row{
		{name: "problem/moorings", ready: "Unknown", reason: "SolutionsPending", upToDate: true},
		{name: "solutionjob/moorings-python", ready: "Unknown", reason: "BudgetExceeded", upToDate: true},
		{name: "problem/locks", ready: "Unknown", reason: "SolutionsPending", upToDate: true},
		{name: "solutionjob/locks-go", ready: "Unknown", reason: "BudgetReserved", upToDate: true},
		{name: "solutionjob/cranes-cpp", ready: "Unknown", reason: "BudgetExceeded"},
	}
	waiting, rest := halted(rows)
	if len(waiting) != 2 || waiting[0].name != "problem/moorings" || len(rest) != 3 {
		t.Errorf("waiting %v, the rest %v", waiting, rest)
	}
}

func TestEveryChangeIsOneLineWhereThereIsNoTerminal(t *testing.T) {
	var out bytes.Buffer
	d := newDisplay(&out, time.Now())
	waiting, ready := row{name: "problem/a", ready: "Unknown"}, row{name: "problem/a", ready: "True"}
	for _, r := range []row{waiting, waiting, ready, ready} {
		d.show([]row{r})
	}
	if got := strings.Count(out.String(), "problem/a"); got != 2 {
		t.Errorf("%d lines for two states:\n%s", got, out.String())
	}
}

func TestATerminalIsDrawnInPlaceWithinItsWidth(t *testing.T) {
	var out bytes.Buffer
	d := newDisplay(&out, time.Now())
	d.width = 40
	rows := []row{{name: "problem/a", ready: "Unknown", message: strings.Repeat("long ", 40)}, {name: "problem/b"}}
	d.show(rows)
	rows[1].ready = "True"
	d.show(rows)
	if !strings.Contains(out.String(), "\x1b[2A\x1b[J") {
		t.Error("the second drawing does not replace the two lines of the first")
	}
	for _, line := range strings.Split(out.String(), "\n")[3:] {
		if len([]rune(strings.TrimPrefix(line, "\x1b[2A\x1b[J"))) > 40 {
			t.Errorf("a line is wider than the terminal: %q", line)
		}
	}
}
