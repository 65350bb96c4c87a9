package ledger_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// mayCall are the packages that may call a model: the ledger, and the models
// themselves.
var mayCall = []string{"internal/ledger/", "internal/llm/"}

// Nobody pays for a call that the ledger does not know of.
func TestOnlyTheLedgerCallsModels(t *testing.T) {
	root := filepath.Join("..", "..")
	found := map[string]int{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return skipForeign(root, path)
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		found[filepath.ToSlash(file)], err = paidCalls(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if direct, batched := found["internal/ledger/pay.go"], found["internal/ledger/batch.go"]; direct != 2 || batched != 1 || len(found) < 100 {
		t.Errorf("%d files were read and the ledger calls models %d and %d times: does this test look at the right thing?",
			len(found), direct, batched)
	}
	for file, calls := range found {
		if calls > 0 && !allowed(file) {
			t.Errorf("%s calls a model; ask the ledger instead", file)
		}
	}
}

// skipForeign leaves out what is no package of this module.
func skipForeign(root, path string) error {
	name := filepath.Base(path)
	if path != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "bin") {
		return filepath.SkipDir
	}
	_, err := os.Stat(filepath.Join(path, "go.mod"))
	switch {
	case path == root || errors.Is(err, fs.ErrNotExist):
		return nil
	case err == nil:
		return filepath.SkipDir
	}
	return err
}

func allowed(file string) bool {
	for _, folder := range mayCall {
		if strings.HasPrefix(file, folder) {
			return true
		}
	}
	return false
}

// paid are the methods of models that cost money.
var paid = []string{"Complete", "Start", "SendBatch"}

// paidCalls counts calls such as model.Complete(ctx, request) in a file that
// knows of models.
func paidCalls(path string) (int, error) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return 0, err
	}
	if !slices.ContainsFunc(file.Imports, func(i *ast.ImportSpec) bool {
		return strings.HasSuffix(i.Path.Value, `/internal/llm"`)
	}) {
		return 0, nil
	}
	calls := 0
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) < 2 {
			return true
		}
		if method, ok := call.Fun.(*ast.SelectorExpr); ok && slices.Contains(paid, method.Sel.Name) {
			calls++
		}
		return true
	})
	return calls, nil
}
