package facade

import (
	"context"
	"net/http"

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

// SubmissionPath are the parts of a submission's address.
type SubmissionPath struct {
	Namespace string `path:"namespace"`
	Name      string `path:"name"`
}

func (f *Facade) registerRemovals(api huma.API, identified huma.Middlewares) {
	const description = "Deletes the resource; the operator then removes what it stored. 202: that has begun."
	op := write("delete-problem", http.MethodDelete, "/api/problems/{platform}/{id}", tagProblems, "Delete a problem", identified)
	op.Description = description
	huma.Register(api, op, func(ctx context.Context, in *ProblemPath) (*answer[view.Accepted], error) {
		as, err := f.caller(ctx)
		if err != nil {
			return nil, err
		}
		keeper, err := f.keeper(ctx, as, in.key())
		return f.remove(ctx, in.key(), keeper, err)
	})
	op = write("delete-suite", http.MethodDelete, "/api/problems/{platform}/{id}/suites/{name}", tagSuites, "Delete a suite", identified)
	op.Description = description
	huma.Register(api, op, func(ctx context.Context, in *suitePath) (*answer[view.Accepted], error) {
		r, err := f.child(in.key(), catalogue.Suite, in.Name)
		return f.remove(ctx, in.key(), r, err)
	})
	op = write("delete-solution", http.MethodDelete, "/api/problems/{platform}/{id}/solutions/{language}/{name}", tagSolutions, "Delete a solution", identified)
	op.Description = description
	huma.Register(api, op, func(ctx context.Context, in *solutionPath) (*answer[view.Accepted], error) {
		r, err := f.child(in.key(), catalogue.Solution, in.Name)
		return f.remove(ctx, in.key(), r, err)
	})
	op = write("delete-submission", http.MethodDelete, "/api/submissions/{namespace}/{name}", tagSubmissions, "Delete a submission", identified)
	op.Description = "Deletes the Submission with its verdict."
	huma.Register(api, op, f.removeSubmission)
}

// child finds the resource of a stored suite or solution by the name that lists
// give it: namespace.name.
func (f *Facade) child(key problem.Key, kind catalogue.Kind, name string) (*catalogue.Resource, error) {
	for _, r := range f.catalogue.Of(key, kind) {
		if r.Namespace+"."+r.Name == name {
			return r, nil
		}
	}
	return nil, fault.New(http.StatusNotFound, "no resource in the cluster keeps it, or it is not there")
}

// remove deletes a resource as the caller. What another resource keeps would be
// made again, and paid for again.
func (f *Facade) remove(ctx context.Context, key problem.Key, r *catalogue.Resource, err error) (*answer[view.Accepted], error) {
	if err != nil {
		return nil, err
	}
	if r.Owned {
		return nil, fault.New(http.StatusConflict, "the Problem "+r.Problem+" asks for it and would have it made again; change the Problem instead")
	}
	as, err := f.caller(ctx)
	if err != nil {
		return nil, err
	}
	object, resource := blank(r)
	if err := as.Delete(ctx, object); err != nil {
		return nil, access.Refused(err, access.Act{Verb: "delete", Resource: resource, Namespace: r.Namespace, Name: r.Name})
	}
	return &answer[view.Accepted]{Body: &view.Accepted{
		Platform: key.Platform, ID: key.ID, Kind: r.Kind.Object(), Namespace: r.Namespace, Name: r.Name,
	}}, nil
}

// blank is an object with nothing but the resource's name.
func blank(r *catalogue.Resource) (object client.Object, resource string) {
	meta := metav1.ObjectMeta{Namespace: r.Namespace, Name: r.Name}
	switch r.Kind {
	case catalogue.Suite:
		return &v1alpha1.TestSuite{ObjectMeta: meta}, "testsuites"
	case catalogue.Solution:
		return &v1alpha1.SolutionJob{ObjectMeta: meta}, "solutionjobs"
	case catalogue.Submission:
		return &v1alpha1.Submission{ObjectMeta: meta}, "submissions"
	case catalogue.Problem, catalogue.Provider:
	}
	return &v1alpha1.Problem{ObjectMeta: meta}, "problems"
}

// removeSubmission asks the cluster rather than the catalogue, so that nobody
// learns of a submission who may not.
func (f *Facade) removeSubmission(ctx context.Context, in *SubmissionPath) (*answer[view.Accepted], error) {
	ref := catalogue.Ref{Kind: catalogue.Submission, Namespace: in.Namespace, Name: in.Name}
	r := &catalogue.Resource{Ref: ref}
	var key problem.Key
	if known, ok := f.catalogue.Get(ref); ok {
		key, _ = f.catalogue.ProblemOf(known)
	}
	return f.remove(ctx, key, r, nil)
}
