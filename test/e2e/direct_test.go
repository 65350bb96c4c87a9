//go:build e2e

package e2e_test

import (
	"context"
	"errors"
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
	"github.com/algoitny/algoitny-operator/internal/execution/parcel"
	"github.com/algoitny/algoitny-operator/internal/operator"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// direct is a Runner of this process, with the rights of the operator's own
// account: what it returns has more in it than a status.
type direct struct {
	*jobs.Runner
	w *world
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
	w.Cleanup(func() {
		cancel()
		ended.Wait()
	})
	return &direct{Runner: r, w: w}
}

// judge has a request judged for an owner of its own, which keeps nothing.
func (d *direct) judge(t testing.TB, req execution.Request) (*problem.Report, parcel.Receipt, error) {
	t.Helper()
	owner := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: d.w.namespace, GenerateName: "direct-"}}
	if err := cluster.Create(t.Context(), owner); err != nil {
		t.Fatal(err)
	}
	req.Owner = execution.Owner{APIVersion: "v1", Kind: "ConfigMap", Namespace: d.w.namespace, Name: owner.Name, UID: string(owner.UID)}
	req.Key = req.Owner.UID + "/1/direct/1"
	report, err := d.Run(t.Context(), req)
	if err != nil {
		return nil, parcel.Receipt{}, err
	}
	receipt := d.w.receipt(req.Owner)
	if err := d.Forget(t.Context(), req.Owner); err != nil {
		t.Error(err)
	}
	return report, receipt, cluster.Delete(t.Context(), owner)
}

func TestAnImageThatIsNotThereIsRefusedByThePolicy(t *testing.T) {
	w := newWorld(t)
	d := w.direct(func(c *jobs.Config) { c.Image = "localhost/somebody-elses:1" })
	_, _, err := d.judge(t, execution.Request{
		Priority: execution.PrioritySubmission, Language: "python", Source: addPython,
		Tests: []execution.Test{{Name: "1", Input: execution.Text("1 2\n"), Answer: execution.Text("3\n")}},
	})
	if e, ok := errors.AsType[*execution.Error](err); !ok || e.Reason != execution.ReasonJobRefused {
		t.Errorf("got %v, want %s", err, execution.ReasonJobRefused)
	}
}
