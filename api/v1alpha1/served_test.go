package v1alpha1_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/discovery"
	"sigs.k8s.io/yaml"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/controlplane/controlplanetest"
)

func TestKindsHaveShortNamesAndACategory(t *testing.T) {
	client, err := discovery.NewDiscoveryClientForConfig(controlplanetest.Config())
	if err != nil {
		t.Fatal(err)
	}
	list, err := client.ServerResourcesForGroupVersion("algoitny.dev/v1alpha1")
	if err != nil {
		t.Fatal(err)
	}
	type served struct {
		Kind       string
		Namespaced bool
		Short      []string
		Categories []string
	}
	got := map[string]served{}
	for i := range list.APIResources {
		r := &list.APIResources[i]
		got[r.Name] = served{r.Kind, r.Namespaced, r.ShortNames, r.Categories}
	}
	category := []string{"algoitny"}
	want := map[string]served{
		"modelproviders": {"ModelProvider", true, []string{"mp"}, category}, "modelproviders/status": {Kind: "ModelProvider", Namespaced: true},
		"problems": {"Problem", true, []string{"prob"}, category}, "problems/status": {Kind: "Problem", Namespaced: true},
		"budgets": {"Budget", true, []string{"bud"}, category}, "budgets/status": {Kind: "Budget", Namespaced: true},
		"testsuites": {"TestSuite", true, []string{"ts"}, category}, "testsuites/status": {Kind: "TestSuite", Namespaced: true},
		"solutionjobs": {"SolutionJob", true, []string{"sj"}, category}, "solutionjobs/status": {Kind: "SolutionJob", Namespaced: true},
		"submissions": {"Submission", true, []string{"sub"}, category}, "submissions/status": {Kind: "Submission", Namespaced: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsLeftOutHasADefault(t *testing.T) {
	namespace, c := controlplanetest.Namespace(t), controlplanetest.Client(t)
	for name, want := range map[string]string{
		"ModelProvider": `
type: OpenAI
model: gpt-5-mini
credentialsSecretRef: {name: openai, key: apiKey}
timeout: 2m
api: Auto
answers: Cluster
pricing: {currency: USD, inputPerMillionTokens: "0.25", outputPerMillionTokens: "2", batchPercent: 50}`,
		"Problem": `
source: {url: "https://codeforces.com/problemset/problem/4/A"}
providerRef: {name: gemini}
deletionPolicy: Delete`,
		"inline": `
source:
  inline: {platform: inline, id: sum, title: Sum, description: Add them., timeLimit: 2s, memoryLimitMiB: 256, samples: [{output: "3"}]}
providerRef: {name: gemini}
deletionPolicy: Delete`,
		"page": `
source:
  pageConfigMapRef: {name: saved, key: page.html, url: "https://codeforces.com/problemset/problem/4/A"}
providerRef: {name: gemini}
deletionPolicy: Delete`,
		"Budget": `
amount: "5"
currency: USD
period: Month`,
		"TestSuite": `
problemRef: {name: sum}
providerRef: {name: openai}
maxAttempts: 3
rounds: 2
mutants: 40
deletionPolicy: Delete`,
		"imported": `
problemRef: {name: sum}
providerRef: {name: openai}
maxAttempts: 3
rounds: 2
mutants: 40
imported: {digest: 00000000000000000000000000000000000000000000000000000000000000aa}
deletionPolicy: Delete`,
		"SolutionJob": `
problemRef: {name: sum}
language: python
providerRef: {name: openai}
maxAttempts: 4
deletionPolicy: Delete`,
		"Submission": `
problemRef: {name: sum}
language: python
source: {inline: print(3)}
stopAtFirst: false`,
		"saved": `
problemRef: {name: sum}
language: python
source: {configMapRef: {name: program, key: source}}
stopAtFirst: false`,
	} {
		t.Run(name, func(t *testing.T) {
			object := manifest(t, name, namespace)
			if err := c.Create(t.Context(), object); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(parsed(t, want), parsed(t, object.Object["spec"])); diff != "" {
				t.Error(diff)
			}
			// kstatus reads an object nobody has looked at as in progress by this.
			if diff := cmp.Diff(map[string]any{"observedGeneration": int64(-1)}, object.Object["status"]); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// parsed gives YAML, or what could be YAML, one form.
func parsed(t *testing.T, value any) map[string]any {
	t.Helper()
	text, isText := value.(string)
	if !isText {
		raw, err := yaml.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		text = string(raw)
	}
	out := map[string]any{}
	if err := yaml.Unmarshal([]byte(text), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestASolutionOfAProblemHasDefaults(t *testing.T) {
	c := controlplanetest.Client(t)
	object := manifest(t, "Problem", controlplanetest.Namespace(t))
	set(object.Object, "spec.solutions", templates("go"))
	if err := c.Create(t.Context(), object); err != nil {
		t.Fatal(err)
	}
	want := []any{map[string]any{"language": "go", "maxAttempts": int64(4), "providerRef": map[string]any{"name": "openai"}}}
	if diff := cmp.Diff(want, object.Object["spec"].(map[string]any)["solutions"]); diff != "" {
		t.Error(diff)
	}
}

// A Problem's controller fills a template in with the defaults of a TestSuite,
// which are those of the CRD.
func TestATemplateOfASuiteSaysOnlyWhatWasWritten(t *testing.T) {
	c, namespace := controlplanetest.Client(t), controlplanetest.Namespace(t)
	object := manifest(t, "Problem", namespace)
	set(object.Object, "spec.testSuite", map[string]any{})
	if err := c.Create(t.Context(), object); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]any{}, object.Object["spec"].(map[string]any)["testSuite"]); diff != "" {
		t.Error(diff)
	}
	bare := manifest(t, "TestSuite", namespace)
	if err := c.Create(t.Context(), bare); err != nil {
		t.Fatal(err)
	}
	var template v1alpha1.SuiteTemplate
	problem := &v1alpha1.Problem{Spec: v1alpha1.ProblemSpec{DeletionPolicy: v1alpha1.DeletionDelete}}
	problem.Name = "sum"
	want := template.Spec(problem)
	var got v1alpha1.TestSuiteSpec
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(bare.Object["spec"].(map[string]any), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestStatusAndSpecAreWrittenApart(t *testing.T) {
	c := controlplanetest.Client(t)
	object := manifest(t, "SolutionJob", controlplanetest.Namespace(t))
	set(object.Object, "status.verdict", "AC")
	if err := c.Create(t.Context(), object); err != nil {
		t.Fatal(err)
	}
	if _, written := object.Object["status"].(map[string]any)["verdict"]; written {
		t.Error("who creates an object writes its status")
	}
	set(object.Object, "status.verdict", "AC")
	set(object.Object, "spec.maxAttempts", n(9))
	if err := c.Status().Update(t.Context(), object); err != nil {
		t.Fatal(err)
	}
	if got := object.Object["spec"].(map[string]any)["maxAttempts"]; got != n(4) || object.GetGeneration() != 1 {
		t.Errorf("who writes the status changes the spec: %v, generation %d", got, object.GetGeneration())
	}
}

// shown is a status for the printer columns of each kind, and the columns and
// the row that kubectl shows then. Those in brackets show with -o wide.
var shown = map[string]struct {
	plural, status string
	columns        []string
	row            []any
}{
	"ModelProvider": {
		"modelproviders", `
conditions: [{type: Ready, status: "True", reason: Succeeded, message: it answers, lastTransitionTime: "2026-03-01T12:00:00Z"}]
usage: {requests: 7, spent: "0.5", remaining: "19.5"}`,
		[]string{"Name", "Ready", "Type", "Model", "Requests", "Spent", "Remaining", "Message", "Age"},
		[]any{"modelprovider", "True", "OpenAI", "gpt-5-mini", 7.0, "0.5", "19.5", "it answers"},
	},
	"Problem": {
		"problems", `
conditions: [{type: Ready, status: "False", reason: NoSamples, message: add samples, lastTransitionTime: "2026-03-01T12:00:00Z"}]
platform: codeforces
id: 4A
title: Watermelon
samples: 1
spending: {amount: "0.002"}
total: {amount: "0.5"}`,
		[]string{"Name", "Ready", "Reason", "Platform", "ID", "Title", "Samples", "Cost", "Total", "[Message]", "Age"},
		[]any{"problem", "False", "NoSamples", "codeforces", "4A", "Watermelon", 1.0, "0.002", "0.5", "add samples"},
	},
	"Budget": {
		"budgets", `
conditions:
- {type: Ready, status: "True", reason: Succeeded, message: calls are counted, lastTransitionTime: "2026-03-01T12:00:00Z"}
- {type: Exceeded, status: "True", reason: BudgetExceeded, message: nothing is left, lastTransitionTime: "2026-03-01T12:00:00Z"}
period: 2026-03
calls: 12
spent: "5"
remaining: "0"
waiting: 3`,
		[]string{"Name", "Amount", "Currency", "Period", "Calls", "Spent", "Remaining", "Waiting", "Exceeded", "[Message]", "Age"},
		[]any{"budget", "5", "USD", "2026-03", 12.0, "5", "0", 3.0, "True", "calls are counted"},
	},
	"TestSuite": {
		"testsuites", `
conditions: [{type: Ready, status: "True", reason: Succeeded, message: it is verified, lastTransitionTime: "2026-03-01T12:00:00Z"}]
tests: 34
mutationScore: "0.97"
spending: {amount: "0.12"}`,
		[]string{"Name", "Ready", "Reason", "Problem", "Tests", "Score", "Cost", "[Message]", "Age"},
		[]any{"testsuite", "True", "Succeeded", "sum", 34.0, "0.97", "0.12", "it is verified"},
	},
	"SolutionJob": {
		"solutionjobs", `
conditions: [{type: Ready, status: "True", reason: Succeeded, message: it is solved, lastTransitionTime: "2026-03-01T12:00:00Z"}]
verdict: AC
timeMillis: 31
spending: {calls: 2, amount: "0.01"}`,
		[]string{"Name", "Ready", "Reason", "Problem", "Language", "Verdict", "Attempts", "Time(ms)", "Cost", "[Message]", "Age"},
		[]any{"solutionjob", "True", "Succeeded", "sum", "python", "AC", 2.0, 31.0, "0.01", "it is solved"},
	},
	"Submission": {
		"submissions", `
conditions: [{type: Ready, status: "True", reason: Succeeded, message: it is wrong, lastTransitionTime: "2026-03-01T12:00:00Z"}]
verdict: WA
score: 3/4
timeMillis: 31
memoryMiB: 9`,
		[]string{"Name", "Ready", "Reason", "Problem", "Language", "Verdict", "Passed", "Time(ms)", "Memory(MiB)", "[Message]", "Age"},
		[]any{"submission", "True", "Succeeded", "sum", "python", "WA", "3/4", 31.0, 9.0, "it is wrong"},
	},
}

func TestColumnsSayWhetherItIsDoneAndWhatItCost(t *testing.T) {
	namespace, c := controlplanetest.Namespace(t), controlplanetest.Client(t)
	for kind, want := range shown {
		t.Run(kind, func(t *testing.T) {
			object := manifest(t, kind, namespace)
			if err := c.Create(t.Context(), object); err != nil {
				t.Fatal(err)
			}
			object.Object["status"] = parsed(t, want.status)
			if err := c.Status().Update(t.Context(), object); err != nil {
				t.Fatal(err)
			}
			table := tableOf(t, "/apis/algoitny.dev/v1alpha1/namespaces/"+namespace+"/"+want.plural)
			var columns []string
			for _, column := range table.ColumnDefinitions {
				if column.Priority > 0 {
					column.Name = "[" + column.Name + "]"
				}
				columns = append(columns, column.Name)
			}
			if diff := cmp.Diff(want.columns, columns); diff != "" {
				t.Error(diff)
			}
			cells := table.Rows[0].Cells
			if diff := cmp.Diff(want.row, cells[:len(cells)-1]); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// tableOf asks for a list as kubectl does.
func tableOf(t *testing.T, path string) *metav1.Table {
	t.Helper()
	client, err := discovery.NewDiscoveryClientForConfig(controlplanetest.Config())
	if err != nil {
		t.Fatal(err)
	}
	raw, err := client.RESTClient().Get().AbsPath(path).SetHeader("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io").DoRaw(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	table := &metav1.Table{}
	if err := json.Unmarshal(raw, table); err != nil || len(table.Rows) != 1 {
		t.Fatalf("%v in %s", err, raw)
	}
	return table
}
