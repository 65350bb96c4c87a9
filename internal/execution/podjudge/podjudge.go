// Package podjudge is the judge of a judging pod: it holds the request, leads
// the agents of the other containers and says what became of the program. The
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
	"time"

	"github.com/algoitny/algoitny-operator/internal/execution/judging"
	"github.com/algoitny/algoitny-operator/internal/execution/parcel"
	"github.com/algoitny/algoitny-operator/internal/execution/toolchain"
	"github.com/algoitny/algoitny-operator/internal/problem"
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
	report, err := report(o, clock)
	if err != nil {
		fmt.Fprintln(os.Stderr, "judge:", err)
		report = &problem.Report{Verdict: problem.JudgeError, Detail: detail(err)}
	}
	receipt, err := parcel.WriteReport(out, report, clock.phases)
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

// detail says what kept the judge from judging, bounded for a report.
func detail(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "the judging took longer than its deadline"
	}
	const longest = 1 << 10
	return err.Error()[:min(len(err.Error()), longest)]
}

func report(o options, clock *stopwatch) (*problem.Report, error) {
	ctx, cancel := context.WithTimeout(context.Background(), o.deadline)
	defer cancel()
	// Agents that start before the request is read need not wait.
	program, err := listen(o.program)
	if err != nil {
		return nil, err
	}
	defer program.close()
	tools, err := listen(o.tools)
	if err != nil {
		return nil, err
	}
	defer tools.close()
	req, err := parcel.Unpack(o.request, o.digest, o.scratch)
	if err != nil {
		return nil, err
	}
	clock.lap(&clock.phases.UnpackMillis)
	language, ok := toolchain.Lookup(req.Language)
	if !ok {
		return nil, fmt.Errorf("language %q is not in the toolchain table of this image", req.Language)
	}
	report, err := judging.Run(ctx, *req, language, &agents{socket: program, clock: clock})
	clock.lap(&clock.phases.RunMillis)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return report, err
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
