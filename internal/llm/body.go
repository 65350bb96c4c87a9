package llm

import (
	"bytes"
	"errors"
	"io"
)

// Bounds on what is read from a provider. An answer of 100,000 tokens is well
// below 1 MiB, and an error that needs more than 64 KiB explains nothing.
const (
	maxBody      = 8 << 20
	maxErrorBody = 64 << 10
)

var errBodyTooLarge = errors.New("the answer is larger than it may be")

// readBody reads a whole answer and refuses one over the bound.
func readBody(r io.Reader) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, maxBody+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxBody {
		return nil, errBodyTooLarge
	}
	return body, nil
}

// readErrorBody reads the beginning of an error's body. The status alone
// already decides the outcome, so a cut body is no second error.
func readErrorBody(r io.Reader) []byte {
	body, _ := io.ReadAll(io.LimitReader(r, maxErrorBody))
	return body
}

func bodyOf(b []byte) io.ReadCloser { return io.NopCloser(bytes.NewReader(b)) }

// download is where a file's bytes go.
type download struct {
	limit int64
	read  func(io.Reader) error
}

func (d *download) from(body io.Reader) error {
	limited := &io.LimitedReader{R: body, N: d.limit + 1}
	if err := d.read(limited); err != nil {
		return err
	}
	if limited.N <= 0 {
		return errBodyTooLarge
	}
	return nil
}
