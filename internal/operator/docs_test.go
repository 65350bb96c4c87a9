package operator_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Every reason that a condition may have is explained to people.
func TestEveryReasonIsExplained(t *testing.T) {
	raw, err := os.ReadFile("../../docs/conditions.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, folder := range []string{"../ledger", "../llm", "../source", "../store", "../pipeline", "../execution", "../../api/v1alpha1"} {
		for _, reason := range reasons(t, folder) {
			found++
			if !regexp.MustCompile(`\b` + reason + `\b`).Match(raw) {
				t.Errorf("docs/conditions.md does not say what to do about %s of %s", reason, folder)
			}
		}
	}
	if found < 50 {
		t.Errorf("only %d reasons were found", found)
	}
}

// reasons are the constants of a package that are called or typed so.
func reasons(t *testing.T, folder string) []string {
	t.Helper()
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), ".go") || strings.HasSuffix(file.Name(), "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), folder+"/"+file.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == 1 && isReason(spec) {
				if text, ok := spec.Values[0].(*ast.BasicLit); ok && text.Kind == token.STRING {
					value, _ := strconv.Unquote(text.Value)
					all = append(all, value)
				}
			}
			return true
		})
	}
	return all
}

func isReason(spec *ast.ValueSpec) bool {
	if strings.HasPrefix(spec.Names[0].Name, "Reason") && spec.Names[0].Name != "ReasonSucceeded" {
		return true
	}
	name, ok := spec.Type.(*ast.Ident)
	return ok && name.Name == "Reason"
}

// Every module that go.mod requires directly is named, with its reason.
func TestEveryDependencyIsNamed(t *testing.T) {
	raw, err := os.ReadFile("../../docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, line := range strings.Split(string(mod), "\n") {
		path, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if !strings.HasPrefix(rest, "v") || strings.Contains(rest, "// indirect") {
			continue
		}
		found++
		path = regexp.MustCompile(`/v\d+$`).ReplaceAllString(path, "")
		// Modules of one family share a row.
		family, member, _ := strings.Cut(path, "k8s.io/")
		named := strings.Contains(string(raw), path) || family == "" && strings.Contains(string(raw), member) ||
			strings.HasPrefix(path, "github.com/aws/aws-sdk-go-v2/")
		if !named {
			t.Errorf("docs/dependencies.md does not say why %s is here", path)
		}
	}
	if found < 20 {
		t.Errorf("only %d requirements were found", found)
	}
}
