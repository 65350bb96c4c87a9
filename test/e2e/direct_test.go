//go:build e2e

package e2e_test

import (
	"context"
	"os"
	"sync"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client/config"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/execution/jobs"
	"github.com/algoitny/algoitny-operator/internal/operator"
)

// direct is a Runner of this process, with the rights of the operator's own
// account: what it returns has more in it than a status.
type direct struct {
	*jobs.Runner
	w     *world
	owner execution.Owner
}

func (w *world) direct(change func(*jobs.Config)) *direct {
	w.Helper()
	reach, err := config.GetConfig()
	if err != nil {
		w.Fatal(err)
	}
	reach.Impersonate = rest.ImpersonationConfig{
		UserName: "system:serviceaccount:" + system + ":manager",
		Groups:   []string{"system:serviceaccounts", "system:serviceaccounts:" + system, "system:authenticated"},
	}
	scheme, err := operator.Scheme()
	if err != nil {
		w.Fatal(err)
	}
	mgr, err := ctrl.NewManager(reach, ctrl.Options{
		Scheme: scheme, Metrics: metricsserver.Options{BindAddress: "0"},
		Cache: cache.Options{ByObject: jobs.Cached(), DefaultNamespaces: map[string]cache.Config{w.namespace: {}}},
	})
	if err != nil {
		w.Fatal(err)
	}
	c := jobs.Config{Image: os.Getenv(envRunner), ImagePullPolicy: corev1.PullIfNotPresent}
	change(&c)
	ctx, cancel := context.WithCancel(context.Background())
	r, err := jobs.New(ctx, mgr, c)
	if err != nil {
		w.Fatal(err)
	}
	var ended sync.WaitGroup
	ended.Go(func() {
		if err := mgr.Start(ctx); err != nil {
			w.Error(err)
		}
	})
	mgr.GetCache().WaitForCacheSync(ctx)
	owner := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, GenerateName: "direct-"}}
	w.create(owner)
	d := &direct{Runner: r, w: w, owner: execution.Owner{
		APIVersion: "v1", Kind: "ConfigMap", Namespace: w.namespace, Name: owner.Name, UID: string(owner.UID),
	}}
	w.Cleanup(func() {
		_ = r.Forget(context.Background(), d.owner)
		cancel()
		ended.Wait()
	})
	return d
}

// request is one for this owner; step tells it from its others.
func (d *direct) request(step, language, source string, tests []execution.Test) execution.Request {
	return execution.Request{
		Owner: d.owner, Key: d.owner.UID + "/1/" + "direct/" + step, Priority: execution.PrioritySubmission,
		Language: language, Source: source, Tests: tests,
	}
}

func TestAnImageThatIsNotThereIsRefusedByThePolicy(t *testing.T) {
	w := newWorld(t)
	d := w.direct(func(c *jobs.Config) { c.Image = "localhost/somebody-elses:1" })
	_, err := d.Run(t.Context(), d.request("1", "python", addPython, []execution.Test{{Name: "1", Input: execution.Text("1 2\n"), Answer: execution.Text("3\n")}}))
	if e, ok := err.(*execution.Error); !ok || e.Reason != execution.ReasonJobRefused { //nolint:errorlint // it is not wrapped
		t.Errorf("got %v, want %s", err, execution.ReasonJobRefused)
	}
}
