// Package parcel is how a judging travels to a pod and its report back: the
// request as chunks that fit into ConfigMaps, the report as one line with a
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
	"github.com/algoitny/algoitny-operator/internal/problem"
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
	maxTests    = 1000
	maxContent  = 64 << 20
	maxUnpacked = 512 << 20
	// maxHeaders is what the archive has beside its contents.
	maxHeaders = 4 << 10 * (2*maxTests + 2)
)

// Parcel is a packed request.
type Parcel struct {
	// Digest is the hexadecimal SHA-256 over all chunks in order.
	Digest string
	Chunks [][]byte
}

// manifest is a request without its tests' contents, which follow it.
type manifest struct {
	Key         string          `json:"key"`
	Language    string          `json:"language"`
	Source      string          `json:"source"`
	Limits      problem.Limits  `json:"limits"`
	StopAtFirst bool            `json:"stopAtFirst,omitempty"`
	Checker     problem.Checker `json:"checker,omitzero"`
	// Tests are their names; the contents of test i are the files named by
	// inputName and answerName.
	Tests []string `json:"tests"`
}

const manifestName = "request.json"

func inputName(i int) string { return fmt.Sprintf("%d.in", i) }

func answerName(i int) string { return fmt.Sprintf("%d.ans", i) }

// errFull ends the packing of what is too large.
var errFull = errors.New("the parcel is full")

// Pack packs a request: equal requests give equal parcels. The contents are
// compressed as they are read. The error is an *execution.Error for tests that
// are too large, or the contents' own.
func Pack(req execution.Request) (*Parcel, error) {
	packed := &chunks{}
	compressed := gzip.NewWriter(packed)
	archive := tar.NewWriter(compressed)
	err := pack(archive, req)
	for _, closer := range []io.Closer{archive, compressed} {
		if err == nil {
			err = closer.Close()
		}
	}
	if errors.Is(err, errFull) {
		return nil, &execution.Error{
			Class: execution.ClassStalled, Reason: execution.ReasonTestsTooLarge,
			Message: fmt.Sprintf("the tests have more than %d KiB even when compressed, or more than %d MiB each, or are more than %d; leave some out",
				MaxChunk*MaxChunks>>10, maxContent>>20, maxTests),
		}
	}
	if err != nil {
		return nil, fmt.Errorf("pack the request: %w", err)
	}
	return packed.parcel(), nil
}

func pack(archive *tar.Writer, req execution.Request) error {
	m := manifest{
		Key: req.Key, Language: req.Language, Source: req.Source, Limits: req.Limits,
		StopAtFirst: req.StopAtFirst, Checker: req.Checker,
	}
	if len(req.Tests) > maxTests {
		return errFull
	}
	for i := range req.Tests {
		if len(req.Tests[i].Name) > maxName {
			return fmt.Errorf("the name of test %d is longer than %d bytes", i+1, maxName)
		}
		m.Tests = append(m.Tests, req.Tests[i].Name)
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
	for i := range req.Tests {
		for _, file := range []struct {
			name    string
			content execution.Content
		}{{inputName(i), req.Tests[i].Input}, {answerName(i), req.Tests[i].Answer}} {
			size, err := addContent(archive, file.name, file.content)
			if err != nil {
				return err
			}
			if total += size; total > maxUnpacked {
				return errFull
			}
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
