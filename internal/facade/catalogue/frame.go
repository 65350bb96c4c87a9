package catalogue

import (
	"encoding/json"
	"sync"

	"github.com/algoitny/algoitny-operator/internal/facade/view"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// frame is a change as it goes over the wire, made once for all who hear of it.
type frame struct {
	once  sync.Once
	bytes []byte
}

// Frame is the change as a server-sent event: what WHATWG's HTML standard has in
// section 9.2. Those of a Reset have the name reset and no data of use.
func (c *Change) Frame() []byte {
	c.frame.once.Do(func() {
		text := "id: " + c.Position.String() + "\n"
		if c.Reset {
			c.frame.bytes = []byte(text + "event: reset\ndata: {}\n\n")
			return
		}
		// Texts, numbers and times always marshal; JSON has no line ends of its own.
		raw, _ := json.Marshal(c.event())
		c.frame.bytes = []byte(text + "data: " + string(raw) + "\n\n")
	})
	return c.frame.bytes
}

func (c *Change) event() *view.Event {
	e := &view.Event{Kind: string(Problem), Deleted: c.Deleted, Problem: c.After}
	if key, ok := c.Key(); ok {
		e.Platform, e.ID = key.Platform, key.ID
	}
	if c.Resource == nil {
		e.Deleted = c.After == nil
		return e
	}
	e.Kind, e.Live = string(c.Resource.Kind), c.Resource.Live()
	if c.Resource.Kind == Submission && !c.Deleted {
		shown := Shown(c.Resource, problem.Key{Platform: e.Platform, ID: e.ID})
		e.Submission = &shown
	}
	return e
}

// Shown is a Submission as it is told of; key is the problem it is for, where
// it is not judged yet.
func Shown(r *Resource, key problem.Key) view.Submission {
	facts, ok := r.Facts.(*view.Submission)
	if !ok {
		return view.Submission{Platform: key.Platform, ID: key.ID, Live: *r.Live(), Tests: []view.Judged{}}
	}
	out := *facts
	out.Live = *r.Live()
	if out.Platform == "" {
		out.Platform, out.ID = key.Platform, key.ID
	}
	return out
}
