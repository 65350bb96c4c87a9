package edge

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/rs/cors"
)

// preflightAge is how long a browser need not ask again.
const preflightAge = 10 * time.Minute

// newCORS returns nil where no other origin is allowed anything. Tokens go in
// Authorization, so no origin gets to send a browser's own credentials.
func newCORS(origins []string) (*cors.Cors, error) {
	if len(origins) == 0 {
		return nil, nil
	}
	allowed := make([]string, 0, len(origins))
	for _, origin := range origins {
		if origin != "*" && !isOrigin(origin) {
			return nil, fmt.Errorf("%q is not like https://judge.example", origin)
		}
		allowed = append(allowed, strings.ToLower(origin))
	}
	anybodyReads := slices.Contains(allowed, "*")
	return cors.New(cors.Options{
		AllowOriginVaryRequestFunc: func(r *http.Request, origin string) (bool, []string) {
			return slices.Contains(allowed, strings.ToLower(origin)) || anybodyReads && reads(r), nil
		},
		AllowedMethods: []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodDelete},
		AllowedHeaders: []string{"Authorization", "Content-Type", "Idempotency-Key", "If-None-Match", "Last-Event-ID", "X-Request-Id"},
		ExposedHeaders: []string{"ETag", "Location", "Retry-After", "X-Request-Id"},
		MaxAge:         int(preflightAge.Seconds()),
	}), nil
}

func isOrigin(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && !strings.Contains(u.Host, "*") &&
		u.Scheme+"://"+u.Host == text
}

// reads says whether a request, or the one that a preflight announces, only
// reads.
func reads(r *http.Request) bool {
	method := r.Method
	if method == http.MethodOptions {
		method = r.Header.Get("Access-Control-Request-Method")
	}
	return method == http.MethodGet || method == http.MethodHead
}
