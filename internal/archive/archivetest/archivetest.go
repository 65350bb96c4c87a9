// Package archivetest makes trees for tests.
package archivetest

import (
	"bytes"
	"maps"
	"testing"

	"github.com/algoitny/algoitny-operator/internal/archive"
)

// Tree is a ZIP file with these files, read again.
func Tree(t testing.TB, name string, files map[string]string) *archive.Tree {
	t.Helper()
	b := &archive.Builder{}
	for path, text := range files {
		if err := b.Add(path, archive.Text(text)); err != nil {
			t.Fatal(err)
		}
	}
	var packed bytes.Buffer
	if err := b.Write(&packed); err != nil {
		t.Fatal(err)
	}
	tree, err := archive.ReadZIP(bytes.NewReader(packed.Bytes()), int64(packed.Len()), func() error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	tree.Name = name
	return tree
}

// Changed is a copy of files with some changed; an empty text leaves one out.
func Changed(files, changes map[string]string) map[string]string {
	all := maps.Clone(files)
	for path, text := range changes {
		if text == "" {
			delete(all, path)
		} else {
			all[path] = text
		}
	}
	return all
}
