package problempackage

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/archive"
)

// unfit are the characters that names of no format can have.
var unfit = regexp.MustCompile(`[^a-zA-Z0-9_.-]+`)

// CleanName is a name that every format can have.
func CleanName(name string) string {
	clean := strings.Trim(unfit.ReplaceAllString(name, "-"), "._-")
	if clean == "" {
		return "program"
	}
	return clean
}

// Output collects the files of a package that is written, and what does not
// fit its format. The first error ends the writing.
type Output struct {
	archive.Builder
	Notes []string
	Err   error
}

// Note says what does not fit.
func (o *Output) Note(format string, args ...any) {
	o.Notes = append(o.Notes, fmt.Sprintf(format, args...))
}

// Fail keeps the first error.
func (o *Output) Fail(err error) {
	if o.Err == nil {
		o.Err = err
	}
}

// Put adds a file.
func (o *Output) Put(name string, content archive.Opener) {
	if err := o.Add(name, content); err != nil {
		o.Fail(err)
	}
}

// All does the steps until one fails.
func (o *Output) All(steps ...func()) (*archive.Builder, []string, error) {
	for _, step := range steps {
		if step(); o.Err != nil {
			return nil, nil, o.Err
		}
	}
	return &o.Builder, o.Notes, nil
}
