//go:build tools

// Package tools names the programs that the Makefile builds.
package tools

import (
	_ "github.com/oasdiff/oasdiff"
	_ "sigs.k8s.io/controller-runtime/tools/setup-envtest"
	_ "sigs.k8s.io/controller-tools/cmd/controller-gen"
)
