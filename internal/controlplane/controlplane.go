// Package controlplane runs an embedded Kubernetes control plane, etcd and an
// API server without nodes, with the CRDs installed. The demo and the tests
// start it from the programs in the folder that KUBEBUILDER_ASSETS names.
package controlplane

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/yaml"

	"github.com/algoitny/algoitny-operator/config/crd"
)

// envAssets names the folder with the programs, as envtest has it.
const envAssets = "KUBEBUILDER_ASSETS"

// patience bounds the start and the stop on a slow machine.
const patience = 90 * time.Second

// ControlPlane is a running control plane.
type ControlPlane struct {
	// Config reaches it with every right.
	Config      *rest.Config
	environment *envtest.Environment
}

// Start runs a control plane until Stop.
func Start() (*ControlPlane, error) {
	if err := complete(os.Getenv(envAssets)); err != nil {
		return nil, err
	}
	definitions, err := Definitions()
	if err != nil {
		return nil, err
	}
	environment := &envtest.Environment{
		CRDInstallOptions:        envtest.CRDInstallOptions{CRDs: definitions},
		ControlPlaneStartTimeout: patience,
		ControlPlaneStopTimeout:  patience,
	}
	config, err := environment.Start()
	if err != nil {
		return nil, fmt.Errorf("start etcd and the API server: %w", err)
	}
	return &ControlPlane{Config: config, environment: environment}, nil
}

// complete tells whether a folder has the programs.
func complete(folder string) error {
	for _, program := range []string{"etcd", "kube-apiserver"} {
		if _, err := exec.LookPath(filepath.Join(folder, program)); err != nil {
			return fmt.Errorf("%s=%q must name a folder with %s; `make demo` and `make test` set it, hack/controlplane.sh prints it: %w", envAssets, folder, program, err)
		}
	}
	return nil
}

// Stop ends it and forgets everything it held.
func (c *ControlPlane) Stop() error { return c.environment.Stop() }

// Kubeconfig is a file's content that lets kubectl in with every right.
func (c *ControlPlane) Kubeconfig() ([]byte, error) {
	user, err := c.environment.AddUser(envtest.User{Name: "admin", Groups: []string{"system:masters"}}, nil)
	if err != nil {
		return nil, fmt.Errorf("add a user to the cluster: %w", err)
	}
	raw, err := user.KubeConfig()
	if err != nil {
		return nil, fmt.Errorf("write the kubeconfig: %w", err)
	}
	return raw, nil
}

// Definitions are the product's own CRDs.
func Definitions() ([]*apiextensionsv1.CustomResourceDefinition, error) {
	files, err := crd.Bases.ReadDir("bases")
	if err != nil {
		return nil, fmt.Errorf("list the CRDs: %w", err)
	}
	var definitions []*apiextensionsv1.CustomResourceDefinition
	for _, file := range files {
		raw, err := crd.Bases.ReadFile("bases/" + file.Name())
		if err != nil {
			return nil, fmt.Errorf("read the CRD %s: %w", file.Name(), err)
		}
		definition := &apiextensionsv1.CustomResourceDefinition{}
		if err := yaml.UnmarshalStrict(raw, definition); err != nil {
			return nil, fmt.Errorf("parse the CRD %s: %w", file.Name(), err)
		}
		definitions = append(definitions, definition)
	}
	return definitions, nil
}
