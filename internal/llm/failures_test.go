package llm_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/llm/gemini"
	"github.com/algoitny/algoitny-operator/internal/llm/openai"
)

// outcome is what a call comes to: an error, or a Response that was paid for
// when Finish is set.
type outcome struct {
	Class      llm.Class
	Reason     llm.Reason
	Unclear    bool
	RetryAfter time.Duration
	Blames     bool
	Finish     llm.Finish
}

// mishap is one way for a call to go wrong, as each vendor shows it.
type mishap struct {
	name    string
	openai  http.HandlerFunc
	gemini  http.HandlerFunc
	want    outcome
	timeout time.Duration
	// gemini says less than OpenAI here, in words that no program should match.
	geminiWant *outcome
}

func says(status int, body string) http.HandlerFunc { return saysWith(nil, status, body) }

func saysWith(header map[string]string, status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for k, v := range header {
			w.Header().Set(k, v)
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func chat(message, finish string) http.HandlerFunc {
	return says(200, fmt.Sprintf(`{"id":"chatcmpl-1","object":"chat.completion","model":"m","choices":[{"index":0,"message":%s,"finish_reason":%q}],`+
		`"usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13}}`, message, finish))
}

func candidate(parts, finish string) http.HandlerFunc {
	return says(200, fmt.Sprintf(`{"candidates":[{"content":{"role":"model","parts":%s},"finishReason":%q,"index":0}],`+
		`"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":4,"totalTokenCount":13},"modelVersion":"m"}`, parts, finish))
}

// texts are the same answer of both vendors.
func texts(text string) (http.HandlerFunc, http.HandlerFunc) {
	return chat(fmt.Sprintf(`{"role":"assistant","content":%q,"refusal":null}`, text), "stop"),
		candidate(fmt.Sprintf(`[{"text":%q}]`, text), "STOP")
}

func openaiError(kind, param, code string) string {
	return fmt.Sprintf(`{"error":{"message":"In words.","type":%q,"param":%s,"code":%s}}`, kind, param, code)
}

func googleError(code int, status string, details ...string) string {
	return fmt.Sprintf(`{"error":{"code":%d,"message":"In words.","status":%q,"details":[%s]}}`, code, status, strings.Join(details, ","))
}

func info(reason string) string {
	return fmt.Sprintf(`{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":%q,"domain":"googleapis.com","metadata":{"service":"generativelanguage.googleapis.com"}}`, reason)
}

func quota(id string) string {
	return fmt.Sprintf(`{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":%q,"quotaValue":"10"}]}`, id)
}

const soon = `{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"20s"}`

// cut sends headers that promise a body, and closes the connection.
func cut(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	w.WriteHeader(http.StatusOK)
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// trickle sends a valid beginning, a byte at a time, for as long as it is read.
func trickle(w http.ResponseWriter, r *http.Request) {
	w.WriteHeader(http.StatusOK)
	for r.Context().Err() == nil {
		_, _ = w.Write([]byte(" "))
		_ = http.NewResponseController(w).Flush()
		time.Sleep(5 * time.Millisecond)
	}
}

func mishaps() []mishap {
	return append(answersOfLittleUse(), append(refusedCalls(), brokenCalls()...)...)
}

// answersOfLittleUse were paid for, so all of them are Responses.
func answersOfLittleUse() []mishap {
	paid := func(f llm.Finish) outcome { return outcome{Finish: f} }
	emptyO, emptyG := texts("")
	proseO, proseG := texts("Sure! Here is the answer:")
	schemaO, schemaG := texts(`{"unasked":1}`)
	languageO, languageG := texts(`print(1) // asked for C++`)
	return []mishap{
		{name: "a refusal", openai: chat(`{"role":"assistant","content":null,"refusal":"I can't."}`, "stop"),
			gemini: candidate(`[]`, "PROHIBITED_CONTENT"), want: paid(llm.FinishRefusal)},
		{name: "a safety stop", openai: chat(`{"role":"assistant","content":"So f"}`, "content_filter"),
			gemini: candidate(`[{"text":"So f"}]`, "SAFETY"), want: paid(llm.FinishRefusal)},
		{name: "an answer cut by the bound", openai: chat(`{"role":"assistant","content":"So f"}`, "length"),
			gemini: candidate(`[{"text":"So f"}]`, "MAX_TOKENS"), want: paid(llm.FinishLength)},
		{name: "an empty answer", openai: emptyO, gemini: emptyG, want: paid(llm.FinishStop)},
		{name: "a text that is not the JSON that was asked for is a Response: its reader finds out",
			openai: proseO, gemini: proseG, want: paid(llm.FinishStop)},
		{name: "JSON of the wrong schema is a Response: its reader finds out", openai: schemaO, gemini: schemaG, want: paid(llm.FinishStop)},
		{name: "a program in the wrong language is a Response: its reader finds out",
			openai: languageO, gemini: languageG, want: paid(llm.FinishStop)},
	}
}

func refusedCalls() []mishap {
	stalled := func(r llm.Reason) outcome { return outcome{Class: llm.ClassStalled, Reason: r} }
	blamed := func(r llm.Reason) outcome { return outcome{Class: llm.ClassStalled, Reason: r, Blames: true} }
	wait := func(d time.Duration) outcome {
		return outcome{Class: llm.ClassWait, Reason: llm.ReasonRateLimited, RetryAfter: d}
	}
	rejected := stalled(llm.ReasonBadRequest)
	daily := wait(15 * time.Minute)
	return []mishap{
		{name: "a context that is too long", openai: says(400, openaiError("invalid_request_error", `"messages"`, `"context_length_exceeded"`)),
			gemini: says(400, googleError(400, "INVALID_ARGUMENT")), want: stalled(llm.ReasonContextTooLong), geminiWant: &rejected},
		{name: "a model that is not found", openai: says(404, openaiError("invalid_request_error", "null", `"model_not_found"`)),
			gemini: says(404, googleError(404, "NOT_FOUND")), want: blamed(llm.ReasonModelNotFound)},
		{name: "a key that was revoked", openai: says(401, openaiError("invalid_request_error", "null", `"invalid_api_key"`)),
			gemini: says(400, googleError(400, "INVALID_ARGUMENT", info("API_KEY_INVALID"))), want: blamed(llm.ReasonUnauthorized)},
		{name: "a key that expired", openai: says(401, openaiError("invalid_request_error", "null", "null")),
			gemini: says(401, googleError(401, "UNAUTHENTICATED", info("ACCESS_TOKEN_EXPIRED"))), want: blamed(llm.ReasonUnauthorized)},
		{name: "a key that may not do this", openai: says(403, openaiError("invalid_request_error", "null", `"missing_scope"`)),
			gemini: says(403, googleError(403, "PERMISSION_DENIED")), want: blamed(llm.ReasonForbidden)},
		{name: "a quota of money that is exhausted", openai: says(429, openaiError("insufficient_quota", "null", `"insufficient_quota"`)),
			gemini: says(402, googleError(402, "RESOURCE_EXHAUSTED")), want: stalled(llm.ReasonQuotaExhausted)},
		{name: "billing that was turned off", openai: says(429, openaiError("billing_not_active", "null", `"billing_not_active"`)),
			gemini: says(403, googleError(403, "PERMISSION_DENIED", info("BILLING_DISABLED"))), want: stalled(llm.ReasonQuotaExhausted)},
		{name: "an account that is suspended", openai: says(401, openaiError("invalid_request_error", "null", `"account_deactivated"`)),
			gemini: says(403, googleError(403, "PERMISSION_DENIED", info("CONSUMER_SUSPENDED"))), want: blamed(llm.ReasonAccountSuspended)},
		{name: "an account that was barred for good", openai: says(403, openaiError("invalid_request_error", "null", `"access_terminated"`)),
			gemini: says(401, googleError(401, "UNAUTHENTICATED", info("ACCOUNT_STATE_INVALID"))), want: blamed(llm.ReasonAccountSuspended)},
		{name: "a limit per minute", openai: saysWith(map[string]string{"Retry-After": "20"}, 429, openaiError("tokens", "null", `"rate_limit_exceeded"`)),
			gemini: says(429, googleError(429, "RESOURCE_EXHAUSTED", quota("GenerateRequestsPerMinutePerProjectPerModel"), soon)), want: wait(20 * time.Second)},
		{name: "a limit per day", openai: saysWith(map[string]string{"Retry-After": "20"}, 429, openaiError("requests", "null", `"rate_limit_exceeded"`)),
			gemini: says(429, googleError(429, "RESOURCE_EXHAUSTED", quota("GenerateRequestsPerDayPerProjectPerModel"), soon)), want: wait(20 * time.Second), geminiWant: &daily},
		{name: "a clock that is five hours ahead of ours and asks to wait until a date",
			openai: saysWith(fiveHoursAhead(), 429, openaiError("requests", "null", `"rate_limit_exceeded"`)),
			gemini: saysWith(fiveHoursAhead(), 429, googleError(429, "RESOURCE_EXHAUSTED")), want: wait(90 * time.Second)},
	}
}

// fiveHoursAhead asks for 90 seconds by a clock of its own.
func fiveHoursAhead() map[string]string {
	there := time.Now().Add(5 * time.Hour).UTC()
	return map[string]string{"Date": there.Format(http.TimeFormat), "Retry-After": there.Add(90 * time.Second).Format(http.TimeFormat)}
}

func brokenCalls() []mishap {
	retry := func(r llm.Reason, unclear bool) outcome {
		return outcome{Class: llm.ClassRetry, Reason: r, Unclear: unclear}
	}
	page := says(200, "<html>Bad gateway</html>")
	return []mishap{
		{name: "an overload", openai: says(503, openaiError("service_unavailable", "null", "null")),
			gemini: says(503, googleError(503, "UNAVAILABLE")), want: retry(llm.ReasonOverloaded, false)},
		{name: "a server's own fault", openai: says(500, openaiError("server_error", "null", "null")),
			gemini: says(500, googleError(500, "INTERNAL")), want: retry(llm.ReasonOverloaded, false)},
		{name: "a gateway that lost the answer", openai: says(504, "<html>"), gemini: says(504, "<html>"), want: retry(llm.ReasonOverloaded, true)},
		{name: "a stream that is slower than the call may take", openai: trickle, gemini: trickle,
			timeout: 100 * time.Millisecond, want: retry(llm.ReasonTimeout, true)},
		{name: "a connection cut after the headers", openai: cut, gemini: cut, want: retry(llm.ReasonConnection, true)},
		{name: "a body that is no JSON at all", openai: page, gemini: page, want: retry(llm.ReasonInvalidResponse, true)},
		{name: "JSON that is no answer at all", openai: says(200, `{"ok":true}`), gemini: says(200, `{"ok":true}`),
			want: retry(llm.ReasonInvalidResponse, true)},
	}
}

// vendors make the adapters in front of a server.
func vendors() map[string]func(t *testing.T, url string, rt http.RoundTripper, timeout time.Duration) llm.Model {
	return map[string]func(t *testing.T, url string, rt http.RoundTripper, timeout time.Duration) llm.Model{
		"openai": func(t *testing.T, url string, rt http.RoundTripper, timeout time.Duration) llm.Model {
			m, err := openai.New(openai.Options{Endpoint: url + "/v1", Model: "m", Key: "planted-key", Transport: rt, Timeout: timeout})
			if err != nil {
				t.Fatal(err)
			}
			return m
		},
		"gemini": func(t *testing.T, url string, rt http.RoundTripper, timeout time.Duration) llm.Model {
			m, err := gemini.New(gemini.Options{Endpoint: url, Model: "m", Key: "planted-key", Transport: rt, Timeout: timeout})
			if err != nil {
				t.Fatal(err)
			}
			return m
		},
	}
}

func (m mishap) of(vendor string) (http.HandlerFunc, outcome) {
	switch {
	case vendor == "openai":
		return m.openai, m.want
	case m.geminiWant != nil:
		return m.gemini, *m.geminiWant
	}
	return m.gemini, m.want
}

func outcomeOf(r *llm.Response, err error) outcome {
	if e := llm.AsError(err); e != nil {
		return outcome{Class: e.Class, Reason: e.Reason, Unclear: e.Unclear, RetryAfter: e.RetryAfter, Blames: e.BlamesProvider()}
	}
	return outcome{Finish: r.Finish}
}

func TestEachFailureHasItsClassWithBothVendors(t *testing.T) {
	for _, m := range mishaps() {
		for vendor, adapter := range vendors() {
			t.Run(m.name+"/"+vendor, func(t *testing.T) {
				handler, want := m.of(vendor)
				url, transport := serve(t, handler)
				model := adapter(t, url, transport, m.timeout)
				got, err := model.Complete(t.Context(), llm.Request{User: "x", MaxOutputTokens: 64})
				if diff := cmp.Diff(want, outcomeOf(got, err)); diff != "" {
					t.Errorf("%v\n%s", err, diff)
				}
				if got != nil && got.Usage.Total() != 13 {
					t.Errorf("a paid answer of %d tokens", got.Usage.Total())
				}
			})
		}
	}
}

// Neither vendor signs requests, so a key is never refused for our clock: what
// a wrong clock breaks is TLS, before anything was sent.
func TestAClockOutsideOfACertificatesYearsSendsNothing(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request came") }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	trusting, ok := server.Client().Transport.(*http.Transport)
	if !ok {
		t.Fatal("no transport")
	}
	for vendor, adapter := range vendors() {
		transport := &http.Transport{TLSClientConfig: &tls.Config{
			MinVersion: tls.VersionTLS12, RootCAs: trusting.TLSClientConfig.RootCAs,
			Time: func() time.Time { return time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC) },
		}}
		_, err := adapter(t, server.URL, transport, 0).Complete(t.Context(), llm.Request{User: "x", MaxOutputTokens: 64})
		want := outcome{Class: llm.ClassRetry, Reason: llm.ReasonConnection}
		if diff := cmp.Diff(want, outcomeOf(nil, err)); diff != "" {
			t.Errorf("%s: %v\n%s", vendor, err, diff)
		}
		transport.CloseIdleConnections()
	}
}
