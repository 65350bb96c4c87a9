package demo

import (
	"embed"
	"io/fs"
	"net/http"
	"strings"
)

//go:embed pages
var pageFiles embed.FS

//go:embed transcripts
var transcriptFiles embed.FS

// Pages serves the demo's own problems as the judges that they imitate would:
// one host each, told apart by the Host header.
func Pages() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, _ := strings.Cut(r.Host, ":")
		name := strings.ReplaceAll(strings.Trim(r.URL.Path, "/"), "/", "_") + ".html"
		raw, err := fs.ReadFile(pageFiles, "pages/"+host+"/"+name)
		if err != nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(raw) //nolint:gosec // a file of our own
	})
}

// hosts are the names that the demo's page server answers for.
func hosts() ([]string, error) {
	entries, err := fs.ReadDir(pageFiles, "pages")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names, nil
}

// Transcripts is the folder that the replay model answers from.
func Transcripts() (fs.FS, error) { return fs.Sub(transcriptFiles, "transcripts") }
