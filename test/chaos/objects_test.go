package chaos_test

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/llm"
)

// callTimeout bounds one call to a model.
const callTimeout = 5 * time.Second

// provider is a namespace's own model, with its key.
func provider(namespace, name, kind, endpoint string, budget int64) (secret, model client.Object) {
	at := metav1.ObjectMeta{Namespace: namespace, Name: name}
	secret = &corev1.Secret{ObjectMeta: at, StringData: map[string]string{"apiKey": keyOf(namespace, name)}}
	return secret, &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": v1alpha1.GroupVersion.String(), "kind": "ModelProvider",
		"metadata": map[string]any{"namespace": namespace, "name": name},
		"spec": map[string]any{
			// Answers are shared by all who ask the same model; these are not.
			"type": kind, "model": namespace + "-" + name, "endpoint": endpoint,
			"credentialsSecretRef": map[string]any{"name": name},
			"limits":               map[string]any{"concurrent": int64(20)},
			"timeout":              callTimeout.String(),
			"pricing":              map[string]any{"inputPerMillionTokens": "1", "outputPerMillionTokens": "2"},
			"budget":               map[string]any{"monthly": llm.FormatAmount(budget)},
		},
	}}
}

func problem(namespace, name string) *v1alpha1.Problem {
	return &v1alpha1.Problem{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
}

// inline is a Problem that costs nothing itself. Its text names it: equal texts are
// one question.
func inline(id string) *v1alpha1.Problem {
	o := problem(plenty, id)
	o.Spec.Source.Inline = &v1alpha1.InlineProblem{
		Platform: "chaos", ID: id, Title: "Sum of " + id, Description: "Add the two numbers of " + id + ".",
		Samples: []v1alpha1.InlineSample{{Input: "1 2", Output: "3"}, {Input: "20 22", Output: "42"}},
	}
	return o
}

// job is a SolutionJob in Python for a Problem.
func job(namespace, name, problem string) *v1alpha1.SolutionJob {
	return &v1alpha1.SolutionJob{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec:       v1alpha1.SolutionJobSpec{ProblemRef: v1alpha1.LocalReference{Name: problem}, Language: "python"},
	}
}

// Programs as a model writes them. The unsigned one passes the samples only.
const (
	rightSum    = "a, b = map(int, input().split())\nprint(a + b)\n"
	wrongSum    = "input()\nprint(3)\n"
	unsignedSum = "a, b = map(int, input().split())\nprint(abs(a + b))\n"
	readsSum    = "import sys\nprint(sum(map(int, sys.stdin.read().split())))\n"
	slowSum     = `a, b = map(int, input().split())
step = 1 if b > 0 else -1
for _ in range(abs(b)):
    a += step
print(a)
`
	validator = `import re, sys
match = re.fullmatch(r"(-?\d+) (-?\d+)\n", sys.stdin.read())
sys.exit(0 if match and all(abs(int(n)) <= 10**6 for n in match.groups()) else 1)
`
	generator = `import random, sys
bound, seed = int(sys.argv[1]), int(sys.argv[2])
r = random.Random(seed * 1000003 + bound)
print(r.randint(-bound, bound), r.randint(-bound, bound))
`
)

func program(code string) map[string]any {
	return map[string]any{"json": map[string]any{"mistake": "", "plan": "Add.", "code": code}}
}

// dear is an answer that takes most of what is reserved for it.
func dear(answer map[string]any) map[string]any {
	answer["usage"] = map[string]any{"prompt": 500, "output": 8000, "thinking": 2000}
	return answer
}

// extraction is what a model makes of a page.
func extraction(kind string) map[string]any {
	return map[string]any{"json": map[string]any{
		"kind": kind, "language": "en", "title": "", "description": "Add two numbers.",
		"input": "One line with two numbers.", "output": "Their sum.", "constraints": "", "notes": "",
		"tags": []string{}, "time_limit": "", "memory_limit": "", "samples": []any{},
	}}
}

// suiteAnswers are what a model writes for a suite of sums, by step.
func suiteAnswers() map[string]map[string]any {
	written := func(code string, more map[string]any) map[string]any {
		fields := map[string]any{"mistake": "", "plan": "Add.", "language": "python", "code": code}
		for name, value := range more {
			fields[name] = value
		}
		return map[string]any{"json": fields}
	}
	reject := func(input string) map[string]any {
		return map[string]any{"input": input, "why": "not two numbers in range"}
	}
	command := func(kind, bound string, count int) map[string]any {
		return map[string]any{"kind": kind, "args": []string{bound}, "count": count, "purpose": "sums up to " + bound}
	}
	return map[string]map[string]any{
		"suite-plan": {"json": map[string]any{
			"mistake": "", "kind": "batch", "checker": "tokens", "abs_tolerance": 0, "rel_tolerance": 0,
			"pitfalls": []string{"the sum may be negative"}, "edges": []any{map[string]any{"input": "-5 2\n", "purpose": "a negative sum"}},
		}},
		"suite-validator":  written(validator, map[string]any{"rejects": []any{reject("1\n"), reject("1 2 3\n"), reject("a b\n"), reject("1000001 0\n")}}),
		"suite-generator":  written(generator, map[string]any{"commands": []any{command("small", "50", 3), command("large", "1000000", 1), command("adversarial", "100000", 1), command("worst-case", "999999", 1)}}),
		"suite-brute":      written(slowSum, nil),
		"suite-solution-1": written(rightSum, nil),
		"suite-solution-2": written(readsSum, nil),
	}
}
