package catalogue

import (
	"slices"
	"strconv"
	"time"
	"unique"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/facade/view"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/source"
)

// Kind is what a resource is to the facade's clients.
type Kind string

// The kinds that are watched.
const (
	Problem    Kind = "problem"
	Suite      Kind = "suite"
	Solution   Kind = "solution"
	Submission Kind = "submission"
	Provider   Kind = "provider"
)

// kinds in the order in which positions and replays have them.
var kinds = [...]Kind{Problem, Suite, Solution, Submission, Provider}

// Object is the kind as the API server calls it.
func (k Kind) Object() string {
	switch k {
	case Problem:
		return "Problem"
	case Suite:
		return "TestSuite"
	case Solution:
		return "SolutionJob"
	case Submission:
		return "Submission"
	case Provider:
		return "ModelProvider"
	}
	return ""
}

func (k Kind) index() int {
	for i, kind := range kinds {
		if kind == k {
			return i
		}
	}
	return -1
}

// Ref names a resource.
type Ref struct {
	Kind            Kind
	Namespace, Name string
}

// Resource is what is kept of a resource of the cluster. It is never changed:
// a new state is a new Resource.
type Resource struct {
	Ref
	// Revision orders all states of all resources.
	Revision uint64
	// State, Reason, Message and CreatedAt are Live's.
	State           view.State
	Reason, Message string
	CreatedAt       time.Time
	stages          []stage
	// Problem is the name of the Problem that the resource works on.
	Problem string
	// Owned: another resource made it, and would make it again.
	Owned bool
	// Facts are those of the kind.
	Facts any
}

// stage is a condition of a resource. What thousands of resources say is kept
// once; only when they said it is their own.
type stage struct {
	said unique.Handle[said]
	// since is in Unix seconds, which is as fine as the API has it.
	since int64
}

type said struct{ kind, status, reason, message string }

// Live is the state of the resource as it is shown.
func (r *Resource) Live() *view.Live {
	out := &view.Live{
		Kind: r.Kind.Object(), Namespace: r.Namespace, Name: r.Name, State: r.State, Reason: r.Reason, Message: r.Message,
		CreatedAt: r.CreatedAt, Conditions: make([]view.Condition, 0, len(r.stages)),
	}
	for i := range r.stages {
		s := r.stages[i].said.Value()
		out.Conditions = append(out.Conditions, view.Condition{
			Type: s.kind, Status: s.status, Reason: s.reason, Message: s.message, Since: time.Unix(r.stages[i].since, 0).UTC(),
		})
	}
	return out
}

// ProblemFacts are what a Problem says of its problem.
type ProblemFacts struct {
	Key       problem.Key
	Known     bool
	URL       string
	Title     string
	Rating    int
	Samples   int
	TimeMS    int64
	MemoryMB  int64
	Tags      []string
	Published int64
	Cost      *view.Money
}

// SuiteFacts are what a TestSuite says of its suite.
type SuiteFacts struct {
	// Stored is the name of the suite in the table.
	Stored string
	Cost   *view.Money
}

// SolutionFacts are what a SolutionJob says of its program.
type SolutionFacts struct {
	Language string
	Stored   string
	Verified bool
	Tried    []view.Attempt
	Cost     *view.Money
}

func (r *Resource) name() types.NamespacedName {
	return types.NamespacedName{Namespace: r.Namespace, Name: r.Name}
}

// GetObjectMeta tells client-go's store of a list, which takes the resource for
// its object, by what to tell it from others.
func (r *Resource) GetObjectMeta() metav1.Object {
	return &metav1.ObjectMeta{Namespace: r.Namespace, Name: r.Name}
}

// keeper is the name of the Problem that the resource is or works on.
func (r *Resource) keeper() types.NamespacedName {
	if r.Kind == Problem {
		return r.name()
	}
	return types.NamespacedName{Namespace: r.Namespace, Name: r.Problem}
}

// object is a resource as the API has it.
type object interface {
	client.Object
	StatusConditions() *[]metav1.Condition
}

// reduce keeps what the facade shows of an object.
func reduce(o object) *Resource {
	r := &Resource{CreatedAt: o.GetCreationTimestamp().UTC(), Owned: metav1.GetControllerOf(o) != nil}
	r.Namespace, r.Name = o.GetNamespace(), o.GetName()
	// The API server's revisions are numbers that only grow.
	r.Revision, _ = strconv.ParseUint(o.GetResourceVersion(), 10, 64)
	r.standing(o)
	switch o := o.(type) {
	case *v1alpha1.Problem:
		r.Kind, r.Facts = Problem, problemFacts(o)
	case *v1alpha1.TestSuite:
		r.Kind, r.Problem = Suite, o.Spec.ProblemRef.Name
		r.Facts = &SuiteFacts{Stored: o.Status.Stored.Name, Cost: money(o.Status.Spending)}
	case *v1alpha1.SolutionJob:
		r.Kind, r.Problem = Solution, o.Spec.ProblemRef.Name
		r.Facts = solutionFacts(o, r.State)
	case *v1alpha1.Submission:
		r.Kind, r.Problem = Submission, o.Spec.ProblemRef.Name
		r.Facts = submission(o)
	case *v1alpha1.ModelProvider:
		r.Kind, r.Facts = Provider, provider(o)
	}
	return r
}

