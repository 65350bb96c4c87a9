// Package samples embeds the manifests that the demo applies.
package samples

import "embed"

// Manifests holds the samples in the order of their names.
//
//go:embed *.yaml
var Manifests embed.FS
