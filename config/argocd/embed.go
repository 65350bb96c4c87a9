// Package argocd embeds the health check for Argo CD, so that tests can run it.
package argocd

import _ "embed" // for HealthLua

// HealthLua is the body of resource.customizations.health.
//
//go:embed health.lua
var HealthLua string
