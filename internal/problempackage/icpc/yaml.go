package icpc

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/algoitny/algoitny-operator/internal/problempackage"
)

// The format lets many values be written in two ways. The types below read
// both; YAML reaches them as JSON.

// text is a string, also where YAML takes it for a number.
type text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *text) UnmarshalJSON(raw []byte) error {
	if raw[0] == '{' || raw[0] == '[' {
		return fmt.Errorf("a text is expected, not %s", raw)
	}
	if raw[0] != '"' {
		*t = text(bytes.Trim(raw, " "))
		if *t == "null" {
			*t = ""
		}
		return nil
	}
	return json.Unmarshal(raw, (*string)(t))
}

// words is a list of texts, or one text that blanks separate.
type words []string

// UnmarshalJSON implements json.Unmarshaler.
func (w *words) UnmarshalJSON(raw []byte) error {
	*w = words{}
	var list []text
	if raw[0] != '[' {
		var one text
		if err := json.Unmarshal(raw, &one); err != nil {
			return err
		}
		*w = append(*w, strings.Fields(string(one))...)
		return nil
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		return err
	}
	for _, word := range list {
		*w = append(*w, string(word))
	}
	return nil
}

// items is a list of texts, or one text as it stands.
type items []string

// UnmarshalJSON implements json.Unmarshaler.
func (i *items) UnmarshalJSON(raw []byte) error {
	*i = nil
	list := []text{""}
	into := any(&list)
	if raw[0] != '[' {
		into = &list[0]
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return err
	}
	for _, item := range list {
		if item != "" {
			*i = append(*i, string(item))
		}
	}
	return nil
}

// byLanguage is a text for each language, or one in English.
type byLanguage map[string]string

// UnmarshalJSON implements json.Unmarshaler.
func (l *byLanguage) UnmarshalJSON(raw []byte) error {
	all := map[string]text{}
	if raw[0] == '{' {
		if err := json.Unmarshal(raw, &all); err != nil {
			return err
		}
	} else {
		var one text
		if err := json.Unmarshal(raw, &one); err != nil {
			return err
		}
		all["en"] = one
	}
	*l = byLanguage{}
	for language, name := range all {
		(*l)[language] = string(name)
	}
	return nil
}

// credits are who made the problem: a map of rôles, or its author.
type credits struct {
	Authors items `json:"authors,omitempty"`
}

// UnmarshalJSON implements json.Unmarshaler.
func (c *credits) UnmarshalJSON(raw []byte) error {
	if raw[0] != '{' {
		return json.Unmarshal(raw, &c.Authors)
	}
	type plain credits
	return json.Unmarshal(raw, (*plain)(c))
}

// source is where a problem comes from: a name, a map, or a list of both, of
// which the first is taken.
type source struct {
	Name text `json:"name"`
	URL  text `json:"url,omitempty"`
}

// UnmarshalJSON implements json.Unmarshaler.
func (s *source) UnmarshalJSON(raw []byte) error {
	switch raw[0] {
	case '[':
		var list []source
		if err := json.Unmarshal(raw, &list); err != nil || len(list) == 0 {
			return err
		}
		*s = list[0]
		return nil
	case '{':
		type plain source
		return json.Unmarshal(raw, (*plain)(s))
	}
	return json.Unmarshal(raw, &s.Name)
}

// unmarshal reads a file of YAML and returns the keys that the target does
// not know.
func unmarshal(name, body string, into any, known ...string) ([]string, error) {
	raw, err := yaml.YAMLToJSONStrict([]byte(body))
	if err != nil {
		return nil, problempackage.Errorf(name, "it is not valid YAML: %v", err)
	}
	if bytes.Equal(raw, []byte("null")) {
		return nil, nil
	}
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(raw, &keys); err != nil {
		return nil, problempackage.Errorf(name, "it is not a map of keys and values")
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return nil, problempackage.Errorf(name, "%v", err)
	}
	var unknown []string
	for key := range keys {
		if !slices.Contains(known, key) {
			unknown = append(unknown, key)
		}
	}
	slices.Sort(unknown)
	return unknown, nil
}
