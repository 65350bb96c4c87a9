package local

import (
	"context"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/algoitny/algoitny-operator/internal/execution/toolchain"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// versionTime is what a compiler may take to say its version.
const versionTime = 10 * time.Second

// versions remembers what the toolchains of this machine say they are.
type versions struct{ known sync.Map }

// of names the versions that programs in these languages run with.
func (v *versions) of(languages []string) string {
	var all []string
	for _, name := range slices.Compact(slices.Sorted(slices.Values(languages))) {
		said, _ := v.known.LoadOrStore(name, sync.OnceValue(func() string { return version(name) }))
		all = append(all, name+": "+said.(func() string)())
	}
	return strings.Join(all, problem.BetweenEnvironments)
}

// version is the first line that a toolchain says of itself.
func version(language string) string {
	const unknown = "unknown version"
	tools, ok := toolchain.Lookup(language)
	if !ok || len(tools.Version) == 0 {
		return unknown
	}
	ctx, cancel := context.WithTimeout(context.Background(), versionTime)
	defer cancel()
	out, err := exec.CommandContext(ctx, tools.Version[0], tools.Version[1:]...).Output() //nolint:gosec // the table is ours
	line, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	if err != nil || line == "" {
		return unknown
	}
	return line
}
