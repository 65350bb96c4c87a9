package agent

import (
	"errors"
	"fmt"
	"os"
)

// emptyTemp removes what a program left for its next test. Only alone in a
// sandbox are these folders the program's own.
func emptyTemp(alone bool) error {
	if !alone {
		return nil
	}
	for _, folder := range []string{os.TempDir(), "/dev/shm", "/dev/mqueue"} {
		if err := clear(folder); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove what the program left: %w", err)
		}
	}
	removeShared()
	return nil
}
