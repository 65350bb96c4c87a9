package openai_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/algoitny/algoitny-operator/internal/llm"
)

// urls answers each "METHOD /path" with a body; a body that begins with a
// status and a blank has that status. Others fail the test.
func urls(t *testing.T, answers map[string]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, ok := answers[r.Method+" "+r.URL.Path]
		if !ok || r.Header.Get("Authorization") != "Bearer "+key {
			t.Errorf("%s %s", r.Method, r.URL)
		}
		var status int
		if n, _ := fmt.Sscanf(body, "%d ", &status); n == 1 {
			_, body, _ = strings.Cut(body, " ")
			w.WriteHeader(status)
		}
		_, _ = w.Write([]byte(body))
	}
}

var items = []llm.BatchItem{{ID: "a", Request: request}, {ID: "b", Request: request}}

func TestABatchIsAFileOfTheSameRequestsAsLiveCalls(t *testing.T) {
	var uploaded []map[string]any
	var created, live map[string]any
	read := func(r *http.Request, into *map[string]any) {
		if err := json.NewDecoder(r.Body).Decode(into); err != nil {
			t.Error(err)
		}
	}
	m := model(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/v1/chat/completions":
			read(r, &live)
			_, _ = w.Write([]byte(`{"choices":[],"usage":{}}`))
		case "/v1/files":
			file, _, err := r.FormFile("file")
			if err != nil || r.FormValue("purpose") != "batch" {
				t.Errorf("purpose %q, %v", r.FormValue("purpose"), err)
				return
			}
			for scanner := bufio.NewScanner(file); scanner.Scan(); {
				var l map[string]any
				if err := json.Unmarshal(scanner.Bytes(), &l); err != nil {
					t.Error(err)
				}
				uploaded = append(uploaded, l)
			}
			_, _ = w.Write([]byte(`{"id":"file-1","object":"file"}`))
		case "/v1/batches":
			read(r, &created)
			_, _ = w.Write([]byte(`{"id":"batch_1","object":"batch","status":"validating"}`))
		}
	})
	if _, err := m.Complete(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	if id, err := m.SendBatch(t.Context(), "suite-7", items); id != "batch_1" || err != nil {
		t.Fatalf("got %q, %v", id, err)
	}
	line := func(id string) map[string]any {
		return map[string]any{"custom_id": id, "method": "POST", "url": "/v1/chat/completions", "body": live}
	}
	if diff := cmp.Diff([]map[string]any{line("a"), line("b")}, uploaded); diff != "" {
		t.Error(diff)
	}
	want := map[string]any{"input_file_id": "file-1", "endpoint": "/v1/chat/completions", "completion_window": "24h",
		"metadata": map[string]any{"algoitny": "suite-7"}}
	if diff := cmp.Diff(want, created); diff != "" {
		t.Error(diff)
	}
}

func TestOnlyTheCreationOfABatchIsEverUnclear(t *testing.T) {
	const file = `{"id":"file-1"}`
	lost := llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonOverloaded, Status: 504}
	unclear := lost
	unclear.Unclear = true
	noID := llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonInvalidResponse, Status: 200}
	unclearID := noID
	unclearID.Unclear = true
	cases := []struct {
		name, upload, create string
		want                 llm.Error
	}{
		{"an upload whose answer was lost", "504 <html>", "", lost},
		{"an upload without an id", `{}`, "", noID},
		{"a creation whose answer was lost", file, "504 <html>", unclear},
		{"a creation without an id", file, `{}`, unclearID},
		{"a creation that is refused", file, `429 {"error":{"message":"x","code":"rate_limit_exceeded"}}`, llm.Error{Class: llm.ClassWait, Reason: llm.ReasonRateLimited, Status: 429}},
		{"a file that is not found yet", file, `404 {"error":{"message":"No such File object: file-1","type":"invalid_request_error","param":"id","code":null}}`,
			llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonOverloaded, Status: 404}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := model(t, urls(t, map[string]string{"POST /v1/files": c.upload, "POST /v1/batches": c.create})).SendBatch(t.Context(), "x", items)
			sameError(t, err, c.want)
			if errors.Is(err, llm.ErrNoBatch) {
				t.Error("the endpoint has batches")
			}
		})
	}
}

