package gemini

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/google/generative-ai-go/genai"
)

// jsonSchema is the subset of JSON Schema that llm.Request allows.
type jsonSchema struct {
	Type        typeNames              `json:"type"`
	Description string                 `json:"description"`
	Properties  map[string]*jsonSchema `json:"properties"`
	Required    []string               `json:"required"`
	Items       *jsonSchema            `json:"items"`
	Enum        []string               `json:"enum"`
	// AdditionalProperties must be false where it stands. Gemini never adds
	// properties and has no word for it.
	AdditionalProperties bool `json:"additionalProperties"`
}

// typeNames is one type, or one type and "null".
type typeNames []string

func (t *typeNames) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		*t = make(typeNames, 1)
		return json.Unmarshal(b, &(*t)[0])
	}
	return json.Unmarshal(b, (*[]string)(t))
}

// convertSchema refuses what it cannot express: a keyword silently dropped
// would let through answers that OpenAI's strict mode would not.
func convertSchema(raw json.RawMessage) (*genai.Schema, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	var s jsonSchema
	if err := dec.Decode(&s); err != nil {
		return nil, fmt.Errorf("the schema is outside the subset both vendors take: %w", err)
	}
	return s.convert("schema")
}

func (s *jsonSchema) convert(path string) (*genai.Schema, error) {
	if s.AdditionalProperties {
		return nil, fmt.Errorf("%s: additionalProperties must be false", path)
	}
	out := &genai.Schema{Description: s.Description, Required: s.Required, Enum: s.Enum}
	if err := s.setType(out, path); err != nil {
		return nil, err
	}
	if len(s.Enum) > 0 {
		if out.Type != genai.TypeString {
			return nil, fmt.Errorf("%s: only a string can have an enum", path)
		}
		out.Format = "enum"
	}
	return out, s.convertChildren(out, path)
}

func (s *jsonSchema) convertChildren(out *genai.Schema, path string) error {
	var err error
	if out.Type == genai.TypeArray {
		if s.Items == nil {
			return fmt.Errorf("%s: an array needs items", path)
		}
		if out.Items, err = s.Items.convert(path + "[]"); err != nil {
			return err
		}
	}
	for name, child := range s.Properties {
		if child == nil {
			return fmt.Errorf("%s.%s: a property needs a schema", path, name)
		}
		converted, err := child.convert(path + "." + name)
		if err != nil {
			return err
		}
		if out.Properties == nil {
			out.Properties = map[string]*genai.Schema{}
		}
		out.Properties[name] = converted
	}
	return nil
}

func (s *jsonSchema) setType(out *genai.Schema, path string) error {
	var types int
	for _, name := range s.Type {
		switch name {
		case "null":
			out.Nullable = true
			continue
		case "object":
			out.Type = genai.TypeObject
		case "array":
			out.Type = genai.TypeArray
		case "string":
			out.Type = genai.TypeString
		case "integer":
			out.Type = genai.TypeInteger
		case "number":
			out.Type = genai.TypeNumber
		case "boolean":
			out.Type = genai.TypeBoolean
		default:
			return fmt.Errorf("%s: %q is not a type", path, name)
		}
		types++
	}
	if types != 1 {
		return fmt.Errorf("%s: exactly one type, and null at most, must stand in type", path)
	}
	return nil
}
