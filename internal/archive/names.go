package archive

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What names may be long: a part of a path is a file name everywhere, and a
// whole path fits into every system's.
const (
	maxPart = 255
	maxPath = 1024
)

// names are the paths of an archive so far, so that no two are the same file
// to anybody.
type names struct {
	// seen is by the folded path.
	seen  map[string]named
	files int
	total int64
}

type named struct {
	path   string
	folder bool
}

// file takes a regular file into account.
func (n *names) file(path string, size int64) error {
	if n.files++; n.files > MaxMembers {
		return &Error{Reason: fmt.Sprintf("it has more than %d files", MaxMembers)}
	}
	if err := n.add(path, false); err != nil {
		return err
	}
	if size < 0 || size > MaxMember {
		return &Error{Member: path, Reason: fmt.Sprintf("it has %d bytes, more than the %d MiB that a file may have", uint64(size), MaxMember>>20)} //nolint:gosec // a negative size is one beyond int64
	}
	if n.total += size; n.total > MaxTotal {
		return &Error{Member: path, Reason: fmt.Sprintf("with it the files have more than %d MiB", MaxTotal>>20)}
	}
	return nil
}

// add takes a path and the folders it lies in into account.
func (n *names) add(path string, folder bool) error {
	if err := checkName(path); err != nil {
		return err
	}
	for i := range len(path) {
		if path[i] == '/' {
			if err := n.put(path[:i], path, true); err != nil {
				return err
			}
		}
	}
	return n.put(path, path, folder)
}

func (n *names) put(path, member string, folder bool) error {
	if n.seen == nil {
		n.seen = map[string]named{}
	}
	key := strings.ToLower(strings.ToUpper(path))
	known, ok := n.seen[key]
	switch {
	case !ok:
		n.seen[key] = named{path: path, folder: folder}
	case known.path != path:
		return &Error{Member: member, Reason: fmt.Sprintf("it differs from %s only by case", quote(known.path))}
	case known.folder != folder:
		return &Error{Member: member, Reason: fmt.Sprintf("%s is both a file and a folder", quote(path))}
	case !folder:
		return &Error{Member: member, Reason: "there are two of that name"}
	}
	return nil
}

// checkName refuses every name that is not a plain relative path everywhere.
func checkName(path string) error {
	reason := ""
	switch {
	case path == "":
		reason = "it has no name"
	case !utf8.ValidString(path):
		reason = "its name is not UTF-8; pack it again with UTF-8 names"
	case len(path) > maxPath:
		reason = fmt.Sprintf("its name is longer than %d bytes", maxPath)
	case strings.ContainsRune(path, '\\'):
		reason = "its name has a backslash"
	case strings.ContainsFunc(path, unprintable):
		reason = "its name has a character that cannot be printed"
	case path[0] == '/' || len(path) > 1 && path[1] == ':':
		reason = "its name is an absolute path"
	case strings.Count(path, "/") > MaxDepth:
		reason = fmt.Sprintf("it lies more than %d folders deep", MaxDepth)
	default:
		reason = checkParts(path)
	}
	if reason != "" {
		return &Error{Member: path, Reason: reason}
	}
	return nil
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) }

func checkParts(path string) string {
	for part := range strings.SplitSeq(path, "/") {
		switch {
		case part == "" || part == ".":
			return "its name has an empty part"
		case part == "..":
			return "its name leads out of the package"
		case len(part) > maxPart:
			return fmt.Sprintf("a part of its name is longer than %d bytes", maxPart)
		}
	}
	return ""
}
