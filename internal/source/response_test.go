package source

import (
	"errors"
	"io"
	"net/http"
	"testing"
	"time"
)

func TestAnswersThatAreNoPageAreClassed(t *testing.T) {
	const wall = "<title>Just a moment...</title><script>window._cf_chl_opt={}</script>"
	for name, c := range map[string]struct {
		status int
		header map[string]string
		body   string
		class  Class
		reason Reason
		after  time.Duration
	}{
		"not found":                       {status: 404, class: Stalled, reason: PageNotFound},
		"gone":                            {status: 410, class: Stalled, reason: PageNotFound},
		"unauthorized":                    {status: 401, class: Stalled, reason: LoginRequired},
		"forbidden":                       {status: 403, class: Stalled, reason: PageBlocked},
		"a wall":                          {status: 403, body: wall, class: Stalled, reason: PageBlocked},
		"a wall under another status":     {status: 503, body: wall, class: Stalled, reason: PageBlocked},
		"a wall told by a header":         {status: 200, header: map[string]string{"Cf-Mitigated": "challenge"}, class: Stalled, reason: PageBlocked},
		"a wall of AWS":                   {status: 202, header: map[string]string{"X-Amzn-Waf-Action": "challenge"}, class: Stalled, reason: PageBlocked},
		"for legal reasons":               {status: 451, class: Stalled, reason: PageBlocked},
		"too many requests":               {status: 429, class: Wait, reason: RateLimited, after: defaultRetryAfter},
		"too many, in seconds":            {status: 429, header: map[string]string{"Retry-After": "120"}, class: Wait, reason: RateLimited, after: 2 * time.Minute},
		"too many, as a date":             {status: 429, header: map[string]string{"Retry-After": "Sun, 01 Mar 2026 12:05:00 GMT"}, class: Wait, reason: RateLimited, after: 5 * time.Minute},
		"too many, for a year":            {status: 429, header: map[string]string{"Retry-After": "31536000"}, class: Wait, reason: RateLimited, after: maxRetryAfter},
		"too many, in the past":           {status: 429, header: map[string]string{"Retry-After": "Sun, 01 Mar 2020 12:05:00 GMT"}, class: Wait, reason: RateLimited, after: time.Second},
		"too many, in nonsense":           {status: 429, header: map[string]string{"Retry-After": "-5"}, class: Wait, reason: RateLimited, after: defaultRetryAfter},
		"a broken server":                 {status: 500, class: Retry, reason: FetchFailed},
		"a server under maintenance":      {status: 503, header: map[string]string{"Retry-After": "60"}, class: Retry, reason: FetchFailed, after: time.Minute},
		"a timeout of the server":         {status: 408, class: Retry, reason: FetchFailed},
		"a teapot":                        {status: 418, class: Stalled, reason: FetchFailed},
		"a redirect to nowhere":           {status: 300, class: Stalled, reason: FetchFailed},
		"a PDF by its type":               {status: 200, header: map[string]string{"Content-Type": "application/pdf"}, body: "x", class: Stalled, reason: NotHTML},
		"a PDF under the type of HTML":    {status: 200, header: map[string]string{"Content-Type": "text/html"}, body: "%PDF-1.5", class: Stalled, reason: NotHTML},
		"a picture":                       {status: 200, header: map[string]string{"Content-Type": "image/png"}, body: "x", class: Stalled, reason: NotHTML},
		"an archive that nobody declared": {status: 200, header: map[string]string{"Content-Type": ""}, body: "PK\x03\x04\x00", class: Stalled, reason: NotHTML},
	} {
		f, server := served(t, func(w http.ResponseWriter, _ *http.Request) {
			for key, value := range c.header {
				w.Header().Set(key, value)
			}
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, c.body)
		})
		_, err := f.Fetch(t.Context(), server.URL, "")
		wantError(t, name, err, c.class, c.reason)
		if got, ok := errors.AsType[*Error](err); ok && got.RetryAfter != c.after {
			t.Errorf("%s: retry after %v, want %v", name, got.RetryAfter, c.after)
		}
	}
}
