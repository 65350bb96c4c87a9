package agent

import (
	"bytes"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// ipcRemove is IPC_RMID, which every kind of System V object understands.
const ipcRemove = 0

// removeShared removes the System V objects that a program has left: shared
// memory, semaphores and message queues. The containers of a pod have one
// namespace for them; those of other users stay, and cannot be touched.
func removeShared() {
	for _, kind := range []struct {
		file string
		call uintptr
	}{{"shm", unix.SYS_SHMCTL}, {"sem", unix.SYS_SEMCTL}, {"msg", unix.SYS_MSGCTL}} {
		for _, id := range sharedIDs("/proc/sysvipc/" + kind.file) {
			args := []uintptr{uintptr(id), ipcRemove, 0}
			if kind.call == unix.SYS_SEMCTL {
				args = []uintptr{uintptr(id), 0, ipcRemove}
			}
			_, _, _ = unix.Syscall(kind.call, args[0], args[1], args[2])
		}
	}
}

// sharedIDs reads the second column of a table whose first line are titles.
func sharedIDs(path string) []int {
	raw, err := os.ReadFile(path) //nolint:gosec // a file of /proc
	if err != nil {
		return nil
	}
	var ids []int
	for line := range bytes.Lines(raw) {
		fields := bytes.Fields(line)
		if len(fields) < 2 {
			continue
		}
		if id, err := strconv.Atoi(string(fields[1])); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// emptyKeyrings removes the keys that a program has left with the kernel,
// which keeps them by user. Most sandboxes do not let programs do that.
func emptyKeyrings() {
	persistent, err := unix.KeyctlInt(unix.KEYCTL_GET_PERSISTENT, -1, unix.KEY_SPEC_PROCESS_KEYRING, 0, 0)
	rings := []int{unix.KEY_SPEC_USER_KEYRING, unix.KEY_SPEC_USER_SESSION_KEYRING}
	if err == nil {
		rings = append(rings, persistent)
	}
	for _, ring := range rings {
		_, _ = unix.KeyctlInt(unix.KEYCTL_CLEAR, ring, 0, 0, 0)
	}
}
