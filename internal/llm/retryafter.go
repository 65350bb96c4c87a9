package llm

import (
	"math"
	"net/http"
	"strconv"
	"time"
)

// longestRetryAfter bounds what a provider can ask for. The longest honest
// wait is for a daily quota.
const longestRetryAfter = 24 * time.Hour

// retryAfter reads how long to wait from an answer's headers: OpenAI's
// retry-after-ms, which is the more exact, then Retry-After in seconds or as a
// date (RFC 9110, section 10.2.3). A date counts from the answer's own Date,
// so that the two clocks need not agree.
func retryAfter(h http.Header, now func() time.Time) time.Duration {
	if ms, ok := positive(h.Get("Retry-After-Ms")); ok {
		return bounded(ms * float64(time.Millisecond))
	}
	value := h.Get("Retry-After")
	if s, ok := positive(value); ok {
		return bounded(s * float64(time.Second))
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	from, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		from = now()
	}
	return bounded(float64(at.Sub(from)))
}

func positive(s string) (float64, bool) {
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil && f >= 0 && !math.IsNaN(f)
}

func bounded(nanoseconds float64) time.Duration {
	return time.Duration(min(max(nanoseconds, 0), float64(longestRetryAfter)))
}
