package v1alpha1_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/algoitny/algoitny-operator/internal/controlplane"
)

// A field that is removed or narrowed breaks manifests in somebody's Git, so
// it shows here: a line a field, written anew by
//
//	go test ./api/... -update
func TestTheAPIIsAsItWas(t *testing.T) {
	definitions, err := controlplane.Definitions()
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, definition := range definitions {
		files[definition.Spec.Names.Plural+".txt"] = snapshot(definition)
	}
	if *update {
		write(t, files)
	}
	for name, got := range files {
		want, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Errorf("%v; write it with go test ./api/... -update", err)
		}
		if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
			t.Errorf("%s (-was +is; to accept: go test ./api/... -update)\n%s", name, diff)
		}
	}
	kept, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(kept) != len(files) {
		t.Errorf("%v for the kinds of %v (%v)", kept, files, err)
	}
}

func write(t *testing.T, files map[string]string) {
	t.Helper()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join("testdata", name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func snapshot(definition *apiextensionsv1.CustomResourceDefinition) string {
	var out strings.Builder
	names, version := &definition.Spec.Names, &definition.Spec.Versions[0]
	fmt.Fprintf(&out, "%s %s %s short=%v categories=%v\n", definition.Name, names.Kind, definition.Spec.Scope, names.ShortNames, names.Categories)
	fmt.Fprintf(&out, "versions=%d %s served=%t storage=%t status=%t\n", len(definition.Spec.Versions), version.Name, version.Served, version.Storage, version.Subresources.Status != nil)
	for _, column := range version.AdditionalPrinterColumns {
		fmt.Fprintf(&out, "column %s %s priority=%d %s\n", column.Name, column.Type, column.Priority, column.JSONPath)
	}
	eachField(definition, func(path string, schema *apiextensionsv1.JSONSchemaProps, isRequired bool) {
		if strings.HasPrefix(path, "status.conditions[].") {
			return // Kubernetes' own
		}
		fmt.Fprintln(&out, strings.Join(append([]string{"." + path}, facts(schema, isRequired)...), " "))
	})
	return out.String()
}

// facts are everything that decides which values a field takes.
func facts(s *apiextensionsv1.JSONSchemaProps, isRequired bool) []string {
	out := []string{s.Type}
	add := func(stated bool, format string, args ...any) {
		if stated {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	add(s.Format != "", "format=%s", s.Format)
	add(isRequired, "required")
	add(s.Nullable, "nullable")
	if s.Default != nil {
		add(true, "default=%s", s.Default.Raw)
	}
	var values []string
	for _, value := range s.Enum {
		values = append(values, string(value.Raw))
	}
	add(len(values) > 0, "enum=%s", strings.Join(values, "|"))
	out = append(out, bounds(s)...)
	add(s.Pattern != "", "pattern=%s", s.Pattern)
	if s.XListType != nil {
		add(true, "list=%s%v", *s.XListType, s.XListMapKeys)
	}
	for _, rule := range s.XValidations {
		add(true, "rule(%s: %q)", rule.Rule, rule.Message)
	}
	return out
}

func bounds(s *apiextensionsv1.JSONSchemaProps) []string {
	var out []string
	for name, bound := range map[string]*int64{
		"minLength": s.MinLength, "maxLength": s.MaxLength, "minItems": s.MinItems, "maxItems": s.MaxItems,
		"minProperties": s.MinProperties, "maxProperties": s.MaxProperties,
	} {
		if bound != nil {
			out = append(out, fmt.Sprintf("%s=%d", name, *bound))
		}
	}
	for name, bound := range map[string]*float64{"minimum": s.Minimum, "maximum": s.Maximum, "multipleOf": s.MultipleOf} {
		if bound != nil {
			out = append(out, fmt.Sprintf("%s=%g", name, *bound))
		}
	}
	slices.Sort(out)
	return out
}
