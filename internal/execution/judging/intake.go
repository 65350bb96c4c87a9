package judging

import (
	"errors"

	"github.com/algoitny/algoitny-operator/internal/judge"
)

// intake is what becomes of a step's output while it streams in: it is hashed,
// and kept, compared or written to a file only where that is asked for.
type intake struct {
	head head
	// digest, output and comparing are nil where nobody needs them.
	digest    *digest
	output    *output
	comparing *comparing
	ended     bool
}

// intake prepares for the output of a step.
func (w *workshop) intake(i int, m materials) (*intake, error) {
	s := &w.steps[i]
	in := &intake{digest: newDigest(), head: head{most: min(s.Keep, w.keep)}}
	byProgram := s.Answer != nil && w.checker.Program != ""
	var err error
	if w.uses[s.Name] > 0 || byProgram && s.Program != "" {
		if in.output, err = w.shelf.create(); err != nil {
			return nil, err
		}
	}
	if s.Answer != nil && !byProgram {
		if in.comparing, err = compare(m.answer, w.checker.Rules); err != nil {
			in.close()
			return nil, err
		}
	}
	return in, nil
}

// Write never fails.
func (in *intake) Write(p []byte) (int, error) {
	_, _ = in.head.Write(p)
	if in.digest != nil {
		_, _ = in.digest.Write(p)
	}
	if in.output != nil {
		_, _ = in.output.Write(p)
	}
	if in.comparing != nil {
		_, _ = in.comparing.Write(p)
	}
	return len(p), nil
}

// end waits for whoever looks at the output.
func (in *intake) end() (comparison judge.Comparison, err error) {
	in.ended = true
	if in.comparing != nil {
		comparison, err = in.comparing.end()
	}
	if in.output != nil {
		err = errors.Join(err, in.output.end())
	}
	return comparison, err
}

// close throws away what nobody has taken.
func (in *intake) close() {
	if !in.ended {
		_, _ = in.end()
	}
	if in.output != nil {
		in.output.remove()
	}
}
