package llm_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/algoitny/algoitny-operator/internal/llm"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func wire(base http.RoundTripper) *llm.Wire {
	return llm.NewWire(llm.WireOptions{
		Base:      base,
		Key:       "planted-key",
		Authorize: func(h http.Header, key string) { h.Set("X-Key", key) },
		Refusal:   func(body []byte) llm.Refusal { return llm.Refusal{Code: string(body), Detail: string(body)} },
		Now:       func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) },
	})
}

// post is an SDK that sends the given number of requests whatever comes back.
func post(w *llm.Wire, url string, times int) func(context.Context) error {
	return func(ctx context.Context) error {
		var last error
		for range times {
			r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader("{}"))
			if err != nil {
				return err
			}
			resp, err := w.Client().Do(r)
			if err == nil {
				_, last = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
			} else {
				last = err
			}
		}
		return last
	}
}

func serve(t *testing.T, h http.HandlerFunc) (string, *http.Transport) {
	t.Helper()
	server := httptest.NewServer(h)
	transport := &http.Transport{}
	t.Cleanup(func() { transport.CloseIdleConnections(); server.Close() })
	return server.URL, transport
}

func TestACallIsOneRequestHoweverOftenTheSDKTries(t *testing.T) {
	for _, status := range []int{200, 307, 408, 409, 429, 500, 503} {
		var requests atomic.Int32
		url, transport := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			requests.Add(1)
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(status)
			_, _ = w.Write([]byte("{}"))
		})
		w := wire(transport)
		_, err := w.Call(t.Context(), post(w, url, 3))
		if (err == nil) != (status == 200) {
			t.Errorf("%d: %v", status, err)
		}
		if requests.Load() != 1 {
			t.Errorf("%d: %d requests", status, requests.Load())
		}
	}
}

func TestNoRequestLeavesOutsideACall(t *testing.T) {
	url, transport := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a request came") })
	if err := post(wire(transport), url, 1)(t.Context()); err == nil {
		t.Error("no error")
	}
}

func TestTheKeyMovesFromTheURLToAHeader(t *testing.T) {
	url, transport := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery != "a=b" || r.Header.Get("X-Key") != "planted-key" {
			t.Errorf("got %q with %q", r.URL.RawQuery, r.Header.Get("X-Key"))
		}
		_, _ = w.Write([]byte("{}"))
	})
	w := wire(transport)
	if _, err := w.Call(t.Context(), post(w, url+"/?key=planted-key&a=b", 1)); err != nil {
		t.Error(err)
	}
}

func TestRetryAfterIsReadFromTheHeaders(t *testing.T) {
	cases := []struct {
		name   string
		header map[string]string
		want   time.Duration
	}{
		{"seconds", map[string]string{"Retry-After": "7"}, 7 * time.Second},
		{"milliseconds win, being more exact", map[string]string{"Retry-After": "1", "Retry-After-Ms": "250"}, 250 * time.Millisecond},
		{"a date counts from the answer's own date", map[string]string{
			"Date": "Thu, 01 Jan 2026 10:00:00 GMT", "Retry-After": "Thu, 01 Jan 2026 10:01:30 GMT"}, 90 * time.Second},
		{"a date counts from our clock when there is no other", map[string]string{
			"Date": "", "Retry-After": "Thu, 01 Jan 2026 00:00:05 GMT"}, 5 * time.Second},
		{"a date that has passed is no wait", map[string]string{
			"Date": "Thu, 01 Jan 2026 10:00:00 GMT", "Retry-After": "Thu, 01 Jan 2026 09:00:00 GMT"}, 0},
		{"more than a day is a day", map[string]string{"Retry-After": "1e30"}, 24 * time.Hour},
		{"nonsense is no wait", map[string]string{"Retry-After": "soon"}, 0},
		{"a negative wait is none", map[string]string{"Retry-After": "-5"}, 0},
		{"not a number is no wait", map[string]string{"Retry-After": "NaN"}, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			url, transport := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				for k, v := range c.header {
					w.Header()[k] = []string{v}
				}
				w.WriteHeader(http.StatusTooManyRequests)
			})
			w := wire(transport)
			_, err := w.Call(t.Context(), post(w, url, 1))
			if e := llm.AsError(err); e == nil || e.RetryAfter != c.want {
				t.Errorf("got %+v, want %v", e, c.want)
			}
		})
	}
}

