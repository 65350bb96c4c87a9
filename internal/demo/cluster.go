package demo

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/yaml"

	"github.com/algoitny/algoitny-operator/config/crd"
)

// startTimeout bounds the start of the control plane on a slow machine.
const startTimeout = 90 * time.Second

// cluster is an embedded control plane: etcd and an API server, no nodes.
type cluster struct {
	environment *envtest.Environment
	config      *rest.Config
	// kubeconfig is a file for kubectl, namespace and rights included.
	kubeconfig string
}

// startCluster starts the programs in KUBEBUILDER_ASSETS and installs the CRDs.
func startCluster(folder string) (*cluster, error) {
	crds, err := definitions()
	if err != nil {
		return nil, err
	}
	environment := &envtest.Environment{
		CRDInstallOptions:        envtest.CRDInstallOptions{CRDs: crds},
		ControlPlaneStartTimeout: startTimeout,
		ControlPlaneStopTimeout:  startTimeout,
	}
	config, err := environment.Start()
	if err != nil {
		return nil, fmt.Errorf("start the control plane (KUBEBUILDER_ASSETS must name a folder with etcd and kube-apiserver; `make demo` sets it): %w", err)
	}
	c := &cluster{environment: environment, config: config}
	if err := c.writeKubeconfig(folder); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *cluster) stop() error { return c.environment.Stop() }

func (c *cluster) writeKubeconfig(folder string) error {
	user, err := c.environment.AddUser(envtest.User{Name: "demo", Groups: []string{"system:masters"}}, nil)
	if err != nil {
		return fmt.Errorf("add a user to the cluster: %w", err)
	}
	raw, err := user.KubeConfig()
	if err != nil {
		return fmt.Errorf("write the kubeconfig: %w", err)
	}
	if _, err := clientcmd.Load(raw); err != nil {
		return fmt.Errorf("read the kubeconfig back: %w", err)
	}
	c.kubeconfig = filepath.Join(folder, "kubeconfig")
	return os.WriteFile(c.kubeconfig, raw, 0o600)
}

// definitions reads the embedded CRDs.
func definitions() ([]*apiextensionsv1.CustomResourceDefinition, error) {
	files, err := crd.Bases.ReadDir("bases")
	if err != nil {
		return nil, fmt.Errorf("list the CRDs: %w", err)
	}
	var crds []*apiextensionsv1.CustomResourceDefinition
	for _, file := range files {
		raw, err := crd.Bases.ReadFile("bases/" + file.Name())
		if err != nil {
			return nil, fmt.Errorf("read the CRD %s: %w", file.Name(), err)
		}
		definition := &apiextensionsv1.CustomResourceDefinition{}
		if err := yaml.UnmarshalStrict(raw, definition); err != nil {
			return nil, fmt.Errorf("parse the CRD %s: %w", file.Name(), err)
		}
		crds = append(crds, definition)
	}
	return crds, nil
}
