package icpc

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/algoitny/algoitny-operator/internal/problempackage"
)

// metadata is problem.yaml, of all versions.
type metadata struct {
	Version        text            `json:"problem_format_version,omitempty"`
	Type           words           `json:"type,omitempty"`
	Name           byLanguage      `json:"name,omitempty"`
	UUID           text            `json:"uuid,omitempty"`
	Author         text            `json:"author,omitempty"`
	Credits        *credits        `json:"credits,omitempty"`
	Source         *source         `json:"source,omitempty"`
	SourceURL      text            `json:"source_url,omitempty"`
	License        text            `json:"license,omitempty"`
	RightsOwner    text            `json:"rights_owner,omitempty"`
	Limits         limits          `json:"limits,omitzero"`
	Validation     words           `json:"validation,omitempty"`
	ValidatorFlags words           `json:"validator_flags,omitempty"`
	Keywords       words           `json:"keywords,omitempty"`
	Constants      map[string]text `json:"constants,omitempty"`
}

var metadataKeys = []string{
	"problem_format_version", "type", "name", "uuid", "author", "credits", "source", "source_url", "license", "rights_owner",
	"limits", "validation", "validator_flags", "keywords", "constants",
}

// limits are those that count here; the others bound what the sandbox bounds
// by itself.
type limits struct {
	// TimeLimit is in seconds, Memory and Output are in MiB.
	TimeLimit      *float64         `json:"time_limit,omitempty"`
	Multiplier     *float64         `json:"time_multiplier,omitempty"`
	Multipliers    *timeMultipliers `json:"time_multipliers,omitempty"`
	TimeResolution *float64         `json:"time_resolution,omitempty"`
	Memory         *float64         `json:"memory,omitempty"`
	Output         *float64         `json:"output,omitempty"`
}

type timeMultipliers struct {
	Accepted *float64 `json:"ac_to_time_limit,omitempty"`
}

const (
	metadataFile = "problem.yaml"
	// maxLimit bounds a time limit in seconds and a memory limit in MiB, so
	// that neither overflows.
	maxLimit = 1 << 20
)

// legacyVersions and newVersions are the values of problem_format_version
// that are read. 2025-09 is what became of 2023-07-draft; what this package
// reads of both is the same.
var (
	legacyVersions = []string{"", "legacy", "legacy-icpc"}
	newVersions    = []string{"2023-07-draft", "2023-07", "draft", "2025-09", "2025-09-draft"}
)

// Version is what an export of the new format calls itself.
const Version = "2023-07-draft"

func (m *metadata) format() (problempackage.Format, error) {
	switch {
	case slices.Contains(legacyVersions, string(m.Version)):
		return problempackage.ICPCLegacy, nil
	case slices.Contains(newVersions, string(m.Version)):
		return problempackage.ICPC, nil
	}
	return "", problempackage.Errorf(metadataFile, "problem_format_version %q is not known; the versions are %v and %v", m.Version, legacyVersions[1:], newVersions)
}

// refusals are the kinds of problems that are not judged here.
var refusals = map[string]string{ //nolint:gosec // "multi-pass" is no password
	"scoring":       "it is a scoring problem; programs are accepted or not here, without points",
	"interactive":   "it is an interactive problem; programs are only given their whole input here",
	"multi-pass":    "it is a multi-pass problem; programs are run once on each test here",
	"submit-answer": "it wants answers instead of programs, and only programs are judged here",
	"score":         "its validator gives scores; programs are accepted or not here, without points",
}

// refuse says why a problem of this kind is not judged.
func (m *metadata) refuse() error {
	for _, word := range append(slices.Clone(m.Type), m.Validation...) {
		if reason, ok := refusals[word]; ok {
			return problempackage.Errorf(metadataFile, "%s", reason)
		}
		if !slices.Contains([]string{"pass-fail", "default", "custom"}, word) {
			return problempackage.Errorf(metadataFile, "the type or validation %q is not known", word)
		}
	}
	return nil
}

// apply takes over the facts and limits.
func (m *metadata) apply(p *problempackage.Package) error {
	p.Facts = problempackage.Facts{
		UUID: string(m.UUID), License: string(m.License), RightsOwner: string(m.RightsOwner), Keywords: m.Keywords,
		Title: title(m.Name), Authors: authors(string(m.Author)), SourceURL: string(m.SourceURL),
	}
	if m.Credits != nil {
		p.Authors = m.Credits.Authors
	}
	if m.Source != nil {
		p.Source = string(m.Source.Name)
		if m.Source.URL != "" {
			p.SourceURL = string(m.Source.URL)
		}
	}
	return m.Limits.apply(p)
}

// authorSeparator is that of the legacy format.
var authorSeparator = regexp.MustCompile(`\s*,\s*(?:and\s+)?|\s+and\s+`)

func authors(list string) []string {
	if list = strings.TrimSpace(list); list == "" {
		return nil
	}
	return authorSeparator.Split(list, -1)
}

// title is the English name, else the one of the first language.
func title(names byLanguage) string {
	if name, ok := names["en"]; ok {
		return name
	}
	for _, language := range slices.Sorted(maps.Keys(names)) {
		return names[language]
	}
	return ""
}

func (l *limits) apply(p *problempackage.Package) error {
	p.Timing = problempackage.DefaultTiming
	multiplier := l.Multiplier
	if l.Multipliers != nil && l.Multipliers.Accepted != nil {
		multiplier = l.Multipliers.Accepted
	}
	if multiplier != nil {
		p.Timing.Multiplier = *multiplier
	}
	if p.Timing.Multiplier < 1 || p.Timing.Multiplier > 1000 {
		return problempackage.Errorf(metadataFile, "a time multiplier must be between 1 and 1000")
	}
	for _, limit := range []struct {
		key   string
		value *float64
		unit  float64
		into  *int64
	}{
		{"time_limit", l.TimeLimit, float64(time.Second), (*int64)(&p.Limits.Time)},
		{"time_resolution", l.TimeResolution, float64(time.Second), (*int64)(&p.Timing.Resolution)},
		{"memory", l.Memory, 1 << 20, &p.Limits.MemoryBytes},
		{"output", l.Output, 1 << 20, &p.OutputBytes},
	} {
		if limit.value == nil {
			continue
		}
		if !(*limit.value > 0 && *limit.value <= maxLimit) {
			return problempackage.Errorf(metadataFile, "limits.%s is %v; it must be above 0 and at most %d", limit.key, *limit.value, maxLimit)
		}
		*limit.into = max(1, int64(math.Round(*limit.value*limit.unit)))
	}
	if p.OutputBytes > 0 {
		p.Note("%s: limits.output is carried along and not enforced; programs may print 64 MiB here", metadataFile)
	}
	return nil
}

// constant is a name that may be replaced in texts.
var constant = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)

// replacer puts the constants into a text.
func (m *metadata) replacer() (*strings.Replacer, error) {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(m.Constants)) {
		if !constant.MatchString(name) {
			return nil, problempackage.Errorf(metadataFile, "the constant %q has a name that is none", name)
		}
		pairs = append(pairs, fmt.Sprintf("{{%s}}", name), string(m.Constants[name]))
	}
	return strings.NewReplacer(pairs...), nil
}
