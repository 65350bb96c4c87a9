package replay_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/llm/gemini"
	"github.com/algoitny/algoitny-operator/internal/llm/openai"
	"github.com/algoitny/algoitny-operator/internal/llm/replay"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	key       = "sk-planted-key-4711"
	modelName = "some-model"
)

func transcripts() fstest.MapFS {
	return fstest.MapFS{"codeforces/4A/solve.yaml": {Data: []byte(`
answers:
- attempt: 1
  text: print(1)
  usage: {prompt: 90, cached: 10, output: 20, thinking: 5}
- attempt: 2
  json: {verdict: ok}
- {attempt: 3, text: cut, finish: length}
- {attempt: 4, text: I will not, finish: refusal}
- {attempt: 5, status: 429, retryAfter: 2s}
- {attempt: 6, fail: drop}
- {attempt: 7, fail: hang}
- {attempt: 8, text: late, latency: 300ms}
- {attempt: 9, status: 400}
- {attempt: 10, text: x, finish: sideways}
`)}}
}

func prompt(attempt string) llm.Request {
	return llm.Request{
		System:          "You solve problems.",
		User:            "Add two numbers.\nReference: step=solve problem=codeforces/4A attempt=" + attempt + "\n",
		MaxOutputTokens: 100,
	}
}

// bench is a replay server with one adapter in front of it.
type bench struct {
	server *replay.Server
	model  llm.Model
}

type setup struct {
	options replay.Options
	timeout time.Duration
}

func forEachVendor(t *testing.T, s setup, test func(t *testing.T, b bench)) {
	t.Helper()
	for _, vendor := range []replay.Vendor{replay.OpenAI, replay.Gemini} {
		t.Run(string(vendor), func(t *testing.T) {
			options := s.options
			if options.Transcripts == nil {
				options.Transcripts = transcripts()
			}
			server := replay.New(options)
			web := httptest.NewServer(server)
			transport := &http.Transport{}
			t.Cleanup(func() { transport.CloseIdleConnections(); server.Close(); web.Close() })
			test(t, bench{server, adapter(t, vendor, web.URL, transport, s.timeout)})
		})
	}
}

func adapter(t *testing.T, v replay.Vendor, url string, rt http.RoundTripper, timeout time.Duration) llm.Model {
	t.Helper()
	var m llm.Model
	var err error
	if v == replay.OpenAI {
		m, err = openai.New(openai.Options{Endpoint: url + "/v1", Model: modelName, Key: key, Transport: rt, Timeout: timeout})
	} else {
		m, err = gemini.New(gemini.Options{Endpoint: url, Model: modelName, Key: key, Transport: rt, Timeout: timeout})
	}
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestAnAttemptGetsItsRecordedAnswer(t *testing.T) {
	forEachVendor(t, setup{options: replay.Options{Key: key}}, func(t *testing.T, b bench) {
		got, err := b.model.Complete(t.Context(), prompt("1"))
		if err != nil {
			t.Fatal(err)
		}
		want := llm.Usage{Prompt: 90, CachedPrompt: 10, Output: 20, Thinking: 5}
		if got.Text != "print(1)" || got.Finish != llm.FinishStop || got.Usage != want || got.Model != modelName {
			t.Errorf("got %+v", got)
		}
		if !json.Valid(got.RawUsage) {
			t.Errorf("raw usage %q", got.RawUsage)
		}
		call := replay.Call{Model: modelName, Step: "solve", Problem: "codeforces/4A", Attempt: 1, KeyPresent: true, Status: 200}
		calls := b.server.Calls()
		call.Vendor = calls[0].Vendor
		if diff := cmp.Diff([]replay.Call{call}, calls); diff != "" {
			t.Error(diff)
		}
	})
}

func TestFinishAndJSONComeFromTheTranscript(t *testing.T) {
	forEachVendor(t, setup{}, func(t *testing.T, b bench) {
		for attempt, want := range map[string]llm.Finish{"2": llm.FinishStop, "3": llm.FinishLength, "4": llm.FinishRefusal} {
			got, err := b.model.Complete(t.Context(), prompt(attempt))
			if err != nil {
				t.Fatalf("attempt %s: %v", attempt, err)
			}
			if got.Finish != want {
				t.Errorf("attempt %s finished %q, want %q", attempt, got.Finish, want)
			}
			if got.Usage.Prompt == 0 || got.Usage.Output == 0 {
				t.Errorf("attempt %s has no usage: %+v", attempt, got.Usage)
			}
			if attempt == "2" && got.Text != `{"verdict":"ok"}` {
				t.Errorf("text %q", got.Text)
			}
		}
	})
}

func TestOnlyTheLastReferenceLineCounts(t *testing.T) {
	forEachVendor(t, setup{}, func(t *testing.T, b bench) {
		req := prompt("1")
		req.User = "Reference: step=solve problem=codeforces/4A attempt=5\n" + req.User
		if _, err := b.model.Complete(t.Context(), req); err != nil {
			t.Fatal(err)
		}
		if got := b.server.Calls()[0].Attempt; got != 1 {
			t.Errorf("attempt %d", got)
		}
	})
}

func TestWhatIsMissingIsNamed(t *testing.T) {
	cases := []struct{ name, user, want string }{
		{"an attempt that was not recorded", prompt("77").User, "codeforces/4A/solve.yaml has no answer for attempt 77"},
		{"a problem that was not recorded", "Reference: step=solve problem=boj/1000 attempt=2", "boj/1000/solve.yaml (wanted for attempt 2)"},
		{"a problem that points out of the folder", "Reference: step=solve problem=../../x attempt=2", "no file's name"},
		{"a request without a reference", "Hello", "Reference"},
		{"an answer that is written wrongly", prompt("10").User, `finish "sideways"`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			forEachVendor(t, setup{}, func(t *testing.T, b bench) {
				_, err := b.model.Complete(t.Context(), llm.Request{User: c.user, MaxOutputTokens: 1})
				e := llm.AsError(err)
				if e == nil || e.Class != llm.ClassStalled || e.Err == nil || !strings.Contains(e.Err.Error(), c.want) {
					t.Fatalf("got %v, cause %v", err, errors.Unwrap(err))
				}
			})
		})
	}
}

