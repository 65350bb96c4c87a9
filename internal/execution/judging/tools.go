package judging

import (
	"context"
	"errors"

	"github.com/algoitny/algoitny-operator/internal/execution/toolchain"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// Why a tool is not run.
const (
	whyNotCompiled = "the program does not compile"
	whyEnded       = "the program has ended the sandbox that it ran in"
	whyLost        = "a program has ended the sandbox for tools"
)

// tools are the programs that make tests and check outputs. One is compiled at
// a time, in a sandbox where nothing is left of the one before.
type tools struct {
	sandbox Sandbox
	// place has the agents of the next.
	place   func(context.Context, toolchain.Toolchain) (Agents, error)
	all     map[string]known
	current *program
	// unfit tells why a program is not run any more, logs what the compiler
	// said of it.
	unfit map[string]string
	logs  map[string]string
	// lost: the only sandbox is gone.
	lost bool
}

// known is a tool with its language.
type known struct {
	problem.Program
	language toolchain.Toolchain
}

// newTools knows every program, so that a language that is not there is found
// out before anything runs.
func newTools(sandbox Sandbox, programs []problem.Program) (*tools, error) {
	t := &tools{
		sandbox: sandbox, place: sandbox.Tool, all: map[string]known{}, unfit: map[string]string{}, logs: map[string]string{},
	}
	for i := range programs {
		language, err := languageOf(&programs[i])
		if err != nil {
			return nil, err
		}
		t.all[programs[i].Name] = known{programs[i], language}
	}
	return t, nil
}

// apart is one of the tools, with a sandbox of its own.
func (t *tools) apart(name string) *tools {
	return &tools{
		sandbox: t.sandbox, all: map[string]known{name: t.all[name]}, unfit: map[string]string{}, logs: map[string]string{},
		place: func(_ context.Context, language toolchain.Toolchain) (Agents, error) {
			return t.sandbox.Apart(language), nil
		},
	}
}

// get compiles a program unless it is the current one. Where it cannot be run,
// why is not empty.
func (t *tools) get(ctx context.Context, name string) (_ *program, why string, err error) {
	switch {
	case t.unfit[name] != "":
		return nil, t.unfit[name], nil
	case t.current != nil && t.current.Name == name:
		return t.current, "", nil
	case t.lost:
		return nil, whyLost, nil
	}
	t.close()
	named := t.all[name]
	agents, err := t.place(ctx, named.language)
	if errors.Is(err, ErrNoMore) {
		t.lost = true
		return nil, whyLost, nil
	}
	if err != nil {
		return nil, "", err
	}
	p := &program{Program: named.Program, language: named.language, agents: agents, sandbox: t.sandbox}
	log, ok, err := p.compile(ctx)
	if err != nil {
		return nil, "", err
	}
	if !ok {
		t.unfit[name], t.logs[name] = whyNotCompiled, log
		return nil, whyNotCompiled, nil
	}
	t.current = p
	return p, "", nil
}

// giveUp has a program not run any more.
func (t *tools) giveUp(name, why string) {
	t.unfit[name] = why
	if t.current != nil && t.current.Name == name {
		t.close()
	}
}

func (t *tools) close() {
	if t.current != nil {
		t.current.close()
		t.current = nil
	}
}
