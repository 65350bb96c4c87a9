package openai_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/llm/openai"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const key = "sk-proj-planted4711"

// model is an adapter in front of a server that answers as the handler does.
func model(t *testing.T, h http.HandlerFunc) *openai.Model {
	t.Helper()
	server := httptest.NewServer(h)
	transport := &http.Transport{}
	t.Cleanup(func() { transport.CloseIdleConnections(); server.Close() })
	m, err := openai.New(openai.Options{Endpoint: server.URL + "/v1/", Model: "gpt-4o-mini", Key: key + "\n", Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func answering(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }
}

var request = llm.Request{System: "Be brief.", User: "Hello", MaxOutputTokens: 64}

func TestTheRequestIsAStrictChatCompletion(t *testing.T) {
	var got map[string]any
	m := model(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != "/v1/chat/completions" || r.Header.Get("Authorization") != "Bearer "+key {
			t.Errorf("%s %s with %q", r.Method, r.URL, r.Header.Get("Authorization"))
		}
		body, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(body, &got); err != nil {
			t.Error(err)
		}
		_, _ = w.Write([]byte(`{"choices":[{"message":{"content":"x"},"finish_reason":"stop"}]}`))
	})
	req := request
	req.SchemaName, req.Schema = "answer", json.RawMessage(`{"type":"object","properties":{},"required":[],"additionalProperties":false}`)
	if _, err := m.Complete(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"model": "gpt-4o-mini",
		"messages": []any{
			map[string]any{"role": "system", "content": "Be brief."},
			map[string]any{"role": "user", "content": "Hello"},
		},
		"max_completion_tokens": 64.0,
		"stream":                false,
		"response_format": map[string]any{"type": "json_schema", "json_schema": map[string]any{
			"name": "answer", "strict": true,
			"schema": map[string]any{"type": "object", "properties": map[string]any{}, "required": []any{}, "additionalProperties": false},
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAnswersAreRead(t *testing.T) {
	const usage = `{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,` +
		`"prompt_tokens_details":{"cached_tokens":64},"completion_tokens_details":{"reasoning_tokens":30}}`
	split := llm.Usage{Prompt: 36, CachedPrompt: 64, Output: 20, Thinking: 30}
	body := func(message, finish string) string {
		return fmt.Sprintf(`{"id":"chatcmpl-1","object":"chat.completion","model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"message":%s,"finish_reason":%q}],"usage":%s}`,
			message, finish, usage)
	}
	text := `{"role":"assistant","content":"hi","refusal":null}`
	cases := []struct {
		name, body string
		text       string
		finish     llm.Finish
	}{
		{"a complete answer", body(text, "stop"), "hi", llm.FinishStop},
		{"an answer cut by the bound", body(text, "length"), "hi", llm.FinishLength},
		{"an answer that a filter cut", body(text, "content_filter"), "hi", llm.FinishRefusal},
		{"a refusal, which says stop", body(`{"role":"assistant","content":null,"refusal":"I can't"}`, "stop"), "", llm.FinishRefusal},
		{"an answer that calls a tool nobody offered", body(text, "tool_calls"), "hi", llm.FinishOther},
		{"an answer that is empty", body(`{"role":"assistant","content":""}`, "stop"), "", llm.FinishStop},
		{"usage without choices was paid for too", `{"id":"chatcmpl-1","model":"gpt-4o-mini-2024-07-18","choices":[],"usage":` + usage + `}`, "", llm.FinishOther},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := model(t, answering(c.body)).Complete(t.Context(), request)
			if err != nil {
				t.Fatal(err)
			}
			want := &llm.Response{Text: c.text, Finish: c.finish, Model: "gpt-4o-mini-2024-07-18", ID: "chatcmpl-1",
				Usage: split, RawUsage: json.RawMessage(usage)}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestUsageWithoutDetailsAndWithNonsenseIsNeverNegative(t *testing.T) {
	for body, want := range map[string]llm.Usage{
		`{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3}}`:                                                               {Prompt: 7, Output: 3},
		`{"choices":[],"usage":{"prompt_tokens":7,"prompt_tokens_details":{"cached_tokens":9},"completion_tokens_details":null}}`:        {CachedPrompt: 9},
		`{"choices":[],"usage":{"completion_tokens":7,"completion_tokens_details":{"reasoning_tokens":9},"prompt_tokens_details":null}}`: {Thinking: 9},
	} {
		got, err := model(t, answering(body)).Complete(t.Context(), request)
		if err != nil || got.Usage != want {
			t.Errorf("%s gave %+v, %v", body, got, err)
		}
	}
}

func TestA200ThatIsNoAnswerIsUnclear(t *testing.T) {
	for name, body := range map[string]string{
		"an error in disguise": `{"error":{"message":"upstream failed"}}`,
		"a list":               `[1]`,
		"text":                 `upstream failed`,
		"nothing":              ``,
		"two values":           `{"choices":[]} {"choices":[]}`,
		"a wrong type":         `{"choices":"x"}`,
	} {
		_, err := model(t, answering(body)).Complete(t.Context(), request)
		e := llm.AsError(err)
		if e == nil || e.Reason != llm.ReasonInvalidResponse || e.Class != llm.ClassRetry || !e.Unclear {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

// failure is an error as OpenAI's servers send it.
type failure struct {
	name   string
	status int
	header map[string]string
	body   string
	want   llm.Error
	detail bool
}

func failures() []failure {
	stalled := func(r llm.Reason, status int) llm.Error {
		return llm.Error{Class: llm.ClassStalled, Reason: r, Status: status}
	}
	return []failure{
		{"a wrong key", 401, nil, `{"error":{"message":"Incorrect API key provided: ` + key + `.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}`,
			stalled(llm.ReasonUnauthorized, 401), false},
		{"an account that was closed", 403, nil, `{"error":{"message":"Account of ` + key + ` is deactivated","type":"invalid_request_error","param":null,"code":"account_deactivated"}}`,
			stalled(llm.ReasonAccountSuspended, 403), true},
		{"a closed account behind a 401", 401, nil, `{"error":{"message":"` + key + `","type":"invalid_request_error","code":"account_deactivated"}}`,
			stalled(llm.ReasonAccountSuspended, 401), true},
		{"a region that is not served", 403, nil, `{"error":{"code":"unsupported_country_region_territory","message":"` + key + `","param":null,"type":"request_forbidden"}}`,
			stalled(llm.ReasonForbidden, 403), true},
		{"a project without the model", 403, nil, `{"error":{"message":"Project proj_1 does not have access ` + key + `","type":"invalid_request_error","param":null,"code":"model_not_found"}}`,
			stalled(llm.ReasonModelNotFound, 403), true},
		{"a model that does not exist", 404, nil, `{"error":{"message":"The model does not exist: ` + key + `","type":"invalid_request_error","param":null,"code":"model_not_found"}}`,
			stalled(llm.ReasonModelNotFound, 404), true},
		{"a rate limit", 429, map[string]string{"Retry-After": "20", "Retry-After-Ms": "19500"},
			`{"error":{"message":"Rate limit reached for gpt-4o in organization org-1 ` + key + `","type":"tokens","param":null,"code":"rate_limit_exceeded"}}`,
			llm.Error{Class: llm.ClassWait, Reason: llm.ReasonRateLimited, Status: 429, RetryAfter: 19500 * time.Millisecond}, true},
		{"an account without credit", 429, nil, `{"error":{"message":"You exceeded your current quota ` + key + `","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}`,
			stalled(llm.ReasonQuotaExhausted, 429), true},
		{"an account without credit, by its type alone", 429, nil, `{"error":{"message":"` + key + `","type":"insufficient_quota","param":null,"code":429}}`,
			stalled(llm.ReasonQuotaExhausted, 429), true},
		{"a hard limit of spending", 400, nil, `{"error":{"message":"` + key + `","type":"invalid_request_error","param":null,"code":"billing_hard_limit_reached"}}`,
			stalled(llm.ReasonQuotaExhausted, 400), true},
		{"a prompt that is too long", 400, nil, `{"error":{"message":"maximum context length is 128000 tokens ` + key + `","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}`,
			stalled(llm.ReasonContextTooLong, 400), true},
		{"a parameter the model does not take", 400, nil, `{"error":{"message":"Unsupported value ` + key + `","type":"invalid_request_error","param":"response_format","code":"unsupported_value"}}`,
			stalled(llm.ReasonBadRequest, 400), true},
		{"a key as the code", 400, nil, `{"error":{"message":"x","type":"` + key + `","param":"` + key + `","code":"` + key + `"}}`,
			stalled(llm.ReasonBadRequest, 400), true},
		{"a server's own fault", 500, nil, `{"error":{"message":"The server had an error ` + key + `","type":"server_error","param":null,"code":null}}`,
			llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonOverloaded, Status: 500}, true},
		{"an overload", 503, map[string]string{"Retry-After": "1"}, `{"error":{"message":"overloaded ` + key + `","type":"service_unavailable","param":null,"code":null}}`,
			llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonOverloaded, Status: 503, RetryAfter: time.Second}, true},
		{"a gateway's own page", 504, nil, `<html>` + key + `</html>`,
			llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonOverloaded, Status: 504, Unclear: true}, false},
		{"an answer that is not JSON", 200, nil, key, llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonInvalidResponse, Status: 200, Unclear: true}, true},
		{"an answer of another shape", 200, nil, `{"choices":"` + key + `"}`, llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonInvalidResponse, Status: 200, Unclear: true}, true},
	}
}

func TestErrorsAreTypedAndOneRequestIsMade(t *testing.T) {
	for _, c := range failures() {
		t.Run(c.name, func(t *testing.T) {
			var requests atomic.Int32
			m := model(t, func(w http.ResponseWriter, _ *http.Request) {
				requests.Add(1)
				for k, v := range c.header {
					w.Header().Set(k, v)
				}
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
			})
			_, err := m.Complete(t.Context(), request)
			e := llm.AsError(err)
			if e == nil {
				t.Fatalf("%v is no *llm.Error", err)
			}
			got := *e
			got.Message, got.Err = "", nil
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if (e.Err != nil) != c.detail {
				t.Errorf("cause %v", e.Err)
			}
			if requests.Load() != 1 {
				t.Errorf("%d requests", requests.Load())
			}
			noKey(t, err)
			noKey(t, m.Check(t.Context()))
		})
	}
}

func TestABrokenConnectionDoesNotShowTheKey(t *testing.T) {
	m, err := openai.New(openai.Options{Endpoint: "http://planted4711.invalid/" + key, Model: "m", Key: key, Transport: &http.Transport{
		Proxy: func(r *http.Request) (*url.URL, error) { return nil, fmt.Errorf("no proxy for %s", r.URL) },
	}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = m.Complete(t.Context(), request)
	noKey(t, err)
}

// noKey looks for the key in every way an error is commonly printed.
func noKey(t *testing.T, err error) {
	t.Helper()
	for e := err; e != nil; e = errors.Unwrap(e) {
		encoded, jsonErr := json.Marshal(e)
		if jsonErr != nil {
			t.Error(jsonErr)
		}
		for _, said := range []string{e.Error(), fmt.Sprintf("%+v", e), fmt.Sprintf("%#v", e), string(encoded)} {
			if strings.Contains(said, key) {
				t.Errorf("the key stands in %s", said)
			}
		}
	}
}

func TestWhatTheSDKRefusesIsNotSent(t *testing.T) {
	m := model(t, func(http.ResponseWriter, *http.Request) { t.Error("a request came") })
	for name, req := range map[string]llm.Request{
		"an answer without a bound": {User: "x"},
		"a schema that is not JSON": {User: "x", MaxOutputTokens: 1, Schema: json.RawMessage(`{`)},
	} {
		_, err := m.Complete(t.Context(), req)
		if e := llm.AsError(err); e == nil || e.Reason != llm.ReasonBadRequest || e.Status != 0 || e.Unclear {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

func TestOptionsAreChecked(t *testing.T) {
	for name, o := range map[string]openai.Options{
		"no key":          {Model: "m"},
		"no model":        {Key: key},
		"a path as model": {Key: key, Model: "../x"},
		"no URL":          {Key: key, Model: "m", Endpoint: "localhost"},
	} {
		if _, err := openai.New(o); err == nil {
			t.Errorf("%s passed", name)
		}
	}
	if _, err := openai.New(openai.Options{Key: key, Model: "m"}); err != nil {
		t.Error(err)
	}
}
