package judging

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/execution/protocol"
	"github.com/algoitny/algoitny-operator/internal/execution/toolchain"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// errTooLarge ends the compiling late: only an agent that is to run a program
// finds out how large it has become.
var errTooLarge = fmt.Errorf("the compiled program is larger than %d MiB, or has too many files", protocol.MaxProgram>>20)

// errEnded says that a program has ended its agent.
var errEnded = errors.New(SandboxEnded)

// SandboxEnded is the detail of a run that has no other end.
const SandboxEnded = "the program ended or froze the sandbox it ran in"

// program is compiled once and run any number of times.
type program struct {
	problem.Program
	language toolchain.Toolchain
	agents   Agents
	sandbox  Sandbox

	agent *protocol.Client
	// ran: it has been started at least once.
	ran bool
	// gone: it, or its compiler, has ended an agent.
	gone bool
}

// languageOf finds the language of a program, whose files must leave the
// source alone.
func languageOf(p *problem.Program) (toolchain.Toolchain, error) {
	language, err := toolchain.Find(p.Language)
	if err != nil {
		return language, err
	}
	if _, taken := p.Files[language.Source]; taken {
		return language, fmt.Errorf("a file of program %q has the name of its source, %s", p.Name, language.Source)
	}
	return language, nil
}

// compile stores and compiles the source; ok is false when it does not compile.
func (p *program) compile(ctx context.Context) (log string, ok bool, err error) {
	if excess := p.excess(); excess != "" {
		return excess, false, nil
	}
	agent, err := ready(ctx, p.agents.Compiler)
	if err != nil {
		return "", false, err
	}
	defer func() { _ = agent.Close() }()
	if err := p.store(ctx, agent); err != nil {
		return "", false, err
	}
	if len(p.language.Compile) == 0 {
		return "", true, nil
	}
	done, err := p.sandbox.Turn(ctx, false)
	if err != nil {
		return "", false, err
	}
	defer done()
	printed := &head{most: maxExcerpt}
	result, err := agent.Exec(ctx, protocol.Exec{
		Argv: p.language.Compile, Env: p.language.Env, Limits: compileLimits, StderrHead: true,
	}, strings.NewReader(""), printed)
	var refused *protocol.RefusedError
	if err != nil && ctx.Err() == nil && !errors.As(err, &refused) {
		p.gone = true
		return "compiling ended or froze the sandbox it ran in", false, nil
	}
	if err != nil {
		return "", false, err
	}
	log = bounded(string(result.Stderr) + string(printed.kept))
	if result.Cause != "" {
		return bounded(fmt.Sprintf("compiling went beyond its %s limit\n%s", result.Cause, log)), false, nil
	}
	return log, result.ExitCode == 0 && result.Signal == "", nil
}

// excess says by what a program is too long.
func (p *program) excess() string {
	if len(p.Source) > maxSource {
		return fmt.Sprintf("the program is longer than %d KiB", maxSource>>10)
	}
	total := 0
	for _, content := range p.Files {
		total += len(content)
	}
	if total > maxFiles {
		return fmt.Sprintf("the files of the program are longer than %d KiB", maxFiles>>10)
	}
	return ""
}

func (p *program) store(ctx context.Context, agent *protocol.Client) error {
	for name, content := range p.Files {
		if err := agent.PutFile(ctx, protocol.File{Name: name}, strings.NewReader(content)); err != nil {
			return err
		}
	}
	return agent.PutFile(ctx, protocol.File{Name: p.language.Source}, strings.NewReader(p.Source))
}

// ready starts an agent and waits for its first word. From there on only a
// program can have ended it.
func ready(ctx context.Context, start func(context.Context) (*protocol.Client, error)) (*protocol.Client, error) {
	agent, err := start(ctx)
	if err != nil {
		return nil, err
	}
	if err := agent.Ready(ctx); err != nil {
		_ = agent.Close()
		return nil, err
	}
	return agent, nil
}

// job is one run of a program.
type job struct {
	args []string
	// files and folders are for this run only.
	files   []jobFile
	folders []string
	limits  protocol.Limits
	// alone: nothing else runs meanwhile.
	alone bool
	// input is nil for none.
	input execution.Content
}

type jobFile struct {
	name    string
	content execution.Content
}

// run has the program do a job. The error is errEnded, errTooLarge, a
// *protocol.RefusedError of a program that could not be started, or the
// judge's own.
func (p *program) run(ctx context.Context, j job, sink io.Writer) (*protocol.Result, error) {
	if p.agent == nil {
		agent, err := ready(ctx, p.agents.Program)
		if err != nil {
			return nil, err
		}
		p.agent = agent
	}
	done, err := p.sandbox.Turn(ctx, j.alone)
	if err != nil {
		return nil, err
	}
	defer done()
	result, err := p.ask(ctx, j, sink)
	var refused *protocol.RefusedError
	var unread *protocol.InputError
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.As(err, &refused) || errors.As(err, &unread):
		return nil, err
	case err != nil:
		p.ran, p.gone = true, true
		p.close()
		return nil, errEnded
	case result.Cause == protocol.CauseFiles && !p.ran:
		return nil, errTooLarge
	}
	p.ran = true
	return result, nil
}

func (p *program) ask(ctx context.Context, j job, sink io.Writer) (*protocol.Result, error) {
	for _, file := range j.files {
		if err := p.put(ctx, file); err != nil {
			return nil, err
		}
	}
	input, err := opened(j.input)
	if err != nil {
		return nil, err
	}
	defer func() { _ = input.Close() }()
	argv := p.language.RunUnder(j.limits.MemoryBytes)
	return p.agent.Exec(ctx, protocol.Exec{
		Argv: slices.Concat(argv, j.args), Env: p.language.Env, Limits: j.limits, Restore: true, Folders: j.folders,
	}, input, sink)
}

func (p *program) put(ctx context.Context, file jobFile) error {
	content, err := opened(file.content)
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }()
	return p.agent.PutFile(ctx, protocol.File{Name: file.name, Once: true}, content)
}

// opened is a content, or an empty one.
func opened(content execution.Content) (io.ReadCloser, error) {
	if content == nil {
		content = execution.Text("")
	}
	reader, err := content.Open()
	if err != nil {
		return nil, &protocol.InputError{Err: err}
	}
	return reader, nil
}

// close ends the agent; the next run gets another.
func (p *program) close() {
	if p.agent != nil {
		_ = p.agent.Close()
		p.agent = nil
	}
}
