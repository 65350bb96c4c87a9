package openai_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/llm/openai"
)

// withStatus answers every request alike and counts them.
func withStatus(status int, body string, requests *atomic.Int32) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func TestStartSendsAStoredBackgroundResponse(t *testing.T) {
	var got map[string]any
	m := model(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != "/v1/responses" || r.Header.Get("Authorization") != "Bearer "+key {
			t.Errorf("%s %s with %q", r.Method, r.URL, r.Header.Get("Authorization"))
		}
		body, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(body, &got); err != nil {
			t.Error(err)
		}
		_, _ = w.Write([]byte(`{"id":"resp_1","object":"response","status":"queued","background":true,"model":"gpt-4o-mini","output":[],"usage":null,"error":null}`))
	})
	req := request
	req.SchemaName, req.Schema = "answer", json.RawMessage(`{"type":"object","properties":{},"required":[],"additionalProperties":false}`)
	if id, err := m.Start(t.Context(), req); id != "resp_1" || err != nil {
		t.Fatalf("got %q, %v", id, err)
	}
	want := map[string]any{
		"model": "gpt-4o-mini", "instructions": "Be brief.", "input": "Hello", "max_output_tokens": 64.0,
		"background": true, "store": true,
		"text": map[string]any{"format": map[string]any{
			"type": "json_schema", "name": "answer", "strict": true,
			"schema": map[string]any{"type": "object", "properties": map[string]any{}, "required": []any{}, "additionalProperties": false},
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

const responsesUsage = `{"input_tokens":100,"input_tokens_details":{"cached_tokens":64},"output_tokens":50,"output_tokens_details":{"reasoning_tokens":30},"total_tokens":150}`

func stored(status, rest, output, usage string) string {
	return fmt.Sprintf(`{"id":"resp_1","object":"response","created_at":1.5,"status":%q,"background":true,"model":"gpt-4o-mini-2024-07-18",%s"output":%s,"usage":%s}`,
		status, rest, output, usage)
}

func message(part string) string {
	return `[{"id":"rs_1","type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"hmm"}]},` +
		`{"id":"msg_0","type":"message","phase":"commentary","content":[{"type":"output_text","text":"Let me see."}]},` +
		`{"id":"msg_1","type":"message","role":"assistant","status":"completed","content":[` + part + `]}]`
}

const saysHi = `{"type":"output_text","text":"h","annotations":[]},{"type":"output_text","text":"i"}`

func TestFetchedAnswersAreRead(t *testing.T) {
	cases := []struct {
		name, body string
		text       string
		finish     llm.Finish
	}{
		{"a complete answer without its thoughts and comments", stored("completed", "", message(saysHi), responsesUsage), "hi", llm.FinishStop},
		{"an answer cut by the bound", stored("incomplete", `"incomplete_details":{"reason":"max_output_tokens"},`, message(saysHi), responsesUsage), "hi", llm.FinishLength},
		{"an answer cut before its first word", stored("incomplete", `"incomplete_details":{"reason":"max_output_tokens"},`, `[]`, responsesUsage), "", llm.FinishLength},
		{"an answer that a filter cut", stored("incomplete", `"incomplete_details":{"reason":"content_filter"},`, message(saysHi), responsesUsage), "hi", llm.FinishRefusal},
		{"an answer cut for a reason nobody knows yet", stored("incomplete", `"incomplete_details":{"reason":"new"},`, message(saysHi), responsesUsage), "hi", llm.FinishOther},
		{"a refusal", stored("completed", "", message(`{"type":"refusal","refusal":"I can't"}`), responsesUsage), "", llm.FinishRefusal},
		{"a failure that was billed", stored("failed", `"error":{"code":"server_error","message":"x"},`, `[]`, responsesUsage), "", llm.FinishOther},
		{"a call canceled after it was billed", stored("cancelled", "", `[]`, responsesUsage), "", llm.FinishOther},
		{"an item of a shape nobody knows yet", stored("completed", "", `[{"type":"message","content":7},{"type":"new","content":{}}]`, responsesUsage), "", llm.FinishStop},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := model(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodGet || r.URL.Path != "/v1/responses/resp_1" {
					t.Errorf("%s %s", r.Method, r.URL)
				}
				_, _ = w.Write([]byte(c.body))
			})
			got, err := m.Fetch(t.Context(), "resp_1")
			if err != nil {
				t.Fatal(err)
			}
			want := &llm.Response{Text: c.text, Finish: c.finish, Model: "gpt-4o-mini-2024-07-18", ID: "resp_1",
				Usage:    llm.Usage{Prompt: 36, CachedPrompt: 64, Output: 20, Thinking: 30},
				RawUsage: json.RawMessage(responsesUsage)}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestACallOnItsWayHasNeitherAnswerNorError(t *testing.T) {
	for _, status := range []string{"queued", "in_progress", "cancelling"} {
		got, err := model(t, answering(stored(status, "", "[]", "null"))).Fetch(t.Context(), "resp_1")
		if got != nil || err != nil {
			t.Errorf("%s: %+v, %v", status, got, err)
		}
	}
}

func TestTheEndOfACallIsToldFromTheFailureToAsk(t *testing.T) {
	failed := func(code string) string {
		return stored("failed", fmt.Sprintf(`"error":{"code":%q,"message":"org-1 %s"},`, code, key), "[]", "null")
	}
	const forgotten = `{"error":{"message":"Response with id 'resp_1' not found.","type":"invalid_request_error","param":null,"code":null}}`
	ended := func(c llm.Class, r llm.Reason) llm.Error {
		return llm.Error{Class: c, Reason: r, Status: 200, Ended: true}
	}
	gone := llm.Error{Class: llm.ClassStalled, Reason: llm.ReasonCallGone, Status: 200, Ended: true}
	cases := []struct {
		name   string
		status int
		body   string
		want   llm.Error
	}{
		{"a call that failed at the provider", 200, failed("server_error"), ended(llm.ClassRetry, llm.ReasonOverloaded)},
		{"a call that met a rate limit after it was accepted", 200, failed("rate_limit_exceeded"), ended(llm.ClassWait, llm.ReasonRateLimited)},
		{"a call for which there was no credit", 200, failed("insufficient_quota"), ended(llm.ClassStalled, llm.ReasonQuotaExhausted)},
		{"a prompt that was flagged", 200, failed("invalid_prompt"), ended(llm.ClassStalled, llm.ReasonBadRequest)},
		{"a failure nobody knows yet", 200, failed("new_thing"), ended(llm.ClassRetry, llm.ReasonOverloaded)},
		{"a failure without a word", 200, stored("failed", "", "[]", `{"input_tokens":0,"output_tokens":0}`), ended(llm.ClassRetry, llm.ReasonOverloaded)},
		{"a canceled call, which may have been billed", 200, stored("cancelled", "", "[]", "null"), gone},
		{"a completed call of which nothing is left", 200, stored("completed", "", "[]", "null"), gone},
		{"a call that the provider forgot", 404, forgotten, llm.Error{Class: llm.ClassStalled, Reason: llm.ReasonCallGone, Status: 404, Ended: true}},
		{"a proxy that knows nothing of it", 404, "default backend - 404", llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonConnection, Status: 404}},
		{"a status nobody knows yet", 200, stored("paused", "", "[]", "null"), llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonInvalidResponse, Status: 200}},
		{"an answer that is no object", 200, `[1]`, llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonInvalidResponse, Status: 200}},
		{"a gateway that lost the answer, which costs nothing", 504, "<html>", llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonOverloaded, Status: 504}},
		{"an overload", 503, "", llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonOverloaded, Status: 503}},
		{"a key that was revoked meanwhile", 401, `{"error":{"message":"x","code":"invalid_api_key"}}`, llm.Error{Class: llm.ClassStalled, Reason: llm.ReasonUnauthorized, Status: 401}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var requests atomic.Int32
			got, err := model(t, withStatus(c.status, c.body, &requests)).Fetch(t.Context(), "resp_1")
			sameError(t, err, c.want)
			if got != nil || requests.Load() != 1 {
				t.Errorf("%+v after %d requests", got, requests.Load())
			}
			noKey(t, err)
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
	got.Message, got.Err = "", nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%v\n-want +got\n%s", err, diff)
	}
}

