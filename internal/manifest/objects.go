package manifest

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
)

// Names are what the objects of a problem are called.
type Names struct{ Namespace, Problem, Suite string }

// unfit is what a name of Kubernetes may not have.
var unfit = regexp.MustCompile(`[^a-z0-9]+`)

// NewNames fills in what is not given: the Problem is called by its id, and the
// TestSuite by the Problem. An *Error says which name is none.
func NewNames(namespace, problem, suite, id string) (Names, error) {
	n := Names{Namespace: namespace, Problem: problem, Suite: suite}
	if n.Problem == "" {
		n.Problem = strings.Trim(unfit.ReplaceAllString(strings.ToLower(id), "-"), "-")
	}
	if n.Suite == "" {
		n.Suite = n.Problem + "-tests"
	}
	return n, n.check()
}

// Stored is the name of the suite in the table, among those of its problem. The
// TestSuite's controller looks for it there.
func (n Names) Stored() string { return n.Namespace + "." + n.Suite }

// ProblemObject is a Problem that is judged with the suite.
func (n Names) ProblemObject(inline *v1alpha1.InlineProblem) *v1alpha1.Problem {
	return &v1alpha1.Problem{
		TypeMeta:   typed("Problem"),
		ObjectMeta: metav1.ObjectMeta{Namespace: n.Namespace, Name: n.Problem},
		Spec: v1alpha1.ProblemSpec{
			Source:    v1alpha1.ProblemSource{Inline: inline},
			TestSuite: &v1alpha1.SuiteTemplate{SuiteRef: v1alpha1.LocalReference{Name: n.Suite}},
		},
	}
}

// SuiteObject is a TestSuite that takes the stored suite of this digest over.
func (n Names) SuiteObject(digest string) *v1alpha1.TestSuite {
	return &v1alpha1.TestSuite{
		TypeMeta:   typed("TestSuite"),
		ObjectMeta: metav1.ObjectMeta{Namespace: n.Namespace, Name: n.Suite},
		Spec: v1alpha1.TestSuiteSpec{
			ProblemRef: v1alpha1.LocalReference{Name: n.Problem},
			Imported:   v1alpha1.ImportedSuite{Digest: digest},
		},
	}
}

func typed(kind string) metav1.TypeMeta {
	return metav1.TypeMeta{APIVersion: v1alpha1.GroupVersion.String(), Kind: kind}
}

// YAML writes an object as one document.
func YAML(object any) ([]byte, error) {
	raw, err := yaml.Marshal(object)
	if err != nil {
		return nil, fmt.Errorf("write the manifest: %w", err)
	}
	return raw, nil
}

// Documents puts documents into one file.
func Documents(documents ...[]byte) []byte { return bytes.Join(documents, []byte("---\n")) }
