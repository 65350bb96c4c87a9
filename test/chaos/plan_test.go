package chaos_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
)

// The namespaces. In one there is money for everything, in the others for some:
// in one each provider has little, in the other a Budget bounds both together.
const (
	plenty  = "plenty"
	tight   = "tight"
	bounded = "bounded"
)

var namespaces = []string{plenty, tight, bounded}

// enough is more than everything costs, in 1e-9.
const enough = 1000e9

// providerBudget is that of each of a namespace's providers, in 1e-9. A little
// is enough for any single call, and for less than half of what is wanted.
func (p *plan) providerBudget(namespace string) int64 {
	if namespace != tight {
		return enough
	}
	return 40e6 + int64(p.poors[tight])*4e6
}

// sharedBudget is that of the Budget.
func (p *plan) sharedBudget() int64 { return 50e6 + int64(p.poors[bounded])*12e6 }

// budgetName is the name of the one Budget.
const budgetName = "all"

// limits are the most that each keeper of money may commit, in 1e-9.
func (p *plan) limits() map[string]int64 {
	limits := map[string]int64{keyFor(kindBudget, bounded, budgetName): p.sharedBudget()}
	for _, namespace := range namespaces {
		for _, name := range []string{"gemini", "openai"} {
			limits[keyFor(kindProvider, namespace, name)] = p.providerBudget(namespace)
		}
	}
	return limits
}

// action is something that somebody does to the cluster at a moment.
type action struct {
	at   time.Duration
	what string
	do   func(ctx context.Context, c client.Client) error
}

// wish is what must become of an object.
type wish struct {
	kind, namespace, name string
	// ends are the states that are right.
	ends []string
	// verdicts are those of a SolutionJob's attempts, once it is settled
	// without waiting for money.
	verdicts []string
}

// plan is what people do during the storm and what they expect of it.
type plan struct {
	dice   *rand.Rand
	length time.Duration
	script *script
	pages  *pages

	actions []action
	wishes  []wish
	// unwanted are ids of problems that nothing may be stored of.
	unwanted []string
	// problems counts all, poors those of namespaces with little money.
	problems int
	poors    map[string]int
}

// Objects a minute of the storm.
const (
	problemsPerMinute = 30
	suitesPerMinute   = 2
)

// scenes are the stories of a problem; the frequent ones are there more often.
var scenes = []func(*plan, scene){
	(*plan).solved, (*plan).solved, (*plan).solved, (*plan).solved,
	(*plan).twins, (*plan).twins,
	(*plan).saved, (*plan).saved,
	(*plan).hopeless,
	(*plan).raised,
	(*plan).deleted,
	(*plan).moved,
	(*plan).inherited,
	(*plan).noProblem,
	(*plan).interactive,
	(*plan).poor, (*plan).poor, (*plan).poor, (*plan).poor,
}

// scene is one story: its id names its objects and its problem.
type scene struct {
	id string
	// first is when it begins, later when it goes on.
	first, later time.Duration
	number       int
}

func newPlan(length time.Duration, s *script, p *pages) *plan {
	out := &plan{dice: dice("people"), length: length, script: s, pages: p, poors: map[string]int{}}
	count := func(aMinute float64) int { return max(2, int(aMinute*length.Minutes())) }
	// Every story is told, however short the storm.
	for n := range max(len(scenes), count(problemsPerMinute)) {
		tell := scenes[n%len(scenes)]
		tell(out, out.scene())
	}
	for range count(suitesPerMinute) {
		out.suited(out.scene())
	}
	slices.SortStableFunc(out.actions, func(a, b action) int { return int(a.at - b.at) })
	return out
}

func (p *plan) scene() scene {
	p.problems++
	first := between(p.dice, 0, p.length*7/10)
	return scene{
		id: fmt.Sprintf("p%04d", p.problems), number: p.problems,
		first: first, later: first + between(p.dice, 0, p.length*3/10),
	}
}

func (p *plan) act(at time.Duration, what string, do func(context.Context, client.Client) error) {
	p.actions = append(p.actions, action{at, what, do})
}

func (p *plan) create(at time.Duration, objects ...client.Object) {
	for _, o := range objects {
		p.act(at, "create "+o.GetName(), func(ctx context.Context, c client.Client) error { return c.Create(ctx, o) })
	}
}

func (p *plan) wish(kind string, namespace, name string, ends ...string) *wish {
	p.wishes = append(p.wishes, wish{kind: kind, namespace: namespace, name: name, ends: ends})
	return &p.wishes[len(p.wishes)-1]
}

