package facade_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/algoitny/algoitny-operator/internal/facade"
	"github.com/algoitny/algoitny-operator/internal/facade/edge"
	"github.com/algoitny/algoitny-operator/internal/facade/view"
)

// event is one that came over the wire.
type event struct {
	id, name string
	view.Event
}

// listener reads a stream.
type listener struct {
	t        *testing.T
	response *http.Response
	events   chan event
	// beats are the ids of heartbeats.
	beats  chan string
	cancel context.CancelFunc
}

// listen opens a stream and waits until it has begun.
func (s *site) listen(path, token string, headers ...string) *listener {
	s.t.Helper()
	s.start()
	ctx, cancel := context.WithCancel(s.t.Context())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request) //nolint:bodyclose // stop closes it
	if err != nil {
		s.t.Fatal(err)
	}
	l := &listener{t: s.t, response: response, events: make(chan event, 1000), beats: make(chan string, 1000), cancel: cancel}
	s.t.Cleanup(l.stop)
	if response.StatusCode == http.StatusOK {
		if got := response.Header.Get("Content-Type"); got != "text/event-stream" {
			s.t.Errorf("%s has the type %q", path, got)
		}
		go l.read()
	}
	return l
}

func (l *listener) stop() {
	l.cancel()
	_ = l.response.Body.Close()
}

func (l *listener) read() {
	defer close(l.events)
	lines := bufio.NewScanner(l.response.Body)
	lines.Buffer(nil, 1<<20)
	next, told := event{}, false
	for lines.Scan() {
		switch name, value, _ := strings.Cut(lines.Text(), ":"); name {
		case "id":
			next.id = strings.TrimSpace(value)
		case "event":
			next.name = strings.TrimSpace(value)
		case "data":
			told = true
			if err := json.Unmarshal([]byte(value), &next.Event); err != nil {
				l.t.Errorf("%s: %v", value, err)
			}
		case "":
			switch {
			case lines.Text() == ":":
				continue
			case told:
				l.events <- next
			case next.id != "":
				l.beats <- next.id
			}
			next, told = event{}, false
		}
	}
}

// next is the next event that is wanted; ended means that the stream is over.
func (l *listener) next(wanted func(event) bool) (e event, ended bool) {
	l.t.Helper()
	if l.response.StatusCode != http.StatusOK {
		l.t.Fatalf("the stream does not begin: %d", l.response.StatusCode)
	}
	deadline := time.After(patience)
	for {
		select {
		case e, ok := <-l.events:
			if !ok {
				return event{}, true
			}
			if wanted(e) {
				return e, false
			}
		case <-deadline:
			l.t.Fatal("the event did not come in time")
		}
	}
}

func (l *listener) must(wanted func(event) bool) event {
	l.t.Helper()
	e, ended := l.next(wanted)
	if ended {
		l.t.Fatal("the stream ended")
	}
	return e
}

// quiet fails when something came that is wanted.
func (l *listener) quiet(wanted func(event) bool) {
	l.t.Helper()
	for {
		select {
		case e, ok := <-l.events:
			if !ok {
				return
			}
			if wanted(e) {
				l.t.Errorf("got %+v", e)
			}
		default:
			return
		}
	}
}

// is an event about the problem 1068.
func is(kind string, state view.State) func(event) bool {
	return func(e event) bool {
		return e.name == "" && e.Kind == kind && e.ID == "1068" && e.Live != nil && e.Live.State == state
	}
}

func begins(e event) bool { return e.name == "ready" }

func TestAChangeIsHeardByWhoListens(t *testing.T) {
	s := newSite(t)
	all, other := s.listen("/api/events", ""), s.listen("/api/events?platform=atcoder", "")
	all.must(begins)
	other.must(begins)
	object := s.declare("1068")
	all.must(is("problem", view.Working))
	s.ready(object, "Weird Algorithm")
	e := all.must(is("problem", view.Ready))
	if e.Problem == nil || e.Problem.Title != "Weird Algorithm" || e.Problem.State != view.Ready || e.Problem.Cost == nil || e.Problem.Cost.Amount != "0.25" {
		t.Errorf("got %+v", e.Problem)
	}
	s.remove(object)
	gone := all.must(func(e event) bool { return e.Deleted })
	if gone.Platform != "cses" || gone.ID != "1068" || gone.Problem != nil {
		t.Errorf("got %+v", gone)
	}
	other.quiet(func(e event) bool { return e.Kind == "problem" })
}

func TestAStreamOfOneProblemHearsOfItsSuitesAndSolutionsToo(t *testing.T) {
	s := newSite(t)
	s.declare("1068")
	s.declare("1069")
	s.start()
	s.await("the problem is known", func() bool { return s.get("/api/problems/cses/1068/").StatusCode == http.StatusOK })
	l := s.listen("/api/problems/cses/1068/events", "")
	l.must(begins)
	token := s.editor()
	for _, id := range []string{"1069", "1068"} {
		s.await("the problem is known", func() bool { return s.get("/api/problems/cses/"+id+"/").StatusCode == http.StatusOK })
		if a := s.call(http.MethodPost, "/api/problems/cses/"+id+"/solutions", token, `{"language": "python"}`); a.StatusCode != http.StatusAccepted {
			t.Fatalf("got %d: %s", a.StatusCode, a.body)
		}
	}
	e := l.must(func(e event) bool { return e.Kind == "solution" })
	if e.ID != "1068" || e.Live.Kind != "SolutionJob" || e.Problem == nil {
		t.Errorf("got %+v", e)
	}
}

