// Package demo shows the main job on embedded parts: a control plane, a table
// engine, judges' pages and, where there are no API keys, a replay model.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/go-logr/logr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/internal/controlplane"
	"github.com/algoitny/algoitny-operator/internal/execution/local"
	"github.com/algoitny/algoitny-operator/internal/facade"
	"github.com/algoitny/algoitny-operator/internal/llm/replay"
	"github.com/algoitny/algoitny-operator/internal/operator"
	"github.com/algoitny/algoitny-operator/internal/source"
	"github.com/algoitny/algoitny-operator/internal/store"
	"github.com/algoitny/algoitny-operator/internal/store/embedded"
)

// table is the demo's table, named as in production.
const table = "algoitny_main"

// patience bounds how long a check waits for the samples.
const patience = 5 * time.Minute

// Options configure the demo.
type Options struct {
	// Check ends the demo when the samples have settled.
	Check bool
	Out   io.Writer
	Log   logr.Logger
	// AgentCommand starts the agent that runs programs.
	AgentCommand []string
	// Transcripts are answers from outside for the replay model, by
	// platform/id/step.yaml; what they lack is the demo's own. May be nil.
	Transcripts fs.FS
	// GeminiKey and OpenAIKey select the real services when both are set.
	GeminiKey, OpenAIKey string
}

// demo is a running demo.
type demo struct {
	Options
	folder  string
	started time.Time
	cluster *controlplane.ControlPlane
	client  client.WithWatch
	// kubeconfig is a file for kubectl.
	kubeconfig string
	store      *store.Store
	// model, pages and facade are addresses on loopback, engine is a URL; model
	// is empty with the real services.
	model, pages, facade, engine string
	// ended receives the error of whatever part ends early.
	ended chan error
	stops []func() error
}

// Run keeps the demo until ctx ends or, with Check, until the samples have
// settled. The error says what did not reach the state it should.
func Run(ctx context.Context, o Options) (err error) {
	d := &demo{Options: o, started: time.Now(), ended: make(chan error, 4)}
	ctx, cancel := context.WithCancel(ctx)
	defer func() {
		cancel()
		err = errors.Join(err, d.stop())
	}()
	if err := d.start(ctx); err != nil {
		return err
	}
	if err := d.createCaller(ctx); err != nil {
		return err
	}
	skipped, err := d.apply(ctx)
	if err != nil {
		return err
	}
	settled := d.follow(ctx)
	d.say("\nsettled  %.1f s after the start", time.Since(d.started).Seconds())
	if err := d.summary(ctx, skipped); err != nil {
		return err
	}
	if o.Check {
		return settled
	}
	if settled != nil {
		d.say("not everything is Ready: %v", settled)
	}
	d.say(`
Everything stays up until Ctrl-C. In a second terminal:
  export KUBECONFIG=%[1]s PATH=%[2]s:$PATH
  kubectl get algoitny
  xdg-open http://%[3]s/    # the page; to submit, a token: kubectl create token %[4]s
  curl http://%[3]s/api/problems/
  bin/algoitny cost --by step --dynamodb-endpoint %[5]s
  bin/algoitny replay codeforces-example/9001-a --dynamodb-endpoint %[5]s
  curl -H "Authorization: Bearer $(kubectl create token %[4]s)" \
    --json '{"problem_url": "https://codeforces.com/problemset/problem/4/A"}' http://%[3]s/api/problems/`,
		d.kubeconfig, os.Getenv("KUBEBUILDER_ASSETS"), d.facade, caller, d.engine)
	select {
	case <-ctx.Done():
		return nil
	case err := <-d.ended:
		return err
	}
}

func (d *demo) kubectl() string {
	return filepath.Join(os.Getenv("KUBEBUILDER_ASSETS"), "kubectl")
}

func (d *demo) say(format string, args ...any) { _, _ = fmt.Fprintf(d.Out, format+"\n", args...) }

