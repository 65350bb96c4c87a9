package config_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A mechanism whose proof is gone is a claim.
func TestEveryProofOfTheThreatModelExists(t *testing.T) {
	raw, err := os.ReadFile("../docs/threat-model.md")
	if err != nil {
		t.Fatal(err)
	}
	var tests bytes.Buffer
	err = filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		content, err := os.ReadFile(path)
		tests.Write(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`(Test[A-Za-z0-9]+)`").FindAllSubmatch(raw, -1)
	programs := regexp.MustCompile("`torture/([A-Za-z.-]+)`").FindAllSubmatch(raw, -1)
	if len(named) < 20 || len(programs) < 10 {
		t.Fatalf("%d tests and %d programs are named", len(named), len(programs))
	}
	for _, name := range named {
		if !bytes.Contains(tests.Bytes(), append([]byte("func "), append(name[1], '(')...)) {
			t.Errorf("there is no %s", name[1])
		}
	}
	for _, name := range programs {
		if _, err := os.Stat("../test/e2e/torture/testdata/" + string(name[1])); err != nil {
			t.Error(err)
		}
	}
	for _, policy := range policies(t) {
		if !bytes.Contains(raw, []byte("`"+policy.Name+"`")) {
			t.Errorf("the threat model does not name %s", policy.Name)
		}
	}
}
