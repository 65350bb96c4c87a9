// Command runner is what runs in a judging pod: the judge, and the agents that
// sit beside untrusted code. It is a program of its own because it is started
// for every judging and has to be small.
package main

import (
	"fmt"
	"os"

	"github.com/algoitny/algoitny-operator/internal/execution/agent"
	"github.com/algoitny/algoitny-operator/internal/execution/podjudge"
)

func main() {
	switch {
	case len(os.Args) > 1 && agent.IsCommand(os.Args[1]):
		os.Exit(agent.Main(os.Args[1:]))
	case len(os.Args) > 1 && os.Args[1] == podjudge.Command:
		os.Exit(podjudge.Main(os.Args[2:], os.Stdout))
	}
	fmt.Fprintln(os.Stderr, "runner: the operator starts this program; there is nothing to do by hand")
	os.Exit(2)
}
