package local

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// folderPrefix starts the names of working folders; the number of the process
// they belong to follows.
const folderPrefix = "algoitny-run-"

// removeStale removes the working folders of processes that were killed.
// Whatever cannot be removed is left to the next.
func removeStale(dir string) {
	if dir == "" {
		dir = os.TempDir()
	}
	folders, err := filepath.Glob(filepath.Join(dir, folderPrefix+"*"))
	if err != nil {
		return
	}
	for _, folder := range folders {
		var pid int
		name := strings.TrimPrefix(filepath.Base(folder), folderPrefix)
		if _, err := fmt.Sscanf(name, "%d-", &pid); err != nil || pid <= 0 || isAlive(pid) {
			continue
		}
		_ = os.RemoveAll(folder)
	}
}

func isAlive(pid int) bool { return !errors.Is(unix.Kill(pid, 0), unix.ESRCH) }
