package page

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"net/http"
	"path"

	"github.com/algoitny/algoitny-operator/internal/facade/fault"
)

//go:embed templates assets
var files embed.FS

// site is what all pages are made with.
type site struct {
	pages  map[string]*template.Template
	assets map[string]asset
}

// asset is a file that never changes under its address, which has its digest.
type asset struct {
	address, mediaType string
	body               []byte
}

// mediaTypes are not asked of the machine, which may know others.
var mediaTypes = map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}

func newSite() (*site, error) {
	s := &site{pages: map[string]*template.Template{}, assets: map[string]asset{}}
	entries, err := files.ReadDir("assets")
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		body, err := files.ReadFile("assets/" + entry.Name())
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(body)
		s.assets[entry.Name()] = asset{
			address:   "/assets/" + hex.EncodeToString(sum[:8]) + "/" + entry.Name(),
			mediaType: mediaTypes[path.Ext(entry.Name())], body: body,
		}
	}
	for _, name := range []string{"problems", "problem", "spending", "fault", "api"} {
		page, err := template.New(name).Funcs(s.functions()).ParseFS(files, "templates/frame.html", "templates/parts.html", "templates/"+name+".html")
		if err != nil {
			return nil, fmt.Errorf("the page %s: %w", name, err)
		}
		s.pages[name] = page
	}
	return s, nil
}

// asset sends a file of the pages.
func (s *site) asset(w http.ResponseWriter, r *http.Request) error {
	found, ok := s.assets[r.PathValue("name")]
	if !ok || found.address != r.URL.Path {
		return fault.New(http.StatusNotFound, "there is no such file; load the page again")
	}
	header := w.Header()
	protect(header)
	header.Set("Content-Type", found.mediaType)
	header.Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(found.body)
	return nil
}

// functions are what templates call.
func (s *site) functions() template.FuncMap {
	return template.FuncMap{
		"asset":       func(name string) string { return s.assets[name].address },
		"problemPath": problemPath,
		"web":         web,
		"money":       money,
		"sum":         sum,
		"bytes":       byteSize,
		"span":        span,
		"percent":     percent,
		"count":       count,
		"day":         day,
		"moment":      moment,
		"stamp":       stamp,
		"brief":       brief,
		"sentence":    sentence,
		"addOne":      func(i int) int { return i + 1 },
		"statement":   statementHTML,
		"code":        highlighted,
		"matrix":      newMatrix,
		"tests":       testCounts,
		"verdict":     verdictName,
	}
}
