package judging

import (
	"context"
	"errors"

	"github.com/algoitny/algoitny-operator/internal/execution/protocol"
	"github.com/algoitny/algoitny-operator/internal/execution/toolchain"
)

// ErrNoMore says that a program has ended the only agent that there is.
var ErrNoMore = errors.New("there are no more agents")

// Agents starts the agents of one program, which share a working folder.
type Agents interface {
	// Compiler is an agent that may write the folder and the compile cache.
	Compiler(ctx context.Context) (*protocol.Client, error)
	// Program is an agent that runs the program.
	Program(ctx context.Context) (*protocol.Client, error)
}

// Sandbox is where programs are compiled and run.
type Sandbox interface {
	// Apart has the agents of the one program that shares nothing with any
	// other: the candidate of a request, the checker of a batch. It is asked
	// once.
	Apart(language toolchain.Toolchain) Agents
	// Tool has the agents of another program, with an empty folder. Nothing is
	// left of the tool before, which is over. The error wraps ErrNoMore when that
	// one has ended the only agent.
	Tool(ctx context.Context, language toolchain.Toolchain) (Agents, error)
	// Turn waits until a program may run; done ends its turn. Nothing else of
	// the same machine's runs meanwhile when it is alone. Whoever waits must not
	// have a turn.
	Turn(ctx context.Context, alone bool) (done func(), err error)
}

// ScratchBytes is the disk that a judge has for the contents of tests, those
// that came with the request included.
const ScratchBytes = 1 << 30

// Lab is what a judging needs beside what is asked for.
type Lab struct {
	Sandbox
	// Scratch is an empty folder for outputs, which may take Room bytes there.
	Scratch string
	Room    int64
	// Speed is the machine's, see package calibrate. It may take a moment.
	Speed func() float64
}
