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
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"
	"text/template"
	"unicode/utf8"

	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

//go:embed templates
var files embed.FS

// maxAnswerBytes bounds an answer that is parsed. The longest that is asked
// for, 16,000 tokens, has about 64 kB.
const maxAnswerBytes = 1 << 20

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

// lazily loads a step when it is first asked: who only reads answers, as the
// facade does, needs none.
func lazily(name string, maxOutput int) func() step {
	return sync.OnceValue(func() step { return load(files, name, maxOutput) })
}

// load reads a step's three files and the parts that prompts share. Ours are
// embedded, so an error is a mistake in the source that every test shows.
func load(from fs.FS, name string, maxOutput int) step {
	read := func(file string) string {
		raw, err := fs.ReadFile(from, "templates/"+file)
		if err != nil {
			panic(err)
		}
		return string(raw)
	}
	system, user, schema := read(name+".system.tmpl"), read(name+".user.tmpl"), read(name+".schema.json")
	shared := read("shared.tmpl")
	sum := sha256.Sum256([]byte(system + "\x00" + user + "\x00" + schema + "\x00" + shared))
	functions := template.FuncMap{"quote": quote, "line": line, "number": func(index int) int { return index + 1 }}
	return step{
		system:     template.Must(template.New(name + ".system").Funcs(functions).Parse(system)),
		user:       template.Must(template.New(name + ".user").Funcs(functions).Parse(shared + user)),
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
		System: strings.TrimSpace(system.String()), User: strings.TrimLeft(user.String(), "\n"),
		SchemaName: s.schemaName, Schema: s.schema, MaxOutputTokens: s.maxOutput,
	}}, nil
}

// quote fences text that nobody here wrote, at most limit characters of it.
// The fence is made of the text's own digest, so that no text can contain its
// own end. That a text was cut is said outside of the fence, where no text can
// say it.
func quote(label string, limit int, text string) string {
	whole := utf8.RuneCountInString(text)
	text = strings.TrimRight(clip(text, limit), "\n")
	sum := sha256.Sum256([]byte(text))
	fence := strings.ToUpper(label) + "-" + hex.EncodeToString(sum[:16])
	quoted := "<<<" + fence + "\n" + text + "\n" + fence + ">>>"
	if whole > limit {
		quoted += fmt.Sprintf("\n(Cut: the first %d of %d characters.)", limit, whole)
	}
	return quoted
}

// line folds text into a part of one line of at most limit characters.
func line(limit int, text string) string {
	folded := strings.Join(strings.Fields(text), " ")
	if short := clip(folded, limit); short != folded {
		return short + "…"
	}
	return folded
}

func clip(text string, runes int) string {
	if utf8.RuneCountInString(text) <= runes {
		return text
	}
	return string([]rune(text)[:runes])
}

// ParseError says what is wrong with an answer, in words the model can use.
type ParseError struct{ Message string }

func (e *ParseError) Error() string { return e.Message }

// parse decodes a JSON object, tolerating only the code fence some models add.
func parse(text string, into any) error {
	text = unfenced(strings.TrimSpace(text))
	if text == "" {
		return &ParseError{"the answer is empty"}
	}
	if len(text) > maxAnswerBytes {
		return &ParseError{"the answer is longer than 1 MiB"}
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return &ParseError{"the answer is not the JSON object that the schema asks for"}
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return &ParseError{"the answer has text after the JSON object"}
	}
	return nil
}

func unfenced(text string) string {
	inner, fenced := strings.CutPrefix(text, "```")
	if !fenced {
		return text
	}
	inner = strings.TrimPrefix(inner, "json")
	return strings.TrimSpace(strings.TrimSuffix(inner, "```"))
}
