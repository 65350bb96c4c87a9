package local

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestOnlyTheFoldersOfTheDeadAreRemoved(t *testing.T) {
	gone := exec.Command("true")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, stays := range map[string]bool{
		fmt.Sprintf("algoitny-run-%d-1", gone.Process.Pid): false,
		fmt.Sprintf("algoitny-run-%d-1", os.Getpid()):      true,
		"algoitny-run-x-1": true,
		"algoitny-run-":    true,
		"other":            true,
	} {
		folder := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Join(folder, "inside"), 0o700); err != nil {
			t.Fatal(err)
		}
		removeStale(dir)
		if _, err := os.Stat(folder); (err == nil) != stays {
			t.Errorf("%s: %v", name, err)
		}
	}
}