func TestAStreamGoesOnWhereItWasOnAnyReplica(t *testing.T) {
	s := newSite(t)
	s.start()
	token := s.options.Cluster
	replica := &site{t: t, namespace: s.namespace, table: s.table, client: s.client, options: s.options, registry: newRegistry()}
	replica.options.Registry, replica.options.Cluster = replica.registry, token
	replica.start()
	s.listen("/api/events", "").must(begins)
	before := s.declare("1")
	// It begins where the list of the replica that started last ends: what was
	// deleted before that, that one cannot know, and would say so.
	replica.await("it knows", func() bool { return replica.states()["cses/1"] != "" })
	l := replica.listen("/api/events?last_event_id="+replica.version(), "")
	heard := l.must(func(e event) bool { return e.name == "ready" || e.ID == "1" })
	l.stop()
	// While nobody listens one comes, one changes and one goes.
	s.ready(before, "Changed")
	s.declare("2")
	gone := s.declare("3")
	s.remove(gone)
	for name, at := range map[string]*site{"the same": replica, "another": s} {
		at.await("it knows", func() bool {
			return at.states()["cses/1"] == view.Ready && at.states()["cses/3"] == "" && at.states()["cses/2"] != ""
		})
		again := at.listen("/api/events", "", "Last-Event-ID", heard.id)
		missed := map[string]event{}
		for len(missed) < 3 || !missed["3"].Deleted {
			e := again.must(func(e event) bool { return e.name == "" })
			missed[e.ID] = e
		}
		if missed["1"].Live.State != view.Ready || missed["2"].Live.State != view.Working || missed["3"].Live.Kind != "Problem" {
			t.Errorf("%s replica tells of %+v", name, missed)
		}
		last := again
		// Whoever has heard all of it misses nothing more.
		last.stop()
	}
}

// version is where a stream takes over from a list.
func (s *site) version() string {
	s.t.Helper()
	version, _ := s.get("/api/problems/").raw(s.t)["version"].(string)
	return version
}

// states are those of all problems that are listed.
func (s *site) states() map[string]view.State {
	s.t.Helper()
	page := view.ProblemPage{}
	s.get("/api/problems/?limit=100").into(s.t, &page)
	out := map[string]view.State{}
	for _, p := range page.Results {
		out[p.Platform+"/"+p.ID] = p.State
	}
	return out
}

func TestAStreamFromBeforeTheReplicaWasThereBeginsAnew(t *testing.T) {
	s := newSite(t)
	s.declare("1")
	// Nothing tells what was deleted between the first revision and the start.
	e := s.listen("/api/events?last_event_id=1-1-1-1-1", "").must(func(event) bool { return true })
	if e.name != "reset" {
		t.Errorf("got %+v", e)
	}
	if after := s.listen("/api/events", "", "Last-Event-ID", e.id).must(func(event) bool { return true }); after.name != "ready" {
		t.Errorf("after the reset comes %+v", after)
	}
}

func TestProgramsOfPeopleAreNotInPublicStreams(t *testing.T) {
	s := newSite(t)
	s.declare("1068")
	all := s.listen("/api/events", "")
	all.must(begins)
	s.await("the problem is known", func() bool { return s.get("/api/problems/cses/1068/").StatusCode == http.StatusOK })
	one := s.listen("/api/problems/cses/1068/events", "")
	one.must(begins)
	object := s.submitted("mine")
	s.judged(object, "WA", 1)
	s.declare("1069")
	private := func(e event) bool { return e.Kind == "submission" || e.Submission != nil }
	if e := all.must(func(e event) bool { return e.ID == "1069" || private(e) }); private(e) {
		t.Errorf("everybody hears %+v", e)
	}
	one.quiet(private)
}

func TestAVerdictIsHeardAsItComesByWhoMay(t *testing.T) {
	s := newSite(t)
	s.declare("1068")
	object := s.submitted("mine")
	path := "/api/submissions/" + s.namespace + "/mine/events"
	for name, c := range map[string]struct {
		token  string
		status int
	}{"nobody": {"", http.StatusUnauthorized}, "a stranger": {s.account("stranger"), http.StatusForbidden}, "a forger": {"garbage", http.StatusUnauthorized}} {
		if l := s.listen(path, c.token); l.response.StatusCode != c.status {
			t.Errorf("%s gets %d, want %d", name, l.response.StatusCode, c.status)
		}
	}
	l := s.listen(path, s.viewer())
	first := l.must(is("submission", view.Working))
	if first.Submission == nil || first.Submission.Verdict != "" {
		t.Errorf("at first %+v", first.Submission)
	}
	s.judged(object, "WA", 1)
	last := l.must(is("submission", view.Ready))
	if got := last.Submission; got == nil || got.Verdict != "WA" || got.Passed != 1 || got.Total != 3 {
		t.Errorf("got %+v", got)
	}
	again := s.listen(path, s.viewerAgain(), "Last-Event-ID", last.id)
	again.must(begins)
	s.remove(object)
	if e := l.must(func(e event) bool { return e.Deleted }); e.Live.Name != "mine" {
		t.Errorf("got %+v", e)
	}
}

