package local

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/algoitny/algoitny-operator/internal/execution/agent"
)

// runnerProgram is what cmd/runner is built as, beside every other program.
const runnerProgram = "runner"

// AgentCommand starts the agent that was built beside this program.
func AgentCommand() ([]string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	path := filepath.Join(filepath.Dir(self), runnerProgram)
	if _, err := exec.LookPath(path); err != nil {
		return nil, fmt.Errorf("the agent %s is missing; `make build` builds it beside the others: %w", path, err)
	}
	return []string{path, agent.Command}, nil
}
