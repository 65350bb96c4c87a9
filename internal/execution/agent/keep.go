package agent

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/algoitny/algoitny-operator/internal/execution/protocol"
)

// maxEntries bounds the files and folders that a compiled program has.
const maxEntries = 4096

// errTooMuch says that a program has more files than can be kept.
var errTooMuch = errors.New("the compiled program is too large")

// kept is the working folder as it was before the program ran: in memory,
// because the program may write everything that the agent may.
type kept struct{ entries map[string]entry }

// entry is a file or folder.
type entry struct {
	// inode and changed are the kernel's; a program without privileges cannot
	// forge them.
	inode      uint64
	changed    syscall.Timespec
	size       int64
	mode       fs.FileMode
	content    []byte
	linkTarget string
}

// keep remembers the current folder.
func keep() (*kept, error) {
	k := &kept{entries: map[string]entry{}}
	left := int64(protocol.MaxProgram)
	err := walk(maxEntries, func(path string, e entry) error {
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
// before what is in them. More than most entries are errTooMuch, found out
// without holding them all.
func walk(most int, visit func(path string, e entry) error) error {
	return walkIn(".", &most, visit)
}

func walkIn(folder string, left *int, visit func(path string, e entry) error) error {
	names, err := namesIn(folder, *left+1)
	if err != nil {
		return err
	}
	if *left -= len(names); *left < 0 {
		return errTooMuch
	}
	for _, name := range names {
		path := filepath.Join(folder, name)
		e, err := stat(path)
		if err == nil {
			err = visit(path, e)
		}
		if err == nil && e.mode.IsDir() {
			err = walkIn(path, left, visit)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// namesIn returns at most so many names.
func namesIn(folder string, most int) ([]string, error) {
	open, err := os.Open(folder) //nolint:gosec // a folder of the program's own
	if err != nil {
		return nil, err
	}
	defer func() { _ = open.Close() }()
	names, err := open.Readdirnames(most)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return names, err
}

func stat(path string) (entry, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return entry{}, err
	}
	e := entry{mode: info.Mode()}
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		e.inode, e.changed = s.Ino, s.Ctim
	}
	if e.mode.IsRegular() {
		e.size = info.Size()
	}
	return e, nil
}

// restore puts the folder back when anything of it has changed. Nothing of the
// program may run any more.
func (k *kept) restore() error {
	if k.intact() {
		return nil
	}
	if err := clearFolder("."); err != nil {
		return fmt.Errorf("clear the working folder: %w", err)
	}
	for _, path := range k.inOrder() {
		e := k.entries[path]
		if err := e.write(path); err != nil {
			return fmt.Errorf("restore the working folder: %w", err)
		}
	}
	again := map[string]entry{}
	err := walk(maxEntries, func(path string, e entry) error {
		e.content, e.linkTarget = k.entries[path].content, k.entries[path].linkTarget
		again[path] = e
		return nil
	})
	k.entries = again
	return err
}

// intact also reads the files: on tmpfs a write through shared memory changes
// no time of a file.
func (k *kept) intact() bool {
	seen := 0
	changed := errors.New("changed")
	err := walk(len(k.entries), func(path string, now entry) error {
		before, ok := k.entries[path]
		if !ok || now.inode != before.inode || now.changed != before.changed || now.size != before.size || now.mode != before.mode {
			return changed
		}
		if now.mode.IsRegular() && !holds(path, before.content) {
			return changed
		}
		seen++
		return nil
	})
	return err == nil && seen == len(k.entries)
}

// holds tells whether a file has this content.
func holds(path string, content []byte) bool {
	file, err := os.Open(path) //nolint:gosec // the working folder is the program's own
	if err != nil {
		return false
	}
	defer func() { _ = file.Close() }()
	buffer := make([]byte, protocol.MaxData)
	for {
		n, err := file.Read(buffer)
		if !bytes.HasPrefix(content, buffer[:n]) {
			return false
		}
		content = content[n:]
		if err != nil {
			return errors.Is(err, io.EOF) && len(content) == 0
		}
	}
}

// batch is how many names are held while a folder is cleared.
const batch = 1024

// clearFolder removes everything in a folder, whatever its modes have become.
func clearFolder(folder string) error {
	for {
		names, err := namesIn(folder, batch)
		if err != nil || len(names) == 0 {
			return err
		}
		for _, name := range names {
			if err := removeAll(filepath.Join(folder, name)); err != nil {
				return err
			}
		}
	}
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
