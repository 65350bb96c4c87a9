// Command algoitny is the product's command line: it shows the demo.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"go.uber.org/zap/zapcore"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/algoitny/algoitny-operator/internal/demo"
	"github.com/algoitny/algoitny-operator/internal/execution/local"
)

const usage = `usage: algoitny demo [--check] [--verbose]

  demo   start the operator on embedded parts, apply config/samples and show
         how they advance; --check ends by itself, with exit code 1 when a
         sample did not reach the state it should
`

func main() {
	if len(os.Args) < 2 || os.Args[1] != "demo" {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	if err := runDemo(os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "algoitny:", err)
		os.Exit(1)
	}
}

func runDemo(args []string) error {
	flags := flag.NewFlagSet("demo", flag.ExitOnError)
	check := flags.Bool("check", false, "end when the samples have settled")
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
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	return demo.Run(ctx, demo.Options{
		Check: *check, Out: os.Stdout, Log: log, AgentCommand: command,
		GeminiKey: os.Getenv("GEMINI_API_KEY"), OpenAIKey: os.Getenv("OPENAI_API_KEY"),
	})
}
