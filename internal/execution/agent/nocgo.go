//go:build !cgo

package agent

// The helper in limited.c needs a C compiler, and so does every program that
// has the agent in it.
var _ = install_gcc_and_set_CGO_ENABLED_to_1