func TestAnEndpointWithoutBatchesIsAskedOnce(t *testing.T) {
	for name, answers := range map[string]map[string]string{
		"no files":   {"POST /v1/files": "404 404 page not found"},
		"no batches": {"POST /v1/files": `{"id":"file-1"}`, "POST /v1/batches": `405 {"detail":"Method Not Allowed"}`},
	} {
		var requests atomic.Int32
		inner := urls(t, answers)
		m := model(t, func(w http.ResponseWriter, r *http.Request) { requests.Add(1); inner(w, r) })
		for range 2 {
			_, err := m.SendBatch(t.Context(), "x", items)
			if e := llm.AsError(err); e == nil || e.Unclear || !errors.Is(err, llm.ErrNoBatch) {
				t.Errorf("%s: %+v", name, e)
			}
		}
		if int(requests.Load()) != len(answers) {
			t.Errorf("%s: %d requests", name, requests.Load())
		}
	}
	_, err := model(t, urls(t, map[string]string{"GET /v1/batches": "404 nothing here"})).FindBatch(t.Context(), "x")
	if !errors.Is(err, llm.ErrNoBatch) {
		t.Errorf("finding: %v", err)
	}
}

func TestABatchThatCannotBeIsNotSent(t *testing.T) {
	m := model(t, func(http.ResponseWriter, *http.Request) { t.Error("a request came") })
	schema := request
	schema.Schema = json.RawMessage(`{`)
	for name, c := range map[string]struct {
		mark  string
		items []llm.BatchItem
	}{
		"nothing":                   {"x", nil},
		"no mark":                   {"", items},
		"a mark that is too long":   {strings.Repeat("x", 513), items},
		"two items of one id":       {"x", []llm.BatchItem{items[0], items[0]}},
		"an id that is too long":    {"x", []llm.BatchItem{{ID: strings.Repeat("x", 65), Request: request}}},
		"an answer without a bound": {"x", []llm.BatchItem{{ID: "a", Request: llm.Request{User: "x"}}}},
		"a schema that is not JSON": {"x", []llm.BatchItem{{ID: "a", Request: schema}}},
		"too many items":            {"x", make([]llm.BatchItem, 50_001)},
	} {
		_, err := m.SendBatch(t.Context(), c.mark, c.items)
		if e := llm.AsError(err); e == nil || e.Reason != llm.ReasonBadRequest || e.Unclear {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

func TestAListOfBatchesThatNeverEndsIsLeft(t *testing.T) {
	var requests atomic.Int32
	m := model(t, func(w http.ResponseWriter, r *http.Request) {
		n := requests.Add(1)
		if n > 1 && r.URL.Query().Get("after") != fmt.Sprintf("batch_%d", n-1) {
			t.Errorf("asked for %s", r.URL)
		}
		_, _ = fmt.Fprintf(w, `{"data":[{"id":"batch_%d","metadata":null}],"has_more":true}`, n)
	})
	if id, err := m.FindBatch(t.Context(), "x"); id != "" || err != nil || requests.Load() != 100 {
		t.Errorf("got %q, %v after %d requests", id, err, requests.Load())
	}
	if id, err := model(t, answering(`{"data":[],"has_more":true}`)).FindBatch(t.Context(), "x"); id != "" || err != nil {
		t.Errorf("got %q, %v", id, err)
	}
	_, err := model(t, answering(`{"data":7}`)).FindBatch(t.Context(), "x")
	sameError(t, err, llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonInvalidResponse, Status: 200})
}

func batchObject(status, rest string) string {
	return fmt.Sprintf(`{"id":"batch_1","object":"batch","status":%q,"metadata":null,"expires_at":1.5e9%s}`, status, rest)
}

func TestABatchThatRunsIsNotDone(t *testing.T) {
	for _, status := range []string{"validating", "in_progress", "finalizing", "cancelling", "queued"} {
		got, err := model(t, urls(t, map[string]string{"GET /v1/batches/batch_1": batchObject(status, `,"output_file_id":"file-9"`)})).FetchBatch(t.Context(), "batch_1")
		if err != nil || got.Done {
			t.Errorf("%s: %+v, %v", status, got, err)
		}
	}
}

const chatAnswer = `{"id":"chatcmpl-1","model":"m","choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":3}}`

func outputLine(id string, status int, body string) string {
	return fmt.Sprintf(`{"id":"batch_req_1","custom_id":%q,"response":{"status_code":%d,"request_id":"r","body":%s},"error":null}`, id, status, body)
}

func errorLine(id, code string) string {
	return fmt.Sprintf(`{"id":"batch_req_2","custom_id":%q,"response":null,"error":{"code":%q,"message":"x"}}`, id, code)
}

func TestTheFilesOfABatchAreReadWithCare(t *testing.T) {
	output := strings.Join([]string{
		outputLine("fine", 200, chatAnswer),
		"", "not JSON", `{"custom_id":"nothing"}`, `{"custom_id":7}`, `{"response":{"status_code":200,"body":{}}}`,
		outputLine("unreadable", 200, `{"error":"?"}`),
		outputLine("long", 200, `"`+strings.Repeat("x", 8<<20)+`"`),
		outputLine("after", 200, chatAnswer),
	}, "\n")
	failures := strings.Join([]string{
		outputLine("refused", 400, `{"error":{"message":"x","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}`),
		outputLine("lost", 504, `null`),
		errorLine("expired", "batch_expired"),
		errorLine("slow", "request_timeout"),
		errorLine("fine", "batch_expired"),
		errorLine("broke", "billing_hard_limit_reached"),
		`{"custom_id":"cut","respon`,
	}, "\n")
	got, err := model(t, urls(t, map[string]string{
		"GET /v1/batches/batch_1":      batchObject("completed", `,"output_file_id":"file-1","error_file_id":"file-2"`),
		"GET /v1/files/file-1/content": output,
		"GET /v1/files/file-2/content": failures,
	})).FetchBatch(t.Context(), "batch_1")
	if err != nil || !got.Done {
		t.Fatalf("got %+v, %v", got, err)
	}
	for _, id := range []string{"fine", "after"} {
		if r := got.Result(id).Response; r == nil || r.Text != "hi" || r.Usage.Total() != 10 {
			t.Errorf("%s: %+v", id, got.Result(id))
		}
	}
	silence := llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonInvalidResponse, Unclear: true}
	for id, want := range map[string]llm.Error{
		"unreadable": {Class: llm.ClassRetry, Reason: llm.ReasonInvalidResponse, Status: 200, Unclear: true},
		"refused":    {Class: llm.ClassStalled, Reason: llm.ReasonContextTooLong, Status: 400},
		"lost":       {Class: llm.ClassRetry, Reason: llm.ReasonOverloaded, Status: 504},
		"expired":    {Class: llm.ClassRetry, Reason: llm.ReasonOverloaded},
		"slow":       {Class: llm.ClassRetry, Reason: llm.ReasonTimeout},
		"broke":      {Class: llm.ClassStalled, Reason: llm.ReasonQuotaExhausted},
		"nothing":    silence, "long": silence, "cut": silence, "never mentioned": silence,
	} {
		t.Run(id, func(t *testing.T) { sameError(t, got.Result(id).Err, want) })
	}
}

func TestAnItemWithoutAResultFollowsItsBatch(t *testing.T) {
	cases := []struct {
		name, status, rest string
		want               llm.Error
	}{
		{"an upload that is no batch", "failed", `,"errors":{"object":"list","data":[{"code":"invalid_json_line","message":"` + key + `","line":1}]}`,
			llm.Error{Class: llm.ClassStalled, Reason: llm.ReasonBadRequest}},
		{"a model that does not exist", "failed", `,"errors":{"data":[{"code":"model_not_found"}]}`,
			llm.Error{Class: llm.ClassStalled, Reason: llm.ReasonModelNotFound}},
		{"more tokens than may wait", "failed", `,"errors":{"data":[{"code":"token_limit_exceeded"}]}`,
			llm.Error{Class: llm.ClassWait, Reason: llm.ReasonRateLimited}},
		{"a failure without a word", "failed", `,"errors":null`, llm.Error{Class: llm.ClassStalled, Reason: llm.ReasonBadRequest}},
		{"a batch that took too long", "expired", "", llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonOverloaded}},
		{"a batch that someone canceled", "cancelled", "", llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonOverloaded}},
		{"a batch that lost answers that were paid for", "expired", `,"request_counts":{"total":2,"completed":1,"failed":0}`,
			llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonInvalidResponse, Unclear: true}},
		{"a completed batch that does not mention it", "completed", "", llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonInvalidResponse, Unclear: true}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := model(t, urls(t, map[string]string{"GET /v1/batches/batch_1": batchObject(c.status, c.rest)})).FetchBatch(t.Context(), "batch_1")
			if err != nil || !got.Done {
				t.Fatalf("got %+v, %v", got, err)
			}
			result := got.Result("a")
			sameError(t, result.Err, c.want)
			noKey(t, result.Err)
		})
	}
}

