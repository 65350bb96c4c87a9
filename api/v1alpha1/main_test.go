package v1alpha1_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/algoitny/algoitny-operator/internal/controlplane/controlplanetest"
)

var update = flag.Bool("update", false, "write testdata anew")

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(controlplanetest.Run(m))
}

// The smallest manifests that the API server takes.
var smallest = map[string]string{
	"ModelProvider": `
spec:
  type: OpenAI
  model: gpt-5-mini
  credentialsSecretRef: {name: openai}
  pricing: {inputPerMillionTokens: "0.25", outputPerMillionTokens: "2"}`,
	"Budget": `
spec: {amount: "5"}`,
	"Problem": `
spec:
  source: {url: "https://codeforces.com/problemset/problem/4/A"}`,
	"inline": `
kind: Problem
spec:
  source:
    inline: {id: sum, title: Sum, description: Add them., samples: [{output: "3"}]}`,
	"page": `
kind: Problem
spec:
  source:
    pageConfigMapRef: {name: saved, url: "https://codeforces.com/problemset/problem/4/A"}`,
	"TestSuite": `
spec:
  problemRef: {name: sum}`,
	"imported": `
kind: TestSuite
spec:
  problemRef: {name: sum}
  imported: {digest: 00000000000000000000000000000000000000000000000000000000000000aa}`,
	"SolutionJob": `
spec:
  problemRef: {name: sum}
  language: python`,
	"Submission": `
spec:
  problemRef: {name: sum}
  language: python
  source: {inline: print(3)}`,
	"saved": `
kind: Submission
spec:
  problemRef: {name: sum}
  language: python
  source: {configMapRef: {name: program}}`,
}

// manifest is one of the smallest ones, in a namespace.
func manifest(t *testing.T, name, namespace string) *unstructured.Unstructured {
	t.Helper()
	object := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(smallest[name]), &object.Object); err != nil {
		t.Fatal(err)
	}
	if object.GetKind() == "" {
		object.SetKind(name)
	}
	object.SetAPIVersion("algoitny.dev/v1alpha1")
	object.SetNamespace(namespace)
	object.SetName(strings.ToLower(name))
	return object
}

// gone as a value takes the field away.
var gone = &struct{}{}

// set changes a field, which may be in the first element of a list.
func set(fields map[string]any, path string, value any) {
	name, rest, deeper := strings.Cut(path, ".")
	list := strings.HasSuffix(name, "[0]")
	name = strings.TrimSuffix(name, "[0]")
	switch {
	case deeper:
		child := map[string]any{}
		if elements, ok := fields[name].([]any); ok && len(elements) > 0 {
			child = elements[0].(map[string]any)
		} else if there, ok := fields[name].(map[string]any); ok {
			child = there
		}
		set(child, rest, value)
		fields[name] = child
		if list {
			fields[name] = []any{child}
		}
	case value == gone:
		delete(fields, name)
	case list:
		fields[name] = []any{value}
	default:
		fields[name] = value
	}
}
