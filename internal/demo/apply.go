package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/config/samples"
	"github.com/algoitny/algoitny-operator/internal/execution/toolchain"
)

// namespace is where the samples go.
const namespace = "default"

// fieldOwner names the demo in server-side apply.
const fieldOwner = client.FieldOwner("algoitny-demo")

// apply creates the Secrets and applies the samples. It returns what was left
// out, with the reason.
func (d *demo) apply(ctx context.Context) (skipped []string, err error) {
	for name, key := range map[string]string{"gemini": d.GeminiKey, "openai": d.OpenAIKey} {
		secret := &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
			StringData: map[string]string{"apiKey": key},
		}
		if err := d.client.Create(ctx, secret); err != nil {
			return nil, fmt.Errorf("create the Secret %s: %w", name, err)
		}
	}
	objects, err := manifests(samples.Manifests)
	if err != nil {
		return nil, err
	}
	for _, object := range objects {
		if reason := d.adapt(object); reason != "" {
			skipped = append(skipped, object.GetName()+": "+reason)
			continue
		}
		object.SetNamespace(namespace)
		if err := d.client.Apply(ctx, client.ApplyConfigurationFromUnstructured(object), fieldOwner); err != nil {
			return nil, fmt.Errorf("apply %s %s: %w", object.GetKind(), object.GetName(), err)
		}
	}
	d.say("        applied config/samples")
	return skipped, nil
}

// adapt points providers at the replay model and leaves languages out that
// this machine lacks; it returns why the object is to be skipped.
func (d *demo) adapt(object *unstructured.Unstructured) (skip string) {
	spec, _, _ := unstructured.NestedMap(object.Object, "spec")
	switch object.GetKind() {
	case "ModelProvider":
		if d.model == "" {
			return ""
		}
		endpoint := "http://" + d.model
		if spec["type"] == "OpenAI" {
			endpoint += "/v1"
		}
		spec["endpoint"] = endpoint
	case "SolutionJob", "Submission":
		return missing(spec["language"])
	case "Problem":
		templates, _, _ := unstructured.NestedSlice(spec, "solutions")
		var kept []any
		for _, template := range templates {
			language, _, _ := unstructured.NestedString(template.(map[string]any), "language")
			if reason := missing(language); reason != "" {
				d.say("        skipping a solution of %s: %s", object.GetName(), reason)
				continue
			}
			kept = append(kept, template)
		}
		delete(spec, "solutions")
		if len(kept) > 0 {
			spec["solutions"] = kept
		}
	}
	object.Object["spec"] = spec
	return ""
}

func missing(language any) string {
	name, _ := language.(string)
	tools, ok := toolchain.Lookup(name)
	if !ok {
		return fmt.Sprintf("the language %q is not in the toolchain table", name)
	}
	if err := tools.Available(); err != nil {
		return err.Error()
	}
	return ""
}

// manifests reads every object of every file, in the order of the names.
func manifests(files fs.FS) ([]*unstructured.Unstructured, error) {
	names, err := fs.Glob(files, "*.yaml")
	if err != nil {
		return nil, err
	}
	var objects []*unstructured.Unstructured
	for _, name := range names {
		if strings.HasPrefix(name, "kustomization") {
			continue
		}
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read the sample %s: %w", name, err)
		}
		decoder := utilyaml.NewYAMLOrJSONDecoder(bytes.NewReader(raw), 4096)
		for {
			object := &unstructured.Unstructured{}
			err := decoder.Decode(&object.Object)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return nil, fmt.Errorf("parse the sample %s: %w", name, err)
			}
			if len(object.Object) > 0 {
				objects = append(objects, object)
			}
		}
	}
	return objects, nil
}
