//go:build e2e

// Package e2e_test runs the operator as it is deployed, from config/ with its
// own rights, on the cluster that hack/e2e.sh has found or made. Programs run
// in real pods. The table and the model are in this process.
package e2e_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/config"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/algoitny/algoitny-operator/internal/operator"
)

// The environment that hack/e2e.sh sets.
const (
	envManager = "E2E_MANAGER_IMAGE"
	envRunner  = "E2E_RUNNER_IMAGE"
	// envHost is an address of this machine that pods can reach.
	envHost = "E2E_HOST"
)

// cluster is the one that everything runs on.
var cluster client.WithWatch

// clients are for what no object is: a connection to a service.
var clients kubernetes.Interface

// outside is what the operator uses that is not in the cluster.
var outside *services

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	log.SetLogger(zap.New(zap.WriteTo(os.Stderr)))
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	stop, err := setUp(ctx)
	defer stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	code := m.Run()
	if code != 0 {
		printManagerLog()
	}
	return code
}

// setUp starts what the operator needs outside of the cluster, then the
// operator in it.
func setUp(ctx context.Context) (stop func(), err error) {
	stop = func() {}
	for _, name := range []string{envManager, envRunner, envHost} {
		if os.Getenv(name) == "" {
			return stop, fmt.Errorf("%s is not set; run hack/e2e.sh", name)
		}
	}
	rest, err := config.GetConfig()
	if err != nil {
		return stop, fmt.Errorf("find the cluster: %w", err)
	}
	scheme, err := operator.Scheme()
	if err != nil {
		return stop, err
	}
	if cluster, err = client.NewWithWatch(rest, client.Options{Scheme: scheme}); err != nil {
		return stop, err
	}
	if clients, err = kubernetes.NewForConfig(rest); err != nil {
		return stop, err
	}
	outside, err = startServices(ctx, os.Getenv(envHost))
	if err != nil {
		return stop, err
	}
	return outside.stop, deploy(ctx, outside)
}
