package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/problempackage"
	"github.com/algoitny/algoitny-operator/internal/problempackage/formats"
)

const (
	importUsage = "import DIR|ZIP [--namespace N] [--name NAME] [--platform P] [-o DIR|-]"
	importHelp  = `print the Problem manifest of a problem package; with -o DIR write it
there as problem.yaml, and the tests beside it as suite.json, which
evaluate reads`
	exportUsage = "export DIR|ZIP -o FILE.zip --format icpc|icpc-legacy|polygon"
	exportHelp  = `write a problem package in another format; the same package gives the
same bytes. What does not fit the format is said`
)

// sorted are the keys of a map in their order.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

type importOptions struct {
	namespace, name, platform, out string
}

func runImport(_ context.Context, e *Environment, args []string) (int, error) {
	o := &importOptions{}
	set := flag.NewFlagSet("import", flag.ContinueOnError)
	set.StringVar(&o.namespace, "namespace", "default", "the manifest's namespace")
	set.StringVar(&o.name, "name", "", "the manifest's name; otherwise that of the package")
	set.StringVar(&o.platform, "platform", "inline", "what the problem is filed under")
	set.StringVar(&o.out, "o", "-", "a folder to write into, or - for standard output")
	words, err := e.flags(set, args, 1)
	if err != nil {
		return 0, err
	}
	p, done, err := formats.Open(words[0])
	if err != nil {
		return 0, err
	}
	defer func() { _ = done() }()
	of, left, err := p.Problem(p.Key(o.platform))
	if err != nil {
		return 0, err
	}
	e.note(append(p.Notes, left...))
	manifest, err := Manifest(of, o.namespace, o.name)
	if err != nil {
		return 0, err
	}
	if o.out == "-" {
		_, err := e.Out.Write(manifest)
		return ExitOK, err
	}
	suite, err := p.Suite(of)
	if err != nil {
		return 0, err
	}
	return ExitOK, e.writeImport(o.out, manifest, suite)
}

func (e *Environment) writeImport(folder string, manifest []byte, suite *problem.Suite) error {
	raw, err := json.MarshalIndent(suite, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil { //nolint:gosec // manifests are for everybody
		return err
	}
	for name, body := range map[string][]byte{"problem.yaml": manifest, "suite.json": append(raw, '\n')} {
		if err := os.WriteFile(filepath.Join(folder, name), body, 0o644); err != nil { //nolint:gosec // as above
			return err
		}
	}
	e.say("%s: problem.yaml, and suite.json with %d tests", folder, len(suite.Tests))
	return nil
}

// label is what a name of Kubernetes may not have.
var label = regexp.MustCompile(`[^a-z0-9]+`)

// Manifest is the Problem of a problem, as YAML. Without a name it is called
// by its id.
func Manifest(of *problem.Problem, namespace, name string) ([]byte, error) {
	if name == "" {
		name = strings.Trim(label.ReplaceAllString(strings.ToLower(of.ID), "-"), "-")
	}
	inline := &v1alpha1.InlineProblem{
		Platform: of.Platform, ID: of.ID, Title: of.Title, Tags: of.Tags,
		Description: of.Statement.Description, Input: of.Statement.Input, Output: of.Statement.Output,
		Constraints: join(of.Statement.Constraints, of.Statement.Notes),
	}
	if of.Limits.Time > 0 {
		inline.TimeLimit = &metav1.Duration{Duration: of.Limits.Time}
	}
	if of.Limits.MemoryBytes > 0 {
		inline.MemoryLimitMiB = int32(min(max(16, of.Limits.MemoryBytes>>20), 16384))
	}
	for _, sample := range of.Samples {
		inline.Samples = append(inline.Samples, v1alpha1.InlineSample{Input: sample.Input, Output: sample.Output})
	}
	if len(inline.Samples) == 0 {
		return nil, problempackage.Errorf("", "the package has no samples, and a Problem needs at least one")
	}
	manifest := map[string]any{
		"apiVersion": v1alpha1.GroupVersion.String(), "kind": "Problem",
		"metadata": map[string]string{"namespace": namespace, "name": name},
		"spec":     map[string]any{"source": map[string]any{"inline": inline}},
	}
	raw, err := yaml.Marshal(manifest)
	if err != nil {
		return nil, fmt.Errorf("write the manifest: %w", err)
	}
	return bytes.TrimPrefix(raw, []byte("---\n")), nil
}

// join puts the notes where the manifest has a place for them.
func join(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), "\n\n")
}

func runExport(_ context.Context, e *Environment, args []string) (int, error) {
	var out, format string
	set := flag.NewFlagSet("export", flag.ContinueOnError)
	set.StringVar(&out, "o", "", "the ZIP file to write")
	set.StringVar(&format, "format", string(problempackage.ICPC), fmt.Sprintf("one of %v", problempackage.Formats()))
	words, err := e.flags(set, args, 1)
	switch {
	case err != nil:
		return 0, err
	case out == "":
		return 0, usagef("-o is missing")
	case !slices.Contains(problempackage.Formats(), problempackage.Format(format)):
		return 0, usagef("the format %q is not known; the formats are %v", format, problempackage.Formats())
	}
	p, done, err := formats.Open(words[0])
	if err != nil {
		return 0, err
	}
	defer func() { _ = done() }()
	builder, left, err := formats.Write(p, problempackage.Format(format))
	if err != nil {
		return 0, err
	}
	e.note(append(p.Notes, left...))
	if err := builder.Save(out); err != nil {
		return 0, err
	}
	e.say("%s: %s, %d tests, %d submissions", out, format, len(p.Tests), len(p.Submissions))
	return ExitOK, nil
}