// tries makes an answer for each attempt until the first right one, and
// returns what the judge says to them.
func (p *plan) tries(id string, as func(map[string]any) map[string]any) (verdicts []string) {
	wrong := []int{0, 0, 0, 0, 1, 1, 2}[p.dice.IntN(7)]
	var answers []map[string]any
	for range wrong {
		answers, verdicts = append(answers, as(program(wrongSum))), append(verdicts, "WA")
	}
	p.script.answers(id, "solve-python", append(answers, as(program(rightSum)))...)
	return append(verdicts, "AC")
}

// cheap is an answer that takes little of what is reserved for it.
func cheap(answer map[string]any) map[string]any { return answer }

// solved is a page that becomes a problem with a solution.
func (p *plan) solved(s scene) {
	o := p.paged(s, plenty, s.id)
	o.Spec.Solutions = []v1alpha1.SolutionTemplate{{Language: "python"}}
	p.create(s.first, o)
	p.wish("Problem", plenty, s.id, ready)
	p.wish("SolutionJob", plenty, s.id+"-python", ready).verdicts = p.tries(s.id, cheap)
}

// twins are two jobs with the same questions, which are paid for once.
func (p *plan) twins(s scene) {
	verdicts := p.tries(s.id, cheap)
	p.create(s.first, inline(s.id))
	p.wish("Problem", plenty, s.id, ready)
	for i, at := range []time.Duration{s.first, s.later} {
		name := fmt.Sprintf("%s-%d", s.id, i+1)
		p.create(at, job(plenty, name, s.id))
		p.wish("SolutionJob", plenty, name, ready).verdicts = verdicts
	}
}

// saved is a page that somebody has saved.
func (p *plan) saved(s scene) {
	p.script.answers(s.id, "extract", extraction("batch"))
	p.create(s.first, &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: plenty, Name: s.id}, Data: map[string]string{"page.html": page("Sum of " + s.id)},
	})
	o := problem(plenty, s.id)
	o.Spec.Source.PageConfigMapRef = &v1alpha1.PageReference{Name: s.id, URL: "http://saved.example/" + s.id}
	p.create(s.first, o)
	p.wish("Problem", plenty, s.id, ready)
}

// hopeless is a problem that the model never solves.
func (p *plan) hopeless(s scene) {
	p.script.answers(s.id, "solve-python", program(wrongSum), program(wrongSum))
	o := inline(s.id)
	o.Spec.Solutions = []v1alpha1.SolutionTemplate{{Language: "python", MaxAttempts: 2}}
	p.create(s.first, o)
	p.wish("Problem", plenty, s.id, stalled+v1alpha1.ReasonSolutionStalled)
	p.wish("SolutionJob", plenty, s.id+"-python", stalled+v1alpha1.ReasonAttemptsExhausted).verdicts = []string{"WA", "WA"}
}

// raised is a job that is granted another attempt.
func (p *plan) raised(s scene) {
	p.script.answers(s.id, "solve-python", program(wrongSum), program(rightSum))
	o := job(plenty, s.id, s.id)
	o.Spec.MaxAttempts = 1
	p.create(s.first, inline(s.id), o)
	change(p, s.later, job(plenty, s.id, s.id), func(o *v1alpha1.SolutionJob) { o.Spec.MaxAttempts = 3 })
	p.wish("Problem", plenty, s.id, ready)
	p.wish("SolutionJob", plenty, s.id, ready).verdicts = []string{"WA", "AC"}
}

// deleted is a problem that somebody no longer wants.
func (p *plan) deleted(s scene) {
	p.tries(s.id, cheap)
	o := p.paged(s, plenty, s.id)
	o.Spec.Solutions = []v1alpha1.SolutionTemplate{{Language: "python"}}
	p.create(s.first, o)
	p.remove(s.later, problem(plenty, s.id))
	p.wish("Problem", plenty, s.id, gone)
	p.wish("SolutionJob", plenty, s.id+"-python", gone)
	p.unwanted = append(p.unwanted, s.id)
}

// moved is a problem that is given another address.
func (p *plan) moved(s scene) {
	o := p.paged(s, plenty, s.id)
	p.create(s.first, o)
	next := p.paged(s, plenty, s.id+"_moved").Spec.Source.URL
	change(p, s.later, problem(plenty, s.id), func(o *v1alpha1.Problem) { o.Spec.Source.URL = next })
	p.wish("Problem", plenty, s.id, ready)
	p.unwanted = append(p.unwanted, s.id)
}

