package parcel

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/algoitny/algoitny-operator/internal/execution"
)

// file is a content on disk.
type file string

// Open implements execution.Content.
func (f file) Open() (io.ReadCloser, error) { return os.Open(string(f)) }

// Unpacked is what a parcel asks for: a request or a batch, the other is nil.
type Unpacked struct {
	Request *execution.Request
	Batch   *execution.Batch
	// Bytes is what the contents take on disk.
	Bytes int64
}

// Unpack reads the chunks, which are the files 0, 1, … of a folder, and writes
// the contents into the folder scratch. Nothing is believed before the digest is
// right.
func Unpack(dir, digest, scratch string) (*Unpacked, error) {
	sum := sha256.New()
	if err := read(dir, func(r io.Reader) error { _, err := io.Copy(sum, r); return err }); err != nil {
		return nil, err
	}
	if hex.EncodeToString(sum.Sum(nil)) != digest {
		return nil, errors.New("the request is not the one that the Job names")
	}
	var unpacked *Unpacked
	err := read(dir, func(r io.Reader) (err error) { unpacked, err = unpack(r, scratch); return err })
	if err != nil {
		return nil, fmt.Errorf("unpack the request: %w", err)
	}
	return unpacked, nil
}

// read passes all chunks on as one stream.
func read(dir string, use func(io.Reader) error) error {
	var all []io.Reader
	for i := range MaxChunks {
		chunk, err := os.Open(filepath.Join(dir, strconv.Itoa(i))) //nolint:gosec // a folder of our own
		if errors.Is(err, os.ErrNotExist) {
			break
		}
		if err != nil {
			return err
		}
		defer func() { _ = chunk.Close() }()
		all = append(all, io.LimitReader(chunk, MaxChunk))
	}
	return use(io.MultiReader(all...))
}

func unpack(packed io.Reader, scratch string) (*Unpacked, error) {
	plain, err := gzip.NewReader(packed)
	if err != nil {
		return nil, err
	}
	archive := tar.NewReader(io.LimitReader(plain, maxUnpacked+maxManifest+maxHeader*(maxContents+2)))
	m, err := readManifest(archive)
	if err != nil {
		return nil, err
	}
	left := int64(maxUnpacked)
	var all []execution.Content
	for i := range m.Contents {
		content, err := extract(archive, contentName(i), scratch, &left)
		if err != nil {
			return nil, err
		}
		all = append(all, content)
	}
	unpacked := &Unpacked{Bytes: maxUnpacked - left}
	switch m.Kind {
	case kindRequest:
		unpacked.Request, err = m.request(all)
	case kindBatch:
		unpacked.Batch, err = m.batch(all)
	default:
		err = fmt.Errorf("it asks for a %q, which this image does not know", m.Kind)
	}
	if err != nil {
		return nil, err
	}
	return unpacked, nil
}

func readManifest(archive *tar.Reader) (*manifest, error) {
	if err := next(archive, manifestName); err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(io.LimitReader(archive, maxManifest))
	if err != nil {
		return nil, err
	}
	m := &manifest{}
	if err := json.Unmarshal(raw, m); err != nil {
		return nil, err
	}
	return m, m.check()
}

// next goes to a member, which must be the one that is expected: names of
// files never come from the archive.
func next(archive *tar.Reader, name string) error {
	header, err := archive.Next()
	if err != nil {
		return fmt.Errorf("find %s: %w", name, err)
	}
	if header.Name != name || header.Typeflag != tar.TypeReg || header.Size > maxContent {
		return fmt.Errorf("something else is where %s should be", name)
	}
	return nil
}

// extract writes a member into the folder scratch; left is what may still be
// written there. A sparse member is larger than what the archive holds of it.
func extract(archive *tar.Reader, name, scratch string, left *int64) (execution.Content, error) {
	if err := next(archive, name); err != nil {
		return nil, err
	}
	path := filepath.Join(scratch, name)
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // a name of our own
	if err != nil {
		return nil, err
	}
	written, err := io.Copy(out, io.LimitReader(archive, *left+1))
	if *left -= written; err == nil && *left < 0 {
		err = fmt.Errorf("the tests have more than %d MiB", maxUnpacked>>20)
	}
	return file(path), errors.Join(err, out.Close())
}
