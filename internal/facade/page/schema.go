package page

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// maxNested bounds fields within fields, and examples.
const maxNested = 8

// schema is what is read of a JSON schema.
type schema struct {
	Ref                                      string `json:"$ref"`
	Type                                     types
	Format, Description, Pattern             string
	Enum                                     []any
	Default, Example, Const                  any
	Examples                                 []any
	Properties                               map[string]*schema
	Required                                 []string
	Items                                    *schema
	AdditionalProperties                     *open
	OneOf, AnyOf, AllOf                      []*schema
	Minimum, Maximum                         *json.Number
	MinLength, MaxLength, MinItems, MaxItems *int
	ReadOnly, Deprecated                     bool
}

// types are one name or several.
type types []string

func (t *types) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*t = types{one}
		return nil
	}
	return json.Unmarshal(raw, (*[]string)(t))
}

// open is additionalProperties: a schema, or whether there may be any.
type open struct{ *schema }

func (o *open) UnmarshalJSON(raw []byte) error {
	var allowed bool
	if json.Unmarshal(raw, &allowed) == nil {
		return nil
	}
	return json.Unmarshal(raw, &o.schema)
}

// field is a part of a body, or a parameter, as it is shown.
type field struct {
	Name, Type, Description string
	// Place is where a parameter stands.
	Place                string
	Required, Deprecated bool
	// Facts are its bounds and values, in words.
	Facts  []string
	Fields []field
}

const schemaPath = "#/components/schemas/"

// resolved follows a reference. The name is that of what it refers to.
func (d *openapi) resolved(s *schema) (found *schema, name string) {
	for range maxNested {
		if s == nil || s.Ref == "" {
			break
		}
		name = strings.TrimPrefix(s.Ref, schemaPath)
		s = d.Components.Schemas[name]
	}
	if s == nil {
		s = &schema{}
	}
	return s, name
}

// field describes a schema. Names are the schemas that it is within: what
// contains itself is not opened again.
func (d *openapi) field(called string, s *schema, within []string) field {
	found, name := d.resolved(s)
	f := field{Name: called, Type: d.typeOf(s), Description: found.Description, Deprecated: found.Deprecated, Facts: facts(found)}
	if s != nil && s.Description != "" {
		f.Description = s.Description
	}
	if len(within) >= maxNested || name != "" && slices.Contains(within, name) {
		return f
	}
	within = append(slices.Clone(within), name)
	f.Fields = d.properties(found, within)
	if inner := contained(found); inner != nil && len(f.Fields) == 0 {
		of := d.field("", inner, within)
		f.Fields = of.Fields
		f.Facts = append(f.Facts, of.Facts...)
	}
	for i, variant := range slices.Concat(found.OneOf, found.AnyOf) {
		one := d.field(fmt.Sprintf("variant %d", i+1), variant, within)
		f.Fields = append(f.Fields, one)
	}
	return f
}

// contained is what a list or a map is of.
func contained(s *schema) *schema {
	if s.Items != nil {
		return s.Items
	}
	if s.AdditionalProperties != nil {
		return s.AdditionalProperties.schema
	}
	return nil
}

// properties are those that are required first. What huma adds to point at
// the schema itself is left out.
func (d *openapi) properties(s *schema, within []string) []field {
	var required, others []field
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		if name == "$schema" {
			continue
		}
		f := d.field(name, s.Properties[name], within)
		if f.Required = slices.Contains(s.Required, name); f.Required {
			required = append(required, f)
		} else {
			others = append(others, f)
		}
	}
	all := slices.Concat(required, others)
	for _, part := range s.AllOf {
		found, _ := d.resolved(part)
		all = append(all, d.properties(found, within)...)
	}
	return all
}

