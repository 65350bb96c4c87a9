package agent

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// scratch is a folder that every run finds as the first did. It stays open,
// because a program may lock its owner out.
type scratch struct {
	path string
	open *os.File
	mode fs.FileMode
}

func openFolder(path string) (*scratch, error) {
	open, err := os.Open(path) //nolint:gosec // a folder of the sandbox
	if err != nil {
		return nil, err
	}
	info, err := open.Stat()
	if err != nil {
		return nil, errors.Join(err, open.Close())
	}
	return &scratch{path, open, info.Mode()}, nil
}

// openScratch opens what programs may write beside their working folder. Only
// alone in a sandbox are these folders the program's own.
func openScratch(alone bool) ([]*scratch, error) {
	if !alone {
		return nil, nil
	}
	var all []*scratch
	for _, path := range []string{os.TempDir(), "/dev/shm", "/dev/mqueue"} {
		r, err := openFolder(path)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return all, fmt.Errorf("open a folder of the program: %w", err)
		}
		all = append(all, r)
	}
	return all, nil
}

func (r *scratch) close() { _ = r.open.Close() }

// empty removes what a program has left in the folder.
func (r *scratch) empty() error {
	r.unlock()
	if err := clearFolder(r.path); err != nil {
		return fmt.Errorf("remove what the program left: %w", err)
	}
	r.blank()
	return nil
}

// unlock gives the folder its mode back. Where it is not the program's, the
// program cannot have changed it either.
func (r *scratch) unlock() {
	if info, err := r.open.Stat(); err == nil && info.Mode() != r.mode {
		_ = r.open.Chmod(r.mode.Perm() | r.mode&(fs.ModeSticky|fs.ModeSetgid|fs.ModeSetuid))
	}
}

// blank removes what can be written on the folder itself: extended attributes
// and, by its owner, times.
func (r *scratch) blank() {
	fd := int(r.open.Fd())
	var names [4 << 10]byte
	if n, err := unix.Flistxattr(fd, names[:]); err == nil {
		for name := range bytes.SplitSeq(names[:n], []byte{0}) {
			_ = unix.Fremovexattr(fd, string(name))
		}
	}
	long := unix.NsecToTimeval(time.Unix(1, 0).UnixNano())
	_ = unix.Futimes(fd, []unix.Timeval{long, long})
}
