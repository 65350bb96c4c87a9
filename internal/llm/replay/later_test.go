package replay_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/llm/openai"
	"github.com/algoitny/algoitny-operator/internal/llm/replay"
)

// later is a replay server whose clock stands still unless it is moved.
type later struct {
	server *replay.Server
	url    string
	rt     *http.Transport
	past   atomic.Int64
}

func newLater(t *testing.T, o replay.Options) *later {
	t.Helper()
	l := &later{rt: &http.Transport{}}
	o.Transcripts, o.Key = transcripts(), key
	o.Now = func() time.Time { return time.Unix(1_700_000_000, 0).Add(time.Duration(l.past.Load())) }
	l.server = replay.New(o)
	web := httptest.NewServer(l.server)
	l.url = web.URL
	t.Cleanup(func() { l.rt.CloseIdleConnections(); l.server.Close(); web.Close() })
	return l
}

// adapter is a new one, as after a restart of its process.
func (l *later) adapter(t *testing.T) *openai.Model {
	t.Helper()
	m, ok := adapter(t, replay.OpenAI, l.url, l.rt, 0).(*openai.Model)
	if !ok {
		t.Fatal("no OpenAI adapter")
	}
	return m
}

func (l *later) pass(d time.Duration) { l.past.Add(int64(d)) }

func TestABackgroundCallOutlivesItsCallerAndIsPaidForOnce(t *testing.T) {
	l := newLater(t, replay.Options{})
	id, err := l.adapter(t).Start(t.Context(), prompt("8"))
	if err != nil {
		t.Fatal(err)
	}
	other := l.adapter(t)
	if got, err := other.Fetch(t.Context(), id); got != nil || err != nil {
		t.Errorf("an answer before its time: %+v, %v", got, err)
	}
	l.pass(300 * time.Millisecond)
	for range 2 {
		got, err := other.Fetch(t.Context(), id)
		if err != nil || got == nil || got.Text != "late" || got.Finish != llm.FinishStop || got.Usage.Output == 0 || got.ID != id {
			t.Fatalf("got %+v, %v", got, err)
		}
	}
	want := []replay.Call{{Vendor: replay.OpenAI, Model: modelName, Step: "solve", Problem: "codeforces/4A",
		Attempt: 8, KeyPresent: true, Background: true, Status: 200}}
	if diff := cmp.Diff(want, l.server.Calls()); diff != "" {
		t.Error(diff)
	}
}

func TestABackgroundAnswerIsTheTranscripts(t *testing.T) {
	l := newLater(t, replay.Options{})
	for attempt, want := range map[string]llm.Response{
		"1": {Text: "print(1)", Finish: llm.FinishStop, Usage: llm.Usage{Prompt: 90, CachedPrompt: 10, Output: 20, Thinking: 5}},
		"3": {Text: "cut", Finish: llm.FinishLength},
		"4": {Finish: llm.FinishRefusal},
	} {
		m := l.adapter(t)
		id, err := m.Start(t.Context(), prompt(attempt))
		if err != nil {
			t.Fatal(err)
		}
		got, err := m.Fetch(t.Context(), id)
		if err != nil || got.Text != want.Text || got.Finish != want.Finish {
			t.Errorf("attempt %s gave %+v, %v", attempt, got, err)
		}
		if attempt == "1" && got.Usage != want.Usage {
			t.Errorf("usage %+v", got.Usage)
		}
	}
}

func TestFaultsSpoilTheStartOfACallAndNotItsAnswer(t *testing.T) {
	for kind, want := range map[replay.FaultKind]llm.Error{
		replay.FaultRateLimit:        {Class: llm.ClassWait, Reason: llm.ReasonRateLimited, Status: 429},
		replay.FaultDrop:             {Class: llm.ClassRetry, Reason: llm.ReasonConnection, Unclear: true},
		replay.FaultDropAfterHeaders: {Class: llm.ClassRetry, Reason: llm.ReasonConnection, Status: 200, Unclear: true},
	} {
		l := newLater(t, replay.Options{})
		m := l.adapter(t)
		l.server.FailNext(replay.Fault{Kind: kind})
		_, err := m.Start(t.Context(), prompt("1"))
		sameError(t, err, want)
		l.server.FailNext(replay.Fault{Kind: kind})
		_, err = m.SendBatch(t.Context(), "lost", []llm.BatchItem{{ID: "a", Request: prompt("1")}})
		sameError(t, err, want)
		id, err := m.FindBatch(t.Context(), "lost")
		if err != nil || (id != "") != (kind == replay.FaultDropAfterHeaders) {
			t.Errorf("%s: found %q, %v", kind, id, err)
		}
	}
}

func TestWhatTheServerForgotIsGone(t *testing.T) {
	m := newLater(t, replay.Options{}).adapter(t)
	want := llm.Error{Class: llm.ClassStalled, Reason: llm.ReasonCallGone, Status: 404, Ended: true}
	_, err := m.Fetch(t.Context(), "resp_of_before")
	sameError(t, err, want)
	_, err = m.FetchBatch(t.Context(), "batch_of_before")
	sameError(t, err, want)
}

