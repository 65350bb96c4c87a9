// Command packages prints the Debian packages that the runner's image needs,
// one for each language of the toolchain table.
package main

import (
	"fmt"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/execution/toolchain"
)

func main() { fmt.Println(strings.Join(toolchain.Packages(), " ")) }
