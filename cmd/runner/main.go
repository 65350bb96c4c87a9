// Command runner is the agent that sits beside untrusted code. It is a program
// of its own because it is started for every judging and has to be small.
package main

import (
	"fmt"
	"os"

	"github.com/algoitny/algoitny-operator/internal/execution/agent"
)

func main() {
	if len(os.Args) < 2 || !agent.IsCommand(os.Args[1]) {
		fmt.Fprintln(os.Stderr, "runner: the operator starts this program; there is nothing to do by hand")
		os.Exit(2)
	}
	os.Exit(agent.Main(os.Args[1:]))
}
