// Package config_test holds what is installed to what the API server takes.
package config_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/algoitny/algoitny-operator/config/samples"
	"github.com/algoitny/algoitny-operator/internal/controlplane"
	"github.com/algoitny/algoitny-operator/internal/controlplane/controlplanetest"
)

func TestMain(m *testing.M) { os.Exit(controlplanetest.Run(m)) }

const system = "algoitny-system"

// rendered is what `kubectl apply -k` sends.
func rendered(t *testing.T, folder string) []*unstructured.Unstructured {
	t.Helper()
	command := exec.CommandContext(t.Context(), filepath.Join(os.Getenv("KUBEBUILDER_ASSETS"), "kubectl"), "kustomize", folder)
	var complaints bytes.Buffer
	command.Stderr = &complaints
	raw, err := command.Output()
	if err != nil || complaints.Len() > 0 {
		t.Fatalf("kubectl kustomize %s: %v %s", folder, err, &complaints)
	}
	return objects(t, raw)
}

func objects(t *testing.T, raw []byte) []*unstructured.Unstructured {
	t.Helper()
	var out []*unstructured.Unstructured
	decoder := utilyaml.NewYAMLOrJSONDecoder(bytes.NewReader(raw), 4096)
	for {
		object := &unstructured.Unstructured{}
		err := decoder.Decode(&object.Object)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, object)
	}
}

// apply applies as kubectl and Argo CD do; unknown fields are refused.
func apply(t *testing.T, c client.Client, object *unstructured.Unstructured, options ...client.ApplyOption) {
	t.Helper()
	options = append(options, client.FieldOwner("test"), client.ForceOwnership)
	if err := c.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(object.DeepCopy()), options...); err != nil {
		t.Errorf("%s %s: %v", object.GetKind(), object.GetName(), err)
	}
}

func as[T any](t *testing.T, object *unstructured.Unstructured) *T {
	t.Helper()
	out := new(T)
	if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(object.Object, out, true); err != nil {
		t.Fatalf("%s: %v", object.GetName(), err)
	}
	return out
}

// withNamespace creates the product's own namespace, labels and all.
func withNamespace(t *testing.T, c client.Client, all []*unstructured.Unstructured) {
	t.Helper()
	i := slices.IndexFunc(all, func(o *unstructured.Unstructured) bool { return o.GetKind() == "Namespace" && o.GetName() == system })
	if i < 0 {
		t.Fatalf("no namespace %s", system)
	}
	apply(t, c, all[i])
}

func TestTheAPIServerTakesWhatIsInstalled(t *testing.T) {
	c, all := controlplanetest.Client(t), rendered(t, "default")
	withNamespace(t, c, all)
	kinds := map[string]int{}
	for _, object := range all {
		kinds[object.GetKind()]++
		apply(t, c, object, client.DryRunAll)
	}
	want := map[string]int{
		"Namespace": 1, "CustomResourceDefinition": 6, "ServiceAccount": 2, "Role": 1, "RoleBinding": 1,
		"ClusterRole": 4, "ClusterRoleBinding": 2, "Service": 1, "Deployment": 2,
		"ConfigMap": 2, "PriorityClass": 2, "ValidatingAdmissionPolicy": 5, "ValidatingAdmissionPolicyBinding": 5,
	}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Error(diff)
	}
}

func TestEverySelectorSelectsItsOwnPodsOnly(t *testing.T) {
	all := rendered(t, "default")
	selectors := map[string]map[string]string{}
	pods := map[string]map[string]string{}
	for _, object := range all {
		switch object.GetKind() {
		case "Deployment":
			d := as[appsv1.Deployment](t, object)
			selectors["Deployment "+d.Name], pods[d.Name] = d.Spec.Selector.MatchLabels, d.Spec.Template.Labels
		case "Service":
			s := as[corev1.Service](t, object)
			selectors["Service "+s.Name] = s.Spec.Selector
		}
	}
	for owner, selector := range selectors {
		for name, labels := range pods {
			_, own, _ := strings.Cut(owner, " ")
			matches := true
			for key, value := range selector {
				matches = matches && labels[key] == value
			}
			if matches != (own == name) {
				t.Errorf("%s selects the pods of %s: %t", owner, name, matches)
			}
		}
	}
}

