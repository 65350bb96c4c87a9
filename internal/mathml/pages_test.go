package mathml_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/algoitny/algoitny-operator/internal/mathml"
	"github.com/algoitny/algoitny-operator/internal/source"
)

// savedPage is an entry of the index beside a folder of real pages, which are
// not ours to distribute.
type savedPage struct {
	File   string `json:"file"`
	URL    string `json:"url"`
	Expect struct {
		Problems []struct {
			Title string `json:"title"`
		} `json:"problems"`
	} `json:"expect"`
}

var formulas = regexp.MustCompile(`\$\$\$([^$]+)\$\$\$|\$([^$\s](?:[^$]*[^$\s])?)\$`)

// statements are the texts of the saved pages, as the product reads them.
func (p *savedPage) statements(t *testing.T, folder string) []string {
	t.Helper()
	body, err := os.ReadFile(filepath.Join(folder, p.File))
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, one := range p.Expect.Problems {
		address := p.URL
		if contest, whole := strings.CutSuffix(p.URL, "/problems"); whole {
			index, _, _ := strings.Cut(one.Title, ".")
			address = contest + "/problem/" + index
		}
		if address == "" {
			address = "https://judge.example/" + p.File
		}
		key, _, err := source.Identify(address)
		if err != nil {
			t.Fatal(err)
		}
		// A page that is refused has no statement.
		if facts, err := source.Read(source.Page{URL: address, Body: body}, key); err == nil {
			texts = append(texts, facts.Text)
		}
	}
	return texts
}

func TestFormulasOfRealPagesAreKnown(t *testing.T) {
	folder := os.Getenv("ALGOITNY_PAGES")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "shared", "data", "pages")
	}
	raw, err := os.ReadFile(filepath.Join(folder, "index.json"))
	if err != nil {
		t.Skipf("ALGOITNY_PAGES is not set to a folder of saved pages: %v", err)
	}
	var pages []savedPage
	if err := json.Unmarshal(raw, &pages); err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, page := range pages {
		for _, text := range page.statements(t, folder) {
			for _, match := range formulas.FindAllStringSubmatch(text, -1) {
				count++
				tex := match[1] + match[2]
				if _, ok := mathml.Convert(tex, false); !ok {
					t.Errorf("%s: %s is not known", page.File, tex)
				}
			}
		}
	}
	t.Logf("%d formulas", count)
	if count < 250 {
		t.Error("that are too few: they were not found")
	}
}
