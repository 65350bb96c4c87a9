// Package operator wires the controllers together. cmd/manager runs it in a
// cluster, the demo and the tests run it in their own process.
package operator

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	corev1 "k8s.io/api/core/v1"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/controller/budget"
	"github.com/algoitny/algoitny-operator/internal/controller/modelprovider"
	"github.com/algoitny/algoitny-operator/internal/controller/problem"
	"github.com/algoitny/algoitny-operator/internal/controller/solutionjob"
	"github.com/algoitny/algoitny-operator/internal/controller/submission"
	"github.com/algoitny/algoitny-operator/internal/controller/testsuite"
	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/execution/jobs"
	"github.com/algoitny/algoitny-operator/internal/pipeline"
	"github.com/algoitny/algoitny-operator/internal/pipeline/extract"
	"github.com/algoitny/algoitny-operator/internal/pipeline/solve"
	"github.com/algoitny/algoitny-operator/internal/pipeline/testgen"
	"github.com/algoitny/algoitny-operator/internal/reconcile"
	"github.com/algoitny/algoitny-operator/internal/source"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// leaderElectionID names the lease that the replicas share.
const leaderElectionID = "algoitny-operator.algoitny.dev"

// DefaultLease is client-go's own choice: short enough to take over soon, long
// enough for a control plane that is busy.
const DefaultLease = 15 * time.Second

// drain is how long a stopping operator waits for calls that are paid for.
const drain = 20 * time.Second

// Config is everything the operator needs from outside.
type Config struct {
	Cluster *rest.Config
	Store   *store.Store
	Fetcher *source.Fetcher
	// Runner judges programs and Workshop runs those that make suites; both nil
	// have it done by Jobs as Judging says.
	Runner   execution.Runner
	Workshop execution.Workshop
	Judging  jobs.Config
	// Maker makes test suites, given what it asks and where it runs programs;
	// nil is testgen's.
	Maker func(asker pipeline.Asker, workshop execution.Workshop) testsuite.Maker
	// Namespace is the only one to look at; empty is all of them.
	Namespace string
	// MetricsAddress and ProbeAddress listen; "0" turns one off.
	MetricsAddress string
	ProbeAddress   string
	LeaderElection bool
	// Lease is how long a leader that is gone keeps the others from working; 0
	// is DefaultLease.
	Lease time.Duration
	// LeaderElectionNamespace is only needed outside of a cluster.
	LeaderElectionNamespace string
	// Transport reaches the models; nil is the default.
	Transport http.RoundTripper
	// Now is the clock of claims, budgets and times to live; nil is the table's,
	// which all replicas share.
	Now func() time.Time
	// BatchWindow is how long questions are gathered for a batch, BatchPoll how
	// often a batch is asked for; 0 is the ledger's own.
	BatchWindow, BatchPoll time.Duration
	// Metrics are served at MetricsAddress when they are the manager's own, as
	// nil is; several operators in one process each need others.
	Metrics prometheus.Registerer
	// SkipNameValidation lets tests run several operators in one process.
	SkipNameValidation bool
}

// Scheme knows every kind the operator reads or writes.
func Scheme() (*runtime.Scheme, error) {
	scheme := runtime.NewScheme()
	if err := clientgoscheme.AddToScheme(scheme); err != nil {
		return nil, fmt.Errorf("register the built-in kinds: %w", err)
	}
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		return nil, fmt.Errorf("register the kinds of algoitny.dev: %w", err)
	}
	return scheme, nil
}

// Run keeps the operator until ctx ends.
func Run(ctx context.Context, c Config) error {
	if c.Now == nil {
		c.Now = c.Store.Clock
	}
	if c.Metrics == nil {
		c.Metrics = metrics.Registry
	}
	if c.Lease == 0 {
		c.Lease = DefaultLease
	}
	mgr, err := newManager(c)
	if err != nil {
		return err
	}
	resolver := &modelprovider.Resolver{
		Cached: mgr.GetClient(), Uncached: mgr.GetAPIReader(), Factory: Models(c.Transport),
	}
	money, err := newMoney(mgr, c, resolver)
	if err != nil {
		return err
	}
	if c.Runner == nil {
		runner, err := jobs.New(ctx, mgr, c.Judging)
		if err != nil {
			return err
		}
		c.Runner, c.Workshop = runner, runner
	}
	if c.Maker == nil {
		c.Maker = func(asker pipeline.Asker, workshop execution.Workshop) testsuite.Maker {
			return &testgen.Maker{Ledger: asker, Workshop: workshop}
		}
	}
	if err := setup(ctx, mgr, c, resolver, money); err != nil {
		return err
	}
	err = mgr.Start(ctx)
	draining, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	money.book.Close(draining)
	return err
}

