package facade

import (
	"context"
	"net/http"
	"net/url"

	"github.com/danielgtaylor/huma/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/facade/access"
	"github.com/algoitny/algoitny-operator/internal/facade/catalogue"
	"github.com/algoitny/algoitny-operator/internal/facade/fault"
	"github.com/algoitny/algoitny-operator/internal/facade/view"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// maxProgram bounds a request with a program of 64 KiB, whose every byte JSON
// may write as six.
const maxProgram = 512 << 10

// maxBulk bounds a request with a thousand addresses.
const maxBulk = 2 << 20

func (f *Facade) registerWrites(api huma.API) {
	identified := huma.Middlewares{f.identified}
	op := write("register-problem", http.MethodPost, "/api/problems", tagProblems, "Register a problem", identified)
	op.Description = "Makes a Problem. The same address, however it is spelled, is the same problem: to register it again changes nothing."
	op.MaxBodyBytes = maxRegistration
	huma.Register(api, op, f.registerProblem)

	op = write("register-problems", http.MethodPost, "/api/problems/bulk", tagProblems, "Register up to 1,000 problems", identified)
	op.Description = "Each address is registered as if alone; the answer says what became of each."
	op.DefaultStatus, op.MaxBodyBytes = http.StatusOK, maxBulk
	huma.Register(api, op, f.registerProblems)

	op = write("ask-suite", http.MethodPost, "/api/problems/{platform}/{id}/suites", tagSuites, "Ask for another test suite", identified)
	op.Description = "Makes a TestSuite, which costs model calls. To ask for the same again is the same suite. Programs are judged with the suite that the Problem names: register it with test_suite for that."
	huma.Register(api, op, f.askSuite)

	op = write("ask-solution", http.MethodPost, "/api/problems/{platform}/{id}/solutions", tagSolutions, "Ask for a verified solution", identified)
	op.Description = "Makes a SolutionJob, which costs model calls. To ask for the same again is the same solution."
	huma.Register(api, op, f.askSolution)

	op = write("submit", http.MethodPost, "/api/problems/{platform}/{id}/submissions", tagSubmissions, "Have a program judged", identified)
	op.Description = "Makes a Submission. Its verdict comes at the address of Location, and as events at that address with /events."
	op.MaxBodyBytes = maxProgram
	huma.Register(api, op, f.submit)

	f.registerRemovals(api, identified)
}

// keeper is the Problem that keeps a problem. One that was registered a moment
// ago may not have been seen yet; its name is known.
func (f *Facade) keeper(ctx context.Context, as *access.Caller, key problem.Key) (*catalogue.Resource, error) {
	if keeper, ok := f.catalogue.Keeper(key, f.o.Namespace); ok {
		return keeper, nil
	}
	name := client.ObjectKey{Namespace: f.o.Namespace, Name: objectName(key)}
	if registeredAlready(ctx, as, name, key) == nil {
		return &catalogue.Resource{
			Ref: catalogue.Ref{Kind: catalogue.Problem, Namespace: name.Namespace, Name: name.Name},
		}, nil
	}
	if _, known := f.catalogue.Find(key); known {
		return nil, fault.New(http.StatusConflict, "the problem is published, but no Problem in the cluster keeps it; register its address first")
	}
	return nil, fault.New(http.StatusNotFound, "there is no such problem; register its address first")
}

// maxProblemName keeps names of children within what the API takes.
const maxProblemName = 150

// child names what is asked for: by the Idempotency-Key, or by what it is.
func child(of, what, key, content string) string {
	if key == "" {
		key = access.Digest(nameDigits, content)
	}
	return of[:min(len(of), maxProblemName)] + "-" + what + "-" + key
}

type suiteInput struct {
	ProblemPath
	Idempotent
	Body view.SuiteRequest
}

func (f *Facade) askSuite(ctx context.Context, in *suiteInput) (*accepted, error) {
	as, keeper, key, err := f.asked(ctx, &in.ProblemPath, in.IdempotencyKey)
	if err != nil {
		return nil, err
	}
	object := &v1alpha1.TestSuite{
		ObjectMeta: metav1.ObjectMeta{Namespace: keeper.Namespace},
		Spec: v1alpha1.TestSuiteSpec{
			ProblemRef: v1alpha1.LocalReference{Name: keeper.Name}, MaxAttempts: in.Body.MaxAttempts, Rounds: in.Body.Rounds, Mutants: in.Body.Mutants,
		},
	}
	if err := stamp(ctx, as, object, in.IdempotencyKey); err != nil {
		return nil, err
	}
	object.Name = child(keeper.Name, "suite", key, object.Annotations[annotationRequest])
	if err := create(ctx, as, object, &v1alpha1.TestSuite{}, "testsuites"); err != nil {
		return nil, err
	}
	return in.accepted("suites/"+url.PathEscape(object.Namespace+"."+object.Name)+"/", "TestSuite", object), nil
}

// asked is what every request for something about a problem begins with.
func (f *Facade) asked(ctx context.Context, n *ProblemPath, idempotencyKey string) (as *access.Caller, keeper *catalogue.Resource, key string, err error) {
	if as, err = f.caller(ctx); err != nil {
		return nil, nil, "", err
	}
	if keeper, err = f.keeper(ctx, as, n.key()); err != nil {
		return nil, nil, "", err
	}
	if keeper.State == view.Deleting {
		return nil, nil, "", fault.New(http.StatusConflict, "the problem is being deleted")
	}
	key, err = keyed(ctx, as, idempotencyKey)
	return as, keeper, key, err
}

func (n *ProblemPath) accepted(at, kind string, object metav1.Object) *accepted {
	return &accepted{
		Location: location(n.key()) + at,
		Body:     &view.Accepted{Platform: n.Platform, ID: n.ID, Kind: kind, Namespace: object.GetNamespace(), Name: object.GetName()},
	}
}

type solutionInput struct {
	ProblemPath
	Idempotent
	Body view.SolutionRequest
}

func (f *Facade) askSolution(ctx context.Context, in *solutionInput) (*accepted, error) {
	as, keeper, key, err := f.asked(ctx, &in.ProblemPath, in.IdempotencyKey)
	if err != nil {
		return nil, err
	}
	object := &v1alpha1.SolutionJob{
		ObjectMeta: metav1.ObjectMeta{Namespace: keeper.Namespace},
		Spec: v1alpha1.SolutionJobSpec{
			ProblemRef: v1alpha1.LocalReference{Name: keeper.Name}, Language: v1alpha1.Language(in.Body.Language), MaxAttempts: in.Body.MaxAttempts,
		},
	}
	if err := stamp(ctx, as, object, in.IdempotencyKey); err != nil {
		return nil, err
	}
	object.Name = child(keeper.Name, "solution", key, object.Annotations[annotationRequest])
	if err := create(ctx, as, object, &v1alpha1.SolutionJob{}, "solutionjobs"); err != nil {
		return nil, err
	}
	at := "solutions/" + url.PathEscape(in.Body.Language) + "/" + url.PathEscape(object.Namespace+"."+object.Name) + "/"
	return in.accepted(at, "SolutionJob", object), nil
}

type submitInput struct {
	ProblemPath
	Idempotent
	Body view.SubmissionRequest
}

func (f *Facade) submit(ctx context.Context, in *submitInput) (*accepted, error) {
	as, keeper, key, err := f.asked(ctx, &in.ProblemPath, in.IdempotencyKey)
	if err != nil {
		return nil, err
	}
	object := &v1alpha1.Submission{
		ObjectMeta: metav1.ObjectMeta{Namespace: keeper.Namespace},
		Spec: v1alpha1.SubmissionSpec{
			ProblemRef: v1alpha1.LocalReference{Name: keeper.Name}, Language: v1alpha1.Language(in.Body.Language),
			Source: v1alpha1.SubmissionSource{Inline: in.Body.Code}, StopAtFirst: in.Body.StopAtFirst,
		},
	}
	if err := stamp(ctx, as, object, in.IdempotencyKey); err != nil {
		return nil, err
	}
	if key != "" {
		object.Name = child(keeper.Name, "by", key, "")
	} else {
		// The same program may be submitted twice.
		object.GenerateName = keeper.Name[:min(len(keeper.Name), maxProblemName)] + "-by-"
	}
	if err := create(ctx, as, object, &v1alpha1.Submission{}, "submissions"); err != nil {
		return nil, err
	}
	out := in.accepted("", "Submission", object)
	out.Location = "/api/submissions/" + object.Namespace + "/" + object.Name + "/"
	return out, nil
}