func TestRecordedFailuresAndScriptedFaultsAreTyped(t *testing.T) {
	fault := func(k replay.FaultKind) *replay.Fault { return &replay.Fault{Kind: k, RetryAfter: 3 * time.Second} }
	cases := []struct {
		name    string
		attempt string
		fault   *replay.Fault
		want    llm.Error
	}{
		{"a recorded 429 waits as long as it says", "5", nil,
			llm.Error{Class: llm.ClassWait, Reason: llm.ReasonRateLimited, Status: 429, RetryAfter: 2 * time.Second}},
		{"a recorded 400 stalls", "9", nil, llm.Error{Class: llm.ClassStalled, Reason: llm.ReasonBadRequest, Status: 400}},
		{"a recorded drop is unclear", "6", nil, llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonConnection, Unclear: true}},
		{"a rate limit waits", "1", fault(replay.FaultRateLimit),
			llm.Error{Class: llm.ClassWait, Reason: llm.ReasonRateLimited, Status: 429, RetryAfter: 3 * time.Second}},
		{"an account without credit stalls", "1", &replay.Fault{Kind: replay.FaultQuota},
			llm.Error{Class: llm.ClassStalled, Reason: llm.ReasonQuotaExhausted, Status: 429}},
		{"a 500 is retried and clear", "1", &replay.Fault{Kind: replay.FaultServerError},
			llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonOverloaded, Status: 500}},
		{"a 503 is retried and clear", "1", fault(replay.FaultUnavailable),
			llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonOverloaded, Status: 503, RetryAfter: 3 * time.Second}},
		{"a drop before the headers is unclear", "1", fault(replay.FaultDrop),
			llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonConnection, Unclear: true}},
		{"a drop after the headers is unclear", "1", fault(replay.FaultDropAfterHeaders),
			llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonConnection, Status: 200, Unclear: true}},
		{"a body cut in the middle is unclear", "1", fault(replay.FaultTruncated),
			llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonConnection, Status: 200, Unclear: true}},
		{"a body that is not JSON is unclear", "1", fault(replay.FaultInvalidJSON),
			llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonInvalidResponse, Status: 200, Unclear: true}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			forEachVendor(t, setup{}, func(t *testing.T, b bench) {
				if c.fault != nil {
					b.server.FailNext(*c.fault)
				}
				_, err := b.model.Complete(t.Context(), prompt(c.attempt))
				sameError(t, err, c.want)
				if n := len(b.server.Calls()); n != 1 {
					t.Errorf("%d requests, want exactly 1", n)
				}
			})
		})
	}
}

