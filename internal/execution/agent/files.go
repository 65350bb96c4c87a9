package agent

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/algoitny/algoitny-operator/internal/execution/protocol"
)

// store receives a file.
func (s *server) store(frame protocol.Frame) error {
	var request protocol.File
	err := frame.Decode(protocol.KindFile, &request)
	file := &received{err: err}
	if err == nil {
		file = s.create(request)
	}
	if err := s.feed(file, new(atomic.Int32)); err != nil {
		return err
	}
	if file.err != nil {
		return s.answer(protocol.Result{Error: file.err.Error()})
	}
	return s.answer(protocol.Result{})
}

// create makes the file of a request. One for a run only comes after what every
// run finds has been kept.
func (s *server) create(request protocol.File) *received {
	if err := plain(request.Name); err != nil {
		return &received{err: err}
	}
	if request.Once {
		if err := s.keep(); err != nil {
			return &received{err: fmt.Errorf("keep the program: %w", err)}
		}
		s.once = append(s.once, request.Name)
	}
	// What was there before may be the program's: a link to somewhere else.
	if err := os.RemoveAll(request.Name); err != nil {
		return &received{err: err}
	}
	file, err := os.OpenFile(request.Name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	return &received{file, err}
}

// folder makes an empty one for a run only.
func (s *server) folder(name string) error {
	if err := plain(name); err != nil {
		return err
	}
	s.once = append(s.once, name)
	return os.Mkdir(name, 0o700)
}

func plain(name string) error {
	if name != filepath.Base(name) || name == "." || name == ".." || name == "/" {
		return fmt.Errorf("%q is not a plain file name", name)
	}
	return nil
}

// received is a file on its way in, which goes on when it cannot be written.
type received struct {
	file *os.File
	err  error
}

func (r *received) Write(p []byte) (int, error) {
	if r.err == nil {
		_, r.err = r.file.Write(p)
	}
	if r.err != nil {
		return 0, io.ErrClosedPipe
	}
	return len(p), nil
}

func (r *received) Close() error {
	if r.file == nil {
		return nil
	}
	err := r.file.Close()
	if r.err == nil {
		r.err = err
	}
	return err
}