func TestABatchThatCannotBeReadIsToldFromOneThatIsGone(t *testing.T) {
	const noFile = `404 {"error":{"message":"No such File object: file-1","type":"invalid_request_error","param":"id","code":null}}`
	retry := func(r llm.Reason, status int) llm.Error {
		return llm.Error{Class: llm.ClassRetry, Reason: r, Status: status}
	}
	gone := llm.Error{Class: llm.ClassStalled, Reason: llm.ReasonCallGone, Status: 404, Ended: true}
	cases := []struct {
		name, object, file string
		want               llm.Error
	}{
		{"a batch nobody knows", noFile, "", gone},
		{"a file nobody knows any more", "", noFile, gone},
		{"a proxy without a backend", "", "404 <html>", retry(llm.ReasonConnection, 404)},
		{"an overload", "", "503 ", retry(llm.ReasonOverloaded, 503)},
		{"a gateway that lost the file, which costs nothing", "", "504 <html>", retry(llm.ReasonOverloaded, 504)},
		{"a batch that is no object", `[]`, "", retry(llm.ReasonInvalidResponse, 200)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			object := c.object
			if object == "" {
				object = batchObject("completed", `,"output_file_id":"file-1"`)
			}
			_, err := model(t, urls(t, map[string]string{"GET /v1/batches/batch_1": object, "GET /v1/files/file-1/content": c.file})).FetchBatch(t.Context(), "batch_1")
			sameError(t, err, c.want)
		})
	}
}

func TestIDsFromAnswersStayInTheirURLs(t *testing.T) {
	var paths []string
	m := model(t, func(w http.ResponseWriter, r *http.Request) {
		paths = append(paths, r.URL.EscapedPath())
		_, _ = w.Write([]byte(batchObject("completed", `,"output_file_id":"../models?x"`)))
	})
	if _, err := m.FetchBatch(t.Context(), "../../x"); err != nil {
		t.Fatal(err)
	}
	want := []string{"/v1/batches/..%2F..%2Fx", "/v1/files/..%2Fmodels%3Fx/content"}
	if diff := cmp.Diff(want, paths); diff != "" {
		t.Error(diff)
	}
}
