package store

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
)

// Sizes of bodies. An item may have 400 KB, its keys and the names of its
// attributes included.
const (
	// chunkBytes is what one item carries of a body.
	chunkBytes = 370 << 10
	// inlineBytes is what a row that has other attributes carries itself.
	inlineBytes = 256 << 10
	// maxBody bounds a body before compression and after decompression.
	maxBody = 16 << 20
)

// The attributes that every item and every body has.
const (
	attrWriteID = "WriteID"
	attrData    = "Data"
)

var (
	errChunkMissing = errors.New("a part is missing")
	errDigest       = errors.New("the digest does not match")
	errBodyTooLarge = errors.New("larger than 16 MiB when unpacked")
)

// bodyRef is what a row knows of its body.
type bodyRef struct {
	// ID is the write id of the items that hold the body.
	ID string `json:"id,omitempty"`
	// Chunks is their number; 0 means that the body is in one place.
	Chunks int `json:"chunks,omitempty"`
	// Digest is the SHA-256 of the compressed bytes.
	Digest string `json:"digest,omitempty"`
}

// body is compressed content on its way into the table.
type body struct {
	ref    bodyRef
	packed []byte
}

// newBody compresses raw; more than inline bytes are cut into chunks.
func newBody(id string, raw []byte, inline int) (body, error) {
	if len(raw) > maxBody {
		return body{}, &Error{Class: ClassStalled, Reason: ReasonTooLarge, Message: "the content is larger than 16 MiB and is not stored; make it smaller"}
	}
	packed := pack(raw)
	b := body{ref: bodyRef{ID: id, Digest: sha(packed)}, packed: packed}
	if len(packed) > inline {
		b.ref.Chunks = (len(packed) + chunkBytes - 1) / chunkBytes
	}
	return b, nil
}

func (b body) inline() bool { return b.ref.Chunks == 0 }

// item is the body in an item of its own.
func (b body) item(at key) item {
	it := keyItem(at)
	it[attrWriteID], it[attrData] = attribute(b.ref.ID), attribute(b.packed)
	return it
}

// readBeside reads a body that has an item of its own, or chunks.
func (s *Store) readBeside(ctx context.Context, at key, chunks string, ref bodyRef) ([]byte, error) {
	if ref.Chunks > 0 {
		return s.readChunks(ctx, at.pk, chunks, ref)
	}
	it, err := s.get(ctx, at)
	if err != nil {
		return nil, err
	}
	if it == nil || text(it, attrWriteID) != ref.ID {
		return nil, errChunkMissing
	}
	return unpackChecked(data(it), ref)
}

// writeChunks writes the chunks of b, which nobody reads before a row names
// them. Their keys carry the write id, so a chunk that exists is our own.
func (s *Store) writeChunks(ctx context.Context, pk, prefix string, b body) error {
	for i := range b.ref.Chunks {
		part := b.packed[i*chunkBytes : min((i+1)*chunkBytes, len(b.packed))]
		it := keyItem(key{pk, chunkSK(prefix, b.ref.ID, i)})
		it[attrWriteID], it[attrData] = attribute(b.ref.ID), attribute(part)
		err := s.put(ctx, it, absent())
		if _, own := isCancelled(err); err != nil && !own {
			return fmt.Errorf("write part %d of %d: %w", i+1, b.ref.Chunks, err)
		}
	}
	return nil
}

// readChunks reads and unpacks the body in chunks that ref names.
func (s *Store) readChunks(ctx context.Context, pk, prefix string, ref bodyRef) ([]byte, error) {
	var packed []byte
	for i := range ref.Chunks {
		it, err := s.get(ctx, key{pk, chunkSK(prefix, ref.ID, i)})
		if err != nil {
			return nil, err
		}
		if it == nil {
			return nil, errChunkMissing
		}
		packed = append(packed, data(it)...)
	}
	return unpackChecked(packed, ref)
}

// dropChunks removes the chunks of a body that will not be used, as far as
// that works: what stays is removed with the partition or by the next write
// that has chunks.
func (s *Store) dropChunks(ctx context.Context, pk, prefix string, ref bodyRef) {
	for i := range ref.Chunks {
		it := keyItem(key{pk, chunkSK(prefix, ref.ID, i)})
		it[attrWriteID] = attribute(ref.ID)
		_ = s.remove(ctx, it)
	}
}

func chunkSK(prefix, id string, i int) string { return fmt.Sprintf("%s%s#%04d", prefix, id, i+1) }

func pack(raw []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	// A bytes.Buffer takes every write.
	_, _ = w.Write(raw)
	_ = w.Close()
	return out.Bytes()
}

func unpackChecked(packed []byte, ref bodyRef) ([]byte, error) {
	if sha(packed) != ref.Digest {
		return nil, errDigest
	}
	return unpack(packed)
}

func unpack(packed []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	raw, err := io.ReadAll(io.LimitReader(r, maxBody+1))
	if err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	if len(raw) > maxBody {
		return nil, errBodyTooLarge
	}
	return raw, nil
}

func sha(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}
