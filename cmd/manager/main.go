// Command manager is the operator.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/algoitny/algoitny-operator/internal/execution/jobs"
	"github.com/algoitny/algoitny-operator/internal/execution/local"
	"github.com/algoitny/algoitny-operator/internal/operator"
	"github.com/algoitny/algoitny-operator/internal/source"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// runnerImage is the variable that names the image of judging pods.
const runnerImage = "RUNNER_IMAGE"

// options are the flags.
type options struct {
	metrics, probes         string
	leaderElection          bool
	lease                   time.Duration
	leaseNamespace          string
	namespace               string
	table, endpoint, region string
	createTable             bool
	allowHosts, workFolder  string
	judging                 string
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
	flag.DurationVar(&o.lease, "leader-elect-lease", operator.DefaultLease, "how long a leader that is gone keeps the others from working")
	flag.StringVar(&o.leaseNamespace, "leader-elect-namespace", "", "namespace of the lease; needed outside of a cluster only")
	flag.StringVar(&o.namespace, "namespace", "", "the only namespace to look at; empty is all of them")
	flag.StringVar(&o.table, "table", "algoitny_main", "DynamoDB table")
	flag.StringVar(&o.endpoint, "dynamodb-endpoint", "", "endpoint of DynamoDB Local or LocalStack; empty is AWS")
	flag.StringVar(&o.region, "region", "", "AWS region; empty takes it from the environment")
	flag.BoolVar(&o.createTable, "create-table", false, "create the table when it is missing; for trying things out")
	flag.StringVar(&o.allowHosts, "allow-hosts", "", "hosts that pages may be fetched from although their addresses are private, with commas between")
	flag.StringVar(&o.judging, "judging", "", "file that says how judging pods fit into the cluster; empty judges on this machine, which is no security boundary")
	flag.StringVar(&o.workFolder, "work-folder", os.TempDir(), "without --judging: folder for programs that are being judged")
	flag.Int64Var(&o.concurrentRuns, "concurrent-runs", 2, "without --judging: programs judged at a time")
	o.logging.BindFlags(flag.CommandLine)
	flag.Parse()
	return o
}

func run(ctx context.Context, o options, log logr.Logger) error {
	if o.lease < time.Second {
		return fmt.Errorf("--leader-elect-lease is %v; it must be at least 1s", o.lease)
	}
	cluster, err := ctrl.GetConfig()
	if err != nil {
		return fmt.Errorf("find the cluster (set KUBECONFIG, or run inside of one): %w", err)
	}
	config := operator.Config{
		Cluster: cluster, Namespace: o.namespace,
		Fetcher:        source.NewFetcher(source.FetcherOptions{Allow: split(o.allowHosts)}),
		MetricsAddress: o.metrics, ProbeAddress: o.probes,
		LeaderElection: o.leaderElection, Lease: o.lease, LeaderElectionNamespace: o.leaseNamespace,
	}
	if err := runPrograms(&config, o, log); err != nil {
		return err
	}
	if config.Store, err = openTable(ctx, o); err != nil {
		return err
	}
	return operator.Run(ctx, config)
}

// runPrograms has programs run in Jobs, or on this machine.
func runPrograms(config *operator.Config, o options, log logr.Logger) (err error) {
	if o.judging != "" {
		config.Judging, err = judging(o.judging)
		return err
	}
	runner, err := localRunner(o, log)
	if err != nil {
		return err
	}
	config.Runner, config.Workshop = runner, runner
	return nil
}

// judging reads how judging pods fit into the cluster. The image comes from
// the environment where it is set, because the admission policy takes it from
// the same place.
func judging(path string) (jobs.Config, error) {
	raw, err := os.ReadFile(path) //nolint:gosec // the person who starts the operator names it
	if err != nil {
		return jobs.Config{}, fmt.Errorf("read --judging: %w", err)
	}
	config, err := jobs.Load(raw)
	if err != nil {
		return config, fmt.Errorf("%s: %w", path, err)
	}
	if image := os.Getenv(runnerImage); image != "" {
		config.Image = image
	}
	return config, nil
}

// localRunner judges on this machine, with the agent that lies beside this
// program.
func localRunner(o options, log logr.Logger) (*local.Runner, error) {
	command, err := local.AgentCommand()
	if err != nil {
		return nil, err
	}
	runner, err := local.New(local.Options{
		AgentCommand: command, Dir: o.workFolder, MaxConcurrent: o.concurrentRuns,
		CacheDir: filepath.Join(o.workFolder, "cache"), Log: log.WithName("runner"),
	})
	if err != nil {
		return nil, fmt.Errorf("prepare the runner: %w", err)
	}
	return runner, nil
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
	return table, awaitTable(ctx, table)
}

// A table that is away for a moment is waited for: a process that ends and is
// started again would only take longer.
const (
	tablePatience = time.Minute
	tablePoll     = time.Second
)

// awaitTable returns at once with an error that only a person can mend.
func awaitTable(ctx context.Context, table *store.Store) error {
	ctx, cancel := context.WithTimeout(ctx, tablePatience)
	defer cancel()
	for {
		err := table.CheckTable(ctx)
		if e, ok := errors.AsType[*store.Error](err); !ok || e.Class == store.ClassStalled {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(tablePoll):
		}
	}
}

func split(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}