// viewerAgain is another token of the viewer.
func (s *site) viewerAgain() string { return s.token("viewer") }

// TestASilentStreamShowsThatItIsAlive, and where it stands, although it has
// heard of nothing that it wants.
func TestASilentStreamShowsThatItIsAlive(t *testing.T) {
	s := newSite(t, func(o *facade.Options) { o.Streams.Heartbeat = 20 * time.Millisecond })
	l := s.listen("/api/events?platform=atcoder", "")
	s.declare("1068")
	s.await("the change is seen", func() bool { return s.states()["cses/1068"] != "" })
	want := s.version()
	for deadline := time.After(patience); ; {
		select {
		case at := <-l.beats:
			if at == want {
				return
			}
		case <-deadline:
			t.Fatal("no heartbeat says where the stream stands")
		}
	}
}

func TestStreamsAreBounded(t *testing.T) {
	s := newSite(t, func(o *facade.Options) {
		o.Streams = facade.StreamLimits{All: 3, PerClient: 2, Heartbeat: 20 * time.Millisecond}
	})
	first, second := s.listen("/api/events", ""), s.listen("/api/events", "")
	first.must(begins)
	second.must(begins)
	refused := s.listen("/api/events", "")
	if refused.response.StatusCode != http.StatusServiceUnavailable || refused.response.Header.Get("Retry-After") == "" {
		t.Errorf("a third stream gets %d", refused.response.StatusCode)
	}
	first.stop()
	s.await("there is room again", func() bool {
		l := s.listen("/api/events", "")
		defer l.stop()
		return l.response.StatusCode == http.StatusOK
	})
}

func TestAStreamThatCannotBeginSaysWhy(t *testing.T) {
	s := newSite(t)
	for path, want := range map[string]struct {
		status int
		field  string
	}{
		"/api/events?last_event_id=yesterday":            {http.StatusBadRequest, "last_event_id"},
		"/api/events?state=happy":                        {http.StatusBadRequest, "state"},
		"/api/events?rating=800":                         {http.StatusBadRequest, "rating"},
		"/api/problems/cses/none/events":                 {http.StatusNotFound, ""},
		"/api/problems/cses/none/events?last_event_id=1": {http.StatusNotFound, ""},
	} {
		s.get(path).mustFail(t, want.status, want.field)
	}
}

func TestAStreamEndsWithItsServer(t *testing.T) {
	drainer := edge.NewDrainer(edge.Drain{Delay: -1})
	s := newSite(t, func(o *facade.Options) { o.Drainer = drainer })
	l := s.listen("/api/events", "")
	l.must(begins)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	server, address := serverOf(t)
	go func() { ended <- drainer.Serve(ctx, server, address) }()
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if e, over := l.next(func(event) bool { return true }); !over {
		t.Errorf("got %+v", e)
	}
}

func TestStatesAreWhatTheConditionsSay(t *testing.T) {
	s := newSite(t)
	object := s.declare("1")
	for _, c := range []struct {
		status metav1.ConditionStatus
		want   view.State
	}{{metav1.ConditionUnknown, view.Working}, {metav1.ConditionTrue, view.Ready}, {metav1.ConditionFalse, view.Stalled}} {
		s.say(object, c.status, "Because", "of this", nil)
		s.await("the state is seen", func() bool { return s.states()["cses/1"] == c.want })
		if got := s.get("/api/problems/?state=" + string(c.want)).raw(t)["total"]; got != 1.0 {
			t.Errorf("%s: %v are listed", c.want, got)
		}
	}
	// What was said of the specification before says nothing of this one.
	s.say(object, metav1.ConditionTrue, "Succeeded", "done", nil)
	object.Spec.Source.URL = "https://cses.fi/problemset/task/1"
	object.Labels = map[string]string{"a": "b"}
	object.Finalizers = []string{"algoitny.dev/published"}
	rating := int32(800)
	object.Spec.DifficultyRating = &rating
	if err := s.client.Update(t.Context(), object); err != nil {
		t.Fatal(err)
	}
	s.await("the state is seen", func() bool { return s.states()["cses/1"] == view.Working })
	s.remove(object)
	s.await("the state is seen", func() bool { return s.states()["cses/1"] == view.Deleting })
	object.Finalizers = nil
	s.await("the finalizer is gone", func() bool {
		if err := s.client.Get(t.Context(), nameOf(object), object); err != nil {
			return true
		}
		object.Finalizers = nil
		return s.client.Update(t.Context(), object) == nil
	})
	s.await("it is gone", func() bool { return !slices.Contains([]view.State{view.Deleting}, s.states()["cses/1"]) })
}
