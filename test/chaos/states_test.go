package chaos_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
)

// The states of an object; a reason follows after those that end with a space.
const (
	ready   = "Ready"
	stalled = "Stalled "
	waiting = "Waiting "
	// unseen is one whose newest generation no status speaks of.
	unseen = "Unseen"
	gone   = "gone"
)

// The kinds that keep money; nobody wishes anything of them but to be Ready.
const (
	kindProvider = "ModelProvider"
	kindBudget   = "Budget"
)

func keepsMoney(key string) bool {
	kind, _, _ := strings.Cut(key, " ")
	return kind == kindProvider || kind == kindBudget
}

// object is a kind of ours.
type object interface {
	client.Object
	StatusConditions() *[]metav1.Condition
}

// seen is an object as it was read.
type seen struct {
	object
	state, message string
}

// objects are all there are, by kind, namespace and name.
type objects map[string]seen

func keyFor(kind, namespace, name string) string { return kind + " " + namespace + "/" + name }

func (o objects) add(kind string, found object) {
	state, message := stateOf(found)
	o[keyFor(kind, found.GetNamespace(), found.GetName())] = seen{found, state, message}
}

func stateOf(o object) (state, message string) {
	c := meta.FindStatusCondition(*o.StatusConditions(), v1alpha1.ConditionReady)
	switch {
	case c == nil || c.ObservedGeneration != o.GetGeneration():
		return unseen, ""
	case c.Status == metav1.ConditionTrue:
		return ready, c.Message
	case meta.IsStatusConditionTrue(*o.StatusConditions(), v1alpha1.ConditionStalled):
		return stalled + c.Reason, c.Message
	}
	return waiting + c.Reason, c.Message
}

// look reads every object.
func (w *world) look() (objects, error) {
	all := objects{}
	ctx := w.t.Context()
	for _, read := range []func(context.Context, client.Client) error{
		all.problems, all.suites, all.jobs, all.providers, all.budgets,
	} {
		if err := read(ctx, w.client); err != nil {
			return nil, fmt.Errorf("read the objects: %w", err)
		}
	}
	return all, nil
}

func (o objects) problems(ctx context.Context, c client.Client) error {
	var list v1alpha1.ProblemList
	err := c.List(ctx, &list)
	for i := range list.Items {
		o.add("Problem", &list.Items[i])
	}
	return err
}

func (o objects) suites(ctx context.Context, c client.Client) error {
	var list v1alpha1.TestSuiteList
	err := c.List(ctx, &list)
	for i := range list.Items {
		o.add("TestSuite", &list.Items[i])
	}
	return err
}

func (o objects) jobs(ctx context.Context, c client.Client) error {
	var list v1alpha1.SolutionJobList
	err := c.List(ctx, &list)
	for i := range list.Items {
		o.add("SolutionJob", &list.Items[i])
	}
	return err
}

func (o objects) providers(ctx context.Context, c client.Client) error {
	var list v1alpha1.ModelProviderList
	err := c.List(ctx, &list)
	for i := range list.Items {
		o.add(kindProvider, &list.Items[i])
	}
	return err
}

func (o objects) budgets(ctx context.Context, c client.Client) error {
	var list v1alpha1.BudgetList
	err := c.List(ctx, &list)
	for i := range list.Items {
		o.add(kindBudget, &list.Items[i])
	}
	return err
}

// unfulfilled says which objects are not as wished, and which nobody wished for.
func (o objects) unfulfilled(wishes []wish) []string {
	var open []string
	wished := map[string]bool{}
	for _, wish := range wishes {
		key := keyFor(wish.kind, wish.namespace, wish.name)
		wished[key] = true
		if why := o.against(key, wish); why != "" {
			open = append(open, why)
		}
	}
	for key, found := range o {
		switch {
		case keepsMoney(key) && found.state != ready:
			open = append(open, fmt.Sprintf("%s is %s: %s", key, found.state, found.message))
		case !keepsMoney(key) && !wished[key]:
			open = append(open, fmt.Sprintf("%s is left, %s, and belongs to nobody", key, found.state))
		}
	}
	slices.Sort(open)
	return open
}

// against says what an object has against a wish, nothing when it fulfils it.
func (o objects) against(key string, w wish) string {
	found, there := o[key]
	if !there {
		found.state = gone
	}
	if !slices.Contains(w.ends, found.state) {
		return fmt.Sprintf("%s is %s (%s), not %s", key, found.state, found.message, strings.Join(w.ends, " or "))
	}
	job, isJob := found.object.(*v1alpha1.SolutionJob)
	if !isJob || strings.HasPrefix(found.state, waiting) {
		return ""
	}
	var verdicts []string
	for _, a := range job.Status.Attempts {
		verdicts = append(verdicts, a.Verdict)
	}
	if !slices.Equal(verdicts, w.verdicts) {
		return fmt.Sprintf("%s has the attempts %v, and its programs are %v", key, verdicts, w.verdicts)
	}
	return ""
}

// inVain are objects that wait for money although there is enough of it for the
// dearest call.
func (o objects) inVain(limits map[string]int64, rows []item) []string {
	var dearest int64
	left := maps.Clone(limits)
	for _, row := range rows {
		if call, ok := callOf(row); ok {
			dearest = max(dearest, call.reserve)
		}
		if sum, ok := totalOf(row); ok && sum.keeper() != "" {
			left[sum.keeper()] -= sum.committed
		}
	}
	var out []string
	for key, found := range o {
		keeper := keeperFor(found.object)
		if found.state == waiting+v1alpha1.ReasonBudgetExceeded && left[keeper] >= dearest {
			out = append(out, fmt.Sprintf("%s waits for money, and %s has %s left", key, keeper, units(left[keeper])))
		}
	}
	return out
}

// keeperFor is whose money an object waits for.
func keeperFor(o object) string {
	if o.GetNamespace() == bounded {
		return keyFor(kindBudget, bounded, budgetName)
	}
	if _, page := o.(*v1alpha1.Problem); page {
		return keyFor(kindProvider, o.GetNamespace(), "gemini")
	}
	return keyFor(kindProvider, o.GetNamespace(), "openai")
}
