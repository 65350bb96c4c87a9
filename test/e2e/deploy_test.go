//go:build e2e

package e2e_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const system = "algoitny-system"

// runnerAnnotation is what kustomize changes together with the ConfigMap.
const runnerAnnotation = "algoitny.dev/runner-image"

// patience is what anything in a busy cluster may take.
const patience = 4 * time.Minute

func kubectl(ctx context.Context, args ...string) ([]byte, error) {
	var out, complaints bytes.Buffer
	command := exec.CommandContext(ctx, filepath.Join(os.Getenv("KUBEBUILDER_ASSETS"), "kubectl"), args...)
	command.Stdout, command.Stderr = &out, &complaints
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("kubectl %v: %w: %s", args, err, &complaints)
	}
	return out.Bytes(), nil
}

// rendered is what `kubectl apply -k` sends.
func rendered(ctx context.Context, folder string) ([]*unstructured.Unstructured, error) {
	raw, err := kubectl(ctx, "kustomize", folder)
	if err != nil {
		return nil, err
	}
	var all []*unstructured.Unstructured
	for decoder := utilyaml.NewYAMLOrJSONDecoder(bytes.NewReader(raw), 4096); ; {
		object := &unstructured.Unstructured{}
		err := decoder.Decode(&object.Object)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		all = append(all, object)
	}
}

// deploy installs config/ with what is different here: the images, and where
// the table and the pages are.
func deploy(ctx context.Context, s *services) error {
	all, err := rendered(ctx, "../../config/default")
	if err != nil {
		return err
	}
	// The CRDs and the namespace come first; the rest waits for them.
	for round := 0; ; round++ {
		var failed error
		for _, object := range all {
			if err := adapt(object, s); err != nil {
				return err
			}
			options := []client.ApplyOption{client.FieldOwner("e2e"), client.ForceOwnership}
			if err := cluster.Apply(ctx, client.ApplyConfigurationFromUnstructured(object.DeepCopy()), options...); err != nil {
				failed = fmt.Errorf("apply %s %s: %w", object.GetKind(), object.GetName(), err)
			}
		}
		if failed == nil {
			break
		}
		if round == 10 {
			return failed
		}
		time.Sleep(time.Second)
	}
	for _, name := range []string{"manager", "facade"} {
		if err := rolledOut(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

func adapt(object *unstructured.Unstructured, s *services) error {
	switch {
	case object.GetKind() == "ConfigMap" && object.GetName() == "runner-image":
		return unstructured.SetNestedField(object.Object, os.Getenv(envRunner), "data", "image")
	case object.GetKind() == "ConfigMap" && strings.HasPrefix(object.GetName(), "judging"):
		// What takes minutes in production is to be seen here.
		return unstructured.SetNestedField(object.Object, "imagePullPolicy: IfNotPresent\npatience: 10s\n", "data", "judging.yaml")
	case object.GetKind() != "Deployment":
		return nil
	}
	d := &appsv1.Deployment{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, d); err != nil {
		return err
	}
	if d.Spec.Template.Annotations[runnerAnnotation] != "" {
		d.Spec.Template.Annotations[runnerAnnotation] = os.Getenv(envRunner)
	}
	pod := &d.Spec.Template.Spec
	pod.Containers[0].Image = os.Getenv(envManager)
	pod.Containers[0].ImagePullPolicy = corev1.PullIfNotPresent
	args := []string{"--dynamodb-endpoint=" + s.table, "--region=eu-central-1"}
	if object.GetName() == "manager" {
		args = append(args, "--allow-hosts="+pageHost)
		pod.HostAliases = []corev1.HostAlias{{IP: s.host, Hostnames: []string{pageHost}}}
	}
	for _, arg := range args {
		if !contains(pod.Containers[0].Args, arg) {
			pod.Containers[0].Args = append(pod.Containers[0].Args, arg)
		}
	}
	raw, err := runtime.DefaultUnstructuredConverter.ToUnstructured(d)
	if err != nil {
		return err
	}
	delete(raw, "status")
	object.Object = raw
	return nil
}

func contains(all []string, one string) bool {
	for _, s := range all {
		if s == one {
			return true
		}
	}
	return false
}

// rolledOut waits until the newest pods of a Deployment are ready.
func rolledOut(ctx context.Context, name string) error {
	d := &appsv1.Deployment{}
	for {
		if err := cluster.Get(ctx, client.ObjectKey{Namespace: system, Name: name}, d); err != nil {
			return err
		}
		wanted := *d.Spec.Replicas
		if d.Status.ObservedGeneration == d.Generation && d.Status.UpdatedReplicas == wanted &&
			d.Status.AvailableReplicas == wanted && d.Status.Replicas == wanted {
			return nil
		}
		select {
		case <-ctx.Done():
			out, _ := kubectl(context.WithoutCancel(ctx), "-n", system, "get", "pods,events")
			return fmt.Errorf("Deployment %s is not rolled out:\n%s", name, out)
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// printManagerLog helps where a test has failed.
func printManagerLog() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	out, err := kubectl(ctx, "-n", system, "logs", "-l", "app.kubernetes.io/name=algoitny-operator", "--tail", "200", "--prefix")
	fmt.Fprintf(os.Stderr, "the operator's log:\n%s\n", out)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}
