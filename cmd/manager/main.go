// Command manager is the operator.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/algoitny/algoitny-operator/internal/execution/local"
	"github.com/algoitny/algoitny-operator/internal/operator"
	"github.com/algoitny/algoitny-operator/internal/source"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// options are the flags.
type options struct {
	metrics, probes         string
	leaderElection          bool
	namespace               string
	table, endpoint, region string
	createTable             bool
	allowHosts, workFolder  string
	concurrentRuns          int64
	logging                 zap.Options
}

func main() {
	o := parse()
	log := zap.New(zap.UseFlagOptions(&o.logging))
	ctrl.SetLogger(log)
	if err := run(ctrl.SetupSignalHandler(), o, log); err != nil {
		log.Error(err, "the operator ended")
		os.Exit(1)
	}
}

func parse() options {
	var o options
	flag.StringVar(&o.metrics, "metrics-bind-address", ":8080", "address of /metrics; 0 turns it off")
	flag.StringVar(&o.probes, "health-probe-bind-address", ":8081", "address of /healthz and /readyz")
	flag.BoolVar(&o.leaderElection, "leader-elect", false, "let one of several replicas work at a time")
	flag.StringVar(&o.namespace, "namespace", "", "the only namespace to look at; empty is all of them")
	flag.StringVar(&o.table, "table", "algoitny_main", "DynamoDB table")
	flag.StringVar(&o.endpoint, "dynamodb-endpoint", "", "endpoint of DynamoDB Local or LocalStack; empty is AWS")
	flag.StringVar(&o.region, "region", "", "AWS region; empty takes it from the environment")
	flag.BoolVar(&o.createTable, "create-table", false, "create the table when it is missing; for trying things out")
	flag.StringVar(&o.allowHosts, "allow-hosts", "", "hosts that pages may be fetched from although their addresses are private, with commas between")
	flag.StringVar(&o.workFolder, "work-folder", os.TempDir(), "folder for programs that are being judged")
	flag.Int64Var(&o.concurrentRuns, "concurrent-runs", 2, "programs judged at a time")
	o.logging.BindFlags(flag.CommandLine)
	flag.Parse()
	return o
}

func run(ctx context.Context, o options, log logr.Logger) error {
	cluster, err := ctrl.GetConfig()
	if err != nil {
		return fmt.Errorf("find the cluster (set KUBECONFIG, or run inside of one): %w", err)
	}
	table, err := openTable(ctx, o)
	if err != nil {
		return err
	}
	command, err := local.AgentCommand()
	if err != nil {
		return err
	}
	runner, err := local.New(local.Options{
		AgentCommand: command, Dir: o.workFolder, MaxConcurrent: o.concurrentRuns,
		CacheDir: filepath.Join(o.workFolder, "cache"), Log: log.WithName("runner"),
	})
	if err != nil {
		return fmt.Errorf("prepare the runner: %w", err)
	}
	return operator.Run(ctx, operator.Config{
		Cluster: cluster, Namespace: o.namespace, Store: table, Runner: runner,
		Fetcher:        source.NewFetcher(source.FetcherOptions{Allow: split(o.allowHosts)}),
		MetricsAddress: o.metrics, ProbeAddress: o.probes, LeaderElection: o.leaderElection,
	})
}

func openTable(ctx context.Context, o options) (*store.Store, error) {
	client, err := store.NewClient(ctx, o.endpoint, o.region)
	if err != nil {
		return nil, fmt.Errorf("reach DynamoDB: %w", err)
	}
	observe, err := operator.ObserveTable(metrics.Registry)
	if err != nil {
		return nil, err
	}
	table := store.New(client, store.Options{Table: o.table, Observe: observe})
	if o.createTable {
		return table, table.EnsureTable(ctx)
	}
	return table, table.CheckTable(ctx)
}

func split(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}
