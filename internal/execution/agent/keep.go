package agent

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"
)

// maxKept bounds what a compiled program may consist of, in bytes; the agent
// holds all of it.
const maxKept = 64 << 20

// errTooMuch says that a program has more files than can be kept.
var errTooMuch = errors.New("the compiled program is too large")

// kept is the working folder as it was before the program ran: in memory,
// because the program may write everything that the agent may.
type kept struct{ entries map[string]entry }

// entry is a file or folder. The kernel sets inode and change time, which no
// program without privileges can forge, so that equal ones mean equal content.
type entry struct {
	inode      uint64
	changed    unix.Timespec
	size       int64
	mode       fs.FileMode
	content    []byte
	linkTarget string
}

// keep remembers the current folder.
func keep() (*kept, error) {
	k := &kept{entries: map[string]entry{}}
	left := int64(maxKept)
	err := walk(func(path string, e entry) error {
		if left -= e.size; left < 0 {
			return errTooMuch
		}
		if err := e.read(path); err != nil {
			return err
		}
		k.entries[path] = e
		return nil
	})
	return k, err
}

func (e *entry) read(path string) (err error) {
	switch {
	case e.mode.IsRegular():
		e.content, err = os.ReadFile(path) //nolint:gosec // the working folder is the program's own
	case e.mode&fs.ModeSymlink != 0:
		e.linkTarget, err = os.Readlink(path)
	}
	return err
}

// write puts a file or folder where nothing is.
func (e *entry) write(path string) error {
	switch {
	case e.mode.IsDir():
		return os.Mkdir(path, e.mode.Perm())
	case e.mode.IsRegular():
		return errors.Join(os.WriteFile(path, e.content, e.mode.Perm()), os.Chmod(path, e.mode.Perm()))
	case e.mode&fs.ModeSymlink != 0:
		return os.Symlink(e.linkTarget, path)
	}
	// Compilers leave nothing else.
	return nil
}

// inOrder lists folders before what is in them.
func (k *kept) inOrder() []string { return slices.Sorted(maps.Keys(k.entries)) }

// walk visits everything in the current folder but the folder itself, folders
// before what is in them.
func walk(visit func(path string, e entry) error) error {
	return filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || path == "." {
			return err
		}
		info, err := os.Lstat(path)
		if err != nil {
			return err
		}
		var stat unix.Stat_t
		if err := unix.Lstat(path, &stat); err != nil {
			return err
		}
		e := entry{inode: stat.Ino, changed: stat.Ctim, mode: info.Mode()}
		if info.Mode().IsRegular() {
			e.size = stat.Size
		}
		return visit(path, e)
	})
}

// restore puts the folder back when anything of it has changed. Nothing of the
// program may run any more.
func (k *kept) restore() error {
	if k.intact() {
		return nil
	}
	if err := clear("."); err != nil {
		return fmt.Errorf("clear the working folder: %w", err)
	}
	for _, path := range k.inOrder() {
		e := k.entries[path]
		if err := e.write(path); err != nil {
			return fmt.Errorf("restore the working folder: %w", err)
		}
	}
	again := map[string]entry{}
	err := walk(func(path string, e entry) error {
		e.content, e.linkTarget = k.entries[path].content, k.entries[path].linkTarget
		again[path] = e
		return nil
	})
	k.entries = again
	return err
}

func (k *kept) intact() bool {
	seen := 0
	changed := errors.New("changed")
	err := walk(func(path string, now entry) error {
		before, ok := k.entries[path]
		if !ok || now.inode != before.inode || now.changed != before.changed || now.size != before.size || now.mode != before.mode {
			return changed
		}
		seen++
		return nil
	})
	return err == nil && seen == len(k.entries)
}

// clear removes everything in a folder, whatever its modes have become.
func clear(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := removeAll(filepath.Join(folder, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// removeAll also removes folders that were made unreadable.
func removeAll(path string) error {
	if os.RemoveAll(path) == nil {
		return nil
	}
	_ = filepath.WalkDir(path, func(path string, d fs.DirEntry, _ error) error {
		if d != nil && d.IsDir() {
			_ = os.Chmod(path, 0o700) //nolint:gosec // a folder
		}
		return nil
	})
	return os.RemoveAll(path)
}