func TestAServerWithoutTheNewerURLsSaysSoAndStillCompletes(t *testing.T) {
	l := newLater(t, replay.Options{NoResponses: true, NoBatches: true})
	m := l.adapter(t)
	if _, err := m.Start(t.Context(), prompt("1")); !errors.Is(err, llm.ErrNoBackground) {
		t.Errorf("got %v", err)
	}
	if _, err := m.SendBatch(t.Context(), "x", []llm.BatchItem{{ID: "a", Request: prompt("1")}}); !errors.Is(err, llm.ErrNoBatch) {
		t.Errorf("got %v", err)
	}
	if len(l.server.Calls()) != 0 {
		t.Errorf("calls %+v", l.server.Calls())
	}
	if _, err := m.Complete(t.Context(), prompt("1")); err != nil {
		t.Error(err)
	}
}

func TestABatchHasAnOutcomeForEachOfItsItems(t *testing.T) {
	l := newLater(t, replay.Options{BatchTime: time.Hour})
	items := []llm.BatchItem{
		{ID: "fine", Request: prompt("1")}, {ID: "cut", Request: prompt("3")}, {ID: "refused", Request: prompt("9")},
		{ID: "never", Request: prompt("6")}, {ID: "unknown", Request: prompt("77")},
	}
	id, err := l.adapter(t).SendBatch(t.Context(), "mark-1", items)
	if err != nil {
		t.Fatal(err)
	}
	m := l.adapter(t)
	if found, err := m.FindBatch(t.Context(), "mark-1"); found != id || err != nil {
		t.Errorf("found %q, %v", found, err)
	}
	if got, err := m.FetchBatch(t.Context(), id); err != nil || got.Done {
		t.Errorf("got %+v, %v", got, err)
	}
	l.pass(time.Hour)
	got, err := m.FetchBatch(t.Context(), id)
	if err != nil || !got.Done || len(got.Results) != len(items) {
		t.Fatalf("got %+v, %v", got, err)
	}
	if r := got.Result("fine").Response; r == nil || r.Text != "print(1)" || r.Usage.CachedPrompt != 10 {
		t.Errorf("fine: %+v", got.Result("fine"))
	}
	if r := got.Result("cut").Response; r == nil || r.Finish != llm.FinishLength {
		t.Errorf("cut: %+v", got.Result("cut"))
	}
	for item, want := range map[string]llm.Error{
		"refused": {Class: llm.ClassStalled, Reason: llm.ReasonBadRequest, Status: 400},
		"never":   {Class: llm.ClassRetry, Reason: llm.ReasonTimeout},
		"unknown": {Class: llm.ClassStalled, Reason: llm.ReasonBadRequest, Status: 400},
	} {
		sameError(t, got.Result(item).Err, want)
	}
	statuses := map[int]int{}
	for _, c := range l.server.Calls() {
		if !c.Batch {
			t.Errorf("%+v", c)
		}
		statuses[c.Status]++
	}
	if diff := cmp.Diff(map[int]int{200: 2, 400: 2, 0: 1}, statuses); diff != "" {
		t.Error(diff)
	}
}

func TestAMarkIsFoundBehindManyBatches(t *testing.T) {
	l := newLater(t, replay.Options{})
	m := l.adapter(t)
	first, err := m.SendBatch(t.Context(), "first", []llm.BatchItem{{ID: "a", Request: prompt("1")}})
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if _, err := m.SendBatch(t.Context(), "later", []llm.BatchItem{{ID: "a", Request: prompt("1")}}); err != nil {
			t.Fatal(err)
		}
	}
	for mark, want := range map[string]string{"first": first, "none": ""} {
		if got, err := m.FindBatch(t.Context(), mark); got != want || err != nil {
			t.Errorf("%s: %q, %v", mark, got, err)
		}
	}
}

func TestABatchOfWhatIsNoRequestFails(t *testing.T) {
	l := newLater(t, replay.Options{})
	send := func(method, path, kind, body string) string {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+key)
		r.Header.Set("Content-Type", kind)
		w := httptest.NewRecorder()
		l.server.ServeHTTP(w, r)
		return w.Body.String()
	}
	upload := "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n" +
		"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\nnot JSON\r\n--b--\r\n"
	if got := send("POST", "/v1/files", "multipart/form-data; boundary=b", upload); !strings.Contains(got, `"file-1"`) {
		t.Fatal(got)
	}
	send("POST", "/v1/batches", "application/json", `{"input_file_id":"file-1","endpoint":"/v1/chat/completions"}`)
	got, err := l.adapter(t).FetchBatch(t.Context(), "batch_2")
	if err != nil || !got.Done {
		t.Fatalf("got %+v, %v", got, err)
	}
	sameError(t, got.Result("any").Err, llm.Error{Class: llm.ClassStalled, Reason: llm.ReasonBadRequest})
}

func TestEveryNewerURLWantsTheKey(t *testing.T) {
	l := newLater(t, replay.Options{})
	for _, url := range []string{"POST /v1/responses", "GET /v1/responses/x", "POST /v1/files", "GET /v1/files/x/content",
		"POST /v1/batches", "GET /v1/batches", "GET /v1/batches/x"} {
		method, path, _ := strings.Cut(url, " ")
		w := httptest.NewRecorder()
		l.server.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(`{"input":"x"}`)))
		if w.Code != http.StatusUnauthorized {
			t.Errorf("%s: %d", url, w.Code)
		}
	}
}