func sameError(t *testing.T, err error, want llm.Error) {
	t.Helper()
	e := llm.AsError(err)
	if e == nil {
		t.Fatalf("%v is no *llm.Error", err)
	}
	got := *e
	if got.Message == "" || len(got.Message) > 256 {
		t.Errorf("message %q", got.Message)
	}
	got.Message, got.Err = "", nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestACallThatHangsTimesOutUnclear(t *testing.T) {
	forEachVendor(t, setup{timeout: 50 * time.Millisecond}, func(t *testing.T, b bench) {
		_, err := b.model.Complete(t.Context(), prompt("7"))
		sameError(t, err, llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonTimeout, Unclear: true})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v does not say that the deadline passed", err)
		}
	})
}

func TestACallGivenUpAfterSendingIsUnclear(t *testing.T) {
	reached := make(chan struct{}, 1)
	options := replay.Options{Sleep: func(ctx context.Context, d time.Duration) error {
		if d != 300*time.Millisecond {
			t.Errorf("latency %v", d)
		}
		reached <- struct{}{}
		<-ctx.Done()
		return ctx.Err()
	}}
	forEachVendor(t, setup{options: options}, func(t *testing.T, b bench) {
		ctx, cancel := context.WithCancel(t.Context())
		go func() { <-reached; cancel() }()
		_, err := b.model.Complete(ctx, prompt("8"))
		sameError(t, err, llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonCanceled, Unclear: true})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%v does not say that it was canceled", err)
		}
	})
}

func TestTheDefaultLatencyIsWaitedOut(t *testing.T) {
	var slept []time.Duration
	options := replay.Options{Latency: time.Hour, Sleep: func(_ context.Context, d time.Duration) error {
		slept = append(slept, d)
		return nil
	}}
	forEachVendor(t, setup{options: options}, func(t *testing.T, b bench) {
		slept = nil
		if _, err := b.model.Complete(t.Context(), prompt("1")); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]time.Duration{time.Hour}, slept); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAWrongKeyIsUnauthorized(t *testing.T) {
	want := llm.Error{Class: llm.ClassStalled, Reason: llm.ReasonUnauthorized, Status: 401}
	forEachVendor(t, setup{options: replay.Options{Key: "another"}}, func(t *testing.T, b bench) {
		_, err := b.model.Complete(t.Context(), prompt("1"))
		sameError(t, err, want)
		sameError(t, b.model.Check(t.Context()), want)
	})
}

func TestCheckIsFreeAndKnowsTheModels(t *testing.T) {
	forEachVendor(t, setup{options: replay.Options{Key: key, Models: []string{modelName}}}, func(t *testing.T, b bench) {
		if err := b.model.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(b.server.Calls()) != 0 || b.server.Checks() != 1 {
			t.Errorf("%d calls, %d checks", len(b.server.Calls()), b.server.Checks())
		}
	})
	forEachVendor(t, setup{options: replay.Options{Models: []string{"other"}}}, func(t *testing.T, b bench) {
		want := llm.Error{Class: llm.ClassStalled, Reason: llm.ReasonModelNotFound, Status: 404}
		sameError(t, b.model.Check(t.Context()), want)
	})
}

func TestAURLOfNeitherVendorIsNotFound(t *testing.T) {
	server := replay.New(replay.Options{Transcripts: transcripts()})
	for _, path := range []string{"/v1/embeddings", "/v1beta/models/m:countTokens", "/v1/models/", "/"} {
		rec := httptest.NewRecorder()
		server.ServeHTTP(rec, httptest.NewRequest(http.MethodPost, path, strings.NewReader("{}")))
		if rec.Code != http.StatusNotFound || !json.Valid(rec.Body.Bytes()) {
			t.Errorf("%s: %d %s", path, rec.Code, rec.Body)
		}
	}
}
