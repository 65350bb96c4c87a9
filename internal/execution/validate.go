package execution

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// The bounds of what travels to a pod, beside those on bytes.
const (
	MaxTests    = 1000
	MaxSteps    = 5000
	MaxPrograms = 500
)

// The bounds of what is asked for anywhere, in bytes.
const (
	// MaxName is that of every name.
	MaxName = 256
	// maxArgs is that of the arguments of one run together.
	maxArgs = 64 << 10
)

// Validate tells what is wrong with a request whatever runs it.
func (r *Request) Validate() error {
	if err := r.validate(); err != nil {
		return fmt.Errorf("the request %s cannot be judged: %w", r.Key, err)
	}
	return nil
}

func (r *Request) validate() error {
	if len(r.Tests) == 0 {
		return errors.New("there are no tests")
	}
	names, err := programNames(r.Tools, r.Checker)
	if err != nil {
		return err
	}
	made, err := makers(r.Make, names)
	if err != nil {
		return err
	}
	for i := range r.Tests {
		test := &r.Tests[i]
		if err := validName(test.Name); err != nil {
			return fmt.Errorf("test %d: %w", i+1, err)
		}
		if test.Input == nil || test.Answer == nil {
			return fmt.Errorf("test %q has no input or no answer", test.Name)
		}
		if err := known(made, test.Input, test.Answer); err != nil {
			return fmt.Errorf("test %q: %w", test.Name, err)
		}
	}
	return nil
}

// makers checks the steps that make tests, and returns their names.
func makers(steps []Step, programs map[string]bool) (map[string]bool, error) {
	for i := range steps {
		if s := &steps[i]; s.Program == "" || s.Answer != nil {
			return nil, fmt.Errorf("step %q makes no content of a test: it needs a program and has no answer", s.Name)
		}
	}
	return stepNames(steps, programs)
}

// Validate tells what is wrong with a batch whatever runs it.
func (b *Batch) Validate() error {
	names, err := programNames(b.Programs, b.Checker)
	if err == nil {
		_, err = stepNames(b.Steps, names)
	}
	if err != nil {
		return fmt.Errorf("the batch %s cannot be run: %w", b.Key, err)
	}
	return nil
}

func programNames(programs []problem.Program, checker problem.Checker) (map[string]bool, error) {
	names := map[string]bool{}
	for i := range programs {
		p := &programs[i]
		if err := validName(p.Name); err != nil {
			return nil, fmt.Errorf("program %d: %w", i+1, err)
		}
		if names[p.Name] {
			return nil, fmt.Errorf("two programs are called %q", p.Name)
		}
		names[p.Name] = true
		for file := range p.Files {
			if file != filepath.Base(file) || file == "." || file == ".." || file == "/" {
				return nil, fmt.Errorf("%q of program %q is not a plain file name", file, p.Name)
			}
		}
	}
	return names, validChecker(checker, names)
}

func validChecker(c problem.Checker, programs map[string]bool) error {
	switch {
	case c.Program == "":
		return nil
	case !programs[c.Program]:
		return fmt.Errorf("there is no program %q to check outputs", c.Program)
	case c.Protocol != problem.ProtocolTestlib && c.Protocol != problem.ProtocolICPC:
		return fmt.Errorf("there is no checker protocol %q", c.Protocol)
	}
	return validArgs(c.Args)
}

// stepNames checks the steps, which may use what an earlier one has made.
func stepNames(steps []Step, programs map[string]bool) (map[string]bool, error) {
	names := map[string]bool{}
	for i := range steps {
		s := &steps[i]
		if err := validName(s.Name); err != nil {
			return nil, fmt.Errorf("step %d: %w", i+1, err)
		}
		if names[s.Name] {
			return nil, fmt.Errorf("two steps are called %q", s.Name)
		}
		if err := s.validate(programs); err != nil {
			return nil, fmt.Errorf("step %q: %w", s.Name, err)
		}
		if err := known(names, s.Input, s.Answer, s.Output); err != nil {
			return nil, fmt.Errorf("step %q: %w", s.Name, err)
		}
		names[s.Name] = true
	}
	return names, nil
}

func (s *Step) validate(programs map[string]bool) error {
	switch {
	case s.Program != "" && !programs[s.Program]:
		return fmt.Errorf("there is no program %q", s.Program)
	case s.Program != "" && s.Output != nil:
		return errors.New("it has both a program and an output")
	case s.Program == "" && (s.Output == nil || s.Answer == nil):
		return errors.New("without a program it needs an output and an answer to check it against")
	case s.Keep < 0:
		return errors.New("it keeps less than nothing")
	}
	return validArgs(s.Args)
}

// known tells whether earlier steps make these contents.
func known(made map[string]bool, contents ...Content) error {
	for _, content := range contents {
		if name, ok := content.(Made); ok && !made[string(name)] {
			return fmt.Errorf("no earlier step is called %q", string(name))
		}
	}
	return nil
}

func validName(name string) error {
	if name == "" || len(name) > MaxName {
		return fmt.Errorf("its name is empty or longer than %d bytes", MaxName)
	}
	return nil
}

func validArgs(args []string) error {
	total := 0
	for _, arg := range args {
		total += len(arg) + 1
	}
	if total > maxArgs {
		return fmt.Errorf("its arguments are longer than %d KiB", maxArgs>>10)
	}
	return nil
}
