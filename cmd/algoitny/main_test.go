package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTranscriptsAreReadFromAFolder(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "plan.yaml")
	if err := os.WriteFile(file, []byte("answers: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	answers, err := openTranscripts(folder)
	if err != nil {
		t.Fatal(err)
	}
	if raw, err := fs.ReadFile(answers, "plan.yaml"); err != nil || len(raw) == 0 {
		t.Errorf("got %q, %v", raw, err)
	}
	if answers, err := openTranscripts(""); answers != nil || err != nil {
		t.Errorf("without the flag: %v, %v", answers, err)
	}
	for _, wrong := range []string{file, filepath.Join(folder, "missing")} {
		if _, err := openTranscripts(wrong); err == nil || !strings.Contains(err.Error(), "PLATFORM/ID/STEP.yaml") {
			t.Errorf("%s: got %v", wrong, err)
		}
	}
}
