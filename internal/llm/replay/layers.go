package replay

import (
	"errors"
	"io/fs"
)

// Layers are folders of transcripts that lie on each other: a file is read
// from the first that has it.
type Layers []fs.FS

// Open implements fs.FS.
func (l Layers) Open(name string) (fs.File, error) {
	for _, layer := range l {
		file, err := layer.Open(name)
		if !errors.Is(err, fs.ErrNotExist) {
			return file, err
		}
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}
