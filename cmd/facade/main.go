// Command facade serves the HTTP API for the frontend.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/algoitny/algoitny-operator/internal/facade"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// The bounds on a client's pace and on the end of the server.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = 10 * time.Second
	writeTimeout  = 30 * time.Second
	idleTimeout   = 2 * time.Minute
	drain         = 15 * time.Second
)

type options struct {
	address                 string
	namespace               string
	table, endpoint, region string
	logging                 zap.Options
}

func main() {
	o := parse()
	log := zap.New(zap.UseFlagOptions(&o.logging))
	ctrl.SetLogger(log)
	if err := run(ctrl.SetupSignalHandler(), o, log); err != nil {
		log.Error(err, "the facade ended")
		os.Exit(1)
	}
}

func parse() options {
	var o options
	flag.StringVar(&o.address, "bind-address", ":8000", "address of the API")
	flag.StringVar(&o.namespace, "namespace", "default", "namespace in which Problems are created")
	flag.StringVar(&o.table, "table", "algoitny_main", "DynamoDB table")
	flag.StringVar(&o.endpoint, "dynamodb-endpoint", "", "endpoint of DynamoDB Local or LocalStack; empty is AWS")
	flag.StringVar(&o.region, "region", "", "AWS region; empty takes it from the environment")
	o.logging.BindFlags(flag.CommandLine)
	flag.Parse()
	return o
}

func run(ctx context.Context, o options, log logr.Logger) error {
	cluster, err := ctrl.GetConfig()
	if err != nil {
		return fmt.Errorf("find the cluster (set KUBECONFIG, or run inside of one): %w", err)
	}
	db, err := store.NewClient(ctx, o.endpoint, o.region)
	if err != nil {
		return fmt.Errorf("reach DynamoDB: %w", err)
	}
	server := &http.Server{
		Addr: o.address,
		Handler: facade.New(facade.Options{
			Problems: store.New(db, store.Options{Table: o.table}),
			Cluster:  cluster, Namespace: o.namespace, Log: log,
		}),
		ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
	}
	return serve(ctx, server)
}

// serve answers until ctx ends, and then lets the requests in flight end.
func serve(ctx context.Context, server *http.Server) error {
	ended := make(chan error, 1)
	go func() { ended <- server.ListenAndServe() }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve on %s: %w", server.Addr, err)
	case <-ctx.Done():
	}
	draining, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	if err := server.Shutdown(draining); err != nil {
		return fmt.Errorf("end the requests in flight: %w", err)
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
