package gemini_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/llm/gemini"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const key = "AIzaPlanted4711"

// model is an adapter in front of a server that answers as the handler does.
func model(t *testing.T, h http.HandlerFunc) *gemini.Model {
	t.Helper()
	server := httptest.NewServer(h)
	transport := &http.Transport{}
	t.Cleanup(func() { transport.CloseIdleConnections(); server.Close() })
	m, err := gemini.New(gemini.Options{Endpoint: server.URL + "/", Model: "gemini-2.5-flash", Key: key + "\n", Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func answering(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }
}

var request = llm.Request{System: "Be brief.", User: "Hello \xff", MaxOutputTokens: 64}

func TestTheRequestHasItsKeyInAHeaderAndItsSchemaConverted(t *testing.T) {
	var got map[string]any
	m := model(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != "/v1beta/models/gemini-2.5-flash:generateContent" {
			t.Errorf("%s %s", r.Method, r.URL)
		}
		if r.URL.Query().Has("key") || r.Header.Get("X-Goog-Api-Key") != key {
			t.Errorf("%s with %q", r.URL, r.Header.Get("X-Goog-Api-Key"))
		}
		body, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(body, &got); err != nil {
			t.Error(err)
		}
		_, _ = w.Write([]byte(`{"candidates":[{"finishReason":1}]}`))
	})
	req := request
	req.SchemaName = "answer"
	req.Schema = json.RawMessage(`{"type":"object","additionalProperties":false,"required":["level","tags"],"properties":{
		"level":{"type":["string","null"],"enum":["easy","hard"],"description":"how hard"},
		"tags":{"type":"array","items":{"type":"string"}},
		"limit":{"type":"integer"},"ratio":{"type":"number"},"ok":{"type":"boolean"}}}`)
	if _, err := m.Complete(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	// The SDK writes enums as numbers: STRING 1, NUMBER 2, INTEGER 3,
	// BOOLEAN 4, ARRAY 5, OBJECT 6.
	schema := map[string]any{"type": 6.0, "required": []any{"level", "tags"}, "properties": map[string]any{
		"level": map[string]any{"type": 1.0, "format": "enum", "nullable": true, "description": "how hard", "enum": []any{"easy", "hard"}},
		"tags":  map[string]any{"type": 5.0, "items": map[string]any{"type": 1.0}},
		"limit": map[string]any{"type": 3.0}, "ratio": map[string]any{"type": 2.0}, "ok": map[string]any{"type": 4.0},
	}}
	want := map[string]any{
		"model":             "models/gemini-2.5-flash",
		"systemInstruction": map[string]any{"parts": []any{map[string]any{"text": "Be brief."}}},
		"contents":          []any{map[string]any{"role": "user", "parts": []any{map[string]any{"text": "Hello \uFFFD"}}}},
		"generationConfig": map[string]any{
			"maxOutputTokens": 64.0, "responseMimeType": "application/json", "responseSchema": schema,
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

const usage = `{"promptTokenCount":100,"cachedContentTokenCount":64,"candidatesTokenCount":20,"thoughtsTokenCount":30,"totalTokenCount":150,` +
	`"promptTokensDetails":[{"modality":"TEXT","tokenCount":100}]}`

func TestAnswersAreRead(t *testing.T) {
	candidate := func(parts, reason string) string {
		return fmt.Sprintf(`{"candidates":[{"content":{"role":"model","parts":%s},"finishReason":%s,"index":0}],`, parts, reason)
	}
	hi := `[{"text":"h"},{"text":"i","thoughtSignature":"AAAA"}]`
	cases := []struct {
		name, body string
		text       string
		finish     llm.Finish
	}{
		{"a complete answer", candidate(hi, `"STOP"`), "hi", llm.FinishStop},
		{"a complete answer with enums as numbers", candidate(hi, `1`), "hi", llm.FinishStop},
		{"an answer without its thoughts", candidate(`[{"text":"let me see","thought":true},{"text":"hi"}]`, `1`), "hi", llm.FinishStop},
		{"an answer cut by the bound", candidate(hi, `"MAX_TOKENS"`), "hi", llm.FinishLength},
		{"an answer cut before its first word", `{"candidates":[{"content":{"role":"model"},"finishReason":2}],`, "", llm.FinishLength},
		{"an unsafe answer", candidate(`[]`, `"SAFETY"`), "", llm.FinishRefusal},
		{"a recited answer", candidate(`[]`, `4`), "", llm.FinishRefusal},
		{"a blocked word", candidate(`[]`, `"BLOCKLIST"`), "", llm.FinishRefusal},
		{"prohibited content", candidate(`[]`, `8`), "", llm.FinishRefusal},
		{"personal information", candidate(`[]`, `"SPII"`), "", llm.FinishRefusal},
		{"a reason nobody knows yet", candidate(hi, `"SOMETHING_NEW"`), "hi", llm.FinishOther},
		{"a number nobody knows yet", candidate(hi, `99`), "hi", llm.FinishOther},
		{"a blocked prompt, which was paid for", `{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},`, "", llm.FinishRefusal},
		{"a blocked prompt with enums as numbers", `{"promptFeedback":{"blockReason":1},`, "", llm.FinishRefusal},
		{"usage alone", `{`, "", llm.FinishOther},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			body := c.body + `"usageMetadata":` + usage + `,"modelVersion":"gemini-2.5-flash-001","responseId":"r1"}`
			got, err := model(t, answering(body)).Complete(t.Context(), request)
			if err != nil {
				t.Fatal(err)
			}
			want := &llm.Response{Text: c.text, Finish: c.finish, Model: "gemini-2.5-flash-001", ID: "r1",
				Usage:    llm.Usage{Prompt: 36, CachedPrompt: 64, Output: 20, Thinking: 30},
				RawUsage: json.RawMessage(usage)}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestUsageIsNeverNegative(t *testing.T) {
	for raw, want := range map[string]llm.Usage{
		`{"promptTokenCount":7}`:                             {Prompt: 7},
		`{"promptTokenCount":7,"cachedContentTokenCount":9}`: {CachedPrompt: 9},
		`{"promptTokenCount":7,"totalTokenCount":12}`:        {Prompt: 7, Thinking: 5},
		`{"promptTokenCount":7,"candidatesTokenCount":3}`:    {Prompt: 7, Output: 3},
	} {
		got, err := model(t, answering(`{"usageMetadata":`+raw+`}`)).Complete(t.Context(), request)
		if err != nil || got.Usage != want {
			t.Errorf("%s gave %+v, %v", raw, got, err)
		}
	}
}

func TestA200ThatIsNoAnswerIsUnclear(t *testing.T) {
	for name, body := range map[string]string{
		"an error in disguise": `{"error":{"code":500}}`,
		"a list":               `[1]`,
		"text":                 `upstream failed`,
		"nothing":              ``,
		"a wrong type":         `{"candidates":"x"}`,
	} {
		_, err := model(t, answering(body)).Complete(t.Context(), request)
		e := llm.AsError(err)
		if e == nil || e.Reason != llm.ReasonInvalidResponse || e.Class != llm.ClassRetry || !e.Unclear {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

func TestWhatCannotBeExpressedIsNotSent(t *testing.T) {
	m := model(t, func(http.ResponseWriter, *http.Request) { t.Error("a request came") })
	schema := func(s string) llm.Request {
		return llm.Request{User: "x", MaxOutputTokens: 1, Schema: json.RawMessage(s)}
	}
	for name, req := range map[string]llm.Request{
		"an answer without a bound":      {User: "x"},
		"a schema that is not JSON":      schema(`{`),
		"a schema without a type":        schema(`{}`),
		"a type that does not exist":     schema(`{"type":"tuple"}`),
		"two types":                      schema(`{"type":["string","integer"]}`),
		"null alone":                     schema(`{"type":"null"}`),
		"an array without items":         schema(`{"type":"array"}`),
		"an enum of numbers":             schema(`{"type":"integer","enum":[1]}`),
		"an enum that is not of strings": schema(`{"type":"integer","enum":["1"]}`),
		"a keyword outside the subset":   schema(`{"type":"string","pattern":"a"}`),
		"properties nobody named":        schema(`{"type":"object","additionalProperties":true}`),
		"a property without a schema":    schema(`{"type":"object","properties":{"a":null}}`),
		"a fault deep inside":            schema(`{"type":"object","properties":{"a":{"type":"array","items":{"type":"x"}}}}`),
	} {
		_, err := m.Complete(t.Context(), req)
		if e := llm.AsError(err); e == nil || e.Reason != llm.ReasonBadRequest || e.Status != 0 || e.Unclear {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

func TestOptionsAreChecked(t *testing.T) {
	for name, o := range map[string]gemini.Options{
		"no key":          {Model: "m"},
		"no model":        {Key: key},
		"a path as model": {Key: key, Model: "../x"},
		"no URL":          {Key: key, Model: "m", Endpoint: "localhost"},
	} {
		if _, err := gemini.New(o); err == nil {
			t.Errorf("%s passed", name)
		}
	}
}

func TestManyModelsLeaveNothingRunning(t *testing.T) {
	// TestMain's goleak is the assertion: the SDK's own constructor starts
	// goroutines that nothing can stop.
	for range 20 {
		if _, err := gemini.New(gemini.Options{Key: key, Model: "m"}); err != nil {
			t.Fatal(err)
		}
	}
}
