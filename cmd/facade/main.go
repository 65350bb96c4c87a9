// Command facade serves the HTTP API for the frontend and its page.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"

	"github.com/go-logr/zapr"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"golang.org/x/sync/errgroup"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/algoitny/algoitny-operator/internal/facade"
	"github.com/algoitny/algoitny-operator/internal/facade/edge"
	"github.com/algoitny/algoitny-operator/internal/store"
)

func main() {
	o, err := parse(os.Args[1:], os.Stderr)
	if err != nil {
		os.Exit(2)
	}
	log := zap.NewRaw(zap.UseFlagOptions(&o.logging))
	ctrl.SetLogger(zapr.NewLogger(log))
	err = run(ctrl.SetupSignalHandler(), o, log)
	if err != nil {
		ctrl.Log.Error(err, "the facade ended")
	}
	// What is still held back of the log is written; where that fails there is
	// nowhere to say so.
	_ = log.Sync()
	if err != nil {
		os.Exit(1)
	}
}

// run serves until ctx ends: the API, and on a port of its own what its
// operators ask.
func run(ctx context.Context, o *options, log *zapLogger) error {
	cluster, err := ctrl.GetConfig()
	if err != nil {
		return fmt.Errorf("find the cluster (set KUBECONFIG, or run inside of one): %w", err)
	}
	db, err := store.NewClient(ctx, o.endpoint, o.region)
	if err != nil {
		return fmt.Errorf("reach DynamoDB: %w", err)
	}
	secret, err := o.cursorSecret()
	if err != nil {
		return err
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	drainer := edge.NewDrainer(edge.Drain{Delay: o.drainDelay})
	settings := o.facade
	settings.Table, settings.Cluster, settings.CursorSecret = store.New(db, store.Options{Table: o.table}), cluster, secret
	settings.Registry, settings.Drainer, settings.Log = registry, drainer, zapr.NewLogger(log)
	if o.accessLog {
		settings.AccessLog = log.Named("access")
	}
	f, err := facade.New(settings)
	if err != nil {
		return err
	}
	return serve(ctx, o, f, drainer, f.Operations(registry))
}

// serve ends when ctx does and the requests in flight have ended, or when one
// of the parts fails.
func serve(ctx context.Context, o *options, f *facade.Facade, drainer *edge.Drainer, operations http.Handler) error {
	limits := edge.Limits{Connections: o.connections}
	public, err := listen(o.address)
	if err != nil {
		return err
	}
	private, err := listen(o.operations)
	if err != nil {
		return errors.Join(err, public.Close())
	}
	group, ctx := errgroup.WithContext(ctx)
	// What is shown stays up to date, and probes and metrics are answered, until
	// the last request has ended.
	drained, end := context.WithCancel(context.WithoutCancel(ctx))
	group.Go(func() error { return f.Run(drained) })
	side := edge.Limits{}.Server(operations)
	group.Go(func() error {
		<-drained.Done()
		return side.Close()
	})
	group.Go(func() error {
		if err := side.Serve(private); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() error {
		defer end()
		return drainer.Serve(ctx, limits.Server(f), limits.Listener(public))
	})
	return group.Wait()
}

func listen(address string) (net.Listener, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("serve on %s: %w", address, err)
	}
	return listener, nil
}
