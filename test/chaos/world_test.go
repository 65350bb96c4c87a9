package chaos_test

import (
	"context"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/controlplane"
	"github.com/algoitny/algoitny-operator/internal/operator"
)

// world is the operators and everything around them.
type world struct {
	t      *testing.T
	length time.Duration
	client client.Client
	sky    *sky
	table  *table
	models *models
	pages  *pages
	plan   *plan
	fleet  *fleet
	// watch stops when the operators do.
	watch *auditor

	began    time.Time
	settling time.Duration
	// nudged are the objects that a person had to annotate.
	nudged map[string]time.Time
}

func newWorld(t *testing.T, length time.Duration) *world {
	t.Helper()
	s := &sky{spells: forecast(dice("weather"), length)}
	w := &world{
		t: t, length: length, sky: s, nudged: map[string]time.Time{},
		table: newTable(t, s), models: newModels(s), pages: newPages(t, s),
	}
	w.plan = newPlan(length, w.models.script, w.pages)
	server := httptest.NewServer(w.models)
	proxy := httptest.NewServer(w.table)
	t.Cleanup(func() { server.CloseClientConnections(); server.Close(); proxy.Close() })
	plane := startPlane(t)
	w.client = newClient(t, plane)
	w.fleet = newFleet(t, plane, proxy.URL, w.pages.hosts())
	w.watch = newAuditor(w)
	for _, namespace := range namespaces {
		w.create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}})
		for _, m := range []struct{ name, kind, endpoint string }{
			{"gemini", "Gemini", server.URL}, {"openai", "OpenAI", server.URL + "/v1"},
		} {
			secret, o := provider(namespace, m.name, m.kind, m.endpoint, w.plan.providerBudget(namespace))
			w.create(secret, o)
		}
	}
	w.create(&v1alpha1.Budget{
		ObjectMeta: metav1.ObjectMeta{Namespace: bounded, Name: budgetName},
		Spec:       v1alpha1.BudgetSpec{Amount: v1alpha1.Amount(units(w.plan.sharedBudget()))},
	})
	return w
}

func (w *world) create(objects ...client.Object) {
	w.t.Helper()
	for _, o := range objects {
		if err := w.client.Create(w.t.Context(), o); err != nil {
			w.t.Fatal(err)
		}
	}
}

func startPlane(t *testing.T) *controlplane.ControlPlane {
	t.Helper()
	plane, err := controlplane.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := plane.Stop(); err != nil {
			t.Error(err)
		}
	})
	return plane
}

func newClient(t *testing.T, plane *controlplane.ControlPlane) client.Client {
	t.Helper()
	scheme, err := operator.Scheme()
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.New(plane.Config, client.Options{Scheme: scheme})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func newFleet(t *testing.T, plane *controlplane.ControlPlane, endpoint, hosts string) *fleet {
	t.Helper()
	folder := *logs
	if folder == "" {
		folder = t.TempDir()
	} else if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	raw, err := plane.Kubeconfig()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(kubeconfig, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	f := &fleet{
		t: t, program: filepath.Join(built(t), "manager"), folder: folder, dice: dice("fleet"),
		args: []string{
			"--leader-elect", "--leader-elect-lease", lease.String(), "--leader-elect-namespace", plenty,
			"--table", tableName, "--region", region, "--dynamodb-endpoint", endpoint, "--allow-hosts", hosts,
			"--metrics-bind-address", "0", "--health-probe-bind-address", "0", "--zap-time-encoding", "rfc3339nano",
		},
		env: append(os.Environ(), "KUBECONFIG="+kubeconfig),
	}
	t.Cleanup(f.end)
	return f
}

// built is the folder with the manager, and the runner that must lie beside it.
func built(t *testing.T) string {
	t.Helper()
	if *programs != "" {
		return *programs
	}
	folder := t.TempDir()
	out, err := exec.Command("go", "build", "-o", folder, "../../cmd/manager", "../../cmd/runner").CombinedOutput()
	if err != nil {
		t.Fatalf("build the operator: %v\n%s", err, out)
	}
	return folder
}

// storm lets everything happen at once.
func (w *world) storm() {
	w.t.Helper()
	w.watch.begin()
	ctx, cancel := context.WithTimeout(w.t.Context(), w.length)
	defer cancel()
	w.began = time.Now()
	w.sky.begin()
	var all sync.WaitGroup
	all.Go(func() { w.fleet.haunt(ctx, w.length) })
	if err := w.plan.carryOut(w.t.Context(), w.client, w.began); err != nil {
		w.t.Errorf("people could not do as planned: %v", err)
	}
	all.Wait()
}

// calm waits until every object is as wished, and says which never were. A claim
// of a call that a kill cut off lasts for a minute and the call's timeout, and
// what failed again and again rests for some minutes.
func (w *world) calm() (unsettled []string) {
	w.sky.clear()
	w.fleet.rest()
	began := time.Now()
	for time.Since(began) < *patience {
		if unsettled = w.unsettled(); len(unsettled) == 0 {
			break
		}
		time.Sleep(time.Second)
	}
	w.settling = time.Since(began)
	return unsettled
}

// unsettled are the objects that are not as wished, and the claims and reserves
// that are open.
func (w *world) unsettled() []string {
	seen, err := w.look()
	if err != nil {
		return []string{err.Error()}
	}
	open := seen.unfulfilled(w.plan.wishes)
	w.nudge(seen)
	if len(open) > 0 {
		return open
	}
	rows, err := w.table.scan(w.t.Context())
	if err != nil {
		return []string{err.Error()}
	}
	return slices.Concat(openAccounts(rows), w.unreported(seen, rows), seen.inVain(w.plan.limits(), rows))
}

// nudgeEvery is how long a person waits before doing the same once more.
const nudgeEvery = 20 * time.Second

// nudge does what a person does about lost calls, as docs/conditions.md has it.
func (w *world) nudge(seen objects) {
	for key, o := range seen {
		if o.state != stalled+"CallsLost" || time.Since(w.nudged[key]) < nudgeEvery {
			continue
		}
		w.nudged[key] = time.Now()
		before := o.DeepCopyObject().(client.Object)
		o.SetAnnotations(map[string]string{v1alpha1.RetryAnnotation: time.Now().Format(time.RFC3339)})
		if err := w.client.Patch(w.t.Context(), o.object, client.MergeFrom(before)); err != nil {
			w.t.Errorf("annotate %s: %v", key, err)
		}
	}
}
