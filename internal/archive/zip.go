package archive

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sort"
	"strings"
)

func openZIP(location string) (*Tree, error) {
	file, err := os.Open(location) //nolint:gosec // the user names the file
	if err != nil {
		return nil, err
	}
	tree, err := readFile(file)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return tree, nil
}

func readFile(file *os.File) (*Tree, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &Error{Reason: "it is neither a folder nor a file"}
	}
	return ReadZIP(file, info.Size(), file.Close)
}

// ReadZIP reads a ZIP file of so many bytes. Closing the tree calls closing.
func ReadZIP(r io.ReaderAt, size int64, closing func() error) (*Tree, error) {
	if size > MaxArchive {
		return nil, &Error{Reason: fmt.Sprintf("the ZIP file has %d MiB, more than the %d MiB that are read", size>>20, MaxArchive>>20)}
	}
	opening := &metered{ReaderAt: r, left: maxDirectory}
	archive, err := zip.NewReader(opening, size)
	if err != nil {
		return nil, notZIP(err)
	}
	opening.opened = true
	members := &names{}
	var files []File
	for _, member := range archive.File {
		file, err := members.member(member)
		if err != nil {
			return nil, err
		}
		if file != nil {
			files = append(files, *file)
		}
	}
	if err := checkOverlap(archive.File); err != nil {
		return nil, err
	}
	if members.total > ratioFrom && members.total/max(size, 1) >= MaxRatio {
		return nil, &Error{Reason: fmt.Sprintf("its files have %d MiB unpacked, %d times what the ZIP file has; more than %d times is taken for a bomb",
			members.total>>20, members.total/max(size, 1), MaxRatio)}
	}
	return newTree(files, closing), nil
}

// metered bounds what is read while the directory is, whatever the archive
// says of its length.
type metered struct {
	io.ReaderAt
	left   int64
	opened bool
}

func (m *metered) ReadAt(p []byte, offset int64) (int, error) {
	if !m.opened {
		if m.left -= int64(len(p)); m.left < 0 {
			return 0, &Error{Reason: fmt.Sprintf("its list of files is longer than %d KiB, that of more than %d files", maxDirectory>>10, MaxMembers)}
		}
	}
	return m.ReaderAt.ReadAt(p, offset)
}

func notZIP(err error) error {
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	return &Error{Reason: fmt.Sprintf("it is no ZIP file that can be read: %v", err)}
}

// member checks one member; a folder gives no file.
func (n *names) member(member *zip.File) (*File, error) {
	name, isFolder := strings.CutSuffix(member.Name, "/")
	if err := checkMember(member, isFolder); err != nil {
		return nil, err
	}
	if isFolder {
		return nil, n.add(name, true)
	}
	if err := n.file(name, int64(member.UncompressedSize64)); err != nil { //nolint:gosec // a size beyond int64 turns negative, which is refused
		return nil, err
	}
	return &File{Name: name, Size: int64(member.UncompressedSize64), open: member.Open}, nil //nolint:gosec // bounded above
}

// encrypted is the bit of the general purpose flags (APPNOTE 4.4.4).
const encrypted = 1

func checkMember(member *zip.File, isFolder bool) error {
	kind := member.Mode().Type()
	reason := ""
	switch {
	case kind&fs.ModeSymlink != 0:
		reason = "it is a symbolic link; pack the file itself"
	case kind&^fs.ModeDir != 0:
		reason = "it is neither a file nor a folder"
	case (kind == fs.ModeDir) != isFolder:
		reason = "its mode and its name disagree whether it is a folder"
	case isFolder && member.UncompressedSize64 != 0:
		reason = "it is a folder with content of its own"
	case member.Flags&encrypted != 0:
		reason = "it is encrypted"
	case member.Method != zip.Store && member.Method != zip.Deflate:
		reason = fmt.Sprintf("it is packed by method %d; only stored and deflated files are read", member.Method)
	case member.Method == zip.Store && member.CompressedSize64 != member.UncompressedSize64:
		reason = "it is stored, and has two different sizes"
	}
	if reason != "" {
		return &Error{Member: member.Name, Reason: reason}
	}
	return nil
}

// checkOverlap refuses members that share bytes: such an archive unpacks to
// more than its ratio tells (D. Fifield, "A better zip bomb", WOOT 2019).
func checkOverlap(members []*zip.File) error {
	type span struct {
		from, to int64
		name     string
	}
	spans := make([]span, 0, len(members))
	for _, member := range members {
		from, err := member.DataOffset()
		if err != nil {
			return &Error{Member: member.Name, Reason: fmt.Sprintf("it cannot be found in the file: %v", err)}
		}
		spans = append(spans, span{from: from, to: from + int64(member.CompressedSize64), name: member.Name}) //nolint:gosec // only compared
	}
	sort.Slice(spans, func(i, j int) bool { return spans[i].from < spans[j].from })
	for i := 1; i < len(spans); i++ {
		if before := spans[i-1]; before.to > spans[i].from || before.to < before.from {
			return &Error{Member: spans[i].name, Reason: fmt.Sprintf("it shares bytes with %s", quote(before.name))}
		}
	}
	return nil
}
