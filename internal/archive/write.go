package archive

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

// Opener gives what a file of a ZIP file is to contain.
type Opener interface {
	Open() (io.ReadCloser, error)
}

// Text is a content in memory.
type Text string

// Open implements Opener.
func (t Text) Open() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(string(t))), nil }

// Builder collects the files of a ZIP file. The same files give the same
// bytes: they are sorted by name and have one fixed time.
type Builder struct {
	seen  names
	files map[string]Opener
	order []string
}

// Add puts a file into the archive. It refuses what would not be read again.
func (b *Builder) Add(name string, content Opener) error {
	if err := b.seen.file(name, 0); err != nil {
		return err
	}
	if b.files == nil {
		b.files = map[string]Opener{}
	}
	b.files[name] = content
	b.order = append(b.order, name)
	return nil
}

// epoch is the first time that a ZIP file can hold.
var epoch = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// Write writes the ZIP file.
func (b *Builder) Write(w io.Writer) error {
	sort.Strings(b.order)
	archive := zip.NewWriter(w)
	for _, name := range b.order {
		if err := write(archive, name, b.files[name]); err != nil {
			return fmt.Errorf("pack %s: %w", quote(name), err)
		}
	}
	return archive.Close()
}

func write(archive *zip.Writer, name string, content Opener) error {
	header := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: epoch}
	header.SetMode(0o644)
	to, err := archive.CreateHeader(header)
	if err != nil {
		return err
	}
	from, err := content.Open()
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, from.Close())
}

// Save writes the ZIP file to a place, or leaves what is there as it is.
func (b *Builder) Save(location string) error {
	file, err := os.CreateTemp(filepath.Dir(location), ".algoitny-*.zip")
	if err != nil {
		return fmt.Errorf("write %s: %w", location, err)
	}
	err = errors.Join(b.Write(file), file.Chmod(0o644), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), location)
	}
	if err != nil {
		_ = os.Remove(file.Name())
		return fmt.Errorf("write %s: %w", location, err)
	}
	return nil
}
