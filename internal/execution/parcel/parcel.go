// Package parcel is how a judging or a batch travels to a pod and its report
// back: the request as chunks that fit into ConfigMaps, the report as one line with a
// receipt. Both ends check digests before they believe anything.
package parcel

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/algoitny/algoitny-operator/internal/execution"
)

const (
	// MaxChunk leaves room for the rest of a ConfigMap, which may have 1 MiB.
	MaxChunk = 900 << 10
	// MaxChunks is how many ConfigMaps a judging may take.
	MaxChunks = 8
)

// What may be in a parcel once it is unpacked.
const (
	maxManifest = 4 << 20
	maxContents = 2*execution.MaxTests + 3*execution.MaxSteps
	maxContent  = 64 << 20
	maxUnpacked = 512 << 20
	// maxHeader is what the archive has for each member beside its content.
	maxHeader = 4 << 10
)

// Parcel is a packed request or batch.
type Parcel struct {
	// Digest is the hexadecimal SHA-256 over all chunks in order.
	Digest string
	Chunks [][]byte
}

// errFull ends the packing of what is too large.
var errFull = errors.New("the parcel is full")

// Pack packs a request: equal requests give equal parcels. The contents are
// compressed as they are read. The error is an *execution.Error for tests that
// are too large, or the contents' own.
func Pack(req execution.Request) (*Parcel, error) { return seal(ofRequest(&req)) }

// PackBatch is Pack for a batch.
func PackBatch(batch execution.Batch) (*Parcel, error) { return seal(ofBatch(&batch)) }

func seal(m *manifest, all []execution.Content) (*Parcel, error) {
	packed := &chunks{}
	compressed := gzip.NewWriter(packed)
	archive := tar.NewWriter(compressed)
	err := pack(archive, m, all)
	for _, closer := range []io.Closer{archive, compressed} {
		if err == nil {
			err = closer.Close()
		}
	}
	if errors.Is(err, errFull) {
		return nil, &execution.Error{
			Class: execution.ClassStalled, Reason: execution.ReasonTestsTooLarge,
			Message: fmt.Sprintf("the tests have more than %d KiB even when compressed, or more than %d MiB each, or are more than %d (%d runs of %d programs); leave some out",
				MaxChunk*MaxChunks>>10, maxContent>>20, execution.MaxTests, execution.MaxSteps, execution.MaxPrograms),
		}
	}
	if err != nil {
		return nil, fmt.Errorf("pack %s: %w", m.Key, err)
	}
	return packed.parcel(), nil
}

func pack(archive *tar.Writer, m *manifest, all []execution.Content) error {
	if err := m.check(); err != nil {
		return err
	}
	raw, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if len(raw) > maxManifest {
		return errFull
	}
	if err := add(archive, manifestName, int64(len(raw)), bytes.NewReader(raw)); err != nil {
		return err
	}
	total := int64(0)
	for i, content := range all {
		size, err := addContent(archive, contentName(i), content)
		if err != nil {
			return err
		}
		if total += size; total > maxUnpacked {
			return errFull
		}
	}
	return nil
}

// addContent reads a content twice: an archive has the size first, and none of
// it is held meanwhile.
func addContent(archive *tar.Writer, name string, content execution.Content) (int64, error) {
	reader, err := content.Open()
	if err != nil {
		return 0, err
	}
	size, err := io.Copy(io.Discard, io.LimitReader(reader, maxContent+1))
	if err := errors.Join(err, reader.Close()); err != nil {
		return 0, err
	}
	if size > maxContent {
		return 0, errFull
	}
	if reader, err = content.Open(); err != nil {
		return 0, err
	}
	defer func() { _ = reader.Close() }()
	return size, add(archive, name, size, reader)
}

func add(archive *tar.Writer, name string, size int64, content io.Reader) error {
	if err := archive.WriteHeader(&tar.Header{Name: name, Size: size, Mode: 0o600, Format: tar.FormatPAX}); err != nil {
		return err
	}
	_, err := io.Copy(archive, content)
	return err
}

// chunks cuts what is written to it.
type chunks struct{ all [][]byte }

func (c *chunks) Write(p []byte) (int, error) {
	written := len(p)
	for len(p) > 0 {
		if n := len(c.all); n == 0 || len(c.all[n-1]) == MaxChunk {
			if n == MaxChunks {
				return 0, errFull
			}
			c.all = append(c.all, nil)
		}
		last := &c.all[len(c.all)-1]
		n := min(len(p), MaxChunk-len(*last))
		*last = append(*last, p[:n]...)
		p = p[n:]
	}
	return written, nil
}

func (c *chunks) parcel() *Parcel {
	sum := sha256.New()
	for _, chunk := range c.all {
		_, _ = sum.Write(chunk)
	}
	return &Parcel{Digest: hex.EncodeToString(sum.Sum(nil)), Chunks: c.all}
}
