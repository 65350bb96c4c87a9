// Command algoitny is the product's command line: it shows the demo, judges
// programs and packages on this machine, publishes packages and makes packages
// of what is published, says what the calls of models have cost, and makes what
// is published again of recorded answers.
package main

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"go.uber.org/zap/zapcore"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/algoitny/algoitny-operator/internal/cli"
	"github.com/algoitny/algoitny-operator/internal/demo"
	"github.com/algoitny/algoitny-operator/internal/execution/local"
	"github.com/algoitny/algoitny-operator/internal/offline"
)

const usage = `usage: algoitny demo [--check] [--transcripts DIR] [--verbose]
`

const demoHelp = `
  demo     start the operator on embedded parts, apply config/samples and show
           how they advance; --check ends by itself, with exit code 1 when a
           sample did not reach the state it should. --transcripts has the
           replay model answer from a folder of yours first, by
           PLATFORM/ID/STEP.yaml
`

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:])
	cancel()
	os.Exit(code)
}

func run(ctx context.Context, args []string) int {
	switch {
	case len(args) > 0 && args[0] == "demo":
		if err := runDemo(ctx, args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, "algoitny:", err)
			return 1
		}
		return 0
	case len(args) > 0 && slices.Contains(cli.Names(), args[0]):
		e := &cli.Environment{Out: os.Stdout, Err: os.Stderr, Engine: engine, Table: cli.OpenTable}
		return e.Run(ctx, args)
	}
	fmt.Fprint(os.Stderr, usage, cli.Usage(), demoHelp)
	return 2
}

// engine runs programs on this machine.
func engine() (offline.Engine, error) {
	command, err := local.AgentCommand()
	if err != nil {
		return nil, err
	}
	return local.New(local.Options{AgentCommand: command, Log: cli.Notes(os.Stderr)})
}

func runDemo(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("demo", flag.ExitOnError)
	check := flags.Bool("check", false, "end when the samples have settled")
	transcripts := flags.String("transcripts", "", "folder of answers for the replay model, before the demo's own")
	verbose := flags.Bool("verbose", false, "print the operator's log")
	_ = flags.Parse(args)

	level := zap.Level(zapcore.ErrorLevel)
	if *verbose {
		level = zap.Level(zapcore.InfoLevel)
	}
	log := zap.New(zap.UseDevMode(true), zap.WriteTo(os.Stderr), level)
	ctrl.SetLogger(log)
	command, err := local.AgentCommand()
	if err != nil {
		return err
	}
	answers, err := openTranscripts(*transcripts)
	if err != nil {
		return err
	}
	return demo.Run(ctx, demo.Options{
		Check: *check, Out: os.Stdout, Log: log, AgentCommand: command, Transcripts: answers,
		GeminiKey: os.Getenv("GEMINI_API_KEY"), OpenAIKey: os.Getenv("OPENAI_API_KEY"),
	})
}

// openTranscripts is the folder of the flag, nil where there is none.
func openTranscripts(folder string) (fs.FS, error) {
	if folder == "" {
		return nil, nil
	}
	info, err := os.Stat(folder)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is no folder", folder)
	}
	if err != nil {
		return nil, fmt.Errorf("--transcripts: %w; its files are PLATFORM/ID/STEP.yaml", err)
	}
	return os.DirFS(folder), nil
}
