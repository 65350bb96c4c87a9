package gemini_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/llm/gemini"
)

// failure is an error as Google's servers send it.
type failure struct {
	name   string
	status int
	header map[string]string
	body   string
	want   llm.Error
}

// status is google.rpc.Status in JSON. Its message echoes the key, as a bad
// day at the provider might.
func status(code int, name string, details ...string) string {
	return fmt.Sprintf(`{"error":{"code":%d,"message":"something about %s","status":%q,"details":[%s]}}`,
		code, key, name, strings.Join(details, ","))
}

func errorInfo(reason string) string {
	return fmt.Sprintf(`{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":%q,"domain":"googleapis.com","metadata":{"service":"generativelanguage.googleapis.com"}}`, reason)
}

func quotaFailure(id, value string) string {
	return fmt.Sprintf(`{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaMetric":"generativelanguage.googleapis.com/generate_requests","quotaId":%q,"quotaDimensions":{"location":"global"},"quotaValue":%q}]}`, id, value)
}

const (
	help      = `{"@type":"type.googleapis.com/google.rpc.Help","links":[{"description":"x","url":"https://ai.google.dev"}]}`
	retryInfo = `{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.5s"}`
	badField  = `{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":"generation_config.response_schema","description":"x"}]}`
)

func failures() []failure {
	stalled := func(r llm.Reason, status int) llm.Error {
		return llm.Error{Class: llm.ClassStalled, Reason: r, Status: status}
	}
	retry := func(status int) llm.Error {
		return llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonOverloaded, Status: status}
	}
	wait := func(d time.Duration) llm.Error {
		return llm.Error{Class: llm.ClassWait, Reason: llm.ReasonRateLimited, Status: 429, RetryAfter: d}
	}
	return []failure{
		{"a wrong key, which is a 400 at Google", 400, nil, status(400, "INVALID_ARGUMENT", errorInfo("API_KEY_INVALID")), stalled(llm.ReasonUnauthorized, 400)},
		{"no credentials", 401, nil, status(401, "UNAUTHENTICATED"), stalled(llm.ReasonUnauthorized, 401)},
		{"a key for other things", 403, nil, status(403, "PERMISSION_DENIED", errorInfo("API_KEY_SERVICE_BLOCKED")), stalled(llm.ReasonForbidden, 403)},
		{"a suspended project", 403, nil, status(403, "PERMISSION_DENIED", errorInfo("CONSUMER_SUSPENDED")), stalled(llm.ReasonAccountSuspended, 403)},
		{"a region that is not served", 400, nil, status(400, "FAILED_PRECONDITION"), stalled(llm.ReasonForbidden, 400)},
		{"a project without billing", 403, nil, status(403, "PERMISSION_DENIED", errorInfo("BILLING_DISABLED")), stalled(llm.ReasonQuotaExhausted, 403)},
		{"a model that does not exist", 404, nil, status(404, "NOT_FOUND"), stalled(llm.ReasonModelNotFound, 404)},
		{"a request that is not understood", 400, nil, status(400, "INVALID_ARGUMENT", badField), stalled(llm.ReasonBadRequest, 400)},
		{"a quota per minute", 429, nil,
			status(429, "RESOURCE_EXHAUSTED", quotaFailure("GenerateRequestsPerMinutePerProjectPerModel-FreeTier", "10"), help, retryInfo), wait(34500 * time.Millisecond)},
		{"a quota per day, whatever the RetryInfo says", 429, nil,
			status(429, "RESOURCE_EXHAUSTED", quotaFailure("GenerateRequestsPerDayPerProjectPerModel-FreeTier", "250"), help, retryInfo), wait(15 * time.Minute)},
		{"a quota of nothing", 429, nil,
			status(429, "RESOURCE_EXHAUSTED", quotaFailure("GenerateContentInputTokensPerModelPerMinute-FreeTier", "0")), stalled(llm.ReasonQuotaExhausted, 429)},
		{"a rate limit with a header alone", 429, map[string]string{"Retry-After": "7"}, status(429, "RESOURCE_EXHAUSTED"), wait(7 * time.Second)},
		{"a key as status and reason", 400, nil, status(400, key, errorInfo(key)), stalled(llm.ReasonBadRequest, 400)},
		{"a canceled call", 499, nil, status(499, "CANCELLED"), retry(499)},
		{"a server's own fault", 500, nil, status(500, "INTERNAL"), retry(500)},
		{"an overload, which the SDK would retry", 503, nil, status(503, "UNAVAILABLE"), retry(503)},
		{"a deadline of Google's", 504, nil, status(504, "DEADLINE_EXCEEDED"), retry(504)},
		{"a gateway's own page", 502, nil, "<html>" + key + "</html>",
			llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonOverloaded, Status: 502, Unclear: true}},
		{"an answer that is not JSON", 200, nil, key,
			llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonInvalidResponse, Status: 200, Unclear: true}},
		{"an answer of another shape", 200, nil, `{"candidates":"` + key + `"}`,
			llm.Error{Class: llm.ClassRetry, Reason: llm.ReasonInvalidResponse, Status: 200, Unclear: true}},
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
			if requests.Load() != 1 {
				t.Errorf("%d requests", requests.Load())
			}
			noKey(t, err)
			noKey(t, m.Check(t.Context()))
		})
	}
}

func TestARejectedFieldIsNamed(t *testing.T) {
	m := model(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(status(400, "INVALID_ARGUMENT", badField)))
	})
	_, err := m.Complete(t.Context(), request)
	if want := "(INVALID_ARGUMENT, parameter generation_config.response_schema)"; !strings.Contains(err.Error(), want) {
		t.Errorf("%v does not name the field", err)
	}
}

func TestABrokenConnectionDoesNotShowTheKey(t *testing.T) {
	m, err := gemini.New(gemini.Options{Endpoint: "http://planted.invalid/" + key, Model: "m", Key: key, Transport: &http.Transport{
		Proxy: func(r *http.Request) (*url.URL, error) { return nil, fmt.Errorf("no proxy for %s", r.URL) },
	}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = m.Complete(t.Context(), request)
	if e := llm.AsError(err); e == nil || e.Reason != llm.ReasonConnection || e.Unclear {
		t.Errorf("got %+v", e)
	}
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