func TestBothProgramsComeFromOneImage(t *testing.T) {
	for _, object := range rendered(t, "default") {
		if object.GetKind() != "Deployment" {
			continue
		}
		for _, container := range as[appsv1.Deployment](t, object).Spec.Template.Spec.Containers {
			if container.Image != "algoitny-operator:latest" {
				t.Errorf("%s runs %s", object.GetName(), container.Image)
			}
			if container.Resources.Requests.Memory().IsZero() || container.Resources.Limits.Memory().IsZero() {
				t.Errorf("%s has no bound on its memory", object.GetName())
			}
		}
	}
}

// The API server itself has the admission of Pod Security.
func TestThePodsAreRestricted(t *testing.T) {
	c, all := controlplanetest.Client(t), rendered(t, "default")
	withNamespace(t, c, all)
	pod := func(template corev1.PodTemplateSpec) *corev1.Pod {
		return &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Namespace: system, GenerateName: "test-", Labels: template.Labels}, Spec: template.Spec,
		}
	}
	for _, object := range all {
		if object.GetKind() != "Deployment" {
			continue
		}
		template := as[appsv1.Deployment](t, object).Spec.Template
		if err := c.Create(t.Context(), pod(template), client.DryRunAll); err != nil {
			t.Errorf("%s: %v", object.GetName(), err)
		}
		template.Spec.Containers[0].SecurityContext.AllowPrivilegeEscalation = nil
		if err := c.Create(t.Context(), pod(template), client.DryRunAll); !apierrors.IsForbidden(err) {
			t.Errorf("a pod of %s that is not restricted: got %v", object.GetName(), err)
		}
	}
}

func TestNoRoleIsAWildcard(t *testing.T) {
	for _, object := range rendered(t, "default") {
		if kind := object.GetKind(); kind != "ClusterRole" && kind != "Role" {
			continue
		}
		// A Role has the fields of a ClusterRole that matter here.
		object.SetKind("ClusterRole")
		for _, rule := range as[rbacv1.ClusterRole](t, object).Rules {
			if everything := slices.Concat(rule.APIGroups, rule.Resources, rule.Verbs); slices.Contains(everything, "*") {
				t.Errorf("%s has %+v", object.GetName(), rule)
			}
			if slices.Contains(rule.Resources, "secrets") && !slices.Equal(rule.Verbs, []string{"get"}) {
				t.Errorf("%s may %v secrets", object.GetName(), rule.Verbs)
			}
		}
	}
}

func TestEveryAccountIsBoundToRolesOfItsOwn(t *testing.T) {
	for _, object := range rendered(t, "default") {
		if !strings.HasSuffix(object.GetKind(), "RoleBinding") {
			continue
		}
		object.SetKind("ClusterRoleBinding")
		binding := as[rbacv1.ClusterRoleBinding](t, object)
		for _, subject := range binding.Subjects {
			ofFacade := binding.RoleRef.Name == "algoitny-facade"
			if subject.Kind != "ServiceAccount" || subject.Namespace != system || (subject.Name == "facade") != ofFacade || subject.Name != "manager" && !ofFacade {
				t.Errorf("%s binds %+v to %s", object.GetName(), subject, binding.RoleRef.Name)
			}
		}
	}
}

func TestTheFacadesRoleIsToWatchAndNothingElse(t *testing.T) {
	for _, object := range rendered(t, "default") {
		if object.GetKind() != "ClusterRole" || object.GetName() != "algoitny-facade" {
			continue
		}
		for _, rule := range as[rbacv1.ClusterRole](t, object).Rules {
			if !slices.Equal(rule.APIGroups, []string{"algoitny.dev"}) || !slices.Equal(rule.Verbs, []string{"get", "list", "watch"}) {
				t.Errorf("it has the rule %+v", rule)
			}
		}
		return
	}
	t.Error("there is no role algoitny-facade")
}

func TestTheCRDsAreThoseThatProgramsInstall(t *testing.T) {
	definitions, err := controlplane.Definitions()
	if err != nil {
		t.Fatal(err)
	}
	embedded := map[string]any{}
	for _, definition := range definitions {
		embedded[definition.Name] = plain(t, definition.Spec)
	}
	installed := map[string]any{}
	for _, object := range rendered(t, "crd") {
		installed[object.GetName()] = plain(t, object.Object["spec"])
	}
	if diff := cmp.Diff(embedded, installed); diff != "" {
		t.Error(diff)
	}
}

