package local

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/algoitny/algoitny-operator/internal/execution/judging"
	"github.com/algoitny/algoitny-operator/internal/execution/toolchain"
)

// site is where one judging or batch goes on: a folder with one for the program
// that is apart, one for the outputs, and one for the tool whose turn it is.
type site struct {
	runner *Runner
	folder string
	// batch: the program that is apart is a checker, which finds files there.
	batch bool
	// tools is how many tools there were.
	tools int
}

const (
	apartFolder   = "program"
	outputsFolder = "outputs"
)

func (r *Runner) site(batch bool) (*site, error) {
	folder, err := os.MkdirTemp(r.o.Dir, fmt.Sprintf("%s%d-", folderPrefix, os.Getpid()))
	if err != nil {
		return nil, fmt.Errorf("make a working folder: %w", err)
	}
	s := &site{runner: r, folder: folder, batch: batch}
	for _, name := range []string{apartFolder, outputsFolder} {
		if err := os.Mkdir(filepath.Join(folder, name), 0o700); err != nil {
			s.remove()
			return nil, fmt.Errorf("make a working folder: %w", err)
		}
	}
	return s, nil
}

func (s *site) remove() { _ = os.RemoveAll(s.folder) }

func (s *site) outputs() string { return filepath.Join(s.folder, outputsFolder) }

// Apart implements judging.Sandbox.
func (s *site) Apart(language toolchain.Toolchain) judging.Agents {
	return &agents{runner: s.runner, language: language, folder: filepath.Join(s.folder, apartFolder), writable: s.batch}
}

// Tool implements judging.Sandbox: every tool has new agents in a new folder.
func (s *site) Tool(_ context.Context, language toolchain.Toolchain) (judging.Agents, error) {
	_ = os.RemoveAll(s.tool())
	s.tools++
	if err := os.Mkdir(s.tool(), 0o700); err != nil {
		return nil, fmt.Errorf("make a working folder: %w", err)
	}
	return &agents{runner: s.runner, language: language, folder: s.tool(), writable: true}, nil
}

// tool is the folder of the tool whose turn it is.
func (s *site) tool() string { return filepath.Join(s.folder, "tool-"+strconv.Itoa(s.tools)) }

// Turn implements judging.Sandbox. Nobody waits for a turn who has one, so that
// those who want to be alone cannot wait for each other.
func (s *site) Turn(ctx context.Context, alone bool) (done func(), err error) {
	n := int64(1)
	if alone {
		n = s.runner.o.MaxConcurrent
	}
	if err := s.runner.turns.Acquire(ctx, n); err != nil {
		return nil, err
	}
	return func() { s.runner.turns.Release(n) }, nil
}
