package operator_test

import (
	"context"
	"strings"
	"sync"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
)

// observer watches every state that an object of ours goes through and holds
// it to what kstatus and Argo CD make of it.
type observer struct {
	w       *world
	mu      sync.Mutex
	states  map[string][]string
	running sync.WaitGroup
}

func observe(w *world) *observer {
	o := &observer{w: w, states: map[string][]string{}}
	ctx, cancel := context.WithCancel(context.Background())
	w.t.Cleanup(func() { cancel(); o.running.Wait() })
	for _, list := range []client.ObjectList{&v1alpha1.ModelProviderList{}, &v1alpha1.BudgetList{}, &v1alpha1.ProblemList{}, &v1alpha1.TestSuiteList{}, &v1alpha1.SolutionJobList{}, &v1alpha1.SubmissionList{}} {
		events, err := w.client.Watch(ctx, list, client.InNamespace(w.namespace))
		if err != nil {
			w.t.Fatal(err)
		}
		o.running.Go(func() {
			defer events.Stop()
			o.follow(ctx, events)
		})
	}
	return o
}

func (o *observer) follow(ctx context.Context, events watch.Interface) {
	for {
		select {
		case <-ctx.Done():
			return
		case event, open := <-events.ResultChan():
			if !open {
				return
			}
			if it, ours := event.Object.(object); ours && event.Type != watch.Deleted {
				o.check(it)
			}
		}
	}
}

// check compares our own conditions with what kstatus computes from them.
func (o *observer) check(it object) {
	raw, err := runtime.DefaultUnstructuredConverter.ToUnstructured(it)
	if err != nil {
		o.w.t.Error(err)
		return
	}
	result, err := status.Compute(&unstructured.Unstructured{Object: raw})
	if err != nil {
		o.w.t.Errorf("kstatus of %s: %v", it.GetName(), err)
		return
	}
	if want := expected(it); result.Status != want {
		o.w.t.Errorf("kstatus of %s is %s, want %s: %+v", it.GetName(), result.Status, want, *it.StatusConditions())
	}
	if health := argoHealth(o.w.t, raw); health != argo[result.Status] {
		o.w.t.Errorf("Argo CD sees %s as %s, kstatus as %s", it.GetName(), health, result.Status)
	}
	for _, c := range *it.StatusConditions() {
		if len(c.Message) > 256 || c.Reason == "" {
			o.w.t.Errorf("condition %s of %s has reason %q and a message of %d bytes", c.Type, it.GetName(), c.Reason, len(c.Message))
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.states[it.GetName()] = append(o.states[it.GetName()], string(result.Status))
}

// argo is how Argo CD names what kstatus names otherwise.
var argo = map[status.Status]string{
	status.CurrentStatus: "Healthy", status.FailedStatus: "Degraded",
	status.InProgressStatus: "Progressing", status.TerminatingStatus: "Progressing",
}

// expected is what the object's conditions are meant to say.
func expected(it object) status.Status {
	if it.GetDeletionTimestamp() != nil {
		return status.TerminatingStatus
	}
	conditions := *it.StatusConditions()
	ready := meta.FindStatusCondition(conditions, v1alpha1.ConditionReady)
	switch {
	case ready == nil || ready.ObservedGeneration != it.GetGeneration() || ready.Status == metav1.ConditionUnknown:
		return status.InProgressStatus
	case ready.Status == metav1.ConditionTrue:
		return status.CurrentStatus
	}
	return status.FailedStatus
}

// history is the states of an object in their order, each once in a row.
func (o *observer) history(name string) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var once []string
	for _, s := range o.states[name] {
		if len(once) == 0 || once[len(once)-1] != s {
			once = append(once, s)
		}
	}
	return strings.Join(once, " ")
}
