package judging

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/judge"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// comparing compares an output while it streams in.
type comparing struct {
	pipe   *io.PipeWriter
	answer io.Closer
	done   chan struct{}
	result judge.Comparison
	err    error
}

func compare(answer execution.Content, rules problem.CompareRules) (*comparing, error) {
	want, err := opened(answer)
	if err != nil {
		return nil, err
	}
	reader, writer := io.Pipe()
	c := &comparing{pipe: writer, answer: want, done: make(chan struct{})}
	go func() {
		defer close(c.done)
		c.result, c.err = judge.Compare(reader, want, rules)
		// The rest is not read: a difference is a difference.
		_ = reader.Close()
	}()
	return c, nil
}

// Write never fails: others want the rest where the comparison has ended.
func (c *comparing) Write(p []byte) (int, error) {
	_, _ = c.pipe.Write(p)
	return len(p), nil
}

func (c *comparing) end() (judge.Comparison, error) {
	_ = c.pipe.Close()
	<-c.done
	_ = c.answer.Close()
	return c.result, c.err
}

// head keeps the beginning of what is written to it.
type head struct {
	most int
	kept []byte
}

func (h *head) Write(p []byte) (int, error) {
	h.kept = append(h.kept, p[:min(len(p), h.most-len(h.kept))]...)
	return len(p), nil
}

// digest counts and hashes what is written to it.
type digest struct {
	sum  hash.Hash
	size int64
}

func newDigest() *digest { return &digest{sum: sha256.New()} }

func (d *digest) Write(p []byte) (int, error) {
	d.size += int64(len(p))
	return d.sum.Write(p)
}

// hex is the SHA-256 of all that was written.
func (d *digest) hex() string { return hex.EncodeToString(d.sum.Sum(nil)) }

// bounded is valid text of at most maxExcerpt bytes.
func bounded(text string) string { return boundedTo(text, maxExcerpt) }

func boundedTo(text string, most int) string {
	valid := strings.ToValidUTF8(text[:min(len(text), most)], "\uFFFD")
	return strings.ToValidUTF8(valid[:min(len(valid), most)], "")
}
