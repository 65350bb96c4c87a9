package catalogue

import (
	"context"
	"fmt"
	"strconv"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
)

// watched are the kinds with the names of their resources.
var watched = []struct {
	kind     Kind
	resource string
	object   object
}{
	{Problem, "problems", &v1alpha1.Problem{}},
	{Suite, "testsuites", &v1alpha1.TestSuite{}},
	{Solution, "solutionjobs", &v1alpha1.SolutionJob{}},
	{Submission, "submissions", &v1alpha1.Submission{}},
	{Provider, "modelproviders", &v1alpha1.ModelProvider{}},
}

// watch follows every kind until ctx ends. An API server that is away is asked
// again and again.
func (c *Catalogue) watch(ctx context.Context) error {
	if c.o.Cluster == nil {
		<-ctx.Done()
		return nil
	}
	api, err := restClient(c.o.Cluster)
	if err != nil {
		return fmt.Errorf("make a client of the cluster: %w", err)
	}
	var running sync.WaitGroup
	for _, w := range watched {
		of := c.listWatch(api, w.kind, w.resource)
		reflector := cache.NewReflectorWithOptions(of, w.object, &mirror{c, w.kind}, cache.ReflectorOptions{Name: "facade/" + w.resource, Logger: &c.o.Log})
		running.Go(func() { reflector.RunWithContext(ctx) })
	}
	running.Wait()
	return nil
}

func restClient(cluster *rest.Config) (rest.Interface, error) {
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		return nil, err
	}
	metav1.AddToGroupVersion(scheme, v1alpha1.GroupVersion)
	config := rest.CopyConfig(cluster)
	config.GroupVersion = &v1alpha1.GroupVersion
	config.APIPath = "/apis"
	config.NegotiatedSerializer = serializer.NewCodecFactory(scheme).WithoutConversion()
	config.UserAgent = "algoitny-facade"
	return rest.RESTClientFor(config)
}

// listWatch notes whether the API server answers.
func (c *Catalogue) listWatch(api rest.Interface, kind Kind, resource string) cache.ListerWatcher {
	lw := cache.NewListWatchFromClient(api, resource, c.o.Namespace, fields.Everything())
	list, follow := lw.ListWithContextFunc, lw.WatchFuncWithContext
	lw.ListWithContextFunc = func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
		out, err := list(ctx, o)
		c.answered(kind, resource, err)
		return out, err
	}
	lw.WatchFuncWithContext = func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
		out, err := follow(ctx, o)
		c.answered(kind, resource, err)
		return out, err
	}
	return lw
}

func (c *Catalogue) answered(kind Kind, resource string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil {
		delete(c.health.failing, kind)
		return
	}
	c.health.failing[kind] = resource + " cannot be watched"
}

// mirror takes over what a watch brings.
type mirror struct {
	c    *Catalogue
	kind Kind
}

// Add implements cache.ReflectorStore.
func (m *mirror) Add(obj any) error { return m.Update(obj) }

// Update implements cache.ReflectorStore.
func (m *mirror) Update(obj any) error {
	r, err := m.reduced(obj)
	if err != nil {
		return err
	}
	m.c.mu.Lock()
	defer m.c.mu.Unlock()
	m.c.set(r)
	return nil
}

// Delete implements cache.ReflectorStore.
func (m *mirror) Delete(obj any) error {
	r, err := m.reduced(obj)
	if err != nil {
		return err
	}
	m.c.mu.Lock()
	defer m.c.mu.Unlock()
	m.c.remove(r.Ref, r.Revision)
	return nil
}

// Replace implements cache.ReflectorStore.
func (m *mirror) Replace(list []any, version string) error {
	out := make([]*Resource, 0, len(list))
	for _, obj := range list {
		r, err := m.reduced(obj)
		if err != nil {
			return err
		}
		out = append(out, r)
	}
	revision, err := strconv.ParseUint(version, 10, 64)
	if err != nil {
		return fmt.Errorf("a list of %s has the revision %q: %w", m.kind, version, err)
	}
	m.c.replace(m.kind, out, revision)
	return nil
}

// Bookmark implements cache.ReflectorBookmarkStore: all states up to a revision
// have been seen, although there were none of this kind.
func (m *mirror) Bookmark(version string) error {
	revision, err := strconv.ParseUint(version, 10, 64)
	if err != nil {
		return fmt.Errorf("a bookmark of %s has the revision %q: %w", m.kind, version, err)
	}
	m.c.mu.Lock()
	defer m.c.mu.Unlock()
	m.c.position.see(m.kind, revision)
	return nil
}

// Resync implements cache.ReflectorStore.
func (m *mirror) Resync() error { return nil }

// Transformer reduces the objects of a list one by one as they come: all of
// them, whole, take as much memory as everything else at the start together.
func (m *mirror) Transformer() cache.TransformFunc {
	return func(obj any) (any, error) { return m.reduced(obj) }
}

// reduced is what is kept of what the API server sent.
func (m *mirror) reduced(obj any) (*Resource, error) {
	switch o := obj.(type) {
	case *Resource:
		return o, nil
	case object:
		return reduce(o), nil
	}
	return nil, fmt.Errorf("the API server sent %T as a %s", obj, m.kind)
}