func TestAStatusAloneDecidesWhatTheBodyDoesNot(t *testing.T) {
	type outcome struct {
		class   llm.Class
		reason  llm.Reason
		unclear bool
	}
	for status, want := range map[int]outcome{
		302: {llm.ClassStalled, llm.ReasonBadRequest, false},
		400: {llm.ClassStalled, llm.ReasonBadRequest, false},
		401: {llm.ClassStalled, llm.ReasonUnauthorized, false},
		402: {llm.ClassStalled, llm.ReasonQuotaExhausted, false},
		403: {llm.ClassStalled, llm.ReasonForbidden, false},
		404: {llm.ClassStalled, llm.ReasonModelNotFound, false},
		408: {llm.ClassRetry, llm.ReasonTimeout, false},
		409: {llm.ClassRetry, llm.ReasonOverloaded, false},
		413: {llm.ClassStalled, llm.ReasonContextTooLong, false},
		422: {llm.ClassStalled, llm.ReasonBadRequest, false},
		429: {llm.ClassWait, llm.ReasonRateLimited, false},
		500: {llm.ClassRetry, llm.ReasonOverloaded, false},
		// Something in front of the provider lost the provider's answer.
		502: {llm.ClassRetry, llm.ReasonOverloaded, true},
		503: {llm.ClassRetry, llm.ReasonOverloaded, false},
		504: {llm.ClassRetry, llm.ReasonOverloaded, true},
		529: {llm.ClassRetry, llm.ReasonOverloaded, false},
	} {
		url, transport := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		w := wire(transport)
		_, err := w.Call(t.Context(), post(w, url, 1))
		e := llm.AsError(err)
		if e == nil || e.Status != status || (outcome{e.Class, e.Reason, e.Unclear}) != want {
			t.Errorf("%d: %+v, want %+v", status, e, want)
		}
	}
}

func TestAMessageHoldsNothingButFixedNames(t *testing.T) {
	for code, want := range map[string]bool{
		"invalid_value": true, "org-abc123": false, "at 12:00": false, strings.Repeat("x", 49): false, "": false,
	} {
		url, transport := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(code))
		})
		w := wire(transport)
		_, err := w.Call(t.Context(), post(w, url, 1))
		if e := llm.AsError(err); e == nil || strings.Contains(e.Message, "(") != want {
			t.Errorf("%q: %+v", code, e)
		}
	}
}

func TestBodiesAreBounded(t *testing.T) {
	t.Run("an answer over the bound is unclear", func(t *testing.T) {
		url, transport := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(make([]byte, 8<<20+1))
		})
		w := wire(transport)
		_, err := w.Call(t.Context(), post(w, url, 1))
		if e := llm.AsError(err); e == nil || e.Reason != llm.ReasonInvalidResponse || !e.Unclear {
			t.Errorf("got %+v", e)
		}
	})
	t.Run("an error's body is read in part and kept shorter", func(t *testing.T) {
		url, transport := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(strings.Repeat("é", 1<<20)))
		})
		w := wire(transport)
		_, err := w.Call(t.Context(), post(w, url, 1))
		e := llm.AsError(err)
		if e == nil || e.Err == nil || len(e.Err.Error()) > 1024 || len(e.Message) > 256 {
			t.Errorf("got %+v", e)
		}
	})
}

type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

func TestWhatNeverLeftIsClear(t *testing.T) {
	closed := httptest.NewServer(nil)
	closed.Close()
	tlsServer := httptest.NewUnstartedServer(nil)
	tlsServer.Config.ErrorLog = log.New(io.Discard, "", 0)
	tlsServer.StartTLS()
	defer tlsServer.Close()
	cases := []struct{ name, url string }{
		{"a refused connection", closed.URL},
		{"a host without an address", "http://planted.invalid"},
		{"a certificate nobody signed", tlsServer.URL},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			transport := &http.Transport{}
			defer transport.CloseIdleConnections()
			w := wire(transport)
			_, err := w.Call(t.Context(), post(w, c.url, 1))
			e := llm.AsError(err)
			if e == nil || e.Reason != llm.ReasonConnection || e.Class != llm.ClassRetry || e.Unclear {
				t.Errorf("got %+v", e)
			}
		})
	}
	t.Run("a caller that gave up before", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		w := wire(failing{errors.New("a request came")})
		_, err := w.Call(ctx, post(w, closed.URL, 1))
		e := llm.AsError(err)
		if e == nil || e.Reason != llm.ReasonCanceled || e.Unclear || !errors.Is(err, context.Canceled) {
			t.Errorf("got %+v", e)
		}
	})
}

func TestATransportThatDoesNotReportIsNotTrusted(t *testing.T) {
	w := wire(failing{&url.Error{Op: "Post", URL: "https://x/?key=planted-key", Err: io.ErrUnexpectedEOF}})
	_, err := w.Call(t.Context(), post(w, "http://x.invalid", 1))
	e := llm.AsError(err)
	if e == nil || !e.Unclear || strings.Contains(e.Err.Error(), "planted") {
		t.Errorf("got %+v, cause %v", e, errors.Unwrap(err))
	}
}

func TestAnErrorOfAFreeCallIsNeverUnclear(t *testing.T) {
	err := llm.Free(&llm.Error{Reason: llm.ReasonTimeout, Unclear: true})
	if e := llm.AsError(err); e == nil || e.Unclear || e.Reason != llm.ReasonTimeout {
		t.Errorf("got %+v", e)
	}
	if llm.Free(nil) != nil {
		t.Error("success became an error")
	}
}