// typeOf names a type in words.
func (d *openapi) typeOf(s *schema) string {
	found, name := d.resolved(s)
	var names []string
	for _, t := range found.Type {
		switch {
		case t == "array" && found.Items != nil:
			names = append(names, "list of "+d.typeOf(found.Items))
		case t == "object" && name != "":
			names = append(names, name)
		case t == "object" && found.AdditionalProperties != nil && found.AdditionalProperties.schema != nil:
			names = append(names, "map of "+d.typeOf(found.AdditionalProperties.schema))
		case t == "string" && found.Format != "":
			names = append(names, found.Format)
		default:
			names = append(names, t)
		}
	}
	switch {
	case len(names) > 0:
		return strings.Join(names, " or ")
	case len(found.OneOf)+len(found.AnyOf) > 0:
		return "one of these"
	}
	return name
}

// facts are what bounds a value.
func facts(s *schema) []string {
	var out []string
	add := func(format string, value any) { out = append(out, fmt.Sprintf(format, value)) }
	if len(s.Enum) > 0 {
		values := make([]string, len(s.Enum))
		for i, value := range s.Enum {
			values[i] = fmt.Sprint(value)
		}
		add("one of %s", strings.Join(values, ", "))
	}
	if s.Const != nil {
		add("always %v", s.Const)
	}
	if s.Default != nil {
		add("default %v", s.Default)
	}
	for _, bound := range []struct {
		format string
		value  *json.Number
	}{{"at least %v", s.Minimum}, {"at most %v", s.Maximum}} {
		if bound.value != nil {
			add(bound.format, *bound.value)
		}
	}
	for _, bound := range []struct {
		format string
		value  *int
	}{
		{"at least %d characters", s.MinLength}, {"at most %d characters", s.MaxLength},
		{"at least %d of them", s.MinItems}, {"at most %d of them", s.MaxItems},
	} {
		if bound.value != nil {
			add(bound.format, *bound.value)
		}
	}
	if s.Pattern != "" {
		add("matches %s", s.Pattern)
	}
	return out
}

// example is a value that fits a schema, nil where none is known. Names are
// the schemas that it is within, which are not begun again.
func (d *openapi) example(s *schema, within []string) any {
	found, name := d.resolved(s)
	if value := found.stated(); value != nil || len(within) >= maxNested || name != "" && slices.Contains(within, name) {
		return value
	}
	within = append(slices.Clone(within), name)
	switch {
	case len(found.Properties)+len(found.AllOf) > 0:
		return d.exampleObject(found, within)
	case found.Items != nil:
		if item := d.example(found.Items, within); item != nil {
			return []any{item}
		}
		return []any{}
	case len(found.OneOf) > 0:
		return d.example(found.OneOf[0], within)
	}
	return plainExample(found)
}

// stated is a value that the schema itself names.
func (s *schema) stated() any {
	switch {
	case len(s.Examples) > 0:
		return s.Examples[0]
	case s.Example != nil:
		return s.Example
	case s.Const != nil:
		return s.Const
	case s.Default != nil:
		return s.Default
	case len(s.Enum) > 0:
		return s.Enum[0]
	}
	return nil
}

func (d *openapi) exampleObject(s *schema, within []string) map[string]any {
	object := map[string]any{}
	for name, property := range s.Properties {
		if value := d.example(property, within); value != nil && name != "$schema" {
			object[name] = value
		}
	}
	for _, part := range s.AllOf {
		found, _ := d.resolved(part)
		maps.Copy(object, d.exampleObject(found, within))
	}
	return object
}

func plainExample(s *schema) any {
	if slices.Contains(s.Type, "string") {
		if text, ok := map[string]string{"date-time": "2026-11-27T14:57:00Z", "uri": "https://judge.example/1"}[s.Format]; ok {
			return text
		}
		return "text"
	}
	switch {
	case slices.Contains(s.Type, "integer"), slices.Contains(s.Type, "number"):
		return 1
	case slices.Contains(s.Type, "boolean"):
		return true
	case slices.Contains(s.Type, "object"):
		return map[string]any{}
	}
	return nil
}