func newManager(c Config) (ctrl.Manager, error) {
	scheme, err := Scheme()
	if err != nil {
		return nil, err
	}
	mgr, err := ctrl.NewManager(c.Cluster, ctrl.Options{
		Scheme:                  scheme,
		Cache:                   cache.Options{DefaultNamespaces: only(c.Namespace), ByObject: jobs.Cached()},
		Metrics:                 metricsserver.Options{BindAddress: c.MetricsAddress},
		HealthProbeBindAddress:  c.ProbeAddress,
		LeaderElection:          c.LeaderElection,
		LeaderElectionID:        leaderElectionID,
		LeaderElectionNamespace: c.LeaderElectionNamespace,
		LeaseDuration:           &c.Lease,
		// In client-go's own proportions: 15 s, 10 s and 2 s.
		RenewDeadline: ptr.To(c.Lease * 2 / 3),
		RetryPeriod:   ptr.To(c.Lease * 2 / 15),
		// The process ends with Run, so a successor need not wait for the lease.
		LeaderElectionReleaseOnCancel: true,
		Controller:                    config.Controller{SkipNameValidation: &c.SkipNameValidation},
		// Secrets and pages are read by name when they are needed; caching
		// them would need the right to list them all.
		Client: client.Options{Cache: &client.CacheOptions{
			DisableFor: []client.Object{&corev1.Secret{}, &corev1.ConfigMap{}},
			// A reconcile that does not see what the last one wrote would do
			// its work again.
			EnableReadYourWritesConsistency: ptr.To(true),
		}},
	})
	if err != nil {
		return nil, fmt.Errorf("create the manager: %w", err)
	}
	if err := mgr.AddHealthzCheck("ping", healthz.Ping); err != nil {
		return nil, fmt.Errorf("add the liveness check: %w", err)
	}
	if err := mgr.AddReadyzCheck("table", func(r *http.Request) error { return c.Store.CheckTable(r.Context()) }); err != nil {
		return nil, fmt.Errorf("add the readiness check: %w", err)
	}
	return mgr, nil
}

// only restricts the caches to a namespace; nil is no restriction.
func only(namespace string) map[string]cache.Config {
	if namespace == "" {
		return nil
	}
	return map[string]cache.Config{namespace: {}}
}

func setup(ctx context.Context, mgr ctrl.Manager, c Config, resolver *modelprovider.Resolver, m *money) error {
	finisher, err := reconcile.NewFinisher(mgr.GetClient(), mgr.GetEventRecorder("algoitny-operator"), c.Metrics)
	if err != nil {
		return err
	}
	providers := &modelprovider.Reconciler{
		Client: mgr.GetClient(), Resolver: resolver, Usage: c.Store, Finisher: finisher, Now: c.Now,
	}
	if err := providers.SetupWithManager(mgr, m.spentProviders); err != nil {
		return fmt.Errorf("set the ModelProvider controller up: %w", err)
	}
	budgets := &budget.Reconciler{
		Client: mgr.GetClient(), Usage: c.Store, Finisher: finisher, Waiting: m.asker.WaitingFor, Changed: m.asker.Stir, Now: c.Now,
	}
	if err := budgets.SetupWithManager(mgr, m.spentBudgets); err != nil {
		return fmt.Errorf("set the Budget controller up: %w", err)
	}
	accounts := &budget.Accounts{Cached: mgr.GetClient(), Now: c.Now}
	problems := &problem.Reconciler{
		Client: mgr.GetClient(), Pages: mgr.GetAPIReader(), Table: c.Store,
		Resolver: resolver, Accounts: accounts, Finisher: finisher, Changed: m.asker.Stir,
		Extractor: &extract.Extractor{Pages: c.Fetcher, Ledger: m.asker},
	}
	if err := problems.SetupWithManager(ctx, mgr); err != nil {
		return fmt.Errorf("set the Problem controller up: %w", err)
	}
	suites := &testsuite.Reconciler{
		Client: mgr.GetClient(), Table: c.Store, Resolver: resolver, Accounts: accounts, Finisher: finisher,
		Maker: c.Maker(m.asker, c.Workshop), Runner: c.Runner,
	}
	if err := suites.SetupWithManager(ctx, mgr); err != nil {
		return fmt.Errorf("set the TestSuite controller up: %w", err)
	}
	solutions := &solutionjob.Reconciler{
		Client: mgr.GetClient(), Table: c.Store, Resolver: resolver, Accounts: accounts, Finisher: finisher,
		Solver: &solve.Solver{Ledger: m.asker, Runner: c.Runner}, Runner: c.Runner,
	}
	if err := solutions.SetupWithManager(ctx, mgr); err != nil {
		return fmt.Errorf("set the SolutionJob controller up: %w", err)
	}
	submissions := &submission.Reconciler{
		Client: mgr.GetClient(), Sources: mgr.GetAPIReader(), Table: c.Store, Runner: c.Runner, Finisher: finisher, Now: c.Now,
	}
	if err := submissions.SetupWithManager(ctx, mgr); err != nil {
		return fmt.Errorf("set the Submission controller up: %w", err)
	}
	return nil
}
