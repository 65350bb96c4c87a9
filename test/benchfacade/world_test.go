package benchfacade_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"golang.org/x/sync/errgroup"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/controlplane"
	"github.com/algoitny/algoitny-operator/internal/store"
	"github.com/algoitny/algoitny-operator/internal/store/storetest"
)

const (
	namespace = "default"
	table     = "algoitny_bench"
	region    = "eu-central-1"
	// writers fill the table and the cluster at once.
	writers = 16
)

// world is the table and the cluster that the facades serve from.
type world struct {
	b        *testing.B
	started  time.Time
	endpoint string
	db       *dynamodb.Client
	client   client.Client
	contents []*content
	// objects are the Problems as they were written last.
	objects []*v1alpha1.Problem
	cores   cores
	// program and kubeconfig are files, folder has everything.
	program, kubeconfig, folder string
	// environment is what the Deployment sets, such as GOMEMLIMIT.
	environment []string
	// topRate is the most that was measured of the cached list.
	topRate float64
}

func newWorld(b *testing.B) *world {
	w := &world{b: b, started: time.Now(), folder: b.TempDir()}
	if *logs != "" {
		w.folder = *logs
	}
	w.shareCores()
	w.build()
	w.startTable()
	w.startCluster()
	for i := range *problems {
		w.contents = append(w.contents, contentOf(i))
	}
	w.say("writing %d problems with their solutions into the table", *problems)
	w.fill(w.publish)
	w.say("writing %d Problems with their status into the cluster", *problems)
	w.objects = make([]*v1alpha1.Problem, *problems)
	w.fill(w.declare)
	w.leaveCores()
	return w
}

// say tells who waits what is done.
func (w *world) say(format string, values ...any) {
	raw, _ := os.ReadFile("/proc/loadavg")
	load, _, _ := strings.Cut(string(raw), " ")
	fmt.Fprintf(os.Stderr, "[%4.0f s, load %s] %s\n", time.Since(w.started).Seconds(), load, fmt.Sprintf(format, values...))
}

func (w *world) must(err error) {
	w.b.Helper()
	if err != nil {
		w.b.Fatal(err)
	}
}

// build makes the program as `make build` does.
func (w *world) build() {
	w.program = *program
	if w.program == "" {
		w.say("building the facade")
		w.program = filepath.Join(w.folder, "facade")
		out, err := exec.Command("go", "build", "-o", w.program, "../../cmd/facade").CombinedOutput()
		if err != nil {
			w.b.Fatalf("build the facade: %v\n%s", err, out)
		}
	}
	w.environment = deployedEnvironment(w.b)
}

// deployedEnvironment is the environment of the Deployment's container.
func deployedEnvironment(b *testing.B) (out []string) {
	raw, err := os.ReadFile("../../config/facade/facade.yaml")
	if err != nil {
		b.Fatal(err)
	}
	for document := range strings.SplitSeq(string(raw), "\n---\n") {
		deployment := appsv1.Deployment{}
		if yaml.Unmarshal([]byte(document), &deployment) != nil || deployment.Kind != "Deployment" {
			continue
		}
		for _, variable := range deployment.Spec.Template.Spec.Containers[0].Env {
			if variable.ValueFrom == nil {
				out = append(out, variable.Name+"="+variable.Value)
			}
		}
	}
	if len(out) == 0 {
		b.Fatal("config/facade/facade.yaml has no Deployment that sets GOMEMLIMIT")
	}
	return out
}

func (w *world) startTable() {
	if os.Getenv(storetest.EnvFolder) == "" {
		w.b.Fatalf("%s is not set: the figures are of DynamoDB Local; `make bench-facade` sets it", storetest.EnvFolder)
	}
	w.say("starting DynamoDB Local")
	endpoint, stop, err := storetest.Start()
	w.must(err)
	w.b.Cleanup(stop)
	w.endpoint = endpoint
	w.db, err = store.NewClient(w.b.Context(), endpoint, region)
	w.must(err)
	w.must(w.store().EnsureTable(w.b.Context()))
}

func (w *world) store() *store.Store { return store.New(w.db, store.Options{Table: table}) }

func (w *world) startCluster() {
	w.say("starting the API server")
	plane, err := controlplane.Start()
	w.must(err)
	w.b.Cleanup(func() {
		if err := plane.Stop(); err != nil {
			w.b.Error(err)
		}
	})
	raw, err := plane.Kubeconfig()
	w.must(err)
	w.kubeconfig = filepath.Join(w.b.TempDir(), "kubeconfig")
	w.must(os.WriteFile(w.kubeconfig, raw, 0o600))
	scheme := runtime.NewScheme()
	w.must(v1alpha1.AddToScheme(scheme))
	w.must(corev1.AddToScheme(scheme))
	config := plane.Config
	// Nothing holds the writers back.
	config.QPS = -1
	w.client, err = client.New(config, client.Options{Scheme: scheme})
	w.must(err)
}

// fill does something for every problem.
func (w *world) fill(write func(ctx context.Context, i int) error) {
	group, ctx := errgroup.WithContext(w.b.Context())
	group.SetLimit(writers)
	for i := range w.contents {
		group.Go(func() error { return write(ctx, i) })
	}
	w.must(group.Wait())
}

func (w *world) publish(ctx context.Context, i int) error {
	c := w.contents[i]
	if _, err := w.store().PutProblem(ctx, c.record()); err != nil {
		return err
	}
	for _, language := range c.languages {
		if _, err := w.store().PutSolution(ctx, c.solution(language)); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) declare(ctx context.Context, i int) error {
	c := w.contents[i]
	object := c.object()
	if err := w.client.Create(ctx, object); err != nil {
		return err
	}
	c.settle(object)
	w.objects[i] = object
	return w.client.Status().Update(ctx, object)
}
