package facade

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/facade/edge"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// freshness says what a public answer is made of: one problem, or all of them.
// What depends on who asks is never kept.
func (f *Facade) freshness(r *http.Request) (edge.Freshness, bool) {
	// Escaped, so that a slash within a name does not end it.
	path := r.URL.EscapedPath()
	of, ok := strings.CutPrefix(path, "/api")
	switch {
	case !ok:
		of = path
	case strings.HasPrefix(path, "/assets/"), strings.HasPrefix(path, "/api/docs"), strings.HasPrefix(path, "/api/openapi"):
		// The program's own.
		return edge.Freshness{Version: 1}, true
	case path == "/api/health", strings.HasPrefix(of, "/submissions"), strings.HasSuffix(of, "/package"):
		return edge.Freshness{}, false
	}
	if key, ok := keyIn(of); ok {
		version, changed := f.catalogue.VersionOf(key)
		return edge.Freshness{Version: version, ChangedAt: changed, MaxAge: problemAge}, true
	}
	version, changed := f.catalogue.Version()
	fresh := edge.Freshness{Version: version, ChangedAt: changed}
	if strings.HasPrefix(of, "/spending") {
		fresh.MaxAge = spendingAge
	}
	return fresh, true
}

// keyIn is the problem that an address is about.
func keyIn(path string) (problem.Key, bool) {
	rest, ok := strings.CutPrefix(path, "/problems/")
	if !ok {
		return problem.Key{}, false
	}
	parts := strings.SplitN(rest, "/", 3)
	if len(parts) < 2 {
		return problem.Key{}, false
	}
	platform, platformErr := url.PathUnescape(parts[0])
	id, idErr := url.PathUnescape(parts[1])
	return problem.Key{Platform: strings.ToLower(platform), ID: id}, platformErr == nil && idErr == nil
}