// standing reads the state as kstatus does: what is said of an older generation
// is said of something else.
func (r *Resource) standing(o object) {
	conditions := *o.StatusConditions()
	for i := range conditions {
		switch conditions[i].Type {
		case v1alpha1.ConditionReady, v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled:
		default:
			r.stages = append(r.stages, stageOf(&conditions[i]))
		}
	}
	// As long as it is and no longer: thousands are kept.
	r.stages = slices.Clone(r.stages)
	ready := meta.FindStatusCondition(conditions, v1alpha1.ConditionReady)
	if ready == nil {
		r.Reason, r.Message = "Pending", "the operator has not looked at it yet"
	} else {
		r.Reason, r.Message = kept(ready.Reason), kept(ready.Message)
	}
	switch {
	case !o.GetDeletionTimestamp().IsZero():
		r.State = view.Deleting
	case ready == nil || ready.ObservedGeneration != o.GetGeneration():
		r.State = view.Working
	case meta.IsStatusConditionTrue(conditions, v1alpha1.ConditionStalled):
		r.State = view.Stalled
	case ready.Status == metav1.ConditionTrue:
		r.State = view.Ready
	default:
		r.State = view.Working
	}
}

func stageOf(c *metav1.Condition) stage {
	return stage{unique.Make(said{c.Type, string(c.Status), c.Reason, c.Message}), c.LastTransitionTime.Unix()}
}

// kept gives equal texts one place in memory: thousands of resources say the
// same few things.
func kept(text string) string { return unique.Make(text).Value() }

func problemFacts(p *v1alpha1.Problem) *ProblemFacts {
	f := &ProblemFacts{
		URL: p.Spec.Source.URL, Title: p.Status.Title, Rating: int(ptr.Deref(p.Spec.DifficultyRating, 0)),
		Samples: int(ptr.Deref(p.Status.Samples, 0)), Published: ptr.Deref(p.Status.Published.Version, 0), Cost: money(p.Status.Total),
	}
	if saved := p.Spec.Source.PageConfigMapRef; saved != nil {
		f.URL = saved.URL
	}
	if limit, err := time.ParseDuration(p.Status.TimeLimit); err == nil {
		f.TimeMS = limit.Milliseconds()
	}
	if inline := p.Spec.Source.Inline; inline != nil {
		f.Key, f.Known = problem.Key{Platform: inline.Platform, ID: inline.ID}, true
		if f.Title == "" {
			f.Title = inline.Title
		}
		f.Tags = inline.Tags
	}
	if p.Status.Platform != "" && p.Status.ID != "" {
		f.Key, f.Known = problem.Key{Platform: p.Status.Platform, ID: p.Status.ID}, true
	}
	if !f.Known {
		key, _, err := source.Identify(f.URL)
		f.Key, f.Known = key, err == nil
	}
	return f
}

func solutionFacts(j *v1alpha1.SolutionJob, state view.State) *SolutionFacts {
	f := &SolutionFacts{
		Language: kept(string(j.Spec.Language)), Stored: j.Status.Stored.Name,
		Verified: state == view.Ready && j.Status.Verdict == string(problem.Accepted), Cost: money(j.Status.Spending),
	}
	for i := range j.Status.Attempts {
		a := &j.Status.Attempts[i]
		tried := view.Attempt{
			Number: int(a.Number), Verdict: problem.Verdict(kept(a.Verdict)), Passed: int(ptr.Deref(a.Passed, 0)),
			Total: int(ptr.Deref(a.Total, 0)), Detail: a.Detail,
		}
		if a.Amount != "" {
			tried.Cost = &view.Money{Amount: a.Amount, Currency: kept(j.Status.Spending.Currency)}
		}
		f.Tried = append(f.Tried, tried)
	}
	return f
}

// money is nil where nothing was paid.
func money(s v1alpha1.Spending) *view.Money {
	if s.Amount == "" || s.Currency == "" {
		return nil
	}
	return &view.Money{Amount: s.Amount, Currency: kept(s.Currency)}
}

func submission(s *v1alpha1.Submission) *view.Submission {
	status := &s.Status
	out := &view.Submission{
		Platform: status.JudgedAgainst.Platform, ID: status.JudgedAgainst.ID, Language: kept(string(s.Spec.Language)),
		Verdict: problem.Verdict(kept(status.Verdict)), Passed: int(ptr.Deref(status.Passed, 0)), Total: int(ptr.Deref(status.Total, 0)),
		TimeMS: ptr.Deref(status.TimeMillis, 0), LimitMS: ptr.Deref(status.TimeLimitMillis, 0), MemoryMB: ptr.Deref(status.MemoryMiB, 0),
		CompileLog: status.CompileLog, Tests: make([]view.Judged, 0, len(status.Tests)),
	}
	if status.FinishedAt != nil {
		out.FinishedAt = ptr.To(status.FinishedAt.UTC())
	}
	if f := status.FirstFailure; f != nil {
		out.Failure = &view.Failure{
			Name: f.Name, Verdict: problem.Verdict(f.Verdict), Detail: f.Detail, Input: f.Input, Expected: f.Expected, Actual: f.Actual,
		}
	}
	for i := range status.Tests {
		t := &status.Tests[i]
		out.Tests = append(out.Tests, view.Judged{
			Name: kept(t.Name), Verdict: problem.Verdict(kept(t.Verdict)), TimeMS: ptr.Deref(t.TimeMillis, 0), MemoryMB: ptr.Deref(t.MemoryMiB, 0),
		})
	}
	return out
}

// provider leaves out where the provider is and what it is reached with.
func provider(p *v1alpha1.ModelProvider) *view.Provider {
	usage := &p.Status.Usage
	out := &view.Provider{
		Type: string(p.Spec.Type), Model: p.Spec.Model, Month: usage.Month,
		Requests: ptr.Deref(usage.Requests, 0), Tokens: ptr.Deref(usage.Tokens, 0),
	}
	if usage.Spent != "" {
		out.Spent = &view.Money{Amount: usage.Spent, Currency: p.Spec.Pricing.Currency}
	}
	if usage.Remaining != "" {
		out.Left = &view.Money{Amount: usage.Remaining, Currency: p.Spec.Pricing.Currency}
	}
	return out
}
