package facade

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/algoitny/algoitny-operator/internal/facade/access"
	"github.com/algoitny/algoitny-operator/internal/facade/library"
	"github.com/algoitny/algoitny-operator/internal/facade/view"
)

// Submissions are programs of people: whoever may read them in the cluster may
// read them here.
func (f *Facade) registerSubmissions(api huma.API) {
	op := f.private(read("list-submissions", "/api/submissions", tagSubmissions, "List submissions, the newest first"))
	get(api, op, func(ctx context.Context, in *library.SubmissionQuery) (*view.SubmissionPage, error) {
		if in.Namespace == "" {
			in.Namespace = f.o.Namespace
		}
		if err := f.may(ctx, access.Act{Verb: "list", Resource: "submissions", Namespace: in.Namespace}); err != nil {
			return nil, err
		}
		return f.library.Submissions(ctx, in)
	})
	op = f.private(read("get-submission", "/api/submissions/{namespace}/{name}", tagSubmissions, "Read a submission with its verdict"))
	get(api, op, func(ctx context.Context, in *SubmissionPath) (*view.Submission, error) {
		if err := f.mayRead(ctx, in); err != nil {
			return nil, err
		}
		return f.library.Submission(in.Namespace, in.Name)
	})
}

func (f *Facade) mayRead(ctx context.Context, in *SubmissionPath) error {
	return f.may(ctx, access.Act{Verb: "get", Resource: "submissions", Namespace: in.Namespace, Name: in.Name})
}

// fail sends an error from where the framework does not.
func (f *Facade) fail(w http.ResponseWriter, err error) { asFault(f.o.Log, err).Write(w) }
