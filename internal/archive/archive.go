// Package archive reads folders and ZIP files that anybody may have made, and
// writes ZIP files that come out the same every time. Reading extracts
// nothing: what is wrong is found before a member is opened, or while it is
// read, and no file is written.
//
// Of a ZIP file only the central directory is believed. The name in a
// member's local header is never looked at, so it cannot mislead.
package archive

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"
)

// The bounds of what is read. They are far above what problem packages have
// and far below what hurts the machine.
const (
	// MaxArchive bounds the ZIP file: a package is a few hundred MiB at most,
	// and so are the uploads that judges take.
	MaxArchive = 1 << 30
	// MaxMembers: a test takes two files, and no problem has thousands.
	MaxMembers = 20_000
	// MaxMember is four times what a program may print (64 MiB).
	MaxMember = 256 << 20
	// MaxTotal bounds all members together, unpacked.
	MaxTotal = 2 << 30
	// MaxRatio bounds how far a ZIP file unpacks. Deflate alone reaches 1032,
	// on zeros; tests stay below 50. It is looked at beyond ratioFrom only,
	// because a small bomb is none.
	MaxRatio  = 200
	ratioFrom = 64 << 20
	// MaxDepth bounds folders in folders; the formats need five.
	MaxDepth = 12
	// maxDirectory bounds the central directory, which is held in memory: 400
	// bytes for each of MaxMembers.
	maxDirectory = 400 * MaxMembers
)

// Error says what is wrong with an archive, and with which member.
type Error struct {
	// Member is empty where the whole is meant.
	Member string
	Reason string
}

func (e *Error) Error() string {
	if e.Member == "" {
		return e.Reason
	}
	return fmt.Sprintf("member %s: %s", quote(e.Member), e.Reason)
}

// quote bounds a name and leaves nothing in it that a terminal would obey.
func quote(name string) string {
	const most = 120
	if len(name) > most {
		return fmt.Sprintf("%+q…", name[:most])
	}
	return fmt.Sprintf("%+q", name)
}

// File is one regular file of a Tree. It is a Content of package execution.
type File struct {
	// Name is the path from the top of the tree, with slashes.
	Name string
	Size int64
	open func() (io.ReadCloser, error)
}

// Open reads the file from its beginning, as often as it is called. Reading
// fails beyond Size.
func (f File) Open() (io.ReadCloser, error) {
	r, err := f.open()
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", quote(f.Name), err)
	}
	return &bounded{ReadCloser: r, name: f.Name, left: f.Size}, nil
}

// bounded fails where there is more than a file's header said.
type bounded struct {
	io.ReadCloser
	name string
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, &Error{Member: b.name, Reason: "it is longer than it says"}
	}
	return n, err
}

// Tree is a folder or a ZIP file, checked as a whole.
type Tree struct {
	// Name is what the folder or the file is called, without an extension.
	Name  string
	files []File
	close func() error
}

// Open reads a folder, or a file as a ZIP file. The Tree must be closed once
// nothing of it is read any more.
func Open(location string) (*Tree, error) {
	info, err := os.Stat(location)
	if err != nil {
		return nil, fmt.Errorf("open the package: %w", err)
	}
	read := openZIP
	if info.IsDir() {
		read = openFolder
	}
	tree, err := read(location)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", location, err)
	}
	full, err := filepath.Abs(location)
	if err != nil {
		full = location
	}
	tree.Name = strings.TrimSuffix(filepath.Base(full), filepath.Ext(full))
	return tree, nil
}

// newTree sorts the files by their names.
func newTree(files []File, closing func() error) *Tree {
	sort.Slice(files, func(i, j int) bool { return files[i].Name < files[j].Name })
	return &Tree{files: files, close: closing}
}

// Close ends reading.
func (t *Tree) Close() error { return t.close() }

// Files are all files, sorted by name.
func (t *Tree) Files() []File { return t.files }

// Find returns the file of this name.
func (t *Tree) Find(name string) (File, bool) {
	i := sort.Search(len(t.files), func(i int) bool { return t.files[i].Name >= name })
	if i == len(t.files) || t.files[i].Name != name {
		return File{}, false
	}
	return t.files[i], true
}

// Under are the files below a folder, at any depth, sorted by name.
func (t *Tree) Under(folder string) []File {
	prefix := folder + "/"
	from := sort.Search(len(t.files), func(i int) bool { return t.files[i].Name >= prefix })
	to := from
	for to < len(t.files) && strings.HasPrefix(t.files[to].Name, prefix) {
		to++
	}
	return t.files[from:to]
}

// Within is the part of a tree below a folder. Closing the tree closes it.
func (t *Tree) Within(folder string) *Tree {
	part := &Tree{Name: path.Base(folder), close: func() error { return nil }}
	for _, file := range t.Under(folder) {
		file.Name = strings.TrimPrefix(file.Name, folder+"/")
		part.files = append(part.files, file)
	}
	return part
}

// Keep is the part of a tree whose names are wanted. Closing the tree closes it.
func (t *Tree) Keep(wanted func(name string) bool) *Tree {
	part := &Tree{Name: t.Name, close: func() error { return nil }}
	for _, file := range t.files {
		if wanted(file.Name) {
			part.files = append(part.files, file)
		}
	}
	return part
}

// ErrMissing says that there is no such file.
var ErrMissing = errors.New("there is no such file in the package")

// Text reads a whole file of at most limit bytes, as it is.
func (t *Tree) Text(name string, limit int64) (string, error) {
	file, ok := t.Find(name)
	if !ok {
		return "", fmt.Errorf("%s: %w", quote(name), ErrMissing)
	}
	return file.Text(limit)
}

// Text reads the whole file of at most limit bytes, as it is.
func (f File) Text(limit int64) (string, error) {
	if f.Size > limit {
		return "", &Error{Member: f.Name, Reason: fmt.Sprintf("it has %d bytes, more than the %d that are read of such a file", f.Size, limit)}
	}
	r, err := f.Open()
	if err != nil {
		return "", err
	}
	defer func() { _ = r.Close() }()
	raw, err := io.ReadAll(r)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", quote(f.Name), err)
	}
	return string(raw), nil
}