// plain is a value as JSON has it.
func plain(t *testing.T, value any) any {
	t.Helper()
	raw, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTheProjectFileListsEveryKind(t *testing.T) {
	raw, err := os.ReadFile("../PROJECT")
	if err != nil {
		t.Fatal(err)
	}
	var project struct {
		Resources []struct{ Domain, Kind, Version string }
	}
	if err := yaml.Unmarshal(raw, &project); err != nil {
		t.Fatal(err)
	}
	var listed, defined []string
	for _, r := range project.Resources {
		listed = append(listed, r.Domain+"/"+r.Version+" "+r.Kind)
	}
	definitions, err := controlplane.Definitions()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range definitions {
		defined = append(defined, d.Spec.Group+"/"+d.Spec.Versions[0].Name+" "+d.Spec.Names.Kind)
	}
	slices.Sort(listed)
	slices.Sort(defined)
	if diff := cmp.Diff(defined, listed); diff != "" {
		t.Error(diff)
	}
}

// sampled are all samples: those applied together and those for real pages.
func sampled(t *testing.T) []*unstructured.Unstructured {
	t.Helper()
	all := rendered(t, "samples")
	files, err := filepath.Glob("samples/real/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no real samples: %v", err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, objects(t, raw)...)
	}
	return all
}

func TestTheAPIServerTakesTheSamples(t *testing.T) {
	c, namespace := controlplanetest.Client(t), controlplanetest.Namespace(t)
	for _, object := range sampled(t) {
		object.SetNamespace(namespace)
		apply(t, c, object, client.DryRunAll)
	}
}

// Argo CD applies a wave when the one before is healthy. A Problem that asks for
// a suite is so only with it.
func TestProvidersComeBeforeProblemsBeforeJobs(t *testing.T) {
	order := map[string]int{"ModelProvider": 0, "Budget": 0, "Problem": 1, "TestSuite": 1, "SolutionJob": 2, "Submission": 2}
	for _, object := range sampled(t) {
		wave, err := strconv.Atoi(object.GetAnnotations()["argocd.argoproj.io/sync-wave"])
		want, known := order[object.GetKind()]
		if err != nil || !known || wave != want {
			t.Errorf("%s %s has the sync wave %d (%v), want %d", object.GetKind(), object.GetName(), wave, err, want)
		}
	}
}

func TestSamplesNameWhatIsThere(t *testing.T) {
	all := sampled(t)
	there := map[string]bool{}
	for _, object := range all {
		there[object.GetKind()+" "+object.GetName()] = true
	}
	for _, object := range all {
		spec := object.Object["spec"].(map[string]any)
		for _, holder := range append(templates(spec), spec) {
			for field, kind := range map[string]string{"providerRef": "ModelProvider", "problemRef": "Problem", "suiteRef": "TestSuite"} {
				if ref, ok := holder[field].(map[string]any); ok && !there[kind+" "+ref["name"].(string)] {
					t.Errorf("%s names the %s %s, which no sample is", object.GetName(), kind, ref["name"])
				}
			}
		}
	}
}

// templates are the suite and the solutions of a Problem's spec.
func templates(spec map[string]any) []map[string]any {
	var out []map[string]any
	if suite, ok := spec["testSuite"].(map[string]any); ok {
		out = append(out, suite)
	}
	solutions, _ := spec["solutions"].([]any)
	for _, solution := range solutions {
		out = append(out, solution.(map[string]any))
	}
	return out
}

func TestTheDemoAppliesTheSameSamples(t *testing.T) {
	files, err := samples.Manifests.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	embedded := map[string]any{}
	for _, file := range files {
		raw, err := samples.Manifests.ReadFile(file.Name())
		if err != nil {
			t.Fatal(err)
		}
		if file.Name() == "kustomization.yaml" {
			continue
		}
		for _, object := range objects(t, raw) {
			embedded[object.GetKind()+" "+object.GetName()] = plain(t, object.Object)
		}
	}
	applied := map[string]any{}
	for _, object := range rendered(t, "samples") {
		applied[object.GetKind()+" "+object.GetName()] = plain(t, object.Object)
	}
	if diff := cmp.Diff(embedded, applied); diff != "" {
		t.Error(diff)
	}
}
