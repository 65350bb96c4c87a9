package icpc

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/algoitny/algoitny-operator/internal/archive"
	"github.com/algoitny/algoitny-operator/internal/problempackage"
)

const (
	iniFile       = "domjudge-problem.ini"
	timelimitFile = ".timelimit"
)

// properties are the keys of domjudge-problem.ini and their values.
type properties map[string]string

// parseProperties reads lines of the form key = value. A value may be quoted,
// and then goes on to the closing quote, over lines too. The format is that of
// PHP's parse_ini_string, as far as DOMjudge's manual describes it.
func parseProperties(body string) (properties, error) {
	known := properties{}
	for rest := strings.TrimPrefix(body, "\ufeff"); rest != ""; {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		line = strings.TrimSpace(line)
		if line == "" || strings.ContainsRune(";#[", rune(line[0])) {
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok {
			return nil, problempackage.Errorf(iniFile, "the line %.40q is not of the form key = value", line)
		}
		value = strings.TrimSpace(value)
		if quote := strings.IndexAny(value, `"'`); quote == 0 {
			text, after, err := quoted(value[1:]+"\n"+rest, value[:1])
			if err != nil {
				return nil, err
			}
			_, rest, _ = strings.Cut(after, "\n")
			value = text
		} else if before, _, ok := strings.Cut(value, " ;"); ok {
			value = strings.TrimSpace(before)
		}
		known[strings.ToLower(strings.TrimSpace(key))] = value
	}
	return known, nil
}

func quoted(text, quote string) (value, rest string, err error) {
	value, rest, ok := strings.Cut(text, quote)
	if !ok {
		return "", "", problempackage.Errorf(iniFile, "a value has an opening quote and no closing one")
	}
	return value, rest, nil
}

// knownProperties are DOMjudge's, and whether anything is done with them.
var knownProperties = map[string]bool{
	"name": true, "timelimit": true, "externalid": true, "color": true, "short-name": true, "probid": true,
	"allow_submit": false, "allow_judge": false, "points": false,
}

// readDOMjudge combines domjudge-problem.ini with what problem.yaml said.
func readDOMjudge(tree *archive.Tree, p *problempackage.Package) error {
	if _, ok := tree.Find(iniFile); !ok {
		return nil
	}
	body, err := tree.Text(iniFile, problempackage.MaxText)
	if err != nil {
		return err
	}
	known, err := parseProperties(body)
	if err != nil {
		return err
	}
	if known["special_run"] != "" {
		return problempackage.Errorf(iniFile, "special_run = %.40q names a program of the server that runs submissions, as interactive problems have it; it is not in the package", known["special_run"])
	}
	if compare := known["special_compare"]; compare != "" {
		p.Note("%s: special_compare = %q names a program of the server, which is not in the package; the package's own validation is used", iniFile, compare)
	}
	if p.Title == "" {
		p.Title = known["name"]
	}
	p.Color = known["color"]
	for _, key := range []string{"externalid", "short-name", "probid"} {
		if p.ExternalID == "" {
			p.ExternalID = known[key]
		}
	}
	for _, key := range slices.Sorted(maps.Keys(known)) {
		if _, ok := knownProperties[key]; !ok && !strings.HasPrefix(key, "special_") {
			p.Note("%s: the key %q is not known", iniFile, key)
		}
	}
	return setTimeLimit(p, iniFile, known["timelimit"])
}

// readTimelimit reads the file that old packages state their time limit in.
func readTimelimit(tree *archive.Tree, p *problempackage.Package) error {
	if _, ok := tree.Find(timelimitFile); !ok {
		return nil
	}
	body, err := tree.Text(timelimitFile, problempackage.MaxText)
	if err != nil {
		return err
	}
	return setTimeLimit(p, timelimitFile, strings.TrimSpace(body))
}

// setTimeLimit takes a limit in seconds, which must agree with the one that is
// known.
func setTimeLimit(p *problempackage.Package, from, seconds string) error {
	if seconds == "" {
		return nil
	}
	value, err := strconv.ParseFloat(seconds, 64)
	if err != nil || !(value > 0 && value <= maxLimit) {
		return problempackage.Errorf(from, "the time limit %.40q is not a number of seconds above 0 and at most %d", seconds, maxLimit)
	}
	limit := max(1, time.Duration(math.Round(value*float64(time.Second))))
	if p.Limits.Time != 0 && p.Limits.Time != limit {
		return problempackage.Errorf(from, "it states a time limit of %v and another file one of %v; leave only one of them", limit, p.Limits.Time)
	}
	p.Limits.Time = limit
	return nil
}
