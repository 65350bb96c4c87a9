package agent

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/algoitny/algoitny-operator/internal/execution/protocol"
)

// keep remembers the working folder as every run is to find it.
func (s *server) keep() error {
	if s.kept != nil {
		return nil
	}
	k, err := keep()
	if err != nil {
		return err
	}
	s.kept = k
	return nil
}

// tidy leaves nothing of a run to the next. Nothing of the program may run any
// more.
func (s *server) tidy(request protocol.Exec) error {
	if err := s.tidyScratch(); err != nil {
		return err
	}
	if s.kept == nil || !request.Restore && len(s.once) == 0 {
		return nil
	}
	s.work.unlock()
	// Without them the folder may be as it was, which is soon seen.
	for _, name := range s.once {
		if err := removeAll(name); err != nil {
			return fmt.Errorf("remove the file of a run: %w", err)
		}
	}
	s.once = nil
	if err := s.kept.restore(); err != nil {
		return err
	}
	s.work.blank()
	return nil
}

// tidyScratch empties what programs can write beside the working folder.
func (s *server) tidyScratch() error {
	if s.alone {
		removeShared()
		emptyKeyrings()
	}
	for _, r := range s.scratch {
		if err := r.empty(); err != nil {
			return err
		}
	}
	return nil
}

// reset makes this agent as good as a new one. It ends the agent rather than
// leave anything behind.
func (s *server) reset() error {
	if err := endAll(s.alone); err != nil {
		return err
	}
	reapOrphans()
	if err := s.tidyScratch(); err != nil {
		return err
	}
	if err := s.work.empty(); err != nil {
		return err
	}
	s.kept, s.once = nil, nil
	if ownLimits() != s.own {
		return errTouched
	}
	return protocol.Write(s.conn, protocol.KindReady, nil)
}

// errTouched: a program has the agent's user and may lower its limits. Every
// program that comes later would inherit them, and nobody can raise them again.
var errTouched = errors.New("a program has changed the limits of its agent")

// rlimits is how many kinds of limits Linux has, see getrlimit(2).
const rlimits = 16

// ownLimits are the agent's own. One that the kernel does not tell is zero.
func ownLimits() (all [rlimits]unix.Rlimit) {
	for kind := range all {
		_ = unix.Getrlimit(kind, &all[kind])
	}
	return all
}
