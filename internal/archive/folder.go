package archive

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// openFolder reads a folder. Folders whose name begins with a dot are those
// of version control and editors, and are left out.
func openFolder(location string) (*Tree, error) {
	root, err := os.OpenRoot(location)
	if err != nil {
		return nil, err
	}
	files, err := walk(root)
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return newTree(files, root.Close), nil
}

func walk(root *os.Root) ([]File, error) {
	seen := &names{}
	var files []File
	err := fs.WalkDir(root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name == ".":
			return nil
		case entry.IsDir() && strings.HasPrefix(entry.Name(), "."):
			return fs.SkipDir
		case entry.IsDir():
			return seen.add(name, true)
		}
		file, err := seen.entry(root, name, entry)
		files = append(files, file)
		return err
	})
	return files, err
}

func (n *names) entry(root *os.Root, name string, entry fs.DirEntry) (File, error) {
	info, err := entry.Info()
	if err != nil {
		return File{}, err
	}
	if err := checkKind(name, info); err != nil {
		return File{}, err
	}
	if err := n.file(name, info.Size()); err != nil {
		return File{}, err
	}
	return File{Name: name, Size: info.Size(), open: func() (io.ReadCloser, error) { return openIn(root, name) }}, nil
}

func checkKind(name string, info fs.FileInfo) error {
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		return &Error{Member: name, Reason: "it is a symbolic link; put the file itself there"}
	case !info.Mode().IsRegular():
		return &Error{Member: name, Reason: fmt.Sprintf("it is neither a file nor a folder but %s", info.Mode().Type())}
	}
	return nil
}

// openIn opens a file that was a regular one when the folder was read. The
// root keeps what has changed since from leading out of it.
func openIn(root *os.Root, name string) (io.ReadCloser, error) {
	info, err := root.Lstat(name)
	if err != nil {
		return nil, err
	}
	if err := checkKind(name, info); err != nil {
		return nil, err
	}
	return root.Open(name)
}
