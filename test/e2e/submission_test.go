//go:build e2e

package e2e_test

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
)

const (
	addPython = "a, b = map(int, input().split())\nprint(a + b)\n"
	addCpp    = "#include <iostream>\nint main() { long a, b; std::cin >> a >> b; std::cout << a + b << std::endl; }\n"
	addGo     = "package main\n\nimport \"fmt\"\n\nfunc main() {\n\tvar a, b int\n\tfmt.Scan(&a, &b)\n\tfmt.Println(a + b)\n}\n"
	addJava   = "import java.util.Scanner;\npublic class Main {\n  public static void main(String[] x) {\n    Scanner s = new Scanner(System.in);\n    System.out.println(s.nextInt() + s.nextInt());\n  }\n}\n"
)

// Programs of every verdict and every language.
func TestSubmissionsOfEveryVerdict(t *testing.T) {
	w := newWorld(t)
	w.adding()
	programs := map[string]struct {
		language v1alpha1.Language
		source   string
		want     string
	}{
		"python":         {"python", addPython, "AC"},
		"pypy":           {"pypy", addPython, "AC"},
		"cpp":            {"cpp", addCpp, "AC"},
		"go":             {"go", addGo, "AC"},
		"java":           {"java", addJava, "AC"},
		"wrong":          {"python", "print(3)\n", "WA"},
		"slow":           {"cpp", "int main() { for (volatile int i = 0; ; i++) {} }\n", "TLE"},
		"asleep":         {"python", "import time\ntime.sleep(1000)\n", "TLE"},
		"fat":            {"python", "x = bytearray(1 << 30)\nfor i in range(0, len(x), 4096): x[i] = 1\nprint(3)\n", "MLE"},
		"fails":          {"python", "raise SystemExit(7)\n", "RTE"},
		"crashes":        {"cpp", "#include <cstdlib>\nint main() { abort(); }\n", "RTE"},
		"no-program":     {"cpp", "int main() { return 0 }\n", "CE"},
		"no-python":      {"python", "def (:\n", "CE"},
		"talks-too-much": {"cpp", "#include <cstdio>\nint main() { for (;;) puts(\"3\"); }\n", "OLE"},
	}
	all := map[string]*v1alpha1.Submission{}
	for name, p := range programs {
		all[name] = w.submission(name, "adding", p.language, p.source)
		w.create(all[name])
	}
	for name, sub := range all {
		w.await(sub, metav1.ConditionTrue, "")
		if sub.Status.Verdict != programs[name].want {
			t.Errorf("%s got %s, want %s: %+v", name, sub.Status.Verdict, programs[name].want, sub.Status)
		}
	}
	w.nothingLeft()
}
