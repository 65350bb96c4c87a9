// Package polygon reads and writes packages laid out as Codeforces' Polygon
// does: problem.xml, the sources in files/ and solutions/, the tests in
// tests/, and the script that makes them. It reads full packages, in which the
// tests have been made.
package polygon

import (
	"encoding/xml"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/problempackage"
)

const problemFile = "problem.xml"

// document is problem.xml.
type document struct {
	XMLName     xml.Name     `xml:"problem"`
	Revision    int          `xml:"revision,attr"`
	ShortName   string       `xml:"short-name,attr"`
	URL         string       `xml:"url,attr,omitempty"`
	Names       []name       `xml:"names>name"`
	Statements  []reference  `xml:"statements>statement"`
	Judging     judging      `xml:"judging"`
	Resources   []reference  `xml:"files>resources>file"`
	Executables []executable `xml:"files>executables>executable"`
	Checker     *checker     `xml:"assets>checker"`
	Interactor  *executable  `xml:"assets>interactor"`
	Validators  []executable `xml:"assets>validators>validator"`
	Solutions   []solution   `xml:"assets>solutions>solution"`
	Tags        []tag        `xml:"tags>tag"`
}

type name struct {
	Language string `xml:"language,attr"`
	Value    string `xml:"value,attr"`
}

// reference names a file and says what it is.
type reference struct {
	Charset  string `xml:"charset,attr,omitempty"`
	Language string `xml:"language,attr,omitempty"`
	Path     string `xml:"path,attr"`
	Type     string `xml:"type,attr,omitempty"`
}

type judging struct {
	InputFile  string    `xml:"input-file,attr"`
	OutputFile string    `xml:"output-file,attr"`
	RunCount   int       `xml:"run-count,attr"`
	Testsets   []testset `xml:"testset"`
}

type testset struct {
	Name string `xml:"name,attr,omitempty"`
	// TimeLimit is in milliseconds, MemoryLimit in bytes.
	TimeLimit     int64  `xml:"time-limit"`
	MemoryLimit   int64  `xml:"memory-limit"`
	Count         int    `xml:"test-count"`
	InputPattern  string `xml:"input-path-pattern"`
	AnswerPattern string `xml:"answer-path-pattern"`
	Tests         []test `xml:"tests>test"`
}

type test struct {
	Method      string `xml:"method,attr"`
	Cmd         string `xml:"cmd,attr,omitempty"`
	Sample      bool   `xml:"sample,attr,omitempty"`
	Description string `xml:"description,attr,omitempty"`
	Points      string `xml:"points,attr,omitempty"`
}

type executable struct {
	Source reference `xml:"source"`
}

type checker struct {
	Name   string     `xml:"name,attr,omitempty"`
	Type   string     `xml:"type,attr"`
	Source *reference `xml:"source"`
}

type solution struct {
	Tag    string    `xml:"tag,attr"`
	Source reference `xml:"source"`
}

type tag struct {
	Value string `xml:"value,attr"`
}

// sourceTypes are what Polygon calls the languages that are run here.
var sourceTypes = map[string]string{
	"cpp": "cpp.gcc13-64-winlibs-g++20", "python": "python.3", "pypy": "python.pypy3-64", "java": "java21", "go": "go",
}

// languageOf is the toolchain's name of a source type, which also holds a
// compiler and its version.
func languageOf(sourceType string) (string, bool) {
	for _, known := range []struct{ prefix, language string }{
		{"cpp.", "cpp"}, {"python.pypy3", "pypy"}, {"python.3", "python"}, {"java", "java"}, {"go", "go"},
	} {
		if strings.HasPrefix(sourceType, known.prefix) {
			return known.language, true
		}
	}
	return "", false
}

// languages are the names of statement languages and their ISO 639 codes.
var languages = map[string]string{
	"english": "en", "russian": "ru", "ukrainian": "uk", "german": "de", "french": "fr", "spanish": "es", "portuguese": "pt",
	"italian": "it", "polish": "pl", "turkish": "tr", "chinese": "zh", "japanese": "ja", "korean": "ko", "vietnamese": "vi",
	"arabic": "ar", "persian": "fa", "romanian": "ro", "czech": "cs", "hungarian": "hu", "armenian": "hy", "kazakh": "kk", "indonesian": "id",
}

func languageName(code string) (string, bool) {
	for name, known := range languages {
		if known == code {
			return name, true
		}
	}
	return "", false
}

// pattern is what the path of a test may look like: one number in it.
var pattern = regexp.MustCompile(`^[^%]*%(?:0(\d))?d[^%]*$`)

// numbered is the path of a test.
func numbered(layout string, n int) (string, error) {
	match := pattern.FindStringSubmatchIndex(layout)
	if match == nil {
		return "", problempackage.Errorf(problemFile, "the path pattern %.60q has to hold one number, such as tests/%%02d", layout)
	}
	width := 0
	if match[2] >= 0 {
		width, _ = strconv.Atoi(layout[match[2]:match[3]])
	}
	from := strings.IndexByte(layout, '%')
	to := from + strings.IndexByte(layout[from:], 'd') + 1
	return layout[:from] + fmt.Sprintf("%0*d", width, n) + layout[to:], nil
}

// expectations are what the tags of solutions mean: the folder of the ICPC
// format, and where that does not say it, what is expected.
var expectations = map[string]struct {
	folder string
	expect []problempackage.Expectation
}{
	"main":                            {folder: "accepted"},
	"accepted":                        {folder: "accepted"},
	"wrong-answer":                    {folder: "wrong_answer"},
	"presentation-error":              {folder: "wrong_answer"},
	"time-limit-exceeded":             {folder: "time_limit_exceeded"},
	"memory-limit-exceeded":           {folder: "memory_limit_exceeded"},
	"failed":                          {folder: "run_time_error"},
	"rejected":                        {folder: "rejected"},
	"time-limit-exceeded-or-accepted": {folder: "mixed", expect: []problempackage.Expectation{{Permitted: []problempackage.Outcome{problempackage.AC, problempackage.TLE}}}},
	"time-limit-exceeded-or-memory-limit-exceeded": {folder: "brute_force"},
}
