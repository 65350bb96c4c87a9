// Package agenttest gives tests the agent that is deployed.
package agenttest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/algoitny/algoitny-operator/internal/execution/agent"
)

// Build builds the runner into a folder, as make build does, and returns its
// path. Of a test's own program, with the race detector and all packages of a
// test, starting an agent takes ten times as long.
func Build(folder string) (string, error) {
	path := filepath.Join(folder, "runner")
	build := exec.Command("go", "build", "-o", path, "github.com/algoitny/algoitny-operator/cmd/runner") //nolint:gosec // the folder is a test's
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the runner: %w: %s", err, out)
	}
	return path, nil
}

// shared is what this test program has built.
var shared struct {
	once   sync.Once
	folder string
	path   string
	err    error
}

// Command starts an agent that is built once for all tests of a package. Its
// TestMain has to call Run or Remove.
func Command(tb testing.TB) []string {
	tb.Helper()
	shared.once.Do(func() {
		if shared.folder, shared.err = os.MkdirTemp("", "algoitny-runner-"); shared.err == nil {
			shared.path, shared.err = Build(shared.folder)
		}
	})
	if shared.err != nil {
		tb.Fatal(shared.err)
	}
	return []string{shared.path, agent.Command}
}

// Remove removes what Command has built.
func Remove() { _ = os.RemoveAll(shared.folder) }

// Run runs the tests of a package, demands that no goroutine is left, and
// removes the agent. It does not return.
func Run(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		Remove()
		os.Exit(code)
	}))
}
