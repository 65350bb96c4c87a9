// Package podjudge is the judge of a judging pod: it holds the request or the
// batch, leads the agents of the other containers and says what became of it. The
// judge is trusted; everything it hears from an agent is not.
package podjudge

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/execution/calibrate"
	"github.com/algoitny/algoitny-operator/internal/execution/judging"
	"github.com/algoitny/algoitny-operator/internal/execution/parcel"
)

// Command makes a program of ours act as the judge.
const Command = "judge"

// options are the arguments.
type options struct {
	request, digest, scratch string
	program, tools           string
	termination              string
	deadline                 time.Duration
}

func parse(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet(Command, flag.ContinueOnError)
	flags.StringVar(&o.request, "request", "", "folder with the chunks of the request")
	flags.StringVar(&o.digest, "digest", "", "SHA-256 of the request")
	flags.StringVar(&o.scratch, "scratch", "", "folder for the tests")
	flags.StringVar(&o.program, "program", "", "socket for the agent that runs the program")
	flags.StringVar(&o.tools, "tools", "", "socket for the agent that runs our own tools")
	flags.StringVar(&o.termination, "termination", "", "file for the last word")
	flags.DurationVar(&o.deadline, "deadline", 0, "bound of the whole judging")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if o.request == "" || o.scratch == "" || o.program == "" || o.tools == "" || o.termination == "" || o.deadline <= 0 {
		return o, errors.New("an argument is missing")
	}
	return o, nil
}

// Main acts as the judge: the report goes to out, its receipt into the file
// for the last word. Whatever happens is a report; the exit code is 1 only
// when none could be given.
func Main(args []string, out io.Writer) int {
	o, err := parse(args)
	if err == nil {
		err = judge(o, out)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "judge:", err)
		return 1
	}
	return 0
}

func judge(o options, out io.Writer) error {
	clock := &stopwatch{last: time.Now()}
	outcome, err := outcome(o, clock)
	if err != nil {
		fmt.Fprintln(os.Stderr, "judge:", err)
		outcome = &parcel.Outcome{Failure: failure(err)}
	}
	receipt, err := parcel.Write(out, outcome, clock.phases)
	if err != nil {
		return err
	}
	raw, err := json.Marshal(receipt)
	if err != nil {
		return fmt.Errorf("encode the receipt: %w", err)
	}
	if err := os.WriteFile(o.termination, raw, 0o600); err != nil {
		return fmt.Errorf("write the last word: %w", err)
	}
	return nil
}

// failure says what kept the judge from judging, bounded for a report.
func failure(err error) *parcel.Failure {
	if errors.Is(err, context.DeadlineExceeded) {
		return &parcel.Failure{Detail: "the judging took longer than its deadline"}
	}
	const longest = 1 << 10
	detail := err.Error()[:min(len(err.Error()), longest)]
	if e, ok := errors.AsType[*execution.Error](err); ok && e.Class == execution.ClassStalled {
		return &parcel.Failure{Reason: e.Reason, Message: e.Message, Detail: detail}
	}
	return &parcel.Failure{Detail: detail}
}

func outcome(o options, clock *stopwatch) (*parcel.Outcome, error) {
	ctx, cancel := context.WithTimeout(context.Background(), o.deadline)
	defer cancel()
	// Agents that start before the request is read need not wait.
	sandbox, err := open(o, clock)
	if err != nil {
		return nil, err
	}
	defer sandbox.close()
	unpacked, err := parcel.Unpack(o.request, o.digest, o.scratch)
	if err != nil {
		return nil, err
	}
	clock.lap(&clock.phases.UnpackMillis)
	outcome, err := work(ctx, unpacked, judging.Lab{
		Sandbox: sandbox, Scratch: o.scratch, Room: judging.ScratchBytes - scratchSlack - unpacked.Bytes, Speed: measuring(),
	})
	clock.lap(&clock.phases.RunMillis)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return outcome, err
}

// scratchSlack is what the folder of the judge has beside contents.
const scratchSlack = 16 << 20

func work(ctx context.Context, asked *parcel.Unpacked, lab judging.Lab) (*parcel.Outcome, error) {
	if asked.Batch != nil {
		report, err := judging.Work(ctx, *asked.Batch, lab)
		return &parcel.Outcome{Batch: report}, err
	}
	report, err := judging.Run(ctx, *asked.Request, lab)
	return &parcel.Outcome{Report: report}, err
}

// measuring has the speed of the machine measured while the agents start and a
// compiler runs in another container: nobody waits for it.
func measuring() func() float64 {
	measured := make(chan float64, 1)
	go func() { measured <- calibrate.Measure() }()
	return sync.OnceValue(func() float64 { return <-measured })
}

// stopwatch tells where the time goes.
type stopwatch struct {
	last   time.Time
	phases parcel.Phases
}

func (s *stopwatch) lap(phase *int64) {
	now := time.Now()
	*phase = now.Sub(s.last).Milliseconds()
	s.last = now
}