func TestAnEndpointWithoutBackgroundIsAskedOnce(t *testing.T) {
	cases := []struct {
		name   string
		status int
		body   string
	}{
		{"an HTTP server that knows no such URL", 404, "404 page not found"},
		{"OpenAI's own words for a URL it does not know", 404, `{"error":{"message":"Invalid URL (POST /v1/responses)","type":"invalid_request_error","param":null,"code":null}}`},
		{"a method that is not allowed", 405, `{"detail":"Method Not Allowed"}`},
		{"a store that is not implemented", 501, `{"error":{"message":"store=True is not supported","type":"invalid_request_error","param":null,"code":501}}`},
		{"background that is refused by name", 400, `{"error":{"message":"x","type":"invalid_request_error","param":"background","code":"unsupported_parameter"}}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var requests atomic.Int32
			m := model(t, withStatus(c.status, c.body, &requests))
			for range 2 {
				_, err := m.Start(t.Context(), request)
				if e := llm.AsError(err); e == nil || e.Unclear || !errors.Is(err, llm.ErrNoBackground) {
					t.Errorf("got %+v", e)
				}
			}
			if requests.Load() != 1 {
				t.Errorf("%d requests", requests.Load())
			}
		})
	}
}

func TestWhatGoesWrongWithAStartIsNoLackOfBackground(t *testing.T) {
	stalled := func(r llm.Reason, status int) llm.Error {
		return llm.Error{Class: llm.ClassStalled, Reason: r, Status: status}
	}
	cases := []struct {
		name   string
		status int
		body   string
		want   llm.Error
	}{
		{"a model that does not exist", 404, `{"error":{"message":"x","type":"invalid_request_error","param":null,"code":"model_not_found"}}`, stalled(llm.ReasonModelNotFound, 404)},
		{"a model that vLLM does not have", 404, `{"error":{"message":"x","type":"NotFoundError","param":"model","code":404}}`, stalled(llm.ReasonModelNotFound, 404)},
		{"a schema that is refused", 400, `{"error":{"message":"x","type":"invalid_request_error","param":"text.format.schema","code":"invalid_json_schema"}}`, stalled(llm.ReasonBadRequest, 400)},
		{"a rate limit", 429, `{"error":{"message":"x","code":"rate_limit_exceeded"}}`, llm.Error{Class: llm.ClassWait, Reason: llm.ReasonRateLimited, Status: 429}},
		{"a gateway that lost the answer", 504, "<html>", llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonOverloaded, Status: 504, Unclear: true}},
		{"an answer without an id", 200, `{"status":"queued"}`, llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonInvalidResponse, Status: 200, Unclear: true}},
		{"an answer that is no object", 200, `[]`, llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonInvalidResponse, Status: 200, Unclear: true}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var requests atomic.Int32
			_, err := model(t, withStatus(c.status, c.body, &requests)).Start(t.Context(), request)
			sameError(t, err, c.want)
			if errors.Is(err, llm.ErrNoBackground) || requests.Load() != 1 {
				t.Errorf("%v after %d requests", err, requests.Load())
			}
		})
	}
}

func TestAServerThatIgnoresBackgroundLosesNoPaidAnswer(t *testing.T) {
	var requests atomic.Int32
	m := model(t, withStatus(200, `{"id":"resp_1","status":"completed","model":"local","output":`+message(saysHi)+`,"usage":`+responsesUsage+`}`, &requests))
	id, err := m.Start(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	got, err := m.Fetch(t.Context(), id)
	if err != nil || got.Text != "hi" || got.Usage.Total() != 150 {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := m.Start(t.Context(), request); !errors.Is(err, llm.ErrNoBackground) {
		t.Errorf("got %v", err)
	}
	if requests.Load() != 1 {
		t.Errorf("%d requests", requests.Load())
	}
}

func TestWhatIsNoCallIsNotAskedFor(t *testing.T) {
	m := model(t, func(http.ResponseWriter, *http.Request) { t.Error("a request came") })
	for name, ask := range map[string]func(*openai.Model) error{
		"a start without a bound": func(m *openai.Model) error { _, err := m.Start(t.Context(), llm.Request{User: "x"}); return err },
		"a call without an id":    func(m *openai.Model) error { _, err := m.Fetch(t.Context(), ""); return err },
		"a batch without an id":   func(m *openai.Model) error { _, err := m.FetchBatch(t.Context(), ""); return err },
	} {
		if e := llm.AsError(ask(m)); e == nil || e.Reason != llm.ReasonBadRequest || e.Unclear || e.Status != 0 {
			t.Errorf("%s: %+v", name, e)
		}
	}
}
