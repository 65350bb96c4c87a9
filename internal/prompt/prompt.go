// Package prompt holds what the models are asked: templates, JSON schemas,
// and the parsing of answers. A step's version is the digest of its template
// and schema, so that changed words count as a new question.
package prompt

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"text/template"

	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

//go:embed templates
var files embed.FS

// Prompt is a rendered request and the name and version of its step.
type Prompt struct {
	Step    string
	Version string
	Request llm.Request
}

// step is one kind of question.
type step struct {
	system, user *template.Template
	schema       json.RawMessage
	schemaName   string
	version      string
	maxOutput    int
}

// load reads a step's three files. They are embedded, so an error is a
// mistake in the source that every test shows.
func load(name string, maxOutput int) step {
	read := func(suffix string) string {
		raw, err := fs.ReadFile(files, "templates/"+name+suffix)
		if err != nil {
			panic(err)
		}
		return string(raw)
	}
	system, user, schema := read(".system.tmpl"), read(".user.tmpl"), read(".schema.json")
	sum := sha256.Sum256([]byte(system + "\x00" + user + "\x00" + schema))
	functions := template.FuncMap{"quote": quote}
	return step{
		system:     template.Must(template.New(name + ".system").Funcs(functions).Parse(system)),
		user:       template.Must(template.New(name + ".user").Funcs(functions).Parse(user)),
		schema:     json.RawMessage(schema),
		schemaName: name,
		version:    hex.EncodeToString(sum[:6]),
		maxOutput:  maxOutput,
	}
}

// render fills the templates in and ends the prompt with its reference, the
// line by which a recorded answer is found.
func (s step) render(name string, key problem.Key, attempt int, data any) (Prompt, error) {
	var system, user bytes.Buffer
	if err := s.system.Execute(&system, data); err != nil {
		return Prompt{}, fmt.Errorf("render the system prompt of %s: %w", name, err)
	}
	if err := s.user.Execute(&user, data); err != nil {
		return Prompt{}, fmt.Errorf("render the prompt of %s: %w", name, err)
	}
	fmt.Fprintf(&user, "\nReference: step=%s problem=%s attempt=%d\n", name, key, attempt)
	return Prompt{Step: name, Version: s.version, Request: llm.Request{
		System: strings.TrimSpace(system.String()), User: user.String(),
		SchemaName: s.schemaName, Schema: s.schema, MaxOutputTokens: s.maxOutput,
	}}, nil
}

// quote fences text that nobody here wrote. The fence is made of the text's
// own digest, so that no text can contain its own end.
func quote(label, text string) string {
	sum := sha256.Sum256([]byte(text))
	fence := strings.ToUpper(label) + "-" + hex.EncodeToString(sum[:6])
	return "<<<" + fence + "\n" + strings.TrimRight(text, "\n") + "\n" + fence + ">>>"
}

// ParseError says what is wrong with an answer, in words the model can use.
type ParseError struct{ Message string }

func (e *ParseError) Error() string { return e.Message }

// parse decodes a JSON object, tolerating only the code fence some models add.
func parse(text string, into any) error {
	text = strings.TrimSpace(text)
	if inner, ok := strings.CutPrefix(text, "```json"); ok {
		text = strings.TrimSuffix(strings.TrimSpace(inner), "```")
	}
	if strings.TrimSpace(text) == "" {
		return &ParseError{"the answer is empty"}
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return &ParseError{"the answer is not the JSON object that the schema asks for"}
	}
	if decoder.More() {
		return &ParseError{"the answer has text after the JSON object"}
	}
	return nil
}