// inherited is a problem that is deleted, and what it published goes over to
// its successor.
func (p *plan) inherited(s scene) {
	o := p.paged(s, plenty, s.id)
	o.Spec.DeletionPolicy = v1alpha1.DeletionRetain
	heir := o.DeepCopy()
	heir.Name = s.id + "-heir"
	p.create(s.first, o)
	p.remove(s.later, problem(plenty, s.id))
	p.create(s.later, heir)
	p.wish("Problem", plenty, s.id, gone)
	p.wish("Problem", plenty, heir.Name, ready)
}

// noProblem is a page without one; it costs nothing.
func (p *plan) noProblem(s scene) {
	o := p.paged(s, plenty, s.id)
	p.pages.put(s.number, s.id, "<html><body>Nothing here.</body></html>")
	p.create(s.first, o)
	p.wish("Problem", plenty, s.id, stalled+"NoProblemFound")
	p.unwanted = append(p.unwanted, s.id)
}

// interactive is a problem that only the model sees to be of that kind.
func (p *plan) interactive(s scene) {
	o := p.paged(s, plenty, s.id)
	p.script.answers(s.id, "extract", extraction("interactive"))
	p.create(s.first, o)
	p.wish("Problem", plenty, s.id, stalled+"InteractiveProblem")
	p.unwanted = append(p.unwanted, s.id)
}

// poor is a problem whose namespace may not have the money for it.
func (p *plan) poor(s scene) {
	namespace := tight
	if p.poors[tight] > p.poors[bounded] {
		namespace = bounded
	}
	p.poors[namespace]++
	verdicts := p.tries(s.id, dear)
	o := p.paged(s, namespace, s.id)
	p.script.answers(s.id, "extract", dear(extraction("batch")))
	p.create(s.first, o, job(namespace, s.id, s.id))
	p.wish("Problem", namespace, s.id, ready, waiting+v1alpha1.ReasonBudgetExceeded)
	p.wish("SolutionJob", namespace, s.id, ready, waiting+v1alpha1.ReasonBudgetExceeded, waiting+v1alpha1.ReasonProblemNotReady).verdicts = verdicts
}

// suited is a problem with a suite, which its solution is judged with.
func (p *plan) suited(s scene) {
	for step, answer := range suiteAnswers() {
		p.script.answers(s.id, step, answer)
	}
	p.script.answers(s.id, "solve-python", program(unsignedSum), program(rightSum))
	o := inline(s.id)
	o.Spec.TestSuite = &v1alpha1.SuiteTemplate{Rounds: ptr.To[int32](0), Mutants: ptr.To[int32](0)}
	o.Spec.Solutions = []v1alpha1.SolutionTemplate{{Language: "python"}}
	p.create(s.first, o)
	p.wish("Problem", plenty, s.id, ready)
	p.wish("TestSuite", plenty, s.id+"-suite", ready)
	p.wish("SolutionJob", plenty, s.id+"-python", ready).verdicts = []string{"WA", "AC"}
}

// paged is a Problem whose page and extraction are there.
func (p *plan) paged(s scene, namespace, id string) *v1alpha1.Problem {
	o := problem(namespace, s.id)
	o.Spec.Source.URL = p.pages.put(s.number, id, page("Sum of "+id))
	p.script.answers(id, "extract", extraction("batch"))
	return o
}

func (p *plan) remove(at time.Duration, o client.Object) {
	p.act(at, "delete "+o.GetName(), func(ctx context.Context, c client.Client) error {
		return client.IgnoreNotFound(c.Delete(ctx, o))
	})
}

// change updates an object, again when somebody else was quicker.
func change[T client.Object](p *plan, at time.Duration, o T, edit func(T)) {
	p.act(at, "change "+o.GetName(), func(ctx context.Context, c client.Client) error {
		var err error
		for range 20 {
			if err = c.Get(ctx, client.ObjectKeyFromObject(o), o); err != nil {
				return err
			}
			edit(o)
			if err = c.Update(ctx, o); err == nil {
				return nil
			}
		}
		return err
	})
}

// carryOut does what is planned, each at its moment since began.
func (p *plan) carryOut(ctx context.Context, c client.Client, began time.Time) error {
	for _, a := range p.actions {
		time.Sleep(time.Until(began.Add(a.at)))
		if err := a.do(ctx, c); err != nil {
			return fmt.Errorf("%s: %w", a.what, err)
		}
	}
	return nil
}
