package judging

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/algoitny/algoitny-operator/internal/execution"
)

// errNoRoom says that the outputs that have to be kept are too much.
var errNoRoom = errors.New("there is no room for its output: too much has to be kept at a time")

// shelf holds outputs in files of the judge's own until nobody needs them any
// more.
type shelf struct {
	folder string
	// left is how many bytes more may lie there.
	left int64
	// made counts the files, for their names.
	made    int
	outputs map[string]*output
}

// output is what a step has printed.
type output struct {
	path string
	size int64
	// uses is how often it is still needed.
	uses int
	file *os.File
	err  error
	// left is the shelf's.
	left *int64
}

func newShelf(lab Lab) *shelf {
	return &shelf{folder: lab.Scratch, left: lab.Room, outputs: map[string]*output{}}
}

// create begins an output.
func (s *shelf) create() (*output, error) {
	s.made++
	path := filepath.Join(s.folder, "output-"+strconv.Itoa(s.made))
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // a name of our own
	if err != nil {
		return nil, fmt.Errorf("keep an output: %w", err)
	}
	return &output{path: path, file: file, left: &s.left}, nil
}

// Write never fails, so that others get the rest; end tells of it.
func (o *output) Write(p []byte) (int, error) {
	switch {
	case o.err != nil:
	case int64(len(p)) > *o.left:
		o.err = errNoRoom
	default:
		n, err := o.file.Write(p)
		o.size += int64(n)
		*o.left -= int64(n)
		o.err = err
	}
	return len(p), nil
}

// end closes the file, which then can be read.
func (o *output) end() error { return errors.Join(o.err, o.file.Close()) }

// Open implements execution.Content.
func (o *output) Open() (io.ReadCloser, error) { return os.Open(o.path) }

// remove takes it off the disk.
func (o *output) remove() {
	if os.Remove(o.path) == nil {
		*o.left += o.size
	}
}

// put keeps an output under a name for so many uses.
func (s *shelf) put(name string, o *output, uses int) {
	o.uses = uses
	s.outputs[name] = o
}

// content is what a step or a test means: what was made stands on the shelf. ok
// is false when it was not made.
func (s *shelf) content(c execution.Content) (_ execution.Content, ok bool) {
	name, made := c.(execution.Made)
	if !made {
		return c, true
	}
	o, ok := s.outputs[string(name)]
	return o, ok
}

// release takes note that contents were used once.
func (s *shelf) release(contents ...execution.Content) {
	for _, c := range contents {
		name, made := c.(execution.Made)
		if !made {
			continue
		}
		if o := s.outputs[string(name)]; o != nil {
			if o.uses--; o.uses == 0 {
				o.remove()
				delete(s.outputs, string(name))
			}
		}
	}
}