// start brings the parts up in the order in which they need each other.
func (d *demo) start(ctx context.Context) error {
	folder, err := os.MkdirTemp("", "algoitny-demo-")
	if err != nil {
		return fmt.Errorf("make a folder for the demo: %w", err)
	}
	d.folder = folder
	d.onStop(func() error { return os.RemoveAll(folder) })
	for _, part := range []struct {
		name  string
		start func(context.Context) error
	}{
		{"Kubernetes control plane", d.startCluster},
		{"DynamoDB engine", d.startStore},
		{"judges' pages and model", d.startServers},
		{"operator and facade", d.startOperator},
	} {
		if err := part.start(ctx); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
		d.say("%5.1fs  %s: up", time.Since(d.started).Seconds(), part.name)
	}
	return nil
}

func (d *demo) onStop(stop func() error) { d.stops = append(d.stops, stop) }

// stop ends the parts in reverse order.
func (d *demo) stop() error {
	var errs []error
	for i := len(d.stops) - 1; i >= 0; i-- {
		errs = append(errs, d.stops[i]())
	}
	return errors.Join(errs...)
}

func (d *demo) startCluster(context.Context) error {
	c, err := controlplane.Start()
	if err != nil {
		return err
	}
	d.cluster = c
	d.onStop(c.Stop)
	raw, err := c.Kubeconfig()
	if err != nil {
		return err
	}
	d.kubeconfig = filepath.Join(d.folder, "kubeconfig")
	if err := os.WriteFile(d.kubeconfig, raw, 0o600); err != nil {
		return fmt.Errorf("write the kubeconfig: %w", err)
	}
	scheme, err := operator.Scheme()
	if err != nil {
		return err
	}
	d.client, err = client.NewWithWatch(c.Config, client.Options{Scheme: scheme})
	return err
}

func (d *demo) startStore(ctx context.Context) error {
	engine, err := embedded.Start(ctx)
	if err != nil {
		return err
	}
	d.onStop(func() error { engine.Close(); return nil })
	d.engine = engine.Endpoint
	db, err := store.NewClient(ctx, engine.Endpoint, "eu-central-1")
	if err != nil {
		return err
	}
	d.store = store.New(db, store.Options{Table: table})
	return d.store.EnsureTable(ctx)
}

func (d *demo) startServers(context.Context) (err error) {
	if d.pages, err = d.serve(Pages()); err != nil {
		return err
	}
	if d.GeminiKey != "" && d.OpenAIKey != "" {
		d.say("        both API keys are set: the real services answer, and cost money")
		return nil
	}
	d.GeminiKey, d.OpenAIKey = "demo", "demo"
	own, err := Transcripts()
	if err != nil {
		return err
	}
	answers := replay.Layers{own}
	if d.Transcripts != nil {
		answers = replay.Layers{d.Transcripts, own}
	}
	model := replay.New(replay.Options{Transcripts: answers, Latency: 400 * time.Millisecond})
	d.onStop(func() error { model.Close(); return nil })
	d.model, err = d.serve(model)
	return err
}

// serve listens on a free port of loopback until the demo stops.
func (d *demo) serve(handler http.Handler) (address string, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("listen on loopback: %w", err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			d.ended <- err
		}
	}()
	d.onStop(server.Close)
	return listener.Addr().String(), nil
}

func (d *demo) startOperator(ctx context.Context) error {
	names, err := hosts()
	if err != nil {
		return err
	}
	pinned := map[string]string{}
	for _, name := range names {
		pinned[name] = d.pages
	}
	runner, err := local.New(local.Options{
		AgentCommand: d.AgentCommand, Dir: d.folder, MaxConcurrent: 2, Log: d.Log.WithName("runner"),
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() {
		err := operator.Run(ctx, operator.Config{
			Cluster: d.cluster.Config, Store: d.store, Runner: runner, Workshop: runner,
			Fetcher:        source.NewFetcher(source.FetcherOptions{Pinned: pinned}),
			MetricsAddress: "0", ProbeAddress: "0",
		})
		if err != nil {
			d.ended <- err
		}
		done <- err
	}()
	d.onStop(func() error { cancel(); return <-done })
	return d.startFacade(ctx)
}

// startFacade serves the API and the page. What only the table tells of shows
// within a second, for demonstrations are short.
func (d *demo) startFacade(ctx context.Context) error {
	f, err := facade.New(facade.Options{
		Table: d.store, Cluster: d.cluster.Config, Namespace: namespace, Reload: time.Second, Log: d.Log.WithName("facade"),
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx) }()
	d.onStop(func() error { cancel(); return <-done })
	d.facade, err = d.serve(f)
	return err
}
