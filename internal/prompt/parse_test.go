package prompt

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// extraction is a whole answer with one field replaced.
func extraction(field string, value any) string {
	whole := map[string]any{
		"kind": "batch", "language": "en", "title": "Bridge", "description": "Add.", "input": "", "output": "",
		"constraints": "", "notes": "", "tags": []string{}, "time_limit": "", "memory_limit": "", "samples": []any{},
	}
	if field != "" {
		whole[field] = value
	}
	raw, _ := json.Marshal(whole)
	return string(raw)
}

func TestExtractionsAreParsedStrictly(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		ok   bool
	}{
		"a whole answer":                  {extraction("", nil), true},
		"in a code fence":                 {"```json\n" + extraction("", nil) + "\n```", true},
		"in a code fence without a word":  {"```\n" + extraction("", nil) + "\n```\n", true},
		"in a fence that does not end":    {"```json\n" + extraction("", nil), true},
		"with white space around":         {" \n" + extraction("", nil) + "\n\n", true},
		"fields left out":                 {`{"kind":"batch","description":"Add."}`, true},
		"no problem, no description":      {`{"kind":"none"}`, true},
		"nothing":                         {"", false},
		"white space":                     {" \n\t", false},
		"an empty code fence":             {"```json\n```", false},
		"prose":                           {"I cannot do that.", false},
		"prose before":                    {"Here it is: " + extraction("", nil), false},
		"prose after":                     {extraction("", nil) + "\nAnything else?", false},
		"two objects":                     {extraction("", nil) + extraction("", nil), false},
		"a bracket too many":              {extraction("", nil) + "}", false},
		"a square bracket too many":       {extraction("", nil) + "]", false},
		"an array":                        {"[" + extraction("", nil) + "]", false},
		"null":                            {"null", false},
		"a string":                        {`"batch"`, false},
		"cut in the middle":               {extraction("", nil)[:40], false},
		"an unknown field":                {extraction("time_limit_ms", 2000), false},
		"a number for a text":             {extraction("title", 3), false},
		"a text for a list":               {extraction("tags", "dp"), false},
		"a sample as a text":              {extraction("samples", []string{"1"}), false},
		"a sample with an unknown field":  {extraction("samples", []any{map[string]string{"in": "1"}}), false},
		"a kind that is not listed":       {extraction("kind", "trivial"), false},
		"no kind":                         {extraction("kind", ""), false},
		"a batch without its description": {extraction("description", " \n"), false},
		"a megabyte and more":             {extraction("notes", strings.Repeat("n", maxAnswerBytes)), false},
		"half a megabyte":                 {extraction("notes", strings.Repeat("n", maxAnswerBytes/2)), true},
		"nested too deep":                 {strings.Repeat("[", 100_000), false},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseExtraction(c.text)
			checkParsed(t, got != nil, err, c.ok)
		})
	}
}

func TestProgramsAreParsedStrictly(t *testing.T) {
	code := func(text string) string {
		raw, _ := json.Marshal(Program{Plan: "add", Code: text})
		return string(raw)
	}
	for name, c := range map[string]struct {
		text string
		ok   bool
	}{
		"a program":                 {code("print(1)\n"), true},
		"in a code fence":           {"```json\n" + code("print(1)") + "\n```", true},
		"code with a fence in it":   {code("# ```\nprint(1)\n# ```"), true},
		"the longest":               {code(strings.Repeat("x", maxProgramBytes)), true},
		"longer than the longest":   {code(strings.Repeat("x", maxProgramBytes+1)), false},
		"no code":                   {code(""), false},
		"white space for code":      {code(" \n"), false},
		"bare code":                 {"print(1)", false},
		"bare code in a code fence": {"```python\nprint(1)\n```", false},
		"an unknown field":          {`{"code":"print(1)","language":"python"}`, false},
		"code as a list of lines":   {`{"code":["print(1)"]}`, false},
		"nothing":                   {"", false},
		"null":                      {"null", false},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseProgram(c.text)
			checkParsed(t, got != nil, err, c.ok)
		})
	}
}

// checkParsed holds what is true of every answer: a value or a *ParseError
// whose words are ours, so that they may go back to the model.
func checkParsed(t *testing.T, got bool, err error, want bool) {
	t.Helper()
	if got != want || got == (err != nil) {
		t.Fatalf("parsed: %v, %v; want %v", got, err, want)
	}
	bad, typed := errors.AsType[*ParseError](err)
	if err != nil && (!typed || bad.Message == "" || len(bad.Message) > 100) {
		t.Fatalf("error %#v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", "{}", "null", extraction("", nil), extraction("samples", []any{nil}), "```json\n{}\n```", "``````", "```json",
		`{"code":"print(1)"}`, `{"code":"\ud800"}`, "{\"code\":\"\xff\"}", `{"code":"x"}}`, `{"CODE":"x"}`, `{"kind":"none","kind":"batch"}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := ParseExtraction(text)
		checkParsed(t, e != nil, err, err == nil)
		p, err := ParseProgram(text)
		checkParsed(t, p != nil, err, err == nil)
	})
}

func FuzzRender(f *testing.F) {
	f.Add("text", 10)
	f.Add(hostile, 60)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		if limit < 0 || limit > 1000 {
			t.Skip()
		}
		user := extracting(t, ExtractInput{Key: bridge().Key, Page: text, Complaints: []string{text}, Attempt: 1}).Request.User
		if outside := unquoted(t, user); strings.Count(outside, "\nReference: ") != 1 {
			t.Errorf("a text speaks outside of its fence: %q", outside)
		}
		if strings.ContainsAny(line(limit, text), "\r\n") {
			t.Errorf("more than a line: %q", line(limit, text))
		}
	})
}
