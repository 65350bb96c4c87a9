package facade

import (
	"context"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/algoitny/algoitny-operator/internal/facade/catalogue"
	"github.com/algoitny/algoitny-operator/internal/facade/fault"
	"github.com/algoitny/algoitny-operator/internal/facade/library"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// Resume says where a stream goes on.
type Resume struct {
	Header string `header:"Last-Event-ID" maxLength:"128" doc:"The id of the last event that was seen; browsers send it by themselves when they connect again."`
	Query  string `query:"last_event_id" maxLength:"128" doc:"The same for the first time, such as the version of a list. Without either, only what comes from now on is told."`
}

// since is nil where nothing is said.
func (r *Resume) since() (*catalogue.Position, error) {
	text, field := r.Header, "Last-Event-ID"
	if text == "" {
		text, field = r.Query, "last_event_id"
	}
	if text == "" {
		return nil, nil
	}
	at, err := catalogue.ParsePosition(text)
	if err != nil {
		return nil, fault.Invalid(field, "is not the id of an event; leave it out to hear of what comes from now on")
	}
	return &at, nil
}

const streamText = `Events have no name and carry JSON; an event named reset says that what was missed cannot be told any more: read anew. Comments are heartbeats. Every event has an id, which any replica understands.`

func (f *Facade) registerStreams(api huma.API) {
	type listStream struct {
		library.Filter
		Resume
	}
	stream(api, read("watch-problems", "/api/events", tagLive, "Hear of changes of all problems, or of some"),
		func(_ context.Context, in *listStream) (*listening, error) {
			wants := in.Wanted().Changes()
			return f.listen(&in.Resume, func(c *catalogue.Change) bool { return c.Reset || public(c) && wants(c) })
		})

	type problemStream struct {
		ProblemPath
		Resume
	}
	stream(api, read("watch-problem", "/api/problems/{platform}/{id}/events", tagLive, "Hear of changes of one problem, its suites and its solutions"),
		func(ctx context.Context, in *problemStream) (*listening, error) {
			key := in.key()
			if err := f.library.Known(ctx, key); err != nil {
				return nil, err
			}
			return f.listen(&in.Resume, func(c *catalogue.Change) bool { return c.Reset || public(c) && about(c, key) })
		})

	type submissionStream struct {
		SubmissionPath
		Resume
	}
	op := f.private(read("watch-submission", "/api/submissions/{namespace}/{name}/events", tagLive, "Hear of a submission's verdict as it comes"))
	stream(api, op, func(ctx context.Context, in *submissionStream) (*listening, error) {
		if err := f.mayRead(ctx, &in.SubmissionPath); err != nil {
			return nil, err
		}
		ref := catalogue.Ref{Kind: catalogue.Submission, Namespace: in.Namespace, Name: in.Name}
		// Whoever comes for the first time gets the state as it is.
		start := &catalogue.Position{}
		if given, err := in.since(); given != nil || err != nil {
			start = given
			if err != nil {
				return nil, err
			}
		}
		missed, s := f.catalogue.Subscribe(nil, func(c *catalogue.Change) bool { return c.Resource != nil && c.Resource.Ref == ref })
		if change, ok := f.catalogue.Last(ref); ok && change.Resource.Revision > start.Of(catalogue.Submission) {
			missed = append(missed, change)
		}
		return &listening{f: f, missed: missed, subscription: s}, nil
	})
}

// public is what everybody may hear of: not the programs of people.
func public(c *catalogue.Change) bool {
	return c.Resource == nil || c.Resource.Kind != catalogue.Submission
}

func about(c *catalogue.Change, key problem.Key) bool {
	changed, ok := c.Key()
	return ok && changed == key
}

// listen begins a stream.
func (f *Facade) listen(r *Resume, wanted func(*catalogue.Change) bool) (*listening, error) {
	since, err := r.since()
	if err != nil {
		return nil, err
	}
	missed, s := f.catalogue.Subscribe(since, wanted)
	return &listening{f: f, missed: missed, subscription: s}, nil
}

// listening is a stream that is about to begin.
type listening struct {
	f            *Facade
	missed       []*catalogue.Change
	subscription *catalogue.Subscription
}

// stream registers an operation that answers with events.
func stream[I any](api huma.API, op huma.Operation, begin func(ctx context.Context, in *I) (*listening, error)) {
	op.Description = streamText
	op.Responses = map[string]*huma.Response{"200": {
		Description: "Events as WHATWG's HTML standard has them, section 9.2.",
		Content:     map[string]*huma.MediaType{eventStream: {Schema: huma.SchemaFromType(api.OpenAPI().Components.Schemas, eventType)}},
	}}
	huma.Register(api, op, func(ctx context.Context, in *I) (*huma.StreamResponse, error) {
		l, err := begin(ctx, in)
		if err != nil {
			return nil, err
		}
		return &huma.StreamResponse{Body: func(ctx huma.Context) {
			r, w := humago.Unwrap(ctx)
			l.f.streams.serve(w, r, l)
		}}, nil
	})
}
